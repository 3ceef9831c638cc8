"""The energy of an atom by its neighbours, fitted to energies and forces: a surrogate of little known form.

Around each atom a few sums over its neighbours say how many there are, and how far: A_k = sum_j B_k(r_ij). Its energy
is linear in these, in their products and in their square roots. The products are the second order of the atomic
cluster expansion without angles (Drautz 2019, doi:10.1103/PhysRevB.99.014104); with the roots a bond is weaker where an
atom has many, as in metals (Finnis and Sinclair 1984, doi:10.1080/01418618408244210). The fit is a linear problem with
one solution.

>>> fitted = potentials.fit_expansion(structures, forces, units)
>>> energies, forces = fitted(positions)  # positions of shape (..., atoms, d), any number of atoms
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit
from scipy import linalg

from surrogates.potentials.base import Potential, Units
from surrogates.potentials.compiled import OPTIONS
from surrogates.potentials.distances import closest_pair

SUMS = 12  # around each atom; the first one is steep where atoms are close
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
    reach : float
        Atoms farther apart, in units of sigma, do not see each other; the same for all.
    closest : float
        Of two atoms among the structures of the fit: closer ones count as if they were at this distance.
    linear, roots : array (sums,)
    quadratic : array (sums, sums)
        Symmetric.
    units : Units
    """

    reach: ClassVar[float] = 2.6
    closest: float
    linear: np.ndarray
    quadratic: np.ndarray
    roots: np.ndarray
    units: Units = Units()  # noqa: RUF009 (it is a tuple)

    def compute(self, structures):
        energies, forces = np.empty(len(structures)), np.zeros(structures.shape)
        given = self.closest, self.reach * self.units.length, self.linear, self.quadratic, self.roots
        for number, structure in enumerate(structures):
            energies[number] = _energy(structure, *given, forces[number])
        return energies, forces


def fit_expansion(structures, forces: np.ndarray, units: Units = Units()) -> Expansion:  # noqa: B008
    """Fit to :class:`surrogates.data.Structures` and their forces ``(structures, atoms, d)``.

    Energies well above the lowest one, and forces on atoms that are pulled strongly, count less.

    Raises ValueError where no two atoms are within the reach: there is nothing to learn from.
    """
    closest, lowest = float(closest_pair(structures.positions).min()), structures.energies.min()
    reach = Expansion.reach * units.length
    if closest >= reach:
        raise ValueError(
            f"the closest atoms of all structures are {closest:g} apart: give structures with atoms within {reach:g}, "
            "beyond which none sees another."
        )
    upper = np.triu_indices(SUMS)
    size = 2 * SUMS + len(upper[0])
    curvature, moments = np.zeros((size, size)), np.zeros(size)
    for positions, energy, pulled in zip(structures.positions, structures.energies, forces, strict=True):
        atoms = len(positions)
        sums, slopes, directions, first, second = _surroundings(positions, closest, reach)
        roots = np.sqrt(sums + _SMALL)
        row = np.concatenate([sums.sum(axis=0), (sums.T @ sums)[upper], (roots - _SMALL**0.5).sum(axis=0)])
        both = sums[first] + sums[second]
        products = both[:, :, None] * slopes[:, None] + slopes[:, :, None] * both[:, None]
        of_roots = slopes * (0.5 / roots[first] + 0.5 / roots[second])
        by_distance = np.hstack([2 * slopes, products[:, *upper], of_roots])  # (pairs, size)
        gathered = (np.arange(atoms)[:, None] == second) - 1.0 * (np.arange(atoms)[:, None] == first)
        rows = np.stack([gathered @ (by_distance * axis[:, None]) for axis in directions.T], axis=1)
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


@njit(**OPTIONS)
def _surroundings(positions, closest, reach):
    """The sums around each atom of a structure ``(atoms, d)``, and what a pair within ``reach`` adds by its distance.

    Returns sums ``(atoms, SUMS)``; of each pair the slopes of what it adds, ``(pairs, SUMS)``, its direction, from the
    second atom to the first, ``(pairs, d)``, and the numbers of the two atoms.
    """
    atoms, dimensions = positions.shape
    most, pairs = atoms * (atoms - 1) // 2, 0
    sums, slopes, directions = np.zeros((atoms, SUMS)), np.empty((most, SUMS)), np.empty((most, dimensions))
    first, second = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    width = (reach - closest) / (SUMS - 2)
    for i in range(atoms):
        for j in range(i + 1, atoms):
            squared = 0.0
            for axis in range(dimensions):
                directions[pairs, axis] = positions[i, axis] - positions[j, axis]
                squared += directions[pairs, axis] ** 2
            if squared >= reach**2:
                continue
            real = max(np.sqrt(squared), 1e-12)
            distance = max(real, closest)  # nothing is known of closer atoms, and nothing is made up
            phase = np.pi * min(distance / reach, 1.0)
            cut, cut_slope = 0.5 * (1 + np.cos(phase)), -0.5 * np.pi / reach * np.sin(phase)
            for k in range(SUMS):
                if k == 0:
                    value = (closest / distance) ** _STEEP
                    slope = -_STEEP * value / distance
                else:
                    off = (distance - closest) / width - (k - 1)
                    value = np.exp(-0.5 * off * off)
                    slope = -value * off / width
                sums[i, k] += value * cut
                sums[j, k] += value * cut
                slopes[pairs, k] = slope * cut + value * cut_slope if real > closest else 0.0
            directions[pairs] /= real
            first[pairs], second[pairs] = i, j
            pairs += 1
    return sums, slopes[:pairs], directions[:pairs], first[:pairs], second[:pairs]


@njit(**OPTIONS)
def _energy(positions, closest, reach, linear, quadratic, roots, forces):
    """The energy of one structure; its forces are added to what is given, ``(atoms, d)``."""
    sums, slopes, directions, first, second = _surroundings(positions, closest, reach)
    energy, by_sum = 0.0, np.empty(sums.shape)
    for i in range(len(sums)):
        for k in range(SUMS):
            pull, root = 0.0, np.sqrt(sums[i, k] + _SMALL)
            for other in range(SUMS):
                pull += quadratic[k, other] * sums[i, other]
            energy += sums[i, k] * (linear[k] + pull) + (root - _SMALL**0.5) * roots[k]
            by_sum[i, k] = linear[k] + 2 * pull + 0.5 * roots[k] / root
    for pair in range(len(first)):
        slope = 0.0  # of the energy by the distance
        for k in range(SUMS):
            slope += slopes[pair, k] * (by_sum[first[pair], k] + by_sum[second[pair], k])
        for axis in range(positions.shape[1]):
            forces[first[pair], axis] -= slope * directions[pair, axis]
            forces[second[pair], axis] += slope * directions[pair, axis]
    return energy
