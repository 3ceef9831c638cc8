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

## What the report left to do

{cite:t}`chitturi-gui` need two models: one trained on $\log(V+32)$ over all energies, which is poor where $V<0$, and one
trained on $V$ where $V<0$, which knows nothing of the rest. They close with the wish for a loss that serves both. This page
trains such models, and measures each on both scales: the mean absolute percentage error of $\log(V+32)$ on the full-energy
set (MAPE), and the mean absolute error of $V$ on the low-energy set (MAE), on structures that no model was trained on.

Two things are new. The target is $V$ itself below 0 and $\log(1+V)$ above, which go into each other smoothly: an
error means energy in one regime and a ratio in the other, and there is no energy without a target. The loss is the mean
absolute error, in which structures with $V<0$ count as many times as a weight says. A model sees the structures of both of
the report's sets.
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
label_structures = [300, 1000, 3000, 10000, 50000]
label_examples = 300000
gcn_label_examples = 500000
other_atoms = [7, 13, 19, 32, 50]
scheduler = None

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(
    globals(),
    "one_surrogate",
    scheduler=parameters.scheduler,
)

# %% [markdown]
"""
## The graph network

It is the largest one of the report's search, with three graph convolutions of 128 units and SortPooling. The learning rate
falls to zero over the epochs, as half a cosine.
"""

# %%
from surrogates import data, models, training
from surrogates.analysis import regimes
from surrogates.book import pages
from surrogates.training import runs, sweeps

both = data.Data("both", page.n_atoms, page.box, page.seed, page.sizes)
gcn = runs.Config(
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
folder = f"one_surrogate/{page.profile}"
weighted = sweeps.train(
    {
        f"{folder}/gcn-weight-{weight:g}-seed-{page.seed}": gcn.replace(
            {"fit.low_weight": weight}
        )
        for weight in page.low_weights
    },
    page.scheduler,
)

# %% tags=["hide-input"]
import numpy as np

from surrogates.analysis import beyond, claims
from surrogates.book import glue
from surrogates.potentials import potential
from surrogates.training import learned as forces

reported = {
    "GCN of Table 1": pages.run_of("gcn", page.profile, page.seed),
    "GCN of Table 2": pages.value_of(
        "low_energy", "best", page.profile, page.seed
    ),
}
alone = {name: regimes.stored(run, both) for name, run in reported.items()}
curve = {
    run.config.fit.low_weight: regimes.stored(run, both)
    for run in weighted.values()
}
meeting = [weight for weight in curve if regimes.reached(curve[weight])]
best = min(
    weighted.values(), key=lambda run: run.metrics["validation"]["mae"]
)
chosen = best.config.fit.low_weight

# %% [markdown]
"""
## A sum over pairs

The true energy is a sum over pairs of atoms. The second model knows that, and that atoms far apart have no energy; it does
not know the energy of a pair. A small perceptron gives that, the same for all pairs, from the logarithm of the distance and
from Gaussians of it, as SchNet has them {cite:p}`schnet`. It is trained on total energies alone.
"""

# %%
pair = runs.Config(
    both,
    models.Pairs(gaussians=80, reach=16.0),
    training.Fit(
        target="linear-log",
        loss="mean_absolute_error",
        metric="mae",
        batch_size=16,
        learning_rate=0.01,
        decay="cosine",
        epochs=page.pair_epochs,
        seed=page.seed,
    ),
)
summed = runs.fit_or_load(f"{folder}/pairs-seed-{page.seed}", pair)

# %% tags=["hide-input", "remove-output"]
pair_scores = regimes.stored(summed, both)
pair_goals = {"mape": 0.1, "mae": 0.001}
listed = {
    **alone,
    **{
        f"GCN, both sets, weight {weight:g}": scores
        for weight, scores in curve.items()
    },
    "sum over pairs": pair_scores,
}
glue.table("table_scores", regimes.shown(listed))
goals = regimes.goals()
glue.numbers(
    goal_mape=goals["mape"],
    goal_mae=goals["mae"],
    first_mape=alone["GCN of Table 1"]["mape"],
    first_mae=alone["GCN of Table 1"]["mae"],
    second_mape=alone["GCN of Table 2"]["mape"],
    second_mae=alone["GCN of Table 2"]["mae"],
    best_weight=chosen,
    best_mape=curve[chosen]["mape"],
    best_mae=curve[chosen]["mae"],
    best_verdict=regimes.verdict(curve[chosen]),
    meeting=len(meeting),
    n_weights=len(curve),
    pair_goal_mape=pair_goals["mape"],
    pair_goal_mae=pair_goals["mae"],
    pair_verdict=regimes.verdict(pair_scores, pair_goals),
    pair_mape=pair_scores["mape"],
    pair_mae=pair_scores["mae"],
    pair_weights=summed.n_weights,
    gcn_weights=next(iter(weighted.values())).n_weights,
)

# %% tags=["hide-input", "remove-output"]
glue.figure("fig_trade", beyond.trade_off(curve, alone, pair_scores, goals))

# %% [markdown]
r"""
:::{glue:figure} fig_trade
:name: fig-one-trade
:alt: Mean absolute percentage error on the full-energy set against mean absolute error on the low-energy set. Left, on logarithmic axes, a curve for the graph networks trained on both sets, single points for the two models of the report's kind and for the sum over pairs, and a shaded corner for both goals; right, the curve alone on linear axes.

Both errors of each model, on test structures. The curve joins the graph networks trained on both sets; right it is drawn from
near, with the weight of the structures with $V<0$ at each point. The shaded corner is where the report's two models would both
be equalled.
:::

::::{table} Both errors on test structures: MAPE of $\log(V+32)$ on the full-energy set in percent, MAE of $V$ on the low-energy set in units of $\varepsilon$.
:name: table-one-scores

```{glue:md} table_scores
:format: myst
```
::::

The model of the report's first table has {glue:text}`first_mape:.1f` % and {glue:text}`first_mae:.2f`, that of the second
{glue:text}`second_mape:.3g` % and {glue:text}`second_mae:.3f`. The goals are the report's own {glue:text}`goal_mape:.1f` %
(of its validation structures; it gives no other) and {glue:text}`goal_mae:.3f`, which two models reached on one scale each.
Of the {glue:text}`n_weights:d` networks trained on both sets, {glue:text}`meeting:d` reach both. The one whose target has
the lowest error on validation structures, of both sets together, has the weight {glue:text}`best_weight:g`. With
{glue:text}`best_mape:.1f` % and {glue:text}`best_mae:.3f` on test structures it {glue:text}`best_verdict:s`.

The sum over pairs has {glue:text}`pair_weights:,d` weights where the graph network has {glue:text}`gcn_weights:,d`. Its
goals are {glue:text}`pair_goal_mape:g` % and {glue:text}`pair_goal_mae:g`; it {glue:text}`pair_verdict:s`, by
{glue:text}`pair_mape:.3f` % and {glue:text}`pair_mae:.5f`.
"""

# %% tags=["hide-input", "remove-output"]
distance = np.geomspace(0.01, 16, 600)
learned = forces.pair_energy(summed, distance)
true = potential.pair_energy(distance)
glue.figure("fig_pair", beyond.pair_function(distance, learned, true))

# %% [markdown]
r"""
:::{glue:figure} fig_pair
:name: fig-one-pair
:alt: Left, the learned and the true energy of a pair around its minimum; right, both at short distances on logarithmic axes.

The pair energy that the network has learned from total energies, over the true one.
:::
"""

# %% [markdown]
"""
## How few labels it takes, and what energies of atoms would be worth

The report has one energy for each structure, and names what others have as the easier problem: an energy for each atom. Here
the same two networks are trained with either kind of label, on the low-energy set. One is the sum over pairs; the other is a
graph network that gives an energy for each atom. However few the structures, each training of a sum over pairs sees about
{glue:text}`examples:,d` examples and each of a graph network {glue:text}`gcn_examples:,d`. Beside them stands a
least-squares fit of a spline to total energies: the truth is of its form, and a linear problem has one solution.
"""

# %%
networks = {
    "sum over pairs": (pair.model, 16, 0.01, page.label_examples),
    "graph network": (
        models.GCN(pooling="atoms"),
        256,
        0.001,
        page.gcn_label_examples,
    ),
}
wanted = {}
for kind, (model, batch_size, rate, examples) in networks.items():
    for labels in training.LABELS:
        for n in page.label_structures:
            sizes = (n, max(100, n // 10), page.sizes[2])
            fit = training.Fit(
                target="linear-log",
                loss="mean_absolute_error",
                metric="mae",
                labels=labels,
                batch_size=min(batch_size, n),
                learning_rate=rate,
                decay="cosine",
                epochs=max(1, examples // n),
                seed=page.seed,
            )
            source = data.Data(
                "low", page.n_atoms, page.box, page.seed, sizes
            )
            name = f"{kind.replace(' ', '-')}-{labels}-{n}"
            wanted[kind, labels, n] = (
                f"{folder}/labels/{name}-seed-{page.seed}",
                runs.Config(source, model, fit),
            )
trained = sweeps.train(dict(wanted.values()), page.scheduler)

# %% tags=["hide-input", "remove-output"]
from surrogates.potentials import splines

low = data.simulate(
    data.Data("low", page.n_atoms, page.box, page.seed, page.sizes)
)
kinds = {"total": "energies of structures", "atoms": "energies of atoms"}
errors = {
    f"{kind}, {kinds[labels]}": {
        n: trained[wanted[kind, labels, n][0]].metrics["test"]["mae"]
        for n in page.label_structures
    }
    for kind in networks
    for labels in training.LABELS
}
errors["spline, energies of structures"] = splines.errors(
    low.train, low.test, page.label_structures
)
median = float(
    np.abs(low.test.energies - np.median(low.train.energies)).mean()
)
few, many = min(page.label_structures), max(page.label_structures)
glue.table("table_labels", beyond.labels_table(errors))
glue.numbers(
    few=few,
    many=many,
    median=median,
    examples=page.label_examples,
    gcn_examples=page.gcn_label_examples,
    pair_few=errors[f"sum over pairs, {kinds['total']}"][few],
    pair_many=errors[f"sum over pairs, {kinds['total']}"][many],
    gcn_few=errors[f"graph network, {kinds['total']}"][few],
    gcn_many=errors[f"graph network, {kinds['total']}"][many],
    gcn_atoms_few=errors[f"graph network, {kinds['atoms']}"][few],
    gcn_atoms_many=errors[f"graph network, {kinds['atoms']}"][many],
    spline_few=errors["spline, energies of structures"][few],
    worth=beyond.worth(
        errors[f"graph network, {kinds['total']}"],
        errors[f"graph network, {kinds['atoms']}"],
    ),
)

# %% tags=["hide-input", "remove-output"]
glue.figure("fig_labels", beyond.by_labels(errors, median))

# %% [markdown]
r"""
:::{glue:figure} fig_labels
:name: fig-one-labels
:alt: Mean absolute error on test structures against the number of training structures, on logarithmic axes, for the sum over pairs and the graph network, each with energies of structures and of atoms as labels, and for the spline; a horizontal line is the median.

Error on test structures of the low-energy set by the number of training structures.
:::

::::{table} The same in numbers: MAE of $V$ in units of $\varepsilon$, by the number of training structures. A prediction above 0 counts as $\log(1+V)$.
:name: table-one-labels

```{glue:md} table_labels
:format: myst
```
::::

With {glue:text}`few:d` structures the sum over pairs has an error of {glue:text}`pair_few:.4f`, the spline
{glue:text}`spline_few:.4f`, and the graph network {glue:text}`gcn_few:.3f`, beside {glue:text}`median:.3f` of the median.
With {glue:text}`many:,d` structures the sum over pairs has {glue:text}`pair_many:.4f` and the graph network
{glue:text}`gcn_many:.3f`. Energies of atoms as labels make that {glue:text}`gcn_atoms_many:.3f`, and with {glue:text}`few:d`
structures {glue:text}`gcn_atoms_few:.3f`. {glue:text}`worth:s`

## Other numbers of atoms

The network of the sum over pairs can be asked for any number of atoms. Below it is, as trained on
{glue:text}`atoms_trained:d` atoms above: for random structures of as many atoms per area, with $V<0$, and for compact ones,
which are nothing like those: the best that a short basin hopping on the true potential finds ({doc}`structure_search`).
"""

# %% tags=["hide-input", "remove-output"]
carried = beyond.other_sizes(summed, page.other_atoms, page.seed)
glue.table("table_other", beyond.other_sizes_table(carried))
glue.numbers(
    atoms_trained=page.n_atoms,
    carried_worst=carried["error per atom"].max(),
    carried_compact=carried["of compact"].abs().max(),
)

# %% [markdown]
r"""
::::{table} The sum over pairs, trained on {glue:text}`atoms_trained:d` atoms, for other numbers of atoms, in units of $\varepsilon$: MAE of $V$ on random structures with $V<0$, the same for each atom, and how far the energy of a compact structure is off.
:name: table-one-other

```{glue:md} table_other
:format: myst
```
::::

For each atom the error is {glue:text}`carried_worst:.5f` at most; the energy of a compact structure is off by
{glue:text}`carried_compact:.3f` at most.

(verdicts-one_surrogate)=

## What the report says, and whether it holds

{doc}`claims` explains the rules and collects the verdicts of all pages. That it is hard to predict high and low energies
with one model is decided in {doc}`error_analysis`, from models that were trained as the report's were; this page shows what
another target and another loss change about it.
"""

# %% tags=["hide-input", "remove-output"]
claims.decide(
    "one_surrogate",
    page.profile,
    page.seed,
    total_over_atoms=beyond.times_harder(
        errors[f"graph network, {kinds['total']}"],
        errors[f"graph network, {kinds['atoms']}"],
    ),
)

# %% [markdown]
r"""
::::{table} The statements of the report that this page decides.
:name: table-one_surrogate-verdicts
:class: statements

```{glue:md} verdicts
:format: myst
```
::::
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
    *weighted.values(), summed, *trained.values(), *reported.values()
)
glue.listing()
