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
# A system of your own

:::{admonition} In short
:class: in-short

The true potential is the calculator {glue:text}`calculator` of ASE, for clusters of {glue:text}`element` in three dimensions. A
surrogate that begins with nothing and learns during the search finds the lowest structure of {glue:text}`first` atoms with
{glue:text}`first_learned` calls on average; basin hopping on the calculator itself, tuned, takes {glue:text}`first_rival`. With
{glue:text}`largest` atoms it is {glue:text}`largest_learned` and {glue:text}`largest_rival`. {glue:text}`worth`
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
calculator = "ase.calculators.emt.EMT"
arguments = None
element = "Cu"
n_atoms = [13, 22]
search_seeds = 20
most_calls = 1500
reference_seeds = 3
reference_calls = 1500
reference_round_calls = 250
temperatures = [0.0, 0.05, 0.1, 0.2, 0.4, 0.8]
patiences = [3, 5, 10, 30, 100]
tolerances = [0.001, 0.1, 0.3]
tuning_seeds = 10
tuning_calls = 1000
finalists = 3
final_seeds = 20
members = 4
most_spread = 0.001
known_seeds = 3
asked_seeds = 3
dynamics_steps = 500
network_epochs = 200
structures = None

# %% tags=["hide-input"]
from surrogates.analysis import your_own_system
from surrogates.book import parameters

page = parameters.of(
    globals(), "your_own_system", arguments=your_own_system.by_name
)

# %% tags=["hide-input"]
from surrogates import potentials, search
from surrogates.analysis import plots, searches

true = potentials.FromASE(
    page.calculator, page.element, parameters=page.arguments
)
units = true.units
hopping, rounds = your_own_system.ways(page)
folder = f"your_own_system/{page.profile}/seed-{page.seed}"
further = searches.apart(5, page.seed, page.reference_seeds)
budgets = {
    hopping: page.reference_calls,
    rounds["in rounds"]: page.reference_round_calls,
}
lowest, problems = your_own_system.goals(
    f"{folder}/reference", true, page.n_atoms, budgets, further
)
tried = your_own_system.tried_settings(page)
alone = searches.without_surrogate(folder, problems, page, tried)
found = alone.trials | {
    label: searches.same_settings(
        folder, problems, way, page.search_seeds, page.most_calls, page
    )
    for label, way in rounds.items()
}

# %% tags=["hide-input", "remove-output"]
from surrogates.analysis.formatting import significant, whole
from surrogates.book import glue

first, largest = min(page.n_atoms), max(page.n_atoms)
glue.numbers(
    element=page.element,
    calculator=page.calculator.rpartition(".")[2],
    length=significant(units.length),
    depth=significant(units.energy),
    first=first,
    largest=largest,
    **your_own_system.calls_for_one(found, "basin hopping", "in rounds"),
    **your_own_system.rival_numbers(alone.tuned[searches.HOPPING], page),
    **your_own_system.committee_numbers(found, *rounds, page),
    ends=lowest[first]["ends"],
    agreed=your_own_system.agreed(lowest),
    reference_calls=whole(page.reference_calls),
    reference_round_calls=whole(page.reference_round_calls),
    search_seeds=page.search_seeds,
    most_calls=whole(page.most_calls),
)
glue.table("table-own-searches", searches.searches_table(found))
panels = plots.by_size(found, page.n_atoms)
glue.figure(
    "fig-own-success", plots.success_curves(panels, "the calculator")
)

# %% [markdown]
r"""
::::{table} Calls of the calculator for one success, from {glue:text}`search_seeds` seeds, at most {glue:text}`most_calls` each, those of failures shared among the successes; ± is the standard deviation of the successes. Energies in eV.
:name: table-own-searches
:class: compact

```{glue:md} table-own-searches
:format: myst
```
::::

:::{glue:figure} fig-own-success
:name: fig-own-success
:alt: Steps that rise from 0 to 1: the share of the seeds that have reached the goal, by calls of the calculator on a logarithmic axis, a panel for each number of atoms; the searches in rounds rise far earlier than basin hopping.

The share of the seeds that have reached the goal, by calls of the calculator.
:::

The report hopes that its analysis serves “other materials systems where the function form is unknown and the true forward
model is difficult to evaluate” {cite:p}`chitturi-gui`. This page goes there. The form of the surrogate and the settings of its
rounds were chosen in trials with {glue:text}`first` atoms from other random starts. {glue:text}`largest` atoms were tried with
three of the seeds below, and nothing was changed after that.

## The true potential

`potentials.FromASE` makes the calculator a potential of this book, in eV and Å. The energy is taken to be 0 where the atoms are
separate. For the lengths the calculator is asked about thirteen atoms in icosahedra of several sizes: they look like Lennard-Jones
atoms with σ = {glue:text}`length` Å and ε = {glue:text}`depth` eV, the units of starts, moves, temperatures and tolerances.

## With a surrogate and without

The rival is basin hopping on the calculator, with the moves into pockets of {doc}`surrogate_search`. It is tuned for each number
of atoms as there, over temperatures, how far minima are relaxed, and after how many hops in vain it begins anew. {glue:text}`tuned` The
tuning took {glue:text}`tuning_spent` calls, which the rival is not charged for, nor the surrogate for the trials that its settings
come from.

The surrogate is an *expansion*: the energy of an atom is a polynomial of a few sums over its neighbours, and of their square
roots, as it is in many models of metals {cite:p}`finnis-sinclair`. A fit to energies and forces takes a moment. Each search
begins with random atoms that are relaxed for at most forty calls; then it goes in rounds: fit, search the surrogate from a random
start, ask the calculator about the best three minima that are new, relax the best of these. All calls of a search count, but not
those for the units; there are no other labels.

No lowest energy is published for this potential that we know of. The goal is the lowest one of {glue:text}`ends` searches of
both kinds with other seeds, which do not stop before they have made all their calls: {glue:text}`reference_calls` for basin
hopping, {glue:text}`reference_round_calls` in rounds. {glue:text}`agreed`

A committee of {glue:text}`members` expansions can choose what to ask: it refuses a minimum for which the standard deviation of
their energies exceeds {glue:text}`most_spread` ε an atom. {glue:text}`by_committee`
"""

# %% tags=["hide-input", "remove-output"]
glue.figure("fig-own-lowest", your_own_system.clusters(lowest, units))

# %% [markdown]
r"""
:::{glue:figure} fig-own-lowest
:name: fig-own-lowest
:alt: The lowest structures as discs, paler where they are farther away, with their energies.

The lowest structures, seen along their shortest axis, with their energies relative to separate atoms.
:::

## How far the surrogate knows that it does not know

Several expansions, all but the first fitted without a part of the structures, differ where they were not told. Below, their
spread stands beside their error, for structures on the way of other random atoms to their minima: within the pair distances
and energies of the structures that were fitted, and outside. The spread is larger outside than within. It is no measure of the
error: within, it is {glue:text}`too_small` times too small, since all members share their form and most of their structures.
"""

# %%
smallest = problems[first]
known = your_own_system.known_of(
    smallest, searches.apart(6, page.seed, page.known_seeds)
)
asked = your_own_system.known_of(
    smallest, searches.apart(7, page.seed, page.asked_seeds)
)
committee = search.ExpansionFit(page.members).learn(smallest, known)
calibrated = search.calibration(
    committee, known.low().structures, asked.structures
)

# %% tags=["hide-input", "remove-output"]
glue.table(
    "table-own-calibration",
    your_own_system.calibration_table(calibrated, units),
)

# %% [markdown]
r"""
::::{table} Mean error and mean spread of the energy of {glue:text}`first` atoms, and the share of the errors that are no larger than two spreads.
:name: table-own-calibration
:class: compact

```{glue:md} table-own-calibration
:format: myst
```
::::

## The surrogate as a calculator

What was learned goes back to ASE, for its optimisers, its dynamics and its vibrations: `potentials.as_calculator`. The
expansion is smooth at the distances that it was told of, and its forces are those of its energy. The report's graph network
counts atoms within radii, so that its energy jumps where one crosses a radius, of which its forces know nothing. Below, both have
learned from the same few structures, the network from their energies alone.
"""

# %% tags=["hide-input", "remove-output"]
dynamics = your_own_system.dynamics_table(
    f"{folder}/dynamics",
    smallest,
    lowest[first]["positions"],
    committee.members[0],
    known,
    asked,
    page,
)
glue.table("table-own-dynamics", dynamics)

# %% [markdown]
r"""
::::{table} By how much the total energy moves in {glue:text}`dynamics_steps` steps of 2 fs at about 300 K, at most, from the same minimum with the same velocities; the energies of the vibrations about it; errors of V for structures that neither has seen; all in meV.
:name: table-own-dynamics
:class: compact

```{glue:md} table-own-dynamics
:format: myst
```
::::

## Structures in a file

A file of extended XYZ is a data set, `data.FromFile("mine.xyz")`, for every network of this book. Here, those above.
"""

# %%
import tempfile
from pathlib import Path

from surrogates import data

with tempfile.TemporaryDirectory() as folder_of_file:
    file = page.structures or Path(folder_of_file) / "mine.xyz"
    if page.structures is None:
        data.write_structures(
            file, *known.structures, known.forces, symbols=page.element
        )
    own = data.FromFile(file, seed=page.seed)
    frames = data.read_structures(file)

# %% tags=["hide-input"]
glue.numbers(
    dynamics_steps=page.dynamics_steps,
    too_small=your_own_system.too_small(calibrated),
    frames=whole(len(frames.energies)),
    in_training=whole(own.sizes[0]),
    **your_own_system.file_errors(frames, own),
)

# %% [markdown]
r"""
An expansion that is fitted to {glue:text}`in_training` of the {glue:text}`frames` structures of the file has a mean error of
{glue:text}`file_error` meV an atom for the others; the best constant has {glue:text}`file_constant`.

## Another system

Another calculator with its arguments, and structures in a file of your own:

```bash
papermill book/your_own_system.ipynb out.ipynb -p profile quick \
    -p calculator ase.calculators.lj.LennardJones -p element Ar \
    -y "arguments: {sigma: 3, epsilon: 1, rc: 30}"
papermill book/your_own_system.ipynb out.ipynb -p profile quick -p structures mine.xyz
```

If the calculator raises an error, or gives what is no number, the search ends with an error message, and nothing of it is
stored. `surrogates.testing.check_potential` checks forces and energies.

## What follows

Where a call costs minutes, what the surrogate costs is nothing beside it. {doc}`published_prices` has what others report.
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
glue.provenance()
glue.listing()
