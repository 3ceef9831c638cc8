"""What the networks see, against loops that spell it out, and against StellarGraph's own generator."""

import numpy as np
import pandas as pd
import pytest

from surrogates.models import representations
from surrogates.models.backend import keras

BOX = 6.0


def spread(seed: int, structures: int = 200, atoms: int = 6) -> np.ndarray:
    """Structures from crowded to so sparse that atoms, and whole graphs, have no neighbour within 2."""
    rng = np.random.default_rng(seed)
    box = rng.uniform(1.5, 40.0, size=(structures, 1, 1))
    return (rng.random((structures, atoms, 2)) * box).astype("float32")


def distances_of(structure: np.ndarray) -> np.ndarray:
    atoms = len(structure)
    return np.array([[np.hypot(*(structure[i] - structure[j])) for j in range(atoms)] for i in range(atoms)])


def test_flattened_coordinates(positions):
    flat = representations.arrays(representations.FlatCoordinates(), positions)
    np.testing.assert_array_equal(flat, positions.reshape(len(positions), -1).astype("float32"))


def test_permutations_are_those_of_the_structure_and_fixed():
    positions = np.random.default_rng(0).random((7, 5, 2))
    many = representations.with_permutations(positions, extra=19, seed=1).reshape(7, 20, 5, 2)
    np.testing.assert_array_equal(many[:, 0], positions)
    orders = set()
    for structure, copies in zip(positions, many, strict=True):
        for copy in copies:
            order = [int(np.flatnonzero((structure == atom).all(axis=1))[0]) for atom in copy]
            assert sorted(order) == list(range(5)), "an atom is lost or doubled"
            orders.add(tuple(order))
    assert len(orders) > 60, "the permutations are not drawn at random for each structure"
    np.testing.assert_array_equal(many.reshape(-1, 5, 2), representations.with_permutations(positions, 19, seed=1))
    assert (many.reshape(-1, 5, 2) != representations.with_permutations(positions, 19, seed=2)).any()


def test_occupancy_grid_against_a_loop(positions):
    positions = np.concatenate([positions, positions[:1] * 0.1])  # crowded: several atoms in one cell
    grid = representations.arrays(representations.OccupancyGrid(BOX, 8), positions)
    assert grid.shape == (len(positions), 8, 8, 1)
    for structure, cells in zip(positions, grid[..., 0], strict=True):
        expected = np.zeros((8, 8))
        for x, y in structure:
            expected[int(y / BOX * 8), int(x / BOX * 8)] = 1
        np.testing.assert_array_equal(cells, expected)


def test_atoms_at_the_edge_and_outside_count_in_the_nearest_cell():
    edge = np.array([[[BOX, BOX], [0.0, 0.0]], [[-1.0, 3.0], [9.0, -9.0]]])
    first, second = representations.arrays(representations.OccupancyGrid(BOX, 8), edge)[..., 0]
    assert [tuple(cell) for cell in np.argwhere(first)] == [(0, 0), (7, 7)]
    assert [tuple(cell) for cell in np.argwhere(second)] == [(0, 7), (4, 0)]


def test_the_radii_are_the_report_s():
    np.testing.assert_allclose(representations.RADII[:3], [0.1, 0.6, 1.1])
    assert len(representations.RADII) == 64
    assert representations.RADII[-1] == pytest.approx(31.6)


@pytest.mark.parametrize("edge_weight", representations.EDGE_WEIGHTS)
def test_atom_graph_against_loops(edge_weight):
    positions = spread(seed=1, structures=40)
    features, adjacency = representations.arrays(representations.AtomGraph(2.0, edge_weight), positions)
    edges = 0
    for structure, nodes, normalised in zip(positions.astype(float), features, adjacency, strict=True):
        distances = distances_of(structure)
        weights = np.eye(len(structure))
        for i in range(len(structure)):
            others = np.delete(distances[i], i)
            counts = [(others <= radius).sum() for radius in representations.RADII]
            np.testing.assert_array_equal(nodes[i, :64], counts)
            np.testing.assert_allclose(nodes[i, 64:], np.sort(others), rtol=1e-5)
            for j in range(len(structure)):
                if i != j and distances[i, j] <= 2.0:
                    r = distances[i, j]
                    weights[i, j] = {"distance": r, "inverse": 1 / r, "none": 1.0}[edge_weight]
                    edges += 1
        degree = weights.sum(axis=1)
        np.testing.assert_allclose(normalised, weights / np.sqrt(np.outer(degree, degree)), rtol=2e-5)
    assert edges > 100


@pytest.mark.parametrize("features", [("radial",), ("sorted",)])
def test_either_kind_of_node_feature_alone(features):
    positions = spread(seed=2, structures=5)
    both = representations.arrays(representations.AtomGraph(), positions)[0]
    one = representations.arrays(representations.AtomGraph(features=features), positions)[0]
    np.testing.assert_array_equal(one, both[..., :64] if features == ("radial",) else both[..., 64:])


def test_coincident_atoms_and_a_single_atom_have_a_graph():
    for positions in (np.zeros((2, 3, 2)), np.zeros((2, 1, 2))):
        for part in representations.arrays(representations.AtomGraph(), positions):
            assert np.isfinite(part).all()


def test_arrays_do_not_depend_on_the_batch(positions):
    layer = representations.AtomGraph()
    whole, parts = (representations.arrays(layer, positions, batch_size=size) for size in (512, 7))
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_the_gradient_of_a_distance_is_finite_on_the_diagonal():
    import tensorflow as tf

    positions = tf.constant(spread(seed=3, structures=4))
    with tf.GradientTape() as tape:
        tape.watch(positions)
        total = tf.reduce_sum(representations.distance_matrix(positions))
    gradient = tape.gradient(total, positions)
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() > 0.1


def test_standardize_leaves_a_constant_feature_alone():
    features = np.random.default_rng(0).normal(3.0, 2.0, size=(500, 4, 2)).astype("float32")
    features[..., 1] = 5.0
    layer = representations.Standardize()
    layer.build((None, 4, 2))
    layer.adapt(features)
    scaled = np.asarray(layer(features))
    np.testing.assert_allclose(scaled[..., 0].mean(), 0, atol=1e-4)
    np.testing.assert_allclose(scaled[..., 0].std(), 1, atol=1e-4)
    np.testing.assert_array_equal(scaled[..., 1], 0)
    assert np.asarray(layer(features + 1.0))[0, 0, 1] == 1.0


def stellar_graphs(positions, features):
    from stellargraph import StellarGraph

    for structure, nodes in zip(positions.astype(float), features, strict=True):
        distances = distances_of(structure)
        pairs = [(i, j) for i in range(len(nodes)) for j in range(i) if distances[i, j] <= 2.0]
        edges = pd.DataFrame(
            {
                "source": pd.Series([i for i, _ in pairs], dtype="int64"),
                "target": pd.Series([j for _, j in pairs], dtype="int64"),
                "weight": pd.Series([distances[pair] for pair in pairs], dtype="float64"),
            }
        )
        yield StellarGraph(pd.DataFrame(nodes), edges)


def stellargraph_network(like, atoms, features):
    """The same layers on StellarGraph's padded input: features, mask, adjacency; its own SortPooling."""
    from surrogates.models import graph_layers

    layers = keras.layers
    inputs = [
        keras.Input((None, features)),
        keras.Input((None,), dtype="bool"),
        keras.Input((None, None)),
    ]
    nodes, mask, adjacency = inputs
    embeddings = []
    for width in [like.n_nodes] * like.n_layers:
        nodes = graph_layers.GraphConvolution(width, activation="relu")([nodes, adjacency])
        embeddings.append(nodes)
    embeddings.append(graph_layers.GraphConvolution(1, activation="linear")([nodes, adjacency]))
    x = layers.Concatenate()(embeddings)
    x = graph_layers.SortPooling(k=atoms, flatten_output=True)(x, mask)
    x = layers.Reshape((atoms * (like.n_nodes * like.n_layers + 1),))(x)
    for units in like.hidden:
        x = layers.Dense(units, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(1)(x))


def test_predictions_equal_those_of_stellargraph_s_generator():
    from stellargraph.mapper import PaddedGraphGenerator

    from surrogates import models

    positions = spread(seed=4)
    config = models.GCN(n_layers=2, n_nodes=16, hidden=(16,), scale_inputs=False)
    surrogate = models.build(config, n_atoms=6, box=40.0, seed=1)
    features, adjacency = representations.arrays(surrogate.get_layer("representation"), positions)
    core = surrogate.get_layer("core")
    rng = np.random.default_rng(0)
    core.set_weights([rng.normal(0, 0.3, weight.shape) for weight in core.get_weights()])
    ours = core.predict([features, adjacency], verbose=0)

    graphs = list(stellar_graphs(positions, features))
    degrees = [(np.abs(a) > 0).sum(axis=1) - 1 for a in adjacency]
    assert sum((d == 0).all() for d in degrees) > 5, "no edgeless graph among them"
    assert sum((d == 0).any() and (d > 0).any() for d in degrees) > 20, "no isolated atom in a graph with edges"

    theirs = stellargraph_network(config, atoms=6, features=features.shape[-1])
    theirs.set_weights(core.get_weights())
    flow = PaddedGraphGenerator(graphs).flow(graphs, weighted=True, batch_size=32)
    batches = [theirs.predict_on_batch(list(flow[i][0])) for i in range(len(flow))]
    # Where two atoms have the same rank to rounding, as the two of a pair far from all others may, either can be first.
    rank = keras.Model(core.inputs, core.get_layer("rank").output).predict([features, adjacency], verbose=0)[..., 0]
    gap = np.diff(np.sort(rank)).min(axis=1) / np.abs(rank).max(axis=1)
    clear = gap > 1e-6
    assert clear.sum() > 190
    np.testing.assert_allclose(ours[clear], np.concatenate(batches)[clear], rtol=2e-5, atol=1e-5)
    assert ours.std() > 0.1, "all predictions are alike, so nothing was compared"

    layer = surrogate(positions.astype("float32"))
    np.testing.assert_allclose(np.asarray(layer)[clear], ours[clear, 0], rtol=2e-5, atol=1e-5)


def test_shared_cells_are_those_where_the_grid_has_lost_an_atom(positions):
    for cells in (3, 8, 50):
        grid = representations.arrays(representations.OccupancyGrid(6.0, cells), positions)
        lost = grid.sum(axis=(1, 2, 3)) < positions.shape[1]
        np.testing.assert_array_equal(representations.shared_cells(positions, 6.0, cells), lost)
    assert 0 < representations.shared_cells(positions, 6.0, 8).mean() < 1


def test_redrawn_structures_have_the_same_grid_and_other_positions(positions):
    layer = representations.OccupancyGrid(6.0, 8)
    other = representations.redrawn(positions, 6.0, 8, np.random.default_rng(0))
    assert np.abs(other - positions).max() < 6.0 / 8
    assert np.abs(other - positions).mean() > 0.1
    np.testing.assert_array_equal(representations.arrays(layer, other), representations.arrays(layer, positions))


def test_the_upper_edge_belongs_to_the_last_cell():
    edge = np.array([[[6.0, 6.0], [5.9, 5.9], [1.0, 6.0]]])
    assert representations.shared_cells(edge, 6.0, 8).all()
    other = representations.redrawn(edge, 6.0, 8, np.random.default_rng(0))
    assert (other <= 6.0).all()
