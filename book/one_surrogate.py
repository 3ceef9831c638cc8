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
# One surrogate for both regimes

:::{admonition} In short
:class: in-short

One graph network, trained on both of the report's sets, has {glue:text}`best_mape` % on all energies and {glue:text}`best_mae` ε
where $V<0$; the report needs two models for {glue:text}`goal_mape` % and {glue:text}`goal_mae` ε. A sum over pairs with
{glue:text}`pair_weights` weights has {glue:text}`pair_mape` % and {glue:text}`pair_mae` ε.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
low_weights = [0.3, 1.0, 3.0, 10.0]
gcn_epochs = 40
pair_epochs = 15
other_atoms = [7, 13, 19, 32, 50]
scheduler = None

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(
    globals(), "one_surrogate", scheduler=parameters.scheduler
)

# %% tags=["hide-input"]
from surrogates import data, models, training
from surrogates.analysis import comparison, distances, one_surrogate, report
from surrogates.book import glue
from surrogates.training import reported, told

folder = f"one_surrogate/{page.profile}"
both = data.Data("both", page.n_atoms, page.box, page.seed, page.sizes)
gcn = training.Config(
    both,
    models.GCN(n_layers=3),
    training.Fit(
        target="linear-log",
        loss="mean_absolute_error",
        metric="mae",
        epochs=page.gcn_epochs,
        decay="cosine",
        seed=page.seed,
    ),
)
weighted = training.sweep(
    {
        f"{folder}/gcn-weight-{weight:g}-seed-{page.seed}": gcn.replace(
            {"fit.low_weight": weight}
        )
        for weight in page.low_weights
    },
    page.scheduler,
)
summed = training.fit_or_load(
    f"{folder}/pairs-seed-{page.seed}", told.sum_over_pairs(page)
)

# %% tags=["hide-input", "remove-output"]
table_1 = parameters.published("gcn", page.profile, page.seed)
table_2 = parameters.published("low_energy", page.profile, page.seed)
of_report = {
    "GCN of Table 1": training.fit_or_load(
        reported.name("gcn", table_1), reported.gcn(table_1)
    ),
    "best GCN of our search": reported.low_energy_best(
        table_2, page.scheduler
    ),
}
scores = one_surrogate.scores(
    f"{folder}/seed-{page.seed}/scores", both, of_report, weighted, summed
)
glue.numbers(**one_surrogate.scores_numbers(scores))
glue.figure("fig-one-trade", one_surrogate.trade_off(scores))

# %% [markdown]
r"""
:::{glue:figure} fig-one-trade
:name: fig-one-trade
:alt: Mean absolute percentage error on the full-energy set against mean absolute error on the low-energy set. Left, on logarithmic axes, a curve for the graph networks trained on both sets, single points for two models that are trained as the report's were and for the sum over pairs, and a shaded corner for both goals; right, the curve alone on linear axes.

Both errors of each model, on test structures. The curve joins the graph networks trained on both sets; right it is drawn from
near, with the weight of the structures with $V<0$ at each point. The shaded corner is where the report's two models would both
be equalled.
:::
"""

# %% [markdown]
r"""
## What the report left to do

{cite:t}`chitturi-gui` need two models: one trained on $\log(V+32)$ over all energies, which is poor where $V<0$, and one
trained on $V$ where $V<0$, which knows nothing of the rest. They close with the wish for a loss that serves both. This page
trains such models, and measures each on both scales: the mean absolute percentage error of $\log(V+32)$ on the full-energy
set (MAPE), and the mean absolute error of $V$ on the low-energy set (MAE), on structures that no model was trained on.

Two things are new. The target is $V$ itself below 0 and $\log(1+V)$ above, which join smoothly: an
error means energy in one regime and a ratio in the other, and there is no energy without a target. The loss is the mean
absolute error, in which structures with $V<0$ count as many times as a weight says. A model sees the structures of both of
the report's sets.

## What we did

The graph network is the largest one of the report's search, with three graph convolutions of 128 units and SortPooling. The
learning rate falls to zero over the epochs, as half a cosine. The target is

```{from-library} surrogates.data.targets linear_log
```

The true energy is a sum over pairs of atoms. The second model knows that, and that atoms far apart have no energy; it does
not know the energy of a pair. A small perceptron gives that, the same for all pairs, from the logarithm of the distance and
from Gaussians of it, as SchNet has them {cite:p}`schnet`. It is trained on total energies alone.

```{from-library} surrogates.models.pairs Pairs.core
```
"""

# %% tags=["hide-input", "remove-output"]
settings = parameters.published("distances", page.profile, page.seed)
nearest = comparison.told_distances(settings)
others = distances.without_network(both) | {
    report.TOLD_DISTANCES: distances.on_scales(
        distances.OnScales(*nearest.values())
    )
}
table = one_surrogate.scores_table(scores, others)
glue.table("table-one-scores", table)

# %% [markdown]
r"""
::::{table} Both errors on test structures: MAPE of $\log(V+32)$ on the full-energy set in percent, MAE of $V$ on the low-energy set in units of $\varepsilon$.
:name: table-one-scores

```{glue:md} table-one-scores
:format: myst
```
::::

Our graph network of the report's Table 1 has {glue:text}`first_mape` % and {glue:text}`first_mae`. The best model that our search
for low energies found ({doc}`low_energy`), which is another than the report's best, has {glue:text}`second_mape` % and
{glue:text}`second_mae`. The goals are the report's own {glue:text}`goal_mape` %
(of its validation structures; it gives no other) and {glue:text}`goal_mae`, which two models reached on one scale each.
Of the {glue:text}`n_weights` networks trained on both sets, {glue:text}`meeting` reach both. The one whose target has
the lowest error on validation structures, of both sets together, has the weight {glue:text}`best_weight`. With
{glue:text}`best_mape` % and {glue:text}`best_mae` on test structures it {glue:text}`best_verdict`.

The sum over pairs has {glue:text}`pair_weights` weights where the graph network has {glue:text}`gcn_weights`. Our
goals for it were {glue:text}`pair_goal_mape` % and {glue:text}`pair_goal_mae` ε; with {glue:text}`pair_mape` % and
{glue:text}`pair_mae` ε it {glue:text}`pair_verdict`.
"""

# %% tags=["hide-input", "remove-output"]
glue.figure("fig-one-pair", one_surrogate.pair_function(summed))

# %% [markdown]
r"""
:::{glue:figure} fig-one-pair
:name: fig-one-pair
:alt: Left, the learned and the true energy of a pair around its minimum; right, both at short distances on logarithmic axes.

The pair energy that the network has learned from total energies, over the true one.
:::

:::{movable-atoms}
:name: fig-atoms-pairs
:networks: pairs gcn

The sum over pairs, beside the {doc}`graph network <gcn>`. *Relax on the pair network* goes downhill on what it has learned: the
true energy comes down with it, and the two stay together at low energies too, where the graph network does not follow.
:::

## Other numbers of atoms

The network of the sum over pairs can be asked for any number of atoms. Below it is, as trained on
{glue:text}`atoms_trained` atoms above: for random structures of as many atoms per area, with $V<0$, and for compact ones,
which are nothing like those: the best that a short basin hopping on the true potential finds ({doc}`surrogate_search`).
"""

# %% tags=["hide-input", "remove-output"]
carried = one_surrogate.transfer(summed, page.other_atoms, page.seed)
glue.numbers(**one_surrogate.transfer_numbers(carried, page.n_atoms))
glue.table("table-one-other", one_surrogate.transfer_table(carried))

# %% [markdown]
r"""
::::{table} The sum over pairs, trained on {glue:text}`atoms_trained` atoms, for other numbers of atoms, in units of $\varepsilon$: MAE of $V$ on random structures with $V<0$, the same for each atom, and how far the energy of a compact structure is off.
:name: table-one-other

```{glue:md} table-one-other
:format: myst
```
::::

For each atom the error is {glue:text}`carried_worst` at most; the energy of a compact structure is off by
{glue:text}`carried_compact` at most.

## What follows

That it is hard to predict high and low energies with one model holds for models that are trained as the report's were
({doc}`error_analysis`). Another target and another loss lift it. A sum over pairs needs far fewer labels than a graph network
({doc}`labels`), and is what the searches of {doc}`surrogate_search` run on.
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
both_scales = [run for runs in nearest.values() for run in runs]
every = [*weighted.values(), summed, *of_report.values(), *both_scales]
glue.provenance(*every)
glue.listing()
