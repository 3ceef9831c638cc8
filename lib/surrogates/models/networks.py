"""The report's three networks, with its values as defaults.

>>> from surrogates import models
>>> surrogate = models.build(models.MLP(hidden=(64, 32)), n_atoms=32, box=32.0)
>>> surrogate(positions).shape  # positions of shape (structures, 32, 2)
(structures,)
"""

from dataclasses import dataclass
from typing import ClassVar

from surrogates import checks
from surrogates.models import grids, representations
from surrogates.models.backend import keras, layers, ops
from surrogates.models.building import Network
from surrogates.models.pairs import ATOMS, PairDistances, Total

INPUTS = (*representations.COORDINATE_FRAMES, "distances", "log-distances", "sorted-distances", "sorted-log-distances")
ORIENTATIONS = (1, 8)
POOLINGS = ("sort", "mean", "sum", "max", "atoms")
HEADS = ("dense", "convolution")
_KERNEL = 5  # of the second convolution of the DGCNN


@dataclass(frozen=True)
class MLP(Network):
    """Multilayer perceptron on the flattened coordinates (Section 4.1.1), or on something else that tells of them.

    Attributes
    ----------
    hidden : tuple of int
        Units of the hidden ReLU layers; a linear unit follows. The report lists that last 1 among them.
    permutations : int
        Extra permutations of every training structure; 0 for inputs that are the same in any order.
    scale_inputs : bool
        Standardise each input over the training split.
    inputs : {"coordinates", "centred", "canonical", "distances", "log-distances", "sorted-distances", \
"sorted-log-distances"}
        The frames of :class:`~surrogates.models.representations.FlatCoordinates`, or
        :class:`~surrogates.models.PairDistances`.
    kept : int or None
        Only so many of the sorted distances, the smallest; None for all.
    permuted : {"atoms", "rows"}
        What the permutations permute: the atoms, or the coordinates x, y, ... of all of them together.
    """

    hidden: tuple[int, ...] = (512, 256, 128, 64, 32, 32, 32, 16)
    permutations: int = 19
    scale_inputs: bool = True
    inputs: str = "coordinates"
    kept: int | None = None
    permuted: str = "atoms"

    def __post_init__(self):
        object.__setattr__(self, "hidden", checks.several("hidden", self.hidden, checks.count))
        checks.integer("permutations", self.permutations, 0)
        checks.one_of("inputs", self.inputs, INPUTS)
        checks.one_of("permuted", self.permuted, representations.PERMUTED)
        ordered = self.inputs.startswith("sorted")
        if self.kept is not None:
            checks.integer("kept", self.kept, 1)
            if not ordered:
                raise ValueError(f"kept = {self.kept}: inputs = {self.inputs!r} are not sorted; give None, for all.")
        blind = ordered or self.inputs == "canonical" or (self.permuted == "rows" and "distances" in self.inputs)
        if self.permutations and blind:
            raise ValueError(
                f"permutations = {self.permutations}: inputs = {self.inputs!r} are the same in any order of the "
                f"{self.permuted}, so the copies would all be alike; give permutations=0 (19 is the default)."
            )

    @property
    def numbered(self) -> bool:
        """Whether it knows its atoms by their numbers."""
        return not (self.permutations or self.inputs.startswith("sorted") or self.inputs == "canonical")

    def representation(self, box: float) -> keras.layers.Layer:
        if self.inputs in representations.COORDINATE_FRAMES:
            return representations.FlatCoordinates(self.inputs, name="representation")
        ordered, log = self.inputs.startswith("sorted"), "log" in self.inputs
        return PairDistances(ordered, log, self.kept, name="representation")

    def core(self, inputs):
        x = _standardized(inputs, self.scale_inputs)  # (batch, coordinates or distances)
        return dense_head(x, self.hidden)


@dataclass(frozen=True)
class CNN(Network):
    """Convolutional network on the occupancy grid (Section 4.1.2), or on another grid of the same cells.

    The report draws its architecture in its Figure 2, which was not available to us: we have the text without the
    figures. This one is our own.

    Attributes
    ----------
    cells : int
        Cells along each side of the box.
    filters : tuple of int
        Channels of the convolutions; each is followed by ReLU and, with ``pooling``, a 2 x 2 maximum.
    kernel : int
        Side of the convolution kernels, in cells.
    hidden : tuple of int
        Units of the ReLU layers between the convolutions and the linear unit.
    grid : {"occupancy", "distance", "offsets", "nearest"}
        See :class:`~surrogates.models.OccupancyGrid`, and :class:`~surrogates.models.grids.DistanceGrid` and
        :class:`~surrogates.models.grids.CellGrid` for the others.
    orientations : {1, 8}
        In how many of the eight orientations of the square every training structure is shown.
    pooling : bool
        Whether the grid is halved after each convolution.
    """

    dimensions: ClassVar[tuple[int, ...]] = (2,)

    cells: int = 32
    filters: tuple[int, ...] = (16, 32, 64)
    kernel: int = 3
    hidden: tuple[int, ...] = (64, 32)
    grid: str = "occupancy"
    orientations: int = 1
    pooling: bool = True

    def __post_init__(self):
        checks.one_of("grid", self.grid, grids.GRIDS)
        checks.one_of("orientations", self.orientations, ORIENTATIONS)
        for name in ("cells", "kernel"):
            checks.integer(name, getattr(self, name), 1)
        for name in ("filters", "hidden"):
            object.__setattr__(self, name, checks.several(name, getattr(self, name), checks.count))
        if self.pooling and self.cells < 2 ** len(self.filters):
            raise ValueError(
                f"filters = {self.filters}: each of these halves the grid, and {self.cells} cells can be halved "
                f"{self.cells.bit_length() - 1} times: give fewer filters or more cells."
            )

    def representation(self, box: float) -> keras.layers.Layer:
        if self.grid == "occupancy":
            return representations.OccupancyGrid(box, self.cells, name="representation")
        if self.grid == "distance":
            return grids.DistanceGrid(box, self.cells, name="representation")
        return grids.CellGrid(box, self.cells, self.grid, name="representation")

    def core(self, inputs):
        x = inputs  # (batch, cells, cells, channels)
        same = {"padding": "same", "activation": "relu"}
        for i, channels in enumerate(self.filters, 1):
            x = layers.Conv2D(channels, self.kernel, **same, name=f"convolution_{i}")(x)
            if self.pooling:
                x = layers.MaxPooling2D(2, name=f"maximum_{i}")(x)
        return dense_head(layers.Flatten(name="flatten")(x), self.hidden)


@dataclass(frozen=True)
class GCN(Network):
    """Graph convolutional network on the atom graph, from StellarGraph's layers (Section 4.1.3).

    Attributes
    ----------
    n_layers, n_nodes : int
        Number of graph convolutions, and units of each (ReLU).
    pooling : {"sort", "mean", "sum", "max", "atoms"}
        How the atoms' embeddings become one vector. "sort" is that of the DGCNN, which the report names: a last graph
        convolution with a single channel ranks the atoms, and all embeddings are listed in that order. That channel
        is linear: after a ReLU many atoms would share the value 0, and the rank would say nothing of them. With
        "atoms" the dense layers make an energy of each embedding, and these are added.
    hidden : tuple of int
        Units of the dense ReLU layers; a linear unit follows.
    cutoff : float
        Atoms closer than this share an edge, in units of sigma.
    edge_weight : {"distance", "inverse", "none"}
    features : tuple of {"radial", "sorted", "log", "coordinates"}
        Node features: see :class:`~surrogates.models.AtomGraph`.
    scale_inputs : bool
        Standardise each node feature over the training split.
    reach : float or None
        Node features see a longer distance as this one, in units of sigma. The edges do not change.
    head : {"dense", "convolution"}
        What stands between the list of embeddings that "sort" gives and the dense layers: nothing, as in the report,
        or what the DGCNN has there (Zhang et al. 2018): 16 channels that see one atom each, a maximum of two atoms,
        32 channels that see five of these. For 10 atoms or more.
    """

    n_layers: int = 2
    n_nodes: int = 128
    pooling: str = "sort"
    hidden: tuple[int, ...] = (128, 64, 32, 20)
    cutoff: float = 2.0
    edge_weight: str = "distance"
    features: tuple[str, ...] = representations.REPORTED_FEATURES
    scale_inputs: bool = True
    reach: float | None = None
    head: str = "dense"

    def __post_init__(self):
        for name in ("n_layers", "n_nodes"):
            checks.integer(name, getattr(self, name), 1)
        checks.one_of("pooling", self.pooling, POOLINGS)
        checks.one_of("edge_weight", self.edge_weight, representations.EDGE_WEIGHTS)
        object.__setattr__(self, "cutoff", checks.positive("cutoff", self.cutoff))
        object.__setattr__(self, "hidden", checks.several("hidden", self.hidden, checks.count))
        for name in self.features:
            checks.one_of("features", name, representations.NODE_FEATURES)
        object.__setattr__(self, "features", tuple(self.features))
        if self.reach is not None:
            object.__setattr__(self, "reach", checks.positive("reach", self.reach))
        checks.one_of("head", self.head, HEADS)
        if self.head == "convolution" and self.pooling != "sort":
            raise ValueError(f"head = 'convolution': pooling = {self.pooling!r} lists no atoms; give 'sort'.")

    def representation(self, box: float) -> keras.layers.Layer:
        return representations.AtomGraph(
            self.cutoff, self.edge_weight, self.features, reach=self.reach, name="representation"
        )

    def core(self, inputs):
        from surrogates.models.graph_layers import BatchedSortPooling, GraphConvolution

        features, adjacency = inputs
        x = _standardized(features, self.scale_inputs)  # (batch, atoms, features)
        embeddings = []
        for i in range(1, self.n_layers + 1):
            name = f"graph_convolution_{i}"
            x = GraphConvolution(self.n_nodes, activation="relu", name=name)([x, adjacency])
            embeddings.append(x)
        if self.pooling == "sort":
            rank = GraphConvolution(1, activation="linear", name="rank")
            embeddings.append(rank([x, adjacency]))
        if len(embeddings) > 1:
            x = layers.Concatenate(name="embeddings")(embeddings)  # (batch, atoms, width)
        if self.pooling == "sort":
            atoms, width = x.shape[1:]
            x = BatchedSortPooling(k=atoms, flatten_output=True)(x)  # (batch, atoms * width)
            if self.head == "convolution":
                x = _convolved(x, atoms, width)
        elif self.pooling == "atoms":
            x = layers.Dense(1, name="energies")(_dense(x, self.hidden))  # (batch, atoms, 1)
            return Total(name="energy")(layers.Reshape(x.shape[1:2], name=ATOMS)(x))
        else:
            x = getattr(ops, self.pooling)(x, axis=1)  # (batch, width)
        return dense_head(x, self.hidden)

    @property
    def additive(self) -> bool:
        return self.pooling == "atoms"


def _standardized(features, wanted: bool):
    return representations.Standardize(name="scaling")(features) if wanted else features


def _convolved(x, atoms: int, width: int):
    """The convolutions of the DGCNN, from ``(batch, atoms * width)``."""
    if atoms // 2 < _KERNEL:
        raise ValueError(f"head = 'convolution': it is for {2 * _KERNEL} atoms or more; give 'dense' for {atoms}.")
    x = layers.Reshape((atoms * width, 1), name="listed")(x)
    x = layers.Conv1D(16, width, strides=width, activation="relu", name="convolution_1")(x)  # (batch, atoms, 16)
    x = layers.MaxPooling1D(2, name="maximum")(x)
    x = layers.Conv1D(32, _KERNEL, activation="relu", name="convolution_2")(x)
    return layers.Flatten(name="flatten")(x)


def _dense(x, hidden):
    for i, units in enumerate(hidden, 1):
        x = layers.Dense(units, activation="relu", name=f"dense_{i}")(x)
    return x


def dense_head(x, hidden):
    """From ``(batch, features)`` through hidden ReLU layers to ``(batch, 1)``."""
    return layers.Dense(1, name="energy")(_dense(x, hidden))  # (batch, 1)
