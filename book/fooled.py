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
# How a surrogate is fooled

:::{admonition} In short
:class: in-short

The report's own network does not lead either optimiser to the lowest structure. CMA-ES and basin hopping along the network's
gradients find it in {glue:text}`found_free` searches; guarded, with atoms kept as far apart as in training, in
{glue:text}`found_bound`. Unguarded, the network is driven to an energy of
{glue:text}`fooled_learned`, where the true one is {glue:text}`fooled_true`; guarded, to {glue:text}`guarded_learned` for a true
{glue:text}`guarded_true`.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
drive_starts = 2
drive_calls = 5000
drive_hops = 15
drive_seeds = 8
scheduler = None

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "fooled", scheduler=parameters.scheduler)

# %% tags=["hide-input"]
from surrogates import search
from surrogates.analysis import searches
from surrogates.training import reported

# What both pages have, such as the tuned step, stands there.
settings = parameters.published("surrogate_search", page.profile, page.seed)
folder = f"fooled/{page.profile}/seed-{page.seed}"
searched = parameters.published("low_energy", page.profile, page.seed)
best = reported.low_energy_best(searched, page.scheduler)
n_atoms = best.config.data.n_atoms
problem = search.lennard_jones_problem(n_atoms)
width, cma = searches.tuned_step(settings, problem)
methods = {
    "CMA-ES": (search.CMAES(width, page.drive_calls), False),
    "basin hopping": (search.BasinHopping(pockets=True), True),
}
seeds = range(page.seed, page.seed + page.drive_seeds)
driven = {
    f"{name}, {guard}": search.benchmark(
        f"{folder}/driven",
        problem,
        searches.on_surrogate(
            search.NetworkEnergies(best, guard == "guarded", slopes),
            method,
            settings,
            starts=page.drive_starts,
            hops=page.drive_hops,
        ),
        seeds,
    )
    for name, (method, slopes) in methods.items()
    for guard in ("unguarded", "guarded")
}
control = search.relaxed_starts(problem, seeds)
spline = search.SplineFit(
    searches.low_energy_structures(settings), settings.few_structures
)
as_short = searches.on_surrogate(
    spline,
    methods["basin hopping"][0],
    settings,
    starts=page.drive_starts,
    hops=page.drive_hops,
)
on_spline = search.benchmark(f"{folder}/driven", problem, as_short, seeds)

# %% tags=["hide-input", "remove-output"]
from surrogates import potentials
from surrogates.analysis import fooled
from surrogates.analysis.formatting import energy, fixed, whole
from surrogates.book import glue

known = best.data.train
closest = float(potentials.closest_pair(known.positions).min())
free, bound = (
    [
        trial
        for label in driven
        if label.endswith(guard)
        for trial in driven[label]
    ]
    for guard in (", unguarded", ", guarded")
)
glue.numbers(
    **fooled.driven_numbers(free, bound, closest),
    **fooled.found_numbers(free, bound),
    drive_starts=page.drive_starts,
    drive_calls=whole(page.drive_calls),
    drive_hops=page.drive_hops,
    drive_keep=settings.keep,
    drive_relaxed=settings.relaxed,
    drive_atoms=n_atoms,
    drive_seeds=page.drive_seeds,
    gcn_lowest=energy(known.energies.min()),
    gcn_closest=fixed(closest, 3),
    network_labels=whole(search.NetworkEnergies(best).labels(problem)),
    driven_bottom=energy(search.lowest_known(n_atoms), 3),
    control_lowest=energy(min(end.energy for end in control)),
    cma_found=fooled.evolution_sentence(cma, settings.most_calls),
    as_short=fooled.control_sentence(on_spline, settings.few_structures),
)
glue.table("table-fooled", fooled.driven_table(driven))

# %% [markdown]
r"""
::::{table} The structure with the lowest prediction of {glue:text}`drive_seeds` searches each; then the lowest energy that any of them comes to on the true potential, and how many come to the lowest known one, {glue:text}`driven_bottom`.
:name: table-fooled
:class: compact

```{glue:md} table-fooled
:format: myst
```
::::

## The report's own network

{cite:t}`chitturi-gui` trained their surrogates to find structures of low energy. The main thing that they leave to do is to
optimise a graph network as a black box. This page does it. The best model of our search ({doc}`low_energy`) is driven from
random atoms, once from each of {glue:text}`drive_seeds` seeds, by CMA-ES {cite:p}`hansen` and by the basin hopping that finds the structure
on other surrogates ({doc}`surrogate_search`). The true potential is asked about the best {glue:text}`drive_keep` structures of
a search, and the best {glue:text}`drive_relaxed` of these are relaxed on it.

The network takes {glue:text}`drive_atoms` atoms only. It was trained on random structures whose lowest energy is
{glue:text}`gcn_lowest` and whose closest pair is at {glue:text}`gcn_closest` σ. Finding these and the structures for validation
took {glue:text}`network_labels` true energies. The network is driven as it is, and guarded by a steep wall where two atoms are
closer than that pair. Each search has {glue:text}`drive_starts` starts. CMA-ES, with the step that is best on the true
potential, makes about {glue:text}`drive_calls` predictions from each; basin hopping makes {glue:text}`drive_hops` hops, each
relaxed along the gradients of the network. These leave out the radial density, a feature that is counted and has no slope.

{glue:text}`cma_found` The random atoms that the searches begin with, relaxed on the true potential at once, come to
{glue:text}`control_lowest` at best.
"""

# %% tags=["hide-input", "remove-output"]
bottom = search.lowest_known(n_atoms)
glue.figure("fig-fooled", fooled.predicted_against_true(driven, bottom))

# %% [markdown]
r"""
:::{glue:figure} fig-fooled
:name: fig-fooled
:alt: Predicted against true energy of the structures to which CMA-ES and basin hopping drove the report's graph network, without and with a bound on the distance of atoms; a line where both are equal, and one at the lowest known energy.

Where the report's network is driven: predicted against true energy of the best structure of each search. True energies
above 10¹² are drawn there.
:::
"""

# %% tags=["hide-input", "remove-output"]
glue.figure("fig-fools", fooled.worst_structures(driven))

# %% [markdown]
r"""
:::{glue:figure} fig-fools
:name: fig-fools
:alt: Structures of discs: for each optimiser the one with the lowest prediction without a bound on distances, and with it.

The structures with the lowest predictions. A disc is as wide as the best distance of a pair.
:::

Unguarded, the structure with the lowest prediction has two atoms {glue:text}`fooled_closest` σ apart. Of {glue:text}`ends`
searches {glue:text}`left_range` end with atoms closer than any in training. With the wall, {glue:text}`asked_beyond` % of all
structures that the network is asked about on the way lie beyond it. The best end of all comes to {glue:text}`driven_lowest` on
the true potential. Compact structures are not among what the network was trained on, and a bound
on distances does not add them.

The same moves find the lowest structure on a spline and on a smooth network that learn during the search, with far fewer calls
than this network had labels ({doc}`surrogate_search`). These are told of forces, and of the very structures that they are drawn
to. The hops here are fewer, since a step along this network's gradients takes long. {glue:text}`as_short`

(refused)=

## What is refused

The true potential is not asked about a minimum that is not finite, that lies outside of what the surrogate was trained on, or
of which several networks disagree. The table counts the minima, from the lowest one up, until there are candidates enough. The
optimisers themselves meet steep walls at the edges of the trained range. The last column says how much of what they ask lies
beyond.
"""

# %% tags=["hide-input", "remove-output"]
refused = {label: {n_atoms: trials} for label, trials in driven.items()}
glue.table("table-fooled-refused", searches.refusals_table(refused))

# %% [markdown]
r"""
::::{table} Minima that basin hopping on the network visited (for CMA-ES: structures better than all before), and what became of those that were looked at, over all seeds. “Asked beyond” is the share of structures beyond the trained range among all that it was asked for.
:name: table-fooled-refused
:class: compact

```{glue:md} table-fooled-refused
:format: myst
```
::::

## The goal, and whether it is reached
"""

# %% tags=["hide-input", "remove-output"]
goal = fooled.goal(free, bound, n_atoms)
glue.table("table-fooled-goal", searches.goals_table([goal]), text=True)

# %% [markdown]
r"""
::::{table} What this page was to show. Success is meant as in the table above.
:name: table-fooled-goal
:class: statements

```{glue:md} table-fooled-goal
:format: myst
```
::::

## What follows

An optimiser goes where a network is wrong, and a wall keeps it from one way to be wrong only. What is to be searched has to learn
from where the search goes: that is what the rounds of {doc}`surrogate_search` do.
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
glue.provenance(best)
glue.listing()
