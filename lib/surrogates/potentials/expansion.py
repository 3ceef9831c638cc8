"""The energy of an atom by its neighbours, fitted to energies and forces: a surrogate of little known form.

Around each atom a few sums over its neighbours say how many there are, and how far: A_k = sum_j B_k(r_ij). Its energy
is linear in these, in their products and in their square roots. The products are the second order of the atomic
cluster expansion without angles (Drautz 2019, doi:10.1103/PhysRevB.99.014104); with the roots a bond is weaker where an
atom has many, as in metals (Finnis and Sinclair 1984, doi:10.1080/01418618408244210). The fit is a linear problem with
one solution.

>>> fitted = potentials.fit_expansion(structures, forces, units)
>>> energies, forces = fitted(positions)  # positions of shape (..., atoms, d), any number of atoms
"""

import functools
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from surrogates.potentials.base import Potential, Units
from surrogates.potentials.distances import closest_pair, pairs_of

SUMS = 12  # around each atom; the first one is steep where atoms are close
REACH = 2.6  # sigma: atoms farther apart do not see each other
_STEEP = 8  # power of the distance of the first sum
_SMALL = 1e-3  # is added under a root, whose slope is infinite at 0
_RIDGE = 1e-7  # times the mean curvature: holds what the structures leave open
_ENERGY = 3.0  # the weight of an energy beside that of a component of a force


@dataclass(frozen=True, eq=False)
class Expansion(Potential):
    """What :func:`fit_expansion` gives: with the sums A around an atom, its energy is

    linear . A + A . quadratic . A + roots . sqrt(A).

    Attributes
    ----------
    closest : float
        Of two atoms among the structures of the fit: closer ones count as if they were at this distance.
    linear, roots : array (sums,)
    quadratic : array (sums, sums)
        Symmetric.
    units : Units
    """

    closest: float
    linear: np.ndarray
    quadratic: np.ndarray
    roots: np.ndarray
    units: Units = Units()  # noqa: RUF009 (it is a tuple)

    def compute(self, structures):
        energies, forces = np.empty(len(structures)), np.empty(structures.shape)
        for number, structure in enumerate(structures):
            sums, slopes, directions = _surroundings(structure, self.closest, self.units.length)
            pulls, roots = sums @ self.quadratic, np.sqrt(sums + _SMALL)  # (atoms, sums)
            energies[number] = (sums * (self.linear + pulls) + (roots - _SMALL**0.5) * self.roots).sum()
            by_sum = self.linear + 2 * pulls + 0.5 * self.roots / roots
            first, second = pairs_of(len(structure))
            slope = (slopes * (by_sum[first] + by_sum[second])).sum(axis=1)  # of the energy by each distance
            forces[number] = -_gathered(slope[:, None] * directions, len(structure))
        return energies, forces


def fit_expansion(structures, forces: np.ndarray, units: Units = Units()) -> Expansion:  # noqa: B008
    """Fit to :class:`surrogates.data.Structures` and their forces ``(structures, atoms, d)``.

    Energies well above the lowest one, and forces on atoms that are pulled strongly, count less.
    """
    closest, lowest = float(closest_pair(structures.positions).min()), structures.energies.min()
    upper = np.triu_indices(SUMS)
    size = 2 * SUMS + len(upper[0])
    curvature, moments = np.zeros((size, size)), np.zeros(size)
    for positions, energy, pulled in zip(structures.positions, structures.energies, forces, strict=True):
        atoms = len(positions)
        sums, slopes, directions = _surroundings(positions, closest, units.length)
        roots = np.sqrt(sums + _SMALL)
        row = np.concatenate([sums.sum(axis=0), (sums.T @ sums)[upper], (roots - _SMALL**0.5).sum(axis=0)])
        first, second = pairs_of(atoms)
        both = sums[first] + sums[second]
        products = both[:, :, None] * slopes[:, None] + slopes[:, :, None] * both[:, None]
        of_roots = slopes * (0.5 / roots[first] + 0.5 / roots[second])
        by_distance = np.hstack([2 * slopes, products[:, *upper], of_roots])  # (pairs, size)
        rows = np.stack([-_gathered(by_distance * axis[:, None], atoms) for axis in directions.T], axis=1)
        of_energy = _ENERGY / (1 + (energy - lowest) / (atoms * units.energy))
        of_forces = units.length / (1 + np.linalg.norm(pulled, axis=-1, keepdims=True) / units.force)
        rows = np.vstack([of_energy * row, (of_forces[..., None] * rows).reshape(-1, size)])
        known = np.concatenate([[of_energy * energy], (of_forces * pulled).reshape(-1)])
        curvature += rows.T @ rows
        moments += rows.T @ known
    scale = np.sqrt(np.diag(curvature))
    scale = np.where(scale > 0, scale, 1.0)
    scaled = curvature / np.outer(scale, scale) + _RIDGE * np.eye(size)
    found = linalg.solve(scaled, moments / scale, assume_a="pos") / scale
    quadratic = np.zeros((SUMS, SUMS))
    quadratic[upper] = found[SUMS:-SUMS]
    return Expansion(closest, found[:SUMS], (quadratic + quadratic.T) / 2, found[-SUMS:], units)


def _surroundings(positions: np.ndarray, closest: float, length: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The sums around each atom of a structure ``(atoms, d)``, and what a pair adds to them by its distance.

    Returns sums ``(atoms, SUMS)``; of each pair the slopes of what it adds, ``(pairs, SUMS)``, and its direction,
    from the second atom to the first, ``(pairs, d)``.
    """
    first, second = pairs_of(len(positions))
    apart = positions[first] - positions[second]
    real = np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-12)
    distance = np.maximum(real, closest)  # nothing is known of closer atoms, and nothing is made up
    reach = REACH * length
    centres, width = np.linspace(closest, reach, SUMS - 1, retstep=True)
    phase = np.pi * np.minimum(distance / reach, 1.0)
    cut, cut_slope = 0.5 * (1 + np.cos(phase)), -0.5 * np.pi / reach * np.sin(phase)
    bells = np.exp(-0.5 * ((distance - centres) / width) ** 2)
    steep = (closest / distance) ** _STEEP
    values = np.hstack([steep, bells])
    slopes = np.hstack([-_STEEP * steep / distance, -bells * (distance - centres) / width**2])
    slopes = np.where((closest < real) & (real < reach), slopes * cut + values * cut_slope, 0.0)
    return _gathered(values * cut, len(positions), of_second=1.0), slopes, apart / real


@functools.cache
def _incidence(atoms: int, of_second: float) -> np.ndarray:
    """(atoms, pairs): 1 where an atom is the first one of a pair, ``of_second`` where it is the second."""
    first, second = pairs_of(atoms)
    return (np.arange(atoms)[:, None] == first) + of_second * (np.arange(atoms)[:, None] == second)


def _gathered(of_pairs: np.ndarray, atoms: int, of_second: float = -1.0) -> np.ndarray:
    """Sums over the pairs of each atom, ``(pairs, n)`` to ``(atoms, n)``."""
    return _incidence(atoms, of_second) @ of_pairs
