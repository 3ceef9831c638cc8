"""What a surrogate is made of: a representation of the positions, which is fixed, and a core, which is trained.

A network of one's own is a frozen dataclass that holds every hyperparameter. It is known by its name from then on, so
it can be trained, stored, loaded and swept as the library's own are:

>>> @dataclass(frozen=True)
... class Distances(models.Network):
...     units: int = 32
...
...     def representation(self, box):
...         return models.PairDistances(name="representation")
...
...     def core(self, inputs):
...         return keras.layers.Dense(1)(keras.layers.Dense(self.units, activation="relu")(inputs))
"""

import math
import random
import re
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from surrogates.data import symmetry
from surrogates.models.backend import keras, settled
from surrogates.models.representations import LENGTHS, with_permutations
from surrogates.store import plain

NETWORKS: dict[str, type["Network"]] = {}
"""The networks by the names of their classes, in lower case: those of the library, and all others that are defined."""


class Network:
    """Base class of the networks, which are frozen dataclasses of their hyperparameters.

    Attributes
    ----------
    additive : bool
        Whether the energy is a sum over atoms or pairs. Such a network gives its
        :func:`surrogates.data.linear_log`, and that of the energies of atoms in a layer named :data:`models.ATOMS`.
    dimensions : tuple of int
        The d that positions ``(batch, atoms, d)`` may have.
    permutations : int
        Extra permutations of every training structure, for a network that sees how its atoms are numbered.
    permuted : {"atoms", "rows"}
        What they permute: see :func:`~surrogates.models.representations.with_permutations`.
    orientations : {1, 8}
        In how many orientations of the square every training structure is shown.
    numbered : bool
        Whether it knows its atoms by their numbers, so that these may be of several elements.
    """

    additive: ClassVar[bool] = False
    dimensions: ClassVar[tuple[int, ...]] = (2, 3)
    permutations: ClassVar[int] = 0
    permuted: ClassVar[str] = "atoms"
    orientations: ClassVar[int] = 1
    numbered: ClassVar[bool] = False

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        plain.register(NETWORKS, cls.__name__.lower(), cls, "network")

    def representation(self, box: float) -> keras.layers.Layer:
        """The layer that the positions ``(batch, atoms, d)`` go through, by the name "representation".

        Its attribute ``gives`` names its outputs, one or several. A method ``arrays(positions)`` of it, if it has one,
        gives the same for a whole data set.
        """
        raise NotImplementedError(f"{type(self).__name__}: give it a method representation(box).")

    def copies(self, positions: np.ndarray, box: float, seed: int) -> tuple[np.ndarray, int]:
        """What a training shows of each structure: itself and, of the same energy, its copies, one after the other.

        Positions ``(n, atoms, d)`` become ``(n * m, atoms, d)``; returned with m.
        """
        copies = (1 + self.permutations) * self.orientations
        if self.permutations:
            positions = with_permutations(positions, self.permutations, seed, self.permuted)
        if self.orientations > 1:
            positions = symmetry.orientations(positions, box).reshape(-1, *positions.shape[1:])
        return positions, copies

    def core(self, inputs):
        """From the outputs of the representation (a list if there are several) to the target ``(batch, 1)``."""
        raise NotImplementedError(f"{type(self).__name__}: give it a method core(inputs).")


def load_surrogate(file: str | Path) -> keras.Model:
    """A surrogate that Keras has saved, ``surrogate.save("mine.keras")``, with all layers known that it may consist of.

    Raises ValueError where there is no such file.
    """
    from surrogates.models import graph_layers, grids, messages, sparse  # noqa: F401 (they register their layers)

    if not Path(file).is_file():
        raise ValueError(f"{file} is no file: give one that surrogate.save has written, with the ending .keras.")
    return keras.saving.load_model(file)


def check_dimensions(network: Network, dimensions: int):
    """Raise ValueError for dimensions that a network does not take, with the networks that do."""
    if dimensions in network.dimensions:
        return
    accepted = " or ".join(map(str, network.dimensions))
    others = sorted(kind.__name__ for kind in NETWORKS.values() if dimensions in kind.dimensions)
    instead = f" {', '.join(others)} take {dimensions}: give one of these." if others else ""
    raise ValueError(f"dimensions = {dimensions!r}: {network} takes {accepted}.{instead}")


def sees_place(network: Network, box: float) -> bool:
    """Whether it matters to a network where in the box a structure lies."""
    representation = network.representation(box)
    return bool(getattr(representation, "placed", False))


def count_weights(layer: keras.layers.Layer) -> int:
    """Number of trained weights of a layer or a model (the shifts and scales of its inputs are not trained)."""
    return sum(math.prod(weight.shape) for weight in layer.trainable_weights)


def assign(core: keras.Model, weights: Mapping[str, object]):
    """Give a core the weights of another one of the same network, by their paths, in the order of its variables.

    Keras numbers the layers that have no name as they are made, so for these it is the order that counts. Raises
    ValueError where they are the weights of another network.
    """
    paths = [variable.path for variable in core.variables]
    if weights.keys() != set(paths) and [*map(_unnumbered, paths)] == [*map(_unnumbered, weights)]:
        weights = dict(zip(paths, weights.values(), strict=True))
    wanted = {variable.path: tuple(variable.shape) for variable in core.variables}
    given = {path: tuple(value.shape) for path, value in weights.items()}
    if given != wanted:
        path = min(path for path in wanted.keys() | given.keys() if wanted.get(path) != given.get(path))
        raise ValueError(f"{path} has the shape {given.get(path)} there and {wanted.get(path)} in the model")
    for variable in core.variables:
        variable.assign(weights[variable.path])


def _unnumbered(path: str) -> str:
    return re.sub(r"_\d+(?=/)", "", path)


@settled()
def build(
    network: Network, n_atoms: int, box: float, seed: int = 0, dimensions: int = 2, length: float = 1.0
) -> keras.Model:
    """Build a surrogate with fresh weights.

    Parameters
    ----------
    network : Network
    n_atoms : int
    box : float
        Side of the box that the positions lie in.
    seed : int
        Determines the initial weights.
    dimensions : {2, 3}
    length : float
        One sigma in the units of positions and box. The representation sees both in sigma.

    Returns
    -------
    keras.Model
        From positions ``(batch, n_atoms, dimensions)`` to ``(batch,)``. Its layers "representation" and "core" are the
        two parts; training the core on the arrays of the representation trains the surrogate.

    Raises
    ------
    ValueError
        For dimensions that the network does not take.
    """
    check_dimensions(network, dimensions)
    positions = keras.Input((n_atoms, dimensions), name="positions")
    representation = network.representation(box / length)
    scaled = positions if length == 1 else keras.layers.Rescaling(1 / length, name=LENGTHS)(positions)
    represented = representation(scaled)
    parts = represented if isinstance(represented, list | tuple) else (represented,)
    names = getattr(representation, "gives", None) or [f"input_{i}" for i in range(1, len(parts) + 1)]
    given = zip(parts, names, strict=True)
    inputs = [keras.Input(part.shape[1:], dtype=part.dtype, name=name) for part, name in given]
    core = keras.Model(inputs, network.core(inputs[0] if len(inputs) == 1 else inputs), name="core")
    # Layers take their own initial weights from Python's global random numbers, and any thread may draw from these.
    draws = random.Random(seed)
    for variable in core.trainable_variables:
        if len(variable.shape) > 1:  # biases begin at 0
            variable.assign(keras.initializers.GlorotUniform(draws.randint(1, 10**9))(variable.shape))
    surrogate = keras.Model(positions, keras.ops.squeeze(core(represented), axis=-1), name=type(network).__name__)
    _BLUEPRINTS[surrogate] = network, n_atoms, box, dimensions, length
    return surrogate


_BLUEPRINTS = weakref.WeakKeyDictionary()


def blueprint(surrogate: keras.Model) -> tuple | None:
    """What :func:`build` has made it from: the same for surrogates that differ in their weights only; else None."""
    return _BLUEPRINTS.get(surrogate)
