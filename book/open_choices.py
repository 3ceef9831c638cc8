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

:::{admonition} In short
:class: in-short

With {glue:text}`n_atoms` atoms in a box of side {glue:text}`box` and each pair counted once, the lowest energy
({glue:text}`lowest`) and the score of a constant ({glue:text}`mean_score` %) are those of the report. Its energies of −32 and
$10^{50}$ are not those of random structures, and its grid has cells that two atoms share.
:::

A short report cannot state everything that its numbers depend on. Below is each choice that {cite:t}`chitturi-gui`
leave to the reader, what we took it to be, and where the evidence is. This page computes what concerns structures and their
energies; what takes a training stands on other pages.

| Open | Our reading | Evidence |
| --- | --- | --- |
| number of atoms, side of the box, edges | 32 atoms, side 32, no periodic images | {ref}`choice-box` |
| how the atoms are placed | each uniformly in the box, independent of the others | none: not varied here |
| base of the logarithm | natural; percentages do not depend on it | none: not varied here |
| size and origin of the low-energy set | as many structures as in the other, drawn anew | none: not varied here |
| whether Equation 1 counts a pair once or twice | once | {ref}`choice-sum` |
| where energies of $10^{50}$, $10^{40}$ and −32 come from | not from such structures | {ref}`choice-range` |
| how it is that no cell holds two atoms | it is not so: cells are shared | {ref}`choice-cells` |
| cutoff of the graph | 2 σ | {doc}`ablations` |
| how atoms' embeddings become one vector | SortPooling over all atoms, as in the network that the report names; a linear channel ranks, ties are broken by the other features | {doc}`gcn`, {doc}`ablations` |
| number and width of the graph convolutions on the full-energy set | two of 128, which is the best of the report's Table 2 | on the low-energy set: {doc}`low_energy` |
| whether an atom counts among its own neighbours | yes, with weight 1, as in StellarGraph | none: not varied here |
| scaling of the inputs, and whether the perceptron was shown the permutations | features of the graph standardised on the training split, coordinates as they are, no permutations | {doc}`mlp`, {doc}`ablations` |
| the convolutional network, whose drawing we have not seen | three convolutions, each followed by a halving of the grid | {doc}`cnn` |
| optimiser; batch, rate and epochs of the graph network | Adam; 256, 0.001, until validation has not improved for 10 epochs | epochs: {doc}`gcn` |
| of what the percentage error is taken | of $\log(V+32)$, as the losses are | {doc}`error_analysis` |
| the loss of the low-energy models | mean squared error, as for the others | {doc}`ablations` |
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
cells = 32

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "open_choices")

# %% tags=["hide-input"]
import numpy as np

from surrogates import potentials
from surrogates.analysis import open_choices, report
from surrogates.analysis.formatting import (
    fixed,
    none_or,
    scientific,
    significant,
    whole,
)
from surrogates.book import glue
from surrogates.models import representations

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

With {glue:text}`n_atoms` atoms in a box of side {glue:text}`box` the lowest energy is {glue:text}`lowest` and the mean scores
{glue:text}`mean_score` %. These numbers alone do not settle the matter. The ratio of atoms to side decides how many
pairs are close, so rows with the same ratio look alike. Among those, this one fits the offset, the longest radius, and the report's
example of a cluster with 32 energies. Periodic images change little, with a lowest energy of {glue:text}`lowest_periodic`; the
report does not mention them, so there are none here.

(choice-sum)=

## The sum in Equation 1

The report's sum runs over all $i$ and $j$. Read literally it counts every pair twice, and the lowest of these energies is
{glue:text}`doubled` instead of {glue:text}`lowest`; the report has −7. With sparser atoms the double sum comes near that, too: with
{glue:text}`n_atoms` atoms in a box of twice the side its lowest energy is {glue:text}`sparse_doubled`. There, however, the mean
scores {glue:text}`sparse_score` %, and the report's two failing models have {glue:text}`report_mlp` % and
{glue:text}`report_cnn` %. We count each pair once.

(choice-range)=

## The range of the energies
"""

# %% tags=["hide-input"]
ranges = open_choices.energy_ranges(
    page.n_atoms, page.box, page.sizes, page.seed
)
glue.numbers(
    data_sets=whole(len(ranges)),
    highest_median=scientific(10 ** ranges.highest.median()),
    highest_most=scientific(10 ** ranges.highest.max()),
    reach_50=none_or((ranges.highest >= 50).sum()),
    reach_40=none_or((ranges.validation >= 40).sum()),
    lowest_least=fixed(ranges.lowest.min(), 1),
    lowest_most=fixed(ranges.lowest.max(), 1),
)

# %% [markdown]
r"""
The report gives the range of the energies as −7 to $10^{50}$ in one place and as −32 to $10^{40}$, on validation, in
another. Here are {glue:text}`data_sets` data sets of the same size, drawn with other seeds. Their highest energies
have a median of {glue:text}`highest_median` and a maximum of {glue:text}`highest_most`; {glue:text}`reach_50` of them reach
$10^{50}$, and {glue:text}`reach_40` reach $10^{40}$ in their validation split.
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
    kept_highest=scientific(kept.max()),
)
glue.table("table-cells", shared)

# %% [markdown]
r"""
The report chose the size of its cells such that none holds two atoms. Whether atoms placed at random share a cell depends on
their number and on the number of cells, not on the side of the box.

::::{table} Share of random structures in which some cell holds two atoms.
:name: table-cells

```{glue:md} table-cells
:format: myst
```
::::

The remark would hold if the authors had thrown away structures with a shared cell. At our size that leaves
{glue:text}`kept` % of them, with energies up to {glue:text}`kept_highest`, since two atoms may be
close on either side of a border. Nothing in the report suggests such a choice. We let cells be shared.

## What follows

All other pages rest on this reading of atoms and box. Where it leaves a choice open, their tables show each reading.
{doc}`ablations` tries the choices that take a training, one at a time.
"""

# %% [markdown]
"""
:::{admonition} Where these numbers come from
:class: provenance

Everything on this page is simulated when it is executed; no stored run is used. To run the page again with another seed, see
{doc}`reproduce`.
:::
"""

# %% tags=["remove-cell"]
glue.listing()
