"""Compare ways to find the lowest structure: from the same random starts, by calls of the true potential.

>>> goal = trials.known(7) + trials.TOLERANCE
>>> tried = [trials.without_surrogate(7, seed, structures.Hopping(), goal, most=20_000) for seed in range(20)]
>>> trials.summary(tried)  # successes, calls for each
"""

import dataclasses
import functools
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surrogates import data, potentials, search
from surrogates.search import structures
from surrogates.store import provenance, results

TOLERANCE = 1e-4  # in epsilon; what the known energies are good to
TRUE_NOT_FINITE = "true energies not finite"
ENDLESS = 10**9  # hops: the number of calls ends a trial

LENNARD_JONES = potentials.LennardJones()


@dataclass(frozen=True)
class Trial:
    """One search from one seed, as plain data.

    Attributes
    ----------
    found : int or None
        Calls of the true potential when the goal was first reached; None if it was not within those allowed.
    calls : int
        Calls of the true potential in all, for the search.
    energy : float or None
        The lowest energy that was seen; None if nothing was worth a call.
    steps : tuple of (int, float)
        Improvements: calls until then, and the energy; of those within 2% of the calls the last one.
    positions : list
        The best structure, ``[[x, y], ...]``.
    labels : int
        True energies that were asked for to train the surrogate; 0 without one.
    counts : dict
        What else happened: how many true energies were NaN or infinite ("true energies not finite"), and with a
        surrogate what :class:`search.on_surrogate.Search` and :class:`search.on_surrogate.Guarded` count.
    """

    found: int | None
    calls: int
    energy: float | None
    steps: tuple = ()
    positions: list = dataclasses.field(default_factory=list)
    labels: int = 0
    counts: dict = dataclasses.field(default_factory=dict)

    @classmethod
    def of(
        cls,
        true: potentials.Counted,
        goal: float,
        most: float = np.inf,
        labels: int = 0,
        counts: Mapping[str, int] | None = None,
    ) -> "Trial":
        """What was counted; a goal that was reached only after ``most`` calls was not reached."""
        thinned = {int(np.log(calls) / np.log(1.02)): (calls, round(found.energy, 6)) for calls, found in true.best}
        best, found = true.lowest, true.until(goal)
        return cls(
            found if found is not None and found <= most else None,
            true.calls["search"],
            best.energy if true.best else None,
            tuple(thinned.values()),
            best.positions.round(6).tolist(),
            labels,
            {**(counts or {}), TRUE_NOT_FINITE: true.calls["not finite"]},
        )


def known(n_atoms: int) -> float:
    """The lowest energy that is known, from ``data/lj2d_putative_minima.csv``. Raises ValueError where none is."""
    file = provenance.root() / "data" / "lj2d_putative_minima.csv"
    energies = pd.read_csv(file, comment="#", index_col="n_atoms").energy
    if n_atoms not in energies:
        raise ValueError(f"n_atoms = {n_atoms}: the lowest energy is known for {', '.join(map(str, energies.index))}.")
    return float(energies[n_atoms])


Method = structures.Hopping | structures.Evolution


def without_surrogate(
    n_atoms: int,
    seed: int,
    method: Method,
    goal: float,
    most: int,
    true: structures.Potential = LENNARD_JONES,
) -> Trial:
    """Basin hopping or CMA-ES on the true potential, until the goal or ``most`` calls are reached.

    A call gives the energy of a structure and its forces, of which CMA-ES takes no notice. Whenever that has converged,
    its end is relaxed, and it starts again from other random atoms. The hop, generation or relaxation that takes the
    last call is still ended.
    """
    counted = potentials.Counted(true)
    start, rng = structures.seeded_start(n_atoms, seed)

    def stop(found):
        return counted.lowest.energy <= goal or counted.calls["search"] >= most

    if isinstance(method, structures.Hopping):
        structures.hop(counted, start, method, rng, ENDLESS, stop)
    else:
        while True:
            better = structures.evolve(counted, start, method, rng, stop)
            if better and not stop(better[-1]):
                structures.relax(counted, better[-1].positions)
            if stop(counted.lowest):
                break
            start = structures.random_start(n_atoms, rng)
    return Trial.of(counted, goal, most)


def with_surrogate(
    n_atoms: int,
    seed: int,
    learned: search.Guarded,
    labels: int,
    goal: float,
    true: structures.Potential = LENNARD_JONES,
    **options,
) -> Trial:
    """:func:`search.on_surrogate.search` on what was learned from so many ``labels``; ``options`` are its own."""
    counted = potentials.Counted(true)
    learned.counts.clear()
    found = search.search(learned, counted, n_atoms, structures.seeded_random(n_atoms, seed), **options)
    return Trial.of(counted, goal, labels=labels, counts={**found.counts, **learned.counts})


def in_rounds(
    n_atoms: int,
    seed: int,
    learn: Callable[[data.Structures], search.Guarded],
    known: data.Structures,
    labels: int,
    goal: float,
    times: int,
    true: structures.Potential = LENNARD_JONES,
    **options,
) -> list[Trial]:
    """:func:`search.on_surrogate.rounds` so many times: what was reached after each of them, with all calls so far.

    Labels are those of the start; what the rounds add to them are calls of the search.
    """
    counted, counts, learned, reached = potentials.Counted(true), Counter(), [], []

    def learn_and_keep(known):
        learned.append(learn(known))
        return learned[-1]

    rng = structures.seeded_random(n_atoms, seed)
    for found, _ in itertools.islice(search.rounds(learn_and_keep, known, counted, n_atoms, rng, **options), times):
        counts += found.counts + learned[-1].counts
        reached.append(Trial.of(counted, goal, labels=labels, counts=counts))
    return reached


def summary(trials: Sequence[Trial]) -> dict[str, float]:
    """How many trials reached the goal, and how many calls one success costs.

    Returns
    -------
    dict
        "trials", "successes", "calls" (all calls until success, or the end, over the successes: what one success
        costs if failures are tried again; inf without any), "made" (the same with the calls after a success, such as
        those for the other candidates of a surrogate), "median" (of the calls until success).
    """
    found = [trial.found for trial in trials if trial.found is not None]
    spent = sum(trial.calls if trial.found is None else trial.found for trial in trials)
    return {
        "trials": len(trials),
        "successes": len(found),
        "calls": spent / len(found) if found else np.inf,
        "made": sum(trial.calls for trial in trials) / len(found) if found else np.inf,
        "median": float(np.median(found)) if found else np.inf,
    }


def stored(name: str, settings: dict, search_from: Callable[[int], Trial], seeds: Sequence[int]) -> list[Trial]:
    """A trial from each seed, each from the store of :mod:`surrogates.store.results`, or made and stored.

    ``settings`` are all that determines the trials, but for the seeds.
    """
    found = []
    for seed in seeds:
        compute = functools.partial(_plain, search_from, seed)
        trial = results.load_or_compute(f"{name}/seed-{seed}", settings | {"seed": seed}, compute)
        found.append(of_plain(trial))
    return found


def of_plain(trial: dict) -> Trial:
    """A trial as it was, from what a file of plain data holds."""
    return Trial(**{**trial, "steps": tuple(map(tuple, trial["steps"]))})


def tuned(
    name: str,
    n_atoms: int,
    tried: Sequence[Method],
    goal: float,
    most: int,
    seeds: Sequence[int],
    true: structures.Potential = LENNARD_JONES,
) -> dict[Method, dict[str, float]]:
    """What one success :func:`without_surrogate` costs with each of several settings, those with the lowest cost first.

    Give seeds that are used for nothing else. The trials of each setting are one result in the store, named for it.
    Settings without any success come last, by the mean of the lowest energies.

    Returns
    -------
    dict of Hopping or Evolution to dict
        The :func:`summary` of its trials, "energy", that mean, and "spent", the calls of all its trials.
    """
    found = {}
    for settings in tried:
        label = "-".join(f"{value:g}" for value in dataclasses.astuple(settings))
        compute = functools.partial(_outcomes, n_atoms, seeds, settings, goal, most, true)
        given = dataclasses.asdict(settings) | {"n_atoms": n_atoms, "most": most, "seeds": list(seeds), "goal": goal}
        given["true"] = structures.described(true)
        outcomes = [Trial(*outcome) for outcome in results.load_or_compute(f"{name}/{label}", given, compute)]
        energy = float(np.mean([np.inf if trial.energy is None else trial.energy for trial in outcomes]))
        found[settings] = summary(outcomes) | {"energy": energy, "spent": sum(trial.calls for trial in outcomes)}
    return dict(sorted(found.items(), key=lambda item: (item[1]["calls"], item[1]["energy"])))


def _outcomes(n_atoms, seeds, settings, goal, most, true) -> list[tuple]:
    made = (without_surrogate(n_atoms, seed, settings, goal, most, true) for seed in seeds)
    return [(trial.found, trial.calls, trial.energy) for trial in made]


def _plain(search_from: Callable[[int], Trial], seed: int) -> dict:
    return dataclasses.asdict(search_from(seed))
