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
A search for the lowest structure of {glue:text}`largest` atoms takes {glue:text}`rival` calls of the true potential by tuned
basin hopping, and {glue:text}`calls_few` on a spline or {glue:text}`calls_many` on networks that have learned the energy of
a pair. The labels of these two took {glue:text}`asked_few` and {glue:text}`asked_many` calls. {glue:text}`worth`
:::

{cite:t}`chitturi-gui` trained their surrogates in order to find structures of low energy. This page does so, and asks whether
it is worth it. The measure is the number of times that a search asks the true potential for the energy of a structure, with or
without its forces, until it finds the lowest known structure: where a surrogate is needed, that is what costs. Energies that a
surrogate was trained on are counted apart. {doc}`fooled` does what the report names as the main thing left to do, the
optimisation of its graph network as a black box, and {doc}`three_bodies` leaves the sums over pairs.

The lowest known energies are those of `data/lj2d_putative_minima.csv`. A search succeeds when it has seen an energy within
{glue:text}`tolerance` ε of it. That ends a search without a surrogate, and ranks the settings that are tried for it; it gives
no start, no move and no label. Searches start from atoms at random, and take no notice of lattices; those with the same seed
begin with the same atoms.
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
finalists = 5
final_seeds = 30
temperatures = [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6]
moved_atoms = [1, 2, 3, 4]
shakes = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
tolerances = [0.001, 0.01, 0.1]
widths = [0.0625, 0.125, 0.25, 0.5, 1.0, 2.0]
training_structures = 1000
few_structures = 300
members = 3
epochs = 200
batch_size = 16
learning_rate = 0.01
spread = 0.5
starts = 2
hops = 300
keep = 5
relaxed = 2
film_hops = 600
scheduler = None

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(
    globals(), "surrogate_search", scheduler=parameters.scheduler
)

# %% [markdown]
"""
## Without a surrogate

Basin hopping {cite:p}`wales-doye` goes from one local minimum to the next: it changes a structure, relaxes it with L-BFGS,
and accepts the result by its energy and a temperature. One variant shakes all atoms. The other takes one atom or a few,
preferably such with few neighbours, and lets each fall onto the rest from a random direction. CMA-ES {cite:p}`hansen` needs
energies only; whenever it has converged, its end is relaxed, and it starts again from other random atoms.

The settings of all three are tuned for each number of atoms. Each is tried from {glue:text}`tuning_seeds` seeds, with
{glue:text}`tuning_calls` calls at most. Of those of basin hopping, the {glue:text}`finalists` with the fewest calls for each
success are tried from {glue:text}`final_seeds` others, also with minima that are relaxed less far, and the best is taken; of
those of CMA-ES it is the best of the first trials. No search below has any of these seeds.
"""

# %%
from surrogates import search
from surrogates.analysis import searches

folder = f"surrogate_search/{page.profile}/seed-{page.seed}"
problems = {n: search.lennard_jones_problem(n) for n in page.search_atoms}
alone = searches.without_surrogate(folder, problems, page)

# %% [markdown]
"""
## With a surrogate

Two surrogates are asked instead. Both know beforehand that the energy is a sum over pairs: a spline fitted to the total
energies of {glue:text}`few` random structures, which is a linear problem and a yardstick; and {glue:text}`members` networks of
the kind of {doc}`one_surrogate`, trained on {glue:text}`many` of them from different initial weights, and searched as tables
of the pair energy that they have learned. Both were told of random structures of {glue:text}`trained_atoms` atoms only, with
$V<0$, whatever the number of atoms that is looked for. The lowest energy that they were told is {glue:text}`lowest_label`. To
know which random structures have $V<0$, the true potential has to be asked about the others as well: the labels that are
counted include these.

Basin hopping over the surface, with the settings tuned above, takes place on the surrogate, where calls cost nothing that is
counted. Its minima are kept only where no two atoms are closer than any in training, and where the networks agree to
{glue:text}`agreement` ε. The best few distinct ones, {glue:text}`keep` at most, are asked of the true potential, once each,
and the best {glue:text}`relaxed` of these are relaxed on it.
"""

# %%
import dataclasses

low = searches.low_energy_structures(page)
pairs = searches.sums_over_pairs(f"surrogate_search/{page.profile}", page)
learners = {
    "spline": search.SplineFit(low, page.few_structures),
    "sums over pairs": search.PairCommittee(pairs, page.spread),
}
# What a call of a surrogate costs is of no account: all minima are relaxed.
surface = {
    n: dataclasses.replace(best.strategy, tolerance=search.FINE)
    for n, best in alone.tuned[searches.SURFACE].items()
}
found = alone.trials | {
    label: searches.with_surrogate(folder, problems, learner, surface, page)
    for label, learner in learners.items()
}

# %% tags=["hide-input", "remove-output"]
from surrogates.analysis import plots, surrogate_search
from surrogates.book import glue

largest = max(page.search_atoms)
gains = searches.paybacks(found, searches.HOPPINGS, list(learners))
glue.numbers(
    **surrogate_search.tuning_numbers(page, alone.tuned),
    **surrogate_search.search_numbers(
        page, found["sums over pairs"][largest], gains, low
    ),
)
glue.table("table-settings", surrogate_search.settings_table(alone.tuned))

# %% [markdown]
r"""
::::{table} The settings of the searches without a surrogate, for each number of atoms.
:name: table-settings
:class: compact

```{glue:md} table-settings
:format: myst
```
::::

{glue:text}`edges` At the lowest temperature, {glue:text}`coldest` ε, a step up by half an ε is accepted with a chance of
{glue:text}`half_up`; a lower one could change little. CMA-ES makes no use of forces, which a call gives as well; basin hopping
does.
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-searches", searches.searches_table(found))

# %% [markdown]
r"""
::::{table} All searches, {glue:text}`n_seeds` seeds each. “Calls for one” are all calls of the true potential over the successes, with those of failures and those after a success, such as the checks of other candidates; “Median” is that of the calls until success. Those without a surrogate were stopped after {glue:text}`most` calls. Labels are counted apart, and once for all seeds, which share them: how much other labels would change is not measured.
:name: table-searches
:class: compact

```{glue:md} table-searches
:format: myst
```
::::
"""

# %% tags=["hide-input", "remove-output"]
of_largest = {label: of_size[largest] for label, of_size in found.items()}
drawn = surrogate_search.energy_by_calls(of_largest, problems[largest])
glue.figure("fig-calls", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-calls
:name: fig-calls
:alt: The best energy so far above the lowest known one, against the number of calls of the true potential, both axes logarithmic; thin lines for each seed and a thick one for the median, in one colour for each search.

The best energy so far, by calls of the true potential, with {glue:text}`largest` atoms: each seed, and the median. Labels
are not among these calls.
:::
"""

# %% tags=["hide-input", "remove-output"]
shown = surrogate_search.best_structures(found, "sums over pairs", problems)
drawn = plots.gallery(shown, columns=len(problems))
glue.figure("fig-gallery", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-gallery
:name: fig-gallery
:alt: Compact structures of touching discs in a triangular arrangement; above the best ones that the search with the sums over pairs has found, below the best ones of all searches, for each number of atoms.

For each number of atoms, the best structure that the search with the sums over pairs has found, and below it the best one of
all searches, each turned as it was found. One is called the lowest known if its energy is that, within
{glue:text}`tolerance` ε: of the known structures the energies are at hand, not the coordinates, and different structures
can have the same energy.
:::

## From random atoms to the minimum
"""

# %% tags=["hide-input"]
from IPython.display import HTML

moving = search.trajectory(
    f"{folder}/trajectory",
    problems[largest],
    learners["spline"],
    surface[largest],
    page.seed,
    page.film_hops,
)
glue.numbers(**surrogate_search.film_numbers(moving, page.film_hops))
HTML(surrogate_search.film(moving, largest))

# %% [markdown]
r"""
A search with the spline from the atoms of the first seed, {glue:text}`film_hops` hops long: steps of the first relaxation,
then each minimum of the surrogate that was lower than all before and within what it was trained on, with its true energy, and
at last the relaxation on the true potential. This took {glue:text}`film_calls` calls and ends at {glue:text}`film_energy`. The
lowest known energy is {glue:text}`film_known`.

## Is it worth it?
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-worth", searches.paybacks_table(gains))

# %% [markdown]
r"""
::::{table} Calls of the true potential for one success, with the better basin hopping and with a surrogate, and from how many searches on the labels are paid back. “Once” counts the labels and the calls of one search.
:name: table-worth
:class: compact

```{glue:md} table-worth
:format: myst
```
::::

{glue:text}`worth` The labels were {glue:text}`asked_few` calls for the spline and {glue:text}`asked_many` for the networks.
They are for one number of atoms and serve all others. The settings of basin hopping were tuned on the true potential, and are
used on the surrogates as well; neither side is charged for the {glue:text}`tuning_spent` calls that the tuning of the searches
above took. What the table counts is true calls, not time: a search of {glue:text}`largest` atoms asks each of the networks
{glue:text}`surrogate_calls` times, where basin hopping asks the true potential {glue:text}`rival` times, which is cheap here.
So it speaks of potentials of which a call takes long.

## What is refused

Of the minima of the surrogates, {doc}`fooled` tells which are not asked of the true potential, and why.
"""

# %% tags=["hide-input", "remove-output"]
learned = {label: found[label] for label in learners}
glue.table("table-refused", searches.refusals_table(learned))

# %% [markdown]
r"""
::::{table} Minima that basin hopping on a surrogate visited, and what became of those that were looked at, over all seeds. “Asked beyond” is the share of structures beyond the trained range among all that a surrogate was asked for.
:name: table-refused
:class: compact

```{glue:md} table-refused
:format: myst
```
::::

## The goals, and whether they are reached
"""

# %% tags=["hide-input", "remove-output"]
goals = surrogate_search.search_goals(gains, largest, page.search_seeds)
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
glue.provenance(*pairs)
glue.listing()
