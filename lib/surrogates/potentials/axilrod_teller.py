"""An energy that is no sum over pairs: the triple-dipole energy of Axilrod and Teller (1943).

>>> from surrogates import potentials
>>> triangle = [[0.0, 0.0], [1.0, 0.0], [0.5, 0.75**0.5]]
>>> float(potentials.AxilrodTeller(strength=2.0).energy(triangle).round(12))
2.75
"""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from surrogates import checks
from surrogates.potentials.base import Potential


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
        shape = structures.shape
        space = np.zeros((*shape[:2], 3))  # a plane is one in space
        space[..., : shape[2]] = structures
        energies, forces = np.zeros(len(space)), np.zeros(space.shape)
        add = _triples if len(space) > 1 else _triples_of_few  # starting the threads costs more than one structure
        add(space, energies, forces)
        whole = np.isfinite(energies)
        with np.errstate(invalid="ignore"):
            energies = np.where(whole, self.strength * energies, np.inf)
            forces = np.where(whole[:, None, None], self.strength * forces[..., : shape[2]], 0.0)
        return energies, forces


@njit(cache=True, error_model="numpy")
def _sum(x, forces):
    total = 0.0
    for i in range(len(x)):
        for j in range(i):
            for k in range(j):
                total += _triple(x, i, j, k, forces)
    return total


@njit(cache=True, error_model="numpy")
def _triples_of_few(structures, energies, forces):
    for number in range(len(structures)):
        energies[number] = _sum(structures[number], forces[number])


@njit(parallel=True, cache=True, error_model="numpy")
def _triples(structures, energies, forces):
    for number in prange(len(structures)):
        energies[number] = _sum(structures[number], forces[number])


@njit(cache=True, error_model="numpy")
def _triple(x, i, j, k, forces):
    """Energy of one triple; its forces are added. With the squared sides a, b, c all cosines are rational."""
    ax, ay, az = x[i, 0] - x[j, 0], x[i, 1] - x[j, 1], x[i, 2] - x[j, 2]
    bx, by, bz = x[j, 0] - x[k, 0], x[j, 1] - x[k, 1], x[j, 2] - x[k, 2]
    cx, cy, cz = x[k, 0] - x[i, 0], x[k, 1] - x[i, 1], x[k, 2] - x[i, 2]
    a, b, c = ax * ax + ay * ay + az * az, bx * bx + by * by + bz * bz, cx * cx + cy * cy + cz * cz
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
    forces[i, 0] += 2 * (dc * cx - da * ax)
    forces[i, 1] += 2 * (dc * cy - da * ay)
    forces[i, 2] += 2 * (dc * cz - da * az)
    forces[j, 0] += 2 * (da * ax - db * bx)
    forces[j, 1] += 2 * (da * ay - db * by)
    forces[j, 2] += 2 * (da * az - db * bz)
    forces[k, 0] += 2 * (db * bx - dc * cx)
    forces[k, 1] += 2 * (db * by - dc * cy)
    forces[k, 2] += 2 * (db * bz - dc * cz)
    return first + second * product
