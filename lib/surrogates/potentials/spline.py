"""A sum over pairs of one spline of their distance, fitted to total energies by least squares.

The true energy is such a sum, and the fit is a linear problem with one solution. So it is a yardstick of what total
energies tell of the pair energy, not a rival of the networks, which do not know as much beforehand.

>>> from surrogates import potentials
>>> fitted = potentials.fit_spline(splits.train)  # structures with V < 0
>>> energies, forces = fitted(positions)  # positions of shape (..., atoms, d), any number of atoms
"""

import numpy as np
from scipy import interpolate, linalg

from surrogates.potentials.distances import closest_pair, pair_distances
from surrogates.potentials.tables import CUTOFF, PairTable, tabulated

_RIDGE = 1e-8  # times the largest curvature: holds what the structures leave open near 0
_BLOCK = 500  # structures at a time; bounds the memory, not the result


def fit_spline(structures, pieces: int = 60) -> PairTable:
    """Fit a cubic spline with so many pieces, denser where atoms are close, to :class:`surrogates.data.Structures`.

    It begins at the closest pair of these structures; closer than that it goes on as a straight line.

    Raises ValueError where an energy is not below 0: a single close pair would outweigh all else.
    """
    if not (structures.energies < 0).all():
        raise ValueError(f"energies up to {structures.energies.max():g}: a spline is fitted to structures with V < 0.")
    closest = float(closest_pair(structures.positions).min())
    edges = np.geomspace(closest, CUTOFF, pieces + 1)
    knots = np.concatenate([[closest] * 3, edges, [CUTOFF] * 3])
    n_free = len(knots) - 4 - 3  # the last three are 0, and with them the energy and both its slopes at the cutoff
    curvature, moments = np.zeros((n_free, n_free)), np.zeros(n_free)
    for start in range(0, len(structures.energies), _BLOCK):
        distances = pair_distances(structures.positions[start : start + _BLOCK])
        near = distances < CUTOFF
        if not near.any():
            continue
        values = interpolate.BSpline.design_matrix(distances[near], knots, 3)
        structure = np.repeat(np.arange(len(distances)), near.sum(axis=1))
        sums = np.zeros((len(distances), values.shape[1]))
        np.add.at(sums, (structure[:, None], values.indices.reshape(-1, 4)), values.data.reshape(-1, 4))
        sums = sums[:, :n_free]
        curvature += sums.T @ sums
        moments += sums.T @ structures.energies[start : start + _BLOCK]
    free = linalg.solve(curvature + _RIDGE * curvature.max() * np.eye(n_free), moments, assume_a="pos")
    spline = interpolate.BSpline(knots, np.concatenate([free, np.zeros(3)]), 3)
    slope = spline.derivative()

    def pair(distance):
        inside = np.minimum(distance, CUTOFF)
        return spline(inside), slope(inside)

    return tabulated(pair, closest)
