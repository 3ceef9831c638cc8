"""Many descents side by side: a potential is asked for the structures of all of them at once.

A network takes little longer for a batch of structures than for one. Each descent has a step, a history and an end of
its own, and does not depend on the others but for how the potential rounds in batches.

>>> relax_all(learned, starts)  # the minimum below each of (n, atoms, d)
"""

from collections.abc import Callable, Sequence

import numpy as np

from surrogates.potentials import Minimum, units_of
from surrogates.search.minima import FAR, FINE, check_forces

MEMORY = 10  # steps that L-BFGS remembers
LARGEST = 0.5  # shift of a coordinate in a step, in units of sigma
ENOUGH = 1e-4  # of the fall that the slope promises: the condition of Armijo
SLACK = 1e-6  # of an energy, as float32 has it: there the slope says whether a step is good
CALLS_AT_MOST = 2000  # structures that a descent asks for
SHORTEST = 1e-10  # step, as a share of the direction, before a descent begins anew or ends


def relax_all(potential, starts: Sequence[np.ndarray], tolerance: float = FINE) -> list[Minimum]:
    """:func:`surrogates.search.relax` of several structures of as many atoms ``(n, atoms, d)``, side by side."""
    found = [None] * len(starts)

    def keep(number: int, minimum: Minimum, left: float):
        found[number] = minimum

    descend_all(potential, starts, keep, tolerance)
    return found


def descend_all(
    potential,
    starts: Sequence[np.ndarray],
    then: Callable[[int, Minimum, float], tuple[np.ndarray, float] | None],
    tolerance: float,
):
    """Relax structures side by side by L-BFGS (Nocedal 1980, doi:10.1090/S0025-5718-1980-0572855-7).

    Parameters
    ----------
    starts : array
        ``(n, atoms, d)``.
    then : callable
        Called when a descent has ended, with its number, its minimum, and by how much the energy may still fall; it
        gives the structure from which this number goes on, and the tolerance there, or None.

    Raises ValueError for a potential without forces.
    """
    check_forces(potential)
    starts = np.asarray(starts, dtype=float)
    if len(starts) == 0:
        return
    descents, going = _Descents(potential, starts), np.arange(len(starts))
    for number in going:
        descents.begin(number, starts[number], tolerance)
    while len(going):
        ended = descents.advance(going)
        for number in going[ended]:
            following = then(int(number), *descents.end(number))
            if following is not None:
                descents.begin(number, *following)
                ended[going == number] = False
        going = going[~ended]


class _Descents:
    """What descents know: a row for each of them in every array."""

    def __init__(self, potential, starts: np.ndarray):
        self.potential, self.shape, units = potential, starts.shape[1:], units_of(potential)
        self.largest, self.force = LARGEST * units.length, units.force
        count, size = len(starts), starts[0].size
        self.start, self.x, self.slope, self.way = np.zeros((4, count, size))
        self.energy, self.step, self.tolerance, self.scale = np.zeros((4, count))
        self.asked = np.zeros(count, dtype=int)
        self.shifts, self.changes = np.zeros((2, count, MEMORY, size))
        self.inverse = np.zeros((count, MEMORY))  # of shift times change; 0 where nothing is remembered

    def begin(self, number: int, start: np.ndarray, tolerance: float):
        self.start[number] = self.x[number] = np.reshape(start, -1)
        self.energy[number], self.step[number], self.asked[number] = np.inf, 0.0, 0
        self.tolerance[number], self.slope[number], self.way[number] = tolerance * self.force, 0.0, 0.0
        self.inverse[number] = 0.0

    def end(self, number: int) -> tuple[Minimum, float]:
        """The minimum, and by how much the energy may still fall: :func:`surrogates.search.minima.descend`."""
        if not np.isfinite(self.energy[number]):
            return Minimum(np.inf, self.start[number].reshape(self.shape).copy()), 0.0
        left = -0.5 * float(self.slope[number] @ self.way[number])
        return Minimum(float(self.energy[number]), self.x[number].reshape(self.shape).copy()), left

    def advance(self, rows: np.ndarray) -> np.ndarray:
        """Ask for one structure of each of these rows; returns which of them have ended."""
        tried = self.x[rows] + self.step[rows, None] * self.way[rows]
        energy, slope = self._ask(tried)
        self.asked[rows] += 1
        broken = ~(np.isfinite(energy) & np.isfinite(slope).all(axis=1) & (np.abs(tried).max(axis=1) < FAR))
        self.energy[rows[broken]] = np.inf
        before, promised = self.energy[rows], self.step[rows] * _dot(self.slope[rows], self.way[rows])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            level = energy <= before + SLACK * np.abs(before)
            flatter = np.abs(_dot(slope, self.way[rows])) <= np.abs(_dot(self.slope[rows], self.way[rows]))
            good = ~broken & ((energy <= before + ENOUGH * promised) | (level & flatter))
            fitted = -0.5 * promised / (energy - before - promised)  # where a parabola has its minimum
        self._accept(rows[good], tried[good], energy[good], slope[good])
        self.step[rows[~good]] *= np.clip(np.nan_to_num(fitted[~good], nan=0.1), 0.1, 0.5)
        lost = self._lost(rows[~good & ~broken])
        done = np.abs(self.slope[rows]).max(axis=1) <= self.tolerance[rows]
        return broken | (good & done) | np.isin(rows, lost) | (self.asked[rows] >= CALLS_AT_MOST)

    def _ask(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Energies and slopes; in powers of two, as a network is compiled for each number of structures."""
        energies, slopes, begin = np.empty(len(x)), np.empty(x.shape), 0
        while begin < len(x):
            part = slice(begin, begin + (1 << (len(x) - begin).bit_length() - 1))
            energies[part], forces = self.potential(x[part].reshape(-1, *self.shape))
            slopes[part] = -np.reshape(forces, (-1, x.shape[1]))
            begin = part.stop
        return energies, slopes

    def _accept(self, rows: np.ndarray, x: np.ndarray, energy: np.ndarray, slope: np.ndarray):
        shift, change = x - self.x[rows], slope - self.slope[rows]
        curvature = _dot(shift, change)
        seen = np.isfinite(self.energy[rows]) & (curvature > 1e-10 * _dot(change, change))
        kept = rows[seen]
        for known, new in ((self.shifts, shift), (self.changes, change)):
            known[kept, :-1], known[kept, -1] = known[kept, 1:], new[seen]
        self.inverse[kept, :-1], self.inverse[kept, -1] = self.inverse[kept, 1:], 1 / curvature[seen]
        self.scale[kept] = curvature[seen] / _dot(change[seen], change[seen])
        self.x[rows], self.energy[rows], self.slope[rows] = x, energy, slope
        self._head(rows)

    def _head(self, rows: np.ndarray):
        """Where each row goes next: downhill, by the steps that it remembers."""
        way, shares = self.slope[rows].copy(), np.zeros((MEMORY, len(rows)))
        shifts, changes, inverse = self.shifts[rows], self.changes[rows], self.inverse[rows]
        for k in reversed(range(MEMORY)):
            shares[k] = inverse[:, k] * _dot(shifts[:, k], way)
            way -= shares[k][:, None] * changes[:, k]
        first = inverse[:, -1] == 0
        way *= np.where(first, 1 / np.maximum(1.0, np.sqrt(_dot(way, way))), self.scale[rows])[:, None]
        for k in range(MEMORY):
            way += (shares[k] - inverse[:, k] * _dot(changes[:, k], way))[:, None] * shifts[:, k]
        self.way[rows] = -way
        self.step[rows] = np.minimum(1.0, self.largest / np.maximum(np.abs(way).max(axis=1), 1e-300))

    def _lost(self, rows: np.ndarray) -> np.ndarray:
        """Rows that find no lower energy straight downhill; others forget what they remember and try that."""
        short = rows[self.step[rows] < SHORTEST]
        remembered = self.inverse[short, -1] != 0
        self.inverse[short[remembered]] = 0.0
        self._head(short[remembered])
        return short[~remembered]


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.einsum("nk,nk->n", one, other)
