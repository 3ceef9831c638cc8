"""Keras, imported quietly and set to compute the same thing twice.

Import ``keras`` from here, so that this runs before anything else touches TensorFlow.
"""

import contextlib
import os
import sys


@contextlib.contextmanager
def _without_native_stderr():
    """Drop what compiled code writes to the standard error stream (Python's own messages included)."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


# TensorFlow's start-up notes carry times and process numbers, and would stand in every executed page.
with _without_native_stderr():
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow

        # A training that is stopped and resumed has to end with the same bits as one that ran through.
        tensorflow.config.experimental.enable_op_determinism()
        # It takes functions that are made anew, as for each number of atoms, for one that is traced again and again.
        tensorflow.get_logger().addFilter(lambda record: "tf.function retracing" not in record.getMessage())

layers, ops = keras.layers, keras.ops

__all__ = ["keras", "layers", "ops"]
