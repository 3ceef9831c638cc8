"""Hold a surrogate to energies and forces at once: what an error of either counts.

A force has as many components as there are coordinates, so a structure teaches that many times as much. It is what the
surrogate's own forces are held to, the slopes of its energy, which takes a gradient of a gradient.
"""

import numpy as np

from surrogates import data
from surrogates.models import pairs
from surrogates.models.backend import keras, ops
from surrogates.potentials import Units

BALANCE = 10.0  # how many times the error of a force component counts as much as that of an energy, for each atom


def weights_of(structures: data.Structures, forces: np.ndarray, units: Units) -> tuple[np.ndarray, np.ndarray]:
    """What an error counts, of energies ``(structures,)`` and of forces ``(structures, atoms, 1)``.

    What is large counts less, by the energy of its structure above 0, or the force on its atom.
    """
    of_energy = 1 / (1 + np.maximum(structures.energies, 0.0) / units.energy) / forces.shape[1]
    of_force = units.length / (1 + np.linalg.norm(forces, axis=-1, keepdims=True) / units.force)
    return of_energy, of_force


def energies_and_slopes(targets_of, positions):
    """The energies ``(batch,)`` of a function that gives their linear_log, and the slopes ``(batch, atoms, d)``."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(positions)
        energies = pairs.as_energy(ops.reshape(targets_of(positions), (-1,)))
    return energies, tape.gradient(energies, positions)


class HeldToForces(keras.Model):
    """A surrogate as it is trained on forces: it gives a row of its energy and the forces that follow from it.

    What it is held to, :meth:`rows`, also says what an error of each counts.
    """

    def __init__(self, surrogate: keras.Model):
        super().__init__()
        self.surrogate = surrogate
        self.shape = surrogate.input_shape[1:]

    def call(self, positions):
        energies, slopes = energies_and_slopes(self.surrogate, positions)
        return ops.concatenate([energies[:, None], -ops.reshape(slopes, (-1, int(np.prod(self.shape))))], axis=1)

    @staticmethod
    def rows(structures: data.Structures, forces: np.ndarray, units: Units) -> np.ndarray:
        """What is known of structures: energies, forces, and what an error of each counts, float64."""
        of_energy, of_force = weights_of(structures, forces, units)
        parts = structures.energies[:, None], forces, of_energy[:, None], of_force
        return np.concatenate([part.reshape(len(forces), -1) for part in parts], axis=1)

    def loss_of(self, known, found):
        """The error of each structure, ``(batch,)``, from :meth:`rows` and what :meth:`call` gives."""
        atoms, dimensions = self.shape
        end = 1 + atoms * dimensions
        errors = ops.abs(found - known[:, :end])
        of_force = ops.repeat(known[:, end + 1 :], dimensions, axis=1)
        return errors[:, 0] * known[:, end] + BALANCE * ops.mean(errors[:, 1:] * of_force, axis=1)

    @staticmethod
    def of_energy(metric: type[keras.metrics.Metric]) -> type[keras.metrics.Metric]:
        """A metric of targets as that of the energies among :meth:`rows`."""

        class OfEnergy(metric):
            def update_state(self, known, found, sample_weight=None):
                targets = [pairs.as_linear_log(values[:, :1]) for values in (known, found)]
                return super().update_state(*targets, sample_weight)

        return OfEnergy
