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
# What a network is told

:::{admonition} In short
:class: in-short

The report puts success and failure down to invariance. Change one thing at a time, and it is something else: which distances a
network is *told*. Trained on {glue:text}`structures` structures, a fifth of the report's, its own perceptron has
{glue:text}`mlp_coordinates` % on coordinates, {glue:text}`mlp_canonical` % on coordinates that no rotation, shift or renumbering
changes, and {glue:text}`mlp_logs` % on sorted logarithms of distances.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
mlp_seeds = 3
cnn_seeds = 3
gcn_seeds = 3
low_seeds = 3
depth_seeds = 3
n_atoms = 32
box = 32.0
structures = 10000
mlp_epochs = 60
cnn_epochs = 30
gcn_epochs = 40
low_epochs = 40
depth_epochs = 40
scheduler = None

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "causes", scheduler=parameters.scheduler)

# %% tags=["hide-input"]
from surrogates import models, training
from surrogates.analysis import causes, claims, comparison, report
from surrogates.analysis.formatting import fixed, spread, whole
from surrogates.book import glue
from surrogates.training import told

seeds = {
    "mlp": page.mlp_seeds,
    "cnn": page.cnn_seeds,
    "gcn": page.gcn_seeds,
    "low": page.low_seeds,
    "depth": page.depth_seeds,
}
named = {
    kind: told.by_seed(f"causes/{kind}", configs, page, seeds[kind])
    for kind, configs in told.of_causes(page).items()
}
sweep = training.sweep(told.every(named), page.scheduler)
mlp, cnn, gcn, low, depth = (
    {
        name: [sweep[run] for run in of_seeds]
        for name, of_seeds in experiments.items()
    }
    for experiments in named.values()
)

# %% tags=["hide-input", "remove-output"]
constant = report.constant_error(
    mlp["coordinates"], "best constant", "mape"
)
glue.numbers(
    **{
        f"mlp_{name}": spread(causes.validation(mlp[experiment]))
        for name, experiment in (
            ("coordinates", "coordinates"),
            ("canonical", "canonical"),
            ("logs", "sorted log distances"),
            ("unsorted", "distances"),
        )
    },
    constant=fixed(constant, 1),
    structures=whole(page.structures),
    mlp_epochs=whole(page.mlp_epochs),
    cnn_epochs=whole(page.cnn_epochs),
    gcn_epochs=whole(page.gcn_epochs),
)
kinds = {"perceptron": mlp, "CNN": cnn, "GCN": gcn}
glue.figure("fig-told", causes.told_figure(kinds, constant))

# %% [markdown]
r"""
:::{glue:figure} fig-told
:name: fig-told
:alt: Dots on a logarithmic axis, a row for each experiment: the perceptron, the convolutional and the graph network, each told different things; those told distances near the left end, those told coordinates or a grid near the right, whether filled (invariant) or open.

MAPE of $\log(V+32)$ on validation, a dot for each seed, trained on {glue:text}`structures` structures.
Filled dots are networks that no renumbering, shift or rotation changes. The best constant has {glue:text}`constant` %.
:::

## What the report says

{cite:t}`chitturi-gui` say that the perceptron and the convolutional network fail because they are not invariant under rotations,
the perceptron not under translations either; that the graph network succeeds because it is invariant; and that the sparsity of
the grid makes it hard to learn from. They tested none of this.

## The perceptron

Its inputs change, the network and its training stay: {glue:text}`structures` structures, {glue:text}`mlp_epochs` epochs, batches of
512. *Canonical* coordinates are centred, turned to the principal axes, mirrored and sorted.
"""

# %% tags=["hide-input", "remove-output"]
beside = comparison.beside_all(
    mlp["coordinates"][0], mlp["sorted log distances"]
)
without = {name: beside[name] for name in report.WITHOUT}
glue.table("table-told-mlp", causes.told_table(mlp, without))

# %% [markdown]
r"""
::::{table} The perceptron told other things: whether a renumbering, a shift or a rotation leaves its prediction as it is; MAPE in percent on validation at the end of its training, and at its best epoch.
:name: table-told-mlp

```{glue:md} table-told-mlp
:format: myst
```
::::

Distances that are listed by the numbers of their atoms are invariant under rotations and shifts, and are of no more use than
coordinates ({glue:text}`mlp_unsorted` %). Sorting them makes the closest pair the first input. Their logarithms make a power of the
distance a straight line.

## The convolutional network

{glue:text}`cnn_epochs` epochs on each grid. *Distance* fills every cell with the distance to the nearest occupied one: the same
information, nothing sparse. *Offsets* adds where an atom is in its cell. *Nearest* says in an occupied cell how near the next atom is,
as minus the logarithm of the distance. *Sparse* are convolutions at occupied cells only, as the report suggests
{cite:p}`choy2019minkowski,graham2018submanifold`.
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-told-cnn", causes.told_table(cnn, beside))

# %% [markdown]
r"""
::::{table} The convolutional network on other grids, as in {numref}`table-told-mlp`. With eight orientations, every structure is shown in all turns and mirror images of the square, for the same number of steps in all.
:name: table-told-cnn

```{glue:md} table-told-cnn
:format: myst
```
::::

## The graph network

{glue:text}`gcn_epochs` epochs. The first row has the report's features. In the second the coordinates stand beside them: that takes
the invariance away, and leaves the distances. In the third the coordinates stand in their place. The last has the head of the DGCNN
{cite:p}`zhang2018dgcnn`, which the report's network resembles.
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-told-gcn", causes.told_table(gcn, beside))

# %% [markdown]
r"""
::::{table} The graph network with other features, as in {numref}`table-told-mlp`.
:name: table-told-gcn

```{glue:md} table-told-gcn
:format: myst
```
::::

## Low energies: the transform or the company

The report says that the graph network is poor at low energies because it was trained on the logarithm. Two things changed when it
was trained on low energies alone: the target, and the structures that share the loss. Here they change one by one.
"""

# %% tags=["hide-input", "remove-output"]
median = report.constant_error(low["V, V below 0"], "median", "mae")
stored = f"causes/{page.profile}/seed-{page.seed}/low"
of_v = {name: causes.low_errors(stored, runs) for name, runs in low.items()}
glue.numbers(
    median=fixed(median, 3),
    low_epochs=whole(page.low_epochs),
    alone_v=spread(of_v["V, V below 0"], 2),
    alone_log=spread(of_v["log V, V below 0"], 2),
    beside_v=spread(of_v["V, all energies"], 2),
    beside_log=spread(of_v["log V, all energies"], 2),
)
glue.table("table-told-low", causes.low_table(of_v))

# %% [markdown]
r"""
::::{table} MAE of $V$ on test structures with $V < 0$, by target and by training structures, {glue:text}`structures` with $V < 0$ in either column and as many of all energies beside them in the second; {glue:text}`low_epochs` epochs, mean pooling. The median as a prediction has {glue:text}`median`.
:name: table-told-low

```{glue:md} table-told-low
:format: myst
```
::::

On $V<0$ alone, the target is $V$ or $32\log((V+32)/32)$, on all energies $V$ below 0 and $\log(1+V)$ above, or $\log(V+32)$. In the
company of high energies the logarithm does harm: {glue:text}`beside_log` against {glue:text}`beside_v`. Without that company it does
not: {glue:text}`alone_log` against {glue:text}`alone_v`. So either of the two changes that the report made at once would have been enough.

## Depth and range

The report thinks that more graph convolutions do not help because the potential is local. Then they should help more where it is
not local, as with powers of 6 and 3 in place of 12 and 6. But a node is told its distances to *all* others, so one
convolution sees everything; the lower rows show it only what lies within {glue:text}`within`σ.
"""

# %% tags=["hide-input", "remove-output"]
glue.numbers(
    within=fixed(told.WITHIN), depth_epochs=whole(page.depth_epochs)
)
glue.table("table-told-depth", causes.gains_table(depth))

# %% [markdown]
r"""
::::{table} MAE of $V$ on validation, in units of $\varepsilon$, by the number of graph convolutions; low-energy sets of either potential, {glue:text}`depth_epochs` epochs, mean pooling. The last column is the gain of three over one.
:name: table-told-depth

```{glue:md} table-told-depth
:format: myst
```
::::

## What an evaluation costs
"""

# %% tags=["hide-input", "remove-output"]
costs = causes.costs_table(causes.EVALUATED, page.n_atoms, page.box)
glue.table("table-told-costs", costs)

# %% [markdown]
r"""
::::{table} Floating-point operations of one evaluation, {glue:text}`atoms` atoms, counted in the graph that TensorFlow computes; and over those of the true energy. The last column is the ratio of times, for a thousand structures at once, as `make bench` measures it.
:name: table-told-costs

```{glue:md} table-told-costs
:format: myst
```
::::

(verdicts-causes)=

## What the report says, and whether it holds

{doc}`claims` explains the rules and collects the verdicts of all pages.
"""

# %% tags=["hide-input", "remove-output"]
glue.numbers(atoms=whole(page.n_atoms))
found = claims.decide(
    "causes",
    page.profile,
    page.seed,
    **causes.causes_measured(mlp, cnn, gcn, of_v, depth),
    network_cost=causes.cost(models.GCN(), page.n_atoms, page.box),
)
glue.record(claims.RECORD, found.record)
glue.table("table-causes-verdicts", found.table, text=True)

# %% [markdown]
r"""
::::{table} The statements of the report that this page decides.
:name: table-causes-verdicts
:class: statements

```{glue:md} table-causes-verdicts
:format: myst
```
::::

## What follows

The same thing helps every network: the distances of the closest pairs, sorted or summed, on a scale on which a power is a straight
line. The page {doc}`distances` shows how far that carries a perceptron.
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
