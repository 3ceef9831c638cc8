"""Keras computes the same whatever the machine's settings, a script's, or the process say."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from surrogates import models, training
from surrogates.models import backend
from surrogates.store import provenance
from surrogates.store.provenance import root
from tests.conftest import SMALL_MODELS

SETTINGS = {"floatx": "float16", "epsilon": 1e-3, "backend": "jax", "image_data_format": "channels_first"}
PREDICT = """
import numpy as np
from surrogates import models, training
from surrogates.models.backend import keras
from surrogates.store import provenance
from tests.conftest import SMALL_MODELS
positions = np.random.default_rng(5).random((40, 6, 2)) * 6.0
surrogate = models.build(SMALL_MODELS["cnn"], 6, 6.0)
print(training.predict(surrogate, positions).tolist())
print(np.asarray(surrogate(positions), dtype=float).tolist())
print([provenance.computed_with(), keras.config.max_epochs(), keras.config.image_data_format()])
"""


def test_settings_of_the_machine_reach_no_prediction_and_the_record_is_of_what_is_in_use(tmp_path, positions):
    (tmp_path / "keras.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    own = {"KERAS_HOME": str(tmp_path), "KERAS_BACKEND": "jax", "KERAS_MAX_EPOCHS": "1", "TF_ENABLE_ONEDNN_OPTS": "0"}
    command = [sys.executable, "-c", PREDICT]
    done = subprocess.run(command, cwd=root(), env=os.environ | own, capture_output=True, encoding="utf-8")
    predicted, called, found = map(eval, done.stdout.splitlines())
    surrogate = models.build(SMALL_MODELS["cnn"], 6, 6.0)
    assert predicted == training.predict(surrogate, positions).tolist()
    assert called == np.asarray(surrogate(positions), dtype=float).tolist()
    threads = found[0].pop("threads")
    assert found == [{"keras_backend": "tensorflow", "floatx": "float32"}, None, "channels_last"]
    assert threads == {name: os.environ[name] for name in provenance.THREADS if os.environ.get(name)}


@pytest.fixture
def of_a_script():
    """What a script has settled for networks of its own."""
    keras.config.set_floatx("float16")
    keras.config.set_dtype_policy("mixed_float16")
    keras.config.set_max_epochs(1)
    yield
    assert (keras.config.floatx(), keras.config.dtype_policy().name) == ("float16", "mixed_float16"), "they are kept"
    assert keras.config.max_epochs() == 1
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    keras.config.set_max_epochs(None)


def test_settings_of_a_script_reach_no_training_and_are_kept(of_a_script, run, config):
    again = training.fit_or_load("gcn/small/again", config)
    assert again.metrics == run.metrics and len(again.history) == len(run.history) > 1
    structures = run.data.test.positions[:3]
    with backend.settled():
        expected = training.Learned(run)(structures)
    assert (training.Learned(run)(structures)[0] == expected[0]).all()


def test_a_variable_that_tensorflow_has_read_is_refused(monkeypatch):
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_auto_jit=2")
    with pytest.raises(RuntimeError, match="TF_XLA_FLAGS = .* changes numbers, and TensorFlow was imported with it"):
        backend._without_changing_variables()


def test_a_forked_process_is_told_to_be_spawned(run, monkeypatch):
    learned, structures = training.Learned(run), run.data.test.positions[:2]
    monkeypatch.setattr(backend, "_forked", backend._computed)
    for action in (lambda: run.predict(structures), lambda: learned(structures)):
        with pytest.raises(RuntimeError, match="forked from one that had computed with TensorFlow.*'spawn'"):
            action()
