"""Distances of pairs of atoms, in any number of dimensions."""

import functools

import numpy as np

from surrogates.potentials.base import real_array


def pair_distances(positions, period: float | None = None) -> np.ndarray:
    """Distance of every pair of atoms, (..., atoms, d) to float64 (..., pairs), in the order (0, 1), (0, 2), ...

    With a period, the side of a box that repeats in every direction, it is that of the nearest images.
    """
    positions = real_array("positions", positions)
    i, j = _pairs(positions.shape[-2])
    apart = positions[..., i, :] - positions[..., j, :]
    if period is not None:
        apart -= period * np.round(apart / period)
    return np.linalg.norm(apart, axis=-1)


def closest_pair(positions) -> np.ndarray:
    """Distance of the two closest atoms of each structure, (structures, atoms, d) to float64 (structures,).

    Its energy alone decides most of V where two atoms are close. It is inf for a single atom.
    """
    parts = [positions[start : start + 1000] for start in range(0, len(positions), 1000)]  # bounds the memory
    return np.concatenate([pair_distances(part).min(axis=-1, initial=np.inf) for part in parts])


@functools.cache
def _pairs(n_atoms: int) -> tuple[np.ndarray, np.ndarray]:
    return np.triu_indices(n_atoms, 1)
