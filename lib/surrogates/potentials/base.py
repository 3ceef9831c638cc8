"""What a potential is: energies and forces of positions, and how often they were asked for.

>>> from surrogates import potentials
>>> pair = [[0.0, 0.0], [2 ** (1 / 6), 0.0]]  # two atoms at the best distance
>>> energy, forces = potentials.LennardJones()(pair)
>>> float(energy.round(12)), forces.shape
(-1.0, (2, 2))
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np

from surrogates.store import plain

# Up to here no square overflows, and none of a positive parameter vanishes: 0 / 0 and 0 * inf cannot arise.
_LARGEST = 1e150

POTENTIALS: dict[str, type] = {}  # the potentials by the names of their classes


class Units(NamedTuple):
    """What stands for sigma and epsilon of Lennard-Jones where starts, moves, walls and networks have a scale.

    Attributes
    ----------
    length, energy : float
        One sigma, and one epsilon, in the units of the potential.
    of_length, of_energy : str
        The names of the potential's units.
    """

    length: float = 1.0
    energy: float = 1.0
    of_length: str = "σ"
    of_energy: str = "ε"

    @property
    def force(self) -> float:
        """One epsilon / sigma, in the units of the potential."""
        return self.energy / self.length

    @classmethod
    def of(cls, length: float, energy: float) -> "Units":
        """Those of a formula: what is not 1 is in units that it does not know the names of."""
        return cls(length, energy, "σ" if length == 1 else "", "ε" if energy == 1 else "")


def units_of(potential: Callable) -> Units:
    """The units of a potential, or of any function of positions: where it says nothing, sigma and epsilon."""
    return getattr(potential, "units", Units())


def forces_of(potential: Callable) -> bool:
    """Whether a potential, or any function of positions, gives forces: one that says nothing does."""
    return getattr(potential, "gives_forces", True)


def dimensions_of(potential: Callable) -> tuple[int, ...]:
    """The d that positions ``(..., atoms, d)`` may have: of a function that says nothing, 2 and 3."""
    return tuple(getattr(potential, "dimensions", Potential.dimensions))


def energy_alone(potential: Callable, positions) -> np.ndarray:
    """The energies of a potential, or of any function that gives energies and forces; quicker where it has a way."""
    return potential.energy(positions) if hasattr(potential, "energy") else potential(positions)[0]


class Potential:
    """Base class of potentials, which are frozen dataclasses: energies and forces of atoms in free space.

    A subclass has :meth:`compute`, and what it can do faster or in addition. For a sum over pairs see
    :class:`PairPotential`. It is known by its name in :data:`POTENTIALS`. Potentials are added by ``+``.

    Attributes
    ----------
    dimensions : tuple of int
        The d that positions ``(..., atoms, d)`` may have.
    units : Units
        The scales of its lengths and energies.
    gives_forces : bool
        Where it does not, they are NaN.
    """

    dimensions: ClassVar[tuple[int, ...]] = (2, 3)
    units: ClassVar[Units] = Units()
    gives_forces: ClassVar[bool] = True

    def __init_subclass__(cls, registered: bool = True, **options):
        super().__init_subclass__(**options)
        if registered:
            plain.register(POTENTIALS, cls.__name__, cls, "potential")

    def __call__(self, positions) -> tuple[np.ndarray, np.ndarray]:
        """Energies and the forces on the atoms, F_i = -dV/dx_i.

        Parameters
        ----------
        positions : array of numbers, shape (..., atoms, d), d one of ``dimensions``

        Returns
        -------
        energies : float64 array of shape (...), a scalar for one structure
        forces : float64 array of shape (..., atoms, d)

        Raises
        ------
        ValueError : positions of another shape, without atoms, not finite or larger than 1e150.
        """
        structures, shape = self._structures(positions)
        energies, forces = self.compute(structures)
        return energies.reshape(shape[:-2])[()], forces.reshape(shape)

    def energy(self, positions) -> np.ndarray:
        """The energies alone, the same bit for bit, where possible in less time."""
        structures, shape = self._structures(positions)
        return self.compute_energy(structures).reshape(shape[:-2])[()]

    def atom_energies(self, positions) -> np.ndarray:
        """Energies of the atoms, which add up to V, float64 ``(..., atoms)``.

        Raises ValueError where the potential does not share its energy among atoms.
        """
        structures, shape = self._structures(positions)
        return self.compute_atom_energies(structures).reshape(shape[:-1])

    def compute(self, structures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Energies ``(n,)`` and forces ``(n, atoms, d)`` of structures ``(n, atoms, d)``, checked and contiguous."""
        raise NotImplementedError(f"{type(self).__name__}: give it a method compute(structures).")

    def compute_energy(self, structures: np.ndarray) -> np.ndarray:
        """Energies ``(n,)`` of structures ``(n, atoms, d)``, checked and contiguous."""
        return self.compute(structures)[0]

    def compute_atom_energies(self, structures: np.ndarray) -> np.ndarray:
        """Energies of atoms ``(n, atoms)`` of structures ``(n, atoms, d)``, checked and contiguous."""
        raise ValueError(f"{self!r} gives no energies of atoms: ask for those of structures.")

    def __add__(self, other):
        from surrogates.potentials.sums import Sum

        return Sum((self, other)) if callable(other) else NotImplemented

    def _structures(self, positions):
        positions = real_array("positions", positions)
        shape = positions.shape
        if len(shape) < 2 or shape[-1] not in self.dimensions or shape[-2] == 0:
            accepted = " or ".join(f"(..., atoms, {d})" for d in self.dimensions)
            raise ValueError(f"positions must have shape {accepted}, one atom or more, but {shape} was given")
        if not (positions.min(initial=0.0) >= -_LARGEST and positions.max(initial=0.0) <= _LARGEST):
            where = np.argwhere(~(abs(positions) <= _LARGEST))[0].tolist()
            value = positions[tuple(where)]
            raise ValueError(f"positions must be finite, at most {_LARGEST}, but positions{where} is {value}")
        return positions.reshape(-1, *shape[-2:]), shape


class Minimum(NamedTuple):
    """A structure ``(atoms, d)`` and its energy, +inf where none was found."""

    energy: float
    positions: np.ndarray


NONE = Minimum(np.inf, np.empty((0, 2)))


@dataclass
class Counted:
    """A potential that counts how many structures it was asked for, and keeps the best one.

    Attributes
    ----------
    potential : Potential
    calls : Counter
        "search", of all structures; "not finite", of the energies that were NaN or infinite, which are never the best;
        "forces not finite", of the structures with such forces where the energy was finite.
    best : list of tuple
        Each improvement: number of calls for it until then, and the structure as :class:`Minimum`.
    """

    potential: Callable
    calls: Counter = field(default_factory=Counter)
    best: list[tuple[int, Minimum]] = field(default_factory=list)

    @property
    def units(self) -> Units:
        return units_of(self.potential)

    @property
    def gives_forces(self) -> bool:
        return forces_of(self.potential)

    def __call__(self, positions):
        energies, forces = self.potential(positions)
        self._count(positions, energies)
        if not np.isfinite(forces).all() and self.gives_forces:
            finite = np.isfinite(forces).reshape(np.size(energies), -1).all(axis=1)
            self.calls["forces not finite"] += int(np.count_nonzero(~finite & np.isfinite(energies).reshape(-1)))
        return energies, forces

    def energy(self, positions):
        """The energies alone, which count as much."""
        energies = energy_alone(self.potential, positions)
        self._count(positions, energies)
        return energies

    def _count(self, positions, energies):
        several = np.reshape(energies, -1).tolist()  # a search asks for one, which is quicker without arrays
        before = self.calls["search"]
        self.calls["search"] = before + len(several)
        wrong = sum(not math.isfinite(energy) for energy in several)
        if wrong:
            self.calls["not finite"] += wrong
        for number, energy in enumerate(several):
            if energy < self.lowest.energy and math.isfinite(energy):
                structure = np.reshape(positions, (len(several), *np.shape(positions)[-2:]))[number]
                self.best.append((before + number + 1, Minimum(energy, structure.copy())))

    @property
    def lowest(self) -> Minimum:
        """The best structure of the search so far."""
        return self.best[-1][1] if self.best else NONE

    def until(self, energy: float) -> int | None:
        """The number of calls of the search when an energy this low was first seen, None if it never was."""
        return next((calls for calls, found in self.best if found.energy <= energy), None)


def real_array(name: str, values) -> np.ndarray:
    """The values as a contiguous float64 array, or ValueError if they are not real numbers, or masked."""
    if np.ma.is_masked(values):
        raise ValueError(f"{name} must be an array of real numbers, but some are masked: fill them, or leave them out")
    try:
        values = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} must be an array of real numbers, but it has no shape: {error}") from None
    if values.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be an array of real numbers, but its type is {values.dtype}")
    return np.ascontiguousarray(values, dtype=np.float64).reshape(values.shape)
