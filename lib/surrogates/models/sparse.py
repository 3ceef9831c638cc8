"""Convolutions at the occupied cells alone: submanifold sparse convolutions (Graham, Engelcke and van der Maaten 2018).

Choy, Gwak and Savarese (2019), whom the report cites, generalise them. Where a structure has far fewer atoms than the
box has cells, that spares nearly all of the work, and an empty cell stays empty after any number of layers.

>>> from surrogates import models
>>> surrogate = models.build(models.SparseCNN(cells=256), n_atoms=32, box=32.0)
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from surrogates import checks
from surrogates.models import grids, networks
from surrogates.models.backend import keras, layers, ops
from surrogates.models.building import Network
from surrogates.models.representations import cells_of

_WIDEST = 11  # its 121 places are numbered in one byte


@keras.saving.register_keras_serializable("surrogates")
class Sites(layers.Layer):
    """The occupied cells, with one place for each atom, and where they lie in each other's convolution kernels.

    Gives their features ``(batch, atoms, channels)``, the mean over the atoms in the cell of
    :func:`surrogates.models.grids.of_atoms`, and int8 ``(batch, atoms, atoms)``: [i, j] is the place of site j in the
    kernel about site i, counted from 1 along its rows, or 0 outside of it. Where atoms share a cell it is the site of
    the first of them; the others have 0 with all, themselves included.
    """

    gives, placed = ("features", "places"), True

    def __init__(self, box: float, cells: int, kernel: int, told: str, **kwargs):
        super().__init__(**kwargs)
        self.box, self.cells, self.kernel, self.told = box, cells, kernel, told

    def call(self, positions):
        cell = cells_of(positions, self.box, self.cells)
        apart = cell[:, None] - cell[:, :, None]  # (batch, i, j, 2): from i to j
        same = ops.cast(ops.all(apart == 0, axis=-1), "float32")
        values = grids.of_atoms(self.told, positions, self.box, self.cells)
        of_sites = ops.matmul(same, values) / ops.sum(same, axis=-1, keepdims=True)
        earlier = np.tri(positions.shape[1], k=-1, dtype="float32")
        first = ops.sum(same * earlier, axis=-1) == 0  # (batch, atoms)
        half = self.kernel // 2
        within = ops.all(ops.abs(apart) <= half, axis=-1) & first[:, :, None] & first[:, None]
        places = 1 + (apart[..., 1] + half) * self.kernel + apart[..., 0] + half
        return of_sites, ops.cast(ops.where(within, places, 0.0), "int8")

    def get_config(self):
        own = {"box": self.box, "cells": self.cells, "kernel": self.kernel, "told": self.told}
        return super().get_config() | own


@keras.saving.register_keras_serializable("surrogates")
class SubmanifoldConvolution(layers.Layer):
    """Of the features and places of :class:`Sites`, what a convolution gives at the sites, ``(batch, atoms, filters)``.

    It has the weights of ``Conv2D(filters, kernel, padding="same", activation="relu")``.
    """

    def __init__(self, filters: int, kernel: int, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel = filters, kernel

    def build(self, shapes):
        shape = (self.kernel, self.kernel, shapes[0][-1], self.filters)
        self.weight = self.add_weight(name="kernel", shape=shape)
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def call(self, inputs):
        features, places = inputs
        atoms, channels = features.shape[1:]
        in_kernel = self.kernel**2
        # What site j gives to those that see it at each place, then the sum over j and places.
        weight = ops.transpose(ops.reshape(self.weight, (in_kernel, channels, self.filters)), (1, 0, 2))
        given = ops.matmul(features, ops.reshape(weight, (channels, in_kernel * self.filters)))
        given = ops.reshape(given, (-1, atoms * in_kernel, self.filters))
        seen = ops.one_hot(ops.cast(places, "int32"), 1 + in_kernel)[..., 1:]  # (batch, i, j, places)
        seen = ops.reshape(seen, (-1, atoms, atoms * in_kernel))
        return ops.relu(ops.matmul(seen, given) + self.bias)

    def get_config(self):
        return super().get_config() | {"filters": self.filters, "kernel": self.kernel}


@keras.saving.register_keras_serializable("surrogates")
class OverSites(layers.Layer):
    """The sum and the maximum over the sites of features that are not negative, ``(batch, 2 * channels)``."""

    def call(self, inputs):
        features, places = inputs
        atom_is_site = ops.cast(ops.any(places > 0, axis=-1), "float32")[..., None]
        features = features * atom_is_site
        return ops.concatenate([ops.sum(features, axis=1), ops.max(features, axis=1)], axis=-1)


@dataclass(frozen=True)
class SparseCNN(Network):
    """Convolutions at the occupied cells alone, their sum and maximum over these cells, dense layers.

    Attributes
    ----------
    cells : int
        Cells along each side of the box. Neither the work nor the memory grows with them.
    filters : tuple of int
        Channels of the convolutions, each with ReLU.
    kernel : int
        Side of the convolution kernels, in cells: odd, at most 11.
    hidden : tuple of int
        Units of the ReLU layers between the convolutions and the linear unit.
    grid : {"occupancy", "offsets", "nearest"}
        What a cell is told of its atoms: :func:`surrogates.models.grids.of_atoms`.
    orientations : {1, 8}
        In how many of the eight orientations of the square every training structure is shown.
    """

    dimensions: ClassVar[tuple[int, ...]] = (2,)

    cells: int = 32
    filters: tuple[int, ...] = (16, 32, 64)
    kernel: int = 3
    hidden: tuple[int, ...] = (64, 32)
    grid: str = "occupancy"
    orientations: int = 1

    def __post_init__(self):
        checks.integer("cells", self.cells, 1)
        checks.integer("kernel", self.kernel, 1)
        if self.kernel % 2 == 0 or self.kernel > _WIDEST:
            raise ValueError(f"kernel = {self.kernel}: give an odd number, at most {_WIDEST}.")
        for name in ("filters", "hidden"):
            object.__setattr__(self, name, checks.several(name, getattr(self, name), checks.count))
        checks.one_of("grid", self.grid, grids.TOLD)
        checks.one_of("orientations", self.orientations, networks.ORIENTATIONS)

    def representation(self, box: float) -> keras.layers.Layer:
        return Sites(box, self.cells, self.kernel, self.grid, name="representation")

    def core(self, inputs):
        x, places = inputs
        for i, channels in enumerate(self.filters, 1):
            x = SubmanifoldConvolution(channels, self.kernel, name=f"convolution_{i}")([x, places])
        return networks.dense_head(OverSites(name="over_sites")([x, places]), self.hidden)
