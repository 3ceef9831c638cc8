"""Surrogates: Keras models from positions ``(batch, atoms, d)`` to one energy per structure.

>>> from surrogates import models
>>> surrogate = models.build(models.GCN(), n_atoms=32, box=32.0)
"""

# ruff: noqa: F401 (what is imported here is what the room gives)

from surrogates.models.building import (
    NETWORKS,
    Network,
    assign,
    blueprint,
    build,
    check_dimensions,
    count_weights,
    load_surrogate,
    sees_place,
)
from surrogates.models.messages import Messages
from surrogates.models.networks import CNN, GCN, MLP
from surrogates.models.pairs import ATOMS, PairDistances, Pairs
from surrogates.models.representations import AtomGraph, FlatCoordinates, OccupancyGrid, Standardize, arrays, inputs_of
from surrogates.models.sparse import SparseCNN
