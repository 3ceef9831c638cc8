# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
r"""
# Finding structures of low energy

## What the report left to do

{cite:t}`chitturi-gui` trained their surrogates in order to find structures of low energy, and name as the main thing left to
do the optimisation of a graph network as a black box. This page does it, and asks whether it is worth it. The measure is the
number of times that the true potential is asked for the energy of a structure, with or without its forces, until the lowest
known structure is found: in a problem worth a surrogate, that is what costs. Energies that a surrogate was trained on are
counted apart.

The lowest known energies are those of `data/lj2d_putative_minima.csv`, which nothing but the count of successes sees. A search
succeeds when it has seen an energy within {glue:text}`tolerance:g` ε of it. Searches start from atoms at random, and take no
notice of lattices; those with the same seed begin with the same atoms.
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
box = 32.0
search_atoms = {"paper": [7, 13, 19, 32], "quick": [7, 13], "smoke": [5]}
search_seeds = {"paper": 20, "quick": 3, "smoke": 2}
most_calls = {"paper": 50000, "quick": 5000, "smoke": 300}
tuning_seeds = {"paper": 10, "quick": 2, "smoke": 1}
tuning_calls = {"paper": 20000, "quick": 2000, "smoke": 200}
temperatures = {
    "paper": [0.05, 0.1, 0.2, 0.4, 0.8],
    "quick": [0.2],
    "smoke": [0.2],
}
moved_atoms = {"paper": [1, 2, 3], "quick": [1, 2], "smoke": [1]}
shakes = {
    "paper": [0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
    "quick": [0.3, 0.5],
    "smoke": [0.4],
}
width = 0.5
training_structures = {"paper": 1000, "quick": 500, "smoke": 100}
few_structures = {"paper": 300, "quick": 300, "smoke": 100}
members = {"paper": 3, "quick": 2, "smoke": 2}
epochs = {"paper": 200, "quick": 60, "smoke": 2}
batch_size = 16
learning_rate = 0.01
spread = 0.5
starts = {"paper": 2, "quick": 1, "smoke": 1}
hops = {"paper": 300, "quick": 50, "smoke": 5}
keep = 5
relaxed = 2
scheduler = None

# %% tags=["hide-input"]
from surrogates import parameters

page = parameters.check(
    profile=profile,
    seed=seed,
    box=box,
    search_atoms=search_atoms,
    search_seeds=search_seeds,
    most_calls=most_calls,
    tuning_seeds=tuning_seeds,
    tuning_calls=tuning_calls,
    temperatures=temperatures,
    moved_atoms=moved_atoms,
    shakes=shakes,
    width=width,
    training_structures=training_structures,
    few_structures=few_structures,
    members=members,
    epochs=epochs,
    batch_size=batch_size,
    learning_rate=learning_rate,
    spread=spread,
    starts=starts,
    hops=hops,
    keep=keep,
    relaxed=relaxed,
    scheduler=scheduler,
)

# %% [markdown]
"""
## Without a surrogate

Basin hopping {cite:p}`wales-doye` goes from one local minimum to the next: it changes a structure, relaxes it with L-BFGS, and
accepts the result by its energy and a temperature. One variant shakes all atoms. The other takes one atom or a few, preferably
such with few neighbours, and lets each fall onto the rest from a random direction. The settings of both are tuned for each
number of atoms, with seeds that are not used again: those with the fewest calls for each success are taken. CMA-ES
{cite:p}`hansen` needs energies only, and starts again from other random atoms whenever it has converged.
"""

# %%
from surrogates import searching, structures, trials

variants = {
    "shaking all atoms": [
        structures.Hopping(temperature, surface=0.0, shake=shake)
        for temperature in page.temperatures
        for shake in page.shakes
    ],
    "over the surface": [
        structures.Hopping(temperature, surface=1.0, atoms=atoms)
        for temperature in page.temperatures
        for atoms in page.moved_atoms
    ],
}
folder = f"structure_search/{page.profile}/seed-{page.seed}"
tuning = {
    (variant, n): trials.tuned(
        f"{folder}/tuning/{n}-{variant.replace(' ', '-')}",
        n,
        tried,
        searching.goal(n),
        page.tuning_calls,
        range(10**6 + page.seed, 10**6 + page.seed + page.tuning_seeds),
    )
    for variant, tried in variants.items()
    for n in page.search_atoms
}
best_settings = {
    variant: {n: next(iter(tuning[variant, n])) for n in page.search_atoms}
    for variant in variants
}

# %%
seeds = range(page.seed, page.seed + page.search_seeds)
found = {
    f"basin hopping, {variant}": searching.by_hopping(
        f"{folder}/{variant.replace(' ', '-')}",
        best_settings[variant],
        page.most_calls,
        seeds,
    )
    for variant in variants
}
found["CMA-ES"] = searching.by_evolution(
    f"{folder}/cma-es",
    page.search_atoms,
    page.width,
    page.most_calls,
    seeds,
)

# %% [markdown]
"""
## With a surrogate

TODO
"""

# %%
import dataclasses

from surrogates import (
    datasets,
    forces,
    models,
    potential,
    runs,
    search,
    splines,
    sweeps,
    training,
)

low = datasets.Data(
    "low", 32, page.box, page.seed, (page.training_structures, 100, 100)
)
pairs = sweeps.train(
    {
        f"structure_search/{page.profile}/pairs-seed-{number}": runs.Config(
            low,
            models.Pairs(),
            training.Fit(
                target="linear-log",
                loss="mean_absolute_error",
                metric="mae",
                batch_size=page.batch_size,
                learning_rate=page.learning_rate,
                decay="cosine",
                epochs=page.epochs,
                seed=number,
            ),
        )
        for number in range(page.seed, page.seed + page.members)
    },
    page.scheduler,
)


def spline() -> search.Guarded:
    """Fitted to the first of the structures."""
    known = datasets.simulate(low).train
    fitted = splines.fit(
        datasets.Structures(
            known.positions[: page.few_structures],
            known.energies[: page.few_structures],
        )
    )
    return search.Guarded([fitted], fitted.closest)


def sums_over_pairs() -> search.Guarded:
    """All networks, walled off where they were not trained."""
    known = datasets.simulate(low).train
    closest = float(potential.closest_pair(known.positions).min())
    tables = [forces.pair_table(run, closest) for run in pairs.values()]
    return search.Guarded(tables, closest, page.spread)


learned = {
    "spline": (
        spline,
        {"data": dataclasses.asdict(low), "structures": page.few_structures},
        datasets.asked(low, page.few_structures),
    ),
    "sums over pairs": (
        sums_over_pairs,
        {"runs": [run.config.to_dict() for run in pairs.values()], "spread": page.spread},
        datasets.asked(low, page.training_structures),
    ),
}
options = searching.Options(page.starts, page.hops, page.keep, page.relaxed)
for label, (learn, origin, labels) in learned.items():
    found[label] = searching.by_surrogate(
        f"{folder}/{label.replace(' ', '-')}",
        learn,
        origin,
        labels,
        best_settings["over the surface"],
        options,
        seeds,
    )

# %% tags=["hide-input"]
labels = {name: "none" for name in found} | {
    "spline": f"{page.few_structures:,}",
    "sums over pairs": f"{page.training_structures:,}",
}
for n in page.search_atoms:
    tried = {name: of_size[n] for name, of_size in found.items()}
    glue.table(f"table_{n}", beyond.trials_table(tried, labels))

# %% [markdown]
"""
## The report's own network



## A potential that is no sum over pairs


"""
