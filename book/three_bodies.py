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
With a three-body energy added, the search on a sum over pairs reaches the lowest structure of {glue:text}`three_atoms` atoms
{glue:text}`pair_found` times of {glue:text}`three_all`, that on a graph network {glue:text}`graph_found` times.
{glue:text}`three_worth`
:::

For Lennard-Jones atoms a sum over pairs contains the truth. So the search of {doc}`surrogate_search` is made for a potential
that is none: the triple-dipole energy of {cite:t}`axilrod-teller` is added,
$\nu\,(1+3\cos\alpha\cos\beta\cos\gamma)/(r_{ij}r_{jk}r_{ki})^3$ for every three atoms with the angles $\alpha,\beta,\gamma$,
with $\nu$ = {glue:text}`strength` ε σ⁹; for argon it is about {glue:text}`argon`. It makes triangles of touching atoms cost
energy. Strength, number of atoms and the settings of both models were chosen in trials with other seeds for the search, the
last of them on labels made in the same way.
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
strength = 3.0
three_atoms = 5
descents = 1500
trainings = 3
pair_epochs = 20
gcn_epochs = 40
three_hops = 15
reference_seeds = 50
ase_atoms = 7
ase_calls = 300

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "three_bodies")

# %% [markdown]
"""
## The goal, and searches without a surrogate

No lowest energy is known of this potential. Basin hopping on it from {glue:text}`three_seeds` further seeds has
{glue:text}`three_lowest` as its lowest energy, and reaches it from {glue:text}`three_agreed` of them; this is the goal. The two
variants of basin hopping are tuned for it, and search for it, as in {doc}`surrogate_search`.
"""

# %%
from surrogates import potentials, search
from surrogates.analysis import searches

# What both pages have, such as the seeds of the searches, stands there.
settings = parameters.published("surrogate_search", page.profile, page.seed)
folder = f"three_bodies/{page.profile}/seed-{page.seed}"
pairs_alone = potentials.LennardJones()
true = pairs_alone + potentials.AxilrodTeller(page.strength)
n = page.three_atoms
further_seeds = searches.apart(3, page.seed, page.reference_seeds)
lowest = search.reference(
    true, n, further_seeds, hops=100, name=f"{folder}/lowest"
)
problem = search.Problem(true, n, lowest["energy"] + search.TOLERANCE)
three = searches.without_surrogate(
    folder, {n: problem}, settings, searches.HOPPINGS
).trials

# %% [markdown]
"""
## With a surrogate

Labels are the structures of {glue:text}`descents` descents from random atoms, {glue:text}`descent_steps` calls of the true
potential each, {glue:text}`three_labels` in all. Both models learn the same of these, those that do not reach farther than
{glue:text}`widest` σ, each {glue:text}`trainings` times from different initial weights. They are searched in the same way, but
each network by itself, by basin hopping with {glue:text}`three_hops` hops from each start, walled off outside of the distances
that structures with $V<0$ have among their labels.
"""

# %%
from surrogates import models

graph = models.GCN(
    n_layers=2,
    n_nodes=64,
    pooling="atoms",
    hidden=(64, 32),
    cutoff=8.0,
    edge_weight="inverse",
    features=("sorted",),
)
# Model, batch size, learning rate and epochs of each.
networks = {
    "sum over pairs": (
        models.Pairs(),
        settings.batch_size,
        settings.learning_rate,
        page.pair_epochs,
    ),
    "graph network": (graph, 32, 0.002, page.gcn_epochs),
}
descents = search.Descents(page.descents)
surface = {n: search.BasinHopping(surface=0.5)}
errors = {label: [] for label in networks}
for label, (model, batch_size, rate, epochs) in networks.items():
    three[label] = {n: []}
    for number in range(page.seed, page.seed + page.trainings):
        fit = searches.training_settings(number, batch_size, rate, epochs)
        learner = search.DescentLearner(model, fit, descents, page.seed)
        three[label][n] += searches.with_surrogate(
            folder,
            {n: problem},
            learner,
            surface,
            settings,
            hops=page.three_hops,
        )[n]
        error = search.learning_errors(f"{folder}/errors", problem, learner)
        errors[label].append(error["test"])

# %% tags=["hide-input", "remove-output"]
import numpy as np

from surrogates.analysis import three_bodies
from surrogates.analysis.formatting import energy, fixed, significant, whole
from surrogates.book import glue

compact = search.reference(pairs_alone, n, further_seeds, hops=20)
gains = searches.paybacks(three, searches.HOPPINGS, list(networks))
pair_trials, graph_trials = (three[label][n] for label in networks)
counted = [
    search.summary(trials)["successes"]
    for trials in (pair_trials, graph_trials)
]
glue.numbers(
    strength=significant(page.strength),
    argon=significant(three_bodies.ARGON),
    three_atoms=n,
    descents=whole(descents.starts),
    descent_steps=descents.steps,
    widest=significant(descents.widest),
    three_hops=page.three_hops,
    three_labels=whole(max(trial.labels for trial in graph_trials)),
    three_lowest=energy(lowest["energy"], 4),
    three_agreed=lowest["seeds"],
    three_seeds=page.reference_seeds,
    three_compact=energy(float(true.energy(compact["positions"])), 3),
    n_seeds=settings.search_seeds,
    trainings=page.trainings,
    three_all=len(graph_trials),
    pair_error=fixed(np.mean(errors["sum over pairs"]), 2),
    graph_error=fixed(np.mean(errors["graph network"]), 2),
    three_relaxed=three_bodies.found_by_relaxation(
        pair_trials + graph_trials
    ),
    pair_found=counted[0],
    graph_found=counted[1],
    three_worth=searches.paybacks_sentence(gains),
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

On structures with $V<0$ of unseen descents, the error (MAE of $V$, the mean over the trainings) of the sum over pairs is
{glue:text}`pair_error`, that of the graph network {glue:text}`graph_error`. The search with the sum over pairs reaches the goal
{glue:text}`pair_found` times of {glue:text}`three_all`, that with the graph network {glue:text}`graph_found` times; in
{glue:text}`three_relaxed` of these successes it was the relaxation on the true potential that came to the goal, not a candidate
itself. All searches share the same labels. {glue:text}`three_worth`
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

## What is refused

Minima that are not finite, or outside of what the networks were trained on, are not asked of the true potential
({ref}`as on the other surrogates <refused>`).
"""

# %% tags=["hide-input", "remove-output"]
surrogates = {f"{label}, three bodies": three[label] for label in networks}
glue.table("table-three-refused", searches.refusals_table(surrogates))

# %% [markdown]
r"""
::::{table} Minima that basin hopping on a surrogate visited, and what became of those that were looked at, over all seeds. “Asked beyond” is the share of structures beyond the trained range among all that a surrogate was asked for.
:name: table-three-refused
:class: compact

```{glue:md} table-three-refused
:format: myst
```
::::

## Another true potential

Any potential can take the place of the true one, as an argument of `search.Problem`. A calculator of ASE
{cite:p}`larsen2017atomic` becomes one by `potentials.FromASE`:
"""

# %%
from ase.calculators import lj

by_ase = search.Problem(
    potentials.FromASE(lj.LennardJones(rc=1000.0)),
    page.ase_atoms,
    search.lennard_jones_problem(page.ase_atoms).goal,
)
(found,) = search.trials_of(
    by_ase, search.BasinHopping(), page.seed, page.ase_calls
)

# %% tags=["hide-input"]
glue.numbers(
    ase_calls=found.calls,
    ase_energy=energy(found.energy, 3),
    ase_atoms=page.ase_atoms,
    ase_known=energy(search.lowest_known(page.ase_atoms), 3),
)

# %% [markdown]
r"""
Within {glue:text}`ase_calls` calls basin hopping comes to {glue:text}`ase_energy` with {glue:text}`ase_atoms` atoms, whose
lowest known energy is {glue:text}`ase_known`.

## The goals, and whether they are reached

A model counts as successful if more than half of the searches lead to the goal, and as failed if fewer do.
"""

# %% tags=["hide-input", "remove-output"]
goals = three_bodies.three_body_goals(*counted, len(graph_trials))
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
