"""Surrogates that are sums of learned parts: they add up, and what they know holds for any number of atoms."""

import numpy as np
import pytest

from surrogates import data, models, potentials, training
from surrogates.models import pairs
from surrogates.training import runs, train
from tests.conftest import SMALL_DATA, SMALL_MODELS
from tests.models.test_networks import built

LJ = potentials.LennardJones()

ENERGIES = np.array([-80.0, -1.0, 0.0, 1e-3, 1.0, 1e5, 1e30])


def test_tensors_are_transformed_as_arrays_are():
    targets = data.linear_log(ENERGIES)
    np.testing.assert_allclose(pairs.as_linear_log(ENERGIES.astype("float32")), targets, rtol=1e-6)
    np.testing.assert_allclose(pairs.as_energy(targets.astype("float32")), ENERGIES, rtol=1e-5)
    assert np.isfinite(np.asarray(pairs.as_energy(np.array([1e3], "float32")))).all()


@pytest.mark.parametrize("parts", [32, 496])
def test_many_high_parts_have_a_finite_sum_and_a_gradient(parts):
    import tensorflow as tf

    values = tf.fill((1, parts), 79.0)
    with tf.GradientTape() as tape:
        tape.watch(values)
        total = pairs.Total()(values)
    assert float(total[0, 0]) == pytest.approx(79 + np.log(parts), rel=1e-5)
    np.testing.assert_allclose(tape.gradient(total, values), 1 / parts, rtol=1e-3)
    assert np.isfinite(pairs.Total()(tf.fill((1, parts), 1e3))).all()


def test_parts_add_up():
    parts = np.random.default_rng(0).normal(0, 3, (20, 7)).astype("float32")
    total = np.asarray(pairs.Total()(parts))
    expected = data.linear_log(data.targets.energy_from_linear_log(parts).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(total, expected, rtol=1e-4, atol=1e-4)


def test_the_true_pair_energies_give_the_true_energies(positions):
    """With the true function of the distance in the place of the learned one, nothing else is left to be wrong."""
    distances = np.asarray(pairs.PairDistances()(positions))
    np.testing.assert_allclose(distances, potentials.pair_distances(positions), rtol=1e-6)
    each = data.linear_log(LJ.pair_energy(distances.astype(float)))
    atoms = pairs.HalvesOfPairs(6)(each)
    expected = data.linear_log(LJ.atom_energies(positions))
    np.testing.assert_allclose(np.asarray(atoms), expected, rtol=1e-3, atol=1e-3)
    total = np.asarray(pairs.Total()(atoms))[:, 0]
    np.testing.assert_allclose(total, data.linear_log(LJ.energy(positions)), rtol=1e-3, atol=1e-3)


def test_a_pair_network_is_a_sum_over_pairs():
    """Of four atoms: the energies of its six pairs, each alone, add up to that of all."""
    positions = np.random.default_rng(2).random((10, 4, 2)) * 4
    surrogate = built("pairs")
    several = models.build(SMALL_MODELS["pairs"], n_atoms=4, box=6.0)
    single = models.build(SMALL_MODELS["pairs"], n_atoms=2, box=6.0)
    for other in (several, single):
        other.get_layer("core").set_weights(surrogate.get_layer("core").get_weights())
    whole = data.targets.energy_from_linear_log(runs.predict(several, positions))
    pairs = [positions[:, [i, j]] for i in range(4) for j in range(i)]
    summed = sum(data.targets.energy_from_linear_log(runs.predict(single, pair)) for pair in pairs)
    np.testing.assert_allclose(whole, summed, rtol=1e-4, atol=1e-5)


def test_pairs_far_apart_count_for_nothing():
    surrogate = models.build(models.Pairs(), n_atoms=2, box=32.0)
    far = np.array([[[0.0, 0.0], [1e4, 0.0]]])
    assert abs(runs.predict(surrogate, far)[0]) < 1e-6


@pytest.mark.parametrize("gaussians", [0, 2, 64])
def test_gaussians_are_inputs_of_the_first_layer(gaussians):
    surrogate = models.build(models.Pairs(hidden=(5,), gaussians=gaussians), n_atoms=3, box=6.0)
    kernel, *_ = surrogate.get_layer("core").get_layer("dense_1").get_weights()
    assert kernel.shape == (1 + gaussians, 5)


@pytest.mark.parametrize(("gaussians", "reach"), [(64, 5.0), (80, 16.0)])
def test_a_gaussian_is_about_one_range_of_distances(gaussians, reach):
    """The energy of a pair 1.5 apart changes with the Gaussian there; that of a pair 4 apart does not."""
    surrogate = models.build(models.Pairs((5,), gaussians, reach), n_atoms=2, box=6.0)
    layer = surrogate.get_layer("core").get_layer("dense_1")
    pairs = np.array([[[0.0, 0.0], [1.5, 0.0]], [[0.0, 0.0], [4.0, 0.0]]])
    before = runs.predict(surrogate, pairs)
    kernel, bias = layer.get_weights()
    centres = np.geomspace(0.7, reach, gaussians)
    kernel[1 + np.abs(centres - 1.5).argmin()] += 1.0
    layer.set_weights([kernel, bias])
    change = np.abs(runs.predict(surrogate, pairs) - before)
    assert change[0] > 1e-3
    assert change[1] == 0


@pytest.mark.parametrize("kind", ["pairs", "gcn-atoms"])
@pytest.mark.parametrize("labels", ["total", "atoms"])
def test_sums_learn_from_either_kind_of_label(kind, labels, store):
    fit = training.Fit(
        target="linear-log", metric="mae", labels=labels, batch_size=16, epochs=12, learning_rate=0.01, decay="cosine"
    )
    run = runs.fit_or_load(f"{kind}/{labels}", runs.Config(SMALL_DATA, SMALL_MODELS[kind], fit))
    assert run.history.loss.iloc[-1] < 0.7 * run.history.loss.iloc[0]
    truth = run.targets["train"]
    assert run.metrics["train"]["mae"] < np.abs(truth - np.median(truth)).mean()
    again = runs.Run(run.path)
    np.testing.assert_array_equal(again.predict(run.data.test.positions), run.predict(run.data.test.positions))


def test_labels_of_atoms_are_their_energies(store):
    fit = training.Fit(target="linear-log", labels="atoms")
    config = runs.Config(SMALL_DATA, SMALL_MODELS["pairs"], fit)
    surrogate = models.build(config.model, SMALL_DATA.n_atoms, SMALL_DATA.box)
    structures = data.simulate(SMALL_DATA).train
    examples = train._examples(surrogate, structures, "train", config)
    assert examples.targets.shape == (96, 6)
    totals = data.targets.energy_from_linear_log(examples.targets).sum(axis=1)
    np.testing.assert_allclose(totals, structures.energies, rtol=1e-9, atol=1e-9)


def test_what_cannot_go_together_is_refused():
    with pytest.raises(ValueError, match="target = 'log': a sum over atoms or pairs gives 'linear-log'"):
        runs.Config(SMALL_DATA, models.Pairs(), training.Fit())
    with pytest.raises(ValueError, match="labels = 'atoms': .*AxilrodTeller.*no share for each atom"):
        fit = training.Fit(target="linear-log", labels="atoms")
        runs.Config(data.Data(potential=(LJ + potentials.AxilrodTeller(1.0))), models.Pairs(), fit)
    with pytest.raises(ValueError, match="labels = 'atoms': GCN.* gives no energies of atoms"):
        runs.Config(SMALL_DATA, models.GCN(), training.Fit(labels="atoms"))


@pytest.mark.parametrize("distance", [0.0, 1e-12, 1e-9, 1e-8, 1e-3])
@pytest.mark.parametrize("seed", range(3))
def test_atoms_in_one_place_have_an_energy_and_a_gradient(distance, seed):
    import tensorflow as tf

    surrogate = models.build(models.Pairs(), n_atoms=3, box=6.0, seed=seed)
    positions = tf.constant([[[0.0, 0.0], [distance, 0.0], [0.0, 1.0]]])
    with tf.GradientTape() as tape:
        tape.watch(positions)
        energy = surrogate(positions)
    assert np.isfinite(energy).all()
    assert np.isfinite(tape.gradient(energy, positions)).all()
