"""Two powers of the distance, as Mie (1903) has them: Lennard-Jones with another range.

>>> from surrogates import potentials
>>> float(potentials.Mie(attractive=4.0).pair_energy(1.0))
0.0
"""

from dataclasses import dataclass

from numba import njit

from surrogates import checks
from surrogates.potentials.base import Units
from surrogates.potentials.pairwise import PairPotential


@njit
def powers(r, parameters):
    strength, repulsive, attractive, sigma = parameters
    pull = strength * (sigma / r) ** attractive
    # As products: the difference of the two powers would be NaN at r = 0.
    excess = (sigma / r) ** (repulsive - attractive)
    return pull * (excess - 1.0), -pull * (repulsive * excess - attractive) / r


@dataclass(frozen=True)
class Mie(PairPotential):
    """V = C epsilon sum_{i<j} [(sigma / r_ij)^n - (sigma / r_ij)^m], C = n / (n - m) (n / m)^(m / (n - m)).

    With this C the well of a pair is epsilon deep. n = 12 and m = 6 are Lennard-Jones; a smaller m reaches further.

    Attributes
    ----------
    repulsive, attractive : float
        The powers n > m > 0.
    sigma : float
        Distance at which the energy of a pair is zero, in the units of the positions.
    epsilon : float
        Depth of the well of a pair, the unit of the energy.
    """

    repulsive: float = 12.0
    attractive: float = 6.0
    sigma: float = 1.0
    epsilon: float = 1.0
    pair = powers

    def __post_init__(self):
        for name in ("repulsive", "attractive", "sigma", "epsilon"):
            object.__setattr__(self, name, checks.positive(name, getattr(self, name)))
        if self.repulsive <= self.attractive:
            raise ValueError(f"repulsive = {self.repulsive}: give a power above attractive = {self.attractive}.")

    @property
    def units(self) -> Units:
        return Units.of(self.sigma, self.epsilon)

    @property
    def parameters(self):
        n, m = self.repulsive, self.attractive
        return self.epsilon * n / (n - m) * (n / m) ** (m / (n - m)), n, m, self.sigma
