"""What a surrogate is built of: networks of one's own, two dimensions and three, files of Keras."""

from dataclasses import dataclass

import numpy as np
import pytest

from surrogates import models
from surrogates.models import building, graph_arrays, representations
from surrogates.models.backend import keras
from surrogates.training import runs
from tests.conftest import SMALL_MODELS

CUBE = np.random.default_rng(5).random((30, 6, 3)) * 6.0


def random_turn(positions):
    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    return positions @ turn


@pytest.mark.parametrize("kind", SMALL_MODELS)
def test_a_saved_surrogate_is_loaded_with_the_same_predictions(kind, tmp_path):
    surrogate = models.build(SMALL_MODELS[kind], n_atoms=6, box=6.0, seed=2)
    surrogate.save(tmp_path / "surrogate.keras")
    loaded = keras.saving.load_model(tmp_path / "surrogate.keras")
    positions = CUBE[..., :2]
    np.testing.assert_array_equal(runs.predict(loaded, positions), runs.predict(surrogate, positions))


def test_a_saved_surrogate_keeps_the_scaling_of_its_inputs(run, tmp_path):
    run.surrogate.save(tmp_path / "surrogate.keras")
    loaded = keras.saving.load_model(tmp_path / "surrogate.keras")
    positions = run.data.test.positions
    np.testing.assert_array_equal(runs.predict(loaded, positions), run.predict(positions))


@pytest.mark.parametrize("kind", [kind for kind in SMALL_MODELS if 3 in SMALL_MODELS[kind].dimensions])
def test_three_dimensions(kind):
    surrogate = models.build(SMALL_MODELS[kind], n_atoms=6, box=6.0, dimensions=3)
    assert surrogate.input_shape == (None, 6, 3)
    before = np.asarray(surrogate(CUBE.astype("float32")))
    assert before.shape == (30,)
    flat = CUBE * [1, 1, 0]
    assert np.abs(np.asarray(surrogate(flat.astype("float32"))) - before).max() > 0.01, "z is not seen"
    if kind != "mlp":
        after = np.asarray(surrogate(random_turn(CUBE).astype("float32")))
        np.testing.assert_allclose(after, before, rtol=1e-3, atol=1e-3 * np.std(before))


@pytest.mark.parametrize("edge_weight", representations.EDGE_WEIGHTS)
def test_the_arrays_of_a_graph_in_three_dimensions_are_those_of_its_layer(edge_weight):
    layer = representations.AtomGraph(cutoff=3.0, edge_weight=edge_weight)
    positions = CUBE.astype("float32")
    for array, expected in zip(representations.arrays(layer, positions), layer(positions), strict=True):
        np.testing.assert_allclose(np.asarray(array), np.asarray(expected), rtol=1e-6, atol=1e-6)


def test_a_plane_in_three_dimensions_has_the_graph_of_the_plane():
    flat = CUBE.astype("float32") * np.float32([1, 1, 0])
    args = (representations.RADII.astype("float32"),)
    for one, other in (
        (graph_arrays.NodeFeatures(flat, *args), graph_arrays.NodeFeatures(flat[..., :2], *args)),
        (graph_arrays.Adjacency(flat, 2.0, "distance"), graph_arrays.Adjacency(flat[..., :2], 2.0, "distance")),
    ):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_dimensions_that_a_network_does_not_take_are_refused():
    with pytest.raises(ValueError, match=r"^dimensions = 3: CNN\(.* takes 2\. .*Pairs.* take 3: give"):
        models.build(SMALL_MODELS["cnn"], 6, 6.0, dimensions=3)
    with pytest.raises(ValueError, match=r"^dimensions = 4: Pairs\(.* takes 2 or 3\.$"):
        models.build(SMALL_MODELS["pairs"], 6, 6.0, dimensions=4)
    grid = representations.OccupancyGrid(6.0, 8)
    with pytest.raises(ValueError, match=r"\(30, 6, 3\): an occupancy grid is for \(\.\.\., atoms, 2\)"):
        representations.arrays(grid, CUBE)


@pytest.mark.parametrize("shape", [(6, 2), (30, 6, 4), (30, 6, 1)])
def test_positions_of_another_shape_are_refused(shape):
    for layer in (representations.AtomGraph(), representations.FlatCoordinates()):
        with pytest.raises(ValueError, match=r"positions of shape .*: give \(structures, atoms, 2\) or"):
            representations.arrays(layer, np.zeros(shape))


@pytest.fixture
def registry(monkeypatch):
    """The networks of a process that runs tests of several files: what a test defines is gone after it."""
    monkeypatch.setattr(building, "NETWORKS", dict(building.NETWORKS))
    monkeypatch.setattr(models, "NETWORKS", building.NETWORKS)


def test_a_network_of_one_s_own_is_known_by_its_name(registry):
    @dataclass(frozen=True)
    class Halfway(models.Network):
        units: int = 3

        def representation(self, box):
            return models.PairDistances(name="representation")

        def core(self, inputs):
            return keras.layers.Dense(1)(keras.layers.Dense(self.units)(inputs))

    assert models.NETWORKS["halfway"] is Halfway
    assert models.build(Halfway(), 4, 5.0).count_params() == 6 * 3 + 3 + 3 + 1


def test_the_names_of_the_library_are_taken():
    with pytest.raises(ValueError, match="^class GCN: the library has a network of this name"):
        type("GCN", (models.Network,), {})
    assert models.NETWORKS["gcn"] is models.GCN


def test_what_a_network_lacks_is_named(registry):
    class Bare(models.Network):
        pass

    with pytest.raises(NotImplementedError, match=r"Bare: give it a method representation\(box\)"):
        models.build(Bare(), 4, 5.0)
