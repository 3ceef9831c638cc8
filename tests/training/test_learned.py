"""What a surrogate has learned, as a potential."""

import dataclasses
import gc
import shutil
import warnings

import numpy as np
import psutil
import pytest
from scipy.spatial import distance

from surrogates import data, models, potentials, search, testing, training
from surrogates.models.backend import keras
from surrogates.store import plain
from surrogates.training import learned as forces
from surrogates.training import runs
from tests.conftest import SMALL_DATA, SMALL_MODELS


def slopes(learned, positions, step=3e-2):
    """Minus the forces, by differences over steps that float32 can tell apart."""
    steps = step * np.eye(positions.size).reshape(-1, *positions.shape)
    return (learned(positions + steps)[0] - learned(positions - steps)[0]).reshape(positions.shape) / (2 * step)


def test_energies_are_those_of_the_run(pairs, positions):
    energies, found = forces.Learned(pairs)(positions)
    np.testing.assert_allclose(energies, pairs.predict_energy(positions), rtol=1e-4, atol=1e-5)
    assert found.shape == positions.shape
    one, force = forces.Learned(pairs)(positions[0])
    assert np.ndim(one) == 0
    np.testing.assert_allclose(force, found[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("high", [False, True])
def test_forces_are_the_numerical_gradient(pairs, high):
    """On either side of 0, where the target is another function of V."""
    learned = forces.Learned(pairs)
    rng = np.random.default_rng(4)
    starts = [(1.0 if high else 2.3) * search.random_start(6, rng) for _ in range(40)]
    found = [start for start in starts if (learned(start)[0] > 0) == high][:5]
    assert found
    for start in found:
        expected = slopes(learned, start)
        np.testing.assert_allclose(-learned(start)[1], expected, rtol=0.1, atol=0.05 * np.abs(expected).max())


@pytest.mark.parametrize("target", data.TARGETS)
def test_the_slope_of_each_target(target):
    forward, energy, slope = data.TARGETS[target]
    energies, step = np.array([-3.0, -0.5, 0.5, 40.0]), 1e-6
    targets = forward(energies)
    np.testing.assert_allclose(
        slope(energies), (energy(targets + step) - energy(targets - step)) / (2 * step), rtol=1e-6
    )


def test_a_pair_network_takes_any_number_of_atoms(pairs):
    two, three = forces.Learned(pairs, 2), forces.Learned(pairs, 3)
    positions = np.array([[0.0, 0.0], [1.3, 0.0], [0.4, 1.5]])
    single = sum(two(positions[[i, j]])[0] for i, j in ((0, 1), (0, 2), (1, 2)))
    assert three(positions)[0] == pytest.approx(single, rel=1e-4)
    assert search.relax(three, positions).energy <= three(positions)[0]


def test_other_networks_are_for_their_number_of_atoms(run):
    assert forces.rebuilt(run) is run.surrogate is forces.rebuilt(run, 6)
    with pytest.raises(ValueError, match="n_atoms = 7: the weights of gcn/small/seed-3 are for 6 atoms only"):
        forces.Learned(run, 7)


def test_a_graph_network_that_sums_its_atoms_has_forces_too(store):
    fit = training.Fit(target="linear-log", metric="mae", batch_size=16, epochs=1)
    run = runs.fit_or_load("gcn/small", runs.Config(SMALL_DATA, SMALL_MODELS["gcn-atoms"], fit))
    energy, found = forces.Learned(run)(search.random_start(6, np.random.default_rng(0)))
    assert np.isfinite(energy)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(axis=0), 0, atol=1e-3 * np.abs(found).max())


def test_the_true_potential_has_the_same_shapes(pairs, positions):
    for given in (positions, positions[0]):
        for learned, true in zip(forces.Learned(pairs)(given), potentials.LennardJones()(given), strict=True):
            assert np.shape(learned) == np.shape(true)


def test_a_table_is_as_good_as_the_network(pairs):
    table = forces.pair_table(pairs, closest=0.9)
    distance = np.array([0.95, 1.1, 1.7, 3.0, 9.0])
    np.testing.assert_allclose(table.pair_energy(distance), forces.pair_energy(pairs, distance), rtol=1e-3, atol=1e-5)
    positions = 1.3 * search.random_start(8, np.random.default_rng(0))
    for one, other in zip(table(positions), forces.Learned(pairs, 8)(positions), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def test_no_table_of_what_is_no_sum_over_pairs(run):
    with pytest.raises(ValueError, match="model = GCN.*only a sum over pairs"):
        forces.pair_table(run, 0.9)


def test_a_run_as_a_potential_says_what_it_is(pairs, run):
    assert plain.described(forces.Learned(pairs)) == {"kind": "Learned", "run": pairs.config.digest, "n_atoms": 6}
    assert plain.described(forces.Learned(pairs, 3)) != plain.described(forces.Learned(pairs))
    with pytest.warns(UserWarning, match="gcn/small/seed-3: the radial density counts atoms and has no slope"):
        learned = forces.Learned(run)
    assert plain.described(learned)["run"] == run.config.digest


def test_a_warning_is_given_once_for_each_run(run, store):
    shutil.copytree(run.path, store / "gcn/small/other")
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        for name in ("gcn/small/seed-3", "gcn/small/other") * 2:
            forces.Learned(runs.load(name))
    assert [str(warning.message).partition(":")[0] for warning in given] == ["gcn/small/seed-3", "gcn/small/other"]


def test_a_surrogate_without_a_slope_is_refused(store):
    config = runs.Config(SMALL_DATA, SMALL_MODELS["cnn"], training.Fit(batch_size=16, epochs=1))
    run = runs.fit_or_load("cnn/small", config)
    with pytest.raises(ValueError, match=r"cnn/small: the energy of a CNN has no slope.*EnergiesOnly\(run\)"):
        forces.Learned(run)


def test_a_network_that_ends_in_a_column_is_refused():
    column = keras.Sequential([keras.Input((6, 2)), keras.layers.Flatten(), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match=r"mine: this network gives the shape \(None, 1\).*let it end in keras.ops.sq"):
        forces.OfSurrogate(column, "energy", "mine")
    column.pop()
    column.add(keras.layers.Dense(1))
    whole = keras.Model(column.inputs, keras.ops.squeeze(column.outputs[0], axis=-1))
    assert forces.OfSurrogate(whole, "energy")(np.ones((3, 6, 2)))[0].shape == (3,)


def test_a_run_adds_to_other_potentials(pairs, positions):
    total, force = (forces.Learned(pairs) + potentials.LennardJones())(positions)
    for found, one, other in zip(
        (total, force), forces.Learned(pairs)(positions), potentials.LennardJones()(positions), strict=True
    ):
        np.testing.assert_allclose(found, one + other)


def test_energies_alone_come_without_forces(run, positions):
    forces._WITHOUT_FORCES.discard(run.path)
    learned = forces.EnergiesOnly(run)
    with pytest.warns(UserWarning, match=r"gcn/small/seed-3: its forces are NaN. Ask .* or give Learned\(run\)"):
        energies, nothing = learned(positions)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        forces.EnergiesOnly(run)(positions)
    np.testing.assert_allclose(energies, run.predict_energy(positions), rtol=1e-4, atol=1e-4)
    assert np.isnan(nothing).all()
    assert nothing.shape == positions.shape
    np.testing.assert_allclose(learned.energy(positions[0]), energies[0], rtol=1e-6)


def test_a_run_and_its_table_are_potentials(pairs):
    """As the public check has it, with the tolerances of float32."""
    float32 = {"rtol": 1e-4, "gradient_rtol": 2e-2, "step": 1e-2}
    testing.check_potential(training.Learned(pairs), n_atoms=6, dimensions=2, **float32)
    testing.check_potential(training.pair_table(pairs, closest=0.7), n_atoms=6, **float32)


def test_many_surrogates_of_a_network_take_the_memory_of_one(positions):
    """And each answers with its own weights. TensorFlow keeps what it compiles: 7 MB of a sum over pairs."""
    took = []
    for seed in range(16):
        surrogate = models.build(SMALL_MODELS["pairs"], n_atoms=6, box=6.0, seed=seed)
        learned = forces.OfSurrogate(surrogate, "energy", fused=True)
        assert learned.energy(positions) == pytest.approx(surrogate(positions).numpy(), rel=1e-5, abs=1e-6)
        del learned, surrogate
        gc.collect()
        took.append(psutil.Process().memory_info().rss)
    assert max(took[6:]) < took[5] + 30e6


def test_a_network_whose_class_is_defined_again_is_another_one(monkeypatch):
    asked = np.random.default_rng(0).random((3, 6, 2)) * 4
    for factor in (1.0, 2.0):
        monkeypatch.delitem(models.NETWORKS, "scaled", raising=False)

        @dataclasses.dataclass(frozen=True)
        class Scaled(models.Network):
            def representation(self, box):
                return models.PairDistances()

            def core(self, distances, factor=factor):
                return factor * keras.ops.sum(distances, axis=-1, keepdims=True)

        learned = forces.OfSurrogate(models.build(Scaled(), n_atoms=6, box=4.0), "energy")
        assert learned.energy(asked) == pytest.approx(factor * pdist_sums(asked), rel=1e-5)
    monkeypatch.delitem(models.NETWORKS, "scaled")


def pdist_sums(positions):
    return np.array([distance.pdist(structure).sum() for structure in positions])
