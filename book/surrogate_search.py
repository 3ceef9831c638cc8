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
# Is a surrogate worth it?

:::{admonition} In short
:class: in-short

Tuned basin hopping finds the lowest structure of {glue:text}`largest` atoms with {glue:text}`rival` calls of the true
potential. A spline of the pair energy that learns from energies and forces during the search takes {glue:text}`spline_total`,
labels included: {glue:text}`spline_share` % of that. The spline is told that the energy is a sum over pairs; a network that is told
so takes {glue:text}`pairs_total`. A network that is not told takes {glue:text}`network_total` calls, {glue:text}`network_share` %. Labels made beforehand, from random structures,
cost {glue:text}`before_labels` calls; the search itself then takes {glue:text}`before_calls`.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
box = 32.0
search_atoms = [7, 13, 19, 32]
search_seeds = 20
most_calls = 50000
tuning_seeds = 10
tuning_calls = 20000
finalists = 3
final_seeds = 20
temperatures = [0.0, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6]
moved_atoms = [1, 2, 3, 4]
pocket_atoms = [1, 2, 3, 4, 5, 6]
shakes = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
tolerances = [0.001, 0.05, 0.1, 0.2, 0.4, 0.8]
widths = [
    0.00390625, 0.0078125, 0.015625, 0.03125, 0.0625, 0.125, 0.25, 0.5, 1.0, 2.0
]  # fmt: skip
few_structures = 300
label_sets = 5
starts = 2
hops = 100
keep = 5
relaxed = 2
network_atoms = [32]
network_seeds = 5
network_epochs = 40
network_descents = 10
network_calls = 1500
other_range = [20, 40]
other_atoms = [45, 50]
other_seeds = 3
failing_atoms = [30, 34, 37]
more_hops = 400
film_hops = 100

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "surrogate_search")

# %% tags=["hide-input"]
from surrogates import search
from surrogates.analysis import plots, searches, surrogate_search

folder = f"surrogate_search/{page.profile}/seed-{page.seed}"
problems = {n: search.lennard_jones_problem(n) for n in page.search_atoms}
tried = searches.strategies(page)
alone = searches.without_surrogate(folder, problems, page, tried)

hopping = search.BasinHopping(pockets=True)
rounds = surrogate_search.in_rounds(hopping, page)
learned = {
    label: searches.same_settings(
        folder, {n: problems[n] for n in way.sizes}, *way[1:], page
    )
    for label, way in rounds.items()
}
beforehand = [
    search.SplineFit(
        searches.low_energy_structures(page, number), page.few_structures
    )
    for number in range(page.label_sets)
]
learned["spline, labels beforehand"] = searches.with_surrogate(
    folder, problems, beforehand, hopping, page
)
found = alone.trials | learned

# %% tags=["hide-input", "remove-output"]
from surrogates.book import glue

largest = max(page.search_atoms)
gains = searches.paybacks(found, searches.HOPPING, list(learned))
glue.numbers(
    **surrogate_search.tuning_numbers(page, alone.tuned),
    **surrogate_search.search_numbers(page, rounds, gains, largest),
)
panels = plots.by_size(found, page.search_atoms)
glue.figure("fig-calls", plots.success_curves(panels))
glue.table("table-searches", searches.searches_table(found))

# %% [markdown]
r"""
:::{glue:figure} fig-calls
:name: fig-calls
:alt: The share of the seeds that have found the lowest known structure, against the number of calls of the true potential on a logarithmic axis, a panel for each number of atoms: a step curve for each search, and a thin one without the labels where there are labels beforehand.

The share of the seeds that have found the lowest known structure, by calls of the true potential, labels included; thin: without
them.
:::

::::{table} All searches. In rounds each seed has labels of its own; beforehand there are {glue:text}`label_sets` sets of them, each searched once. “Calls” are those of one success, until it is reached, with those of failures; “Together” includes labels that were made beforehand, and “±” is its standard deviation over the successes. Searches without a surrogate, and those with the spline in rounds, were stopped after {glue:text}`most` calls, those with a network after {glue:text}`network_most`.
:name: table-searches
:class: compact

```{glue:md} table-searches
:format: myst
```
::::

{glue:text}`worth`

## What is counted

{cite:t}`chitturi-gui` trained their surrogates to find structures of low energy. Is it worth it? The measure is how often the
true potential is asked for energy and forces, for labels and in the search, until the lowest known structure is found.

Surrogates learn in rounds, from all energies and forces that the search has been given by then. The rival is basin hopping,
tuned over moves and settings for each number of atoms; surrogates are searched with untuned settings.

## The rival: basin hopping with good moves

Basin hopping {cite:p}`wales-doye` goes from one local minimum to the next: it changes a structure, relaxes it with L-BFGS, and
accepts the result by its energy and a temperature. It has three moves. One shakes all atoms. One takes an atom or a few,
preferably those with few neighbours, and drops each onto the rest from a random direction. One puts each into a *pocket*, a
place that touches two atoms (in three dimensions three), preferably one with many neighbours. The only length in this move is
the bond of the structure itself; it knows no lattice and no energy. CMA-ES {cite:p}`hansen` needs energies only; whenever it
has converged, its end is relaxed, and it starts again from other random atoms.

All settings are tried from {glue:text}`tuning_seeds` seeds, with {glue:text}`tuning_calls` calls at most. The
{glue:text}`finalists` with the fewest calls for each success are tried again from {glue:text}`final_seeds` other seeds, also
with minima that are relaxed less far. The best of these is taken; for CMA-ES the best of the first trials. No search above uses
any of these seeds. The tuning took {glue:text}`tuning_spent` calls, which the rival is not charged for.
"""

# %% tags=["hide-input", "remove-output"]
by_moves = surrogate_search.moves_table(folder, problems, page)
glue.table("table-moves", by_moves)
glue.table("table-settings", surrogate_search.settings_table(alone.tuned))

# %% [markdown]
r"""
::::{table} The fewest calls for one success with each move of basin hopping, of all its settings, in the first trials.
:name: table-moves
:class: compact

```{glue:md} table-moves
:format: myst
```
::::

::::{table} The settings of the searches without a surrogate, for each number of atoms.
:name: table-settings
:class: compact

```{glue:md} table-settings
:format: myst
```
::::

{glue:text}`edges` A temperature of 0 accepts no step up. How sharply neighbours count for pockets was found with other seeds.

## In rounds, from nothing

A search in rounds begins with {glue:text}`first_steps` calls on the way down from random atoms. In each round the surrogate
learns from all answers so far. The search then looks for its low minima, asks about the best {glue:text}`round_keep` new ones,
and relaxes the best of these on the true potential. It ends when the goal is reached. A call gives a force for each coordinate,
so a handful of calls tells a spline more than hundreds of energies. The network sums energies of atoms that depend on messages
between them ({doc}`distances`); here it has {glue:text}`network_weights` weights and begins with {glue:text}`network_first` calls.
The pair network ({doc}`one_surrogate`) is trained to be a sum over pairs, and begins with {glue:text}`pairs_first`. No setting was
tuned: these are those of first trials, of the network from the first of these seeds. Each of both has {glue:text}`network_seeds` seeds.

Beforehand, the spline is fitted to the energies of {glue:text}`few` random structures with $V<0$; finding these takes calls for
other structures too, and all are counted. The best {glue:text}`keep` distinct minima of what it has learned are asked of the
true potential, once each, and {glue:text}`relaxed` of these are relaxed on it. The tables count true calls, not time: here the
true potential is cheap, and a search on it takes the least.

## Sizes that nobody tuned for

The same two searches for other numbers of atoms, and two moves on the same splines where one of them used to fail:
"""

# %%
first, last = page.other_range
sizes = [*range(first, last + 1), *page.other_atoms]
others = {n: search.lennard_jones_problem(n) for n in sizes}
loose = search.BasinHopping(tolerance=0.1, pockets=True)
spline = rounds["spline in rounds"].strategy
by_size = {
    name: searches.same_settings(
        folder, others, strategy, page.other_seeds, page.most_calls, page
    )
    for name, strategy in (("basin hopping", loose), ("in rounds", spline))
}
by_move = surrogate_search.by_move(folder, beforehand, hopping, page)

# %% tags=["hide-input", "remove-output"]
glue.numbers(**surrogate_search.sizes_numbers(by_size | by_move))
glue.table("table-sizes", surrogate_search.sizes_table(by_size))

# %% [markdown]
r"""
::::{table} Other numbers of atoms, with settings that were not tuned: the lowest known energy and how many independent searches agree on it, then successes, and calls for one, labels included.
:name: table-sizes
:class: compact

```{glue:md} table-sizes
:format: myst
```
::::

In rounds {glue:text}`in_rounds` searches succeed, by basin hopping on the true potential {glue:text}`basin_hopping`. With labels
beforehand and dropped atoms the search used to fail at {glue:text}`failing`. On the same splines, with as many hops, dropping
finds these in {glue:text}`dropping` searches, with {glue:text}`more_hops` hops rather than {glue:text}`hops` in
{glue:text}`dropping_longer`, and putting atoms into pockets in {glue:text}`pockets`. Where pockets succeed, the spline was accurate
enough: the move was too slow for so few hops.

The lowest known structures are in `data/lj2d_putative_minima.xyz`, as extended XYZ. They were found by basin hopping on the true
potential with pockets, from several random starts each, and no published table of them was found: each is an upper bound, as
good as the number of searches that agree. A search succeeds when it has seen an energy within {glue:text}`tolerance` ε of it.

## From random atoms to the minimum

One search of {glue:text}`largest` atoms, step by step:
"""

# %% tags=["hide-input"]
from IPython.display import HTML

moving = search.trajectory(
    f"{folder}/trajectory",
    problems[largest],
    beforehand[0],
    hopping,
    page.seed,
    page.film_hops,
)
before = page.film_hops, beforehand[0].labels(problems[largest])
glue.numbers(**surrogate_search.film_numbers(moving, *before))
HTML(surrogate_search.film(moving, largest))

# %% [markdown]
r"""
{glue:text}`film_hops` hops on the spline, from the atoms of the first seed. First come steps of the first relaxation, then each
minimum that is lower than all before, with its true energy, then the relaxation on the true potential. That relaxation took
{glue:text}`film_calls` calls, the labels of the spline {glue:text}`film_labels` before. It ends at {glue:text}`film_energy`; the lowest known energy is {glue:text}`film_known`.

## The goals, and whether they are reached
"""

# %% tags=["hide-input", "remove-output"]
goals = surrogate_search.search_goals(gains, largest)
glue.table("table-search-goals", searches.goals_table(goals), text=True)

# %% [markdown]
r"""
::::{table} What this page was to show. Success is meant as in the tables above.
:name: table-search-goals
:class: statements

```{glue:md} table-search-goals
:format: myst
```
::::

## What follows

With forces, a handful of calls tells a curve, and the search is over before a rival has relaxed its first atoms. A network that
knows nothing of pairs needs more, and still less than the rival. Labels made beforehand pay only over many searches.
{doc}`three_bodies` and {doc}`your_own_system` leave the sum over pairs behind.
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
