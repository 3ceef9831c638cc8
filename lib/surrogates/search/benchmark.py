"""Compare ways to search: from the same random starts, by calls of the true potential, every trial stored.

>>> problem = lennard_jones_problem(13)
>>> hopping = benchmark("search/mine", problem, BasinHopping(), seeds=range(20), calls=20_000)
>>> learned = benchmark("search/mine", problem, OnSurrogate(learner), seeds=range(20))
>>> summary(hopping)["calls"], summary(learned)["calls"]
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from surrogates import potentials
from surrogates.potentials import Counted
from surrogates.search.problem import Problem, Round, Strategy
from surrogates.store import cluster, plain, results, workers

TRUE_NOT_FINITE = "true energies not finite"
FORCES_NOT_FINITE = "true forces not finite"
_OUTCOME = ("found", "calls", "energy")  # of a trial, without what it saw on the way
INFINITE = 1e300  # stands for an energy of infinity or NaN, which no file of plain data holds


@dataclass(frozen=True)
class Candidate:
    """A structure to which a surrogate has led, as it was when the true potential was asked about it.

    Attributes
    ----------
    learned, true : float
        Its energy as predicted, and as it is, in units of epsilon.
    closest : float
        Its closest pair of atoms, in units of sigma.
    positions : list
        ``[[x, y], ...]``.
    """

    learned: float
    true: float
    closest: float
    positions: list


@dataclass(frozen=True)
class Trial:
    """One search from one seed, as plain data; of a search in rounds, what had been reached after each of them.

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
        True energies that were asked for to train the surrogate, before the search; 0 without one.
    counts : dict
        What else happened: how many true energies were NaN or infinite ("true energies not finite"), at how many
        structures of finite energy the true forces were, if any ("true forces not finite"), and what :class:`Round`
        has.
    candidate : Candidate or None
        The best one of the last round; None without a surrogate, where nothing was worth a call, or where it was not
        kept.
    """

    found: int | None
    calls: int
    energy: float | None
    steps: tuple = ()
    positions: list = field(default_factory=list)
    labels: int = 0
    counts: dict = field(default_factory=dict)
    candidate: Candidate | None = None

    @classmethod
    def of(cls, true: Counted, goal: float, calls: int | None = None, found: Round | None = None) -> "Trial":
        """What was counted; a goal that was reached only after so many ``calls`` was not reached."""
        found = found or Round()
        thinned = {int(np.log(number) / np.log(1.02)): (number, round(best.energy, 6)) for number, best in true.best}
        reached = true.until(goal)
        if calls is not None and reached is not None and reached > calls:
            reached = None
        forces = {FORCES_NOT_FINITE: wrong} if (wrong := true.calls["forces not finite"]) else {}
        return cls(
            reached,
            true.calls["search"],
            true.lowest.energy if true.best else None,
            tuple(thinned.values()),
            true.lowest.positions.round(6).tolist(),
            found.labels,
            {**found.counts, TRUE_NOT_FINITE: true.calls["not finite"], **forces},
            _candidate(found),
        )

    @classmethod
    def restored(cls, row: Mapping) -> "Trial":
        """A trial as it was, from what the store has."""
        steps = tuple(map(tuple, row.get("steps", ())))
        candidate = Candidate(**row["candidate"]) if "candidate" in row else None
        return cls(**{**row, "steps": steps, "candidate": candidate})

    def row(self, outcome_only: bool = False) -> dict:
        """Plain data; what is at its default is left out."""
        row = {name: value for name, value in dataclasses.asdict(self).items() if value or name in _OUTCOME}
        return {name: row[name] for name in _OUTCOME} if outcome_only else row


def _candidate(found: Round) -> Candidate | None:
    if found.candidates is None or found.candidates.empty:
        return None
    best = found.candidates.iloc[0]
    energy = float(np.nan_to_num(best.true, nan=INFINITE, posinf=INFINITE, neginf=-INFINITE))
    closest = float(potentials.pair_distances(best.positions).min())
    return Candidate(float(best.learned), energy, closest, best.positions.round(6).tolist())


def trials_of(problem: Problem, strategy: Strategy, seed: int, calls: int | None = None) -> list[Trial]:
    """Search from the start of a seed, and store nothing: a trial for each round, a single one for most strategies.

    Parameters
    ----------
    calls : int, optional
        Of the true potential, at which the search ends; a surrogate's ends by itself.
    """
    true = Counted(problem.potential)
    rounds = strategy.search(problem, true, problem.random(seed), calls)
    return [Trial.of(true, problem.goal, calls, found) for found in rounds]


def benchmark(
    name: str,
    problem: Problem,
    strategy: Strategy,
    seeds: Sequence[int],
    calls: int | None = None,
    outcome_only: bool = False,
    scheduler: str | None = None,
) -> list[Trial]:
    """:func:`trials_of` from each seed, each stored as it ends, or taken from the store.

    Parameters
    ----------
    name : str
        Of the experiment: its trials are one file of :mod:`surrogates.store.results`, told apart by the problem, the
        strategy, the calls and the seed.
    outcome_only : bool
        Whether the steps and positions of a trial are left out, for many that are only counted.
    scheduler : str, optional
        Address of a Dask scheduler whose workers search, as for :func:`surrogates.training.sweep`; by default the one
        in the environment variable ``SURROGATES_SCHEDULER``. Without any this process searches.

    Returns
    -------
    list of Trial
        From the first seed on.

    Raises
    ------
    RuntimeError
        Where the scheduler cannot be reached or is lost, where a worker has another version of this library, and
        where it could not search; all other trials are stored by then.
    """
    search_on_cluster(name, problem, [strategy], seeds, calls, outcome_only, scheduler)
    trials = _Trials(name, problem, strategy, calls, outcome_only)
    return [Trial.restored(trials.row(seed)) for seed in seeds]


def search_on_cluster(
    name: str,
    problem: Problem,
    strategies: Sequence[Strategy],
    seeds: Sequence[int],
    calls: int | None,
    outcome_only: bool,
    scheduler: str | None = None,
):
    """Have the workers of a cluster make what is missing of the benchmarks of several strategies, if there is one."""
    scheduler, parts, asked = cluster.address(scheduler), {}, {}
    for number, strategy in enumerate(strategies if scheduler else ()):
        trials = _Trials(name, problem, strategy, calls, outcome_only)
        missing = [seed for seed in dict.fromkeys(seeds) if not trials.stored(seed)]
        content = workers.packed(_on_worker, plain.bare(trials)) if missing else b""
        for seed in missing:
            part = f"strategy {number}, seed {seed}" if len(strategies) > 1 else f"seed {seed}"
            parts[part], asked[part] = cluster.Part(content, (seed,)), trials

    def receive(part: str, answer: tuple[dict, dict] | None):
        (seed,) = parts[part].given
        if answer is not None:
            results.add(name, asked[part].settings, *answer, seed)

    if parts:
        with cluster.connected(scheduler, len(parts)) as client:
            cluster.hand_out(client, name, parts, receive, len(strategies) * len(set(seeds)), "trials")


@dataclass(frozen=True)
class _Trials:
    """Those of a benchmark, by seed."""

    name: str
    problem: Problem
    strategy: Strategy
    calls: int | None
    outcome_only: bool

    @functools.cached_property
    def settings(self) -> dict:
        return benchmark_settings(self.problem, self.strategy, self.calls, self.outcome_only)

    def stored(self, seed: int) -> bool:
        return results.has(self.name, self.settings, seed)

    def row(self, seed: int) -> dict:
        """From the store, or searched and stored."""
        return results.load_or_compute(self.name, self.settings, partial(self.search, seed), seed)

    def search(self, seed: int) -> dict:
        (trial,) = trials_of(self.problem, self.strategy, seed, self.calls)
        return trial.row(self.outcome_only)


def _on_worker(trials: _Trials, seed: int, shared: bool, tell: Callable[[int, int], None]) -> tuple[dict, dict] | None:
    """Store a trial, or return it with its provenance where the store is not seen."""
    if not shared:
        return results.computed(partial(trials.search, seed))
    trials.row(seed)
    return None


def benchmark_settings(
    problem: Problem, strategy: Strategy, calls: int | None = None, outcome_only: bool = False
) -> dict:
    """What tells the trials of a benchmark from others, as plain data."""
    given = {"problem": problem, "strategy": strategy}
    given |= {} if calls is None else {"calls": calls}
    return plain.described(given | ({"kept": "outcome"} if outcome_only else {}))


def summary(trials: Sequence[Trial]) -> dict[str, float]:
    """How many trials reached the goal, and how many calls one success costs.

    Returns
    -------
    dict
        "trials", "successes", "rate" (successes for each trial), "calls" (all calls until success, or the end, over the
        successes: what one success costs if failures are tried again; inf without any), "made" (the same with the calls
        after a success, such as those for the other candidates of a surrogate), "median" (of the calls until success).
    """
    found = [trial.found for trial in trials if trial.found is not None]
    spent = sum(trial.calls if trial.found is None else trial.found for trial in trials)
    return {
        "trials": len(trials),
        "successes": len(found),
        "rate": len(found) / len(trials) if trials else np.nan,
        "calls": spent / len(found) if found else np.inf,
        "made": sum(trial.calls for trial in trials) / len(found) if found else np.inf,
        "median": float(np.median(found)) if found else np.inf,
    }
