"""The graphs of a data set against the layer, structure by structure, and every way to ask for them."""

import numpy as np
import pytest

from surrogates import models, training
from surrogates.models import graph_arrays, representations
from surrogates.models.backend import keras

CASES = {  # structures, atoms, box
    "as in the report": (64, 32, 32.0),
    "sparse": (64, 7, 60.0),
    "crowded": (64, 33, 2.5),
    "one atom": (3, 1, 5.0),
    "two atoms": (16, 2, 3.0),
    "more than a byte counts": (2, 300, 20.0),
}


def positions_of(case):
    structures, atoms, box = CASES[case]
    return np.random.default_rng(8).random((structures, atoms, 2)).astype("float32") * np.float32(box)


def assert_equal_graphs(layer, positions, rounding=0.0):
    expected_features, expected_adjacency = (np.asarray(part) for part in layer(positions))
    features, adjacency = representations.arrays(layer, positions)
    assert isinstance(features, graph_arrays.NodeFeatures)
    assert features.shape == expected_features.shape
    assert adjacency.shape == expected_adjacency.shape
    assert features.dtype == adjacency.dtype == np.asarray(features).dtype == np.asarray(adjacency).dtype == np.float32
    np.testing.assert_allclose(features, expected_features, rtol=rounding, atol=rounding)
    np.testing.assert_allclose(adjacency, expected_adjacency, rtol=2e-6, atol=0)


@pytest.mark.parametrize("edge_weight", representations.EDGE_WEIGHTS)
@pytest.mark.parametrize("case", CASES)
def test_the_same_numbers_as_the_layer(case, edge_weight):
    for cutoff in (2.0, 0.3, 100.0):
        assert_equal_graphs(representations.AtomGraph(cutoff, edge_weight), positions_of(case))


@pytest.mark.parametrize("edge_weight", representations.EDGE_WEIGHTS)
def test_coincident_atoms_and_atoms_on_a_radius_or_at_the_cutoff(edge_weight):
    # Whole numbers: many atoms coincide, many distances are equal to the cutoff or to each other.
    lattice = np.random.default_rng(1).integers(0, 4, size=(64, 9, 2)).astype("float32")
    assert_equal_graphs(representations.AtomGraph(2.0, edge_weight, radii=(3.0, 1.0, 2.0)), lattice)
    assert_equal_graphs(representations.AtomGraph(2.0, edge_weight), np.zeros((2, 5, 2), "float32"))


@pytest.mark.parametrize("reach", [None, 1.5, 100.0])
@pytest.mark.parametrize("features", [("radial",), ("sorted",), ("sorted", "radial"), ("coordinates", "radial")])
@pytest.mark.parametrize("case", ["crowded", "one atom"])
def test_the_same_choice_of_features(case, features, reach):
    assert_equal_graphs(representations.AtomGraph(features=features, reach=reach), positions_of(case))


@pytest.mark.parametrize("reach", [None, 1.5])
@pytest.mark.parametrize("features", [("log",), ("log", "sorted"), representations.NODE_FEATURES])
@pytest.mark.parametrize("case", CASES)
def test_the_same_logarithms_but_for_rounding(case, features, reach):
    assert_equal_graphs(representations.AtomGraph(features=features, reach=reach), positions_of(case), rounding=2e-6)


def test_logarithms_of_coincident_atoms_are_finite():
    layer = representations.AtomGraph(features=("log",))
    features, _ = representations.arrays(layer, np.zeros((2, 5, 2)))
    np.testing.assert_allclose(features, np.log(1e-10), rtol=1e-6)
    assert_equal_graphs(layer, np.zeros((2, 5, 2), "float32"), rounding=2e-6)


def test_logarithms_and_coordinates_take_no_memory_of_their_own():
    positions = positions_of("as in the report")
    few, _ = representations.arrays(representations.AtomGraph(features=("sorted",)), positions)
    all_, _ = representations.arrays(representations.AtomGraph(features=("sorted", "log", "coordinates")), positions)
    assert all_.shape[-1] == 2 * few.shape[-1] + 2
    assert all_.distances.nbytes == few.distances.nbytes
    assert all_.positions is positions


@pytest.mark.parametrize("n", range(1, 40))
def test_the_sorting_network_sorts(n):
    numbers = np.random.default_rng(n).integers(0, n, size=(200, n))
    expected = np.sort(numbers, axis=1)
    for a, b in graph_arrays.sorting_network(n):
        numbers[:, a], numbers[:, b] = numbers[:, [a, b]].min(axis=1), numbers[:, [a, b]].max(axis=1)
    np.testing.assert_array_equal(numbers, expected)


def test_rows_are_asked_for_as_from_an_array():
    rows = np.random.default_rng(2).permutation(64)
    keys = [slice(None), slice(5, 50, 3), slice(60, 200), rows, rows[:0], rows < 20, [3, -1, 3], 7, -1]
    for graphs in representations.arrays(representations.AtomGraph(), positions_of("sparse")):
        dense = np.asarray(graphs)
        for key in [*keys, (..., 2), (rows, 0), ...]:
            np.testing.assert_array_equal(graphs[key], dense[key], strict=True)
        np.testing.assert_array_equal(list(graphs), dense)
        assert np.asarray(graphs, dtype=float).dtype == float
        for beyond in (64, -65, [0, 64]):
            with pytest.raises(IndexError):
                graphs[beyond]
        with pytest.raises(ValueError, match="without a copy"):
            np.array(graphs, copy=False)


def test_the_features_are_kept_in_a_third_of_the_memory():
    positions = positions_of("as in the report")
    features, adjacency = representations.arrays(representations.AtomGraph(), positions)
    kept = features.counts.nbytes + features.distances.nbytes + sum(axis.nbytes for axis in adjacency.axes[:2])
    assert 3 * kept < 1.2 * (np.asarray(features).nbytes + np.asarray(adjacency).nbytes)


@pytest.mark.parametrize("numbers", [1, 10_000, 2**18])
def test_standardize_reads_them_a_few_rows_at_a_time(numbers, monkeypatch):
    monkeypatch.setattr(representations, "_ADAPT_NUMBERS", numbers)
    features, _ = representations.arrays(representations.AtomGraph(), positions_of("as in the report"))
    dense = np.asarray(features)
    layer = representations.Standardize()
    layer.build(features.shape)
    layer.adapt(features)
    flat = dense.reshape(-1, dense.shape[-1])
    deviation = flat.std(axis=0, dtype=float)
    assert (deviation == 0).any(), "no constant feature among them"
    np.testing.assert_allclose(layer.shift, flat.mean(axis=0, dtype=float), rtol=1e-6)
    np.testing.assert_allclose(layer.scale, np.where(deviation > 0, deviation, 1), rtol=1e-6)


@pytest.mark.parametrize("value", [0.1, 1e6 / 3])
def test_standardize_finds_no_deviation_in_a_constant_fraction(value):
    layer = representations.Standardize()
    layer.build((None, 2))
    layer.adapt(np.full((999, 2), value, dtype="float32"))
    np.testing.assert_array_equal(layer.scale, 1)


def test_a_training_takes_them_as_it_takes_arrays():
    positions = positions_of("sparse")
    targets = np.random.default_rng(3).random(len(positions))
    fit = training.Fit(batch_size=16, epochs=3)
    weights = []
    for convert in (lambda graphs: graphs, np.asarray):
        surrogate = models.build(models.GCN(n_nodes=8, hidden=(8,)), positions.shape[1], 60.0)
        inputs = representations.arrays(surrogate.get_layer("representation"), positions)
        examples = training.Examples(tuple(convert(graphs) for graphs in inputs), targets)
        training.fit(surrogate, examples, examples, fit)
        weights.append(keras.tree.map_structure(np.asarray, surrogate.get_weights()))
    for ours, theirs in zip(*weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
