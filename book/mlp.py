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
# Multilayer perceptron

## What the report did

The first surrogate of {cite:t}`chitturi-gui` is a multilayer perceptron on the coordinates themselves. Renumbering the atoms
gives other coordinates and the same energy. To teach it that, each training structure is shown with 19 further
permutations of its atoms. The target is $\log(V+32)$, the loss the mean squared error, the score the mean absolute
percentage error (MAPE) of the target. The layers have 512, 256, 128, 64, 32, 32, 32, 16 and 1 units with ReLU. Training
takes 500 epochs with batches of 512 and a learning rate of 0.001. The report names no optimiser; we use Adam. It
says nothing of scaling the inputs; we standardise each coordinate over the training split.
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
hidden = [512, 256, 128, 64, 32, 32, 32, 16]
permutations = 19
batch_size = 512
learning_rate = 0.001
epochs = 500

# %% tags=["hide-input"]
from surrogates import checks
from surrogates.book import parameters

page = parameters.of(globals(), "mlp", permutations=checks.not_negative)

# %% [markdown]
"""
## Training

The run is loaded if the store has it, with just this configuration, and trained otherwise.
"""

# %%
from surrogates import training
from surrogates.training import reported

config = reported.mlp(page)
run = training.fit_or_load(reported.name("mlp", page), config)

# %% tags=["hide-input"]
from surrogates.analysis import claims, plots, report
from surrogates.analysis.formatting import change, fixed, whole
from surrogates.book import glue

result = report.comparison(run, "mlp")
ratio = result.training / result.report_training
glue.numbers(
    weights=whole(result.weights),
    n_train=whole(result.n_train),
    examples=whole(result.n_train * (1 + page.permutations)),
    epochs=whole(page.epochs),
    constant=fixed(result.constant),
    validation=fixed(result.validation),
    verdict=result.verdict,
    report_validation=fixed(result.report_validation),
    gap=result.gap,
    report_train=fixed(result.report_training, 1),
    train=fixed(result.training),
    ratio_train=fixed(ratio),
    permuted=change(result.changes["permutation"]),
    error=fixed(result.error, 2),
    permutations=whole(page.permutations),
    n_atoms=whole(page.n_atoms),
)

# %% tags=["hide-input", "remove-output"]
drawn = plots.history(run.history, "mape", " / %")
glue.figure("fig-mlp-history", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-mlp-history
:name: fig-mlp-history
:alt: Two panels with the training and the validation curve by epoch, on the left the mean squared error, on the right the MAPE.

Training of the multilayer perceptron: {glue:text}`weights` weights, {glue:text}`n_train` structures, with their
permutations {glue:text}`examples` examples, {glue:text}`epochs` epochs.
:::

## Beside the report
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-mlp", result.table)

# %% [markdown]
r"""
::::{table} MAPE of $\log(V+32)$ in percent, for the report's perceptron and for ours.
:name: table-mlp

```{glue:md} table-mlp
:format: myst
```
::::

Predicting the mean of the training targets for every structure scores {glue:text}`constant` % on validation. The
perceptron, at {glue:text}`validation` %, is {glue:text}`verdict` than that constant; the report's stood at
{glue:text}`report_validation` %. Between training and validation there is {glue:text}`gap`. The report's network,
with {glue:text}`report_train` % against {glue:text}`report_validation` %, had learned its examples by heart. Ours has
{glue:text}`train` % in training, {glue:text}`ratio_train` times as much. How far a network of this size learns
its examples by heart, with the permutations and without, {ref}`choice-scaling` shows.
"""

# %% tags=["hide-input", "remove-output"]
drawn = plots.parity(result.panels, "log(V + 32)", constant=result.mean)
glue.figure("fig-mlp-parity", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-mlp-parity
:name: fig-mlp-parity
:alt: Two scatter plots on equal axes, training on the left and validation on the right: predicted against true log(V + 32), with the diagonal and a horizontal line at the mean of the training targets.

Predicted against true targets. A useful model would follow the diagonal on validation structures as well; a constant is
horizontal.
:::

(verdicts-mlp)=

## What the report says, and whether it holds

{doc}`claims` explains the rules and collects the verdicts of all pages.
"""

# %% tags=["hide-input", "remove-output"]
found = claims.decide(
    "mlp", page.profile, page.seed, mlp_weights=result.weights
)
glue.record(claims.RECORD, found.record)
glue.table("table-mlp-verdicts", found.table, text=True)

# %% [markdown]
r"""
::::{table} The statements of the report that this page decides.
:name: table-mlp-verdicts
:class: statements

```{glue:md} table-mlp-verdicts
:format: myst
```
::::

## What follows

The true energy does not change when atoms are renumbered. The perceptron's prediction for test structures changes by
{glue:text}`permuted` on average in $\log(V+32)$, beside a mean error of {glue:text}`error`: with
{glue:text}`permutations` of {glue:text}`n_atoms`! permutations it has seen next to none. The energy depends on the few
closest pairs of atoms, and to find these in a list of coordinates it would have to learn the distance of every pair of
places in the list. The next representation gives up the list ({doc}`cnn`); the one after that starts from the distances
({doc}`gcn`).
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
glue.provenance(run)
glue.listing()
