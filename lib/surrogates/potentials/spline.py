"""A sum over pairs of one spline of their distance, fitted to total energies by least squares.

The true energy is such a sum, and the fit is a linear problem with one solution. So it is a yardstick of what total
energies tell of the pair energy, not a rival of the networks, which do not know as much beforehand.

>>> from surrogates import potentials
>>> fitted = potentials.fit_spline(splits.train)  # structures with V < 0
>>> energies, forces = fitted(positions)  # positions of shape (..., atoms, d), any number of atoms
"""

import numpy as np
from scipy import interpolate, linalg

from surrogates.potentials.base import Units
from surrogates.potentials.distances import closest_pair, pair_distances, pairs_of
from surrogates.potentials.tables import CUTOFF, PairTable, tabulated

_RIDGE = 1e-8  # times the largest curvature: holds what the structures leave open near 0
_BLOCK = 500  # structures at a time; bounds the memory, not the result


def fit_spline(
    structures,
    pieces: int = 60,
    forces: np.ndarray | None = None,
    units: Units = Units(),  # noqa: B008
    scaled: bool = False,
) -> PairTable:
    """Fit a cubic spline with so many pieces, denser where atoms are close, to :class:`surrogates.data.Structures`.

    It begins at the closest pair of these structures; closer than that it goes on as a straight line. It ends at
    ``CUTOFF`` sigma, which ``units`` are to say where the structures are in others.

    Parameters
    ----------
    forces : array (structures, atoms, d), optional
        Of these structures: where they are given, every component tells as much as an energy does. What is large
        counts less, by the energy of its structure above 0, or the force on its atom.
    scaled : bool
        Hold each coefficient by what the structures tell of it, rather than by what they tell of the best known one.
        A search in many rounds needs it: minima have few close pairs, and the more minima are known, the softer
        atoms would become.

    Raises ValueError where an energy is not below 0 and no forces are given: a single close pair would outweigh all
    else.
    """
    if forces is None and not (structures.energies < 0).all():
        raise ValueError(f"energies up to {structures.energies.max():g}: a spline is fitted to structures with V < 0.")
    closest, cutoff = float(closest_pair(structures.positions).min()), CUTOFF * units.length
    edges = np.geomspace(closest, cutoff, pieces + 1)
    knots = np.concatenate([[closest] * 3, edges, [cutoff] * 3])
    n_free = len(knots) - 4 - 3  # the last three are 0, and with them the energy and both its slopes at the cutoff
    curvature, moments = np.zeros((n_free, n_free)), np.zeros(n_free)
    for start in range(0, len(structures.energies), _BLOCK):
        block = slice(start, start + _BLOCK)
        rows, known = _energy_rows(structures.positions[block], knots)[:, :n_free], structures.energies[block]
        if forces is not None:
            weights = 1 / (1 + np.maximum(known, 0.0) / units.energy)
            rows, known = weights[:, None] * rows, weights * known
        curvature += rows.T @ rows
        moments += rows.T @ known
    for positions, known in zip(structures.positions, () if forces is None else forces, strict=forces is not None):
        rows = _force_rows(positions, knots)[..., :n_free]
        weights = units.length / (1 + np.linalg.norm(known, axis=-1, keepdims=True) / units.force)
        rows, known = (weights[..., None] * rows).reshape(-1, n_free), (weights * known).reshape(-1)
        curvature += rows.T @ rows
        moments += rows.T @ known
    scale = np.ones(n_free)
    if scaled:
        scale /= np.sqrt(np.maximum(curvature.diagonal(), _RIDGE * curvature.max()))
        curvature, moments = curvature * scale * scale[:, None], moments * scale
    free = scale * linalg.solve(curvature + _RIDGE * curvature.max() * np.eye(n_free), moments, assume_a="pos")
    spline = interpolate.BSpline(knots, np.concatenate([free, np.zeros(3)]), 3)
    slope = spline.derivative()

    def pair(distance):
        inside = np.minimum(distance, cutoff)
        return spline(inside), slope(inside)

    return tabulated(pair, closest, units)


def _energy_rows(positions: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """What each coefficient adds to the energies of structures ``(structures, atoms, d)``."""
    distances = pair_distances(positions)
    near = distances < knots[-1]
    sums = np.zeros((len(distances), len(knots) - 4))
    if near.any():
        values = interpolate.BSpline.design_matrix(distances[near], knots, 3)
        structure = np.repeat(np.arange(len(distances)), near.sum(axis=1))
        np.add.at(sums, (structure[:, None], values.indices.reshape(-1, 4)), values.data.reshape(-1, 4))
    return sums


def _force_rows(positions: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """What each coefficient adds to the forces on the atoms of one structure: ``(atoms, d, coefficients)``."""
    i, j = pairs_of(len(positions))
    apart = positions[i] - positions[j]
    distances = np.linalg.norm(apart, axis=-1)
    near = distances < knots[-1]
    i, j, directions = i[near], j[near], apart[near] / distances[near, None]
    # The slope of a cubic is a sum of parabolas, each between two neighbouring coefficients.
    parabolas = interpolate.BSpline.design_matrix(distances[near], knots[1:-1], 2).toarray()
    steps = parabolas * (3 / (knots[4:-1] - knots[1:-4]))
    slopes = np.zeros((len(steps), len(knots) - 4))
    slopes[:, 1:] += steps
    slopes[:, :-1] -= steps
    at = np.zeros((len(positions), len(i)))
    at[j, np.arange(len(j))], at[i, np.arange(len(i))] = 1.0, -1.0
    return np.stack([at @ (axis[:, None] * slopes) for axis in directions.T], axis=1)
