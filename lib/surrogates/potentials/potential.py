"""The Lennard-Jones energy and forces of many two-dimensional structures at once, exact to rounding.

>>> import numpy as np
>>> from surrogates import potential
>>> positions = np.array([[0.0, 0.0], [2 ** (1 / 6), 0.0]])  # two atoms at the best distance
>>> float(potential.energy(positions).round(12))
-1.0

Free space: no cutoff, no shift, no periodic images. Every structure is summed in one fixed order, so
a result is the same bit for bit on any number of threads and in a batch of any size.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numba.extending import register_jitable

# The innermost loop runs over this many structures, not over the pairs of one: the compiler may then use
# the processor's vector units without changing the order of any sum. Below 16 it does not use them.
LANES = 16

# Up to here no square overflows, and none of a sigma vanishes: 0 / 0 and 0 * inf cannot arise.
LARGEST = 1e150

# Division by zero gives infinity, as IEEE 754 says, so coincident atoms need no branch.
_OPTIONS = {"cache": True, "error_model": "numpy"}


def energy(positions, sigma=1.0, epsilon=1.0):
    """Total potential energy, V = 4 epsilon sum_{i<j} [(sigma / r_ij)^12 - (sigma / r_ij)^6].

    Parameters
    ----------
    positions : array of numbers, shape (..., atoms, 2), in the units of sigma
    sigma : distance at which the energy of a pair is zero
    epsilon : depth of the well of a pair, the unit of the energy

    Returns
    -------
    float64 array of shape (...), a scalar for one structure. Coincident atoms give +inf.

    Raises
    ------
    ValueError : positions of another shape, without atoms or not finite; sigma or epsilon not positive.
    """
    positions, sigma, epsilon = _checked(positions, sigma, epsilon)
    structures = positions.reshape(-1, *positions.shape[-2:])
    energies = np.empty(len(structures))
    _run(_block_energies, _energies, structures, sigma * sigma, epsilon, energies)
    return energies.reshape(positions.shape[:-2])[()]


def energy_and_forces(positions, sigma=1.0, epsilon=1.0):
    """Total potential energy and the force on every atom, F_i = -dV/dx_i.

    F_i = 24 epsilon sum_{j != i} [2 (sigma / r_ij)^12 - (sigma / r_ij)^6] (x_i - x_j) / r_ij^2

    Parameters and errors are those of `energy`, and the energies equal its result bit for bit.

    Returns
    -------
    energies : float64 array of shape (...)
    forces : float64 array of shape (..., atoms, 2), in epsilon / length. The force between
        coincident atoms is infinite and has no direction: a component that would be NaN is +inf.
    """
    positions, sigma, epsilon = _checked(positions, sigma, epsilon)
    structures = positions.reshape(-1, *positions.shape[-2:])
    energies, forces = np.empty(len(structures)), np.empty(structures.shape)
    _run(_block_energies, _energies, structures, sigma * sigma, epsilon, energies)
    _run(_block_forces, _forces, structures, sigma * sigma, epsilon, forces)
    return energies.reshape(positions.shape[:-2])[()], forces.reshape(positions.shape)


def atom_energies(positions, sigma=1.0, epsilon=1.0):
    """Energy of every atom, half of that of each pair it is in, so that they add up to V: float64 (..., atoms).

    Parameters and errors are those of `energy`.
    """
    positions, sigma, epsilon = _checked(positions, sigma, epsilon)
    structures = positions.reshape(-1, *positions.shape[-2:])
    energies = np.empty(structures.shape[:-1])
    _run(_block_atoms, _atoms, structures, sigma * sigma, epsilon, energies)
    return energies.reshape(positions.shape[:-1])


def pair_energy(distance, sigma=1.0, epsilon=1.0):
    """Energy of one pair, V(r) = 4 epsilon [(sigma / r)^12 - (sigma / r)^6], +inf at r = 0.

    distance: numbers >= 0, array of any shape, in the units of sigma. Returns float64 of that shape.
    """
    sigma, epsilon = _positive("sigma", sigma), _positive("epsilon", epsilon)
    distance = _numbers("distance", distance)
    if not (distance >= 0).all():
        raise ValueError(f"distance must be 0 or more, but {distance[~(distance >= 0)][0]} was given")
    with np.errstate(divide="ignore", over="ignore"):
        return epsilon * (4 * _reduced_energy(sigma * sigma / (distance * distance)))[()]


def pair_distances(positions, period=None):
    """Distance of every pair of atoms, (..., atoms, 2) to float64 (..., pairs), in the order (0, 1), (0, 2), ...

    With a period, the side of a box that repeats in both directions, it is that of the nearest images.
    """
    positions = np.asarray(positions, dtype=float)
    i, j = np.triu_indices(positions.shape[-2], 1)
    apart = positions[..., i, :] - positions[..., j, :]
    if period is not None:
        apart -= period * np.round(apart / period)
    return np.linalg.norm(apart, axis=-1)


def closest_pair(positions):
    """Distance of the two closest atoms of each structure, (structures, atoms, 2) to float64 (structures,).

    Its energy alone decides most of V where two atoms are close.
    """
    parts = [positions[start : start + 1000] for start in range(0, len(positions), 1000)]  # bounds the memory
    return np.concatenate([pair_distances(part).min(axis=-1) for part in parts])


def share_of_near(positions, cutoff):
    """How much of the summed absolute energies of all pairs belongs to pairs closer than the cutoff, 0 to 1.

    positions: (structures, atoms, 2) and cutoff in units of sigma.
    """
    distances = pair_distances(positions)
    energies = np.abs(pair_energy(distances))
    return float(energies[distances < cutoff].sum() / energies.sum())


@register_jitable
def _reduced_energy(s2):
    """V(r) / (4 epsilon) from s2 = (sigma / r)^2. As a product: s6 * s6 - s6 would be NaN at r = 0."""
    s6 = s2 * s2 * s2
    return s6 * (s6 - 1.0)


@njit(**_OPTIONS)
def _lanes(structures, first):
    """Positions (atoms, 2, LANES) of the LANES structures from `first` on; past the end the last repeats."""
    lanes = np.empty((structures.shape[1], 2, LANES))
    for lane in range(LANES):
        structure = structures[min(first + lane, len(structures) - 1)]
        for i in range(len(structure)):
            for axis in range(2):
                lanes[i, axis, lane] = structure[i, axis]
    return lanes


@njit(**_OPTIONS)
def _block_energies(structures, first, sigma2, epsilon, energies):
    x = _lanes(structures, first)
    total = np.zeros(LANES)
    for i in range(len(x)):
        for j in range(i):
            for lane in range(LANES):
                dx, dy = x[i, 0, lane] - x[j, 0, lane], x[i, 1, lane] - x[j, 1, lane]
                total[lane] += _reduced_energy(sigma2 / (dx * dx + dy * dy))
    for lane in range(min(LANES, len(structures) - first)):
        energies[first + lane] = epsilon * (4 * total[lane])


@njit(**_OPTIONS)
def _block_atoms(structures, first, sigma2, epsilon, energies):
    x = _lanes(structures, first)
    for i in range(len(x)):
        total = np.zeros(LANES)
        for j in range(len(x)):
            if j == i:
                continue
            for lane in range(LANES):
                dx, dy = x[i, 0, lane] - x[j, 0, lane], x[i, 1, lane] - x[j, 1, lane]
                total[lane] += _reduced_energy(sigma2 / (dx * dx + dy * dy))
        for lane in range(min(LANES, len(structures) - first)):
            energies[first + lane, i] = epsilon * (2 * total[lane])


@njit(**_OPTIONS)
def _block_forces(structures, first, sigma2, epsilon, forces):
    x = _lanes(structures, first)
    for i in range(len(x)):
        total = np.zeros((2, LANES))
        for j in range(len(x)):
            if j == i:
                continue
            for lane in range(LANES):
                dx, dy = x[i, 0, lane] - x[j, 0, lane], x[i, 1, lane] - x[j, 1, lane]
                s2 = sigma2 / (dx * dx + dy * dy)
                s6 = s2 * s2 * s2
                slope = (2 * s6 - 1.0) * s6 * s2
                total[0, lane] += slope * dx
                total[1, lane] += slope * dy
        for lane in range(min(LANES, len(structures) - first)):
            for axis in range(2):
                f = total[axis, lane]
                forces[first + lane, i, axis] = np.inf if np.isnan(f) else epsilon * (24 * f) / sigma2


@njit(parallel=True, **_OPTIONS)
def _energies(structures, sigma2, epsilon, energies):
    for block in prange((len(structures) + LANES - 1) // LANES):
        _block_energies(structures, block * LANES, sigma2, epsilon, energies)


@njit(parallel=True, **_OPTIONS)
def _atoms(structures, sigma2, epsilon, energies):
    for block in prange((len(structures) + LANES - 1) // LANES):
        _block_atoms(structures, block * LANES, sigma2, epsilon, energies)


@njit(parallel=True, **_OPTIONS)
def _forces(structures, sigma2, epsilon, forces):
    for block in prange((len(structures) + LANES - 1) // LANES):
        _block_forces(structures, block * LANES, sigma2, epsilon, forces)


def _run(block, all_blocks, structures, *arguments):
    # For a single block, starting the threads costs more than the work.
    if 0 < len(structures) <= LANES:
        block(structures, 0, *arguments)
    else:
        all_blocks(structures, *arguments)


def _checked(positions, sigma, epsilon):
    sigma, epsilon = _positive("sigma", sigma), _positive("epsilon", epsilon)
    positions = _numbers("positions", positions)
    shape = positions.shape
    if len(shape) < 2 or shape[-1] != 2 or shape[-2] == 0:
        raise ValueError(f"positions must have shape (..., atoms, 2), one atom or more, but {shape} was given")
    if not (positions.min(initial=0.0) >= -LARGEST and positions.max(initial=0.0) <= LARGEST):
        where = np.argwhere(~(abs(positions) <= LARGEST))[0].tolist()
        value = positions[tuple(where)]
        raise ValueError(f"positions must be finite, at most {LARGEST}, but positions{where} is {value}")
    return positions, sigma, epsilon


def _numbers(name, values):
    try:
        values = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} must be an array of real numbers, but it has no shape: {error}") from None
    if values.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be an array of real numbers, but its type is {values.dtype}")
    return np.ascontiguousarray(values, dtype=np.float64).reshape(values.shape)


def _positive(name, value):
    number = float(value) if np.ndim(value) == 0 and np.asarray(value).dtype.kind in "iuf" else np.nan
    if not 1 / LARGEST <= number <= LARGEST:
        raise ValueError(f"{name} must be a positive number, 1e-150 to {LARGEST}, but {value!r} was given")
    return number


@dataclass(frozen=True)
class LennardJones:
    """:func:`energy_and_forces` with a sigma and an epsilon of its own."""

    sigma: float = 1.0
    epsilon: float = 1.0
    dimensions = (2,)

    def __call__(self, positions):
        return energy_and_forces(positions, self.sigma, self.epsilon)

    def energy(self, positions):
        return energy(positions, self.sigma, self.epsilon)

    def atom_energies(self, positions):
        return atom_energies(positions, self.sigma, self.epsilon)
