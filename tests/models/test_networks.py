"""The three surrogates: their shapes, their weights, and what leaves their predictions unchanged."""

import random

import numpy as np
import pytest

from surrogates import models
from surrogates.analysis import gcn
from surrogates.data import symmetry
from surrogates.models import representations
from surrogates.models.backend import keras
from surrogates.training import prediction, runs
from tests.conftest import SMALL_MODELS

BOX = 6.0


def built(kind, seed=0):
    """A surrogate whose predictions vary from structure to structure."""
    surrogate = models.build(SMALL_MODELS[kind], n_atoms=6, box=BOX, seed=seed)
    rng = np.random.default_rng(1)
    weights = [np.where(w == 0, rng.normal(0, 0.1, w.shape), w) for w in surrogate.get_weights()]
    surrogate.set_weights(weights)
    return surrogate


def relative_changes(kind, positions):
    surrogate = built(kind)

    def predict(given):
        return runs.predict(surrogate, given)

    spread = np.std(predict(positions))
    assert spread > 0
    return {name: change / spread for name, change in symmetry.changes(predict, positions, BOX).items()}


@pytest.mark.parametrize("kind", SMALL_MODELS)
def test_one_energy_per_structure(kind, positions):
    surrogate = built(kind)
    assert surrogate.input_shape == (None, 6, 2)
    assert surrogate(positions.astype("float32")).shape == (40,)
    np.testing.assert_allclose(
        runs.predict(surrogate, positions),
        np.concatenate([runs.predict(surrogate, part[None]) for part in positions]),
        rtol=1e-4,
        atol=1e-5,
    )


def test_the_report_s_perceptron_has_its_layers():
    core = models.build(models.MLP(), n_atoms=32, box=32.0).get_layer("core")
    dense = [layer for layer in core.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [512, 256, 128, 64, 32, 32, 32, 16, 1]
    assert [layer.activation.__name__ for layer in dense] == ["relu"] * 8 + ["linear"]
    assert models.count_weights(core) == 64 * 512 + sum(
        a * b for a, b in [(512, 256), (256, 128), (128, 64), (64, 32), (32, 32), (32, 32), (32, 16), (16, 1)]
    ) + sum([512, 256, 128, 64, 32, 32, 32, 16, 1])


def test_the_graph_network_has_the_report_s_head():
    core = models.build(models.GCN(n_layers=3, n_nodes=32), n_atoms=32, box=32.0).get_layer("core")
    dense = [layer for layer in core.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [128, 64, 32, 20, 1]
    graph = [layer for layer in core.layers if type(layer).__name__ == "GraphConvolution"]
    assert [layer.units for layer in graph] == [32, 32, 32, 1]
    assert [layer.activation.__name__ for layer in graph] == ["relu"] * 3 + ["linear"]
    assert type(graph[0]).__module__.startswith("stellargraph")


# Of the grid nothing changes, of the mean only the rounding of a sum. Sorting may also swap two atoms whose ranks agree
# to rounding without being equal; their embeddings then nearly agree as well.
@pytest.mark.parametrize(
    ("kind", "rounding"),
    [
        ("cnn", 0.0),
        ("cnn-nearest", 1e-5),
        ("cnn-sparse", 1e-5),
        ("mlp-log", 0.0),
        ("mlp-canonical", 1e-4),
        ("gcn-mean", 1e-5),
        ("gcn-max", 1e-5),
        ("gcn-atoms", 1e-5),
        ("pairs", 1e-5),
        ("gcn", 1e-4),
    ],
)
def test_renumbering_the_atoms_changes_nothing(kind, rounding, positions):
    assert relative_changes(kind, positions)["permutation"] <= rounding


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_renumbering_changes_nothing_where_atoms_share_their_rank(activation, positions):
    """Atoms whose units are all off have the same rank, with a ReLU on the rank many others as well."""
    surrogate = built("gcn")
    core = surrogate.get_layer("core")
    core.get_layer("graph_convolution_2").bias.assign(np.full(8, -1e3))
    rank = core.get_layer("rank")
    rank.activation = getattr(keras.activations, activation)
    assert gcn.tied(surrogate, positions).all()
    permuted, before = runs.predict(surrogate, positions[:, ::-1]), runs.predict(surrogate, positions)
    np.testing.assert_allclose(permuted, before, rtol=1e-4, atol=1e-4)


def test_ties_are_those_of_the_rank(positions):
    surrogate = built("gcn")
    rank = surrogate.get_layer("core").get_layer("rank")
    rank.activation = keras.activations.relu
    ranks = prediction.outputs(surrogate, positions, "rank")
    assert ranks.shape == (len(positions), 6, 1)
    expected = [len(np.unique(of_atoms)) < 6 for of_atoms in ranks[..., 0]]
    assert 0 < np.mean(expected) < 1, "all structures are alike, so nothing was compared"
    np.testing.assert_array_equal(gcn.tied(surrogate, positions), expected)
    assert not gcn.tied(built("gcn-mean"), positions).any()


def test_the_perceptron_sees_the_numbering(positions):
    assert relative_changes("mlp", positions)["permutation"] > 0.1


@pytest.mark.parametrize("kind", ["gcn", "gcn-mean", "gcn-max", "gcn-atoms", "pairs", "mlp-log", "mlp-canonical"])
@pytest.mark.parametrize("operation", ["translation", "rotation", "reflection"])
def test_what_sees_distances_alone_is_invariant(kind, operation, positions):
    assert relative_changes(kind, positions)[operation] < 1e-3


@pytest.mark.parametrize("kind", ["mlp", "cnn", "cnn-nearest", "cnn-sparse"])
@pytest.mark.parametrize("operation", ["translation", "rotation", "reflection"])
def test_the_other_two_are_not(kind, operation, positions):
    assert relative_changes(kind, positions)[operation] > 0.1


def test_the_operations_leave_the_distances_as_they_are(positions):
    rng = np.random.default_rng(0)
    for operation in symmetry.OPERATIONS.values():
        given = symmetry.shrunk(positions, BOX) if operation is symmetry.turned else positions
        before = np.sort(np.asarray(representations.distance_matrix(given)).reshape(40, -1))
        moved = operation(given, BOX, rng)
        assert moved.min() >= 0
        assert moved.max() <= BOX
        assert np.abs(moved - given).max() > 0.1
        after = np.sort(np.asarray(representations.distance_matrix(moved)).reshape(40, -1))
        np.testing.assert_allclose(after, before, atol=1e-6)


def test_sort_pooling_equals_stellargraph_s_but_for_ties():
    from surrogates.models import graph_layers

    embeddings = np.random.default_rng(0).normal(size=(20, 6, 4)).astype("float32")
    embeddings[3, :, -1] = 0.0
    embeddings[4, 1:4, -1] = 0.5
    ours = np.asarray(graph_layers.BatchedSortPooling(k=6, flatten_output=True)(embeddings)).reshape(20, 6, 4)
    theirs = graph_layers.SortPooling(k=6, flatten_output=True)(embeddings, np.ones((20, 6), dtype=bool))
    theirs = np.asarray(theirs).reshape(20, 6, 4)
    untied = np.setdiff1d(np.arange(20), [3, 4])
    np.testing.assert_array_equal(ours[untied], theirs[untied])
    np.testing.assert_array_equal(ours[[3, 4], :, -1], theirs[[3, 4], :, -1])

    renumbered = embeddings[:, [4, 2, 5, 0, 3, 1]]
    again = graph_layers.BatchedSortPooling(k=6, flatten_output=True)(renumbered)
    np.testing.assert_array_equal(np.asarray(again).reshape(20, 6, 4), ours)


def test_the_same_seed_gives_the_same_weights():
    first, same, other = (built("gcn", seed).get_weights() for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("kind", ["mlp", "cnn", "gcn"])
def test_initial_weights_depend_on_nothing_but_the_seed(kind, monkeypatch):
    """As they would if another thread drew random numbers while the layers are made."""
    calm = built(kind, 5).get_weights()
    randint = random.randint
    monkeypatch.setattr(random, "randint", lambda *given: random.random() and randint(*given))
    assert all(np.array_equal(a, b) for a, b in zip(calm, built(kind, 5).get_weights(), strict=True))


def test_weights_begin_as_glorot_and_bengio_propose():
    for variable in models.build(models.MLP(), 32, 32.0).get_layer("core").trainable_variables:
        values = np.asarray(variable)
        limit = np.sqrt(6 / sum(values.shape)) if values.ndim == 2 else 0.0
        assert abs(values).max() <= limit * (1 + 1e-6)
        assert values.ndim == 1 or values.size < 50 or abs(values).max() > 0.8 * limit


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        (models.MLP, "hidden", (16, 0)),
        (models.MLP, "hidden", 64),
        (models.MLP, "permutations", -1),
        (models.CNN, "cells", 0),
        (models.CNN, "filters", (4, 4, 4, 4, 4, 4)),
        (models.GCN, "n_layers", 0),
        (models.GCN, "n_nodes", 1.5),
        (models.MLP, "inputs", "angles"),
        (models.MLP, "inputs", ("distances",)),
        (models.MLP, "permuted", "columns"),
        (models.MLP, "kept", 0),
        (models.MLP, "kept", 5),
        (models.CNN, "grid", "density"),
        (models.CNN, "orientations", 4),
        (models.SparseCNN, "grid", "distance"),
        (models.SparseCNN, "orientations", 0),
        (models.SparseCNN, "kernel", 4),
        (models.SparseCNN, "kernel", 13),
        (models.SparseCNN, "filters", ()),
        (models.GCN, "reach", 0.0),
        (models.GCN, "head", "convolutions"),
        (models.GCN, "pooling", "median"),
        (models.GCN, "cutoff", -2.0),
        (models.GCN, "edge_weight", "squared"),
        (models.GCN, "features", ("angles",)),
        (models.Pairs, "hidden", ()),
        (models.Pairs, "gaussians", -1),
        (models.Pairs, "gaussians", 1),
        (models.Pairs, "reach", 0.5),
        (models.Pairs, "reach", 0),
    ],
)
def test_a_hyperparameter_that_cannot_be_meant_is_refused(model, name, value):
    with pytest.raises(ValueError, match=f"^{name} = .*give "):
        model(**{name: value})


def test_without_pooling_the_grid_keeps_its_cells():
    network = models.CNN(cells=8, filters=(4, 4, 4, 4, 4), hidden=(8,), pooling=False)
    core = models.build(network, 6, 6.0).get_layer("core")
    assert core.get_layer("convolution_5").output.shape == (None, 8, 8, 4)
    with pytest.raises(ValueError, match="8 cells can be halved 3 times"):
        models.CNN(cells=8, filters=(4, 4, 4, 4, 4))
