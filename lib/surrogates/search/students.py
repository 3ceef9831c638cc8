"""What learns in a search in rounds, from all that the true potential has said: energies and forces.

A student is a frozen dataclass of plain data with one method, ``learn``. None of them is told of structures above the
first one that was asked, which is random atoms: these tell nothing of what is low.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from surrogates import checks, data, models, potentials, training
from surrogates.search.committee import Committee
from surrogates.search.problem import Problem


class Known(NamedTuple):
    """What the true potential has said: structures with their energies, and the forces ``(structures, atoms, d)``."""

    structures: data.Structures
    forces: np.ndarray

    def low(self) -> "Known":
        """Without the structures above the first one."""
        low = self.structures.energies <= self.structures.energies[0]
        return Known(data.Structures(*(part[low] for part in self.structures)), self.forces[low])


def one_element(problem: Problem):
    """Raise ValueError for a potential of several elements: what takes all atoms for alike cannot learn it."""
    several = potentials.elements(getattr(problem.potential, "symbols", ()))
    if len(several) > 1:
        raise ValueError(
            f"symbols = {', '.join(several)}: a surrogate of a search takes all atoms for alike. Give atoms of one "
            "element, or search the calculator itself with BasinHopping."
        )


class Student(Protocol):
    """What learns in rounds."""

    def learn(self, problem: Problem, known: Known, before: Committee | None) -> Committee:
        """A committee that is held to what is ``known``; it may go on from that of the round ``before``."""


@dataclass(frozen=True)
class PairSpline:
    """A sum over pairs of one spline (:func:`surrogates.potentials.fit_spline`), fitted to energies and forces.

    Attributes
    ----------
    pieces : int
        Of the spline.
    scaled : bool
        Hold each of its coefficients by what is known of it.
    """

    pieces: int = 60
    scaled: bool = False

    def __post_init__(self):
        checks.integer("pieces", self.pieces, 1)

    def learn(self, problem: Problem, known: Known, before: Committee | None) -> Committee:
        one_element(problem)
        structures, forces = known.low()
        units = potentials.units_of(problem.potential)
        fitted = potentials.fit_spline(structures, self.pieces, forces, units, self.scaled)
        return Committee((fitted,), fitted.closest)


@dataclass(frozen=True)
class ForceNetwork:
    """A smooth network that knows nothing of pairs, fitted to energies and forces, walled off where it was not told.

    Attributes
    ----------
    model : Network
        One with smooth forces for the target "linear-log", such as :class:`surrogates.models.Messages`.
    epochs, again : int
        Of the first round, and of each later one, which goes on from the weights of the one before.
    learning_rate : float
    seed : int
        Of the initial weights and the order of structures.
    """

    model: models.Network
    epochs: int = 40
    again: int = 10
    learning_rate: float = 3e-3
    seed: int = 0

    def __post_init__(self):
        if not isinstance(self.model, models.Network):
            raise ValueError(f"model = {self.model!r}: give a models.Network, such as Messages().")
        for name in ("epochs", "again"):
            checks.integer(name, getattr(self, name), 1)
        checks.positive("learning_rate", self.learning_rate)
        checks.integer("seed", self.seed, 0)

    def learn(self, problem: Problem, known: Known, before: Committee | None) -> Committee:
        one_element(problem)
        structures, forces = known.low()
        distances = potentials.pair_distances(structures.positions)
        widest, epochs = float(distances.max()), self.again
        if before is None:
            units = potentials.units_of(problem.potential)
            # Longer than any structure, and the same in every search, so that the network is compiled only once.
            box = problem.n_atoms * units.length
            network = models.build(self.model, problem.n_atoms, box, self.seed, problem.dimensions, units.length)
            learned, epochs = training.WithForces(network, units), self.epochs
        else:
            (learned,) = before.members
        learned.fit(structures, forces, epochs, self.learning_rate, self.seed)
        closest = float(distances.min())
        return Committee((learned,), closest, widest if widest > closest else None)


@dataclass(frozen=True)
class ExpansionFit:
    """Several :class:`surrogates.potentials.Expansion`, for an energy of unknown form, each fitted to its own part.

    The committee is walled off below the closest pair that is known.

    Attributes
    ----------
    members : int
        The first one is fitted to everything, the others without every so many-th structure, in turn.
    spread : float or None
        The largest standard deviation of their energies of a candidate, for each of its atoms, in units of epsilon.
    """

    members: int = 1
    spread: float | None = None

    def __post_init__(self):
        checks.integer("members", self.members, 1)
        if self.spread is not None:
            checks.positive("spread", self.spread)
            checks.integer("members", self.members, 2)  # a single one agrees with itself

    def learn(self, problem: Problem, known: Known, before: Committee | None = None) -> Committee:
        one_element(problem)
        structures, forces = known.low()
        units, fitted = potentials.units_of(problem.potential), []
        for member in range(self.members):
            kept = np.arange(len(forces)) % self.members != member if member else slice(None)
            part = data.Structures(*(values[kept] for values in structures))
            fitted.append(potentials.fit_expansion(part, forces[kept], units))
        closest = float(potentials.closest_pair(structures.positions).min())
        spread = self.spread and self.spread * units.energy * problem.n_atoms
        return Committee(tuple(fitted), closest, spread=spread)
