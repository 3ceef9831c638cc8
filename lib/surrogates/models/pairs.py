"""Surrogates that are sums: of a learned energy of each atom, or of each pair of atoms.

A part of the energy may lie anywhere from -1 to 10^30. So a network gives the :func:`~surrogates.data.linear_log`
of each part, which spans a few tens; the parts are added as energies, and the sum is given as its linear_log again.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from surrogates import checks
from surrogates.models.backend import keras, layers, ops
from surrogates.models.building import Network

ATOMS = "atom_energies"
"""Name of the layer that gives the linear_log of the energy of each atom, ``(batch, atoms)``."""

ACTIVATION = "silu"  # smooth, so that there are forces; linear far out, as the logarithm of a power of r is
_NEAR = 0.7  # in sigma: closer than that the energy of a pair is a plain power of the distance
_LARGEST = 80.0  # exp of it is 5e34: a thousand of these can still be added in float32


def as_linear_log(energies):
    """:func:`surrogates.data.linear_log` of a tensor."""
    return ops.where(energies < 0, energies, ops.log1p(ops.maximum(energies, 0.0)))


def as_energy(values):
    """The inverse of :func:`as_linear_log`; from 5e34 on it stays there, since sums in float32 end at 3e38."""
    return ops.where(values < 0, values, ops.expm1(ops.clip(values, 0.0, _LARGEST)))


@keras.saving.register_keras_serializable("surrogates")
class Total(layers.Layer):
    """From the linear_log of the energies of all parts, ``(batch, parts)``, that of their sum, ``(batch, 1)``."""

    def call(self, parts):
        return as_linear_log(ops.sum(as_energy(parts), axis=-1, keepdims=True))


@keras.saving.register_keras_serializable("surrogates")
class HalvesOfPairs(layers.Layer):
    """From the linear_log of the energies of pairs, that of the energies of atoms: half of each pair an atom is in.

    ``(batch, pairs)``, in the order of :class:`PairDistances`, to ``(batch, atoms)``.
    """

    def __init__(self, n_atoms: int, **kwargs):
        super().__init__(**kwargs)
        self.n_atoms = n_atoms
        pairs = np.array(np.triu_indices(n_atoms, 1))
        self.share = 0.5 * (pairs[:, :, None] == np.arange(n_atoms)).sum(axis=0).astype("float32")  # (pairs, atoms)

    def call(self, pairs):
        return as_linear_log(ops.matmul(as_energy(pairs), self.share))

    def get_config(self):
        return super().get_config() | {"n_atoms": self.n_atoms}


@keras.saving.register_keras_serializable("surrogates")
class PairDistances(layers.Layer):
    """Distance of every pair of atoms in units of sigma, ``(batch, pairs)``, in the order (0, 1), (0, 2), ...

    Parameters
    ----------
    sort : bool
        In ascending order instead, which says nothing of how the atoms are numbered.
    log : bool
        Their logarithms, that of 1e-10 where atoms coincide.
    kept : int or None
        Only so many, the smallest where they are sorted; None for all.
    """

    gives = ("pair_distances",)

    def __init__(self, sort: bool = False, log: bool = False, kept: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.sort, self.log, self.kept = sort, log, kept

    def build(self, shape):
        pairs = shape[1] * (shape[1] - 1) // 2
        if self.kept is not None and self.kept > pairs:
            raise ValueError(f"kept = {self.kept}: {shape[1]} atoms have {pairs} distances; give at most so many.")

    def call(self, positions):
        i, j = np.triu_indices(positions.shape[1], 1)
        apart = ops.take(positions, i, axis=1) - ops.take(positions, j, axis=1)
        distances = ops.sqrt(ops.maximum(ops.sum(apart * apart, axis=-1), 1e-20))
        if self.sort:
            distances = ops.sort(distances, axis=-1)
        if self.kept is not None:
            distances = distances[:, : self.kept]
        return ops.log(distances) if self.log else distances

    def get_config(self):
        return super().get_config() | {"sort": self.sort, "log": self.log, "kept": self.kept}


def checked_reach(reach: float) -> float:
    """Raises ValueError where Gaussians from 0.7 sigma on could not end at ``reach``."""
    if checks.positive("reach", reach) <= _NEAR:
        raise ValueError(f"reach = {reach}: give a distance above {_NEAR}.")
    return float(reach)


def distance_features(distances, gaussians: int, reach: float, dtype: str = "float64"):
    """What tells a distance from others: its logarithm, and Gaussians of that; and how its effect falls off with it.

    Distances ``(batch, pairs)`` become ``(batch, pairs, 1 + gaussians)`` and ``(batch, pairs, 1)``. The Gaussians are
    equally spaced in log r, from 0.7 sigma to ``reach``, each as wide as the space between two; 0 for none.
    They are computed in ``dtype`` and given in float32.
    """
    x = ops.log(distances)[..., None]  # (batch, pairs, 1)
    # log(1 + r^-4): grows as a logarithm where atoms are close, and falls as r^-4 where they are far apart.
    decay = ops.softplus(-4.0 * x)
    if gaussians:
        centres, width = np.linspace(np.log(_NEAR), np.log(reach), gaussians, retstep=True)
        # In float64 the metrics of a stored network follow from its weights to all digits; in float32 to some 3 parts
        # in 100,000, and it takes half the time.
        apart = ops.cast(x - centres.astype("float32"), dtype) / float(width)
        near = ops.cast(ops.exp(-0.5 * ops.square(apart)), "float32")
        x = ops.concatenate([x, near], axis=-1)
    return x, decay


@dataclass(frozen=True)
class Pairs(Network):
    """The energy as a sum over pairs of one learned function of their distance.

    A perceptron takes the logarithm of the distance, and Gaussians of it, as SchNet does of the distance (Schütt et
    al. 2017): with these a weight is about one range of distances, and is learned much sooner. It is the same for all
    pairs, so it may be asked for any number of atoms, whatever number it was trained on.

    Attributes
    ----------
    hidden : tuple of int
        Units of its hidden layers.
    gaussians : int
        Their number, equally spaced in log r from 0.7 sigma on, each as wide as the space between two; 0 for none.
    reach : float
        The distance of the last one, in units of sigma.
    """

    hidden: tuple[int, ...] = (32,)
    gaussians: int = 64
    reach: float = 5.0

    def __post_init__(self):
        object.__setattr__(self, "hidden", checks.several("hidden", self.hidden, checks.count))
        checks.integer("gaussians", self.gaussians, 0)
        if self.gaussians == 1:
            raise ValueError("gaussians = 1: give two or more, or 0 for none.")
        object.__setattr__(self, "reach", checked_reach(self.reach))

    additive: ClassVar[bool] = True

    def representation(self, box: float) -> keras.layers.Layer:
        return PairDistances(name="representation")

    def core(self, inputs):
        n_pairs = inputs.shape[1]
        n_atoms = round((1 + (1 + 8 * n_pairs) ** 0.5) / 2)
        x, decay = distance_features(inputs, self.gaussians, self.reach)
        for i, units in enumerate(self.hidden, 1):
            x = layers.Dense(units, activation=ACTIVATION, name=f"dense_{i}")(x)
        x = layers.Dense(1, name="pair_energies")(x) * decay
        atoms = HalvesOfPairs(n_atoms, name=ATOMS)(ops.squeeze(x, axis=-1))
        return Total(name="energy")(atoms)
