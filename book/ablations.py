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
# Which choices mattered

## What the report did

{cite:t}`chitturi-gui` state their choices and, but for the grid of {doc}`low_energy`, not what others would have given: the
graph's edges and their weights, the two kinds of node features, the way from the atoms to one energy, the size of the
perceptron. This page changes one of these at a time. The trainings are smaller than the report's, with
{glue:text}`n_train` structures, so the errors are larger; what counts is how they compare with each other. All scores are
those of training and validation structures; the test structures have no part here.
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
structures = 10000
seeds = 3
gcn_epochs = 100
patience = 10
mlp_epochs = 20
mlp_sizes = [1000, 3000, 10000, 30000, 100000, 300000, 1000000]
scheduler = None

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "ablations", scheduler=parameters.scheduler)

# %% [markdown]
r"""
## The graph network

The base is the best model of the report's Table 2, trained on the low-energy set with $V$ as its target: two graph
convolutions of 128 units, SortPooling, edges up to 2 σ with the distance as their weight, both kinds of node features,
standardised. Every variant is trained with the same seeds as the base; each seed has its own structures and initial weights.
"""

# %%
from surrogates import data, models, training
from surrogates.analysis import ablations

sizes = (page.structures, page.sizes[1], page.sizes[2])
base = training.Config(
    data.Data("low", page.n_atoms, page.box, page.seed, sizes),
    models.GCN(),
    training.Fit(
        target="energy",
        metric="mae",
        epochs=page.gcn_epochs,
        patience=page.patience,
        seed=page.seed,
    ),
)
graph_variants = {
    "base": {},
    "cutoff 1.5 σ": {"model.cutoff": 1.5},
    "cutoff 3 σ": {"model.cutoff": 3.0},
    "cutoff 5 σ": {"model.cutoff": 5.0},
    "mean of the atoms": {"model.pooling": "mean"},
    "sum of the atoms": {"model.pooling": "sum"},
    "inverse distance as weight": {"model.edge_weight": "inverse"},
    "no edge weight": {"model.edge_weight": "none"},
    "inputs as they are": {"model.scale_inputs": False},
    "radial counts only": {"model.features": ("radial",)},
    "sorted distances only": {"model.features": ("sorted",)},
}
numbers = range(page.seed, page.seed + page.seeds)


def name(kind: str, changed: dict, number: int) -> str:
    """Name of the run of a variant with a seed: what was changed."""
    parts = [kind]
    for setting, value in changed.items():
        values = value if isinstance(value, tuple) else (value,)
        parts += [setting.split(".")[1], *map(str, values)]
    return f"ablations/{page.profile}/{'-'.join(parts)}-seed-{number}"


def trained(
    kind: str, base: training.Config, variants: dict
) -> dict[str, list]:
    """The runs of each variant, one for each seed."""
    configs = {
        name(kind, changed, number): base.replace(
            {**changed, "data.seed": number, "fit.seed": number}
        )
        for changed in variants.values()
        for number in numbers
    }
    sweep = training.sweep(configs, page.scheduler)
    return {
        label: [sweep[name(kind, changed, number)] for number in numbers]
        for label, changed in variants.items()
    }


graph_networks = trained("gcn", base, graph_variants)

# %% tags=["hide-input"]
import numpy as np

from surrogates.analysis import report
from surrogates.analysis.formatting import counted, fixed, spread, whole
from surrogates.book import glue

graph_scores = ablations.variant_scores(graph_networks)
median = report.constant_error(graph_networks["base"], "median", "mae")
glue.numbers(
    n_train=whole(page.structures),
    n_seeds=counted(page.seeds, "seed"),
    graph_base=spread(graph_scores.validation["base"], 3),
    graph_median=fixed(median, 2),
    by_chance=ablations.chance_sentence(page.seeds, len(graph_scores) - 1),
    better=ablations.with_verdict(graph_scores, "better"),
    worse=ablations.with_verdict(graph_scores, "worse"),
    unclear=ablations.with_verdict(graph_scores, "no clear difference"),
    undecided=ablations.with_verdict(graph_scores, "open"),
)

# %% tags=["hide-input", "remove-output"]
drawn = ablations.by_variant(
    graph_scores, "MAE of V / ε", {"median": median}
)
glue.figure("fig-ablations-graph", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-ablations-graph
:name: fig-ablations-graph
:alt: For each variant of the graph network its validation error, a small mark for each seed and a large one for the mean, beside the range of the base and a line at the error of the median.

Validation error of the variants: small marks are single seeds, large ones their mean, and the band is the range of the base.
:::
"""

# %% tags=["hide-input", "remove-output"]
glue.table(
    "table-ablations-graph", ablations.variants_table(graph_scores, 3)
)

# %% [markdown]
r"""
::::{table} The same in numbers: MAE of $V$ in units of $\varepsilon$, with {glue:text}`n_seeds`; after the ± the standard deviation of one. “Change” is that of the mean on validation.
:name: table-ablations-graph
:class: compact

```{glue:md} table-ablations-graph
:format: myst
```
::::

The base has a validation error of {glue:text}`graph_base`, the median as a prediction {glue:text}`graph_median`. A
variant counts as better or worse where all of its seeds lie below or above all of the base's. {glue:text}`by_chance`

Better than the base: {glue:text}`better`. Worse: {glue:text}`worse`. Without a clear difference:
{glue:text}`unclear`. Not decided, for want of seeds: {glue:text}`undecided`.

## The size of the perceptron

The report's authors tried perceptrons between 1,000 and 1,000,000 weights, and report the one that is drawn as a square
below. The others here have three hidden layers of equal width. Data and target are those of the full-energy set, with 19
permutations of each structure, batches of 512 and a learning rate of 0.001, for {glue:text}`mlp_epochs` epochs.
"""

# %%
full = training.Config(
    data.Data("full", page.n_atoms, page.box, page.seed, sizes),
    models.MLP(),
    training.Fit(
        metric="mape",
        batch_size=512,
        epochs=page.mlp_epochs,
        seed=page.seed,
    ),
)
widths = {
    size: ablations.equal_widths(size, page.n_atoms)
    for size in page.mlp_sizes
}
perceptrons = trained(
    "mlp",
    full,
    {"the report's": {}}
    | {
        f"{len(widths[size])} × {widths[size][0]}": {
            "model.hidden": widths[size]
        }
        for size in page.mlp_sizes
    },
)

# %% tags=["hide-input"]
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

# %% tags=["hide-input", "remove-output"]
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
    "table-ablations-sizes", ablations.variants_table(size_scores, 1)
)

# %% [markdown]
r"""
::::{table} The same in numbers (hidden layers × units): MAPE of $\log(V+32)$ in percent. “Change” is from the report's network.
:name: table-ablations-sizes
:class: compact

```{glue:md} table-ablations-sizes
:format: myst
```
::::

On validation they lie between {glue:text}`sizes_lowest` % and {glue:text}`sizes_highest` %, the report's network at
{glue:text}`sizes_own` %. The best constant has {glue:text}`sizes_best` %: the best size is {glue:text}`sizes_verdict` than that
(scores that differ by less than a tenth count as equal). The lowest error in training is {glue:text}`sizes_training` %.
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
glue.provenance(
    *(
        run
        for variants in (graph_networks, perceptrons)
        for seeds_of in variants.values()
        for run in seeds_of
    )
)
glue.listing()
