"""Surrogates as compiled functions of weights and positions, one for all that differ in their weights only.

TensorFlow keeps what it has compiled until the process ends. So weights are arguments: a hundred surrogates of one
network, as a search in rounds trains them, take the memory and the time of one compilation.
"""

from collections.abc import Callable

from surrogates import models
from surrogates.models.backend import keras

_COMPILED = {}  # by kind of function and blueprint of the surrogate


def weights(surrogate: keras.Model) -> list:
    """All weights of a surrogate as tensors, as they are now: what the functions here take first."""
    import tensorflow as tf

    return [tf.convert_to_tensor(variable.value) for variable in surrogate.variables]


def called(surrogate: keras.Model, given: list, positions):
    """A surrogate with other weights than its own, for use inside of :func:`once`."""
    others = _among(surrogate, given, surrogate.non_trainable_variables)
    return surrogate.stateless_call(trained(surrogate, given), others, positions)[0]


def trained(surrogate: keras.Model, given: list) -> list:
    """Those of these weights that a training changes, in the order of ``surrogate.trainable_variables``."""
    return _among(surrogate, given, surrogate.trainable_variables)


def _among(surrogate: keras.Model, given: list, wanted: list) -> list:
    places = {id(variable): i for i, variable in enumerate(surrogate.variables)}
    return [given[places[id(variable)]] for variable in wanted]


def targets(surrogate: keras.Model):
    """The function from weights and float32 positions ``(batch, atoms, d)`` to targets ``(batch,)``."""
    return once("targets", surrogate, lambda given, positions: called(surrogate, given, positions))


def targets_and_slopes(surrogate: keras.Model, fused: bool):
    """The function to targets and their slopes ``(batch, atoms, d)``; ``fused``: as one kernel.

    Where there are no slopes, its ``structured_outputs[1]`` is None.
    """
    import tensorflow as tf

    def both(given, positions):
        with tf.GradientTape() as tape:
            tape.watch(positions)
            found = called(surrogate, given, positions)
        return found, tape.gradient(found, positions)

    return once(f"slopes, {fused}", surrogate, both, fused=fused)


def once(kind: str, surrogate: keras.Model, function: Callable, *further, fused: bool = False):
    """Compile a function of weights, positions and what the ``further`` shapes say, all of structures, in float32.

    Of surrogates with the same blueprint only the first is compiled for each ``kind``.
    """
    import tensorflow as tf

    key = kind, models.blueprint(surrogate)
    if key[1] is not None and key in _COMPILED:
        return _COMPILED[key]
    known = [tf.TensorSpec(variable.shape, variable.dtype) for variable in surrogate.variables]
    shapes = surrogate.input_shape[1:], *further
    others = [tf.TensorSpec((None, *shape), "float32") for shape in shapes]
    found = tf.function(function, jit_compile=fused).get_concrete_function(known, *others)
    if key[1] is not None:
        _COMPILED[key] = found
    return found
