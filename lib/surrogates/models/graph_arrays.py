"""The atom graphs of a whole data set: the numbers of the layer ``representations.AtomGraph``, made once, kept small.

Node features cost most of the work, so they are computed at once and kept, as counts of one byte and distances. The
adjacency follows from the positions about as fast as it could be copied, so it is not kept at all. Either gives the
dense float32 numbers of the structures that it is asked for, be it a batch or all.

>>> from surrogates.models import graph_arrays
>>> features = graph_arrays.NodeFeatures(positions, radii)  # positions of shape (structures, 32, 2), 64 radii
>>> features.shape
(structures, 32, 95)
>>> features[rows].shape  # rows of shape (256,)
(256, 32, 95)

One thread does it all: 50,000 structures take less than a second, and Keras asks for batches from a thread of its own.
"""

import numpy as np
from numba import njit

from surrogates.potentials import compiled

CLOSEST = 1e-10  # the logarithm of a shorter distance is that of this one

# No "fastmath": the features must equal those of the layer to the last bit.
_OPTIONS = {**compiled.OPTIONS, "nogil": True}


class _Graphs:
    """What both have of an array: shape, dtype, length, indexing along the first axis, conversion to NumPy."""

    dtype = np.dtype("float32")

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, key):
        """What the dense array would give: for a slice or row numbers ``(n,)`` an array ``(n, atoms, ...)``."""
        if isinstance(key, tuple) or key is Ellipsis:
            return np.asarray(self)[key]
        rows = np.arange(len(self))[key]
        return self._dense(rows.reshape(-1)).reshape(*rows.shape, *self.shape[1:])

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("the graphs are not kept as a dense array, so there is none without a copy")
        return self[:].astype(dtype or self.dtype, copy=False)


class NodeFeatures(_Graphs):
    """Node features ``(structures, atoms, features)``: radial density, sorted distances, their logarithms, coordinates.

    Logarithms are made when they are asked for, of the distances, which are kept once.

    Parameters
    ----------
    positions : float32 array (structures, atoms, d)
    radii : float32 array (radii,)
    features : tuple of {"radial", "sorted", "log", "coordinates"}
        Which of these there are, in this order; what is left out has no place in the shape.
    reach : float or None
        A longer distance counts as this one.
    """

    def __init__(self, positions, radii, features=("radial", "sorted"), reach=None):
        axes = _by_axis(positions)
        structures, atoms, d = positions.shape
        radii = radii if "radial" in features else radii[:0]
        distances = atoms - 1 if "sorted" in features or "log" in features else 0
        self.positions = positions
        self.counts = np.empty((structures, atoms, len(radii)), np.min_scalar_type(atoms - 1))
        self.distances = np.empty((structures, atoms, distances), self.dtype)
        widths = {"radial": len(radii), "sorted": distances, "log": distances, "coordinates": d}
        self.widths = {name: width for name, width in widths.items() if name in features}
        self.shape = (structures, atoms, sum(self.widths.values()))
        reach = np.float32(np.inf if reach is None else reach)
        _node_features(*axes, radii, reach, sorting_network(atoms - 1), self.counts, self.distances)

    def _dense(self, rows):
        dense = np.empty((len(rows), *self.shape[1:]), self.dtype)
        start = 0
        kept = {"radial": self.counts, "sorted": self.distances, "log": self.distances, "coordinates": self.positions}
        for name, width in self.widths.items():
            part = kept[name][rows]
            if name == "log":
                np.log(np.maximum(part, np.float32(CLOSEST), out=part), out=part)
            dense[..., start : start + width] = part
            start += width
        return dense


class Adjacency(_Graphs):
    """Normalised adjacency ``(structures, atoms, atoms)``.

    Parameters
    ----------
    positions : float32 array (structures, atoms, d)
    cutoff : float
    edge_weight : {"distance", "inverse", "none"}
    """

    def __init__(self, positions, cutoff, edge_weight):
        self.axes, self.cutoff, self.edge_weight = _by_axis(positions), np.float32(cutoff), edge_weight
        self.shape = (*positions.shape[:2], positions.shape[1])

    def _dense(self, rows):
        dense = np.empty((len(rows), *self.shape[1:]), self.dtype)
        weighted, inverse = self.edge_weight != "none", self.edge_weight == "inverse"
        _adjacency(*self.axes, rows, self.cutoff, weighted, inverse, dense)
        return dense


def sorting_network(n: int) -> np.ndarray:
    """Batcher's odd-even merge sort: pairs ``(comparisons, 2)`` that, put in order one after the other, sort n numbers.

    Which numbers are compared does not depend on their values, so the distances of all atoms are sorted side by side
    in the processor's vector units (Batcher, "Sorting networks and their applications", 1968).
    """
    pairs = []
    merged = 1  # length of the runs that are sorted already
    while merged < n:
        apart = merged
        while apart:
            for first in range(apart % merged, n - apart, 2 * apart):
                for a in range(first, min(first + apart, n - apart)):
                    if a // (2 * merged) == (a + apart) // (2 * merged):  # in runs that are being merged
                        pairs.append((a, a + apart))
            apart //= 2
        merged *= 2
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _by_axis(positions):
    """Contiguous (structures, atoms) of x, y, z, as the innermost loops run over atoms; z is None in a plane."""
    if positions.ndim != 3 or positions.shape[-1] not in (2, 3):
        raise ValueError(
            f"positions of shape {positions.shape}: give (structures, atoms, 2) or (structures, atoms, 3)."
        )
    axes = tuple(np.ascontiguousarray(axis) for axis in np.moveaxis(positions, -1, 0))
    return axes if len(axes) == 3 else (*axes, None)


# The compiler drops the branch for z, since None is a type of its own.
@njit(**_OPTIONS)
def _distance(x, y, z, i, j):
    dx, dy = x[i] - x[j], y[i] - y[j]
    squared = dx * dx + dy * dy
    if z is not None:
        dz = z[i] - z[j]
        squared += dz * dz
    return np.sqrt(squared)


@njit(**_OPTIONS)
def _node_features(x, y, z, radii, reach, network, counts, distances):
    structures, atoms = x.shape
    others = np.empty((atoms - 1, atoms), np.float32)  # column i: the distances of atom i
    for s in range(structures):
        xs, ys, zs = x[s], y[s], None if z is None else z[s]
        for j in range(atoms - 1):
            for i in range(j + 1):
                others[j, i] = _distance(xs, ys, zs, i, j + 1)
            for i in range(j + 1, atoms):
                others[j, i] = _distance(xs, ys, zs, i, j)
            for i in range(atoms):
                others[j, i] = others[j, i] if others[j, i] < reach else reach
        counts[s] = 0
        for i in range(atoms):
            for j in range(atoms - 1):
                for k in range(len(radii)):
                    counts[s, i, k] += others[j, i] <= radii[k]
        if distances.size:
            for comparison in range(len(network)):
                low, high = others[network[comparison, 0]], others[network[comparison, 1]]
                for i in range(atoms):
                    a, b = low[i], high[i]
                    low[i] = a if a < b else b
                    high[i] = b if a < b else a
            distances[s] = others.T


@njit(**_OPTIONS)
def _adjacency(x, y, z, rows, cutoff, weighted, inverse, dense):
    atoms = x.shape[1]
    scale = np.empty(atoms, np.float32)
    for s in range(len(rows)):
        weights, row = dense[s], rows[s]
        xs, ys, zs = x[row], y[row], None if z is None else z[row]
        for i in range(atoms):
            for j in range(atoms):
                distance = _distance(xs, ys, zs, i, j)
                weight = distance if weighted else np.float32(1)
                if inverse:
                    weight = np.float32(1) / max(distance, np.float32(1e-6))
                weights[i, j] = weight if distance <= cutoff else np.float32(0)
            weights[i, i] = 1
            degree = np.float32(0)
            for j in range(atoms):
                degree += weights[i, j]
            scale[i] = np.float32(1) / np.sqrt(degree)
        for i in range(atoms):
            for j in range(atoms):
                weights[i, j] = weights[i, j] * scale[i] * scale[j]
