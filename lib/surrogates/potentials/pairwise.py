"""Sums over pairs of atoms: one loop for every function of the distance, compiled for it and for d = 2 or 3.

A pair potential of one's own is a formula and a class of its parameters, in a module or a script:

>>> from dataclasses import dataclass
>>> from numba import njit
>>> from surrogates import potentials, testing
>>> @njit
... def soft(r, parameters):  # the energy of a pair and its derivative by the distance
...     height, width = parameters
...     energy = height * np.exp(-((r / width) ** 2))
...     return energy, -2 * r / width**2 * energy
>>> @dataclass(frozen=True)
... class Soft(potentials.PairPotential):
...     height: float = 1.0
...     width: float = 1.0
...     pair = soft
>>> testing.check_potential(Soft(height=2.0))
>>> energies, forces = Soft()(np.random.default_rng(0).random((1000, 7, 3)))

Every structure is summed in one fixed order, so a result is the same bit for bit on any number of threads and in a
batch of any size. What is compiled is kept on disk, by the text of the file that the formula is in.
"""

import dataclasses
import functools
import hashlib
import inspect
from typing import ClassVar

import numpy as np
from numba import njit, prange
from numba.core.dispatcher import Dispatcher
from numba.extending import register_jitable

from surrogates.potentials.base import Potential, real_array
from surrogates.potentials.compiled import OPTIONS, threaded

# The innermost loop runs over this many structures, not over the pairs of one: the compiler may then use
# the processor's vector units without changing the order of any sum. Below 16 it does not use them.
LANES = 16
_FEW = 4  # fewer structures than these are faster one by one


class PairPotential(Potential, registered=False):
    """A sum over pairs, V = sum_{i<j} pair(r_ij): a subclass is a frozen dataclass with the attribute ``pair``.

    Attributes
    ----------
    pair : function compiled by numba
        Takes the distance r and :attr:`parameters`, and returns V(r) and its derivative dV/dr. Coincident atoms have
        r = 0, where 1 / r is infinity; no force acts between them where dV/dr is finite.
    squared : bool
        Where true, ``pair`` takes r^2 instead and returns V and (-dV/dr) / r, which spares a square root, and many
        structures are computed side by side: for formulas without branches or functions, such as powers.
    scale : function compiled by numba, or None
        Takes a sum of energies, a component of a sum of forces and :attr:`parameters`, and returns both in their units.
    """

    pair: ClassVar = None
    squared: ClassVar[bool] = False
    scale: ClassVar = None

    @property
    def parameters(self) -> tuple:
        """What ``pair`` is given: the fields of the dataclass, numbers or float64 arrays, in their order."""
        return tuple(getattr(self, field.name) for field in dataclasses.fields(self))

    def compute(self, structures):
        energies, forces = np.empty(len(structures)), np.empty(structures.shape)
        self._run(_energies_and_forces, structures, energies, forces)
        return energies, forces

    def compute_energy(self, structures):
        energies = np.empty(len(structures))
        self._run(_energies, structures, energies)
        return energies

    def compute_atom_energies(self, structures):
        energies = np.empty(structures.shape[:2])
        self._run(_atoms, structures, energies)
        return energies

    def pair_energy(self, distance):
        """Energy of one pair, V(r).

        distance: numbers >= 0, array of any shape, in the potential's units. Returns float64 of that shape.
        """
        distance = real_array("distance", distance)
        if not (distance >= 0).all():
            raise ValueError(f"distance must be 0 or more, but {distance[~(distance >= 0)][0]} was given")
        positions = np.zeros((distance.size, 2, 2))
        positions[:, 1, 0] = distance.reshape(-1)
        return self.compute_energy(positions).reshape(distance.shape)[()]

    def _run(self, kernel, structures, *results):
        pair, squared, scale = type(self).pair, type(self).squared, type(self).scale
        # For a single block, or a few structures one by one, starting the threads costs more than the work.
        threads = threaded(len(structures) > (LANES if squared else _FEW))
        _loop(kernel, pair, squared, scale, structures.shape[-1], threads)(structures, self.parameters, results)


@functools.cache
def _loop(kernel, pair, squared, scale, dimensions, threads):
    """The loop for one function. What it closes over, plain functions and constants, is a key of numba's cache."""
    key = (_source(pair), _source(scale) if scale else "", threads)
    pair, scale = _plain(pair), _plain(scale or _unscaled)
    at = _at_squared if squared else _at_distance
    apart = DIFFERENCES[dimensions]
    blocks_of = _in_lanes if squared else _one_by_one

    @njit(parallel=threads, **OPTIONS)
    def loop(structures, parameters, results):
        key  # noqa: B018
        blocks, rest = blocks_of(len(structures))
        for item in prange(blocks + rest):
            if item < blocks:
                kernel(pair, at, apart, scale, structures, item * LANES, _WIDE, parameters, results)
            else:
                number = item + (LANES - 1) * blocks
                kernel(pair, at, apart, scale, structures, number, _ONE, parameters, results)

    return loop


@functools.cache
def _plain(function):
    """The function itself: numba's own objects have another key in each process."""
    return register_jitable(function.py_func if isinstance(function, Dispatcher) else function)


def _source(function) -> str:
    """Digest of the file of a function: that of an edited one, or of what it calls there, is another."""
    function = getattr(function, "py_func", function)
    try:
        text = inspect.getsource(inspect.getmodule(function))
    except (OSError, TypeError):
        try:
            text = inspect.getsource(function)
        except (OSError, TypeError):
            text = repr((function.__code__.co_code, function.__code__.co_consts))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _unscaled(energy, force, parameters):
    return energy, force


# The length of a tuple is known when the loops are compiled.
_WIDE, _ONE = (0,) * LANES, (0,)


@register_jitable
def _one_by_one(structures):
    return 0, structures


@register_jitable
def _in_lanes(structures):
    """Number of blocks of LANES structures, and of structures that are left for one by one."""
    rest = structures % LANES
    return (structures // LANES, rest) if rest < _FEW else (structures // LANES + 1, 0)


@register_jitable
def _lanes(structures, first, width):
    """Positions (atoms, d, lanes) of the structures from `first` on; past the end the last repeats."""
    lanes = np.empty((structures.shape[1], structures.shape[2], len(width)))
    for lane in range(len(width)):
        structure = structures[min(first + lane, len(structures) - 1)]
        for i in range(len(structure)):
            for axis in range(structures.shape[2]):
                lanes[i, axis, lane] = structure[i, axis]
    return lanes


@register_jitable
def _apart_2(x, i, j, lane):
    return x[i, 0, lane] - x[j, 0, lane], x[i, 1, lane] - x[j, 1, lane]


@register_jitable
def _apart_3(x, i, j, lane):
    return x[i, 0, lane] - x[j, 0, lane], x[i, 1, lane] - x[j, 1, lane], x[i, 2, lane] - x[j, 2, lane]


DIFFERENCES = {2: _apart_2, 3: _apart_3}
"""Of positions ``(atoms, d, lanes)``, those of two atoms as a tuple, by d: compiled code knows its length."""


@register_jitable
def square(apart):
    total = apart[0] * apart[0]
    for axis in range(1, len(apart)):
        total += apart[axis] * apart[axis]
    return total


@register_jitable
def _at_squared(pair, apart, parameters):
    """Energy of a pair, and what the difference of the positions is to be multiplied with, and divided by."""
    energy, pull = pair(square(apart), parameters)
    return energy, pull, 1.0


@register_jitable
def _at_distance(pair, apart, parameters):
    distance = np.sqrt(square(apart))
    energy, slope = pair(distance, parameters)
    return energy, -slope, (distance if distance != 0 else 1.0)


@register_jitable
def _energies(pair, at, apart, scale, structures, first, width, parameters, results):
    energies = results[0]
    x = _lanes(structures, first, width)
    total = np.zeros(len(width))
    for i in range(len(x)):
        for j in range(i):
            for lane in range(len(width)):
                total[lane] += at(pair, apart(x, i, j, lane), parameters)[0]
    for lane in range(min(len(width), len(structures) - first)):
        energies[first + lane] = scale(total[lane], 0.0, parameters)[0]


@register_jitable
def _atoms(pair, at, apart, scale, structures, first, width, parameters, results):
    energies = results[0]
    x = _lanes(structures, first, width)
    for i in range(len(x)):
        total = np.zeros(len(width))
        for j in range(len(x)):
            if j == i:
                continue
            for lane in range(len(width)):
                total[lane] += at(pair, apart(x, i, j, lane), parameters)[0]
        for lane in range(min(len(width), len(structures) - first)):
            energies[first + lane, i] = 0.5 * scale(total[lane], 0.0, parameters)[0]


@register_jitable
def _forces(pair, at, apart, scale, structures, first, width, parameters, results):
    forces = results[1]
    x = _lanes(structures, first, width)
    for i in range(len(x)):
        total = np.zeros((x.shape[1], len(width)))
        for j in range(len(x)):
            if j == i:
                continue
            for lane in range(len(width)):
                _add(total, lane, pair, at, apart(x, i, j, lane), parameters)
        for lane in range(min(len(width), len(structures) - first)):
            for axis in range(x.shape[1]):
                f = total[axis, lane]
                # The force between coincident atoms is infinite and has no direction.
                forces[first + lane, i, axis] = np.inf if np.isnan(f) else scale(0.0, f, parameters)[1]


@register_jitable
def _one(pair, at, apart, scale, structures, number, parameters, results):
    """Energy and forces of one structure, each pair once: the same sums in the same order."""
    energies, forces = results
    x = _lanes(structures, number, _ONE)
    total, sums = 0.0, np.zeros((x.shape[0], x.shape[1]))
    for i in range(len(x)):
        for j in range(i):
            difference = apart(x, i, j, 0)
            energy, pull, by = at(pair, difference, parameters)
            total += energy
            for axis in range(len(difference)):
                force = pull * difference[axis] / by
                sums[i, axis] += force
                sums[j, axis] -= force
    energies[number] = scale(total, 0.0, parameters)[0]
    for i in range(len(x)):
        for axis in range(x.shape[1]):
            f = sums[i, axis]
            forces[number, i, axis] = np.inf if np.isnan(f) else scale(0.0, f, parameters)[1]


@register_jitable
def _energies_and_forces(pair, at, apart, scale, structures, first, width, parameters, results):
    if len(width) > 1:
        _energies(pair, at, apart, scale, structures, first, width, parameters, results)
        _forces(pair, at, apart, scale, structures, first, width, parameters, results)
    else:
        _one(pair, at, apart, scale, structures, first, parameters, results)


@register_jitable
def _add(total, lane, pair, at, apart, parameters):
    _, pull, by = at(pair, apart, parameters)
    total[0, lane] += pull * apart[0] / by
    total[1, lane] += pull * apart[1] / by
    if len(apart) == 3:
        total[2, lane] += pull * apart[2] / by
