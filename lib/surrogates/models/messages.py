"""A smooth surrogate for any number of atoms: messages between atoms, filtered by their distance, and a sum over atoms.

The form is that of SchNet (Schütt et al. 2017): a filter is a function of the distance, made from Gaussians of it; an
atom adds up what its neighbours send through the filters; a perceptron makes an energy of what has arrived, and the
energies of the atoms are added. The energies span thirty powers of ten here, so Gaussians are those of log r, filters
grow as a logarithm where atoms are close, and the parts are added as :mod:`surrogates.models.pairs` does it.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from surrogates import checks
from surrogates.models.backend import keras, layers, ops
from surrogates.models.building import Network
from surrogates.models.pairs import ACTIVATION, ATOMS, PairDistances, Total, checked_reach, distance_features


@keras.saving.register_keras_serializable("surrogates")
class Arrived(layers.Layer):
    """What arrives at each atom, ``(batch, atoms, channels)``, through filters ``(batch, pairs, channels)``.

    Without states of the atoms every atom sends 1; with them, ``(batch, atoms, channels)``, its state. Pairs are in the
    order of :class:`PairDistances`.
    """

    def __init__(self, n_atoms: int, **kwargs):
        super().__init__(**kwargs)
        self.n_atoms = n_atoms
        self.first, self.second = np.triu_indices(n_atoms, 1)
        # (atoms, pairs): products with these matrices are sums over the pairs of an atom.
        self.at_first, self.at_second = (
            (np.arange(n_atoms)[:, None] == atoms).astype("float32") for atoms in (self.first, self.second)
        )

    def call(self, filters, states=None):
        if states is None:
            return ops.matmul(self.at_first + self.at_second, filters)
        to_first = filters * ops.take(states, self.second, axis=1)
        to_second = filters * ops.take(states, self.first, axis=1)
        return ops.matmul(self.at_first, to_first) + ops.matmul(self.at_second, to_second)

    def get_config(self):
        return super().get_config() | {"n_atoms": self.n_atoms}


@dataclass(frozen=True)
class Messages(Network):
    """Energies of atoms from messages that distances filter; the forces are continuous everywhere.

    No weight depends on the number of atoms, so it may be asked for any, whatever number it was trained on.

    Attributes
    ----------
    channels : int
        Of the filters and of the state of an atom.
    rounds : int
        How often atoms send their states. With 0 an atom's energy is a function of its distances alone, each taken for
        itself, as in the embedded-atom method (Daw and Baskes 1984); with more it may depend on angles as well.
    hidden : tuple of int
        Units of the perceptron that gives the energy of an atom.
    gaussians : int
        Their number, equally spaced in log r from 0.7 sigma on, each as wide as the space between two.
    reach : float
        The distance of the last one, in units of sigma.
    """

    channels: int = 32
    rounds: int = 1
    hidden: tuple[int, ...] = (64, 32)
    gaussians: int = 32
    reach: float = 5.0

    additive: ClassVar[bool] = True

    def __post_init__(self):
        checks.integer("channels", self.channels, 1)
        checks.integer("rounds", self.rounds, 0)
        checks.integer("gaussians", self.gaussians, 2)
        object.__setattr__(self, "hidden", checks.several("hidden", self.hidden, checks.count))
        object.__setattr__(self, "reach", checked_reach(self.reach))

    def representation(self, box: float) -> keras.layers.Layer:
        return PairDistances(name="representation")

    def core(self, inputs):
        n_pairs = inputs.shape[1]
        n_atoms = round((1 + (1 + 8 * n_pairs) ** 0.5) / 2)
        features, decay = distance_features(inputs, self.gaussians, self.reach, "float32")
        shared = layers.Dense(self.channels, activation=ACTIVATION, name="filter")(features)

        def filters(number):
            return layers.Dense(self.channels, name=f"filter_{number}")(shared) * decay

        states = Arrived(n_atoms, name="density")(filters(0))
        for number in range(1, self.rounds + 1):
            sent = layers.Dense(self.channels, activation=ACTIVATION, name=f"sent_{number}")(states)
            arrived = Arrived(n_atoms, name=f"arrived_{number}")(filters(number), sent)
            states = states + layers.Dense(self.channels, name=f"update_{number}")(arrived)
        for number, units in enumerate(self.hidden, 1):
            states = layers.Dense(units, activation=ACTIVATION, name=f"dense_{number}")(states)
        energies = layers.Dense(1, name="energies")(states)  # (batch, atoms, 1)
        return Total(name="energy")(layers.Reshape((n_atoms,), name=ATOMS)(energies))
