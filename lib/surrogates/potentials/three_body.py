"""A potential that is no sum over pairs: Lennard-Jones with the triple-dipole energy of Axilrod and Teller (1943).

>>> import numpy as np
>>> from surrogates import three_body
>>> triangle = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.75**0.5]])  # sides of sigma, where the pairs have no energy
>>> energy, forces = three_body.AxilrodTeller(strength=2.0)(triangle)
>>> float(energy.round(12))
2.75
"""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from surrogates import checks
from surrogates.potentials import potential


@dataclass(frozen=True)
class AxilrodTeller:
    """V = V_LJ + strength sum_{i<j<k} (1 + 3 cos a cos b cos c) / (r_ij r_jk r_ki)^3, a, b, c the triangle's angles.

    Positions ``(..., atoms, 2)`` in units of sigma to energies ``(...)`` in units of epsilon and forces
    ``(..., atoms, 2)``, as :func:`potentials.potential.energy_and_forces`, whose refusals hold here as well. Free
    space, no cutoff. Where atoms coincide the energy is +inf, as that of the pair is.

    Attributes
    ----------
    strength : float
        In units of epsilon sigma^9; about 0.07 for argon.
    """

    strength: float

    def __post_init__(self):
        object.__setattr__(self, "strength", checks.positive("strength", self.strength))

    def __call__(self, positions):
        energies, forces = potential.energy_and_forces(positions)
        positions = np.ascontiguousarray(positions, dtype=float)
        structures = positions.reshape(-1, *positions.shape[-2:])
        triple, pull = np.zeros(len(structures)), np.zeros(structures.shape)
        add = _triples if len(structures) > 1 else _triples_of_few  # starting the threads costs more than one structure
        add(structures, triple, pull)
        triple, pull = triple.reshape(np.shape(energies)), pull.reshape(forces.shape)
        whole = np.isfinite(energies)  # at two atoms in one place the triples have no value
        with np.errstate(invalid="ignore"):
            energies = np.where(whole, energies + self.strength * triple, np.inf)[()]
            forces = np.where(whole[..., None, None], forces + self.strength * pull, forces)
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
    ax, ay = x[i, 0] - x[j, 0], x[i, 1] - x[j, 1]
    bx, by = x[j, 0] - x[k, 0], x[j, 1] - x[k, 1]
    cx, cy = x[k, 0] - x[i, 0], x[k, 1] - x[i, 1]
    a, b, c = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
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
    forces[j, 0] += 2 * (da * ax - db * bx)
    forces[j, 1] += 2 * (da * ay - db * by)
    forces[k, 0] += 2 * (db * bx - dc * cx)
    forces[k, 1] += 2 * (db * by - dc * cy)
    return first + second * product
