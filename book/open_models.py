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

{doc}`open_choices` lists what the report leaves to its reader. Some of it is about the graph network, and what it does takes a
training to see. The trainings of this page have fewer epochs than the report's may have had; the structures and the number of
epochs are the same for all variants.
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
gcn_structures = 50000
gcn_epochs = 20

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "open_models")

# %% tags=["hide-input"]
from surrogates import data, models, training
from surrogates.analysis import open_models
from surrogates.analysis.formatting import whole
from surrogates.book import glue

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
)
glue.listing()
