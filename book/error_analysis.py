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
find it very poor there. This page repeats both and goes on to ask how the errors depend on the energy, and whether each
model is as invariant as the report says.
"""

# %% tags=["parameters"]
profile = "quick"
seed = 0

# %% tags=["hide-input"]
from surrogates import parameters

page = parameters.check(profile=profile, seed=seed)

# %% [markdown]
"""
The three trained surrogates come from the store; one that is missing is trained by executing its page.
"""

# %%
from surrogates import pages

mlp, cnn, gcn = (
    pages.run_of(name, page.profile, page.seed)
    for name in ("mlp", "cnn", "gcn")
)

# %% tags=["hide-input"]
import numpy as np
import pandas as pd

from surrogates import (
    comparison,
    datasets,
    figures,
    glue,
    metrics,
    models,
    potential,
    representations,
    symmetry,
)

trained = {"MLP": mlp, "CNN": cnn, "GCN": gcn}
scores = {name: run.evaluate() for name, run in trained.items()}
data = gcn.data
targets = {
    split: gcn.target(part.energies)
    for split, part in data._asdict().items()
}
reported = comparison.report_table1()
labels = {
    "MLP": "MLP (with permutations)",
    "CNN": "2D CNN (with discretization)",
    "GCN": "GCN",
}
rows = []
for name, run in trained.items():
    given = reported.loc[name.lower(), ["training", "validation"]]
    ours = [scores[name][split]["mape"] for split in datasets.SPLITS]
    weights = f"{models.count_weights(run.surrogate):,}"
    rows.append(
        [
            name,
            *map("{:g}".format, given),
            *map("{:.1f}".format, ours),
            weights,
        ]
    )
constants = metrics.constants(targets["train"])
constant_scores = {}
for name, value in constants.items():
    constant_scores[name] = {
        split: metrics.errors(target, np.full_like(target, value))["mape"]
        for split, target in targets.items()
    }
    ours = constant_scores[name].values()
    rows.append([name, "–", "–", *map("{:.1f}".format, ours), "1"])
header = [
    "Model",
    "Report, training",
    "Report, validation",
    "Training",
    "Validation",
    "Test",
    "Weights",
]
energies_of_closest = {}
for split, part in data._asdict().items():
    distances = representations.pair_distances(part.positions)
    distances = np.where(
        np.eye(part.positions.shape[1]), np.inf, distances
    ).min(axis=(1, 2))
    energies_of_closest[split] = datasets.log_energy(
        potential.pair_energy(distances)
    )
closest = {
    split: metrics.errors(targets[split], energies_of_closest[split])[
        "mape"
    ]
    for split in targets
}
rows.append(
    ["closest pair", "–", "–", *map("{:.1f}".format, closest.values()), "0"]
)
glue.table("table_models", pd.DataFrame(rows, columns=header))

# %% [markdown]
r"""
## The report's Table 1

::::{table} The report's Table 1 beside ours: MAPE of $\log(V+32)$ in percent. Three rows predict one constant for every structure, taken from the training targets; the best constant is the one with the lowest MAPE there. The last row is the true energy of the two closest atoms alone.
:name: table-models

```{glue:md} table_models
:format: myst
```
::::
"""

# %% tags=["hide-input"]
predicted = {
    name: run.predict(data.test.positions) for name, run in trained.items()
}
change = {
    name: symmetry.changes(
        run.predict, data.test.positions, run.config.data.box
    )
    for name, run in trained.items()
}
error = {name: scores[name]["test"]["mae"] for name in trained}

low = data.test.energies < 0
low_true = data.test.energies[low]
low_predicted = gcn.inverse(predicted["GCN"][low])
low_errors = metrics.errors(low_true, low_predicted)
median = metrics.constants(data.train.energies[data.train.energies < 0])[
    "median"
]
low_constant = metrics.errors(low_true, np.full_like(low_true, median))[
    "mae"
]
log_errors = metrics.errors(targets["test"][low], predicted["GCN"][low])


def against_mean(score: float) -> str:
    """How a validation MAPE compares with that of the mean of the training targets."""
    return comparison.against_constant(
        score, constant_scores["mean"]["validation"]
    )


low_verdict = comparison.against_constant(low_errors["mae"], low_constant)
limit = 10.0  # above it, predictions are drawn at the edge
glue.numbers(
    mean=constant_scores["mean"]["validation"],
    best=constant_scores["best constant"]["validation"],
    mlp=scores["MLP"]["validation"]["mape"],
    cnn=scores["CNN"]["validation"]["mape"],
    gcn=scores["GCN"]["validation"]["mape"],
    report_mlp=reported.validation["mlp"],
    report_cnn=reported.validation["cnn"],
    report_gcn=reported.validation["gcn"],
    mlp_verdict=against_mean(scores["MLP"]["validation"]["mape"]),
    cnn_verdict=against_mean(scores["CNN"]["validation"]["mape"]),
    gcn_verdict=comparison.against_constant(
        scores["GCN"]["validation"]["mape"],
        constant_scores["best constant"]["validation"],
    ),
    low_count=int(low.sum()),
    low_mae=low_errors["mae"],
    low_median_error=float(np.median(np.abs(low_predicted - low_true))),
    low_constant=low_constant,
    low_log_mape=log_errors["mape"],
    low_verdict=low_verdict,
    finding="does not show here" if low_verdict == "better" else "stands",
    low_above=int((low_predicted > limit).sum()),
    low_log_constant=metrics.errors(
        targets["test"][low],
        np.full(low.sum(), np.log(median + datasets.OFFSET)),
    )["mape"],
    report_mlp_verdict=against_mean(reported.validation["mlp"]),
    report_cnn_verdict=against_mean(reported.validation["cnn"]),
    all_mape=scores["GCN"]["test"]["mape"],
    mlp_permuted=symmetry.shown(change["MLP"]["permutation"]),
    cnn_permuted=symmetry.shown(change["CNN"]["permutation"]),
    cnn_translated=symmetry.shown(change["CNN"]["translation"]),
    gcn_largest=symmetry.shown(max(change["GCN"].values())),
    closest=closest["validation"],
    gcn_error=error["GCN"],
)
glue.provenance(*trained.values())

# %% [markdown]
r"""
A constant is the yardstick that the report lacks. To predict the mean of the training targets for every structure scores
{glue:text}`mean:.0f` % on validation. The report's perceptron, with {glue:text}`report_mlp:.0f` %, is
{glue:text}`report_mlp_verdict:s` than that; its convolutional network, with {glue:text}`report_cnn:.0f` %, is
{glue:text}`report_cnn_verdict:s` than that. Our perceptron has {glue:text}`mlp:.0f` % and is {glue:text}`mlp_verdict:s` than the mean,
our convolutional network has {glue:text}`cnn:.0f` % and is {glue:text}`cnn_verdict:s`. The constant with the lowest MAPE does
much better than the mean, with {glue:text}`best:.0f` %, because a percentage forgives errors at large targets. The graph
network, with {glue:text}`gcn:.1f` % ({glue:text}`report_gcn:.1f` % in the report), is {glue:text}`gcn_verdict:s` than even that.
Two scores count as equal here if they differ by less than a tenth.

The last row tells what decides this target. The true energy of the two closest atoms, and of no others, has
{glue:text}`closest:.1f` % on validation.

## The report's Figure 5: where energies are low
"""

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

The report's Figure 5: the graph network, trained on $\log(V+32)$, for the {glue:text}`low_count:d` test structures with
$V < 0$, back on the linear scale. {glue:text}`low_above:d` of them are predicted above 10 and drawn at the upper edge.
:::

On the logarithmic scale the MAPE of these structures is {glue:text}`low_log_mape:.1f` %, that of the whole test split
{glue:text}`all_mape:.1f` %. It looks good only beside the rest: $V+32$ hardly varies among them, and the median of their own
targets in training would have {glue:text}`low_log_constant:.1f` %. A small error of the logarithm is a large one of $V$. Back on the linear scale the mean absolute error is {glue:text}`low_mae:.2f`, and the median
{glue:text}`low_median_error:.2f`. The median energy of the training structures with $V<0$, predicted for all of them, has
{glue:text}`low_constant:.2f`: by the mean error the network is {glue:text}`low_verdict:s` than a constant. The report's finding {glue:text}`finding:s`; it is why the report trains models for low energies apart ({doc}`low_energy`).

## Error by energy
"""

# %% tags=["hide-input", "remove-output"]
edges = np.linspace(
    np.floor(targets["test"].min()), np.ceil(targets["test"].max()), 13
)
series = {
    name: metrics.by_bin(
        np.abs(values - targets["test"]), targets["test"], edges
    )
    for name, values in predicted.items()
}
glue.figure(
    "fig_bins",
    figures.error_by_bin(
        edges,
        series,
        "true log(V + 32)",
        "mean absolute error of log(V + 32)",
    ),
)

# %% [markdown]
r"""
:::{glue:figure} fig_bins
:name: fig-bins
:alt: Mean absolute error by true target on a logarithmic axis, a line for each of the three networks.

Error by energy on the test split. A prediction that is nearly constant has its lowest error where the targets happen to
equal it, and errs in proportion to the distance from there.
:::

## Invariance

The energy does not change when atoms are renumbered or the structure is moved, turned or mirrored. The report holds that the
perceptron lacks all of this, that the convolutional network is invariant under permutations alone, and that the graph network
has all of it.
"""

# %% tags=["hide-input"]
frame = pd.DataFrame(change).T.map(symmetry.shown)
frame.insert(0, "Mean change", list(trained))
frame["mean error"] = [f"{error[name]:.3f}" for name in trained]
glue.table("table_invariance", frame)

# %% tags=["hide-input", "remove-output"]
glue.figure("fig_invariance", figures.invariance(change, error))

# %% [markdown]
r"""
:::{glue:figure} fig_invariance
:name: fig-invariance
:alt: Bars on a logarithmic axis, a group for each network: the change of its prediction under permutation, translation, rotation and reflection, and its error.

Mean change of the prediction for the test structures under operations that leave the true energy as it is, and the mean
error of the model for comparison. Structures stay inside the box; they turn by 90 degrees.
:::

::::{table} The same in numbers: mean absolute change of the predicted $\log(V+32)$, and the model's mean absolute error.
:name: table-invariance

```{glue:md} table_invariance
:format: myst
```
::::

The perceptron's prediction changes by {glue:text}`mlp_permuted:s` when atoms are renumbered. The convolutional network's
does not ({glue:text}`cnn_permuted:s`), but it changes by {glue:text}`cnn_translated:s` when the structure is moved. The
graph network's changes by {glue:text}`gcn_largest:s` at the most, beside an error of {glue:text}`gcn_error:.2f`.

## What follows

The report puts the failure of two models down to missing invariance. The invariances are indeed missing where it says so.
But the target follows almost wholly from the distance of the closest pair ({numref}`table-models`). The grid does not hold
it, the perceptron would have to find it among all pairs of places in its list, and the graph network is given it outright.
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
