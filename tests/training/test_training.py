"""Trainings that are stopped, resumed, stopped early."""

import dataclasses
import os
import random
import signal
import time

import numpy as np
import pytest

from surrogates import data, models, training
from surrogates.models import representations
from surrogates.models.backend import keras
from surrogates.store import files
from surrogates.training import train as of_training
from tests.cluster import FORKED
from tests.conftest import SMALL_DATA, SMALL_MODELS

EPOCHS = 30
SETTINGS = {"pairs": {"target": "linear-log", "metric": "mae", "decay": "cosine", "low_weight": 3.0}}


def examples(surrogate, structures, target="log"):
    inputs = representations.arrays(surrogate.get_layer("representation"), structures.positions)
    return training.Examples(inputs, data.TARGETS[target][0](structures.energies))


def prepared(kind):
    """A surrogate with fresh weights, its training and its validation examples."""
    surrogate = models.build(SMALL_MODELS[kind], SMALL_DATA.n_atoms, SMALL_DATA.box, seed=4)
    splits = data.simulate(SMALL_DATA)
    target = SETTINGS.get(kind, {}).get("target", "log")
    return surrogate, *(examples(surrogate, structures, target) for structures in (splits.train, splits.validation))


def to_the_end(kind, folder):
    """A training, long enough for a kill to land inside it, and the weights that it ends with."""
    os.environ["SURROGATES_PROGRESS"] = str(folder / "progress.txt")
    surrogate, train, validation = prepared(kind)
    fit = training.Fit(batch_size=8, epochs=EPOCHS, patience=3, seed=4, **SETTINGS.get(kind, {}))
    training.fit(surrogate, train, validation, fit, checkpoint=folder / "checkpoint.npz", name=kind)
    files.write_arrays(folder / "weights.npz", {v.path: v.numpy() for v in surrogate.get_layer("core").variables})


def start(kind, folder):
    folder.mkdir(exist_ok=True)
    process = FORKED.Process(target=to_the_end, args=(kind, folder))
    process.start()
    return process


def ended(process):
    """How a process has ended, once it has: 0, or minus the signal."""
    process.join()
    return process.exitcode


def epochs_done(folder):
    try:
        return len(files.read_arrays(folder / "checkpoint.npz")["history/loss"])
    except FileNotFoundError:
        return 0


@pytest.mark.parametrize("kind", ["mlp", "cnn", "gcn", "pairs"])
def test_a_killed_training_ends_with_the_same_bits(kind, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert ended(start(kind, whole)) == 0

    process = start(kind, killed)
    last = random.randrange(1, epochs_done(whole) - 5)
    while process.is_alive() and epochs_done(killed) < last:
        time.sleep(0.005)
    process.kill()
    assert ended(process) == -signal.SIGKILL, "the training was over before it could be killed"
    assert 0 < epochs_done(killed) < epochs_done(whole)
    assert not (killed / "weights.npz").exists()

    assert ended(start(kind, killed)) == 0
    expected, found = (files.read_arrays(folder / "weights.npz") for folder in (whole, killed))
    assert expected.keys() == found.keys()
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=f"{name}, killed after epoch {last}")


def test_the_order_of_the_examples_depends_on_seed_and_epoch_alone():
    batches = training.Batches(training.Examples(np.arange(50.0)[:, None], np.arange(50.0)), 8, seed=1)

    def order(epoch):
        batches.start_epoch(epoch)
        return np.concatenate([batches[i][1][:, 0] for i in range(len(batches))])

    first, second = order(0), order(1)
    assert sorted(first) == sorted(second) == list(range(50))
    assert list(first) != list(second)
    assert list(order(0)) == list(first)
    other = training.Batches(training.Examples(np.arange(50.0)[:, None], np.arange(50.0)), 8, seed=2)
    assert list(other.order) != list(first)


def test_compiled_batches_are_the_same_batches():
    inputs = (np.arange(40.0).reshape(20, 2), np.arange(20)[:, None])
    for given, weight in ((inputs, 1.0), (inputs[0], 1.0), (inputs, 5.0)):
        batches = training.Batches(training.Examples(given, np.arange(20.0) - 10), 6, seed=0, low_weight=weight)
        dataset = batches.compiled()
        for epoch in (0, 1, 5):
            batches.start_epoch(epoch)
            found = list(dataset.as_numpy_iterator())
            assert len(found) == len(batches) == 4
            for i in range(4):
                for one, other in zip(*map(keras.tree.flatten, (found[i], batches[i])), strict=True):
                    np.testing.assert_array_equal(one, other)


def test_structures_below_zero_count_for_more():
    targets = np.arange(20.0) - 10
    batches = training.Batches(training.Examples(targets[:, None], targets), 6, seed=0, low_weight=5.0)
    for i in range(len(batches)):
        inputs, targets, weights = batches[i]
        np.testing.assert_array_equal(inputs, targets)
        np.testing.assert_array_equal(weights, np.where(targets[:, 0] < 0, 5.0, 1.0))
    assert len(training.Batches(training.Examples(targets, targets[:, 0]), 6, seed=0)[0]) == 2


def test_the_learning_rate_falls_to_zero():
    surrogate, train, validation = prepared("mlp")
    rate = 0.01
    training.fit(surrogate, train, validation, training.Fit(epochs=4, learning_rate=rate, decay="cosine"))
    optimizer = surrogate.get_layer("core").optimizer
    assert int(optimizer.iterations) == 4 * 1
    assert float(optimizer.learning_rate) == pytest.approx(0, abs=1e-8)
    surrogate, *_ = prepared("mlp")
    training.fit(surrogate, train, validation, training.Fit(epochs=4, learning_rate=rate))
    assert float(surrogate.get_layer("core").optimizer.learning_rate) == pytest.approx(rate)


def test_inputs_and_targets_stay_together():
    inputs = (np.arange(20.0)[:, None], 10 * np.arange(20.0)[:, None])
    batches = training.Batches(training.Examples(inputs, np.arange(20.0)), 6, seed=0)
    for i in range(len(batches)):
        (first, second), targets = batches[i]
        np.testing.assert_array_equal(first, targets)
        np.testing.assert_array_equal(second, 10 * targets)


def test_early_stopping_keeps_the_best_epoch():
    surrogate, train, validation = prepared("mlp")
    fit = training.Fit(batch_size=16, epochs=60, patience=3, learning_rate=0.05, seed=0)
    history = training.fit(surrogate, train, validation, fit)
    followed = history["val_mape"]
    assert len(followed) < fit.epochs, "it never stopped early"
    assert len(followed) - 1 - int(np.argmin(followed)) == fit.patience
    assert training.early_stop(followed, fit.patience) == (len(followed), int(np.argmin(followed)) + 1)
    predicted = surrogate.get_layer("core").predict(validation.inputs, verbose=0)[:, 0]
    error = 100 * np.mean(np.abs(predicted - validation.targets) / np.abs(validation.targets))
    assert error == pytest.approx(min(followed), rel=1e-4)
    assert error != pytest.approx(followed[-1], rel=1e-4)


@pytest.mark.parametrize(
    ("followed", "patience", "expected"),
    [
        ([5, 4, 6, 7, 3], 2, (4, 2)),
        ([5, 4, 6, 7, 3], 3, (5, 5)),
        ([5, 4, 4, 6, 6], 2, (5, 3)),  # an equal score is as good
        ([5, 4, 3], 5, (3, 3)),
        ([5], 1, (1, 1)),
    ],
)
def test_where_another_patience_would_have_stopped(followed, patience, expected):
    assert training.early_stop(followed, patience) == expected


def test_training_learns():
    surrogate, train, validation = prepared("gcn")
    history = training.fit(surrogate, train, validation, training.Fit(batch_size=16, epochs=40, seed=0))
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert len(history["seconds"]) == 40


def test_progress_tells_epoch_loss_and_time_left(capsys):
    surrogate, train, validation = prepared("mlp")
    training.fit(surrogate, train, validation, training.Fit(epochs=2), name="mlp/small")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("mlp/small: epoch 1 of 2, loss ")
    assert "val_mape" in lines[0]
    assert lines[-1].endswith("0 s left at most")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("target", "logarithm"),
        ("loss", "huber"),
        ("low_weight", 0),
        ("labels", "pairs"),
        ("decay", "linear"),
        ("metric", "rmse"),
        ("batch_size", 0),
        ("epochs", 2.5),
        ("learning_rate", -1e-3),
        ("patience", 0),
        ("seed", -1),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} = {value}|^{name} = '{value}'"):
        training.Fit(**{name: value})


@pytest.mark.parametrize("settings", [{"target": "log"}, {"target": "linear-log", "labels": "atoms"}])
def test_a_weight_needs_the_sign_of_the_energy(settings):
    with pytest.raises(ValueError, match="low_weight = 2.0: give a target"):
        training.Fit(low_weight=2, **settings)


@pytest.mark.parametrize("permuted", ["atoms", "rows"])
def test_a_training_is_shown_the_copies_of_its_network(permuted):
    model = models.MLP(hidden=(4,), permutations=2, permuted=permuted)
    config = training.Config(SMALL_DATA, model, training.Fit(target="scaled-log", epochs=1, seed=4))
    structures, surrogate = data.simulate(SMALL_DATA).train, config.build()
    plain, shown = (of_training._examples(surrogate, structures, split, config) for split in ("validation", "train"))
    assert shown.inputs.shape == (3 * 96, 12)
    np.testing.assert_array_equal(shown.inputs[::3], plain.inputs)
    np.testing.assert_array_equal(shown.targets, np.repeat(plain.targets, 3))
    np.testing.assert_array_equal(plain.targets, data.scaled_log(structures.energies))
    assert (shown.inputs[1::3] != plain.inputs).any()
    np.testing.assert_array_equal(np.sort(shown.inputs[1::3], axis=1), np.sort(plain.inputs, axis=1))


@pytest.mark.parametrize("kind", ["cnn-nearest", "cnn-sparse"])
def test_a_training_is_shown_the_orientations_of_its_network(kind):
    model = dataclasses.replace(SMALL_MODELS[kind], orientations=8)
    config = training.Config(SMALL_DATA, model, training.Fit(seed=4))
    structures, surrogate = data.simulate(SMALL_DATA).train, config.build()
    plain, shown = (of_training._examples(surrogate, structures, split, config) for split in ("validation", "train"))
    of_plain, of_shown = (part.inputs if kind == "cnn-nearest" else part.inputs[0] for part in (plain, shown))
    assert len(of_shown) == len(shown.targets) == 8 * 96
    np.testing.assert_array_equal(of_shown[::8], of_plain)
    assert (of_shown[1::8] != of_plain).any()
    np.testing.assert_array_equal(shown.targets, np.repeat(plain.targets, 8))
    history = training.fit(surrogate, shown, plain, training.Fit(batch_size=32, epochs=8))
    assert history["loss"][-1] < 0.9 * history["loss"][0]
