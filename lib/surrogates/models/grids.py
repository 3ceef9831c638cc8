"""Other grids of the same cells as the occupancy grid: what a convolutional network may be told of the atoms in them.

>>> from surrogates.models import grids, representations
>>> grid = grids.CellGrid(box=32.0, cells=32, told="offsets")
>>> representations.arrays(grid, positions).shape  # positions of shape (structures, 32, 2)
(structures, 32, 32, 3)
"""

import functools

import numpy as np

from surrogates.models.backend import keras, ops
from surrogates.models.graph_arrays import CLOSEST
from surrogates.models.representations import cells_of, distance_matrix

TOLD = ("occupancy", "offsets", "nearest")
GRIDS = (*TOLD, "distance")


def of_atoms(told: str, positions, box: float, cells: int):
    """What a cell is told of each of its atoms: positions ``(batch, atoms, 2)`` to ``(batch, atoms, channels)``.

    Parameters
    ----------
    told : {"occupancy", "offsets", "nearest"}
        1 alone; with the x and y of the atom from the centre of its cell, in cells; or instead minus the logarithm of
        the distance to the nearest other atom, in units of sigma.
    positions : tensor (batch, atoms, 2)
    box : float
    cells : int
    """
    cell = cells_of(positions, box, cells)
    if told == "nearest":
        if positions.shape[1] < 2:
            raise ValueError("grid = 'nearest': a single atom has no nearest other one; give another grid.")
        others = distance_matrix(positions) + 1e9 * ops.eye(positions.shape[1])
        return -ops.log(ops.maximum(ops.min(others, axis=-1), CLOSEST))[..., None]
    ones = ops.ones_like(positions[..., :1])
    if told == "occupancy":
        return ones
    return ops.concatenate([ones, positions * (cells / box) - cell - 0.5], axis=-1)


@keras.saving.register_keras_serializable("surrogates")
class CellGrid(keras.layers.Layer):
    """In every occupied cell the mean over its atoms of :func:`of_atoms`, 0 elsewhere.

    Gives ``(batch, cells, cells, channels)``, rows along y, as in :class:`~surrogates.models.OccupancyGrid`, which is
    that of "occupancy".
    """

    gives, placed = ("cell_grid",), True

    def __init__(self, box: float, cells: int, told: str, **kwargs):
        super().__init__(**kwargs)
        self.box, self.cells, self.told = box, cells, told

    def call(self, positions):
        cell = ops.cast(cells_of(positions, self.box, self.cells), "int32")
        columns = ops.one_hot(cell[..., 0], self.cells)  # (batch, atoms, cells)
        rows = ops.transpose(ops.one_hot(cell[..., 1], self.cells), (0, 2, 1))
        values = of_atoms(self.told, positions, self.box, self.cells)
        sums = [ops.matmul(rows, columns * values[..., i : i + 1]) for i in range(values.shape[-1])]
        atoms_per_cell = ops.matmul(rows, columns)
        return ops.stack(sums, axis=-1) / ops.maximum(atoms_per_cell, 1.0)[..., None]

    def get_config(self):
        return super().get_config() | {"box": self.box, "cells": self.cells, "told": self.told}


@keras.saving.register_keras_serializable("surrogates")
class DistanceGrid(keras.layers.Layer):
    """From the centre of every cell to that of the nearest occupied one, in cells: ``(batch, cells, cells, 1)``.

    This distance transform (Rosenfeld and Pfaltz 1966, here Euclidean) says as much as the occupancy grid does, but
    says it in every cell.
    """

    gives, placed = ("distance_grid",), True

    def __init__(self, box: float, cells: int, **kwargs):
        super().__init__(**kwargs)
        self.box, self.cells = box, cells

    def call(self, positions):
        cell = cells_of(positions, self.box, self.cells)
        squares = (cell[..., None] - np.arange(self.cells, dtype="float32")) ** 2  # (batch, atoms, 2, cells)
        # One atom after the other: side by side they would take as many times the memory.
        each = (squares[:, i, 1, :, None] + squares[:, i, 0, None, :] for i in range(positions.shape[1]))
        return ops.sqrt(functools.reduce(ops.minimum, each))[..., None]

    def get_config(self):
        return super().get_config() | {"box": self.box, "cells": self.cells}
