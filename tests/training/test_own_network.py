"""A network and a representation of one's own, here or in a script: trained, stored, loaded, evaluated, swept."""

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from surrogates import data, models, training
from surrogates.models.backend import keras
from surrogates.store import names, progress
from surrogates.store.provenance import root
from surrogates.training import runs
from tests.training.test_sweeps import started


class ClosestPairs(keras.layers.Layer):
    """The logarithms of the shortest distances, ``(batch, kept)``."""

    gives = ("closest_pairs",)

    def __init__(self, kept, **options):
        super().__init__(**options)
        self.kept = kept

    def call(self, positions):
        distances = keras.ops.sort(models.PairDistances()(positions), axis=-1)
        return keras.ops.log(distances[:, : self.kept])


@dataclass(frozen=True)
class Shortest(models.Network):
    kept: int = 4
    units: int = 8

    def representation(self, box):
        return ClosestPairs(self.kept, name="representation")

    def core(self, inputs):
        x = keras.layers.Dense(self.units, activation="relu")(inputs)  # no names: Keras counts them as they are made
        return keras.layers.Dense(1)(x)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_network_of_one_s_own(store, dimensions):
    structures = data.Data(n_atoms=5, box=5.0, seed=1, sizes=(64, 16, 16), dimensions=dimensions)
    config = training.Config(structures, Shortest(), training.Fit(batch_size=16, epochs=3))
    run = training.fit_or_load("shortest/mine/seed-0", config)
    again = training.load("shortest/mine/seed-0")
    assert again.config == config
    assert again.config.model == Shortest()
    assert again.path == training.fit_or_load("shortest/mine/seed-0", config).path
    assert again.evaluate()["test"] == pytest.approx(run.metrics["test"], rel=1e-5)
    other = training.Config(structures, Shortest(kept=2), config.fit)
    assert training.fit_or_load("shortest/mine/seed-0", other).path != run.path
    assert training.Learned(run)(run.data.test.positions)[1].shape == (16, 5, dimensions)


EXAMPLE = root() / "book/examples/own_network.py"
RUNS = {"seed-0", "kept-3", "kept-15"}


def executed(store, scheduler="") -> tuple[list[str], str]:
    """What the example prints, and what it says of its progress."""
    given = {names.VARIABLE: str(store), progress.SCHEDULER: scheduler}
    done = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, env=os.environ | given)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize("elsewhere", [False, True], ids=["this machine", "another cluster"])
def test_the_example_of_the_book(elsewhere, tmp_path):
    """Its class is defined in the script alone, which the workers of another cluster have never seen."""
    store = tmp_path / "runs"
    with contextlib.ExitStack() as stack:
        scheduler = stack.enter_context(started(tmp_path, workers=1))[0] if elsewhere else ""
        printed, said = executed(store, scheduler)
    assert said.count("epoch 10 of 10") == 1
    assert "sweep: 2 of 2 runs to do" in said
    assert {path.name for path in (store / "shortest/mine").iterdir()} == RUNS
    metrics = {name: json.loads((store / "shortest/mine" / name / "metrics.json").read_text()) for name in RUNS}
    stated = [float(line.split(": ")[1]) for line in printed[:2]]
    assert stated == pytest.approx([metrics["seed-0"]["test"]["mape"]] * 2, rel=1e-5)
    rows = [line.split() for line in printed if line.startswith("shortest/mine/kept")]
    assert [row[1] for row in rows] == ["3", "15"]
    for name, _, error in rows:
        assert float(error) == pytest.approx(metrics[name.split("/")[-1]]["validation"]["mape"], rel=1e-5)
    if not elsewhere:
        again, said = executed(store)
        assert again == printed
        assert said == "", "something is trained again"


def test_a_run_of_a_network_that_is_not_known_is_refused_by_its_name(store):
    structures = data.Data(n_atoms=5, box=5.0, sizes=(16, 16, 16))
    config = training.Config(structures, Shortest(), training.Fit(epochs=1))
    training.fit_or_load("shortest/mine/seed-0", config)
    known = models.NETWORKS.pop("shortest")
    try:
        with pytest.raises(runs.Foreign, match="kind = 'Shortest'.*or import the file that defines it first"):
            training.load("shortest/mine/seed-0")
    finally:
        models.NETWORKS["shortest"] = known
