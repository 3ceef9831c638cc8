"""Runs that are held to energies and forces."""

import numpy as np
import pytest

from surrogates import data, models, potentials, training
from surrogates.training import held, runs
from tests.training.test_learned import slopes

LOW = data.Data("low", n_atoms=6, box=6.0, sizes=(64, 16, 16), seed=3)
PAIRS = models.Pairs(hidden=(8, 8), gaussians=32)
FIT = training.Fit(
    target="linear-log", metric="mae", labels="forces", batch_size=8, epochs=20, learning_rate=0.01, decay="cosine"
)


def error_of_forces(run):
    structures = run.data.test
    found = training.Learned(run, warn=False)(structures.positions)[1]
    return np.abs(found - run.config.data.forces("test", structures)).mean()


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """The same network told of energies alone, and of forces too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(runs.names.VARIABLE, str(tmp_path_factory.mktemp("runs")))
        config = training.Config(LOW, PAIRS, FIT)
        yield {
            labels: training.fit_or_load(f"pairs/{labels}", config.replace({"fit.labels": labels}))
            for labels in ("total", "forces")
        }


def test_forces_teach_more_than_energies(taught):
    assert taught["forces"].metrics["test"]["mae"] < 0.5 * taught["total"].metrics["test"]["mae"]
    assert error_of_forces(taught["forces"]) < 0.5 * error_of_forces(taught["total"])


def test_the_metric_is_that_of_energies(taught):
    run = taught["forces"]
    assert run.history.val_mae.iloc[-1] == pytest.approx(run.metrics["validation"]["mae"], rel=1e-4)


def test_what_is_held_to_is_the_energy_and_its_slope(taught):
    run = taught["forces"]
    positions = run.data.test.positions[:2]
    rows = np.asarray(held.HeldToForces(run.surrogate)(positions.astype("float32")))
    learned = training.Learned(run, warn=False)
    np.testing.assert_allclose(rows[:, 0], learned(positions)[0], rtol=1e-4, atol=1e-4)
    for row, structure in zip(rows, positions, strict=True):
        np.testing.assert_allclose(-row[1:].reshape(6, 2), slopes(learned, structure), rtol=0.1, atol=0.05)


def test_the_loss_is_that_of_its_parts():
    """Two structures of two atoms in one dimension less than they are wrong in, by hand."""
    held_to = held.HeldToForces(models.build(PAIRS, 2, 6.0))
    structures = data.Structures(np.zeros((2, 2, 2)), np.array([-1.0, 3.0]))
    forces = np.array([[[0.0, 0.0], [0.0, 0.0]], [[3.0, 4.0], [0.0, 0.0]]])
    known = held_to.rows(structures, forces, potentials.Units())
    found = np.array([[-0.5, 0, 0, 0, 0], [3.0, 4.0, 4.0, 0, 0]])
    of_energies = 0.5 / 2, 0.0
    of_forces = 0.0, held.BALANCE * (1 / (1 + 5)) / 4
    np.testing.assert_allclose(held_to.loss_of(known, found), np.add(of_energies, of_forces))


def test_a_stopped_training_goes_on_to_the_same_weights(store, monkeypatch):
    config = training.Config(LOW, PAIRS, FIT).replace({"fit.epochs": 4, "fit.patience": 2})
    whole = training.fit_or_load("pairs/whole", config)
    saved = training.fitting._State.save

    def stopped(state):
        saved(state)
        if state.epoch == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training.fitting._State, "save", stopped)
        with pytest.raises(KeyboardInterrupt):
            training.fit_or_load("pairs/stopped", config)
    assert training.fit_or_load("pairs/stopped", config).metrics == whole.metrics


def test_forces_of_a_file_are_those_of_its_frames(tmp_path, store):
    splits = data.simulate(LOW)
    energies, forces = LOW.potential(splits.train.positions)
    file = tmp_path / "own.xyz"
    data.write_structures(file, splits.train.positions, energies, forces)
    own = data.FromFile(file, sizes=(48, 8, 8), seed=1)
    for split, structures in own.splits()._asdict().items():
        expected = LOW.potential(structures.positions)[1]
        np.testing.assert_allclose(own.forces(split, structures), expected, rtol=1e-5, atol=1e-5)
    run = training.fit_or_load("pairs/own", training.Config(own, PAIRS, FIT).replace({"fit.epochs": 2}))
    assert len(run.history) == 2

    data.write_structures(file, splits.train.positions, energies)
    without = data.FromFile(file)
    with pytest.raises(ValueError, match="has frames without forces: give labels 'total', or a file that has them"):
        training.fit_or_load("pairs/without", training.Config(without, PAIRS, FIT))
    assert not list(store.glob("pairs/without*"))


def test_what_has_no_forces_is_refused(store):
    with pytest.raises(ValueError, match=r"labels = 'forces': MLP\(.* gives no energies of atoms"):
        training.Config(LOW, models.MLP(permutations=0, inputs="log-distances"), FIT)
    with pytest.raises(ValueError, match="the radial density that GCN.* sees counts atoms and has no slope"):
        training.Config(LOW, models.GCN(pooling="atoms"), FIT)

    class Alone(potentials.Potential):
        def compute(self, structures):
            return np.zeros(len(structures)), np.full(structures.shape, np.nan)

        def description(self):
            return {"kind": "Alone"}

    config = training.Config(data.Data(n_atoms=6, box=6.0, sizes=(8, 4, 4), potential=Alone()), models.Pairs(), FIT)
    with pytest.raises(ValueError, match="gives no finite forces of shape"):
        training.fit_or_load("pairs/alone", config)
    assert not list(store.rglob("alone*"))
