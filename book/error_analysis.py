# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
r"""
# Error analysis

## What the report did

{cite:t}`chitturi-gui` set the three models side by side (their Table 1) and find the graph network far ahead. They then look
at the same network where energies are low, with its predictions turned back from $\log(V+32)$ to $V$ (their Figure 5), and
find it very poor there. This page repeats both, over several seeds where there are some. It goes on to ask how the errors
depend on the energy and on the closest pair of atoms, why the low end is lost, and whether each model is as invariant as the
report says.
"""

# %% tags=["parameters"]
profile = "quick"
seed = 0
mlp_seeds = {"paper": 1, "quick": 1, "smoke": 1}
cnn_seeds = {"paper": 1, "quick": 1, "smoke": 1}
gcn_seeds = {"paper": 3, "quick": 1, "smoke": 1}

# %% tags=["hide-input"]
from surrogates import parameters

page = parameters.check(
    profile=profile,
    seed=seed,
    mlp_seeds=mlp_seeds,
    cnn_seeds=cnn_seeds,
    gcn_seeds=gcn_seeds,
)

# %% [markdown]
"""
The trained surrogates come from the store, one for each seed from `seed` on; one that is missing is trained by executing its
page. A seed determines the structures as well as the initial weights and the order of training.
"""

# %%
from surrogates import pages

trained = {
    name: [
        pages.run_of(name.lower(), page.profile, page.seed + i)
        for i in range(seeds)
    ]
    for name, seeds in (
        ("MLP", page.mlp_seeds),
        ("CNN", page.cnn_seeds),
        ("GCN", page.gcn_seeds),
    )
}
first = {name: runs[0] for name, runs in trained.items()}

# %% tags=["hide-input"]
from itertools import pairwise

import numpy as np
import pandas as pd

from surrogates import (
    claims,
    comparison,
    datasets,
    figures,
    glue,
    metrics,
    potential,
    symmetry,
)

gcn = first["GCN"]
data, targets = gcn.data, gcn.targets
test = data.test
scores = {
    name: [run.evaluate() for run in runs] for name, runs in trained.items()
}
mape = {
    name: {
        split: np.array([score[split]["mape"] for score in of_seeds])
        for split in datasets.SPLITS
    }
    for name, of_seeds in scores.items()
}
constants = metrics.of_constants(targets["train"], targets)
distance = {
    split: potential.closest_pair(part.positions)
    for split, part in data._asdict().items()
}
closest = {
    split: metrics.errors(
        targets[split],
        datasets.log_energy(potential.pair_energy(distance[split])),
    )["mape"]
    for split in datasets.SPLITS
}
beside = {
    name: {split: np.array([value]) for split, value in values.items()}
    for name, values in (*constants.items(), ("closest pair", closest))
}
glue.table("table_models", comparison.table1(trained, mape | beside))

# %% [markdown]
r"""
## The report's Table 1

::::{table} The report's Table 1 (training / validation) beside ours: MAPE of $\log(V+32)$ in percent, with the standard deviation over seeds where there are several; number of weights; mean time of a training, on a machine that did other work beside. Three rows predict one constant for every structure, taken from the training targets; the best constant is the one with the lowest MAPE there. The last row is the true energy of the two closest atoms alone.
:name: table-models

```{glue:md} table_models
:format: myst
```
::::
"""

# %% tags=["hide-input"]
validation = {
    name: float(values["validation"].mean())
    for name, values in mape.items()
}
training = {
    name: float(values["train"].mean()) for name, values in mape.items()
}
mean_score = constants["mean"]["validation"]
best_score = constants["best constant"]["validation"]
reported = comparison.report_table1()


def seeds_of(name: str) -> str:
    """How many seeds a model's numbers are the mean of."""
    n = len(trained[name])
    return f"{n} seed" if n == 1 else f"{n} seeds"


glue.numbers(
    mean=mean_score,
    best=best_score,
    closest=closest["validation"],
    mlp=validation["MLP"],
    cnn=validation["CNN"],
    gcn=validation["GCN"],
    mlp_train=training["MLP"],
    gcn_test=float(mape["GCN"]["test"].mean()),
    mlp_seeds=seeds_of("MLP"),
    cnn_seeds=seeds_of("CNN"),
    gcn_seeds=seeds_of("GCN"),
    report_mlp=reported.validation["mlp"],
    report_cnn=reported.validation["cnn"],
    report_gcn=reported.validation["gcn"],
    mlp_verdict=comparison.against_constant(validation["MLP"], mean_score),
    cnn_verdict=comparison.against_constant(validation["CNN"], mean_score),
    gcn_verdict=comparison.against_constant(validation["GCN"], best_score),
    report_mlp_verdict=comparison.against_constant(
        reported.validation["mlp"], mean_score
    ),
    report_cnn_verdict=comparison.against_constant(
        reported.validation["cnn"], mean_score
    ),
)
glue.provenance(*(run for runs in trained.values() for run in runs))

# %% [markdown]
r"""
The perceptron's numbers come from {glue:text}`mlp_seeds:s`, the convolutional network's from {glue:text}`cnn_seeds:s`, the
graph network's from {glue:text}`gcn_seeds:s`. A constant is the yardstick that the report lacks. To predict the mean of the
training targets for every structure scores {glue:text}`mean:.0f` % on validation. The report's perceptron, with
{glue:text}`report_mlp:.0f` %, is {glue:text}`report_mlp_verdict:s` than that; its convolutional network, with
{glue:text}`report_cnn:.0f` %, is {glue:text}`report_cnn_verdict:s` than that. Our perceptron has {glue:text}`mlp:.0f` % and is
{glue:text}`mlp_verdict:s` than the mean, our convolutional network has {glue:text}`cnn:.0f` % and is
{glue:text}`cnn_verdict:s`. The constant with the lowest MAPE does much better than the mean, with {glue:text}`best:.0f` %,
because a percentage forgives errors at large targets. The graph network, with {glue:text}`gcn:.1f` %
({glue:text}`report_gcn:.1f` % in the report), is {glue:text}`gcn_verdict:s` than even that; on the test structures, which had
no part in stopping its training, it has {glue:text}`gcn_test:.1f` %. Two scores count as equal here if they differ by less
than a tenth.

The last row tells what decides this target. The true energy of the two closest atoms, and of no others, has
{glue:text}`closest:.1f` % on validation.

## The report's Figure 5: where energies are low
"""

# %% tags=["hide-input"]
low = test.energies < 0
low_true = test.energies[low]
low_predicted = gcn.inverse(gcn.predictions["test"][low])
low_errors = metrics.errors(low_true, low_predicted)
log_errors = metrics.errors(
    targets["test"][low], gcn.predictions["test"][low]
)
median = metrics.constants(data.train.energies[data.train.energies < 0])[
    "median"
]
low_constant = metrics.errors(low_true, np.full_like(low_true, median))[
    "mae"
]
low_verdict = comparison.against_constant(low_errors["mae"], low_constant)
limit = 10.0  # above it, predictions are drawn at the edge
squared = (gcn.predictions["train"] - targets["train"]) ** 2
among = data.train.energies < 0
glue.numbers(
    low_count=int(low.sum()),
    low_above=int((low_predicted > limit).sum()),
    low_mae=low_errors["mae"],
    low_median_error=float(np.median(np.abs(low_predicted - low_true))),
    low_constant=low_constant,
    low_verdict=low_verdict,
    low_log_mape=log_errors["mape"],
    low_log_error=log_errors["mae"],
    low_log_range=float(np.ptp(targets["test"][low])),
    low_log_spread=float(targets["test"][low].std()),
    low_scale=float(np.mean(low_true) + datasets.OFFSET),
    low_expected=float(np.mean(low_true) + datasets.OFFSET)
    * log_errors["mae"],
    low_log_constant=metrics.errors(
        targets["test"][low],
        np.full(low.sum(), np.log(median + datasets.OFFSET)),
    )["mape"],
    low_share=100 * among.mean(),
    low_loss=100 * squared[among].sum() / squared.sum(),
    all_mape=scores["GCN"][0]["test"]["mape"],
)

# %% tags=["hide-input", "remove-output"]
glue.figure(
    "fig_low",
    figures.low_energy_parity(low_true, low_predicted, limit=limit),
)

# %% [markdown]
r"""
:::{glue:figure} fig_low
:name: fig-low
:alt: Predicted against true energy for structures with V below 0, with the diagonal. Predictions above 10 are drawn as triangles at the upper edge.

The report's Figure 5: the graph network, trained on $\log(V+32)$, for the {glue:text}`low_count:,d` test structures with
$V < 0$, back on the linear scale. {glue:text}`low_above:d` of them are predicted above 10 and drawn at the upper edge.
:::

Back on the linear scale the mean absolute error of these structures is {glue:text}`low_mae:.2f`, the median of the errors
{glue:text}`low_median_error:.2f`. The median energy of the training structures with $V<0$, predicted for all of them, has
{glue:text}`low_constant:.2f`: by the mean error the network is {glue:text}`low_verdict:s` than a constant. The report trains models for low energies apart
({doc}`low_energy`).

On the logarithmic scale the same predictions look good. Their MAPE is {glue:text}`low_log_mape:.1f` %, that of the whole
test split {glue:text}`all_mape:.1f` %. But $V+32$ hardly varies among them: the standard deviation of their targets is
{glue:text}`low_log_spread:.3f`, and the median of their own kind, as a constant, would have {glue:text}`low_log_constant:.1f` %.

There are two reasons. The first is the transform. By

$$
\Delta V \approx (V + 32)\, \Delta \log(V+32)
$$ (eq-delta)

a mean error of {glue:text}`low_log_error:.3f` in the logarithm is one of about {glue:text}`low_expected:.2f` in $V$ where $V+32$
is {glue:text}`low_scale:.0f`, as here; where a prediction is far too high, the exponential makes more of it. The second is the
loss. These structures are {glue:text}`low_share:.0f` % of all in training, and {glue:text}`low_loss:.1f` % of the squared error that
is left at its end is theirs: a step that serves them gains that much at the most.

## Error by energy and by distance
"""

# %% tags=["hide-input", "remove-output"]
errors = {
    name: np.abs(run.predictions["test"] - run.targets["test"])
    for name, run in first.items()
}
energy_edges = np.linspace(
    np.floor(targets["test"].min()), np.ceil(targets["test"].max()), 13
)
distance_edges = np.geomspace(0.01, 2.0, 13)
panels = [
    (
        label,
        logarithmic,
        edges,
        {
            name: metrics.by_bin(error, at, edges)
            for name, error in errors.items()
        },
    )
    for label, logarithmic, edges, at in (
        ("true log(V + 32)", False, energy_edges, targets["test"]),
        (
            "distance of the closest pair / σ",
            True,
            distance_edges,
            distance["test"],
        ),
    )
]
glue.figure(
    "fig_bins",
    figures.error_by_bin(panels, "mean absolute error of log(V + 32)"),
)

# %% [markdown]
r"""
:::{glue:figure} fig_bins
:name: fig-bins
:alt: Mean absolute error on a logarithmic axis, a line for each of the three networks, on the left by the true target, on the right by the distance of the closest pair of atoms.

Error on the test split by energy and by the distance of the closest pair, in bins. A prediction that is nearly constant has
its lowest error where the targets happen to equal it, and errs in proportion to the distance from there.
:::
"""

# %% tags=["hide-input"]
edges = [-32, -3, -1, 0, 10, 1e3, 1e6, 1e12, np.inf]
bounds = ["−32", "−3", "−1", "0", "10", "10³", "10⁶", "10¹²", "∞"]
inverse = gcn.inverse(gcn.predictions["test"])
rows = []
for i in range(len(edges) - 1):
    inside = (test.energies >= edges[i]) & (test.energies < edges[i + 1])
    if not inside.any():
        continue
    log_error = errors["GCN"][inside]
    by_model = [
        100 * np.mean(errors[name][inside] / targets["test"][inside])
        for name in first
    ]
    relative = np.abs(inverse - test.energies) / np.abs(test.energies)
    rows.append(
        [
            f"{bounds[i]} to {bounds[i + 1]}".replace(" ", "\u00a0"),
            f"{inside.sum():,}",
            f"{np.median(distance['test'][inside]):.2f}",
            *map("{:.1f}".format, by_model),
            f"{np.median(log_error):.3f}",
            f"{100 * np.median(relative[inside]):.0f}",
        ]
    )
header = ["V", "Structures", "Closest pair / σ"]
header += [f"{name}, MAPE / %" for name in first]
header += ["GCN, error of the log", "GCN, error of V / %"]
glue.table("table_bins", pd.DataFrame(rows, columns=header))

# %% [markdown]
r"""
::::{table} The test split by energy. MAPE of $\log(V+32)$ for each network; for the graph network also the median error of $\log(V+32)$ and the median error of $V$ in percent of $V$. The third column is the median distance of the closest pair.
:name: table-bins

```{glue:md} table_bins
:format: myst
```
::::

## Invariance

The energy does not change when atoms are renumbered or the structure is moved, turned or mirrored. The report holds that the
perceptron is invariant neither under permutations nor under translations and rotations, the convolutional network under
permutations but not under rotations, and the graph network under all three. It does not speak of reflections. The same test structures go through each operation, and each trained model predicts them again.
"""

# %% tags=["hide-input"]
changes = {
    name: [
        symmetry.changes(
            run.predict, run.data.test.positions, run.config.data.box
        )
        for run in runs
    ]
    for name, runs in trained.items()
}
absolute, relative_change = {}, {}
for name, of_seeds in changes.items():
    maes = [score["test"]["mae"] for score in scores[name]]
    absolute[name] = {
        operation: float(np.mean([one[operation] for one in of_seeds]))
        for operation in symmetry.OPERATIONS
    }
    relative_change[name] = {
        operation: float(
            np.mean(
                [
                    one[operation] / mae
                    for one, mae in zip(of_seeds, maes, strict=True)
                ]
            )
        )
        for operation in symmetry.OPERATIONS
    }
    absolute[name]["mean error"] = float(np.mean(maes))
columns = {}
for operation in symmetry.OPERATIONS:
    columns[operation] = [
        symmetry.shown(absolute[name][operation])
        + f" ({symmetry.shown(relative_change[name][operation])})".replace(
            "< ", "<\u00a0"
        )
        for name in trained
    ]
columns["mean error"] = [
    f"{absolute[name]['mean error']:.3f}" for name in trained
]
glue.table(
    "table_invariance", pd.DataFrame({"Model": list(trained)} | columns)
)
glue.numbers(
    mlp_permuted=symmetry.shown(absolute["MLP"]["permutation"]),
    cnn_permuted=symmetry.shown(absolute["CNN"]["permutation"]),
    cnn_translated=symmetry.shown(absolute["CNN"]["translation"]),
    gcn_largest=symmetry.shown(
        max(absolute["GCN"][name] for name in symmetry.OPERATIONS)
    ),
    gcn_error=absolute["GCN"]["mean error"],
)

# %% tags=["hide-input", "remove-output"]
glue.figure("fig_invariance", figures.invariance(relative_change))

# %% [markdown]
r"""
:::{glue:figure} fig_invariance
:name: fig-invariance
:alt: Bars on a logarithmic axis, a group for each network: the change of its prediction under permutation, translation, rotation and reflection, with a horizontal line where the change is as large as the error.

Mean change of the prediction for the test structures under operations that leave the true energy as it is, as a share of the
model's mean error. Structures stay inside the box; they turn by 90 degrees. A bar at the lower edge is no change at all.
:::

::::{table} The same in numbers: mean absolute change of the predicted $\log(V+32)$, in brackets as a share of the model's mean absolute error, which stands in the last column.
:name: table-invariance

```{glue:md} table_invariance
:format: myst
```
::::

The perceptron's prediction changes by {glue:text}`mlp_permuted:s` when atoms are renumbered. The convolutional network's
does not ({glue:text}`cnn_permuted:s`), but it changes by {glue:text}`cnn_translated:s` when the structure is moved. The
graph network's changes by {glue:text}`gcn_largest:s` under the operation that changes it most. All of these are means over
structures. Its error is {glue:text}`gcn_error:.2f`.

(verdicts-error_analysis)=

## What the report says, and whether it holds

{doc}`claims` explains the rules and collects the verdicts of all pages.
"""


# %% tags=["hide-input"]
def worst_range(run) -> float:
    """Highest MAPE in a range of V that holds 50 validation structures."""
    energies = run.data.validation.energies
    target, predicted = (
        run.targets["validation"],
        run.predictions["validation"],
    )
    inside = [(energies >= a) & (energies < b) for a, b in pairwise(edges)]
    scores = [
        metrics.errors(target[mask], predicted[mask])["mape"]
        for mask in inside
        if mask.sum() >= 50
    ]
    return max(scores, default=np.nan)


def spread_change(name: str, operation: str) -> float:
    """Mean change under an operation over the spread of the predictions."""
    return np.mean(
        [
            change[operation] / run.predictions["test"].std()
            for run, change in zip(
                trained[name], changes[name], strict=True
            )
        ]
    )


def low_mae(run) -> float:
    """Mean absolute error of V for the test structures with V < 0."""
    energies = run.data.test.energies
    below = energies < 0
    predicted = run.inverse(run.predictions["test"][below])
    return metrics.errors(energies[below], predicted)["mae"]


low_maes = np.mean([low_mae(run) for run in trained["GCN"]])
claims.decide(
    "error_analysis",
    page.profile,
    page.seed,
    **{
        f"{name.lower()}_{operation}": spread_change(name, operation)
        for name, operation in (
            ("MLP", "permutation"),
            ("MLP", "translation"),
            ("MLP", "rotation"),
            ("CNN", "permutation"),
            ("CNN", "translation"),
            ("CNN", "rotation"),
            ("GCN", "permutation"),
            ("GCN", "translation"),
            ("GCN", "rotation"),
        )
    },
    **{f"{name.lower()}_training": training[name] for name in trained},
    **{f"{name.lower()}_validation": validation[name] for name in trained},
    **{
        f"{name.lower()}_gap": validation[name] / training[name]
        for name in trained
    },
    mlp_poor=validation["MLP"] / mean_score,
    cnn_poor=validation["CNN"] / mean_score,
    gcn_best=validation["GCN"] / min(validation["MLP"], validation["CNN"]),
    gcn_worst=np.mean([worst_range(run) for run in trained["GCN"]]),
    architecture=max(validation.values()) / min(validation.values()),
    differentiable=sum(
        comparison.has_gradient(run, test.positions[:100])
        for run in first.values()
    ),
    low_energy=low_maes / low_constant,
    both=low_maes / comparison.report_table2().test[1],
)

# %% [markdown]
r"""
::::{table} The statements of the report that this page decides. Scores and changes are means over the seeds; constants and the count of gradients are those of the first.
:name: table-error_analysis-verdicts
:class: statements

```{glue:md} verdicts
:format: myst
```
::::

## What follows

The report puts the failure of two models down to missing invariance, and that of the convolutional network also to the
sparsity of its grid. Which invariances are missing stands above. But the target follows almost wholly from the distance of the
closest pair ({numref}`table-models`), which suggests another reason: the grid does not hold that distance, the perceptron would
have to find it among all pairs of places in its list, and the graph network is given it outright.
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
