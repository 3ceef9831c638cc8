"""Distances of pairs of atoms, in any number of dimensions."""

import functools

import numpy as np
from numba import njit

from surrogates.potentials.base import real_array
from surrogates.potentials.compiled import OPTIONS


def pair_distances(positions, period: float | None = None) -> np.ndarray:
    """Distance of every pair of atoms, (..., atoms, d) to float64 (..., pairs), in the order (0, 1), (0, 2), ...

    With a period, the side of a box that repeats in every direction, it is that of the nearest images.
    """
    positions = real_array("positions", positions)
    i, j = pairs_of(positions.shape[-2])
    apart = positions[..., i, :] - positions[..., j, :]
    if period is not None:
        apart -= period * np.round(apart / period)
    return np.linalg.norm(apart, axis=-1)


def pair_range(positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and the largest of the :func:`pair_distances`, each (...) of float64 positions (..., atoms, d)."""
    several = np.ascontiguousarray(positions).reshape(-1, *positions.shape[-2:])
    found = _squared_range(several)
    return tuple(np.sqrt(part).reshape(positions.shape[:-2]) for part in found)


@njit(**OPTIONS)
def _squared_range(structures):
    smallest, largest = np.full(len(structures), np.inf), np.zeros(len(structures))
    for number, atoms in enumerate(structures):
        for i in range(len(atoms)):
            for j in range(i):
                squared = 0.0
                for axis in range(atoms.shape[1]):
                    squared += (atoms[i, axis] - atoms[j, axis]) ** 2
                if not squared >= smallest[number]:  # NaN as well
                    smallest[number] = squared
                if not squared <= largest[number]:
                    largest[number] = squared
    return smallest, largest


def closest_pair(positions) -> np.ndarray:
    """Distance of the two closest atoms of each structure, (structures, atoms, d) to float64 (structures,).

    Its energy alone decides most of V where two atoms are close. It is inf for a single atom.
    """
    parts = [positions[start : start + 1000] for start in range(0, len(positions), 1000)]  # bounds the memory
    return np.concatenate([pair_distances(part).min(axis=-1, initial=np.inf) for part in parts])


@functools.cache
def pairs_of(n_atoms: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the first and of the second atom of every pair, each int (pairs,)."""
    return np.triu_indices(n_atoms, 1)
