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
# Energies of atoms, or of structures

:::{admonition} In short
:class: in-short

Energies of atoms teach a graph network more than energies of structures, as the report supposes, but not always by much: with one
energy for each structure its error is {glue:text}`ratios`, mean and standard deviation over seeds. A sum over pairs needs no energies
of atoms: {glue:text}`few` structures with one energy each give it an error of {glue:text}`pair_few` ε.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
seeds = 3
structures = [300, 1000, 3000, 10000, 50000]
pair_examples = 300000
gcn_structures = [1000, 10000, 50000]
gcn_examples = 10000000
gcn_patience = 500000
scheduler = None

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "labels", scheduler=parameters.scheduler)

# %% tags=["hide-input"]
import numpy as np

from surrogates import data, models, training
from surrogates.analysis import claims, labels
from surrogates.analysis.formatting import counted, fixed, whole
from surrogates.book import glue

folder = f"labels/{page.profile}"
low = data.Data("low", page.n_atoms, page.box, page.seed, page.sizes)
gcn = training.Config(
    low,
    models.GCN(n_nodes=32, pooling="atoms"),
    training.Fit(
        target="linear-log",
        loss="mean_absolute_error",
        metric="mae",
        seed=page.seed,
    ),
)
changed = {
    "fit.batch_size": 16,
    "fit.learning_rate": 0.01,
    "fit.decay": "cosine",
}
pair = training.Config(
    low, models.Pairs(gaussians=80, reach=16.0), gcn.replace(changed).fit
)
of_pairs = labels.label_configs(
    folder,
    "sum-over-pairs",
    pair,
    page.structures,
    page.pair_examples,
    seeds=page.seeds,
)
of_graphs = labels.label_configs(
    folder,
    "graph-network",
    gcn,
    page.gcn_structures,
    page.gcn_examples,
    page.gcn_patience,
    page.seeds,
)
sweep = training.sweep(of_pairs | of_graphs, page.scheduler)
splits = data.simulate(low)

# %% tags=["hide-input", "remove-output"]
errors = labels.label_errors(sweep.values(), splits, page.structures)
median = labels.median_on_test(splits)
ratios = labels.label_ratios(errors)
glue.numbers(
    **labels.label_numbers(errors),
    ratios=labels.ratios_in_words(ratios),
    at_the_end=labels.reached_the_end(sweep[name] for name in of_graphs),
    examples=whole(page.pair_examples),
    most=whole(page.gcn_examples),
    patience=whole(page.gcn_patience),
    seeds=counted(page.seeds, "seed"),
    median=fixed(median, 3),
)
glue.figure("fig-labels", labels.by_number_of_labels(errors, median))

# %% [markdown]
r"""
:::{glue:figure} fig-labels
:name: fig-labels
:alt: Mean absolute error on test structures against the number of training structures, on logarithmic axes, for the sum over pairs and the graph network, each with energies of structures and of atoms as labels, and for the spline; a horizontal line is the median.

Error on test structures of the low-energy set by the number of training structures: lines and hollow marks are means, small points
single seeds.
:::

## What the report says

{cite:t}`chitturi-gui` have one energy for each structure, and call it the easier problem to have one for each atom, as others do.
They did not try it.

## What we did

Two networks that add up energies of atoms are trained with either kind of label, on the low-energy set: the sum over pairs of
{doc}`one_surrogate`, and a graph network of two convolutions with 32 units each that gives an energy for each atom. Half the energy
of a pair belongs to each of its atoms.

Which label is better may depend on how long one trains. So the graph network stops when {glue:text}`patience` further examples have
not lowered its error on validation, or after {glue:text}`most` examples, and keeps the best epoch. {glue:text}`at_the_end`
The sum over pairs sees about {glue:text}`examples` examples, however few its structures, at a rate that falls to 0. Each is trained
with {glue:text}`seeds`. For comparison, a spline is fitted to total energies by least squares: the truth is of its form, and a
linear problem has one solution.
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-labels", labels.labels_table(errors))

# %% [markdown]
r"""
::::{table} The same in numbers: MAE of $V$ in units of $\varepsilon$, by the number of training structures. A prediction above 0 counts as $\log(1+V)$.
:name: table-labels
:class: compact

```{glue:md} table-labels
:format: myst
```
::::

The median as a prediction has {glue:text}`median`. With {glue:text}`many` structures the sum over pairs has
{glue:text}`pair_many`, the graph network {glue:text}`gcn_many`; with energies of atoms the latter has {glue:text}`gcn_atoms_many`.
{glue:text}`equal_labels`

(verdicts-labels)=

## What the report says, and whether it holds

{doc}`claims` explains the rules and collects the verdicts of all pages.
"""

# %% tags=["hide-input", "remove-output"]
found = claims.decide(
    "labels",
    page.profile,
    page.seed,
    total_over_atoms=np.median(list(ratios.values()), axis=0).tolist(),
)
glue.record(claims.RECORD, found.record)
glue.table("table-labels-verdicts", found.table, text=True)

# %% [markdown]
r"""
::::{table} The statements of the report that this page decides.
:name: table-labels-verdicts
:class: statements

```{glue:md} table-labels-verdicts
:format: myst
```
::::

## What follows

What a model knows counts more than what kind of label it has: the sum over pairs is more than a hundred times better than
either graph network. Where labels are expensive, that is where to begin ({doc}`surrogate_search`).
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
glue.provenance(*sweep.values())
glue.listing()
