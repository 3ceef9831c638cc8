"""Search on a surrogate, and ask the true potential about the few best candidates only.

>>> learner = SplineFit(Data("low", sizes=(1000, 100, 100)), structures=300)
>>> trial, = trials_of(lennard_jones_problem(32), OnSurrogate(learner), seed=0)
>>> trial.energy, trial.calls, trial.labels, trial.counts
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from surrogates import checks, potentials
from surrogates.potentials import Minimum
from surrogates.search import minima
from surrogates.search.basin_hopping import BasinHopping
from surrogates.search.cmaes import CMAES
from surrogates.search.committee import Committee
from surrogates.search.learners import Learner
from surrogates.search.problem import Problem, Round

SAME = 0.02  # structures whose sorted pair distances differ by less than this, in sigma, count as one


@dataclass(frozen=True)
class OnSurrogate:
    """Minimise a committee of surrogates from random starts; its best minima are checked, the best of these relaxed.

    Attributes
    ----------
    learner : Learner
        What the committee learns, and from which labels.
    method : BasinHopping or CMAES
        How the committee is minimised; CMA-ES also where it has no forces.
    starts, hops : int
        Random starts, and hops of basin hopping from each of them.
    keep, relaxed : int
        Candidates, distinct minima within the trust region, that are checked with the true potential for one call each,
        and how many of these, the best ones, are relaxed on it for some more.
    together : bool
        Whether basin hopping goes from all starts side by side, each with random numbers of its own
        (:meth:`BasinHopping.walks`): with a network and many starts in a fraction of the time.
    """

    learner: Learner
    method: BasinHopping | CMAES = field(default_factory=BasinHopping)
    starts: int = 2
    hops: int = 300
    keep: int = 5
    relaxed: int = 2
    together: bool = False

    def __post_init__(self):
        for name in ("starts", "hops", "keep", "relaxed"):
            checks.integer(name, getattr(self, name), 1)
        checks.one_of("together", self.together, (True, False))
        if self.together and not isinstance(self.method, BasinHopping):
            raise ValueError(f"together = True, method = {self.method!r}: only basin hopping goes side by side.")

    def search(self, problem: Problem, true, rng: np.random.Generator, calls: int | None = None) -> Iterator[Round]:
        """Search, then ask, however many ``calls`` that takes."""
        committee, counts = self.learner.committee(problem), Counter()
        committee.counts.clear()
        visited = look(committee, self.method, problem, rng, self.starts, self.hops, self.together)
        candidates = check(committee, true, visited, counts, self.keep, self.relaxed)
        counts.update(committee.counts)
        yield Round(candidates, counts, self.learner.labels(problem))


def look(
    committee: Committee,
    method,
    problem: Problem,
    rng: np.random.Generator,
    starts: int,
    hops: int,
    together: bool = False,
) -> list[Minimum]:
    """The minima of a committee that a method visits from so many random starts."""
    if together:
        return list(itertools.chain(*method.walks(committee, problem, rng.spawn(starts), hops)))
    visited = []
    for _ in range(starts):
        visited += method.minimise(committee, problem.start(rng), rng, hops)
    return visited


def check(
    committee: Committee,
    true,
    visited: Sequence[Minimum],
    counts: Counter,
    keep: int,
    relaxed: int,
    seen: list[Minimum] | None = None,
) -> pd.DataFrame:
    """Ask the true potential about the best minima of a committee, and relax the best of these on it.

    What became of them is added to ``counts``. Those that are like one in ``seen`` are duplicates; what is asked, and
    what it relaxes to, is added to these.
    """
    seen = [] if seen is None else seen
    chosen: list[Minimum] = []
    counts["minima"] += len(visited)
    for found in sorted(visited, key=lambda found: found.energy):
        if len(chosen) == keep:
            break
        objection = committee.objection(found)
        if not objection and any(_alike(found, other, committee.units.length) for other in (*seen, *chosen)):
            objection = "duplicates"
        counts[objection or "candidates"] += 1
        if not objection:
            chosen.append(found)
    energies = [float(true(found.positions)[0]) for found in chosen]
    order = np.argsort(energies)
    seen += chosen
    seen += [minima.relax(true, chosen[i].positions) for i in order[:relaxed]]
    return pd.DataFrame(
        {
            "learned": [chosen[i].energy for i in order],
            "true": [energies[i] for i in order],
            "positions": [chosen[i].positions for i in order],
        }
    )


def _alike(one: Minimum, other: Minimum, length: float) -> bool:
    """Whether two structures are the same but for their place, their turn and the numbers of their atoms."""
    first, second = (np.sort(potentials.pair_distances(found.positions)) for found in (one, other))
    return bool(np.abs(first - second).max(initial=0.0) < SAME * length)
