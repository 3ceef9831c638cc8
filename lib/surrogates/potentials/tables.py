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
from surrogates.potentials.base import Units
from surrogates.potentials.pairwise import PairPotential

CUTOFF = 16.0  # in sigma: pairs farther apart have no energy; that of Lennard-Jones is 2e-7 there
STEP = 0.002  # in sigma: between the points lie cubics, and Lennard-Jones is met to 1e-7


@njit
def interpolated(distance, parameters):
    closest, values, slopes, cutoff, spacing = parameters
    if distance >= cutoff:
        return 0.0, 0.0
    if distance <= closest:
        return values[0] + slopes[0] * (distance - closest), slopes[0]
    place = (distance - closest) / spacing
    k = int(place)
    t = place - k
    rise, first, second = values[k + 1] - values[k], spacing * slopes[k], spacing * slopes[k + 1]
    # The cubic with these values and slopes at both ends (Hermite).
    a, b = first + second - 2 * rise, 3 * rise - 2 * first - second
    return values[k] + t * (first + t * (b + t * a)), (first + t * (2 * b + 3 * t * a)) / spacing


@dataclass(frozen=True, eq=False)
class PairTable(PairPotential):
    """A sum over pairs of a function that is a cubic between its points; see :func:`tabulated`.

    Below ``closest`` it is a straight line, and beyond ``CUTOFF`` it is 0.

    Attributes
    ----------
    closest : float
        The first point.
    values, slopes : array (points,)
        Energy of a pair and its derivative by the distance, every ``STEP`` sigma from there.
    units : Units
        Those of the potential that it stands for.
    """

    closest: float
    values: np.ndarray
    slopes: np.ndarray
    units: Units = Units()  # noqa: RUF009 (it is a tuple)
    pair = interpolated

    def __post_init__(self):
        object.__setattr__(self, "closest", _checked(self.closest, self.units))
        points = len(_points(self.closest, self.units))
        for name in ("values", "slopes"):
            given = np.ascontiguousarray(getattr(self, name), dtype=float)
            if given.shape != (points,):
                raise ValueError(f"{name} of shape {given.shape}: give one for each of {points} points.")
            object.__setattr__(self, name, given)

    @property
    def parameters(self):
        return self.closest, self.values, self.slopes, CUTOFF * self.units.length, STEP * self.units.length


def tabulated(pair: Callable, closest: float, units: Units = Units()) -> PairTable:  # noqa: B008
    """The table of a function that takes distances ``(n,)``, from ``closest`` on, and gives energies and slopes.

    Raises ValueError where ``closest`` is not positive or not below ``CUTOFF``.
    """
    closest = _checked(closest, units)
    return PairTable(closest, *pair(_points(closest, units)), units)


def _checked(closest, units: Units) -> float:
    closest, cutoff = checks.positive("closest", closest), CUTOFF * units.length
    if closest >= cutoff:
        raise ValueError(f"closest = {closest}: give a distance below {cutoff}.")
    return closest


def _points(closest: float, units: Units) -> np.ndarray:
    cutoff, step = CUTOFF * units.length, STEP * units.length
    return closest + step * np.arange(int(np.ceil((cutoff - closest) / step)) + 2)
