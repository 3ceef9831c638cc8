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

:::{admonition} In short
:class: in-short

On the occupancy grid the network fails, as the report says: {glue:text}`validation` % on validation at the end of its training,
where the report has {glue:text}`report_validation` % and the best constant {glue:text}`best_constant` %. The score swings by tens
of percent from one epoch to the next. The grid itself hides what decides the energy.
:::
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
seeds = 3
few = 10000

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "cnn")

# %% tags=["remove-cell"]
import numpy as np

from surrogates import potentials, training
from surrogates.analysis import cnn, comparison, diagrams, plots, report
from surrogates.analysis.formatting import (
    change_in_words,
    fixed,
    spread,
    whole,
)
from surrogates.book import glue
from surrogates.models import representations
from surrogates.training import metrics, reported

trained = training.fit_or_load_all(reported.of_seeds("cnn", page))
distances = parameters.published("distances", page.profile, page.seed)
nearest = comparison.told_distances(distances)["full energies"]
fewer = {
    network: training.fit_or_load_all(runs)
    for network, runs in reported.cnn_few(page).items()
}

# %% tags=["hide-input", "remove-output"]
beside = report.reported_scores("cnn")
rows = {
    "our network": trained,
    **{
        f"{network}, {whole(page.few)} structures": runs
        for network, runs in fewer.items()
    },
}
last = max(1, page.epochs // 10)
glue.numbers(
    training=spread(report.stored(trained, "train"), 0),
    validation=spread(report.stored(trained, "validation"), 0),
    report_training=fixed(beside["training"]),
    report_validation=fixed(beside["validation"]),
    n_train=whole(page.sizes[0]),
    n_seeds=whole(page.seeds),
    last=whole(last),
    few=whole(page.few),
    **cnn.range_of(fewer),
)
others = comparison.beside_all(trained[0], nearest)
glue.table("table-cnn", cnn.swings_table(rows, last, others))

# %% [markdown]
r"""
::::{table} MAPE of $\log(V+32)$ in percent, of the report's convolutional network and of ours on {glue:text}`n_train` structures over {glue:text}`n_seeds` seeds; below, of three on fewer structures: ours, one with twice as many channels, one that does not halve the grid. “Last {glue:text}`last`” is the mean over the last {glue:text}`last` epochs, with the lowest and the highest.
:name: table-cnn

```{glue:md} table-cnn
:format: myst
```
::::

## What the report did

To be rid of the numbering of the atoms, {cite:t}`chitturi-gui` turn a structure into a picture: 32 × 32 cells, 1 where there
is an atom and 0 elsewhere ({numref}`fig-structure`). A convolutional network reads the picture and predicts $\log(V+32)$.
It is trained for 200 epochs with batches of 64 and a learning rate of 0.0001. The report draws its network in Figure 2. We worked
from the text of the report, without its figures; the network below is our own, and halves the grid after each of three
convolutions.

## What we did

Positions become a picture:

```{from-library} surrogates.models.representations OccupancyGrid.call
```

The network reads the picture:

```{from-library} surrogates.models.networks CNN.core
```
"""

# %%
config = reported.cnn(page)
run = training.fit_or_load(reported.name("cnn", page), config)

# %% tags=["hide-input"]
result = report.assess(run)
glue.numbers(
    weights=whole(result.weights),
    epochs=whole(page.epochs),
    best_constant=fixed(result.best_constant, 1),
    permuted=change_in_words(result.changes["permutation"]),
    translated=change_in_words(result.changes["translation"]),
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

Training of the convolutional network, first seed: {glue:text}`n_train` structures, {glue:text}`epochs` epochs.
:::

In training the network scores {glue:text}`training` %, the report's {glue:text}`report_training` %. How low that score falls
depends on the number of structures, and as much on what the words leave open: with {glue:text}`few` structures, three networks
that fit them score {glue:text}`few_train` % in training and {glue:text}`few_validation` % on validation, with one seed each
({numref}`table-cnn`). The validation score of the last epoch is partly chance. The report's
is one that predictions reach without knowing anything of the structure ({numref}`fig-mlp-nothing`). Ours is lower, but worse
than the {glue:text}`best_constant` % of the best constant, which knows nothing either.
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
their mean.
"""

# %% [markdown]
"""
:::{movable-atoms}
:name: fig-atoms-cnn
:networks: cnn pairs

The trained convolutional network, beside the pair network of the page {doc}`one_surrogate`. Move one of the two orange atoms in
small steps, with Shift and the arrow keys: as long as the filled cells stay, so does the prediction, while the true energy
changes. *Renumber* changes nothing here. *Shift* moves all atoms by the same step: the energy stays, the prediction does not.
:::
"""

# %% [markdown]
r"""
So we draw each validation structure anew, many times, with every atom at a random place in its cell. The mean of $\log(V+32)$ over
these draws is the best prediction in the squared error. The draws also keep the number of atoms in a cell, which the grid does not
show, so the grid itself allows a little less.
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

The most that the occupancy grid tells of $\log(V+32)$, and what our network has learned of it, for the validation structures.
:::

The grid hides {glue:text}`hidden` % of the variance of the targets: even the best prediction has a mean squared error as large
as that. Predicting the mean has 100 %. Our network has {glue:text}`unexplained` % at the end of its training; its lowest value,
after {glue:text}`least_epoch` epochs, was {glue:text}`least_unexplained` %. The best prediction in the MAPE is another
one, a median of the draws weighted with their inverse. It scores {glue:text}`floor` %, the network {glue:text}`validation` %.

## What follows

Renumbering the atoms changes the prediction by {glue:text}`permuted`: the grid does not know their numbers. A shift of
the whole structure inside the box changes it by {glue:text}`translated` on average, beside a mean error of
{glue:text}`error` (first seed; {doc}`comparison` has the means of all), although the true energy stays what it was.

Two things keep the network from the energy. The first is the grid. The closest pair decides the energy of most structures, and
within a cell the grid says nothing about distances. Two atoms at 0.9 σ and two at 0.01 σ, with energies more than twenty powers
of ten apart, can be the same picture. No network can recover what the grid has dropped. The second lies between that bound and
the network ({numref}`fig-cnn-floor`). The report names the missing invariance under rotations and the sparsity of the grid;
{doc}`causes` tries them one at a time.
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
every = [trained, nearest, *fewer.values()]
glue.provenance(*(run for runs in every for run in runs))
glue.listing()
