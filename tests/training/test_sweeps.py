"""Many runs at once: with a real scheduler and worker processes, some of which are killed."""

import concurrent.futures
import contextlib
import dataclasses
import os
import signal
import tempfile
from pathlib import Path
from types import SimpleNamespace

import distributed
import pytest

from surrogates import data, training
from surrogates.store import cluster, files, names, progress, workers
from surrogates.training import runs, sweeps
from surrogates.training.workers import train
from tests.cluster import started
from tests.conftest import SMALL_RUN

EPOCHS = 4


def grid(config, rates=(1e-2, 1e-3), seeds=(0, 1)):
    """Small runs that differ in learning rate and seed."""
    base = config.replace({"fit.epochs": EPOCHS, "fit.patience": None})
    axes = {"fit.learning_rate": rates, "fit.seed": seeds}
    return {f"gcn/sweep/rate-{rate:g}-seed-{seed}": c for (rate, seed), c in training.grid(base, axes).items()}


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    with started(tmp_path_factory.mktemp("cluster")) as (address, _):
        yield address


@pytest.fixture
def events(monkeypatch):
    """What the sweeps hear from their workers, as (run, epochs done, process)."""
    heard, found = cluster.Follower.heard, []

    def overhear(self, event):
        message = event[1]
        found.append((message["part"], message["done"], message["process"]))
        heard(self, event)

    monkeypatch.setattr(cluster.Follower, "heard", overhear)
    return found


def contents(path):
    """What must not depend on how a run was trained."""
    history = [line.rsplit(",", 1)[0] for line in (path / "history.csv").read_text().splitlines()]  # without times
    return history, (path / "metrics.json").read_bytes(), (path / "config.json").read_bytes()


@pytest.fixture(scope="module")
def calm(scheduler, tmp_path_factory):
    """What a sweep gives that nothing happens to."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(names.VARIABLE, str(tmp_path_factory.mktemp("calm")))
        return {name: contents(run.path) for name, run in training.sweep(grid(SMALL_RUN), scheduler).items()}


@pytest.mark.parametrize("losses", [3, 0])
def test_a_killed_worker_loses_nothing(config, store, tmp_path, monkeypatch, calm, events, losses):
    """Whether Dask itself gives the run to another worker, or leaves it to the sweep to try again."""
    configs = grid(config)
    killed = []
    heard = cluster.Follower.heard

    def kill(self, event):
        """When two epochs of a run are done, and a run before it."""
        heard(self, event)
        message = event[1]
        if not killed and message["done"] == 2 and self.done:
            killed.append((message["part"], message["process"]))
            os.kill(message["process"], signal.SIGKILL)

    monkeypatch.setattr(cluster.Follower, "heard", kill)
    allowed = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(losses)}
    with started(tmp_path, **allowed) as (address, workers):
        trained = training.sweep(configs, address)
        assert sorted(worker.is_alive() for worker in workers) == [False, True], "no worker was killed"
    ((victim, dead),) = killed
    after = [done for run, done, process in events if run == victim and process != dead]
    assert next(filter(None, after)) in (3, 4), "the run began anew instead of going on from its last epoch"
    for name in configs.keys() - {victim}:
        epochs = [done for run, done, _ in events if run == name and done]
        assert epochs == list(range(1, EPOCHS + 1)), "trained twice, or in part"
    assert list(trained) == list(configs)
    assert all(trained[name].config == configs[name] for name in configs)
    there = {path.name for path in (store / "gcn" / "sweep").iterdir()}
    assert there == {name.split("/")[-1] for name in configs}, "a run is missing, or there twice"
    assert not list(store.glob(".sweep-*"))
    assert {name: contents(run.path) for name, run in trained.items()} == calm


def test_only_what_is_missing_is_trained(config, store, scheduler, monkeypatch):
    configs = grid(config)
    first = dict(list(configs.items())[:3])
    before = {name: run.provenance for name, run in training.sweep(first, scheduler).items()}
    counts, hand_out = [], cluster.hand_out

    def counted(client, title, parts, receive, total, kind):
        counts.append((len(parts), total))
        hand_out(client, title, parts, receive, total, kind)

    monkeypatch.setattr(cluster, "hand_out", counted)
    trained = training.sweep(configs, scheduler)
    assert counts == [(1, 4)]
    assert {name: trained[name].provenance for name in first} == before
    monkeypatch.setattr(cluster, "connected", lambda *given: pytest.fail("nothing was left to do"))
    assert list(training.sweep(configs)) == list(configs)


def at_once(*calls):
    """The results of functions that run in threads at the same time."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_two_sweeps_on_one_store_train_each_run_once(config, store, scheduler, events):
    configs = grid(config)
    one, other = at_once(*[lambda: training.sweep(configs, scheduler)] * 2)
    assert all(one[name].config == other[name].config == config for name, config in configs.items())
    epochs = sorted((run, done) for run, done, _ in events if done)
    assert epochs == sorted((name, done) for name in configs for done in range(1, EPOCHS + 1))
    assert len(list((store / "gcn" / "sweep").iterdir())) == len(configs)


def test_two_sweeps_with_the_same_names_and_other_settings_get_their_own_runs(config, store, scheduler):
    configs = grid(config, seeds=(0,))
    others = {name: config.replace({"model.pooling": "mean"}) for name, config in configs.items()}
    one, other = at_once(lambda: training.sweep(configs, scheduler), lambda: training.sweep(others, scheduler))
    assert {name: run.config for name, run in one.items()} == configs
    assert {name: run.config for name, run in other.items()} == others
    assert len(list((store / "gcn" / "sweep").iterdir())) == 4


def test_a_run_that_fails_is_named_and_the_others_are_stored(config, store, scheduler):
    hopeless = dataclasses.replace(config, data=data.Data("low", n_atoms=40, box=1.0, sizes=(8, 4, 4)))
    configs = grid(config, rates=(1e-2,), seeds=(0,)) | {"gcn/sweep/hopeless": hopeless}
    with pytest.raises(RuntimeError, match=r"sweep: 1 of 2 runs failed.\n.*hopeless: RuntimeError: Only 0 of"):
        training.sweep(configs, scheduler)
    assert [path.name for path in (store / "gcn" / "sweep").iterdir()] == ["rate-0.01-seed-0"]


def test_a_worker_that_does_not_see_the_store_sends_the_run(config, store, scheduler, tmp_path):
    (name, config), (_, other), *_ = grid(config).items()
    with distributed.Client(scheduler) as client:
        elsewhere = tmp_path / "nowhere" / ".sweep-1"
        sent = client.submit(
            workers.work, name, workers.packed(train, config), (name,), 4, "topic", str(elsewhere), workers.VERSION
        ).result()
        there = client.run(lambda: list(Path(tempfile.gettempdir()).glob("surrogates-*/gcn/sweep/*")))
    assert not any(there.values()), "the worker keeps what it has sent"
    assert not (store / name).exists()
    run = runs.receive(name, config, sent)
    assert run.evaluate()["test"] == pytest.approx(run.metrics["test"], rel=1e-5)
    assert runs.receive(name, config, sent).provenance == run.provenance, "a run that is there is kept"
    for damaged in (sent | {"metrics.json": b"{}"}, {file: sent[file] for file in sent.keys() - {"weights.npz"}}):
        with pytest.raises(files.DamagedFile):
            runs.receive("gcn/sweep/other", config, damaged)
    with pytest.raises(files.DamagedFile, match="another configuration than the one asked for"):
        runs.receive("gcn/sweep/other", other, sent)
    assert [path.name for path in (store / "gcn" / "sweep").iterdir()] == [name.split("/")[-1]]


def test_another_version_of_the_library_is_refused_before_anything_is_trained(config, store, scheduler, monkeypatch):
    configs = grid(config, rates=(1e-2,), seeds=(0,))
    monkeypatch.setattr(workers, "VERSION", "0" * 12)
    with pytest.raises(RuntimeError, match=r"Workers without this version of the library: tcp://.*, tcp://.*Install"):
        training.sweep(configs, scheduler)
    monkeypatch.setattr(cluster, "_refuse_other_versions", lambda client: None)  # as if they had come later
    with pytest.raises(RuntimeError, match="The worker tcp://.* has another version of the library"):
        training.sweep(configs, scheduler)
    assert not list(store.glob("*/*/*"))


def test_a_lost_scheduler_is_reported_and_the_sweep_goes_on_with_another(config, store, tmp_path, monkeypatch):
    configs = {"gcn/sweep/long": config.replace({"fit.epochs": 40, "fit.patience": None})}
    heard = cluster.Follower.heard
    with contextlib.ExitStack() as lost:
        address, _ = lost.enter_context(started(tmp_path, workers=1))

        def lose(self, event):
            if event[1]["done"] == 2:
                lost.close()
            heard(self, event)

        monkeypatch.setattr(cluster.Follower, "heard", lose)
        with pytest.raises(RuntimeError, match="scheduler is gone, .* 1 of 1 runs are missing yet. What is done"):
            training.sweep(configs, address)
    monkeypatch.setattr(cluster.Follower, "heard", heard)
    monkeypatch.setenv(progress.SCHEDULER, "")
    assert [len(run.history) for run in training.sweep(configs).values()] == [40]
    assert len(list((store / "gcn" / "sweep").iterdir())) == 1


def test_a_grid_has_every_combination(config):
    configs = training.grid(config, {"fit.learning_rate": (0.1, 0.01), "model.n_layers": (1, 3)})
    assert list(configs) == [(0.1, 1), (0.1, 3), (0.01, 1), (0.01, 3)]
    assert configs[0.01, 3] == config.replace({"fit.learning_rate": 0.01, "model.n_layers": 3})
    for axes, message in (
        ({"fit.rate": (0.1,)}, r"setting = 'fit.rate': this configuration has data.energies, .*fit.learning_rate"),
        ({"fit.learning_rate": (0.1, 0.0)}, r"learning_rate = 0.0: give a finite number above 0"),
        ({"model.n_layers": ()}, r"model.n_layers = \(\): give one value or more"),
        ({"model.n_layers": (2, 1, 2)}, r"model.n_layers = \(2, 1, 2\): give one value or more, each of them once"),
    ):
        with pytest.raises(ValueError, match=message):
            training.grid(config, axes)


def test_a_run_that_the_sweep_does_not_have_is_answered_with_those_that_it_has():
    with pytest.raises(KeyError, match="layers-4 is none of the 2 runs of this sweep; nearest are layers-1, layers-2"):
        sweeps.Trained({"layers-1": None, "layers-2": None})["layers-4"]


def test_an_empty_grid_and_an_unreachable_scheduler_are_refused(config, store, monkeypatch):
    with pytest.raises(ValueError, match="configs is empty: give at least one"):
        training.sweep({})
    monkeypatch.setattr(cluster, "CONNECT", 1)
    for address in ("tcp://127.0.0.1:1", "no address"):
        with pytest.raises(RuntimeError, match=f"scheduler = '{address}' cannot be reached"):
            training.sweep(grid(config), address)
    assert not store.exists() or not list(store.glob("*/*/*"))


def test_the_table_has_the_settings_that_differ(config, store, scheduler):
    trained = training.sweep(grid(config, seeds=(0,)), scheduler)
    table = training.sweep_table(trained)
    assert list(table.columns[:2]) == ["learning_rate", "epochs"]
    assert table["learning_rate"].tolist() == [1e-2, 1e-3]
    assert table["validation mape"].tolist() == [run.metrics["validation"]["mape"] for run in trained.values()]
    assert (table["epochs"] == EPOCHS).all()
    (name, run), *_ = trained.items()
    moved = {key: getattr(run, key) for key in ("history", "provenance", "metrics")}
    moved = SimpleNamespace(config=run.config.replace({"data.seed": 9, "fit.seed": 9}), **moved)
    assert list(training.sweep_table({name: run, "moved": moved}).columns[:2]) == ["data.seed", "fit.seed"]
