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

:::{admonition} In short
:class: in-short

The report's perceptron learns its training structures by heart and nothing else: {glue:text}`report_training` % in training,
{glue:text}`report_validation` % on validation. Ours has {glue:text}`training` % and {glue:text}`validation` %, if it is shown
{glue:text}`n_train` structures *without* their permutations. With them, as the report's text has it, a network of this size
cannot learn its examples by heart.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
hidden = [512, 256, 128, 64, 32, 32, 32, 16]
permutations = 0
scale_inputs = False
batch_size = 512
learning_rate = 0.001
epochs = 500
seeds = 3
orders = 20

# %% tags=["hide-input"]
from surrogates import checks
from surrogates.book import parameters

page = parameters.of(globals(), "mlp", permutations=checks.not_negative)

# %% tags=["remove-cell"]
from surrogates import training
from surrogates.analysis import claims, comparison, mlp, plots, report
from surrogates.analysis.formatting import (
    change_in_words,
    fixed,
    spread,
    whole,
)
from surrogates.book import glue
from surrogates.training import reported

readings = {
    reading: training.fit_or_load_all(runs)
    for reading, runs in reported.mlp_readings(page).items()
}
chosen, *_, literal = readings.values()
distances = parameters.published("distances", page.profile, page.seed)
nearest = comparison.told_distances(distances)["full energies"]

# %% tags=["hide-input", "remove-output"]
beside = report.reported_scores("mlp")
glue.numbers(
    report_training=fixed(beside["training"], 1),
    report_validation=fixed(beside["validation"]),
    training=spread(report.stored(chosen, "train")),
    validation=spread(report.stored(chosen, "validation")),
    n_train=whole(page.sizes[0]),
    n_seeds=whole(page.seeds),
)
others = comparison.beside_all(chosen[0], nearest)
glue.table("table-mlp", mlp.readings_table(readings, beside, others))

# %% [markdown]
r"""
::::{table} MAPE of $\log(V+32)$ in percent. Each row is one way to read the report, with its number of training examples; “Bits a weight” is the information that its predictions hold about these examples, divided by its number of weights. Means and standard deviations over seeds.
:name: table-mlp

```{glue:md} table-mlp
:format: myst
```
::::

## What the report did

The first surrogate of {cite:t}`chitturi-gui` is a multilayer perceptron on the coordinates themselves. Renumbering the atoms
gives other coordinates and the same energy. To teach it that, the report adds 19 permutations of each training structure. The
target is $\log(V+32)$, the loss the mean squared error, the score the mean absolute percentage error (MAPE) of the target. The
layers have 512, 256, 128, 64, 32, 32, 32, 16 and 1 units with ReLU. Training takes 500 epochs with batches of 512 and a
learning rate of 0.001. The report names no optimiser; we use Adam. It says nothing of scaling the inputs.

## What we did

The same network is trained on each reading of these sentences ({numref}`table-mlp`). The first reading, coordinates as they are
and no permutations, is the one that comes closest to the report's two numbers; it has {glue:text}`n_seeds` seeds, the others one.
All keep the weights of the last epoch. After the standardisation, where a reading has one, comes the network:

```{from-library} surrogates.models.networks MLP.core
```

It ends in the head that all networks of this book share:

```{from-library} surrogates.models.networks dense_head
```
"""

# %%
config = reported.mlp(page)
run = training.fit_or_load(reported.name("mlp", page), config)

# %% tags=["hide-input", "remove-output"]
result = report.assess(run)
last = run.history["val_mape"].tail(max(1, page.epochs // 5))
glue.numbers(
    weights=whole(result.weights),
    epochs=whole(page.epochs),
    last=whole(len(last)),
    last_lowest=fixed(last.min(), 1),
    last_highest=fixed(last.max(), 1),
)
drawn = plots.history(run.history, "mape", " / %")
glue.figure("fig-mlp-history", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-mlp-history
:name: fig-mlp-history
:alt: Two panels with the training and the validation curve by epoch, on the left the mean squared error, on the right the MAPE.

Training of the first reading, first seed: {glue:text}`weights` weights, {glue:text}`n_train` structures,
{glue:text}`epochs` epochs. Over the last {glue:text}`last` epochs the validation score lies between
{glue:text}`last_lowest` % and {glue:text}`last_highest` %.
:::

## Why not the permutations

The report's text says that 19 permutations of each structure were added. Read to the letter, that makes
{glue:text}`examples` examples. To this network they are all different: it sees the numbering of the atoms. A network learns at
most about two bits a weight by heart {cite:p}`allenzhu2024capacity`. Ours, trained on all of them, holds {glue:text}`literal_bits`
bits a weight, and has {glue:text}`literal_training` % in training. An error as small as that of the first reading would take
{glue:text}`needed_bits` bits a weight. So {glue:text}`report_training` % in training is out of reach for {glue:text}`weights` weights that are
shown a million different examples, however long they are trained.
"""

# %% tags=["hide-input", "remove-output"]
examples = page.sizes[0] * page.orders
needed = mlp.bits(
    examples, run.targets["train"].var(), run.metrics["train"]["mse"]
)
glue.numbers(
    examples=whole(examples),
    literal_bits=fixed(mlp.bits_per_weight(literal[0]), 1),
    literal_training=fixed(literal[0].metrics["train"]["mape"], 1),
    needed_bits=fixed(needed / result.weights),
)

# %% [markdown]
"""
:::{movable-atoms}
:name: fig-atoms-mlp
:networks: mlp pairs

The trained perceptron, beside the pair network of the page {doc}`one_surrogate`, which sees distances alone. *Renumber*: the
structure and its true energy stay, and the perceptron gives another energy. *Shift*, *turn* and *mirror* do the same to it. Press
*renumber* a few times to see how far its answers to one structure lie apart.
:::
"""

# %% [markdown]
r"""
## What a validation score of 78 % says

Nothing about the network. Predict for a structure the target of another one, drawn more or less towards the mean of the training
targets: that knows nothing of the structure, and has a MAPE between {glue:text}`knows_least` % and {glue:text}`knows_most` %
({numref}`fig-mlp-nothing`). At one end is the mean itself, predicted for every structure, with {glue:text}`mean` %. The report's {glue:text}`report_validation` % for the perceptron and
its {glue:text}`report_cnn` % for the convolutional network are both in that range, and so tell no models apart. The best
constant scores {glue:text}`best` %, because a percentage forgives errors at large targets.
"""

# %% tags=["hide-input", "remove-output"]
import numpy as np

from surrogates.training import metrics

constants = metrics.of_constants(run.targets["train"], run.targets)
shares = np.linspace(0, 1, 21)
truth = run.targets["validation"]
curve = mlp.without_knowledge(truth, shares, result.mean)
report_cnn = report.reported_scores("cnn")["validation"]
marked = {
    "report: perceptron": beside["validation"],
    "report: convolutional network": report_cnn,
    "our perceptron": float(np.mean(report.stored(chosen, "validation"))),
}
glue.numbers(
    knows_least=fixed(curve.min(), 1),
    knows_most=fixed(curve.max(), 1),
    mean=fixed(constants["mean"]["validation"], 1),
    best=fixed(constants["best constant"]["validation"], 1),
    report_cnn=fixed(report_cnn),
)
drawn = mlp.without_knowledge_curve(
    truth,
    shares,
    result.mean,
    marked,
    constants["best constant"]["validation"],
)
glue.figure("fig-mlp-nothing", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-mlp-nothing
:name: fig-mlp-nothing
:alt: A rising curve, the MAPE of predictions without knowledge by their spread, with the scores of the report's perceptron and convolutional network and of our perceptron marked on it, and a dotted line far below at the best constant.

MAPE of predictions that know nothing of their structure, by their spread: targets of other validation structures, drawn towards
the mean of the training targets. Each mark is a score, where the curve is as high.
:::
"""

# %% tags=["hide-input", "remove-output"]
drawn = plots.parity(result.panels, "log(V + 32)", constant=result.mean)
glue.figure("fig-mlp-parity", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-mlp-parity
:name: fig-mlp-parity
:alt: Two scatter plots on equal axes, training on the left and validation on the right: predicted against true log(V + 32), with the diagonal and a horizontal line at the mean of the training targets.

Predicted against true targets. Training structures follow the diagonal, validation structures do not.
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
glue.numbers(
    permuted=change_in_words(result.changes["permutation"]),
    error=fixed(result.error, 2),
)

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

Renumbering the atoms of a test structure changes the prediction by {glue:text}`permuted` on average, beside a mean error of
{glue:text}`error` (first seed; {doc}`comparison` has the means of all): the network knows the list, not the structure.
The page {doc}`causes` tries whether it does better when it is invariant, or when it is told distances. The next
representation gives up the list ({doc}`cnn`); the one after that starts from the distances ({doc}`gcn`).
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
every = [nearest, *readings.values()]
glue.provenance(*(run for runs in every for run in runs))
glue.listing()
