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
# Convolutional network

## What the report did

To be rid of the numbering of the atoms, {cite:t}`chitturi-gui` turn a structure into a picture: 32 × 32 cells, 1 where there
is an atom and 0 elsewhere ({numref}`fig-structure`). A convolutional network reads the picture and predicts $\log(V+32)$.
It is trained for 200 epochs with batches of 64 and a learning rate of 0.0001. Which network it was is lost: its drawing, the
report's Figure 2, is the only place that said so. Ours halves the grid after each of three convolutions.
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
cells = 32
filters = [16, 32, 64]
kernel = 3
hidden = [64, 32]
batch_size = 64
learning_rate = 0.0001
epochs = 200

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "cnn")

# %% [markdown]
"""
## Training
"""

# %%
from surrogates import training
from surrogates.training import reported

config = reported.cnn(page)
run = training.fit_or_load(reported.name("cnn", page), config)

# %% tags=["hide-input"]
import numpy as np

from surrogates import potentials
from surrogates.analysis import diagrams, plots, report
from surrogates.analysis.formatting import change, fixed, whole
from surrogates.book import glue
from surrogates.models import representations
from surrogates.training import metrics

result = report.comparison(run, "cnn")
ratio = result.training / result.report_training
last = run.history["val_mape"].tail(max(1, page.epochs // 10))
glue.numbers(
    weights=whole(result.weights),
    n_train=whole(result.n_train),
    epochs=whole(page.epochs),
    constant=fixed(result.constant),
    validation=fixed(result.validation),
    verdict=result.verdict,
    report_validation=fixed(result.report_validation),
    gap=result.gap,
    report_train=fixed(result.report_training),
    last=whole(len(last)),
    last_lowest=fixed(last.min()),
    last_highest=fixed(last.max()),
    train=fixed(result.training),
    ratio_train=fixed(ratio, 1),
    permuted=change(result.changes["permutation"]),
    translated=change(result.changes["translation"]),
    error=fixed(result.error, 2),
)

# %% tags=["hide-input", "remove-output"]
drawn = diagrams.architecture(run.surrogate.get_layer("core"))
glue.figure("fig-cnn", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-cnn
:name: fig-cnn
:alt: A column of boxes from the occupancy grid through three pairs of convolution and maximum, a flattening and three dense layers, down to one energy.

In the place of the report's Figure 2: our convolutional network, drawn from the model itself. Each box names a layer, the
shape of what it gives for one structure, and the number of its weights; {glue:text}`weights` in all.
:::
"""

# %% tags=["hide-input", "remove-output"]
drawn = plots.history(run.history, "mape", " / %")
glue.figure("fig-cnn-history", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-cnn-history
:name: fig-cnn-history
:alt: Two panels with the training and the validation curve by epoch, on the left the mean squared error, on the right the MAPE.

Training of the convolutional network: {glue:text}`n_train` structures, {glue:text}`epochs` epochs.
:::

## Beside the report
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-cnn", result.table)

# %% [markdown]
r"""
::::{table} MAPE of $\log(V+32)$ in percent, for the report's convolutional network and for ours.
:name: table-cnn

```{glue:md} table-cnn
:format: myst
```
::::

The mean of the training targets as a prediction scores {glue:text}`constant` % on validation. The network, at
{glue:text}`validation` %, is {glue:text}`verdict` than that constant; the report's stood at
{glue:text}`report_validation` %. Between training and validation there is {glue:text}`gap`; in the report
{glue:text}`report_train` % stand against {glue:text}`report_validation` %. The score on validation goes up and down
from one epoch to the next; over the last {glue:text}`last` epochs it lay between {glue:text}`last_lowest` % and
{glue:text}`last_highest` %, and that of the last one is what counts here, so that how it stands beside the constant and
beside the report is partly chance. In training ours has {glue:text}`train` %, {glue:text}`ratio_train` times the
report's; {ref}`choice-cnn` compares other networks, rates and numbers of epochs.
"""

# %% tags=["hide-input", "remove-output"]
drawn = plots.parity(result.panels, "log(V + 32)", constant=result.mean)
glue.figure("fig-cnn-parity", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-cnn-parity
:name: fig-cnn-parity
:alt: Two scatter plots on equal axes, training on the left and validation on the right: predicted against true log(V + 32), with the diagonal and a horizontal line at the mean of the training targets.

Predicted against true targets of the convolutional network.
:::

## What a grid cannot tell

Every structure shares its grid with others: move each atom inside its cell, and the picture stays as it is. The energy does
not. A network on the grid gives all of them one prediction, and the squared error, on which it is trained, is smallest for
their mean. Below, each validation structure is drawn anew many times with every atom in its cell. The mean of
$\log(V+32)$ over these draws is the best prediction in the squared error. The draws also keep how many atoms a cell holds,
which the grid does not show, so what the grid allows is a little less than this.
"""

# %%
rng = np.random.default_rng(page.seed)
structures = run.data.validation.positions
redrawn = [
    representations.redrawn(structures, page.box, page.cells, rng)
    for _ in range(64)
]
draws = np.array(
    [run.target(potentials.LennardJones().energy(draw)) for draw in redrawn]
)
limits = metrics.limits(run.targets["validation"], draws)
reached = run.evaluate()["validation"]
variance = run.targets["validation"].var()

# %% tags=["hide-input", "remove-output"]
drawn = plots.parity(
    {
        "best prediction from the grid": (
            run.targets["validation"],
            draws.mean(axis=0),
        ),
        "our network": (
            run.targets["validation"],
            run.predictions["validation"],
        ),
    },
    "log(V + 32)",
    constant=result.mean,
)
loss = run.history["val_loss"]
glue.numbers(
    hidden=fixed(100 * limits["mse"] / variance),
    unexplained=fixed(100 * reached["mse"] / variance),
    least_unexplained=fixed(100 * loss.min() / variance),
    least_epoch=whole(loss.idxmin()),
    floor=fixed(limits["mape"]),
)
glue.figure("fig-cnn-floor", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-cnn-floor
:name: fig-cnn-floor
:alt: Two scatter plots on equal axes for validation structures: on the left what the grid allows to predict, on the right what the network predicts, each against the true log(V + 32), with the diagonal and the mean of the training targets.

What can at most be known of $\log(V+32)$ from the occupancy grid, and what our network has learned of it, for the
validation structures.
:::

The grid hides {glue:text}`hidden` % of the variance of the targets: so large is the mean squared error of the best
prediction. That of our network is {glue:text}`unexplained` % of the variance at the end of its training, and was
{glue:text}`least_unexplained` % at the least, after {glue:text}`least_epoch` epochs; the mean has 100 %. For the MAPE
the best prediction is another one, a median of the draws weighted with their inverse. It has {glue:text}`floor` %, beside
the network's {glue:text}`validation` %.

## What follows

Renumbering the atoms changes the prediction by {glue:text}`permuted`: the grid does not know their numbers. A shift of
the whole structure inside the box changes it by {glue:text}`translated` on average, beside a mean error of
{glue:text}`error`, although the true energy stays what it was.

Two things keep the network from the energy. One is the grid: the energy of most structures is decided by their
closest pair, and within a cell the grid says nothing about distances. Two atoms at 0.9 σ and two at 0.01 σ, with energies more
than twenty powers of ten apart, can be the same picture. No network can recover from a grid what the grid has dropped. The
other is what lies between that bound and the network ({numref}`fig-cnn-floor`). The report names the missing invariance under
rotations and the sparsity of the grid; this page does not separate them.
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
