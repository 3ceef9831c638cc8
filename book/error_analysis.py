# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["remove-cell"]
"""
This notebook is a page of the executable companion to the report *Deep Surrogate Models for Atomic Systems*. It runs in the
folder `book/` of a copy of the companion's repository, on the packages that `make install` puts into `.venv` there. In the
rendered book each `{glue:…}` of the text is a number, a table or a figure. Here tables and figures stand below the cells that
make them, and the last cell lists the numbers by their names.
"""

# %% [markdown]
r"""
# Error analysis

:::{admonition} In short
:class: in-short

Where energies are low the graph network is of no use, as the report says. Back on the linear scale its mean error for
structures with $V < 0$ is {glue:text}`low_mae` ε. A constant, the median energy of such structures, has {glue:text}`low_constant` ε.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
gcn_seeds = 3

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "error_analysis")

# %% tags=["remove-cell"]
import numpy as np

from surrogates import training
from surrogates.analysis import (
    claims,
    comparison,
    error_analysis,
    plots,
)
from surrogates.analysis.formatting import fixed, whole
from surrogates.book import glue
from surrogates.training import reported

models = {
    name: training.fit_or_load_all(
        reported.of_seeds(
            name,
            parameters.published(name, page.profile, page.seed),
            page.gcn_seeds if name == "gcn" else 1,
        )
    )
    for name in reported.TABLE_1
}
graph_networks = models["gcn"]
gcn = graph_networks[0]
first = {name.upper(): runs[0] for name, runs in models.items()}
distances = parameters.published("distances", page.profile, page.seed)
told = comparison.told_distances(distances)["full energies"][0]

# %% tags=["hide-input", "remove-output"]
limit = 10.0  # above it, predictions are drawn at the edge
glue.numbers(
    **error_analysis.parity_numbers(gcn, limit),
    **error_analysis.low_energy_numbers(error_analysis.low_energies(gcn)),
    **error_analysis.linear_numbers(gcn),
    all_mape=fixed(gcn.metrics["test"]["mape"], 1),
)
drawn = error_analysis.low_energy_parity(
    *error_analysis.below_zero(gcn), limit
)
glue.figure("fig-low", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-low
:name: fig-low
:alt: Predicted against true energy for structures with V below 0, with the diagonal. Predictions above 10 are drawn as triangles at the upper edge.

The report's Figure 5: the graph network of the first seed, trained on $\log(V+32)$, for the {glue:text}`low_count` test
structures with $V < 0$, back on the linear scale. {glue:text}`low_above` of them are predicted above 10 and drawn at the
upper edge.
:::

## What the report did

{cite:t}`chitturi-gui` look at their graph network where energies are low, with its predictions turned back from $\log(V+32)$ to
$V$ (their Figure 5), and find it very poor there: it was trained to be sensitive to the logarithm. This page repeats the figure,
asks how the errors depend on the energy and on the closest pair of atoms, and why the low end is lost.

## Why the low end is lost

In percent of $V$ itself, the error of the first seed's graph network has a mean of {glue:text}`linear_mean` % over the
validation structures and a median of {glue:text}`linear_median` %.

For the test structures of {numref}`fig-low` the mean absolute error is {glue:text}`low_mae` ε, the median error
{glue:text}`low_median_error` ε. The median energy of the training structures with $V<0$, predicted for all of them, has a mean
error of {glue:text}`low_constant` ε. By the mean error the network is {glue:text}`low_verdict` than a constant (errors that differ by less
than a tenth count as equal). The report trains separate models for low energies ({doc}`low_energy`).

On the logarithmic scale, on which the network was trained, the MAPE of the same predictions is {glue:text}`low_log_mape` %;
over the whole test split it is {glue:text}`all_mape` %. But $V+32$ hardly varies among these structures. The standard deviation
of their targets is {glue:text}`low_log_spread`, and the median of such structures, as a constant, would score
{glue:text}`low_log_constant` %.

There are two reasons. The first is the transform. By

$$
\Delta V \approx (V + 32)\, \Delta \log(V+32)
$$ (eq-delta)

a mean error of {glue:text}`low_log_error` in the logarithm becomes one of about {glue:text}`low_expected` in $V$ where $V+32$ is
{glue:text}`low_scale`, as here; where a prediction is far too high, the exponential makes more of it. The second is the loss.
These structures are {glue:text}`low_share` % of the training set, and account for {glue:text}`low_loss` % of the squared error that
is left at the end. A step that serves them gains no more than that.

## Error by energy and by distance
"""

# %% tags=["hide-input", "remove-output"]
distance = error_analysis.closest_distances(gcn)["test"]
edges = np.geomspace(0.01, 2.0, 13)
outside = (distance < edges[0]) | (distance >= edges[-1])
glue.numbers(outside=whole(outside.sum()))
binned = error_analysis.errors_by_bin(first, distance, edges)
drawn = plots.error_by_bin(binned, "mean absolute error of log(V + 32)")
glue.figure("fig-bins", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-bins
:name: fig-bins
:alt: Mean absolute error on a logarithmic axis, a line for each of the three networks, on the left by the true target, on the right by the distance of the closest pair of atoms.

Error on the test split by energy and by the distance of the closest pair, in bins; on the right {glue:text}`outside` structures
lie beyond the axis. Predictions that hardly follow the targets err least where most predictions are, and more with the distance
from there.
:::
"""

# %% tags=["hide-input", "remove-output"]
rows = {"MLP told log distances": told} | first
glue.table("table-bins", error_analysis.by_energy_table(rows, distance))

# %% [markdown]
r"""
::::{table} The test split by energy. MAPE of $\log(V+32)$ in percent for the best constant, the true energy of the two closest atoms alone, the perceptron told distances ({doc}`distances`) and each network, of the first seed; for the graph network also the median error of $\log(V+32)$ and the median error of $V$ in percent of $V$. The third column is the median distance of the closest pair.
:name: table-bins
:class: compact

```{glue:md} table-bins
:format: myst
```
::::

(verdicts-error_analysis)=

## What the report says, and whether it holds

{doc}`claims` explains the rules and collects the verdicts of all pages.
"""

# %% tags=["hide-input", "remove-output"]
found = claims.decide(
    "error_analysis",
    page.profile,
    page.seed,
    **error_analysis.errors_measured(graph_networks, first),
)
glue.record(claims.RECORD, found.record)
glue.table("table-error-analysis-verdicts", found.table, text=True)

# %% [markdown]
r"""
::::{table} The statements of the report that this page decides. Scores and changes are means over the seeds; constants and the count of gradients are those of the first.
:name: table-error-analysis-verdicts
:class: statements

```{glue:md} table-error-analysis-verdicts
:format: myst
```
::::

## What follows

Trained on energies below 0 alone, the same network does well there ({doc}`low_energy`). {doc}`causes` tests which of the two
reasons weighs more. The page {doc}`one_surrogate` trains one for both ends.
"""

# %% [markdown]
"""
:::{admonition} Where these numbers come from
:class: provenance

```{glue:md} provenance
:format: gfm
```

To run the page again with another seed, see {doc}`reproduce`.
:::
"""

# %% tags=["remove-cell"]
glue.provenance(*graph_networks, first["MLP"], first["CNN"], told)
glue.listing()
