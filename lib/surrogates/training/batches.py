"""What a core is trained on, in batches whose order follows from a seed."""

from typing import NamedTuple

import numpy as np

from surrogates.models.backend import keras


class Examples(NamedTuple):
    """Inputs of a core (one array, or several with the same first axis) and targets ``(examples,)``.

    Where the labels are those of atoms, the targets are ``(examples, atoms)``.
    """

    inputs: np.ndarray | tuple[np.ndarray, ...]
    targets: np.ndarray


class Batches(keras.utils.PyDataset):
    """Training batches in an order that depends on (seed, epoch) only, weighted where ``low_weight`` is not 1."""

    def __init__(self, examples: Examples, batch_size: int, seed: int, low_weight: float = 1.0):
        super().__init__()
        self.inputs = examples.inputs if isinstance(examples.inputs, tuple) else (examples.inputs,)
        self.targets = columns(examples.targets)
        self.weights = () if low_weight == 1 else (np.where(self.targets[:, 0] < 0, low_weight, 1).astype("float32"),)
        self.batch_size, self.seed, self.compiled_order = batch_size, seed, None
        self.start_epoch(0)

    def start_epoch(self, epoch: int):
        stream = np.random.SeedSequence(self.seed, spawn_key=(2, epoch))
        self.order = np.random.default_rng(stream).permutation(len(self.targets))
        if self.compiled_order is not None:
            self.compiled_order.assign(self.order)

    def __len__(self):
        return -(-len(self.targets) // self.batch_size)

    def compiled(self):
        """The same batches, gathered by compiled code: asking Python for each took a third of the perceptron's time.

        Inputs and targets are copied for that, 256 MB for the report's million of permuted coordinates.

        Returns this object itself where the inputs are no plain arrays.
        """
        if not all(isinstance(array, np.ndarray) for array in self.inputs):
            return self
        import tensorflow as tf

        arrays = [tf.constant(array) for array in (*self.inputs, self.targets, *self.weights)]
        n_inputs = len(self.inputs)
        self.compiled_order = tf.Variable(self.order)

        def batch(number):
            rows = self.compiled_order[number * self.batch_size : (number + 1) * self.batch_size]
            parts = tuple(tf.gather(array, rows) for array in arrays)
            return parts[:n_inputs] if n_inputs > 1 else parts[0], *parts[n_inputs:]

        return tf.data.Dataset.range(len(self)).map(batch)

    def __getitem__(self, batch):
        rows = self.order[batch * self.batch_size : (batch + 1) * self.batch_size]
        inputs = tuple(array[rows] for array in self.inputs)
        return inputs if len(inputs) > 1 else inputs[0], self.targets[rows], *(w[rows] for w in self.weights)


def columns(targets) -> np.ndarray:
    """Targets as a core gives them: float32 ``(examples, 1)``, or ``(examples, atoms)`` for those of atoms."""
    targets = np.asarray(targets, dtype="float32")
    return targets[:, None] if targets.ndim == 1 else targets
