"""An energy that is no sum over pairs: the triple-dipole energy of Axilrod and Teller (1943).

>>> from surrogates import potentials
>>> triangle = [[0.0, 0.0], [1.0, 0.0], [0.5, 0.75**0.5]]
>>> float(potentials.AxilrodTeller(strength=2.0).energy(triangle).round(12))
2.75
"""

import functools
from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from surrogates import checks
from surrogates.potentials.base import Potential
from surrogates.potentials.compiled import OPTIONS, threaded
from surrogates.potentials.pairwise import DIFFERENCES, square


@dataclass(frozen=True)
class AxilrodTeller(Potential):
    """V = strength sum_{i<j<k} (1 + 3 cos a cos b cos c) / (r_ij r_jk r_ki)^3, a, b, c the triangle's angles.

    The triples alone, which go with a sum over pairs: ``LennardJones() + AxilrodTeller(0.07)``. No cutoff. Where atoms
    coincide the triples have no value: the energy is +inf, without forces.

    Attributes
    ----------
    strength : float
        In units of energy times length^9; about 0.07 epsilon sigma^9 for argon.
    """

    strength: float

    def __post_init__(self):
        object.__setattr__(self, "strength", checks.positive("strength", self.strength))

    def compute(self, structures):
        energies, forces = np.empty(len(structures)), np.zeros(structures.shape)
        threads = threaded(len(structures) > 1)  # starting them costs more than one structure
        _loop(structures.shape[-1], threads)(structures[..., None], energies, forces)
        whole = np.isfinite(energies)
        with np.errstate(invalid="ignore"):
            energies = np.where(whole, self.strength * energies, np.inf)
            forces = np.where(whole[:, None, None], self.strength * forces, 0.0)
        return energies, forces


@functools.cache
def _loop(dimensions, threads):
    apart = DIFFERENCES[dimensions]

    @njit(parallel=threads, **OPTIONS)
    def loop(structures, energies, forces):
        threads  # noqa: B018 (a key of numba's cache, as all that the loop closes over)
        for number in prange(len(structures)):
            energies[number] = _sum(apart, structures[number], forces[number])

    return loop


@njit(error_model="numpy")
def _sum(apart, x, forces):
    total = 0.0
    for i in range(len(x)):
        for j in range(i):
            for k in range(j):
                total += _triple(apart, x, i, j, k, forces)
    return total


@njit(error_model="numpy")
def _triple(apart, x, i, j, k, forces):
    """Energy of one triple; its forces are added. With the squared sides a, b, c all cosines are rational."""
    to_j, to_k, to_i = apart(x, i, j, 0), apart(x, j, k, 0), apart(x, k, i, 0)
    a, b, c = square(to_j), square(to_k), square(to_i)
    p, q, r = b + c - a, c + a - b, a + b - c  # p q r / (8 a b c) is the product of the cosines
    volume = a * b * c
    if not volume < np.inf:  # so far apart that the square of a length overflows
        return 0.0
    first = volume**-1.5
    second = 0.375 * first / volume
    product = p * q * r
    # The derivatives by a, b and c.
    da = -(1.5 * first + 2.5 * second * product) / a + second * (p * r + p * q - q * r)
    db = -(1.5 * first + 2.5 * second * product) / b + second * (q * r + p * q - p * r)
    dc = -(1.5 * first + 2.5 * second * product) / c + second * (p * r + q * r - p * q)
    for axis in range(len(to_j)):
        forces[i, axis] += 2 * (dc * to_i[axis] - da * to_j[axis])
        forces[j, axis] += 2 * (da * to_j[axis] - db * to_k[axis])
        forces[k, axis] += 2 * (db * to_k[axis] - dc * to_i[axis])
    return first + second * product
