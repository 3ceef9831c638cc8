"""What is looked for: a structure of some atoms whose energy is as low as a goal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from surrogates import checks
from surrogates.potentials import dimensions_of, units_of
from surrogates.search import minima


@dataclass(frozen=True)
class Problem:
    """Find a structure with an energy of at most ``goal``, by asking a potential as few times as possible.

    Attributes
    ----------
    potential : Potential
        The true one, whose calls count: energies ``(...)`` and forces of positions ``(..., atoms, d)``. To store what
        is found it has to say what it is (:func:`surrogates.store.plain.described`).
    n_atoms : int
    goal : float
        In the units of the potential.
    dimensions : int
        2 or 3.
    """

    potential: object
    n_atoms: int
    goal: float
    dimensions: int = 2
    kept: dict = field(default_factory=dict, init=False, repr=False, compare=False)  # what learners made for it

    def __post_init__(self):
        checks.integer("n_atoms", self.n_atoms, 2)
        checks.one_of("dimensions", self.dimensions, dimensions_of(self.potential))
        if not np.isfinite(self.goal):
            raise ValueError(f"goal = {self.goal!r}: give the energy to be reached, a finite number.")

    def random(self, seed: int) -> np.random.Generator:
        """The random numbers of a search: all that begin with one seed begin with the same atoms."""
        return minima.seeded_random(self.n_atoms, seed)

    def start(self, rng: np.random.Generator) -> np.ndarray:
        """Random atoms ``(n_atoms, dimensions)``."""
        return minima.random_start(self.n_atoms, rng, self.dimensions, units_of(self.potential).length)

    def ended(self, true, calls: int):
        """A function that says whether a search has reached the goal, or so many ``calls`` of the counted potential."""
        checks.integer("calls", calls, 1)
        return lambda found=None: true.lowest.energy <= self.goal or true.calls["search"] >= calls


class Round(NamedTuple):
    """What one round of a search on a surrogate gave; nothing for a search without one.

    Attributes
    ----------
    candidates : pandas.DataFrame or None
        The distinct minima of the surrogate that the true potential was asked about, best first: "learned" and "true"
        energy, "positions".
    counts : mapping
        Of all rounds so far: the "minima" of the surrogate that were visited, or for CMA-ES, which knows none, the
        structures better than all before; of those that were looked at, from the lowest one up until there were
        candidates enough, the "candidates", the "duplicates" of these, and the others by objection of the committee;
        and what :class:`Committee` counts. Of basin hopping on the true potential the "quenches", its relaxations.
    labels : int
        True energies that the surrogate was trained on before the search.
    """

    candidates: pd.DataFrame | None = None
    counts: Mapping[str, int] = MappingProxyType({})
    labels: int = 0


class Strategy(Protocol):
    """A way to search: a frozen dataclass of its settings with this method."""

    def search(self, problem: Problem, true, rng: np.random.Generator, calls: int | None) -> Iterator[Round]:
        """Search with the counted potential ``true``, until the goal or so many calls of it are reached.

        Gives what each round found, once for a strategy without rounds.
        """
