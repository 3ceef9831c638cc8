"""Keras on TensorFlow, imported quietly and set to compute the same thing twice, on whatever machine.

Import ``keras`` from here, so that this runs before anything else touches TensorFlow. What the environment, Keras'
settings file or a script says of number types and the like reaches no result: see :func:`settled`.
"""

import contextlib
import os
import sys

CHANGING = (
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_DISABLE_MKL",
    "TF_SET_ONEDNN_FPMATH_MODE",
    "TF_AUTO_MIXED_PRECISION_GRAPH_REWRITE_LEVEL",
    "TF_ENABLE_AUTO_MIXED_PRECISION",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
    "NVIDIA_TF32_OVERRIDE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "DNNL_DEFAULT_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "DNNL_MAX_CPU_ISA",
)
"""Environment variables that TensorFlow reads when it is imported, and that change numbers."""


def _without_changing_variables():
    """Take them out of this process's environment; refuse where TensorFlow has read them before."""
    for name in CHANGING:
        if os.environ.get(name) and "tensorflow" in sys.modules:
            raise RuntimeError(
                f"{name} = {os.environ[name]!r} in the environment changes numbers, and TensorFlow was imported with "
                "it: unset it, or import surrogates before tensorflow."
            )
        os.environ.pop(name, None)
    os.environ["KERAS_BACKEND"] = "tensorflow"


@contextlib.contextmanager
def _without_native_stderr():
    """Drop what compiled code writes to the standard error stream (Python's own messages included)."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


_first = "keras" not in sys.modules
_without_changing_variables()

# TensorFlow's start-up notes carry times and process numbers, and would stand in every executed page.
with _without_native_stderr():
    import keras

    if keras.config.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {keras.config.backend()} in this process, and the surrogates are networks of TensorFlow: "
            "import surrogates before keras, or set KERAS_BACKEND=tensorflow."
        )
    import tensorflow

    # A training that is stopped and resumed has to end with the same bits as one that ran through.
    tensorflow.config.experimental.enable_op_determinism()
    # It takes functions that are made anew, as for each number of atoms, for one that is traced again and again.
    tensorflow.get_logger().addFilter(lambda record: "tf.function retracing" not in record.getMessage())

layers, ops = keras.layers, keras.ops

_SETTINGS = (
    (keras.config.floatx, keras.config.set_floatx, "float32"),
    (keras.config.dtype_policy, keras.config.set_dtype_policy, keras.dtype_policies.DTypePolicy("float32")),
    (keras.config.epsilon, keras.config.set_epsilon, 1e-7),
    (keras.config.image_data_format, keras.config.set_image_data_format, "channels_last"),
    (keras.config.max_epochs, keras.config.set_max_epochs, None),
    (keras.config.max_steps_per_epoch, keras.config.set_max_steps_per_epoch, None),
)
_computed = _forked = False


def _settle():
    for _, put, value in _SETTINGS:
        put(value)


@contextlib.contextmanager
def settled():
    """Keras with the settings that every number of the library is computed with; those of the process come back.

    Networks are built, trained and asked in it. Raises RuntimeError in a process that :func:`check_process` refuses.
    """
    global _computed
    check_process()
    _computed = True
    before = [get() for get, *_ in _SETTINGS]
    _settle()
    try:
        yield
    finally:
        for (_, put, _), value in zip(_SETTINGS, before, strict=True):
            put(value)


def check_process():
    """Raise RuntimeError in a process that was forked from one that had computed: TensorFlow would wait for ever."""
    if _forked:
        raise RuntimeError(
            "This process was forked from one that had computed with TensorFlow, whose threads it does not have: start "
            "processes with multiprocessing.get_context('spawn')."
        )


def _after_fork():
    global _forked
    _forked = _computed


os.register_at_fork(after_in_child=_after_fork)
if _first:  # nobody else has settled anything but the file of settings
    _settle()
