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
# Open choices of the models

{doc}`open_choices` lists what the report leaves to its reader. Some of it is about the networks, and what it does takes a
training to see. The trainings of this page are smaller than the report's, with fewer structures or fewer epochs. Where the
text does not say otherwise, the structures and the number of epochs are the same for all variants of a model, so that these
can be compared with each other.
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
cells = 32
structures = 10000
gcn_structures = 50000
gcn_epochs = 20
cnn_epochs = 40
mlp_epochs = 20

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "open_models")

# %% tags=["hide-input"]
from surrogates import data, models, training
from surrogates.analysis import open_models, report
from surrogates.analysis.formatting import fixed, whole
from surrogates.book import glue
from surrogates.training import runs

reported = report.table1()

# Built before anything is trained: what cannot be meant is refused here.
ours = models.CNN(cells=page.cells)
convolutional_variants = {
    "ours: 16, 32, 64 channels": ("cnn", ours, {}),
    "ours, five times the epochs": (
        "cnn-long",
        ours,
        {"epochs": 5 * page.cnn_epochs},
    ),
    "ours, ten times the rate": (
        "cnn-fast",
        ours,
        {"learning_rate": 0.001},
    ),
    "wide: 32, 64 channels, kernel 5": (
        "cnn-wide",
        models.CNN(page.cells, filters=(32, 64), kernel=5, hidden=(128,)),
        {},
    ),
    "deep: 16, 32, 64, 64, 128 channels": (
        "cnn-deep",
        models.CNN(page.cells, (16, 32, 64, 64, 128), hidden=(64, 32)),
        {},
    ),
}

# %% [markdown]
r"""
(choice-graph)=

## Cutoff, pooling and scaling of the graph network

The base of the comparison has two graph convolutions of 32 units, {glue:text}`gcn_train` structures and
{glue:text}`gcn_epochs` epochs, of which it keeps the best; the rest is as on the page {doc}`gcn`. Each variant differs
from it in one thing. Two differ in nothing but the initial weights and the order of training, and tell what chance alone
does.
"""


# %%
def trained(label: str, model, structures: int, seed=page.seed, **fit):
    """The run of a variant, loaded or trained."""
    name = f"open_choices/{page.profile}/{label}-seed-{seed}"
    sizes = (structures, structures // 5, structures // 5)
    source = data.Data("full", page.n_atoms, page.box, page.seed, sizes)
    settings = training.Fit(target="log", metric="mape", seed=seed, **fit)
    return runs.fit_or_load(name, runs.Config(source, model, settings))


def graph_network(label: str, seed: int = page.seed, **changed):
    model = models.GCN(**{"n_layers": 2, "n_nodes": 32} | changed)
    return trained(
        label,
        model,
        page.gcn_structures,
        seed,
        batch_size=256,
        learning_rate=0.001,
        epochs=page.gcn_epochs,
        patience=page.gcn_epochs,
    )


graph_networks = {
    "base: cutoff 2, SortPooling, scaled": graph_network("gcn"),
    "other initial weights": graph_network("gcn", page.seed + 1),
    "others again": graph_network("gcn", page.seed + 2),
    "cutoff 1.5": graph_network("gcn-cutoff-1.5", cutoff=1.5),
    "cutoff 3": graph_network("gcn-cutoff-3", cutoff=3.0),
    "cutoff 5": graph_network("gcn-cutoff-5", cutoff=5.0),
    "mean pooling": graph_network("gcn-mean", pooling="mean"),
    "sum pooling": graph_network("gcn-sum", pooling="sum"),
    "unscaled": graph_network("gcn-unscaled", scale_inputs=False),
}

# %% tags=["hide-input"]
base, *again = list(graph_networks)[:3]
graph_scores = open_models.evaluated(graph_networks)
graph_best = open_models.constant_scores(graph_networks)["best constant"]
chance = [graph_scores[label][1] for label in (base, *again)]
readings = {
    label: score[1]
    for label, score in graph_scores.items()
    if label not in (base, *again)
}
lowest, highest = (
    choose(readings, key=readings.get) for choose in (min, max)
)
outside = [
    score < min(chance) or score > max(chance)
    for score in readings.values()
]
glue.numbers(
    gcn_train=whole(page.gcn_structures),
    gcn_epochs=whole(page.gcn_epochs),
    chance_least=fixed(min(chance), 1),
    chance_most=fixed(max(chance), 1),
    others=whole(len(readings)),
    beyond=whole(sum(outside)),
    lowest_label=lowest,
    lowest_score=fixed(readings[lowest], 1),
    highest_label=highest,
    highest_score=fixed(readings[highest], 1),
)

# %% tags=["hide-input", "remove-output"]
drawn = open_models.training_and_validation(
    graph_scores,
    base,
    "MAPE of log(V + 32) / %",
    {"best constant": graph_best},
)
glue.figure("fig-choices-graph", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-choices-graph
:name: fig-choices-graph
:alt: For each variant of the graph network a pair of markers, its MAPE in training and on validation, with a dotted line at the validation score of the base and a line at that of the best constant.

The graph network with other readings of what the report leaves open.
:::
"""

# %% tags=["hide-input", "remove-output"]
glue.table(
    "table-choices-graph",
    open_models.evaluated_table(graph_scores, graph_networks),
)

# %% [markdown]
r"""
::::{table} The same in numbers: MAPE of $\log(V+32)$ in percent.
:name: table-choices-graph

```{glue:md} table-choices-graph
:format: myst
```
::::

On validation the base and its two repetitions lie between {glue:text}`chance_least` % and
{glue:text}`chance_most` %. Of the {glue:text}`others` other readings, {glue:text}`beyond` lie outside of that
range; the lowest is “{glue:text}`lowest_label`” with {glue:text}`lowest_score` %, the highest
“{glue:text}`highest_label`” with {glue:text}`highest_score` %. Three trainings do not measure chance well, and what
lies just outside of them may be chance as well.

(choice-scaling)=

## Scaling and permutations of the perceptron's inputs

The report's perceptron has a far lower error in training than on validation. How far a network of this size can learn its
examples by heart depends on their number, and the permutations make twenty of each structure. So a third variant stands
here: without permutations, with twenty times the epochs, which makes about as many steps. All three have
{glue:text}`n_train` structures.
"""


# %%
def perceptron(label: str, epochs: int = page.mlp_epochs, **changed):
    return trained(
        label,
        models.MLP(**changed),
        page.structures,
        batch_size=512,
        learning_rate=0.001,
        epochs=epochs,
    )


perceptrons = {
    "base: standardised, 19 permutations": perceptron("mlp"),
    "coordinates as they are": perceptron(
        "mlp-unscaled", scale_inputs=False
    ),
    "no permutations": perceptron(
        "mlp-unpermuted", epochs=20 * page.mlp_epochs, permutations=0
    ),
}

# %% tags=["hide-input", "remove-output"]
perceptron_scores = open_models.evaluated(perceptrons)
constants = open_models.constant_scores(perceptrons)
scaled, unscaled, unpermuted = (
    report.against_constant(score, constants["mean"])
    for _, score in perceptron_scores.values()
)
by_heart, _ = perceptron_scores["no permutations"]
glue.numbers(
    n_train=whole(page.structures),
    mean=fixed(constants["mean"]),
    mlp_scaled=scaled,
    mlp_unscaled=unscaled,
    mlp_unpermuted=unpermuted,
    by_heart=fixed(by_heart, 1),
    report_mlp_training=fixed(reported.training["mlp"], 1),
)
glue.table(
    "table-choices-mlp",
    open_models.evaluated_table(perceptron_scores, perceptrons),
)

# %% [markdown]
r"""
::::{table} The perceptron: MAPE of $\log(V+32)$ in percent.
:name: table-choices-mlp

```{glue:md} table-choices-mlp
:format: myst
```
::::

The mean of the training targets has {glue:text}`mean` % on validation. With standardised coordinates the perceptron is
{glue:text}`mlp_scaled` than that, with the coordinates as they are it is {glue:text}`mlp_unscaled`, and without
permutations it is {glue:text}`mlp_unpermuted`. In training, however, the perceptron without permutations comes to
{glue:text}`by_heart` %; the report states {glue:text}`report_mlp_training` %.

(choice-cnn)=

## The lost convolutional network

Only a drawing said which network the report's was, and the drawing is lost. Two other networks of usual form stand beside
ours: one with fewer and wider convolutions and larger kernels, one that is deeper and ends in a grid of a single cell. Two
more trainings of ours go on for longer and learn faster, to see how the low error that the report has in training may come
about. All have {glue:text}`n_train` structures.
"""


# %%
def convolutional(label: str, model, **changed):
    return trained(
        label,
        model,
        page.structures,
        **{
            "batch_size": 64,
            "learning_rate": 0.0001,
            "epochs": page.cnn_epochs,
        }
        | changed,
    )


convolutionals = {
    label: convolutional(name, model, **changed)
    for label, (name, model, changed) in convolutional_variants.items()
}

# %% tags=["hide-input"]
scores = open_models.evaluated(convolutionals)
least, most = (
    choose(score for _, score in scores.values()) for choose in (min, max)
)
learner = min(
    scores,
    key=lambda label: abs(scores[label][0] - reported.training["cnn"]),
)
glue.numbers(
    report_cnn=fixed(reported.validation["cnn"]),
    cnn_least=fixed(least),
    cnn_most=fixed(most),
    cnn_verdict=report.against_constant(least, constants["mean"]),
    best_constant=fixed(constants["best constant"]),
    report_cnn_training=fixed(reported.training["cnn"]),
    cnn_learner=learner.split(":")[0],
    cnn_training=fixed(scores[learner][0]),
    cnn_learner_validation=fixed(scores[learner][1]),
)

# %% tags=["hide-input", "remove-output"]
drawn = open_models.training_and_validation(
    scores,
    next(iter(scores)),
    "MAPE of log(V + 32) / %",
    {name: constants[name] for name in ("mean", "best constant")},
)
glue.figure("fig-choices-cnn", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-choices-cnn
:name: fig-choices-cnn
:alt: For each training of a convolutional network a pair of markers, its MAPE in training and on validation, with lines at the scores of the mean and of the best constant.

Convolutional networks on the occupancy grid.
:::
"""

# %% tags=["hide-input", "remove-output"]
glue.table(
    "table-choices-cnn",
    open_models.evaluated_table(scores, convolutionals),
)

# %% [markdown]
r"""
::::{table} The same in numbers: MAPE of $\log(V+32)$ in percent.
:name: table-choices-cnn

```{glue:md} table-choices-cnn
:format: myst
```
::::

On validation they lie between {glue:text}`cnn_least` % and {glue:text}`cnn_most` %. The best of them is
{glue:text}`cnn_verdict` than the mean of the training targets, with {glue:text}`mean` %; the best constant has
{glue:text}`best_constant` %. The report states {glue:text}`report_cnn_training` % in
training and {glue:text}`report_cnn` % on validation. Nearest to that in training comes “{glue:text}`cnn_learner`”, with
{glue:text}`cnn_training` % and {glue:text}`cnn_learner_validation` %. What no network on the grid can know is computed
on the page {doc}`cnn`.
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
    *graph_networks.values(),
    *perceptrons.values(),
    *convolutionals.values(),
)
glue.listing()
