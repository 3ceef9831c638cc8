"""Basin hopping: from one local minimum to the next, accepted by their energies and a temperature.

>>> rng = np.random.default_rng(1)
>>> visited = BasinHopping().minimise(LennardJones(), random_start(7, rng), rng, hops=100)
>>> min(found.energy for found in visited)
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from surrogates import checks
from surrogates.potentials import Minimum, units_of
from surrogates.search import minima, moves
from surrogates.search.minima import FINE
from surrogates.search.problem import Problem, Round
from surrogates.search.side_by_side import descend_all

MARGIN = 2.0  # times what a loosely relaxed minimum may still fall by, as its relaxation estimates it
ENDLESS = 10**9  # hops: the number of calls ends a search
SAME_ENERGY = 1e-6  # in epsilon: a minimum that is met again comes out a little lower or higher


@dataclass(frozen=True)
class BasinHopping:
    """How basin hopping steps from one minimum to the next (Wales and Doye 1997, doi:10.1021/jp970984n).

    Sigma and epsilon are those of the potential: :class:`surrogates.potentials.Units`.

    Attributes
    ----------
    temperature : float
        Of the acceptance, in units of epsilon; 0 to accept no step up.
    surface : float
        Share of the steps that move atoms over the surface; the others shake all atoms.
    atoms : int
        A surface step moves 1 to so many atoms.
    shake : float
        Largest shift of a coordinate in a shake, in units of sigma.
    tolerance : float
        A minimum is relaxed until no component of a force exceeds it, in epsilon / sigma; one that may come out lower
        than all before until none exceeds 0.001.
    pockets : bool
        Whether a surface step puts its atoms into pockets (:func:`surrogates.search.moves.into_pockets`) rather than
        let them fall from random directions.
    patience : int, optional
        After so many hops without a minimum lower than all before, a walk ends, and a search goes on from other random
        atoms; without, there is a single walk.
    """

    temperature: float = 0.4
    surface: float = 1.0
    atoms: int = 2
    shake: float = 0.4
    tolerance: float = FINE
    pockets: bool = False
    patience: int | None = None

    def __post_init__(self):
        checks.zero_or_positive("temperature", self.temperature)
        for name in ("shake", "tolerance"):
            checks.positive(name, getattr(self, name))
        checks.integer("atoms", self.atoms, 1)
        if not 0 <= self.surface <= 1:
            raise ValueError(f"surface = {self.surface!r}: give a share, from 0 to 1.")
        checks.true_or_false("pockets", self.pockets)
        if self.patience is not None:
            checks.integer("patience", self.patience, 1)

    def step(self, positions: np.ndarray, rng: np.random.Generator, length: float = 1.0) -> np.ndarray:
        """Another structure, to be relaxed; ``length`` is sigma."""
        if rng.random() < self.surface:
            count = rng.integers(1, self.atoms + 1)
            if self.pockets:
                return moves.into_pockets(positions, count, rng)
            return moves.over_the_surface(positions, count, rng, length)
        return moves.shake(positions, self.shake * length, rng)

    def minimise(
        self,
        potential,
        start: np.ndarray,
        rng: np.random.Generator,
        hops: int = 1000,
        stop: Callable[[Minimum], bool] = lambda found: False,
    ) -> list[Minimum]:
        """Go so many hops from a start ``(atoms, d)``.

        Returns the minima in the order in which they were visited, until one of them makes ``stop`` true, or the
        ``patience`` is at its end. One whose energy is +inf is no minimum (:func:`relax`); the walk goes on from it
        only if it was the first.

        Raises ValueError for fewer than two atoms: there is nothing to search.
        """
        walk = _Walk(self, potential, rng, hops, stop)
        following = minima.one_structure(start), self.tolerance
        while following is not None:
            following = walk.next(*minima.descend(potential, *following))
        return walk.visited

    def walks(
        self, potential, problem: Problem, rngs: Sequence[np.random.Generator], hops: int = 1000
    ) -> list[list[Minimum]]:
        """A walk from random atoms for each of these random numbers, all side by side: for each what it has visited.

        The potential is asked for structures of all walks at once (:func:`surrogates.search.relax_all`).
        """
        starts = np.array([problem.start(rng) for rng in rngs])
        walks = [_Walk(self, potential, rng, hops) for rng in rngs]
        descend_all(potential, starts, lambda number, *found: walks[number].next(*found), self.tolerance)
        return [walk.visited for walk in walks]

    def search(self, problem: Problem, true, rng: np.random.Generator, calls: int | None) -> Iterator[Round]:
        """Hop on the true potential, until the goal or so many calls; the hop that takes the last call is ended."""
        ended, quenches = problem.ended(true, calls), 0
        while not quenches or not ended():
            quenches += len(self.minimise(true, problem.start(rng), rng, ENDLESS, ended))
        yield Round(counts={"quenches": quenches})


@dataclass(frozen=True)
class Multistart:
    """Random atoms, relaxed one after the other until one of them comes to the goal: what every search has to beat.

    Attributes
    ----------
    tolerance : float
        As that of :class:`BasinHopping`.
    """

    tolerance: float = FINE

    def __post_init__(self):
        checks.positive("tolerance", self.tolerance)

    def search(self, problem: Problem, true, rng: np.random.Generator, calls: int | None) -> Iterator[Round]:
        """Relax starts until the goal or so many calls; the relaxation that takes the last call is ended."""
        ended = problem.ended(true, calls)
        while not ended():
            minima.relax(true, problem.start(rng), self.tolerance)
        yield Round()


class _Walk:
    """A walk that is told of each minimum in which a descent has ended, and says from where the next one begins.

    It draws random numbers and accepts as :func:`scipy.optimize.basinhopping` does, which makes each descent itself.
    """

    def __init__(self, method: BasinHopping, potential, rng: np.random.Generator, hops: int, stop=lambda found: False):
        self.method, self.units, self.rng, self.hops, self.stop = method, units_of(potential), rng, hops, stop
        self.visited: list[Minimum] = []
        self.at: Minimum | None = None
        self.lowest, self.since = np.inf, 0
        self.fine = method.tolerance <= FINE
        warmth = method.temperature * self.units.energy
        self.beta = 1 / warmth if warmth else np.inf

    def next(self, found: Minimum, left: float) -> tuple[np.ndarray, float] | None:
        """The structure to be relaxed next, and its tolerance; None at the end."""
        method = self.method
        if not self.fine and found.energy - MARGIN * left < self.lowest:
            self.fine = True
            return found.positions, FINE
        self.fine = method.tolerance <= FINE
        self.since = 0 if found.energy < self.lowest - SAME_ENERGY * self.units.energy else self.since + 1
        self.lowest = min(self.lowest, found.energy)
        self.visited.append(found)
        if self.stop(found) or self.since == method.patience:
            return None
        if self.at is None or self._accepts(found.energy - self.at.energy):
            self.at = found
        if len(self.visited) > self.hops:
            return None
        return method.step(self.at.positions, self.rng, self.units.length), method.tolerance

    def _accepts(self, rise: float) -> bool:
        chance = math.exp(min(0, -rise * self.beta))  # 1 where that is 0 * inf, or both energies are infinite
        return chance >= self.rng.uniform()
