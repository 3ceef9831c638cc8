"""Search in rounds, from nothing: ask the true potential a little, learn from all it said, search, ask, until found.

>>> strategy = InRounds(PairSpline())
>>> trial, = trials_of(lennard_jones_problem(32), strategy, seed=0, calls=1000)
>>> trial.found, trial.counts["rounds"]  # all calls, labels included

Every answer teaches, forces included: those on the way of the first descent, of candidates, and of their relaxations.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from surrogates import checks
from surrogates.search import minima
from surrogates.search.basin_hopping import BasinHopping
from surrogates.search.descents import Asked, at_most
from surrogates.search.problem import Problem, Round
from surrogates.search.students import Student
from surrogates.search.surrogate import check, look


@dataclass(frozen=True)
class InRounds:
    """Learn from few calls of the true potential, search on what was learned, ask about the best, and so on.

    Attributes
    ----------
    student : Student
        What learns, such as :class:`PairSpline`.
    method : BasinHopping
        How the surrogate is searched.
    descents, steps : int
        Random atoms that are relaxed on the true potential before the first round, and calls for each at most.
    starts, hops : int
        Of each round: random starts, and hops from each.
    keep, relaxed : int
        Of each round: candidates that the true potential is asked about, none of them twice, and how many of these,
        the best ones, are relaxed on it.
    together : bool
        Whether the starts of a round are searched side by side, as by :class:`OnSurrogate`.
    """

    student: Student
    method: BasinHopping = field(default_factory=BasinHopping)
    descents: int = 1
    steps: int = 10
    starts: int = 2
    hops: int = 100
    keep: int = 2
    relaxed: int = 1
    together: bool = False

    def __post_init__(self):
        for name in ("descents", "steps", "starts", "hops", "keep", "relaxed"):
            checks.integer(name, getattr(self, name), 1)
        checks.one_of("together", self.together, (True, False))

    def search(self, problem: Problem, true, rng: np.random.Generator, calls: int | None) -> Iterator[Round]:
        """Go round until the goal or so many calls of the true potential; the round with the last one is ended."""
        asked, ended = Asked(true), problem.ended(true, calls)
        counts, committee, seen, candidates = Counter(rounds=0), None, [], None
        for _ in range(self.descents):
            minima.relax(at_most(asked, self.steps), problem.start(rng))
        while not ended():
            committee = self.student.learn(problem, asked.known, committee)
            visited = look(committee, self.method, problem, rng, self.starts, self.hops, self.together)
            before = true.calls["search"]
            candidates = check(committee, asked, visited, counts, self.keep, self.relaxed, seen)
            if true.calls["search"] == before:  # nothing was worth a call: tell it of other structures
                minima.relax(at_most(asked, self.steps), problem.start(rng))
            counts["rounds"] += 1
            counts.update(committee.counts)
        yield Round(candidates, counts)
