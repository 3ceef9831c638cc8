"""Fit a surrogate to energies and forces, and again when there are more: one call of a true potential gives both.

>>> learned = training.WithForces(models.build(models.Messages(), n_atoms=13, box=1.0))
>>> learned.fit(structures, forces, epochs=40)
>>> energies, forces = learned(positions)
"""

from functools import partial

import numpy as np

from surrogates import data
from surrogates.models.backend import keras
from surrogates.potentials import Units
from surrogates.training import compiled, held
from surrogates.training.learned import OfSurrogate

BATCH = 8  # structures


class WithForces(OfSurrogate, registered=False):
    """A smooth surrogate as a potential that can be fitted to energies and forces, and again when there are more.

    Parameters
    ----------
    surrogate : keras.Model
        From positions ``(batch, atoms, d)`` to the linear_log of energies ``(batch, 1)``.
    units : Units
        Those of the potential that it learns.
    """

    def __init__(self, surrogate: keras.Model, units: Units = Units()):  # noqa: B008
        super().__init__(surrogate, "linear-log", surrogate.name, fused=True, units=units)
        self.surrogate = surrogate
        self._loss_and_gradients = _loss_and_gradients(surrogate)

    def fit(self, structures: data.Structures, forces: np.ndarray, epochs: int, learning_rate: float, seed: int = 0):
        """Train the weights that it has, and return the mean loss of the last epoch.

        The learning rate falls to 0 as half a cosine; the order of the structures follows from the seed.
        """
        steps = -(-len(forces) // BATCH)
        rate = keras.optimizers.schedules.CosineDecay(learning_rate, epochs * steps)
        optimizer = keras.optimizers.Adam(rate)
        counts = held.weights_of(structures, forces, self.units)
        known = [part.astype("float32") for part in (*structures, forces, *counts)]
        rng = np.random.default_rng(seed)
        for _ in range(epochs):
            losses = []
            for rows in np.resize(rng.permutation(len(forces)), (steps, BATCH)):
                weights = compiled.weights(self.surrogate)
                loss, gradients = self._loss_and_gradients(weights, *(part[rows] for part in known))
                optimizer.apply_gradients(zip(gradients, self.surrogate.trainable_variables, strict=True))
                losses.append(float(loss))
        self._weights = compiled.weights(self.surrogate)
        return float(np.mean(losses))


def _loss_and_gradients(surrogate: keras.Model):
    """The function from weights, positions, energies, forces and what both count to the loss and its gradients."""
    import tensorflow as tf

    def loss_and_gradients(weights, positions, energies, forces, of_energy, of_force):
        with tf.GradientTape() as outer:
            outer.watch(weights)
            found, slopes = held.energies_and_slopes(partial(compiled.called, surrogate, weights), positions)
            loss = tf.reduce_mean(tf.abs(found - energies) * of_energy)
            loss += held.BALANCE * tf.reduce_mean(tf.abs(slopes + forces) * of_force)
        return loss, outer.gradient(loss, compiled.trained(surrogate, weights))

    atoms, dimensions = surrogate.input_shape[1:]
    shapes = (), (atoms, dimensions), (), (atoms, 1)
    return compiled.once("loss of energies and forces", surrogate, loss_and_gradients, *shapes, fused=True)
