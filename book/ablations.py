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
# Half of the choices of the graph network matter

:::{admonition} In short
:class: in-short

Of {glue:text}`n_variants` changes to the graph network for low energies, {glue:text}`n_better` clearly lowered the error and
{glue:text}`n_worse` clearly raised it. From {glue:text}`base` ε, {glue:text}`lowest`; {glue:text}`highest`.
On all energies, logarithms of distances beside the report's features take the graph network
from {glue:text}`lever_first` % to {glue:text}`lever_logs` %, and a sum over atoms, small batches and all structures to
{glue:text}`lever_last` %. The size of the perceptron does not matter.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
seeds = 3
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
epochs = 60
structures = 10000
gcn_epochs = 40
graph_epochs = 40
mlp_epochs = 20
mlp_sizes = [1000, 3000, 10000, 30000, 100000, 300000, 1000000]
scheduler = None

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "ablations", scheduler=parameters.scheduler)

# %% tags=["hide-input"]
import numpy as np

from surrogates import training
from surrogates.analysis import ablations, comparison, report
from surrogates.analysis.formatting import counted, fixed, spread, whole
from surrogates.book import glue
from surrogates.training import told

levers = told.levers(page)
shared = list(levers)[:2]  # with the page on causes
experiments = {
    "ablations/choices": told.choices(page),
    "ablations/sizes": told.perceptrons_by_size(page),
    "causes/gcn": {name: levers[name] for name in shared},
    "ablations/levers": {
        name: config
        for name, config in levers.items()
        if name not in shared
    },
}
named = {
    folder: told.by_seed(folder, configs, page, page.seeds)
    for folder, configs in experiments.items()
}
sweep = training.sweep(told.every(named), page.scheduler)
choices, perceptrons, *steps = (
    {name: [sweep[run] for run in of] for name, of in by_name.items()}
    for by_name in named.values()
)

# %% tags=["hide-input", "remove-output"]
scores = ablations.variant_scores(choices)
median = report.constant_error(choices["base"], "median", "mae")
glue.numbers(
    n_train=whole(page.sizes[0]),
    n_epochs=whole(page.epochs),
    n_seeds=counted(page.seeds, "seed"),
    n_variants=whole(len(scores) - 1),
    n_better=whole((scores.verdict == "better").sum()),
    n_worse=whole((scores.verdict == "worse").sum()),
    base=spread(scores.validation["base"], 3),
    median=fixed(median, 2),
    lowest=ablations.led_to(scores, lowest=True),
    highest=ablations.led_to(scores, lowest=False),
    by_chance=ablations.chance_sentence(page.seeds, len(scores) - 1),
    better=ablations.with_verdict(scores, "better"),
    worse=ablations.with_verdict(scores, "worse"),
    unclear=ablations.with_verdict(scores, "no clear difference"),
)
drawn = ablations.by_variant(scores, "MAE of V / ε", {"median": median})
glue.figure("fig-ablations-graph", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-ablations-graph
:name: fig-ablations-graph
:alt: For each variant of the graph network its validation error, a small mark for each seed and a large one for the mean, beside the range of the base and a line at the error of the median.

Validation error of the graph network for low energies, with one choice changed at a time: small marks are single seeds, large ones
their mean, and the band is the range of the base.
:::

## What the report did

{cite:t}`chitturi-gui` state their choices and, but for the grid of {doc}`low_energy`, not what others would have given: the
graph's edges and their weights, the two kinds of node features, the way from the atoms to one energy, the size of the
perceptron. This page changes one of these at a time. All scores are those of training and validation structures; the test
structures have no part here.

## The graph network at low energies

The base has two graph convolutions of 32 units, SortPooling, edges up to 2 σ with the distance as their weight, both kinds of node
features, standardised. It is trained on {glue:text}`n_train` structures with $V<0$, $V$ itself as the target, for
{glue:text}`n_epochs` epochs, and keeps the best of them. The variants have the same seeds as the base; each seed has its own
structures and initial weights.
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-ablations-graph", ablations.variants_table(scores, 3))

# %% [markdown]
r"""
::::{table} The same in numbers: MAE of $V$ in units of $\varepsilon$, with {glue:text}`n_seeds`; after the ± the standard deviation of one. “Change” is that of the mean on validation. Cutoffs are in units of σ.
:name: table-ablations-graph
:class: compact

```{glue:md} table-ablations-graph
:format: myst
```
::::

The base has a validation error of {glue:text}`base`, the median as a prediction {glue:text}`median`. A variant counts as better or
worse where all of its seeds lie below or above all of the base's. {glue:text}`by_chance`

Better than the base: {glue:text}`better`. Worse: {glue:text}`worse`. Without a clear difference: {glue:text}`unclear`.

## From the report's features to one percent

On all energies the choices can be added up. {numref}`table-levers` begins with the report's graph network and adds one thing in
each row. The first rows have {glue:text}`few` structures and {glue:text}`gcn_epochs` epochs, the last one has {glue:text}`n_train`
structures and {glue:text}`graph_epochs` epochs. The sum over atoms gives each atom an energy of its own; its target is $V$ below 0 and
$\log(1+V)$ above, its loss the absolute error, as on the page {doc}`one_surrogate`. All are StellarGraph's convolutions.
"""

# %% tags=["hide-input", "remove-output"]
errors = {
    name: [
        ablations.errors_of_log(f"ablations/{page.profile}/levers", run)
        for run in runs
    ]
    for part in steps
    for name, runs in part.items()
}
first, logs, *_, last = (
    [of_seed["validation"] for of_seed in seeds]
    for seeds in errors.values()
)
glue.numbers(
    few=whole(page.structures),
    gcn_epochs=whole(page.gcn_epochs),
    graph_epochs=whole(page.graph_epochs),
    lever_first=spread(first, 1),
    lever_logs=spread(logs, 1),
    lever_last=spread(last, 2),
)
distances = parameters.published("distances", page.profile, page.seed)
nearest = comparison.told_distances(distances)["full energies"]
others = comparison.beside_all(nearest[0], nearest)
glue.table("table-levers", ablations.levers_table(errors, others))

# %% [markdown]
r"""
::::{table} MAPE of $\log(V+32)$ in percent, {glue:text}`n_seeds`; each row has what the rows above have. “Divided by” is how many times smaller the mean on validation is than in the row above.
:name: table-levers

```{glue:md} table-levers
:format: myst
```
::::

The last row has {glue:text}`lever_last` % on validation. The perceptron that is told distances ({doc}`distances`) is better still,
and so is a sum over pairs ({doc}`one_surrogate`).

## The size of the perceptron

The report's authors tried perceptrons with 1,000 to 1,000,000 weights, and report the one that is drawn as a square
below. The others here have three hidden layers of equal width. Data and target are those of the full-energy set,
{glue:text}`few` structures with 19 permutations of each, batches of 512 and a learning rate of 0.001, for
{glue:text}`mlp_epochs` epochs.
"""

# %% tags=["hide-input", "remove-output"]
size_scores = ablations.variant_scores(perceptrons)
own = perceptrons["the report's"]
lines = {
    which: report.constant_error(own, which, "mape")
    for which in ("best constant", "median")
}
means = size_scores.validation.map(np.mean)
glue.numbers(
    mlp_epochs=whole(page.mlp_epochs),
    sizes_lowest=fixed(means.min()),
    sizes_highest=fixed(means.max()),
    sizes_own=fixed(means["the report's"]),
    sizes_best=fixed(lines["best constant"], 1),
    sizes_verdict=report.against_constant(
        means.min(), lines["best constant"]
    ),
    sizes_training=fixed(size_scores.training.map(np.mean).min()),
)
drawn = ablations.by_weights(
    size_scores, "the report's", "MAPE of log(V + 32) / %", lines
)
glue.figure("fig-ablations-sizes", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-ablations-sizes
:name: fig-ablations-sizes
:alt: Training and validation error of the perceptrons against their number of weights, on a logarithmic axis, with lines for the best constant and the median as predictions.

Error of perceptrons by their number of weights; the squares are the report's network.
:::
"""

# %% tags=["hide-input", "remove-output"]
glue.table(
    "table-ablations-sizes",
    ablations.variants_table(size_scores, 1, others),
)

# %% [markdown]
r"""
::::{table} The same in numbers (hidden layers × units): MAPE of $\log(V+32)$ in percent. “Change” is from the report's network. The last rows need no training on permutations: the best constant, the true energy of the two closest atoms alone, and the report's perceptron told distances ({doc}`distances`), on the structures of the full set.
:name: table-ablations-sizes
:class: compact

```{glue:md} table-ablations-sizes
:format: myst
```
::::

On validation they lie between {glue:text}`sizes_lowest` % and {glue:text}`sizes_highest` %, the report's network at
{glue:text}`sizes_own` %. The best constant has {glue:text}`sizes_best` %: the best size is {glue:text}`sizes_verdict` than that
(scores that differ by less than a tenth count as equal). The lowest error in training is {glue:text}`sizes_training` %.

## What follows

What the graph network is told makes the largest differences, both ways: the best change adds logarithms of the distances, the worst
takes the distances away. What a model gains from knowing the form of the energy, the page {doc}`one_surrogate` shows.
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
glue.provenance(*sweep.values(), *nearest)
glue.listing()
