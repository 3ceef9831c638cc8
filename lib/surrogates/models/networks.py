"""The report's three networks, with its values as defaults.

>>> from surrogates import models
>>> surrogate = models.build(models.MLP(hidden=(64, 32)), n_atoms=32, box=32.0)
>>> surrogate(positions).shape  # positions of shape (structures, 32, 2)
(structures,)
"""

from dataclasses import dataclass
from typing import ClassVar

from surrogates import checks
from surrogates.models import representations
from surrogates.models.backend import keras, layers, ops
from surrogates.models.building import Network
from surrogates.models.pairs import ATOMS, Total

POOLINGS = ("sort", "mean", "sum", "atoms")


@dataclass(frozen=True)
class MLP(Network):
    """Multilayer perceptron on the flattened coordinates (Section 4.1.1).

    Attributes
    ----------
    hidden : tuple of int
        Units of the hidden ReLU layers; a linear unit follows. The report lists that last 1 among them.
    permutations : int
        Extra permutations of the atoms of every training structure.
    scale_inputs : bool
        Standardise each coordinate over the training split.
    """

    hidden: tuple[int, ...] = (512, 256, 128, 64, 32, 32, 32, 16)
    permutations: int = 19
    scale_inputs: bool = True

    def __post_init__(self):
        object.__setattr__(self, "hidden", checks.several("hidden", self.hidden, checks.count))
        checks.integer("permutations", self.permutations, 0)

    def representation(self, box: float) -> keras.layers.Layer:
        return representations.FlatCoordinates(name="representation")

    def core(self, inputs):
        x = _standardized(inputs, self.scale_inputs)  # (batch, d * atoms)
        return _dense_head(x, self.hidden)


@dataclass(frozen=True)
class CNN(Network):
    """Convolutional network on the occupancy grid (Section 4.1.2).

    The report draws its architecture in its Figure 2, which was not available to us: we have the text without the
    figures. This one halves the grid after each convolution.

    Attributes
    ----------
    cells : int
        Cells along each side of the box.
    filters : tuple of int
        Channels of the convolutions; each is followed by ReLU and a 2 x 2 maximum.
    kernel : int
        Side of the convolution kernels, in cells.
    hidden : tuple of int
        Units of the ReLU layers between the convolutions and the linear unit.
    """

    dimensions: ClassVar[tuple[int, ...]] = (2,)

    cells: int = 32
    filters: tuple[int, ...] = (16, 32, 64)
    kernel: int = 3
    hidden: tuple[int, ...] = (64, 32)

    def __post_init__(self):
        for name in ("cells", "kernel"):
            checks.integer(name, getattr(self, name), 1)
        for name in ("filters", "hidden"):
            object.__setattr__(self, name, checks.several(name, getattr(self, name), checks.count))
        if self.cells < 2 ** len(self.filters):
            raise ValueError(
                f"filters = {self.filters}: each of these halves the grid, and {self.cells} cells can be halved "
                f"{self.cells.bit_length() - 1} times: give fewer filters or more cells."
            )

    def representation(self, box: float) -> keras.layers.Layer:
        return representations.OccupancyGrid(box, self.cells, name="representation")

    def core(self, inputs):
        x = inputs  # (batch, cells, cells, 1)
        for i, channels in enumerate(self.filters, 1):
            x = layers.Conv2D(channels, self.kernel, padding="same", activation="relu", name=f"convolution_{i}")(x)
            x = layers.MaxPooling2D(2, name=f"maximum_{i}")(x)
        return _dense_head(layers.Flatten(name="flatten")(x), self.hidden)


@dataclass(frozen=True)
class GCN(Network):
    """Graph convolutional network on the atom graph, from StellarGraph's layers (Section 4.1.3).

    Attributes
    ----------
    n_layers, n_nodes : int
        Number of graph convolutions, and units of each (ReLU).
    pooling : {"sort", "mean", "sum", "atoms"}
        How the atoms' embeddings become one vector. "sort" is that of the DGCNN, which the report names: a last graph
        convolution with a single channel ranks the atoms, and all embeddings are listed in that order. That channel
        is linear: after a ReLU many atoms would share the value 0, and the rank would say nothing of them. With
        "atoms" the dense layers make an energy of each embedding, and these are added.
    hidden : tuple of int
        Units of the dense ReLU layers; a linear unit follows.
    cutoff : float
        Atoms closer than this share an edge, in units of sigma.
    edge_weight : {"distance", "inverse", "none"}
    features : tuple of {"radial", "sorted"}
    scale_inputs : bool
        Standardise each node feature over the training split.
    """

    n_layers: int = 2
    n_nodes: int = 128
    pooling: str = "sort"
    hidden: tuple[int, ...] = (128, 64, 32, 20)
    cutoff: float = 2.0
    edge_weight: str = "distance"
    features: tuple[str, ...] = representations.NODE_FEATURES
    scale_inputs: bool = True

    def __post_init__(self):
        for name in ("n_layers", "n_nodes"):
            checks.integer(name, getattr(self, name), 1)
        checks.one_of("pooling", self.pooling, POOLINGS)
        checks.one_of("edge_weight", self.edge_weight, representations.EDGE_WEIGHTS)
        object.__setattr__(self, "cutoff", checks.positive("cutoff", self.cutoff))
        object.__setattr__(self, "hidden", checks.several("hidden", self.hidden, checks.count))
        object.__setattr__(
            self,
            "features",
            tuple(checks.one_of("features", name, representations.NODE_FEATURES) for name in self.features),
        )

    def representation(self, box: float) -> keras.layers.Layer:
        return representations.AtomGraph(self.cutoff, self.edge_weight, self.features, name="representation")

    def core(self, inputs):
        from surrogates.models import graph_layers

        features, adjacency = inputs
        x = _standardized(features, self.scale_inputs)  # (batch, atoms, features)
        embeddings = []
        widths = [self.n_nodes] * self.n_layers
        for i, width in enumerate(widths, 1):
            convolution = graph_layers.GraphConvolution(width, activation="relu", name=f"graph_convolution_{i}")
            x = convolution([x, adjacency])
            embeddings.append(x)
        if self.pooling == "sort":
            embeddings.append(graph_layers.GraphConvolution(1, activation="linear", name="rank")([x, adjacency]))
        if len(embeddings) > 1:
            x = layers.Concatenate(name="embeddings")(embeddings)  # (batch, atoms, all widths)
        if self.pooling == "sort":
            x = graph_layers.BatchedSortPooling(k=x.shape[1], flatten_output=True)(x)  # (batch, atoms * all widths)
        elif self.pooling == "atoms":
            x = _dense(x, self.hidden)
            x = layers.Dense(1, name="energies")(x)  # (batch, atoms, 1)
            return Total(name="energy")(layers.Reshape(x.shape[1:2], name=ATOMS)(x))
        else:
            x = getattr(ops, self.pooling)(x, axis=1)  # (batch, all widths)
        return _dense_head(x, self.hidden)

    @property
    def additive(self) -> bool:
        return self.pooling == "atoms"


def _standardized(features, wanted: bool):
    return representations.Standardize(name="scaling")(features) if wanted else features


def _dense(x, hidden):
    for i, units in enumerate(hidden, 1):
        x = layers.Dense(units, activation="relu", name=f"dense_{i}")(x)
    return x


def _dense_head(x, hidden):
    return layers.Dense(1, name="energy")(_dense(x, hidden))  # (batch, 1)
