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

:::{admonition} In short
:class: in-short

The energies of random structures of 32 atoms reach from {glue:text}`lowest` up to {glue:text}`highest`; the report has about −7
and $10^{50}$. {glue:text}`share_low` % of the structures have $V<0$. On the report's grid {glue:text}`shared` % have two atoms in
one cell; the report says that none has.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
cells = 32
draws = 20

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "simulation")

# %% tags=["hide-input"]
from surrogates import data, models
from surrogates.analysis import claims, simulation
from surrogates.analysis.formatting import fixed, whole
from surrogates.book import glue
from surrogates.models import representations

report_sizes = parameters.published("simulation").sizes
sets = {
    kind: data.Data(kind, page.n_atoms, page.box, page.seed, page.sizes)
    for kind in ("full", "low")
}
full, low = (data.simulate(kind) for kind in sets.values())

# %% tags=["hide-input", "remove-output"]
glue.figure(
    "fig-energies",
    simulation.energy_distributions(
        simulation.all_energies(full), simulation.all_energies(low)
    ),
)

# %% [markdown]
r"""
:::{glue:figure} fig-energies
:name: fig-energies
:alt: Two histograms, of log(V + 32) on the full-energy set with a logarithmic count, and of V on the low-energy set.

Energies of the two sets. On the left the report's training target, $\log(V+32)$: most structures crowd at its lower end,
and the few with a very close pair of atoms stretch over the rest. On the right $V$ itself, for the structures with $V<0$.
:::

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

The report does not say how large the box is, nor how atoms are placed. About their number it says only that a cluster of 32
atoms would have 32 energies, one for each. We take 32 atoms, placed uniformly in a square of side 32 without periodic images. The
lowest energy of such structures, below, supports this reading; it does not prove it.

## What we did

A compiled loop adds the two terms of {eq}`eq-lj` over all pairs, from the squares of the distances:

```{from-library} surrogates.potentials.lennard_jones reduced
```

Training, validation and test structures come from independent random streams of the one seed, so that the same seed gives
the same structures, to the last bit, on every machine.
"""

# %% tags=["hide-input", "remove-output"]
glue.numbers(
    profile=page.profile,
    n_train=whole(len(full.train.energies)),
    n_atoms=whole(page.n_atoms),
    box=whole(page.box),
    **simulation.range_numbers(full, page.n_atoms, page.box, report_sizes),
)
ranges = simulation.drawn_ranges(sets["full"], page.draws)
splits = {"full-energy": full, "low-energy": low}
glue.table("table-splits", simulation.splits_table(splits), words=2)

# %% [markdown]
r"""
::::{table} The two data sets at the profile of this page. Energies are in units of $\varepsilon$.
:name: table-splits

```{glue:md} table-splits
:format: myst
```
::::

Beside the report:

- *The lowest energy is about −7.* Ours is {glue:text}`lowest` on the full-energy set. Counting each pair twice would
  make it {glue:text}`doubled`. Of the two, {glue:text}`nearer` comes nearer to the report's, if its atoms and its box
  are ours.
- *The energies of the validation structures begin at −32.* Ours begin at {glue:text}`validation_lowest`.
- *The highest energy is* $10^{50}$. Ours is {glue:text}`highest`. To reach $10^{50}$, two atoms must
  come within {glue:text}`attained`·10⁻⁵ σ of each other. Among the report's 70,000
  structures that is expected {glue:text}`expected`·10⁻⁴ times: such a data set does not reach so high.
- *The logarithm needs a positive argument.* With $V + 32$ it has one, for random structures. The same
  atoms as a patch of a triangular lattice, at the best distance of a pair, have {glue:text}`lattice`. Below −32 there is no
  logarithm, and such energies are what a search is after.
- Structures with $V < 0$ are {glue:text}`share_low` % of the whole, so rejection sampling is cheap.

One data set may be unusual, so we draw {glue:text}`draws` of the same size, each with its own seed. All of this holds if
atoms and box are as we read them.
"""

# %% tags=["hide-input", "remove-output"]
glue.numbers(draws=whole(page.draws))
glue.table("table-draws", simulation.draws_table(ranges))

# %% [markdown]
r"""
::::{table} Ends of the energies over {glue:text}`draws` full-energy sets of this size: their median, and where nine in ten of them lie.
:name: table-draws

```{glue:md} table-draws
:format: myst
```
::::

A high energy comes from one very close pair. How often two atoms come so close follows from geometry alone. The verdicts
[below](verdicts-simulation) use that chance, and ask for an energy a thousand times lower than the report's.
"""

# %% [markdown]
r"""
## The report's Figure 1: a structure and its grid

The second representation of the report divides the box into 32 × 32 cells and marks those that hold an atom
({doc}`cnn`).
"""

# %% tags=["hide-input", "remove-output"]
positions, energy = full.train.positions[0], full.train.energies[0]
occupancy = models.OccupancyGrid(page.box, page.cells)
grid = models.arrays(occupancy, positions[None])[0, ..., 0]
glue.figure(
    "fig-structure",
    simulation.structure_and_grid(positions, grid, page.box, energy),
)

# %% [markdown]
r"""
:::{glue:figure} fig-structure
:name: fig-structure
:alt: On the left 32 points scattered over a square. On the right the same square as a grid in which the cells that hold a point are black.

The report's Figure 1, with our first training structure: (a) the positions of the atoms, (b) the occupancy grid.
:::

The report chose the cells such that none holds two atoms. With 32 × 32 cells this is not so. Among uniformly placed atoms a
shared cell is common ({numref}`fig-cells`), and a shared cell hides an atom. It is such close pairs that decide the energy.
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
    cells=whole(page.cells),
    shared=fixed(100 * fractions[page.cells], 1),
    shared_finest=fixed(100 * fractions[sides[-1]], 1),
)
glue.figure(
    "fig-cells", simulation.shared_cells_by_side(fractions, page.cells)
)

# %% [markdown]
r"""
:::{glue:figure} fig-cells
:name: fig-cells
:alt: A falling curve: the share of structures with a shared cell against the number of cells along a side, from 8 to 512.

Structures in which at least one cell holds two atoms. With {glue:text}`cells` × {glue:text}`cells` cells they are
{glue:text}`shared` % of all, with the finest grid shown {glue:text}`shared_finest` %.
:::

## The pair potential
"""

# %% tags=["hide-input", "remove-output"]
cutoff = models.GCN().cutoff
glue.figure("fig-pair", simulation.pair_potential(cutoff))

# %% [markdown]
r"""
:::{glue:figure} fig-pair
:name: fig-pair
:alt: The energy of a pair falls steeply from above 2, crosses zero at distance 1, reaches minus 1 at 1.12 and rises back towards zero, which it has nearly reached at distance 2.5.

The summand of {eq}`eq-lj`. Beyond the cutoff of the graphs ({doc}`gcn`) little of it is left.
:::

(verdicts-simulation)=

## What the report says, and whether it holds

{doc}`claims` explains the rules and collects the verdicts of all pages.
"""

# %% tags=["hide-input", "remove-output"]
measured = simulation.sets_measured(
    full, low, sets["full"], ranges, occupancy, report_sizes
)
found = claims.decide(
    "simulation",
    page.profile,
    page.seed,
    **measured,
    shared_cells=100 * fractions[page.cells],
)
glue.record(claims.RECORD, found.record)
glue.table("table-simulation-verdicts", found.table, text=True)

# %% [markdown]
r"""
::::{table} The statements of the report that this page decides.
:name: table-simulation-verdicts
:class: statements

```{glue:md} table-simulation-verdicts
:format: myst
```
::::

## What follows

The range of the energies, up to about {glue:text}`highest_power`, shapes everything after this page. It is why
the report trains on $\log(V+32)$. A model that is good on that scale need not be good where energies are low
({doc}`error_analysis`); the low-energy set is for that ({doc}`low_energy`).
"""

# %% [markdown]
"""
:::{admonition} Where these numbers come from
:class: provenance

Everything on this page is simulated when it is executed; no stored run is used. Profile {glue:text}`profile`,
{glue:text}`n_train` training structures of {glue:text}`n_atoms` atoms in a box of side {glue:text}`box`.
To run the page again with another seed, see {doc}`reproduce`.
:::
"""

# %% tags=["remove-cell"]
glue.listing()
