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
# A perceptron on the shortest distances

:::{admonition} In short
:class: in-short

The report's own perceptron, told the {glue:text}`kept` shortest distances as logarithms, has {glue:text}`told_mape` % on all
energies and {glue:text}`told_mae` ε where $V < 0$. The report's graph network has {glue:text}`gcn_mape` % and
{glue:text}`gcn_mae` ε. A smooth network of a kind in use for potentials, a sum over atoms for any number of them, has
{glue:text}`smooth_mape` % and {glue:text}`smooth_mae` ε.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
seeds = 3
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
nearest_epochs = 60
smooth_epochs = 10
descents = 40
other_numbers = [16, 24, 32, 48, 64]
other_structures = 200
scheduler = None

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "distances", scheduler=parameters.scheduler)

# %% tags=["hide-input"]
from surrogates import training
from surrogates.analysis import distances
from surrogates.analysis.formatting import fixed, spread, whole
from surrogates.book import glue
from surrogates.training import reported, told

nearest = {
    name: list(training.sweep(runs, page.scheduler).values())
    for name, runs in told.by_seed(
        "causes/nearest", told.shortest_distances(page), page, page.seeds
    ).items()
}
smooth = list(
    training.sweep(
        told.by_seed(
            "causes/smooth", told.smooth_networks(page), page, page.seeds
        )["smooth"],
        page.scheduler,
    ).values()
)

of_coordinates, table_1, table_2 = (
    parameters.published(name, page.profile, page.seed)
    for name in ("mlp", "gcn", "low_energy")
)
mlp_full = training.fit_or_load_all(
    reported.of_seeds("mlp", of_coordinates)
)
gcn_full = training.fit_or_load_all(reported.of_seeds("gcn", table_1))
gcn_low = training.fit_or_load_all(reported.low_energy_same(table_2))
networks = {
    "perceptron told coordinates": distances.OnScales(
        mlp_full, nearest["low energies from coordinates"]
    ),
    "graph network": distances.OnScales(gcn_full, gcn_low),
    "perceptron told log distances": distances.OnScales(
        nearest["full energies"], nearest["low energies"]
    ),
    "smooth network": distances.OnScales(smooth, smooth),
}

# %% tags=["hide-input", "remove-output"]
scores = distances.without_network(smooth[0].config.data) | {
    name: distances.on_scales(network) for name, network in networks.items()
}
short = {  # with the decimals of the two errors
    "gcn": ("graph network", 2, 3),
    "told": ("perceptron told log distances", 2, 3),
    "smooth": ("smooth network", 3, 4),
}
glue.numbers(
    **{
        f"{label}_{measure}": spread(scores[name][measure], decimals)
        for label, (name, *shown) in short.items()
        for measure, decimals in zip(("mape", "mae"), shown, strict=True)
    },
    kept=whole(told.NEAREST),
    n_train=whole(page.sizes[0]),
    nearest_epochs=whole(page.nearest_epochs),
    smooth_epochs=whole(page.smooth_epochs),
    n_seeds=whole(page.seeds),
)
glue.table("table-distances", distances.networks_table(scores, networks))

# %% [markdown]
r"""
::::{table} Errors on test structures: MAPE of $\log(V+32)$ on the full-energy set in percent, MAE of $V$ on the low-energy set in units of $\varepsilon$; mean and standard deviation over seeds. Every network but the last is trained once for each column; the perceptron told coordinates and the graph network of the first column are those of the pages {doc}`mlp` and {doc}`gcn`. The best constant is that of the training targets: the best for the MAPE, and the median.
:name: table-distances

```{glue:md} table-distances
:format: myst
```
::::

## What we did

The perceptron is the report's, with its layers, batches and rate ({doc}`mlp`). Only its input differs: the logarithms of the
{glue:text}`kept` shortest distances between two atoms, sorted. It is trained for {glue:text}`nearest_epochs` epochs on
{glue:text}`n_train` structures, on $\log(V+32)$ for all energies and on $V$ where $V<0$. This is what it is told, then the network:

```{from-library} surrogates.models.pairs PairDistances.call
```
"""

# %%
from surrogates import models

network = models.MLP(
    inputs="sorted-log-distances", kept=told.NEAREST, permutations=0
)

# %% [markdown]
r"""
The smooth network has the form of SchNet {cite:p}`schnet`. Atoms send each other messages through filters, which are made from
Gaussians of $\log r$, and the energies of the atoms are added. Its target is $V$ below 0 and $\log(1+V)$ above, as on the page
{doc}`one_surrogate`. So one training of {glue:text}`smooth_epochs` epochs, on structures of both sets, serves both columns. It
has forces everywhere. The perceptron has a kink wherever two distances change places in its sorted list.

## Is it too good?

Four things could be wrong. *It has seen the test structures.* It has not: each split has its own random numbers. Measured by
what the perceptron is told, the test structure nearest to any training structure is {glue:text}`closest` times as far from it as
two training structures are from each other. *It looks up its neighbours.* The target of the nearest training structure scores
{glue:text}`looked_up` %, the network {glue:text}`network` %. *It was lucky.* The table has {glue:text}`n_seeds` seeds. *It is
good only where most structures are.* {numref}`table-distances-ranges` has the ranges of $V$.
"""

# %% tags=["hide-input", "remove-output"]
lookup = distances.looked_up(nearest["full energies"][0])
glue.numbers(
    closest=fixed(lookup["closest"], 2),
    looked_up=fixed(lookup["error"]),
    network=fixed(lookup["network"], 2),
)
glue.table(
    "table-distances-ranges",
    distances.ranges_table(
        f"distances/{page.profile}/seed-{page.seed}/ranges",
        {
            "graph network": gcn_full,
            "perceptron told log distances": nearest["full energies"],
        },
    ),
)

# %% [markdown]
r"""
::::{table} MAPE of $\log(V+32)$ in percent on test structures, by their energy; mean and standard deviation over seeds. Best constant and closest pair are those of the first seed's structures.
:name: table-distances-ranges

```{glue:md} table-distances-ranges
:format: myst
```
::::

## Beyond the range of training

A search for low energies leaves the range of training at once: random structures reach {glue:text}`lowest`, the best known one of
{glue:text}`n_atoms` atoms lies ten times as low. Below are structures that {glue:text}`descents` relaxations of the true energy pass
through, and random structures of other numbers of atoms at the same density.
"""

# %% tags=["hide-input", "remove-output"]
settings = parameters.published("one_surrogate", page.profile, page.seed)
summed = training.fit_or_load(
    f"one_surrogate/{page.profile}/pairs-seed-{page.seed}",
    told.sum_over_pairs(settings),
)
beyond = {
    "perceptron told coordinates": nearest["low energies from coordinates"],
    "graph network": gcn_low,
    "graph network, all energies": gcn_full,
    "perceptron told log distances": nearest["low energies"],
    "smooth network": smooth,
    "sum over pairs": [summed],
}
lowest = float(nearest["low energies"][0].data.train.energies.min())
stored = f"distances/{page.profile}/seed-{page.seed}"
by_energy = distances.stored_beyond(
    f"{stored}/beyond", beyond, page.n_atoms, page.seed, page.descents
)
by_atoms = distances.stored_other_atoms(
    f"{stored}/other-atoms",
    beyond,
    page.other_numbers,
    page.seed,
    page.other_structures,
)
names = {
    "beyond_coordinates": "perceptron told coordinates",
    "beyond_gcn": "graph network",
    "beyond_full": "graph network, all energies",
    "beyond_told": "perceptron told log distances",
    "beyond_smooth": "smooth network",
    "beyond_pairs": "sum over pairs",
}
glue.numbers(
    **distances.at_the_lowest(by_energy, names),
    lowest=fixed(lowest, 1),
    n_atoms=whole(page.n_atoms),
    descents=whole(page.descents),
)
near = by_energy[by_energy.network != names["beyond_full"]]
drawn = distances.beyond_figure(near, by_atoms, lowest, page.n_atoms)
glue.figure("fig-distances-beyond", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-distances-beyond
:name: fig-distances-beyond
:alt: Two panels on logarithmic axes. Left, the median error of five networks, and the spread of the committees of four of them, by the energy of structures on the way to a minimum, with a line at the lowest training energy; right, the error for each atom by the number of atoms, with a line at that of the training.

Left: median error of $V$ by the true energy, of structures on the way to a minimum; broken lines are the spread of a committee
of {glue:text}`n_seeds` seeds, which should be as large as the error. The graph network was trained on $V<0$; that of Table 1, trained
on all energies, lies far above the axis. Right: error for each atom, for other numbers of atoms than the
{glue:text}`n_atoms` of the training; graph networks and the perceptron told coordinates take no other number.
:::

At the lowest of these energies the perceptron that is told distances errs by {glue:text}`beyond_told_error` ε, and its committee
says {glue:text}`beyond_told_spread`; the smooth network errs by {glue:text}`beyond_smooth_error`, and its committee says
{glue:text}`beyond_smooth_spread`. The perceptron told coordinates errs by {glue:text}`beyond_coordinates_error`, its committee says
{glue:text}`beyond_coordinates_spread`. The graph network errs by {glue:text}`beyond_gcn_error`, its committee says
{glue:text}`beyond_gcn_spread`; that of Table 1, which predicts a logarithm, by {glue:text}`beyond_full_error`, and its committee of {glue:text}`n_seeds` says
{glue:text}`beyond_full_spread`. The sum over pairs
({doc}`one_surrogate`) errs by {glue:text}`beyond_pairs_error`.

## What follows

What the report compared is what each network was told. For random structures a perceptron is enough, if it is told distances.
On the way to a minimum only the sum over pairs stays accurate: it has the form of the truth. A committee should say where a network
is wrong: compare the broken lines with the full ones of the same colour. A sum over atoms keeps its error for each atom when there are more or fewer of them. Searches and
dynamics need such a network, with forces, and structures of their own kind to learn from ({doc}`surrogate_search`).
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
    *smooth,
    *mlp_full,
    *gcn_full,
    *gcn_low,
    *(run for runs in nearest.values() for run in runs),
)
glue.listing()
