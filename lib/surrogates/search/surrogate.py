"""Search on a surrogate, and ask the true potential about the few best candidates only.

>>> learner = SplineFit(Data("low", sizes=(1000, 100, 100)), structures=300)
>>> trial, = trials_of(lennard_jones_problem(32), OnSurrogate(learner), seed=0)
>>> trial.energy, trial.calls, trial.labels, trial.counts
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from surrogates import checks, data, potentials
from surrogates.potentials import Minimum
from surrogates.search import minima
from surrogates.search.basin_hopping import BasinHopping
from surrogates.search.cmaes import CMAES
from surrogates.search.committee import Committee
from surrogates.search.learners import Learner, added
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
    rounds : int
        After each round but the last, what was checked is added to what is known, and the committee learns again.
    """

    learner: Learner
    method: BasinHopping | CMAES = field(default_factory=BasinHopping)
    starts: int = 2
    hops: int = 300
    keep: int = 5
    relaxed: int = 2
    rounds: int = 1

    def __post_init__(self):
        for name in ("starts", "hops", "keep", "relaxed", "rounds"):
            checks.integer(name, getattr(self, name), 1)
        if self.rounds > 1 and not self.learner.learns_again:
            raise ValueError(
                f"rounds = {self.rounds}: a {type(self.learner).__name__} does not learn again; give 1 round."
            )

    def search(self, problem: Problem, true, rng: np.random.Generator, calls: int | None = None) -> Iterator[Round]:
        """One round after the other, however many ``calls`` they take.

        A candidate whose true energy is NaN or infinite teaches nothing: it is left out of what is known.
        """
        asked, counts = None, Counter()
        for _ in range(self.rounds):
            committee = self.learner.committee(problem, asked)
            committee.counts.clear()
            visited = []
            for _ in range(self.starts):
                visited += self.method.minimise(committee, problem.start(rng), rng, self.hops)
            counts["minima"] += len(visited)
            candidates = self.check(committee, true, visited, counts)
            counts.update(committee.counts)
            yield Round(candidates, Counter(counts), self.learner.labels(problem))
            checked = candidates[np.isfinite(candidates.true.astype(float))]
            if len(checked):
                more = data.Structures(np.stack(checked.positions), checked.true.to_numpy())
                asked = more if asked is None else added(asked, more)

    def check(self, committee: Committee, true, visited: list[Minimum], counts: Counter) -> pd.DataFrame:
        """Ask the true potential about the best minima of a committee; what became of them is added to ``counts``."""
        chosen: list[Minimum] = []
        for found in sorted(visited, key=lambda found: found.energy):
            if len(chosen) == self.keep:
                break
            objection = committee.objection(found)
            if not objection and any(_alike(found, other) for other in chosen):
                objection = "duplicates"
            counts[objection or "candidates"] += 1
            if not objection:
                chosen.append(found)
        energies = [float(true(found.positions)[0]) for found in chosen]
        order = np.argsort(energies)
        for i in order[: self.relaxed]:
            minima.relax(true, chosen[i].positions)
        return pd.DataFrame(
            {
                "learned": [chosen[i].energy for i in order],
                "true": [energies[i] for i in order],
                "positions": [chosen[i].positions for i in order],
            }
        )


def _alike(one: Minimum, other: Minimum) -> bool:
    """Whether two structures are the same but for their place, their turn and the numbers of their atoms."""
    first, second = (np.sort(potentials.pair_distances(found.positions)) for found in (one, other))
    return bool(np.abs(first - second).max(initial=0.0) < SAME)
