"""What a network sees of a structure: Keras layers from positions ``(batch, atoms, d)``.

The same layer runs inside a surrogate (for prediction and search) and, by :func:`arrays`, once over a whole data set
before training, so that the numbers a network is trained on are those that it is later given.

>>> from surrogates.models import representations
>>> grid = representations.OccupancyGrid(box=32.0, cells=32)
>>> representations.arrays(grid, positions).shape  # positions of shape (structures, 32, 2)
(structures, 32, 32, 1)
"""

import math

import numpy as np

from surrogates.models import graph_arrays
from surrogates.models.backend import keras, ops

RADII = np.arange(0.1, 32.0, 0.5)  # the report's: from 0.1 to 32 in steps of 0.5
EDGE_WEIGHTS = ("distance", "inverse", "none")
NODE_FEATURES = ("radial", "sorted", "log", "coordinates")
REPORTED_FEATURES = NODE_FEATURES[:2]
COORDINATE_FRAMES = ("coordinates", "centred", "canonical")
PERMUTED = ("atoms", "rows")
LENGTHS = "lengths"  # the layer of a surrogate that makes sigma of other units of length
_ADAPT_NUMBERS = 2**18  # float64 numbers at a time: about what fits into a processor's cache


def with_permutations(positions: np.ndarray, extra: int, seed: int, permuted: str = "atoms") -> np.ndarray:
    """Add ``extra`` permutations to every structure (the report's Section 4.1.1).

    Each structure has permutations of its own, fixed by the seed. Positions ``(n, atoms, d)`` become
    ``(n * (1 + extra), atoms, d)``: a structure, its permutations, the next structure.

    Permuted are the "atoms", or the "rows" x, y, ... of the matrix of coordinates, which is what a shuffle of the first
    axis of a structure does where that is kept as d x atoms.
    """
    n, atoms, d = positions.shape
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    things = atoms if permuted == "atoms" else d
    order = np.broadcast_to(np.arange(things), (n, 1 + extra, things)).copy()
    order[:, 1:] = rng.permuted(order[:, 1:], axis=-1)
    if permuted == "rows":
        return np.take_along_axis(positions[:, None], order[:, :, None], axis=-1).reshape(-1, atoms, d)
    return positions[np.arange(n)[:, None, None], order].reshape(-1, atoms, d)


@keras.saving.register_keras_serializable("surrogates")
class FlatCoordinates(keras.layers.Layer):
    """The coordinates in the order in which the atoms are listed, ``(batch, d * atoms)``: x1, y1, x2, y2, ...

    Parameters
    ----------
    frame : {"coordinates", "centred", "canonical"}
        Whether they are given as they are, less the mean of the atoms, or in the frame of :func:`canonical`.
    """

    gives = ("coordinates",)

    def __init__(self, frame: str = "coordinates", **kwargs):
        super().__init__(**kwargs)
        self.frame, self.placed = frame, frame == "coordinates"

    def call(self, positions):
        if self.frame != "coordinates":
            positions = positions - ops.mean(positions, axis=1, keepdims=True)
        if self.frame == "canonical":
            positions = canonical(positions)
        return ops.reshape(positions, (-1, positions.shape[1] * positions.shape[2]))

    def get_config(self):
        return super().get_config() | {"frame": self.frame}


def canonical(centred):
    """Centred positions ``(batch, atoms, d)``, turned, mirrored and numbered in a way that depends on their form alone.

    The axes are the principal ones, that of the largest variance first, each so directed that the third moment along it
    is not negative; the atoms are in ascending order along the first. So structures that permutations, rotations and
    reflections make of each other are given alike, except where two variances, two atoms along the first axis or a
    third moment and 0 agree to rounding.
    """
    covariance = ops.matmul(ops.transpose(centred, (0, 2, 1)), centred)
    _, axes = ops.eigh(covariance)  # as columns, that of the smallest variance first
    turned = ops.flip(ops.matmul(centred, axes), axis=-1)
    turned = turned * ops.where(ops.sum(turned**3, axis=1, keepdims=True) < 0, -1.0, 1.0)
    order = ops.argsort(turned[..., 0], axis=1)
    return ops.take_along_axis(turned, order[..., None], axis=1)


@keras.saving.register_keras_serializable("surrogates")
class OccupancyGrid(keras.layers.Layer):
    """Which cells of the box hold at least one atom, ``(batch, cells, cells, 1)``, rows along y (Section 4.1.2).

    An atom outside the box, or on its upper edge, counts in the nearest cell. The grid is a step function of the
    positions: it has no useful gradient.
    """

    gives, placed = ("occupancy_grid",), True

    def __init__(self, box: float, cells: int, **kwargs):
        super().__init__(**kwargs)
        self.box, self.cells = box, cells

    def call(self, positions):
        cell = ops.cast(cells_of(positions, self.box, self.cells), "int32")
        columns = ops.one_hot(cell[..., 0], self.cells)  # (batch, atoms, cells)
        rows = ops.one_hot(cell[..., 1], self.cells)
        atoms_per_cell = ops.matmul(ops.transpose(rows, (0, 2, 1)), columns)
        return ops.minimum(atoms_per_cell, 1.0)[..., None]

    def get_config(self):
        return super().get_config() | {"box": self.box, "cells": self.cells}


def cells_of(positions, box: float, cells: int):
    """Column and row of each atom's cell as whole float32 numbers, ``(batch, atoms, 2)`` as the positions are."""
    if positions.shape[-1] != 2:
        raise ValueError(f"positions of shape {tuple(positions.shape)}: an occupancy grid is for (..., atoms, 2).")
    return ops.clip(ops.floor(positions * (cells / box)), 0, cells - 1)


def shared_cells(positions: np.ndarray, box: float, cells: int) -> np.ndarray:
    """In which structures ``(n, atoms, 2)`` some cell of the occupancy grid holds two atoms: bool ``(n,)``."""
    cell = _cell(positions, box, cells)
    label = np.sort(cell[..., 0] * cells + cell[..., 1], axis=1)
    return (np.diff(label, axis=1) == 0).any(axis=1)


def redrawn(positions: np.ndarray, box: float, cells: int, rng: np.random.Generator) -> np.ndarray:
    """Other structures with the same occupancy grid: each atom anew, uniformly in its cell; (n, atoms, 2)."""
    return (_cell(positions, box, cells) + rng.random(positions.shape)) * (box / cells)


def _cell(positions: np.ndarray, box: float, cells: int) -> np.ndarray:
    """Column and row of each atom's cell, as :class:`OccupancyGrid` counts them."""
    return np.clip(np.floor(positions * (cells / box)), 0, cells - 1).astype(int)


@keras.saving.register_keras_serializable("surrogates")
class AtomGraph(keras.layers.Layer):
    """The report's graph (Section 4.1.3): node features ``(batch, atoms, features)`` and the normalised adjacency
    ``(batch, atoms, atoms)``.

    Node features are the radial density (how many other atoms lie within each of ``radii``) and the sorted distances
    to all others; their logarithms, and the coordinates as they are, can stand behind or instead of these. Atoms closer
    than ``cutoff`` share an edge weighted by their distance; the diagonal is set to 1 and the result normalised as
    D^-1/2 A D^-1/2, which is what StellarGraph's ``PaddedGraphGenerator(weighted=True)`` does. Distances are in units
    of sigma.

    Parameters
    ----------
    cutoff : float
    edge_weight : {"distance", "inverse", "none"}
        r (the report's), 1 / r, or 1.
    features : tuple of {"radial", "sorted", "log", "coordinates"}
        In this order, however they are listed. The logarithms are at least that of 1e-10.
    radii : array of float
    reach : float or None
        Node features see a longer distance as this one. The edges do not change.
    """

    gives = ("node_features", "adjacency")

    def __init__(
        self, cutoff=2.0, edge_weight="distance", features=REPORTED_FEATURES, radii=RADII, reach=None, **kwargs
    ):
        super().__init__(**kwargs)
        self.reach = reach
        self.cutoff, self.edge_weight, self.features = cutoff, edge_weight, tuple(features)
        self.placed = "coordinates" in self.features
        self.radii = np.asarray(radii, dtype="float32")

    def call(self, positions):
        distances = distance_matrix(positions)  # (batch, atoms, atoms)
        others = 1.0 - ops.eye(positions.shape[1])
        nodes = []
        seen = distances if self.reach is None else ops.minimum(distances, self.reach)
        if "radial" in self.features:
            # One radius at a time keeps the work in cache: all 64 at once would be 64 times the memory.
            far = seen + (1.0 - others) * 1e9  # an atom is no neighbour of its own
            counts = [ops.count_nonzero(far <= radius, axis=-1) for radius in self.radii]
            nodes.append(ops.cast(ops.stack(counts, axis=-1), "float32"))
        if "sorted" in self.features or "log" in self.features:
            # The atom itself, at distance 0, always comes first.
            ascending = ops.sort(seen, axis=-1)[..., 1:]
            if "sorted" in self.features:
                nodes.append(ascending)
            if "log" in self.features:
                nodes.append(ops.log(ops.maximum(ascending, graph_arrays.CLOSEST)))
        if "coordinates" in self.features:
            nodes.append(positions)
        return ops.concatenate(nodes, axis=-1), self.adjacency(distances, others)

    def adjacency(self, distances, others):
        """The normalised adjacency matrix from the distances, both ``(batch, atoms, atoms)``."""
        if self.edge_weight == "distance":
            weights = distances
        elif self.edge_weight == "inverse":
            weights = 1.0 / ops.maximum(distances, 1e-6)
        else:
            weights = ops.ones_like(distances)
        weights = ops.where(distances <= self.cutoff, weights, 0.0) * others + (1.0 - others)
        scale = ops.rsqrt(ops.sum(weights, axis=-1))
        return weights * scale[:, :, None] * scale[:, None, :]

    def get_config(self):
        radii = self.radii.tolist()
        own = {"cutoff": self.cutoff, "edge_weight": self.edge_weight, "features": self.features, "radii": radii}
        return super().get_config() | own | {"reach": self.reach}

    def arrays(self, positions):
        """The same for all structures of a data set, in compact form: see :mod:`surrogates.models.graph_arrays`."""
        features = graph_arrays.NodeFeatures(positions, self.radii, self.features, self.reach)
        return features, graph_arrays.Adjacency(positions, self.cutoff, self.edge_weight)


def distance_matrix(positions):
    """Distances between all atoms, ``(batch, atoms, d)`` to ``(batch, atoms, atoms)``, with a zero diagonal."""
    differences = positions[:, :, None, :] - positions[:, None, :, :]
    squared = ops.sum(differences * differences, axis=-1)
    # The gradient of a square root is infinite at 0, and 0 times infinity would spoil all others.
    apart = squared > 0
    return ops.where(apart, ops.sqrt(ops.where(apart, squared, 1.0)), 0.0)


@keras.saving.register_keras_serializable("surrogates")
class Standardize(keras.layers.Layer):
    """Shift and scale each feature (last axis) to mean 0 and deviation 1 over the training split.

    Unlike ``keras.layers.Normalization`` it leaves a feature alone that never varies in training: dividing by its
    zero deviation would blow up the first structure in which it does.
    """

    def build(self, shape):
        self.shift = self.add_weight(name="shift", shape=shape[-1:], initializer="zeros", trainable=False)
        self.scale = self.add_weight(name="scale", shape=shape[-1:], initializer="ones", trainable=False)

    def adapt(self, features):
        """Take the mean and the deviation from the features of the training split, an array ``(..., features)``.

        A few rows at a time are read, so that features which are not kept as numbers never stand in memory at once.
        """
        first = np.asarray(features[:1], dtype=float).reshape(-1, features.shape[-1])[0]
        rows = max(1, _ADAPT_NUMBERS // math.prod(features.shape[1:]))
        total = squares = 0.0
        for start in range(0, len(features), rows):
            # From the first value on: a feature that never varies then has a deviation of exactly 0.
            part = features[start : start + rows].reshape(-1, len(first)) - first
            total += part.sum(axis=0)
            squares += np.einsum("ij,ij->j", part, part)
        n = math.prod(features.shape[:-1])
        deviation = np.sqrt(np.maximum(squares / n - (total / n) ** 2, 0.0))
        self.shift.assign(first + total / n)
        self.scale.assign(np.where(deviation > 0, deviation, 1.0))

    def call(self, features):
        return (features - self.shift) / self.scale


def inputs_of(surrogate: keras.Model, positions: np.ndarray):
    """What the core of a surrogate is given of many structures: :func:`arrays` of its representation, in sigma."""
    scales = [layer.scale for layer in surrogate.layers if layer.name == LENGTHS]
    given = np.asarray(positions, dtype=float) * scales[0] if scales else positions
    return arrays(surrogate.get_layer("representation"), given)


def arrays(layer: keras.layers.Layer, positions: np.ndarray, batch_size: int = 512):
    """Run a representation over many structures: one float32 array per output of the layer.

    Where the layer has a method ``arrays``, as :class:`AtomGraph` does, that is called with the positions: it gives
    the same numbers in less time and memory, as objects that are indexed, or converted, as arrays are.

    Parameters
    ----------
    layer : keras.layers.Layer
    positions : array (structures, atoms, d)
    batch_size : int
        Structures at a time; bounds the memory, not the result.

    Returns
    -------
    array, or tuple of arrays where the layer has several outputs

    Raises
    ------
    ValueError
        For positions of another shape; d is 2 or 3, as the layer takes it.
    """
    positions = np.asarray(positions, dtype="float32")
    if positions.ndim != 3 or positions.shape[-1] not in (2, 3):
        raise ValueError(
            f"positions of shape {positions.shape}: give (structures, atoms, 2) or (structures, atoms, 3)."
        )
    if hasattr(layer, "arrays"):
        return layer.arrays(positions)
    whole = None
    for start in range(0, len(positions), batch_size):
        parts = layer(ops.convert_to_tensor(positions[start : start + batch_size]))
        parts = [ops.convert_to_numpy(part) for part in (parts if isinstance(parts, tuple) else (parts,))]
        if whole is None:
            whole = [np.empty((len(positions), *part.shape[1:]), part.dtype) for part in parts]
        for array, part in zip(whole, parts, strict=True):
            array[start : start + batch_size] = part
    return tuple(whole) if len(whole) > 1 else whole[0]
