"""The comparison of the page on finding structures: many searches by number of atoms, stored one by one.

>>> methods = {n: structures.Hopping() for n in (7, 13)}
>>> found = searching.without_surrogate("search/mine/hopping", methods, most=20_000, seeds=range(20))
>>> found[13]  # the trials from all seeds, of surrogates.search.trials; stored as soon as each is done
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from surrogates import checks, data, potentials, search
from surrogates.search import structures, trials
from surrogates.store import results

LENNARD_JONES = potentials.LennardJones()
LARGEST = 1e300  # stands for an energy of infinity or NaN, which no file of plain data holds


@dataclasses.dataclass(frozen=True)
class Options:
    """How :func:`surrogates.search.on_surrogate.search` goes about it, on any surrogate.

    Attributes
    ----------
    starts, hops : int
        Random starts, and hops from each of them on the surrogate.
    keep, relaxed : int
        Candidates that are checked with the true potential, and how many of these are relaxed on it.
    """

    starts: int = 2
    hops: int = 300
    keep: int = 5
    relaxed: int = 2


def goal(n_atoms: int) -> float:
    """The energy below which a search has found the lowest known structure."""
    return trials.known(n_atoms) + trials.TOLERANCE


@dataclasses.dataclass(frozen=True)
class Tuning:
    """How much is spent on the settings of searches without a surrogate.

    Attributes
    ----------
    most : int
        Calls of the true potential for each search.
    seeds, final_seeds : sequence of int
        Those of the searches with all settings, and with the finalists; no search that is compared has them.
    finalists : int
        So many settings, those with the fewest calls for each success, are tried again; a single one is not.
    tolerances : sequence of float
        Each finalist of basin hopping is tried with all of these (:class:`surrogates.search.structures.Hopping`).
    """

    most: int
    seeds: Sequence[int]
    finalists: int
    final_seeds: Sequence[int]
    tolerances: Sequence[float] = (structures.FINE,)

    def __post_init__(self):
        checks.integer("finalists", self.finalists, 1)


def tuned(
    name: str,
    tried: Sequence[trials.Method],
    sizes: Sequence[int],
    tuning: Tuning,
    goals: Mapping[int, float] | None = None,
    true: structures.Potential = LENNARD_JONES,
) -> tuple[dict[int, trials.Method], int]:
    """The best settings for each number of atoms, by :func:`search.trials.tuned`, and the calls that took in all.

    The finalists are ranked by seeds that had no part in choosing them: the best of many settings on a few seeds owes
    that to luck as well.
    """
    chosen, spent = {}, 0
    for n in sizes:
        aim = goal(n) if goals is None else goals[n]
        all_tried = trials.tuned(f"{name}/{n}-atoms", n, tried, aim, tuning.most, tuning.seeds, true)
        finalists = list(all_tried)[: tuning.finalists]
        if all(isinstance(method, structures.Hopping) for method in finalists):
            finalists = [
                dataclasses.replace(method, tolerance=tolerance)
                for method in finalists
                for tolerance in tuning.tolerances
            ]
        finals = {}
        if len(finalists) > 1:
            finals = trials.tuned(f"{name}/{n}-atoms/finals", n, finalists, aim, tuning.most, tuning.final_seeds, true)
        chosen[n] = next(iter(finals), finalists[0])
        spent += sum(outcome["spent"] for found in (all_tried, finals) for outcome in found.values())
    return chosen, spent


def without_surrogate(
    name: str,
    methods: Mapping[int, trials.Method],
    most: int,
    seeds: Sequence[int],
    goals: Mapping[int, float] | None = None,
    true: structures.Potential = LENNARD_JONES,
) -> dict[int, list[trials.Trial]]:
    """:func:`surrogates.search.trials.without_surrogate`, with a method for each number of atoms.

    Parameters
    ----------
    name : str
        Folder of the store.
    methods : mapping of int to Hopping or Evolution
        By number of atoms.
    most : int
        Calls of the true potential for each search.
    seeds : sequence of int
        One search each.
    goals : mapping of int to float, optional
        The energies that end a search, in units of epsilon; :func:`goal` where there are none.
    true : Potential
        One that :func:`surrogates.search.structures.described` has words for.
    """
    found = {}
    for n, method in methods.items():
        aim = goal(n) if goals is None else goals[n]

        def search_from(seed, n=n, method=method, aim=aim):
            return trials.without_surrogate(n, seed, method, aim, most, true)

        given = {"n_atoms": n, "most": most, "goal": aim, "true": structures.described(true)}
        found[n] = trials.stored(f"{name}/{n}-atoms", dataclasses.asdict(method) | given, search_from, seeds)
    return found


def with_surrogate(
    name: str,
    learn: Callable[[], search.Guarded],
    origin: dict,
    labels: int,
    methods: Mapping[int, trials.Method],
    options: Options,
    seeds: Sequence[int],
    goals: Mapping[int, float] | None = None,
    true: structures.Potential = LENNARD_JONES,
) -> dict[int, list[trials.Trial]]:
    """:func:`surrogates.search.trials.with_surrogate`, with the method that suits each number of atoms.

    ``learn`` is called only where a trial is missing; ``origin`` says, as plain data, what the surrogate was learned
    from, and ``labels`` how many true energies that took. The others are as for :func:`without_surrogate`.
    """
    found, once = {}, functools.cache(learn)
    chosen = dataclasses.asdict(options)
    for n, method in methods.items():
        aim = goal(n) if goals is None else goals[n]

        def search_from(seed, n=n, method=method, aim=aim):
            return trials.with_surrogate(n, seed, once(), labels, aim, true, method=method, **chosen)

        given = {"n_atoms": n, "goal": aim, "labels": labels, "learned": origin, "true": structures.described(true)}
        found[n] = trials.stored(f"{name}/{n}-atoms", dataclasses.asdict(method) | chosen | given, search_from, seeds)
    return found


def in_rounds(
    name: str,
    learn: Callable[[data.Structures], search.Guarded],
    known: data.Structures,
    origin: dict,
    labels: int,
    n_atoms: int,
    method: trials.Method,
    options: Options,
    times: int,
    seeds: Sequence[int],
    aim: float,
    true: structures.Potential = LENNARD_JONES,
) -> list[list[trials.Trial]]:
    """:func:`search.trials.in_rounds` from each seed, stored: a list for each round, of the trials of all seeds.

    ``origin`` says, as plain data, what is ``known`` and what ``learn`` makes of it; ``aim`` is the energy to be found,
    in units of epsilon.
    """
    chosen, found = dataclasses.asdict(options), []
    checks.integer("times", times, 1)
    given = {"n_atoms": n_atoms, "goal": aim, "labels": labels, "learned": origin, "times": times}
    given |= dataclasses.asdict(method) | chosen | {"true": structures.described(true)}
    for seed in seeds:

        def compute(seed=seed):
            made = trials.in_rounds(n_atoms, seed, learn, known, labels, aim, times, true, method=method, **chosen)
            return [dataclasses.asdict(trial) for trial in made]

        stored = results.load_or_compute(f"{name}/seed-{seed}", given | {"seed": seed}, compute)
        found.append([trials.of_plain(trial) for trial in stored])
    return [list(of_round) for of_round in zip(*found, strict=True)]


@dataclasses.dataclass(frozen=True)
class Driven:
    """Where an optimiser has driven a surrogate: the best structure that :meth:`Guarded.objection` lets pass.

    Attributes
    ----------
    learned, true : float or None
        Energy of the structure, as predicted, and as it is, in units of epsilon; None where no structure passed.
    closest : float or None
        Its closest pair of atoms, in units of sigma.
    positions : list
        The structure, ``[[x, y], ...]``, empty where none passed.
    trial : Trial
        With the relaxation of the structure on the true potential, and what was counted.
    """

    learned: float | None
    true: float | None
    closest: float | None
    positions: list
    trial: trials.Trial


def drive(
    learned: search.Guarded,
    n_atoms: int,
    seed: int,
    evolution: structures.Evolution,
    aim: float,
    labels: int = 0,
    true: structures.Potential = LENNARD_JONES,
) -> Driven:
    """One search by CMA-ES on a surrogate, from the random atoms of a seed; one structure is checked, and relaxed."""
    counted = potentials.Counted(true)
    learned.counts.clear()
    rng = structures.seeded_random(n_atoms, seed)
    found = search.search(learned, counted, n_atoms, rng, evolution, starts=1, keep=1, relaxed=1)
    counts = {**found.counts, **learned.counts}
    trial = trials.Trial.of(counted, aim, labels=labels, counts=counts)
    if found.candidates.empty:
        return Driven(None, None, None, [], trial)
    end = found.candidates.iloc[0]
    energy = float(np.nan_to_num(end.true, nan=LARGEST, posinf=LARGEST, neginf=-LARGEST))
    near = float(potentials.pair_distances(end.positions).min())
    return Driven(float(end.learned), energy, near, end.positions.round(6).tolist(), trial)


def driven(
    name: str,
    learn: Callable[[], search.Guarded],
    origin: dict,
    n_atoms: int,
    evolution: structures.Evolution,
    labels: int,
    seeds: Sequence[int],
    aim: float,
    true: structures.Potential = LENNARD_JONES,
) -> list[Driven]:
    """:func:`drive` from each seed, stored as soon as it is done.

    ``learn`` is called only where one is missing; ``origin`` says, as plain data, what the surrogate was learned from.
    """
    learned, found = functools.cache(learn), []
    given = {"n_atoms": n_atoms, "goal": aim, "labels": labels, "learned": origin, "true": structures.described(true)}
    for seed in seeds:

        def compute(seed=seed):
            return dataclasses.asdict(drive(learned(), n_atoms, seed, evolution, aim, labels, true))

        settings = dataclasses.asdict(evolution) | given | {"seed": seed}
        stored = results.load_or_compute(f"{name}/seed-{seed}", settings, compute)
        found.append(Driven(**{**stored, "trial": trials.of_plain(stored["trial"])}))
    return found


def relaxed_starts(
    n_atoms: int, seeds: Sequence[int], true: structures.Potential = LENNARD_JONES
) -> list[structures.Minimum]:
    """Where the random atoms of each seed come to if they are relaxed on the true potential at once."""
    return [structures.relax(true, structures.seeded_start(n_atoms, seed)[0]) for seed in seeds]


def becoming(
    learned: search.Guarded,
    n_atoms: int,
    seed: int,
    hopping: structures.Hopping,
    hops: int,
    true: structures.Potential = LENNARD_JONES,
) -> dict:
    """Random atoms on their way to a minimum of a surrogate to which it has no objection, and of the true potential.

    Returns
    -------
    dict
        "frames" ``[[[x, y], ...], ...]``: some steps of the first relaxation, each minimum that was lower than all
        before, and the end; "captions" and "energies", the true ones, of each; "calls" of the true potential for the
        last step.
    """
    start, rng = structures.seeded_start(n_atoms, seed)
    path = potentials.Counted(learned)
    first = structures.relax(path, start)
    downhill = [found.positions for _, found in path.best[1:]]  # the first one is the start
    some = np.unique(np.linspace(0, len(downhill) - 1, 12).astype(int)) if downhill else ()
    frames = [start, *(downhill[k] for k in some)]
    captions = ["random atoms"] + ["first relaxation"] * (len(frames) - 1)
    lowest = first
    for number, found in enumerate(structures.hop(learned, first.positions, hopping, rng, hops)):
        if found.energy < lowest.energy - 1e-3 and not learned.objection(found):
            lowest = found
            frames.append(found.positions)
            captions.append(f"hop {number}")
    counted = potentials.Counted(true)
    frames.append(structures.relax(counted, lowest.positions).positions)
    captions.append("relaxed on the true potential")
    return {
        "frames": [np.round(frame, 2).tolist() for frame in frames],
        "captions": captions,
        "energies": [min(float(true(frame)[0]), LARGEST) for frame in frames],
        "calls": counted.calls["search"],
    }
