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
# What the report leaves open

A report of some pages cannot state everything that its numbers depend on. Below is each choice that
{cite:t}`chitturi-gui` leave to the reader, what we took it to be, and the evidence, computed on this page. Where the
evidence is a training, it is a smaller one than the report's, with fewer structures or fewer epochs. Where the text does not
say otherwise, the structures and the number of epochs are the same for all variants of a model, so that these can be compared
with each other.

| Open | Our reading | Evidence |
| --- | --- | --- |
| number of atoms, side of the box, edges | 32 atoms, side 32, no periodic images | {ref}`choice-box` |
| how the atoms are placed | each uniformly in the box, independent of the others | none: not varied here |
| base of the logarithm | natural; percentages do not depend on it | none: not varied here |
| size and origin of the low-energy set | as many structures as in the other, drawn anew | none: not varied here |
| whether Equation 1 counts a pair once or twice | once | {ref}`choice-sum` |
| where energies of $10^{50}$, $10^{40}$ and −32 come from | not from such structures | {ref}`choice-range` |
| how it is that no cell holds two atoms | it is not so: cells are shared | {ref}`choice-cells` |
| cutoff of the graph | 2 σ | {ref}`choice-graph`, {doc}`ablations` |
| how atoms' embeddings become one vector | SortPooling over all atoms, as in the network that the report names; a linear channel ranks, ties are broken by the other features | {ref}`choice-graph`, {doc}`gcn`, {doc}`ablations` |
| number and width of the graph convolutions on the full-energy set | two of 128, which is the best of the report's Table 2 | on the low-energy set: {doc}`low_energy` |
| whether an atom counts among its own neighbours | yes, with weight 1, as in StellarGraph | none: not varied here |
| scaling of the inputs, and the perceptron's low training error | each feature standardised on the training split | {ref}`choice-graph`, {ref}`choice-scaling`, {doc}`ablations` |
| the convolutional network, whose drawing is lost | three convolutions, each followed by a halving of the grid | {ref}`choice-cnn` |
| optimiser; batch, rate and epochs of the graph network | Adam; 256, 0.001, 200 at most, fewer where validation stops improving | none: not varied here |
| of what the percentage error is taken | of $\log(V+32)$, as the losses are | {doc}`error_analysis` |
| the loss of the low-energy models | mean squared error, as for the others | none: not varied here |
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
cells = 32
structures = 10000
gcn_structures = 50000
gcn_epochs = 20
cnn_epochs = 40
mlp_epochs = 20

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "open_choices")

# %% tags=["hide-input"]
import numpy as np

from surrogates import data, models, potentials, training
from surrogates.analysis import open_choices, report
from surrogates.analysis.formatting import fixed, significant, whole
from surrogates.book import glue
from surrogates.models import representations
from surrogates.training import runs

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
(choice-box)=

## Atoms and box

Three numbers of the report depend on them. The lowest energy of its structures is about −7. Its two failing models have
{glue:text}`report_mlp` % and {glue:text}`report_cnn` % on validation, which is where a constant prediction would
be. The offset of 32 and the longest radius of 32 hint at the two values themselves.
"""

# %% tags=["hide-input", "remove-output"]
total = sum(page.sizes)
found = open_choices.energies_by_box(
    page.n_atoms, page.box, total, page.seed
)
ours, sparse, wrapped = (
    found[page.n_atoms, side, edges]
    for side, edges in (
        (page.box, "open"),
        (2 * page.box, "open"),
        (page.box, "periodic"),
    )
)
reported = report.table1()
glue.numbers(
    report_mlp=fixed(reported.validation["mlp"]),
    report_cnn=fixed(reported.validation["cnn"]),
    total=whole(total),
    n_atoms=whole(page.n_atoms),
    box=significant(page.box),
    lowest=fixed(ours.min(), 1),
    mean_score=fixed(open_choices.score_of_mean(ours)),
    lowest_periodic=fixed(wrapped.min(), 1),
    doubled=fixed(2 * ours.min(), 1),
    sparse_doubled=fixed(2 * sparse.min(), 1),
    sparse_score=fixed(open_choices.score_of_mean(2 * sparse)),
)
glue.table("table-box", open_choices.boxes_table(found))

# %% [markdown]
r"""
::::{table} Random structures by number of atoms and side of the box: the lowest energy, the power of ten of the highest, the share with $V<0$, and the MAPE of the mean of $\log(V+32)$ as a prediction in percent. {glue:text}`total` structures each, as many as the report has in all splits at the profile `paper`.
:name: table-box

```{glue:md} table-box
:format: myst
```
::::

With {glue:text}`n_atoms` atoms in a box of side {glue:text}`box` the lowest energy is {glue:text}`lowest` and the
mean scores {glue:text}`mean_score` %. These numbers do not settle the matter alone: pairs count by the ratio of atoms
to side, so the rows in which it is the same are alike. Of those it is the one that fits the offset, the longest radius, and
the report's example of a cluster with 32 energies. Periodic images change little, with a lowest energy of
{glue:text}`lowest_periodic`; the report does not mention them, so there are none here.

(choice-sum)=

## The sum in Equation 1

The report's sum runs over all $i$ and $j$. Read literally it counts every pair twice, and the lowest of these energies is
{glue:text}`doubled` instead of {glue:text}`lowest`; the report has −7. With sparser atoms a double sum comes down
too: with {glue:text}`n_atoms` atoms in a box of twice the side it has {glue:text}`sparse_doubled` at the lowest.
There, however, the mean scores {glue:text}`sparse_score` %, and the report's two failing models have
{glue:text}`report_mlp` % and {glue:text}`report_cnn` %. We count each pair once.

(choice-range)=

## The range of the energies
"""

# %% tags=["hide-input"]
ranges = open_choices.energy_ranges(
    page.n_atoms, page.box, page.sizes, page.seed
)
glue.numbers(
    data_sets=whole(len(ranges)),
    highest_median=fixed(ranges.highest.median()),
    highest_most=fixed(ranges.highest.max()),
    reach_50=whole((ranges.highest >= 50).sum()),
    reach_40=whole((ranges.validation >= 40).sum()),
    lowest_least=fixed(ranges.lowest.min(), 1),
    lowest_most=fixed(ranges.lowest.max(), 1),
)

# %% [markdown]
r"""
The report gives the range of the energies as −7 to $10^{50}$ in one place and as −32 to $10^{40}$, on validation, in
another. Here are {glue:text}`data_sets` data sets of the same size, drawn with other seeds. Their highest energy is 10 to
the power of {glue:text}`highest_median` in the median and to the power of {glue:text}`highest_most` at the most;
{glue:text}`reach_50` of them reach $10^{50}$, and {glue:text}`reach_40` reach $10^{40}$ in their validation split.
Their lowest energies lie between {glue:text}`lowest_least` and {glue:text}`lowest_most`. At −32 the argument of the
logarithm is 0, so that number of the report may be the offset rather than an energy. We take the distribution as it falls,
and cut nothing off.

(choice-cells)=

## One atom in a cell
"""

# %% tags=["hide-input", "remove-output"]
rng = np.random.default_rng(page.seed)
shared = open_choices.shared_cells_table(
    rng,
    sorted({2, 4, 8, 16, page.n_atoms}),
    page.box,
    [page.cells, 4 * page.cells, 16 * page.cells],
)
positions = open_choices.random_structures(
    rng, total, page.n_atoms, page.box
)[: open_choices.DRAWS]
apart = ~representations.shared_cells(positions, page.box, page.cells)
kept = potentials.LennardJones().energy(positions[apart])
glue.numbers(
    kept=fixed(100 * apart.mean()),
    kept_highest=fixed(np.log10(kept.max())),
)
glue.table("table-cells", shared)

# %% [markdown]
r"""
The report chose the size of its cells such that none holds two atoms. For atoms placed at random that depends on their number
and on the number of cells, and not on the side of the box.

::::{table} Share of random structures in which some cell holds two atoms.
:name: table-cells

```{glue:md} table-cells
:format: myst
```
::::

The remark would hold if structures with a shared cell had been thrown away. At our size that leaves
{glue:text}`kept` % of them, with energies up to 10 to the power of {glue:text}`kept_highest`, since two atoms may be
close on either side of a border. Nothing in the report suggests such a choice. We let cells be shared.

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
graph_scores = open_choices.evaluated(graph_networks)
graph_best = open_choices.constant_scores(graph_networks)["best constant"]
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
drawn = open_choices.training_and_validation(
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
    open_choices.evaluated_table(graph_scores, graph_networks),
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
perceptron_scores = open_choices.evaluated(perceptrons)
constants = open_choices.constant_scores(perceptrons)
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
    open_choices.evaluated_table(perceptron_scores, perceptrons),
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
scores = open_choices.evaluated(convolutionals)
least, most = (
    choose(score for _, score in scores.values()) for choose in (min, max)
)
learner = min(
    scores,
    key=lambda label: abs(scores[label][0] - reported.training["cnn"]),
)
glue.numbers(
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
drawn = open_choices.training_and_validation(
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
    open_choices.evaluated_table(scores, convolutionals),
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
