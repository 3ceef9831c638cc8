"""CMA-ES: an evolution strategy that adapts the covariance of its steps, and needs no forces."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from surrogates import checks
from surrogates.potentials import NONE, Minimum, units_of
from surrogates.potentials.base import energy_alone
from surrogates.search import minima
from surrogates.search.problem import Problem, Round


@dataclass(frozen=True)
class CMAES:
    """How CMA-ES goes about it (Hansen 2016, arXiv:1604.00772), with the package ``cma``.

    Attributes
    ----------
    width : float
        Of the first steps, in sigma of the potential.
    calls : int
        Of the potential from one start, at most about so many; it ends before where it has converged.
    """

    width: float = 0.5
    calls: int = 1_000_000

    def __post_init__(self):
        checks.positive("width", self.width)
        checks.integer("calls", self.calls, 1)

    def minimise(
        self,
        potential,
        start: np.ndarray,
        rng: np.random.Generator,
        hops: int | None = None,
        stop: Callable[[Minimum], bool] = lambda found: False,
    ) -> list[Minimum]:
        """Evolve a start ``(atoms, d)``; ``hops``, which it shares with basin hopping, mean nothing here.

        Structures whose energy is NaN or infinite count as the worst ones. Returns each structure that was better than
        all before it, the best one last, until one makes ``stop`` true; none where no energy was finite.
        """
        import cma

        shape, better = minima.one_structure(start).shape, [NONE]
        # By itself cma seeds NumPy's global random numbers, which belong to others as well.
        options = {"seed": np.nan, "randn": lambda *size: rng.standard_normal(size)}
        options |= {"maxfevals": self.calls, "verbose": -9, "verb_log": 0}
        width = self.width * units_of(potential).length
        strategy = cma.CMAEvolutionStrategy(np.reshape(start, -1), width, options)
        while not strategy.stop() and not stop(better[-1]):
            asked = strategy.ask()
            energies = energy_alone(potential, np.reshape(asked, (-1, *shape)))
            energies = np.where(np.isfinite(energies), energies, np.inf)
            lowest = int(np.argmin(energies))
            if energies[lowest] < better[-1].energy:
                better.append(Minimum(float(energies[lowest]), np.reshape(asked[lowest], shape)))
            strategy.tell(asked, np.minimum(energies, 1e300))  # it takes, and adds, finite values only
        return better[1:]

    def search(self, problem: Problem, true, rng: np.random.Generator, calls: int | None) -> Iterator[Round]:
        """Evolve on the true potential, of whose forces it takes no notice, until the goal or so many calls.

        Whenever it has converged, its end is relaxed where there are forces, and it starts again from other random
        atoms. The generation or relaxation that takes the last call is ended.
        """
        stop = problem.ended(true, calls)
        while True:
            better = self.minimise(true, problem.start(rng), rng, stop=stop)
            if better and not stop():
                with contextlib.suppress(minima.WithoutForces):
                    minima.relax(true, better[-1].positions)
            if stop():
                break
        yield Round()
