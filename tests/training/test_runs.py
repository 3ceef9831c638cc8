"""The run store: what is loaded, what is trained, what is refused."""

import dataclasses
import errno
import json
import os
import shutil
import subprocess
import sys
from concurrent import futures
from pathlib import Path

import numpy as np
import pytest

from surrogates import data, models, training
from surrogates.book import parameters, retrain
from surrogates.store import files, names, provenance
from surrogates.store.provenance import root
from surrogates.training import fitting, metrics, reported, runs


def changed(config, **fit):
    return dataclasses.replace(config, fit=dataclasses.replace(config.fit, **fit))


def test_a_run_holds_all_that_it_should(run, store, config):
    assert {path.name for path in run.path.iterdir()} == {
        "config.json", "history.csv", "metrics.json", "weights.npz", "range.json", "provenance.json",
    }  # fmt: skip
    assert run.name == "gcn/small/seed-3"
    assert run.config == config
    assert list(run.history.columns) == ["loss", "mape", "val_loss", "val_mape", "seconds"]
    assert run.history.index[0] == 1
    assert run.metrics.keys() == {"train", "validation", "test"}
    assert run.provenance["packages"].keys() == {"numpy", "numba", "keras", "tensorflow", "stellargraph"}
    assert {"commit", "started", "machine", "python", "training_seconds"} <= run.provenance.keys()
    assert [path.name for path in run.path.parent.iterdir()] == ["seed-3"], "something was left behind"


def test_the_stored_metrics_follow_from_the_stored_weights(run):
    again = runs.load("gcn/small/seed-3")
    for split, values in again.evaluate().items():
        assert values == pytest.approx(run.metrics[split], rel=1e-5)
    truth = data.log_energy(run.data.test.energies)
    assert metrics.errors(truth, again.predict(run.data.test.positions)) == pytest.approx(run.metrics["test"], rel=1e-5)
    np.testing.assert_allclose(
        again.predict_energy(run.data.test.positions), np.exp(again.predict(run.data.test.positions)) - 32
    )


def committed(folder: str) -> list[Path]:
    """The files that git keeps; others may lie beside them. In an unpacked archive there are no others."""
    if not (root() / ".git").exists():
        return sorted(path for path in (root() / folder).rglob("*.*") if path.is_file())
    command = ["git", "ls-files", "-z", folder]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root()).stdout
    return sorted(root() / name for name in listed.split("\0") if name)


COMMITTED = sorted({path.parent for path in committed("data/runs")})

WHOLE = root() / "data" / "runs" / "mlp" / "paper" / "seed-0"
"""The run of which all splits are predicted, of others the test split: the same code has stored all metrics."""
assert WHOLE in COMMITTED


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: "-".join(path.parts[-3:]))
def test_the_stored_metrics_of_the_published_runs_follow_from_their_weights(path):
    """Structures are simulated anew and predicted from the weights; nothing of the training is used."""
    run = runs.Run(path)
    splits = data.SPLITS if path == WHOLE else ("test",)
    if run.provenance.get("weights") == runs.NOT_KEPT:
        splits = ()  # the history is what is left to compare with
    for split in splits:
        values = metrics.errors(run.targets[split], run.predict(getattr(run.data, split).positions))
        assert values == pytest.approx(run.metrics[split], rel=1e-4), split
    if run.config.fit.labels == "total":  # else the history is of the energies of atoms, the metrics are of structures
        followed = run.history[f"val_{run.config.fit.metric}"]
        last = followed.min() if run.config.fit.patience else followed.iloc[-1]
        assert run.metrics["validation"][run.config.fit.metric] == pytest.approx(last, rel=1e-3)


@pytest.mark.parametrize("model", ["mlp", "cnn", "gcn"])
def test_the_models_of_the_report_are_stored_at_its_scale(model):
    page = parameters.published(model)
    assert page.profile == "paper"
    for name, config in reported.of_seeds(model, page).items():
        assert config.data.sizes == (50_000, 10_000, 10_000)
        path = root() / "data" / "runs" / name
        assert path in COMMITTED and runs.Run(path).config == config


def test_committed_runs_are_small_and_hold_nothing_else():
    sizes = [file.stat().st_size for path in COMMITTED for file in path.iterdir()]
    assert max(sizes) <= 10e6
    assert sum(sizes) <= 60e6
    for path in COMMITTED:
        dropped = {"weights.npz"} if runs.Run(path).provenance.get("weights") == runs.NOT_KEPT else set()
        assert {file.name for file in path.iterdir()} - {runs.RANGE} == {*runs.FILES, "provenance.json"} - dropped


def test_a_stored_run_is_trained_again_beside_it(run, store, config, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(retrain.provenance, "root", lambda: tmp_path)
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    assert retrain.main(["gcn/small/seed-3"]) == 0
    printed = capsys.readouterr().out
    again = tmp_path / "reruns" / "runs" / "gcn" / "small" / "seed-3"
    assert files.read_json(again / "config.json") == config.to_dict()
    assert files.read_arrays(again / "weights.npz").keys() == files.read_arrays(run.path / "weights.npz").keys()
    shown = [line.split() for line in printed.splitlines() if line.startswith(("train ", "validation ", "test "))]
    for split, stored, found in shown:
        assert float(stored) == pytest.approx(run.metrics[split]["mape"], rel=1e-3)
        assert float(found) == pytest.approx(float(stored), rel=1e-3), "the same seed gave another training"
    assert len(shown) == 3
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before
    assert names.runs_folder() == store

    for name in ("gcn/small/seed-9", str(run.path), "../runs/gcn/small/seed-3"):
        assert retrain.main([name]) == 1
        assert f"There is no run {name!r}" in capsys.readouterr().err
    monkeypatch.setenv(names.VARIABLE, str(tmp_path / "reruns" / "runs"))
    assert retrain.main(["gcn/small/seed-3"]) == 1
    assert "would be compared with itself" in capsys.readouterr().err


def test_a_training_that_diverges_is_not_stored_and_is_said(store, config):
    for _ in range(2):  # nor is anything left that the next one would go on from
        with pytest.raises(metrics.Diverged, match=r"after epoch \d.* is nan.*nothing of it is stored.* than 1e\+10"):
            runs.fit_or_load("gcn/small/far", changed(config, learning_rate=1e10, epochs=40))
        assert not [path for path in store.rglob("*") if path.is_file()]


def test_line_ends_that_were_changed_on_the_way_are_said(run):
    path = run.path / "config.json"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(files.DamagedFile, match=r"config\.json .*other line ends.*core\.autocrlf"):
        runs.load("gcn/small/seed-3")


def test_a_run_of_an_image_is_trained_again_where_folders_cannot_be_renamed(run, monkeypatch):
    rename = Path.rename

    def of_an_overlay(path, to):
        if path == run.path:  # a folder of a lower layer
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", of_an_overlay)
    assert runs.with_weights(runs.drop_weights(run)).metrics == run.metrics
    assert [path.name for path in run.path.parent.iterdir()] == [run.path.name]


def test_the_same_configuration_is_loaded_and_never_trained_again(run, config, monkeypatch):
    monkeypatch.setattr(fitting, "fit", lambda *_, **__: pytest.fail("it was trained again"))
    assert runs.fit_or_load("gcn/small/seed-3", config).config == config


@pytest.mark.parametrize(
    "change",
    [
        lambda config: changed(config, epochs=3),
        lambda config: changed(config, seed=4),
        lambda config: dataclasses.replace(config, data=dataclasses.replace(config.data, seed=4)),
        lambda config: dataclasses.replace(config, model=dataclasses.replace(config.model, cutoff=2.5)),
        lambda config: dataclasses.replace(config, model=models.MLP(hidden=(4,), permutations=1)),
    ],
)
def test_any_difference_is_trained_beside_the_stored_run(run, config, change):
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    other = runs.fit_or_load("gcn/small/seed-3", change(config))
    assert other.config == change(config)
    assert other.name == f"gcn/small/seed-3-{change(config).digest}"
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before
    assert runs.fit_or_load("gcn/small/seed-3", change(config)).path == other.path


def test_a_configuration_survives_the_file(config):
    for model in (models.MLP(), models.CNN(), models.GCN(pooling="mean")):
        config = dataclasses.replace(config, model=model)
        assert runs.Config.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_an_unknown_run_is_refused_and_the_known_ones_are_named(run):
    for name in ("gcn/large/seed-0", "", "..", "gcn/../../store", "gcn/small"):
        with pytest.raises(FileNotFoundError, match=rf"no run '{name}' in .*\. It has gcn/small/seed-3 only"):
            runs.load(name)


def test_a_mistyped_name_is_answered_with_the_nearest_ones(run):
    for seed in range(4, 40):
        shutil.copytree(run.path, run.path.with_name(f"seed-{seed}"))
    (run.path.parent / "seed-33.partial-0123abcd").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no run 'gcn/smal/seed-33'") as refusal:
        runs.load("gcn/smal/seed-33")
    assert "nearest of its 37 are gcn/small/seed-33, " in str(refusal.value)
    assert str(refusal.value).count("gcn/small/seed-") == 3


@pytest.mark.parametrize("name", ["../elsewhere", "/gcn/mine", "gcn//seed-3", ""])
def test_a_name_outside_of_the_store_is_refused(name, store, config):
    with pytest.raises(ValueError, match="give parts separated by '/'"):
        runs.fit_or_load(name, config)
    assert not store.exists()


ALL_FILES = ["weights.npz", "config.json", "history.csv", "metrics.json", "range.json", "provenance.json"]


def signed(run):
    """Give a run's folder the checksums of the files that are in it now, as if it had written them."""
    checksums = {name: files.sha256(run.path / name) for name in runs.FILES}
    files.write_json(run.path / "provenance.json", run.provenance | {"sha256": checksums})


@pytest.mark.parametrize("name", ALL_FILES)
def test_a_truncated_file_is_refused_by_name(run, name):
    path = run.path / name
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(files.DamagedFile, match=f"{name} is (missing or )?damaged.*delete the folder"):
        runs.load("gcn/small/seed-3")


@pytest.mark.parametrize("name", ALL_FILES)
def test_a_missing_file_is_refused_by_name(run, name):
    (run.path / name).unlink()
    with pytest.raises(files.DamagedFile, match=f"{name} is missing.*delete the folder"):
        runs.load("gcn/small/seed-3")


def test_a_flipped_bit_in_the_weights_is_refused(run):
    path = run.path / "weights.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(files.DamagedFile, match=r"weights\.npz"):
        runs.load("gcn/small/seed-3")


def test_weights_of_another_run_are_refused(run, config):
    other = runs.fit_or_load("gcn/small/seed-4", changed(config, seed=4))
    shutil.copyfile(other.path / "weights.npz", run.path / "weights.npz")
    with pytest.raises(files.DamagedFile, match="not the file that this run wrote"):
        runs.load("gcn/small/seed-3")


def test_a_run_without_its_weights_keeps_the_rest_and_says_how_to_get_them(run):
    metrics, size = run.metrics, run.n_weights
    bare = runs.drop_weights(run)
    assert not (run.path / "weights.npz").exists()
    assert (bare.metrics, bare.n_weights) == (metrics, size) and len(bare.history) == len(run.history)
    with pytest.raises(FileNotFoundError, match=r"no weights of the run gcn/small/seed-3.*runs.with_weights"):
        bare.evaluate()
    (run.path / "metrics.json").write_text("{}")
    with pytest.raises(files.DamagedFile, match="metrics.json"):
        runs.Run(run.path)


def test_weights_that_were_not_kept_are_trained_again(run):
    weights = files.read_arrays(run.path / "weights.npz")
    assert runs.with_weights(run) is run
    again = runs.with_weights(runs.drop_weights(run))
    assert again.path == run.path and again.metrics == run.metrics and runs.NOT_KEPT not in again.provenance.values()
    restored = files.read_arrays(run.path / "weights.npz")
    assert all((restored[name] == weights[name]).all() for name in weights)
    assert [path.name for path in run.path.parent.iterdir()] == [run.path.name]


def test_a_name_that_another_configuration_takes_meanwhile_is_left_to_it(store, config, monkeypatch):
    other, simulate = changed(config, learning_rate=0.5), data.simulate

    def first(given):
        monkeypatch.setattr(data, "simulate", simulate)
        runs.fit_or_load("gcn/mine/seed-3", other)
        return simulate(given)

    monkeypatch.setattr(data, "simulate", first)
    run = runs.fit_or_load("gcn/mine/seed-3", config)
    assert run.config == config and run.path.name == f"seed-3-{config.digest}"
    assert runs.load("gcn/mine/seed-3").config == other
    assert len(list(run.path.parent.iterdir())) == 2


def test_the_number_of_weights_is_that_of_the_stored_ones(run, monkeypatch):
    scales = {name for name in files.read_arrays(run.path / "weights.npz") if "scaling" in name}
    stored = files.read_arrays(run.path / "weights.npz")
    assert run.n_weights == sum(stored[name].size for name in stored.keys() - scales)
    wider = run.config.replace({"model.n_nodes": 9})
    assert wider.n_weights > run.n_weights
    monkeypatch.setattr(runs.Config, "build", lambda self: pytest.fail("it is known by another training"))
    assert wider.replace({"fit.seed": 8}).n_weights == wider.n_weights


def test_settings_are_replaced_by_their_names(config):
    other = config.replace({"data.seed": 9, "model.n_layers": 3, "fit.epochs": 7})
    assert (other.data.seed, other.model.n_layers, other.fit.epochs) == (9, 3, 7)
    assert other.replace({"data.seed": 3, "model.n_layers": 2, "fit.epochs": config.fit.epochs}) == config
    for name in ("fit.rate", "epochs", "data"):
        with pytest.raises(ValueError, match=f"setting = '{name}': this configuration has data.energies"):
            config.replace({name: 1})


def test_an_edited_number_is_refused(run):
    files.write_json(run.path / "metrics.json", {"train": {}, "validation": {}, "test": {}})
    with pytest.raises(files.DamagedFile, match=r"metrics\.json is damaged or not the file that this run wrote"):
        runs.load("gcn/small/seed-3")


@pytest.mark.parametrize("content", ["[1]", "{}", '{"sha256": {"weights.npz": "0"}}'])
def test_a_foreign_provenance_is_refused(run, content):
    (run.path / "provenance.json").write_text(content)
    with pytest.raises(files.DamagedFile, match=r"provenance\.json is missing or damaged"):
        runs.load("gcn/small/seed-3")


def test_weights_of_another_shape_are_refused(run):
    arrays = files.read_arrays(run.path / "weights.npz")
    arrays["energy/kernel"] = np.zeros((9, 1), dtype="float32")
    files.write_arrays(run.path / "weights.npz", arrays)
    signed(run)
    with pytest.raises(files.DamagedFile, match=r"energy/kernel has the shape \(9, 1\) there and \(8, 1\) in"):
        assert runs.load("gcn/small/seed-3").surrogate


@pytest.mark.parametrize("content", ["{}", '{"data": {}, "model": {"kind": "lstm"}, "fit": {}}', "[]"])
def test_a_foreign_configuration_is_refused(run, content):
    (run.path / "config.json").write_text(content)
    signed(run)
    with pytest.raises(files.DamagedFile, match=r"config\.json is no configuration of a run"):
        runs.load("gcn/small/seed-3")


def test_a_stored_pickle_is_never_opened(run):
    np.savez(run.path / "weights.npz", **{"energy/kernel": np.array([{"a": 1}], dtype=object)})
    signed(run)
    with pytest.raises(files.DamagedFile, match=r"weights\.npz is damaged"):
        assert runs.load("gcn/small/seed-3").surrogate


def test_a_stopped_training_goes_on_in_its_folder(store, config, monkeypatch):
    monkeypatch.setattr(provenance, "collect", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        runs.fit_or_load("gcn/small/seed-3", config)
    monkeypatch.undo()
    monkeypatch.setenv(names.VARIABLE, str(store))
    assert not (store / "gcn/small/seed-3").exists(), "a run that is not complete is in the store"
    (partial,) = (store / "gcn/small").iterdir()
    epochs = len(files.read_arrays(partial / "checkpoint.npz")["history/loss"])
    files.write_json(partial / "began.json", {"time": 1e9, "commit": "another"})

    monkeypatch.setattr(training.Batches, "__getitem__", lambda *_: pytest.fail("epochs were trained again"))
    run = runs.fit_or_load("gcn/small/seed-3", config)
    assert len(run.history) == epochs
    assert run.provenance["started"] == "2001-09-09 01:46 UTC", "the first start counts"
    assert run.provenance["commit"].startswith("another to ")
    assert not partial.exists()


@pytest.mark.parametrize("stored", [False, True])
def test_a_second_process_waits_for_the_first(stored, store, config, run, capfd):
    path = store / "gcn/small/waited-for"
    partial = path.with_name(f"{path.name}.partial-{config.digest}")
    partial.mkdir(parents=True)
    hold = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print(); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-u", "-c", hold, str(partial / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    other.stdout.readline()
    with futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(runs.fit_or_load, "gcn/small/waited-for", config)
        assert not futures.wait([waiting], timeout=1).done, "it does not wait"
        if stored:  # as the other process leaves it: its folder with the lock takes the run's name
            shutil.copytree(run.path, partial, dirs_exist_ok=True)
            partial.rename(path)
        other.communicate()
        assert waiting.result(timeout=60).path == path
    if stored:
        assert waiting.result().provenance == run.provenance, "it was trained again"
    assert "waiting for it" in capfd.readouterr().err
    assert not partial.exists()


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "values.json"
    files.write_json(path, {"a": 1})
    with pytest.raises(OSError, match="No space left"), files.replacing(path) as file:
        file.write(b'{"a": ')
        raise OSError(28, "No space left on device")
    assert files.read_json(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_hopeless_data_set_leaves_nothing_behind(store, config):
    config = dataclasses.replace(config, data=data.Data("low", n_atoms=2, box=0.5, sizes=(4, 4, 4)))
    with pytest.raises(RuntimeError, match="give a larger box or fewer atoms"):
        runs.fit_or_load("gcn/small/hopeless", config)
    assert not list(store.glob("*/*/*"))


@pytest.mark.parametrize(
    ("positions", "message"),
    [
        (np.zeros((3, 5, 2)), r"positions of shape \(3, 5, 2\): this surrogate takes \(structures, 6, 2\)"),
        (np.zeros((6, 2)), r"positions of shape \(6, 2\)"),
        (np.full((1, 6, 2), np.nan), "positions hold NaN or infinity"),
    ],
)
def test_positions_that_cannot_be_meant_are_refused(run, positions, message):
    with pytest.raises(ValueError, match=message):
        run.predict(positions)


def test_no_structures_have_no_predictions(run):
    assert run.predict(np.zeros((0, 6, 2))).shape == (0,)


def test_provenance_tells_the_time_of_the_epochs_and_both_commits(monkeypatch):
    monkeypatch.setattr(provenance, "commit", lambda: "bbb")
    found = provenance.collect({"commit": "aaa", "time": 0.0}, [10.0, 12.0, 500.0])
    assert found["training_seconds"] == 36.0, "an epoch in which the machine slept does not count"
    assert found["commit"] == "aaa to bbb"
    assert found["started"] == "1970-01-01 00:00 UTC"
    assert provenance.collect({"commit": "bbb", "time": 0.0}, [1.0])["commit"] == "bbb"
