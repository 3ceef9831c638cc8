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
# A potential that is no sum over pairs

:::{admonition} In short
:class: in-short

With a three-body energy added, {glue:text}`systems_short` With {glue:text}`three_labels` labels from descents beforehand, a
graph network reaches the lowest structure of {glue:text}`three_atoms` atoms {glue:text}`graph_found` times of
{glue:text}`three_all`, a sum over pairs {glue:text}`pair_found` times. Tuned basin hopping takes {glue:text}`three_rival`
calls, the relaxation of random atoms {glue:text}`three_multistart`. {glue:text}`three_worth`
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
system_atoms = [7, 8, 9, 10]
strengths = [0.07, 1.0, 3.0]
system_seeds = 10
system_calls = 5000
temperatures = [0.0, 0.2, 0.4, 0.8, 1.6]
surfaces = [0.0, 0.5, 1.0]
patiences = [3, 10, 30, 100]
tuning_seeds = 5
finalists = 3
final_seeds = 10
round_seeds = 5
round_calls = 600
network_strengths = [0.07, 1.0]
network_seeds = 3
strength = 3.0
three_atoms = 5
descents = 1500
trainings = 3
pair_epochs = 20
gcn_epochs = 40
three_hops = 15
reference_seeds = 50

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "three_bodies")

# %% tags=["hide-input"]
from surrogates import models, potentials, search
from surrogates.analysis import plots, searches, three_bodies

folder = f"three_bodies/{page.profile}/seed-{page.seed}"
pairs_alone = potentials.LennardJones()
mixed = search.BasinHopping(surface=0.5, tolerance=0.1, pockets=True)
systems, lowest_of, rivals = {}, {}, {}
further = searches.apart(3, page.seed, page.system_seeds)
long = {"hops": 60, "name": f"{folder}/lowest", "method": mixed}
for n in page.system_atoms:
    for nu in page.strengths:
        true = pairs_alone + potentials.AxilrodTeller(nu)
        found = search.reference(true, n, further, **long)
        lowest_of[n, nu] = found
        goal = search.Problem(true, n, found["energy"] + search.TOLERANCE)
        rivals[n, nu] = three_bodies.tuned_rival(folder, goal, page)
        ways = three_bodies.searched(
            mixed, rivals[n, nu].strategy, nu, page
        )
        systems[n, nu] = {
            label: search.benchmark(
                f"{folder}/systems",
                goal,
                way.strategy,
                range(page.seed, page.seed + way.seeds),
                way.calls,
            )
            for label, way in ways.items()
        }

# %% tags=["hide-input", "remove-output"]
from surrogates.book import glue

panels = three_bodies.panels(systems, max(page.system_atoms))
glue.figure("fig-systems", plots.success_curves(panels))
table = three_bodies.systems_table(systems, lowest_of)
glue.table("table-systems", table)
glue.table("table-rivals", three_bodies.rivals_table(rivals))

# %% [markdown]
r"""
:::{glue:figure} fig-systems
:name: fig-systems
:alt: The share of the seeds that have found the lowest structure, by calls on a logarithmic axis, a panel for each strength of the three-body energy: searches in rounds rise first where the strength is low, none of them where it is high.

The share of the seeds that have found the lowest structure of {glue:text}`most_atoms` atoms, by calls of the true potential.
:::

::::{table} Calls for one success, every call counted, and in brackets the successes: of {glue:text}`system_seeds` seeds, of {glue:text}`round_seeds` with the spline and the expansion, of {glue:text}`network_seeds` with the network. The goal is the lowest energy that {glue:text}`system_seeds` searches found, and so many agree on it. Searches were stopped after {glue:text}`system_calls` calls, in rounds after {glue:text}`round_calls`. “–” was not tried; “– (0)” found nothing.
:name: table-systems
:class: compact

```{glue:md} table-systems
:format: myst
```
::::

{glue:text}`systems_long`

## Systems that were chosen before the searches

For Lennard-Jones atoms a sum over pairs contains the truth. This page repeats the search of {doc}`surrogate_search` where it
does not. It adds the triple-dipole energy of {cite:t}`axilrod-teller`,
$\nu\,(1+3\cos\alpha\cos\beta\cos\gamma)/(r_{ij}r_{jk}r_{ki})^3$ for every three atoms with the angles $\alpha,\beta,\gamma$.
For argon $\nu$ is about {glue:text}`argon` ε σ⁹. It makes triangles of touching atoms cost energy.

Every number of atoms with every strength is a system. Their lowest energies are not known; the goal is the lowest one of
{glue:text}`system_seeds` searches by basin hopping. The control relaxes random atoms, one start after the other. The rival is
basin hopping that puts atoms into pockets, shakes all atoms, or does both in turn, and begins anew after some steps in vain. It is
tuned for each system, from other seeds: {glue:text}`rival_settings` settings, {glue:text}`rival_spent` calls that no price counts
({numref}`table-rivals`). {glue:text}`rival_edges` The better of control and rival counts. A spline over pairs, an expansion
({doc}`your_own_system`, with its settings), or a smooth network learns in rounds. The expansion takes the energy of an atom from
sums over its neighbours; the network from messages. Neither is told of pairs, and the expansion knows no angles. Their own
settings are not tuned. The network was not searched at the highest strength, where the others need hundreds of calls and it trains
after every few.

::::{table} The settings of the rival that came out best, of {glue:text}`tuning_seeds` seeds, the {glue:text}`finalists` best of them again of {glue:text}`final_seeds` others.
:name: table-rivals
:class: compact

```{glue:md} table-rivals
:format: myst
```
::::

## Labels beforehand, from descents

One system more, with {glue:text}`three_atoms` atoms and $\nu$ = {glue:text}`strength` ε σ⁹, was chosen in trials with other seeds for
the search. Basin hopping on it from {glue:text}`three_seeds` further seeds has {glue:text}`three_lowest` as its lowest energy, and
reaches it from {glue:text}`three_agreed` of them; this is the goal. Basin hopping is tuned for it, over moves and settings, as in
{doc}`surrogate_search`, but for pockets, which the lowest structure does not have.
"""

# %%
# What both pages have, such as the seeds of the searches, stands there.
settings = parameters.published("surrogate_search", page.profile, page.seed)
true = pairs_alone + potentials.AxilrodTeller(page.strength)
n, seeds = page.three_atoms, settings.search_seeds
further_seeds = searches.apart(3, page.seed, page.reference_seeds)
name = f"{folder}/lowest"
lowest = search.reference(true, n, further_seeds, hops=100, name=name)
problem = search.Problem(true, n, lowest["energy"] + search.TOLERANCE)
settings.pocket_atoms = []  # the lowest structure has no pockets that are worth it
moves = searches.strategies(settings)[searches.HOPPING]
three = searches.without_surrogate(
    folder, {n: problem}, settings, {searches.HOPPING: moves}
).trials
three["multistart"] = searches.same_settings(
    folder,
    {n: problem},
    search.Multistart(),
    seeds,
    settings.most_calls,
    settings,
)

# %% [markdown]
"""
The labels come from {glue:text}`descents` descents from random atoms, {glue:text}`descent_steps` calls of the true potential
each: {glue:text}`three_labels` in all. Both models learn the same ones, those of structures that reach no farther than
{glue:text}`widest` σ, each {glue:text}`trainings` times from different initial weights. Each trained network is searched by
itself, by basin hopping with {glue:text}`three_hops` hops from each start. Walls keep the search to the distances that
structures with $V<0$ have among the labels.
"""

# %%
graph = models.GCN(2, 64, "atoms", (64, 32), 8.0, "inverse", ("sorted",))
# Model, batch size, learning rate and epochs of each.
networks = {
    "sum over pairs": (models.Pairs(), 16, 0.01, page.pair_epochs),
    "graph network": (graph, 32, 0.002, page.gcn_epochs),
}
descents = search.Descents(page.descents)
surface = search.BasinHopping(surface=0.5)
errors = {label: [] for label in networks}
for label, (model, batch_size, rate, epochs) in networks.items():
    three[label] = {n: []}
    for number in range(page.seed, page.seed + page.trainings):
        fit = searches.training_settings(number, batch_size, rate, epochs)
        learner = search.DescentLearner(model, fit, descents, page.seed)
        hops = {"hops": page.three_hops}
        three[label][n] += searches.with_surrogate(
            folder, {n: problem}, learner, surface, settings, **hops
        )[n]
        error = search.learning_errors(f"{folder}/errors", problem, learner)
        errors[label].append(error["test"])

# %% tags=["hide-input", "remove-output"]
from surrogates.analysis.formatting import energy, significant, whole

compact = search.reference(pairs_alone, n, further_seeds, hops=20)
glue.numbers(
    **three_bodies.systems_numbers(systems, page),
    **three_bodies.tuned_rival_numbers(rivals, page),
    **three_bodies.beforehand_numbers(three, n, errors),
    strength=significant(page.strength),
    argon=significant(three_bodies.ARGON),
    descents=whole(descents.starts),
    descent_steps=descents.steps,
    widest=significant(descents.widest),
    three_hops=page.three_hops,
    three_lowest=energy(lowest["energy"], 4),
    three_agreed=lowest["seeds"],
    three_seeds=page.reference_seeds,
    three_compact=energy(float(true.energy(compact["positions"])), 3),
    n_seeds=settings.search_seeds,
    trainings=page.trainings,
)
glue.table("table-three-body", searches.searches_table(three))

# %% [markdown]
r"""
::::{table} The same searches with the three-body energy, {glue:text}`three_atoms` atoms, {glue:text}`n_seeds` seeds each, and as many for each of the {glue:text}`trainings` trainings of a surrogate.
:name: table-three-body
:class: compact

```{glue:md} table-three-body
:format: myst
```
::::

The sum over pairs has an error of {glue:text}`pair_error` on structures with $V<0$ of unseen descents, the graph network one of
{glue:text}`graph_error` (MAE of $V$, the mean over the trainings). The sum over pairs leads to the goal {glue:text}`pair_found`
times of {glue:text}`three_all`, the graph network {glue:text}`graph_found` times. In {glue:text}`three_relaxed` of these
successes the relaxation on the true potential came to the goal, not a candidate itself. All searches share the same labels.
So few atoms have few minima: to relax random atoms, one start after the other, costs about as much as basin hopping.
With labels beforehand {glue:text}`three_paybacks`.

Why do errors so alike search so differently? The error is a mean over descents, of which few structures are near a minimum; a search
depends on which minimum is the lowest. Searches on the sum over pairs end most often at {glue:text}`pair_ends`, relaxed on the true
potential, those on the graph network at {glue:text}`graph_ends`. A mean over other structures cannot show that.
"""

# %% tags=["hide-input", "remove-output"]
drawn = three_bodies.structures(true, compact, lowest, three, networks)
glue.figure("fig-three-body", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-three-body
:name: fig-three-body
:alt: Structures of a few discs: the lowest one of pairs alone; the lowest one with the three-body energy; and the best ones that the two surrogates have led to.

The lowest structure of pairs alone, that with the three-body energy, and the best ones that the two surrogates led to, each
with its energy in the three-body potential.
:::

The best structure of pairs alone has {glue:text}`three_compact` in this potential.

## The goals, and whether they are reached

A model counts as successful if more than half of the searches lead to the goal, and as failed if fewer do.
"""

# %% tags=["hide-input", "remove-output"]
goals = three_bodies.three_body_goals(
    *(three[label][n] for label in errors)
)
glue.table("table-three-goals", searches.goals_table(goals), text=True)

# %% [markdown]
r"""
::::{table} What this page was to show. Success is meant as in the tables above.
:name: table-three-goals
:class: statements

```{glue:md} table-three-goals
:format: myst
```
::::

## What follows

A surrogate pays as far as its form holds the truth: a sum over pairs while triangles matter little, an expansion somewhat
farther. Where no form is known, {doc}`your_own_system` begins with nothing but a calculator.
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
