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
# The price that others have published

:::{admonition} In short
:class: in-short

For the lowest structure of {glue:text}`largest` Lennard-Jones atoms in three dimensions, basin hopping that shakes all atoms
has a published price: {glue:text}`published_calls` calls on average, and {glue:text}`symmetrised_calls` with moves that make
structures symmetric. Ours takes {glue:text}`shakes_calls`; tuned, and begun anew where it gets nowhere, {glue:text}`anew_calls`. A
spline of the pair energy that learns during the search takes {glue:text}`spline_calls`, labels included: {glue:text}`spline_published`
times fewer than the better of both published prices. It succeeds in {glue:text}`spline_found` of {glue:text}`round_seeds` searches. An
expansion, which is not told that the energy is a sum over pairs, takes {glue:text}`expansion_calls` and succeeds in
{glue:text}`expansion_found`.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = [13, 38]
search_seeds = 20
most_calls = 2000000
round_seeds = 20
round_calls = 3000
hops = 400
mixed_atoms = [13]
network_atoms = [13]
network_seeds = 3
network_calls = 1500
patiences = [40, 100, 400, 1000]
tolerances = [0.005, 0.1, 0.2]
anew_seeds = 10
anew_calls = 200000
tried_seeds = 5
tried_calls = [60000, 100000, 100000]

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "published_prices")

# %% tags=["hide-input"]
import dataclasses
import itertools

from surrogates import models, search
from surrogates.analysis import published_prices, searches

folder = f"published_prices/{page.profile}/seed-{page.seed}"
problems = {
    n: search.lennard_jones_problem(n, dimensions=3) for n in page.n_atoms
}
shakes = search.BasinHopping(
    1.0, surface=0.0, shake=0.4, tolerance=0.005
)  # as published
restarts = [
    dataclasses.replace(shakes, patience=patience, tolerance=tolerance)
    for patience, tolerance in itertools.product(
        page.patiences, page.tolerances
    )
]
largest = max(page.n_atoms)
ranked = search.ranked(
    f"{folder}/tuning",
    problems[largest],
    restarts,
    searches.apart(2, page.seed, page.anew_seeds),
    page.anew_calls,
)
anew = next(iter(ranked))
mixed = search.BasinHopping(0.8, surface=0.5, tolerance=0.1, pockets=True)
spline = search.InRounds(
    search.PairSpline(pieces=150, scaled=True), shakes, hops=page.hops
)
expansion = search.InRounds(
    search.ExpansionFit(), shakes, descents=2, steps=40, hops=page.hops
)
smooth = models.Messages(channels=16, hidden=(32,), gaussians=24)
network = search.InRounds(
    search.ForceNetwork(smooth),
    mixed,
    descents=4,
    steps=15,
    starts=1,
    hops=50,
)
every = dict.fromkeys(page.n_atoms, range(page.search_seeds))
rounds = every | {largest: range(page.round_seeds)}
ways = {  # with the seeds for each number of atoms, and the most calls
    "shakes of all atoms": (shakes, every, page.most_calls),
    "shakes, begun anew": (anew, every, page.most_calls),
    "pockets and shakes": (
        mixed,
        dict.fromkeys(page.mixed_atoms, range(page.search_seeds)),
        page.most_calls,
    ),
    "spline in rounds": (spline, rounds, page.round_calls),
    "expansion in rounds": (expansion, rounds, page.round_calls),
    "network in rounds": (
        network,
        dict.fromkeys(page.network_atoms, range(page.network_seeds)),
        page.network_calls,
    ),
}
found = {
    label: {
        n: search.benchmark(
            f"{folder}/searches",
            problems[n],
            strategy,
            [page.seed + number for number in seeds],
            calls,
        )
        for n, seeds in by_size.items()
    }
    for label, (strategy, by_size, calls) in ways.items()
}

# %% tags=["hide-input", "remove-output"]
from surrogates.book import glue

glue.figure(
    "fig-prices", published_prices.price_curves(found, page.n_atoms)
)
glue.table("table-prices", published_prices.prices_table(found))

# %% [markdown]
r"""
:::{glue:figure} fig-prices
:name: fig-prices
:alt: Steps that rise from 0 to 1, a panel for each number of atoms: the share of the seeds that have found the lowest structure, by calls on a logarithmic axis. The spline in rounds rises first, then the expansion; with the most atoms the published means stand among the successes of basin hopping.

The share of the seeds that have found the lowest published energy, by calls of the true potential. Upright: the published means.
:::

::::{table} What one success costs, mean and standard deviation: quenches, which are relaxations of basin hopping, and calls of the true potential for energy and forces, labels included. Published: {cite:t}`gmin-examples`. Searches in rounds were stopped after {glue:text}`round_calls` calls, with the network after {glue:text}`network_most`, the others after {glue:text}`most_calls`.
:name: table-prices
:class: compact

```{glue:md} table-prices
:format: myst
```
::::

## The prices, and how ours are counted

The lowest energies are those of the Cambridge Cluster Database {cite:p}`ccd`: {glue:text}`goals`. A search knows the energy, so
that it can stop, but no structure. It succeeds within {glue:text}`tolerance` ε. All atoms begin at random places, from
{glue:text}`search_seeds` seeds.

The published prices are first encounter times of the program GMIN with {glue:text}`largest` atoms, from
{glue:text}`published_runs` random starts {cite:p}`gmin-examples`. Its basic setting shifts all coordinates, at a temperature of
1 ε; a search that gets nowhere for {glue:text}`published_patience` steps begins anew. Ours has the same step and temperature. A single walk takes
{glue:text}`shakes_quenches` quenches, GMIN {glue:text}`published_quenches`: {glue:text}`as_good`. The low
energies lie in two funnels, and the wider one, in which most walks end, does not hold the lowest {cite:p}`doye1999`. That is
why the deviations are as large as the means. When a search begins anew, and how far minima are relaxed, was tuned
({numref}`table-tried`): after {glue:text}`anew_patience` steps in vain, to {glue:text}`anew_tolerance` ε/σ. {glue:text}`anew_edges` It takes
{glue:text}`anew_calls` calls; compared with a single walk, {glue:text}`as_good_anew`. GMIN also has moves that make structures
symmetric; with them it takes {glue:text}`symmetrised_calls` calls, and its authors name a variant that is faster still, without a number. We
have none of these. Seventy-five atoms are harder still
{cite:p}`wales-doye`; we did not search them.

## In rounds

Rounds are those of {doc}`surrogate_search`, with energies and forces of all calls as labels. They begin with
{glue:text}`spline_first` calls on the way down from random atoms. {glue:text}`spline_first` structures of {glue:text}`largest`
atoms have {glue:text}`spline_forces` components of forces, which is plenty for a curve. What is left is to find the right
funnel, and on the spline that costs no calls: each round makes {glue:text}`walks` walks of {glue:text}`hops` hops from random
atoms, with the shakes of the search above. A success took {glue:text}`spline_rounds` rounds, and asked the spline {glue:text}`spline_asked`
times, on average. The spline has {glue:text}`pieces` pieces, which one of these searches showed to be enough. The fit of {doc}`surrogate_search` fails here
after some rounds: minima have few close pairs, and with each minimum that it learns it makes the atoms softer. In the fit of
this page each coefficient is held by what is known of it.

Pockets pay in two dimensions ({doc}`surrogate_search`), and with {glue:text}`smallest` atoms in three; with {glue:text}`largest`
they did not.

## Without knowing of pairs

The expansion is that of {doc}`your_own_system`: the energy of an atom is a polynomial of a few sums over its neighbours, and of
their square roots. A sum over pairs is among these, but so is much else, and none sees farther than {glue:text}`reach` σ. It
begins with {glue:text}`expansion_first` calls from two random starts, and each round makes the same walks as with the spline. A
success took {glue:text}`expansion_rounds` rounds. Each round ends with a relaxation of its best candidate on the true potential,
which corrects what the expansion leaves out. These settings were the first that we tried, from the first of the seeds.

The network ({doc}`distances`) begins with {glue:text}`network_first` calls. It was searched with {glue:text}`smallest` atoms
alone, where a search asks it {glue:text}`network_asked` times; with {glue:text}`largest` atoms the expansion is asked
{glue:text}`expansion_asked` times, for which a network is too slow.
"""

# %% tags=["hide-input"]
tries = {
    "pockets": search.BasinHopping(tolerance=0.1, pockets=True),
    "pockets, anew after 30": search.BasinHopping(
        tolerance=0.1, pockets=True, patience=30
    ),
    "pockets and shakes, anew after 30": search.BasinHopping(
        0.8, surface=0.5, tolerance=0.1, pockets=True, patience=30
    ),
}
others = searches.apart(1, page.seed, page.tried_seeds)
tried = {
    label: search.ranked(
        f"{folder}/tuning", problems[largest], [strategy], others, calls
    )[strategy]
    for (label, strategy), calls in zip(
        tries.items(), page.tried_calls, strict=True
    )
}

# %% tags=["hide-input", "remove-output"]
in_rounds = {label: ways[label][0] for label in published_prices.IN_ROUNDS}
limits = {
    "spline in rounds": published_prices.PAIRS_CALLS,
    "expansion in rounds": published_prices.FREE_CALLS,
}
every_try = [
    *published_prices.restarts_tried(ranked, page.anew_calls),
    *published_prices.moves_tried(tried, page.tried_calls),
]
glue.table("table-tried", published_prices.tried_table(every_try))
glue.numbers(
    **published_prices.page_numbers(found, in_rounds, page),
    **published_prices.restart_numbers(anew, every_try, restarts, largest),
)
goals = published_prices.price_goals(found, limits, largest)
glue.table("table-price-goals", searches.goals_table(goals), text=True)

# %% [markdown]
r"""
## What was tried

::::{table} Settings of basin hopping with {glue:text}`largest` atoms, from other seeds: calls for one success, and successes. Shakes are relaxed to the given largest force in ε/σ. All trials took {glue:text}`tried_spent` calls, which no search above is charged for; the surrogates were not tuned.
:name: table-tried
:class: compact

```{glue:md} table-tried
:format: myst
```
::::

## What others state

Their savings are for other systems, mostly in calls of density functional theory, against rivals of their own. So these rows
cannot be compared with each other; those of {numref}`table-prices` can. We read abstracts and descriptions only: what is “not found” does not
stand there. None of them tells of {glue:text}`largest` Lennard-Jones atoms that a surrogate helped to find.

| Method | What it assumes | System | Stated saving |
| --- | --- | --- | --- |
| GOFEE {cite:p}`gofee` | Gaussian process over structures, learned during the search; an acquisition function chooses one structure for each single call | surface reconstructions, oxidised graphene edges on Ir(111) | two orders of magnitude over an evolutionary algorithm |
| BEACON {cite:p}`beacon` | Gaussian process with energies and forces as labels, and its uncertainty | clusters of Ta₂O₅, oxidised ZrN surface | forces improve the search significantly in most cases; a number was not found |
| AGOX {cite:p}`agox` | a framework: generators, surrogates and samplers to put together, with any calculator of ASE | any | not found |
| GAP and random search {cite:p}`gap-rss,bernstein2019` | Gaussian approximation potential of local energies, fitted again to what random searches on it find | boron; several elements | a “relatively small number” of single calls |
| Local energies {cite:p}`autobag` | basin hopping; energies of clusters of atomic surroundings, fitted by least squares during the search | 19 atoms with Lennard-Jones-like pairs, 24 carbon atoms | a higher rate of success; a number was not found |
| Genetic algorithm {cite:p}`jennings2019` | Gaussian process over the order of atoms in a given geometry | nanoparticles of two metals | 50 times |
| Genetic algorithm {cite:p}`wang2022` | interatomic potentials learned during the search | 21 to 55 aluminium atoms | about one order of magnitude |
| Spline in rounds | the energy is a sum over pairs | {glue:text}`largest` Lennard-Jones atoms | {glue:text}`spline_times` times over the best of our rivals |
| Expansion in rounds | the energy of an atom follows from sums over its neighbours | {glue:text}`largest` Lennard-Jones atoms | {glue:text}`expansion_times` times over it |
| Network in rounds | a sum over atoms of what messages between them tell | {glue:text}`smallest` Lennard-Jones atoms | {glue:text}`network_times` times over the best of our rivals |

## The goals

::::{table} What this page was to show.
:name: table-price-goals
:class: statements

```{glue:md} table-price-goals
:format: myst
```
::::

## What follows

The saving comes from the form: a curve of one variable is soon known, and so is a polynomial of a few sums. What is left is the
search for the funnel. A surrogate does not shorten it, but makes it free.
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
