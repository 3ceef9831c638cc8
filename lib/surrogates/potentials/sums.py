"""Potentials that are added.

>>> from surrogates import potentials
>>> triangle = [[0.0, 0.0], [1.0, 0.0], [0.5, 0.75**0.5]]  # sides of sigma, where the pairs have no energy
>>> true = potentials.LennardJones() + potentials.AxilrodTeller(strength=2.0)
>>> float(true.energy(triangle).round(12))
2.75
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from surrogates.potentials.base import Potential, Units, dimensions_of, energy_alone, forces_of, units_of


@dataclass(frozen=True)
class Sum(Potential):
    """Energies and forces of several potentials, in the same units, added in their order.

    Where the energy of a part is +inf, that of the sum is, and only such parts have forces.

    Attributes
    ----------
    parts : tuple of potentials, or of functions of positions that give energies and forces; sums are taken apart
    """

    parts: tuple[Callable, ...]

    def __post_init__(self):
        parts = tuple(one for part in self.parts for one in (part.parts if isinstance(part, Sum) else [part]))
        if not parts or not all(callable(part) for part in parts):
            raise ValueError(f"parts = {self.parts!r}: give one potential or more.")
        object.__setattr__(self, "parts", parts)
        if not self.dimensions:
            raise ValueError(f"parts = {self.parts!r}: there is no d that all of them take.")

    @property
    def dimensions(self) -> tuple[int, ...]:
        """The d that all parts take."""
        first, *others = map(dimensions_of, self.parts)
        return tuple(d for d in first if all(d in other for other in others))

    @property
    def units(self) -> Units:
        """Those of the first part."""
        return units_of(self.parts[0])

    @property
    def gives_forces(self) -> bool:
        """Whether all parts do."""
        return all(map(forces_of, self.parts))

    def compute(self, structures):
        several = [part(structures) for part in self.parts]
        energies = _added([energy for energy, _ in several])
        with np.errstate(invalid="ignore"):
            forces = functools.reduce(np.add, [force for _, force in several])
        for k in np.flatnonzero(energies == np.inf):
            forces[k] = sum(force[k] for energy, force in several if energy[k] == np.inf)
        return energies, forces

    def compute_energy(self, structures):
        return _added([energy_alone(part, structures) for part in self.parts])

    def compute_atom_energies(self, structures):
        for part in self.parts:
            if not hasattr(part, "atom_energies"):
                raise ValueError(f"{part!r} gives no energies of atoms: ask for those of structures.")
        return _added([part.atom_energies(structures) for part in self.parts])


def _added(energies):
    with np.errstate(invalid="ignore"):
        total = functools.reduce(np.add, energies)
    return np.where(functools.reduce(np.logical_or, [part == np.inf for part in energies]), np.inf, total)
