"""The energy of a bond as Morse (1929) has it; clusters of Morse atoms are a test of searches.

>>> from surrogates import potentials
>>> float(potentials.Morse(depth=2.0).energy([[0.0, 0.0], [1.0, 0.0]]))
-2.0
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from surrogates import checks
from surrogates.potentials.base import Units
from surrogates.potentials.pairwise import PairPotential


@njit
def bond(r, parameters):
    depth, stiffness, distance = parameters
    decay = np.exp(-stiffness * (r - distance))
    return depth * decay * (decay - 2), 2 * depth * stiffness * decay * (1 - decay)


@dataclass(frozen=True)
class Morse(PairPotential):
    """V = depth sum_{i<j} ([1 - exp(-stiffness (r_ij - distance))]^2 - 1).

    Attributes
    ----------
    depth : float
        Depth of the well of a pair, the unit of the energy.
    stiffness : float
        In 1 / length; 6 is like Lennard-Jones near its minimum, more has a shorter range.
    distance : float
        Where the well of a pair is deepest, in the units of the positions.
    """

    depth: float = 1.0
    stiffness: float = 6.0
    distance: float = 1.0
    pair = bond

    def __post_init__(self):
        for name in ("depth", "stiffness", "distance"):
            object.__setattr__(self, name, checks.positive(name, getattr(self, name)))

    @property
    def units(self) -> Units:
        return Units.of(self.distance, self.depth)
