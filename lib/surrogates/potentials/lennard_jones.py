"""The Lennard-Jones energy and forces of many structures at once, exact to rounding.

>>> from surrogates import potentials
>>> float(potentials.LennardJones().energy([[0.0, 0.0], [2 ** (1 / 6), 0.0]]).round(12))
-1.0

Free space: no cutoff, no shift, no periodic images.
"""

from dataclasses import dataclass

from numba import njit

from surrogates import checks
from surrogates.potentials.base import Units
from surrogates.potentials.pairwise import PairPotential


@njit
def reduced(r2, parameters):
    """V / (4 epsilon) from r^2, and (-dV/dr) / r times sigma^2 / (24 epsilon)."""
    s2 = parameters[0] / r2
    s6 = s2 * s2 * s2
    # As products: s6 * s6 - s6 would be NaN at r = 0.
    return s6 * (s6 - 1.0), (2 * s6 - 1.0) * s6 * s2


@njit
def with_units(energy, force, parameters):
    """From sums of the reduced terms: the parameters are sigma^2 and epsilon."""
    sigma2, epsilon = parameters
    return epsilon * (4 * energy), epsilon * (24 * force) / sigma2


@dataclass(frozen=True)
class LennardJones(PairPotential):
    """V = 4 epsilon sum_{i<j} [(sigma / r_ij)^12 - (sigma / r_ij)^6].

    Coincident atoms give +inf, and the components of the force between them that would be NaN are +inf. Half the energy
    of a pair belongs to each of its atoms.

    Attributes
    ----------
    sigma : float
        Distance at which the energy of a pair is zero, in the units of the positions.
    epsilon : float
        Depth of the well of a pair, the unit of the energy.
    """

    sigma: float = 1.0
    epsilon: float = 1.0
    pair = reduced
    squared = True
    scale = with_units

    def __post_init__(self):
        for name in ("sigma", "epsilon"):
            object.__setattr__(self, name, checks.positive(name, getattr(self, name)))

    @property
    def units(self) -> Units:
        return Units.of(self.sigma, self.epsilon)

    @property
    def parameters(self):
        return self.sigma * self.sigma, self.epsilon
