"""A sum over pairs of a tabulated function of their distance: what a surrogate has learned, as fast as the truth.

>>> table = pair_tables.tabulated(pair, closest=0.93)  # pair(distances (n,)) gives energies and slopes
>>> energies, forces = table(positions)  # positions of shape (..., atoms, 2), any number of atoms
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from surrogates import checks

CUTOFF = 16.0  # pairs farther apart have no energy; the true one is 2e-7 there
STEP = 0.002  # in sigma; between the points lie cubics, and the true energy of a pair is met to 1e-7


@dataclass(frozen=True)
class PairTable:
    """Energies and forces of a sum over pairs, as :mod:`surrogates.search.structures` uses a potential.

    Between its points the function is a cubic, below ``closest`` it is a straight line, and beyond ``CUTOFF`` it is 0.

    Attributes
    ----------
    closest : float
        The first point, in units of sigma.
    values, slopes : array (points,)
        Energy of a pair, in units of epsilon, and its derivative by the distance, every ``STEP`` from there.
    """

    closest: float
    values: np.ndarray
    slopes: np.ndarray

    def __call__(self, positions):
        positions = np.ascontiguousarray(positions, dtype=float)
        structures = positions.reshape(-1, *positions.shape[-2:])
        energies, forces = np.zeros(len(structures)), np.zeros(structures.shape)
        sums = _sums if len(structures) > 1 else _sums_of_few  # starting the threads costs more than one structure
        sums(structures, self.closest, self.values, self.slopes, energies, forces)
        return energies.reshape(positions.shape[:-2])[()], forces.reshape(positions.shape)

    def pair_energy(self, distance: np.ndarray) -> np.ndarray:
        """The energy of a pair at distances of any shape, in units of sigma."""
        distance = np.asarray(distance, dtype=float)
        positions = np.zeros((*distance.shape, 2, 2))
        positions[..., 1, 0] = distance
        return self(positions)[0]


def tabulated(pair: Callable, closest: float) -> PairTable:
    """The table of a function that takes distances ``(n,)``, from ``closest`` on, and gives energies and slopes."""
    closest = checks.positive("closest", closest)
    if closest >= CUTOFF:
        raise ValueError(f"closest = {closest}: give a distance below {CUTOFF}.")
    distance = closest + STEP * np.arange(int(np.ceil((CUTOFF - closest) / STEP)) + 2)
    return PairTable(closest, *(np.asarray(values, dtype=float) for values in pair(distance)))


@njit(cache=True, error_model="numpy")
def _pair(distance, closest, values, slopes):
    """Energy and slope at a distance."""
    if np.isnan(distance):
        return distance, distance
    if distance >= CUTOFF:
        return 0.0, 0.0
    if distance <= closest:
        return values[0] + slopes[0] * (distance - closest), slopes[0]
    place = (distance - closest) / STEP
    k = int(place)
    t = place - k
    rise, first, second = values[k + 1] - values[k], STEP * slopes[k], STEP * slopes[k + 1]
    # The cubic with these values and slopes at both ends (Hermite).
    a, b = first + second - 2 * rise, 3 * rise - 2 * first - second
    return values[k] + t * (first + t * (b + t * a)), (first + t * (2 * b + 3 * t * a)) / STEP


@njit(cache=True, error_model="numpy")
def _sum(x, closest, values, slopes, forces):
    total = 0.0
    for i in range(len(x)):
        for j in range(i):
            dx, dy = x[i, 0] - x[j, 0], x[i, 1] - x[j, 1]
            distance = np.sqrt(dx * dx + dy * dy)
            energy, slope = _pair(distance, closest, values, slopes)
            total += energy
            if distance != 0:
                fx, fy = -slope * dx / distance, -slope * dy / distance
                forces[i, 0] += fx
                forces[i, 1] += fy
                forces[j, 0] -= fx
                forces[j, 1] -= fy
    return total


@njit(cache=True)
def _sums_of_few(structures, closest, values, slopes, energies, forces):
    for number in range(len(structures)):
        energies[number] = _sum(structures[number], closest, values, slopes, forces[number])


@njit(parallel=True, cache=True)
def _sums(structures, closest, values, slopes, energies, forces):
    for number in prange(len(structures)):
        energies[number] = _sum(structures[number], closest, values, slopes, forces[number])
