"""Random atoms on their way to a minimum; the lowest minimum of several searches; starts that are relaxed at once."""

from collections.abc import Sequence

import numpy as np

from surrogates.potentials import Counted, Minimum, units_of
from surrogates.search import minima
from surrogates.search.basin_hopping import BasinHopping
from surrogates.search.benchmark import INFINITE
from surrogates.search.known import TOLERANCE
from surrogates.search.learners import Learner
from surrogates.search.problem import Problem
from surrogates.store import results

FRAMES = 12  # of the first relaxation


def trajectory(name: str, problem: Problem, learner: Learner, method: BasinHopping, seed: int, hops: int = 300) -> dict:
    """Random atoms on their way to a minimum within the trust region of a committee, and of the true potential.

    From the store, or searched and stored under this name.

    Returns
    -------
    dict
        "frames" ``[[[x, y], ...], ...]``: some steps of the first relaxation, each minimum that was lower than all
        before, and the end; "captions" and "energies", the true ones, of each; "calls" of the true potential for the
        last step.
    """
    settings = {"problem": problem, "learner": learner, "method": method, "hops": hops}
    return results.load_or_compute(name, settings, lambda: _trajectory(problem, learner, method, seed, hops), seed)


def _trajectory(problem: Problem, learner: Learner, method: BasinHopping, seed: int, hops: int) -> dict:
    learned, rng = learner.committee(problem), problem.random(seed)
    start = problem.start(rng)
    path = Counted(learned)
    first = minima.relax(path, start)
    downhill = [found.positions for _, found in path.best[1:]]  # the first one is the start
    some = np.unique(np.linspace(0, len(downhill) - 1, FRAMES).astype(int)) if downhill else ()
    frames = [start, *(downhill[k] for k in some)]
    captions = ["random atoms"] + ["first relaxation"] * (len(frames) - 1)
    lowest = first
    for number, found in enumerate(method.minimise(learned, first.positions, rng, hops)):
        if found.energy < lowest.energy - 1e-3 and not learned.objection(found):
            lowest = found
            frames.append(found.positions)
            captions.append(f"hop {number}")
    true = Counted(problem.potential)
    frames.append(minima.relax(true, lowest.positions).positions)
    captions.append("relaxed on the true potential")
    return {
        "frames": [np.round(frame, 2).tolist() for frame in frames],
        "captions": captions,
        "energies": [min(float(problem.potential(frame)[0]), INFINITE) for frame in frames],
        "calls": true.calls["search"],
    }


def reference(
    potential,
    n_atoms: int,
    seeds: Sequence[int],
    hops: int,
    dimensions: int = 2,
    name: str | None = None,
    method: BasinHopping = BasinHopping(),  # noqa: B008 (it is frozen)
) -> dict:
    """The lowest structure from basin hopping with several seeds, where no lowest energy is known: a goal.

    From the store, or searched and stored, where a ``name`` is given.

    Returns
    -------
    dict
        "energy", "positions" ``[[x, y], ...]``, and "seeds", how many of the searches ended within the tolerance.
    """
    given = {"potential": potential, "n_atoms": n_atoms, "seeds": list(seeds), "hops": hops}
    if dimensions != 2:
        given["dimensions"] = dimensions
    if method != BasinHopping():
        given["method"] = method

    def compute():
        ends = []
        for seed in seeds:
            start, rng = minima.seeded_start(n_atoms, seed, dimensions, units_of(potential).length)
            ends.append(min(method.minimise(potential, start, rng, hops), key=lambda found: found.energy))
        best = min(ends, key=lambda found: found.energy)
        agreed = sum(end.energy <= best.energy + TOLERANCE for end in ends)
        return {"energy": best.energy, "positions": best.positions.round(6).tolist(), "seeds": agreed}

    return compute() if name is None else results.load_or_compute(name, given, compute)


def relaxed_starts(problem: Problem, seeds: Sequence[int]) -> list[Minimum]:
    """Where the random atoms of each seed come to if they are relaxed on the true potential at once."""
    return [minima.relax(problem.potential, problem.start(problem.random(seed))) for seed in seeds]
