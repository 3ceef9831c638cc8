"""A sum over pairs of a tabulated function of their distance: what a surrogate has learned, as fast as the truth.

>>> from surrogates import potentials
>>> table = potentials.tabulated(pair, closest=0.93)  # pair(distances (n,)) gives energies and slopes
>>> energies, forces = table(positions)  # positions of shape (..., atoms, d), any number of atoms
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from surrogates import checks
from surrogates.potentials.pairwise import PairPotential

CUTOFF = 16.0  # pairs farther apart have no energy; that of Lennard-Jones is 2e-7 there
STEP = 0.002  # between the points lie cubics, and Lennard-Jones is met to 1e-7


@njit
def interpolated(distance, parameters):
    closest, values, slopes = parameters
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


@dataclass(frozen=True, eq=False)
class PairTable(PairPotential):
    """A sum over pairs of a function that is a cubic between its points; see :func:`tabulated`.

    Below ``closest`` it is a straight line, and beyond ``CUTOFF`` it is 0.

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
    pair = interpolated

    def __post_init__(self):
        closest = checks.positive("closest", self.closest)
        if closest >= CUTOFF:
            raise ValueError(f"closest = {closest}: give a distance below {CUTOFF}.")
        object.__setattr__(self, "closest", closest)
        points = len(_points(closest))
        for name in ("values", "slopes"):
            given = np.ascontiguousarray(getattr(self, name), dtype=float)
            if given.shape != (points,):
                raise ValueError(f"{name} of shape {given.shape}: give one for each of {points} points.")
            object.__setattr__(self, name, given)


def tabulated(pair: Callable, closest: float) -> PairTable:
    """The table of a function that takes distances ``(n,)``, from ``closest`` on, and gives energies and slopes.

    Raises ValueError where ``closest`` is not positive or not below ``CUTOFF``.
    """
    closest = checks.positive("closest", closest)
    if closest >= CUTOFF:
        raise ValueError(f"closest = {closest}: give a distance below {CUTOFF}.")
    return PairTable(closest, *pair(_points(closest)))


def _points(closest: float) -> np.ndarray:
    return closest + STEP * np.arange(int(np.ceil((CUTOFF - closest) / STEP)) + 2)
