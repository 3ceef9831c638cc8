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
CMA-ES drives the report's own network to an energy of {glue:text}`fooled_learned`, where the true one is
{glue:text}`fooled_true`. With atoms kept as far apart as in training, it comes to {glue:text}`guarded_learned` for a true
{glue:text}`guarded_true`. Of {glue:text}`drive_seeds` searches each, {glue:text}`free_found` and {glue:text}`bound_found` lead
to the lowest known structure.
:::

{cite:t}`chitturi-gui` trained their surrogates in order to find structures of low energy, and name as the main thing left to
do the optimisation of a graph network as a black box. So the report's search of {doc}`low_energy` is taken at its word: its
best model is driven by CMA-ES {cite:p}`hansen` from random atoms, once from each of {glue:text}`drive_seeds` seeds, with about
{glue:text}`drive_calls` predictions at most, and the true potential is asked about the best structure, which is then relaxed on
it. {glue:text}`cma_found`
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
drive_width = 0.5
drive_calls = 20000
drive_seeds = 20
round_structures = [20, 50]
rounds = 4
scheduler = None

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "fooled", scheduler=parameters.scheduler)

# %% [markdown]
"""
## The report's own network

The network takes {glue:text}`drive_atoms` atoms only. It was trained on random structures whose lowest energy is
{glue:text}`gcn_lowest` and whose closest pair is at {glue:text}`gcn_closest` σ. To find them, and those of its validation, took
{glue:text}`network_labels` true energies. It is driven twice: as it is, and with a steep wall where two atoms are closer than
that pair.
"""

# %%
from surrogates import search
from surrogates.training import reported

# What both pages have, such as the labels of the spline, stands there.
settings = parameters.published("surrogate_search", page.profile, page.seed)
folder = f"fooled/{page.profile}/seed-{page.seed}"
searched = parameters.published("low_energy", page.profile, page.seed)
best = reported.low_energy_best(searched, page.scheduler)
n_atoms = best.config.data.n_atoms
problem = search.lennard_jones_problem(n_atoms)
evolution = search.CMAES(page.drive_width, page.drive_calls)
seeds = range(page.seed, page.seed + page.drive_seeds)
networks = {
    "unguarded": search.NetworkEnergies(best, bounded=False),
    "guarded": search.NetworkEnergies(best),
}
driven = {
    label: search.benchmark(
        f"{folder}/driven",
        problem,
        search.OnSurrogate(network, evolution, starts=1, keep=1, relaxed=1),
        seeds,
    )
    for label, network in networks.items()
}

# %% [markdown]
"""
Two searches stand beside them: the random atoms that all begin with, relaxed on the true potential at once; and CMA-ES on the
true potential itself, with the settings that are tuned in {doc}`surrogate_search`.
"""

# %%
from surrogates.analysis import searches

control = search.relaxed_starts(problem, seeds)
cma = None
if n_atoms in settings.search_atoms:
    cma = searches.without_surrogate(
        f"surrogate_search/{page.profile}/seed-{page.seed}",
        {n_atoms: problem},
        settings,
        (searches.EVOLUTION,),
    ).trials[searches.EVOLUTION][n_atoms]

# %% tags=["hide-input", "remove-output"]
from surrogates import potentials
from surrogates.analysis import fooled
from surrogates.analysis.formatting import energy, fixed, listed, whole
from surrogates.book import glue

known = best.data.train
closest = float(potentials.closest_pair(known.positions).min())
glue.numbers(
    **fooled.driven_numbers(
        driven["unguarded"], driven["guarded"], closest
    ),
    drive_calls=whole(page.drive_calls),
    drive_atoms=n_atoms,
    drive_seeds=page.drive_seeds,
    gcn_lowest=energy(known.energies.min()),
    gcn_closest=fixed(closest, 3),
    network_labels=whole(networks["guarded"].labels(problem)),
    driven_bottom=energy(search.lowest_known(n_atoms), 3),
    control_lowest=energy(min(end.energy for end in control)),
    cma_found=fooled.evolution_sentence(cma, settings.most_calls),
)
glue.table("table-fooled", fooled.driven_table(driven))

# %% [markdown]
r"""
::::{table} The structure with the lowest prediction of {glue:text}`drive_seeds` searches; then the lowest energy to which any of their ends relaxes on the true potential, and how many relax to the lowest known one, {glue:text}`driven_bottom`.
:name: table-fooled
:class: compact

```{glue:md} table-fooled
:format: myst
```
::::
"""

# %% tags=["hide-input", "remove-output"]
bottom = search.lowest_known(n_atoms)
glue.figure("fig-fooled", fooled.predicted_against_true(driven, bottom))

# %% [markdown]
r"""
:::{glue:figure} fig-fooled
:name: fig-fooled
:alt: Predicted against true energy of the structures to which CMA-ES drove the report's graph network, without and with a bound on the distance of atoms; a line where both are equal, and one at the lowest known energy.

Where CMA-ES drives the report's network: predicted against true energy of the best structure of each search. True energies
above 10¹² are drawn there.
:::
"""

# %% tags=["hide-input", "remove-output"]
glue.figure("fig-fools", fooled.worst_structures(driven))

# %% [markdown]
r"""
:::{glue:figure} fig-fools
:name: fig-fools
:alt: Structures of discs: the one with the lowest prediction without a bound on distances, and the one with the lowest prediction with it.

The structures with the lowest predictions. A disc is as wide as the best distance of a pair.
:::

Unguarded, the lowest prediction is {glue:text}`fooled_learned`, for a structure whose true energy is {glue:text}`fooled_true`:
two of its atoms are {glue:text}`fooled_closest` σ apart. Of {glue:text}`drive_seeds` searches, {glue:text}`left_range` end with
a pair closer than any in training.

With the wall below that distance, {glue:text}`asked_beyond` % of the structures that CMA-ES asks for lie beyond it, and
{glue:text}`refused_ends` structures better than all before are refused because they do; the lowest prediction that is left is
{glue:text}`guarded_learned` for a true energy of {glue:text}`guarded_true`. Relaxed on the true potential,
{glue:text}`free_found` of the {glue:text}`drive_seeds` unguarded ends and {glue:text}`bound_found` of the others reach the
lowest known energy; the best of all comes to {glue:text}`driven_lowest`. The random atoms that the searches began with, relaxed
at once, come to {glue:text}`control_lowest` at best. Compact structures are not among what the network was trained on, and a
bound on distances does not add them.

(rounds)=

## Too few labels, and going round again

A sum over pairs of too few labels is fooled as well. What a search has checked can be added to the labels, and the search made
again with what is learned of both. So the spline of {doc}`surrogate_search` is fitted to the first {glue:text}`round_labels`
of the structures only. It is searched for {glue:text}`round_atoms` atoms, as many as the labels have; candidates with $V<0$
and their true energies are added, and so on, {glue:text}`rounds` times in all.
"""

# %%
low = searches.low_energy_structures(settings)
problem = search.lennard_jones_problem(low.n_atoms)
in_rounds = {}
for number in page.round_structures:
    strategy = searches.on_surrogate(
        search.SplineFit(low, number),
        search.BasinHopping(),
        settings,
        rounds=page.rounds,
    )
    trials = search.benchmark(
        f"{folder}/rounds",
        problem,
        strategy,
        range(page.seed, page.seed + settings.search_seeds),
    )
    in_rounds[number] = search.by_round(trials, page.rounds)

# %% tags=["hide-input", "remove-output"]
glue.numbers(
    n_seeds=settings.search_seeds,
    round_labels=listed([str(n) for n in page.round_structures]),
    round_atoms=low.n_atoms,
    rounds=page.rounds,
)
glue.table("table-rounds", fooled.rounds_table(in_rounds))

# %% [markdown]
r"""
::::{table} The search with the spline of few structures, which took so many true energies as labels, round after round: from how many of the {glue:text}`n_seeds` seeds the lowest known energy has been found by then, how many calls of the true potential one search has taken on average, and the median and the lowest of the best energies.
:name: table-rounds
:class: compact

```{glue:md} table-rounds
:format: myst
```
::::

(refused)=

## What is refused

A minimum of a surrogate that is not finite, or outside of what the surrogate was trained on, or of which several networks
disagree, is not asked of the true potential. Every one is counted, from the lowest one up until there are candidates enough.
The optimisers themselves meet steep walls at the edges of the trained range; the last column is how much of what they ask
lies beyond. Of all that was looked at, {glue:text}`objections` lay there, were disputed or were not finite.
"""

# %% tags=["hide-input", "remove-output"]
surrogates = {
    f"spline of {number}, {page.rounds} rounds": {low.n_atoms: rounds[-1]}
    for number, rounds in in_rounds.items()
} | {"report's network, CMA-ES": {n_atoms: driven["guarded"]}}
glue.numbers(
    objections=whole(searches.refused_minima(*surrogates.values()))
)
glue.table("table-fooled-refused", searches.refusals_table(surrogates))

# %% [markdown]
r"""
::::{table} Minima that basin hopping on a surrogate visited (for CMA-ES: structures better than all before), and what became of those that were looked at, over all seeds. “Asked beyond” is the share of structures beyond the trained range among all that a surrogate was asked for.
:name: table-fooled-refused
:class: compact

```{glue:md} table-fooled-refused
:format: myst
```
::::

{numref}`table-refused` and {numref}`table-three-refused` have the others.

## The goal, and whether it is reached
"""

# %% tags=["hide-input", "remove-output"]
goal = fooled.goal(driven["unguarded"], driven["guarded"], n_atoms)
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
