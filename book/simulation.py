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
# Simulation

## What the report did

{cite:t}`chitturi-gui` place $N$ atoms in the plane and take as their energy the Lennard-Jones potential
{cite:p}`jones1924determination`,

$$
V = 4\varepsilon \sum_{i<j} \left[ \left(\frac{\sigma}{r_{ij}}\right)^{12} - \left(\frac{\sigma}{r_{ij}}\right)^{6} \right],
$$ (eq-lj)

where $r_{ij}$ is the distance between atoms $i$ and $j$, and $\sigma = \varepsilon = 1$. Every pair is counted once here.
The report writes a sum over all $i$ and $j$; read literally, that doubles every energy.

There are two data sets. The *full-energy set* takes structures as they come. The *low-energy set* keeps only those with
$V < 0$. The full-energy set
has 50,000 structures for training, 10,000 for validation and 10,000 for the test; the report gives no numbers for the
low-energy set, and ours has the same.

The report does not say how large the box is or how atoms are placed. Of the number of atoms it says only that a cluster of
32 atoms would have 32 energies, one for each. We read it as 32 atoms, uniform in a square of side 32 without periodic
images. The lowest energy of such structures, below, is evidence for that; it is not proof.
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

page = parameters.of(globals(), "simulation")

# %% [markdown]
"""
## Drawing the structures

Training, validation and test structures come from independent random streams of the one seed, so that the same seed gives
the same structures, to the last bit, on every machine.
"""

# %%
import numpy as np
import pandas as pd

from surrogates import data, models
from surrogates.analysis import claims, figures
from surrogates.book import glue
from surrogates.data import symmetry
from surrogates.models import representations
from surrogates.potentials import potential

full, low = (
    data.simulate(
        data.Data(kind, page.n_atoms, page.box, page.seed, page.sizes)
    )
    for kind in ("full", "low")
)

# %% tags=["hide-input", "remove-output"]
rows = []
for label, splits in (("full-energy", full), ("low-energy", low)):
    for split, (positions, energies) in splits._asdict().items():
        share = f"{100 * np.mean(energies < 0):.1f} %"
        rows.append(
            (
                label,
                split,
                f"{len(positions):,}",
                f"{energies.min():.2f}",
                f"{energies.max():.2g}",
                share,
            )
        )
splits = pd.DataFrame(
    rows,
    columns=[
        "Set",
        "Split",
        "Structures",
        "Lowest V",
        "Highest V",
        "V < 0",
    ],
)
glue.table("table_splits", splits)

# %% tags=["hide-input"]
energies = np.concatenate([part.energies for part in full])
attained = 4e-50 ** (
    1 / 12
)  # the distance at which one pair alone has V = 1e50
i, j = np.meshgrid(np.arange(-20, 21), np.arange(-20, 21))
lattice = 2 ** (1 / 6) * np.stack(
    [i + j / 2, j * 3**0.5 / 2], axis=-1
).reshape(-1, 2)
patch = lattice[
    np.argsort(np.hypot(*(lattice - [0.3, 0.2]).T))[: page.n_atoms]
]
report_structures = sum(parameters.published("simulation").sizes)
pairs = page.n_atoms * (page.n_atoms - 1) / 2
glue.numbers(
    profile=page.profile,
    n_train=len(full.train.energies),
    n_atoms=page.n_atoms,
    box=page.box,
    lowest=energies.min(),
    highest=np.log10(energies.max()),
    share_low=100 * np.mean(energies < 0),
    doubled=2 * energies.min(),
    nearer=min(
        ("the single sum", energies.min()),
        ("the double sum", 2 * energies.min()),
        key=lambda item: abs(item[1] + 7),
    )[0],
    lattice=potential.energy(patch),
    attained=attained * 1e5,
    expected=report_structures
    * pairs
    * np.pi
    * attained**2
    / page.box**2
    * 1e4,
)

# %% [markdown]
r"""
::::{table} The two data sets at the profile of this page. Energies are in units of $\varepsilon$.
:name: table-splits

```{glue:md} table_splits
:format: myst
```
::::

Beside the report:

- *The lowest energy is about −7.* Ours is {glue:text}`lowest:.2f` on the full-energy set. Counting each pair twice would
  make it {glue:text}`doubled:.1f`. Of the two, {glue:text}`nearer:s` comes nearer to the report's, if its atoms and its box
  are ours.
- *The highest energy is* $10^{50}$. Ours is $10$ to the power of {glue:text}`highest:.1f`. To reach $10^{50}$, two atoms must
  come within {glue:text}`attained:.1f` × 10⁻⁵ σ of each other, which is expected
  {glue:text}`expected:.1f` × 10⁻⁴ times among the report's 70,000 structures. It is not the range of such a data set.
- *The logarithm needs a positive argument.* With $V + 32$ it has one, for random structures. The same
  atoms as a patch of a triangular lattice, at the best distance of a pair, have {glue:text}`lattice:.0f`: where that is below
  −32, the transform cannot describe what the optimisation is after.
- Structures with $V < 0$ are {glue:text}`share_low:.0f` % of the whole, so rejection sampling is cheap.
"""

# %% tags=["hide-input", "remove-output"]
glue.figure(
    "fig_energies",
    figures.energy_distributions(
        energies, np.concatenate([part.energies for part in low])
    ),
)

# %% [markdown]
r"""
:::{glue:figure} fig_energies
:name: fig-energies
:alt: Two histograms, of log(V + 32) on the full-energy set with a logarithmic count, and of V on the low-energy set.

Energies of the two sets. On the left the report's training target, $\log(V+32)$: most structures crowd at its lower end,
and the few with a very close pair of atoms stretch over the rest. On the right $V$ itself, for the structures with $V<0$.
:::

## The report's Figure 1: a structure and its grid

The second representation of the report divides the box into 32 × 32 cells and marks those that hold an atom
({doc}`cnn`).
"""

# %% tags=["hide-input", "remove-output"]
positions, energy = full.train.positions[0], full.train.energies[0]
grid = representations.arrays(
    representations.OccupancyGrid(page.box, page.cells), positions[None]
)[0, ..., 0]
glue.figure(
    "fig_structure", figures.structure(positions, grid, page.box, energy)
)

# %% [markdown]
r"""
:::{glue:figure} fig_structure
:name: fig-structure
:alt: On the left 32 points scattered over a square. On the right the same square as a grid in which the cells that hold a point are black.

The report's Figure 1, with our first training structure: (a) the positions of the atoms, (b) the occupancy grid.
:::

The report chose the cells such that none holds two atoms. At 32 × 32 cells that is not so: among uniformly placed atoms a
shared cell is common ({numref}`fig-cells`), and where it happens the grid has lost an atom. It is also just such close
pairs that decide the energy.
"""

# %% tags=["hide-input", "remove-output"]
sides = sorted({8, 16, 32, 64, 128, 256, 512, page.cells})
fractions = {
    side: representations.shared_cells(
        full.train.positions, page.box, side
    ).mean()
    for side in sides
}
glue.numbers(
    cells=page.cells,
    shared=100 * fractions[page.cells],
    shared_finest=100 * fractions[sides[-1]],
)
glue.figure("fig_cells", figures.atoms_per_cell(fractions, page.cells))

# %% [markdown]
r"""
:::{glue:figure} fig_cells
:name: fig-cells
:alt: A falling curve: the share of structures with a shared cell against the number of cells along a side, from 8 to 512.

Structures in which at least one cell holds two atoms. At {glue:text}`cells:d` × {glue:text}`cells:d` cells they are
{glue:text}`shared:.1f` % of all, at {glue:text}`shared_finest:.1f` % with the finest grid shown.
:::

## The pair potential
"""

# %% tags=["hide-input", "remove-output"]
glue.figure("fig_pair", figures.pair_potential(cutoff=models.GCN().cutoff))

# %% [markdown]
r"""
:::{glue:figure} fig_pair
:name: fig-pair
:alt: The energy of a pair falls steeply from above 2, crosses zero at distance 1, reaches minus 1 at 1.12 and rises back towards zero, which it has nearly reached at distance 2.5.

The summand of {eq}`eq-lj`. Beyond the cutoff of the graphs ({doc}`gcn`) little of it is left.
:::

(verdicts-simulation)=

## What the report says, and whether it holds

{doc}`claims` explains the rules and collects the verdicts of all pages.
"""

# %% tags=["hide-input", "remove-output"]
rng = np.random.default_rng(page.seed)
test = full.test.positions
renumbered = symmetry.permuted(test, page.box, rng)
before, after = full.test.energies, potential.energy(renumbered)
occupancy = representations.OccupancyGrid(page.box, page.cells)
grids, other = (
    representations.arrays(occupancy, structures)
    for structures in (test, renumbered)
)
validation = full.validation.energies
claims.decide(
    "simulation",
    page.profile,
    page.seed,
    sizes=sum(
        len(part.energies) == given
        for part, given in zip(
            full, parameters.published("simulation").sizes, strict=True
        )
    ),
    lowest=energies.min(),
    lowest_doubled=2 * energies.min(),
    highest=np.log10(energies.max()),
    validation_lowest=validation.min(),
    validation_highest=np.log10(validation.max()),
    offset=sum(
        lowest + data.OFFSET > 0
        for lowest in (energies.min(), potential.energy(patch))
    ),
    permuted_energy=1e9 * np.max(np.abs(after / before - 1)),
    shared_cells=100 * fractions[page.cells],
    grid_changed=100 * np.mean((grids != other).any(axis=(1, 2, 3))),
    local=100
    * potential.share_of_near(low.test.positions, models.GCN().cutoff),
)

# %% [markdown]
r"""
::::{table} The statements of the report that this page decides.
:name: table-simulation-verdicts
:class: statements

```{glue:md} verdicts
:format: myst
```
::::

## What follows

The range of the energies, up to $10$ to the power of {glue:text}`highest:.0f`, is what shapes everything after this page.
It is why the report trains on $\log(V+32)$, and why a model that is good on that scale need not be good where the energies
are low ({doc}`error_analysis`). That is what the low-energy set is for ({doc}`low_energy`).
"""

# %% [markdown]
"""
:::{admonition} Where these numbers come from
:class: provenance

Everything on this page is simulated when it is executed; no stored run is used. Profile {glue:text}`profile:s`,
{glue:text}`n_train:,d` training structures of {glue:text}`n_atoms:d` atoms in a box of side {glue:text}`box:g`.
To run the page again with another seed, see {doc}`reproduce`.
:::
"""

# %% tags=["remove-cell"]
glue.listing()
