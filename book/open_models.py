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
from surrogates.analysis import open_models
from surrogates.analysis.formatting import whole
from surrogates.book import glue

# Built before anything is trained: what cannot be meant is refused here.
cnn, cnn_epochs = models.CNN(cells=page.cells), page.cnn_epochs
wide = models.CNN(page.cells, filters=(32, 64), kernel=5, hidden=(128,))
deep = models.CNN(page.cells, (16, 32, 64, 64, 128), hidden=(64, 32))

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
    sizes = (structures, structures // 5, structures // 5)
    config = training.Config(
        data.Data("full", page.n_atoms, page.box, page.seed, sizes),
        model,
        training.Fit(target="log", metric="mape", seed=seed, **fit),
    )
    name = f"open_choices/{page.profile}/{label}-seed-{seed}"
    return training.fit_or_load(name, config)


def graph_network(label: str, seed: int = page.seed, **changed):
    return trained(
        label,
        models.GCN(**{"n_layers": 2, "n_nodes": 32} | changed),
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

# %% tags=["hide-input", "remove-output"]
graph_scores = open_models.evaluated(graph_networks)
graph_constants = open_models.constant_scores(graph_networks)
glue.numbers(
    gcn_train=whole(page.gcn_structures),
    gcn_epochs=whole(page.gcn_epochs),
    **open_models.graph_numbers(graph_scores, repeated=3),
)
drawn = open_models.training_and_validation(
    graph_scores, graph_constants, ["best constant"]
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
glue.numbers(
    n_train=whole(page.structures),
    **open_models.perceptron_numbers(perceptron_scores, constants),
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
def convolutional(
    label: str, model, epochs: int = cnn_epochs, learning_rate=0.0001
):
    return trained(
        label,
        model,
        page.structures,
        batch_size=64,
        learning_rate=learning_rate,
        epochs=epochs,
    )


convolutionals = {
    "ours: 16, 32, 64 channels": convolutional("cnn", cnn),
    "ours, five times the epochs": convolutional(
        "cnn-long", cnn, 5 * cnn_epochs
    ),
    "ours, ten times the rate": convolutional(
        "cnn-fast", cnn, learning_rate=0.001
    ),
    "wide: 32, 64 channels, kernel 5": convolutional("cnn-wide", wide),
    "deep: 16, 32, 64, 64, 128 channels": convolutional("cnn-deep", deep),
}

# %% tags=["hide-input", "remove-output"]
cnn_scores = open_models.evaluated(convolutionals)
glue.numbers(**open_models.cnn_numbers(cnn_scores, constants))
drawn = open_models.training_and_validation(
    cnn_scores, constants, ["mean", "best constant"]
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
    open_models.evaluated_table(cnn_scores, convolutionals),
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
