"""What the networks may be told of the same structures: the values, and what leaves each of them unchanged."""

import numpy as np
import pytest

from surrogates import data, models
from surrogates.data import symmetry
from surrogates.models import networks, representations
from surrogates.models.backend import keras
from tests.models.test_networks import BOX

RNG = np.random.default_rng(6)
POSITIONS = {d: RNG.random((40, 6, d)) * BOX for d in (2, 3)}

UNCHANGED = {
    "coordinates": set(),
    "centred": {"translation"},
    "canonical": {"permutation", "translation", "rotation", "reflection"},
    "distances": {"translation", "rotation", "reflection"},
    "log-distances": {"translation", "rotation", "reflection"},
    "sorted-distances": {"permutation", "translation", "rotation", "reflection"},
    "sorted-log-distances": {"permutation", "translation", "rotation", "reflection"},
}


def seen(inputs, positions, **settings):
    layer = models.MLP(permutations=0, inputs=inputs, **settings).representation(BOX)
    return representations.arrays(layer, positions)


def principal(structure):
    """By the singular vectors, where the layer takes the eigenvectors of the covariance."""
    centred = structure - structure.mean(axis=0)
    turned = centred @ np.linalg.svd(centred)[2].T
    turned *= np.where((turned**3).sum(axis=0) < 0, -1, 1)
    return turned[np.argsort(turned[:, 0])].reshape(-1)


def apart(structure):
    return np.array([np.linalg.norm(a - b) for i, a in enumerate(structure) for b in structure[i + 1 :]])


SPELLED_OUT = {
    "coordinates": np.ravel,
    "centred": lambda structure: np.ravel(structure - structure.mean(axis=0)),
    "canonical": principal,
    "distances": apart,
    "log-distances": lambda structure: np.log(apart(structure)),
    "sorted-distances": lambda structure: np.sort(apart(structure)),
    "sorted-log-distances": lambda structure: np.log(np.sort(apart(structure))),
}


def test_all_are_looked_at():
    assert set(networks.INPUTS) == set(UNCHANGED) == set(SPELLED_OUT)


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("inputs", networks.INPUTS)
def test_inputs_against_numpy(inputs, d):
    expected = np.array([SPELLED_OUT[inputs](structure) for structure in POSITIONS[d]])
    np.testing.assert_allclose(seen(inputs, POSITIONS[d]), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("operation", symmetry.OPERATIONS)
@pytest.mark.parametrize("inputs", networks.INPUTS)
def test_what_leaves_inputs_unchanged(inputs, operation, d):
    moved = symmetry.OPERATIONS[operation](POSITIONS[d], BOX, np.random.default_rng(1))
    change = np.abs(seen(inputs, moved) - seen(inputs, POSITIONS[d])).mean()
    assert change < 1e-4 if operation in UNCHANGED[inputs] else change > 0.1


@pytest.mark.parametrize("d", [2, 3])
def test_the_canonical_frame_is_that_of_any_turn(d):
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(d, d)))
    np.testing.assert_allclose(
        seen("canonical", POSITIONS[d] @ turn + 3.0), seen("canonical", POSITIONS[d]), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("inputs", ["sorted-distances", "sorted-log-distances"])
def test_only_the_smallest_distances_are_kept(inputs):
    few = seen(inputs, POSITIONS[2], kept=4)
    np.testing.assert_array_equal(few, seen(inputs, POSITIONS[2])[:, :4])
    assert models.build(models.MLP((4,), 0, inputs=inputs, kept=15), 6, BOX).get_layer("core").input_shape == (None, 15)
    with pytest.raises(ValueError, match="^kept = 16: 6 atoms have 15 distances"):
        models.build(models.MLP((4,), 0, inputs=inputs, kept=16), 6, BOX)
    with pytest.raises(ValueError, match="^kept = 4: inputs = 'distances' are not sorted"):
        models.MLP(permutations=0, inputs="distances", kept=4)


def test_logarithms_of_coincident_atoms_are_finite_and_have_a_gradient():
    import tensorflow as tf

    positions = tf.zeros((1, 3, 2))
    with tf.GradientTape() as tape:
        tape.watch(positions)
        logarithms = models.PairDistances(sort=True, log=True)(positions)
    np.testing.assert_allclose(logarithms, np.log(1e-10), rtol=1e-6)
    assert np.isfinite(tape.gradient(logarithms, positions)).all()


@pytest.mark.parametrize("settings", [{}, {"sort": True}, {"log": True, "sort": True, "kept": 3}])
def test_distances_are_restored_from_their_configuration(settings):
    layer = models.PairDistances(**settings)
    same = models.PairDistances.from_config(layer.get_config())
    np.testing.assert_array_equal(same(POSITIONS[2]), layer(POSITIONS[2]))


@pytest.mark.parametrize("inputs", ["canonical", "sorted-distances", "sorted-log-distances"])
def test_permutations_that_are_not_seen_are_refused(inputs):
    with pytest.raises(ValueError, match="^permutations = 19: inputs = .* order of the atoms, .*give permutations=0"):
        models.MLP(inputs=inputs)
    assert models.MLP(inputs=inputs, permutations=0).copies(POSITIONS[2], BOX, 0) == (POSITIONS[2], 1)


@pytest.mark.parametrize("inputs", ["distances", "log-distances"])
def test_distances_see_the_order_of_the_atoms_but_not_of_the_axes(inputs):
    models.MLP(inputs=inputs)
    with pytest.raises(ValueError, match="^permutations = 19: .* order of the rows"):
        models.MLP(inputs=inputs, permuted="rows")


@pytest.mark.parametrize("d", [2, 3])
def test_permuted_rows_are_the_axes_of_a_structure_in_another_order(d):
    positions = POSITIONS[d]
    many, copies = models.MLP(permutations=19, permuted="rows").copies(positions, BOX, seed=1)
    assert copies == 20
    many = many.reshape(40, 20, 6, d)
    np.testing.assert_array_equal(many[:, 0], positions)
    found = set()
    for structure, of_one in zip(positions, many, strict=True):
        for copy in of_one:
            order = [int(np.flatnonzero((structure == axis[:, None]).all(axis=0))[0]) for axis in copy.T]
            assert sorted(order) == list(range(d)), "an axis is lost or doubled"
            found.add(tuple(order))
    assert len(found) == (2 if d == 2 else 6)
    energies = data.Data().potential.energy(many)
    np.testing.assert_allclose(energies, np.broadcast_to(energies[:, :1], energies.shape), rtol=1e-9)


def test_permuted_atoms_are_the_copies_of_the_report_s_perceptron():
    many, copies = models.MLP(permutations=3).copies(POSITIONS[2], BOX, seed=1)
    assert copies == 4
    np.testing.assert_array_equal(many, representations.with_permutations(POSITIONS[2], 3, seed=1))
    positions, copies = models.GCN().copies(POSITIONS[2], BOX, seed=1)
    assert positions is POSITIONS[2] and copies == 1


@pytest.mark.parametrize("d", [2, 3])
def test_node_features_against_numpy(d):
    layer = representations.AtomGraph(features=representations.NODE_FEATURES, reach=2.5)
    features, _ = representations.arrays(layer, POSITIONS[d])
    assert features.shape == (40, 6, 64 + 5 + 5 + d)
    for structure, nodes in zip(POSITIONS[d], features, strict=True):
        for i, node in enumerate(nodes):
            others = np.sort(np.linalg.norm(np.delete(structure, i, axis=0) - structure[i], axis=1))
            clipped = np.minimum(others, 2.5)
            counts = [(clipped <= radius).sum() for radius in representations.RADII]
            np.testing.assert_array_equal(node[:64], counts)
            np.testing.assert_allclose(node[64:], [*clipped, *np.log(clipped), *structure[i]], rtol=1e-4, atol=1e-5)


def test_nothing_beyond_its_reach_is_seen_by_a_graph_network():
    """Two pairs of atoms: how far they are from each other changes the energy only where it is within reach."""
    pair = np.array([[0.0, 0.0], [1.2, 0.0]])
    near, far = (np.concatenate([pair, pair + np.array([apart, 0.0])])[None] for apart in (8.0, 12.0))
    for reach, blind in ((None, False), (5.0, True), (10.0, False)):
        network = models.GCN(n_layers=2, n_nodes=8, hidden=(8,), pooling="sum", reach=reach, scale_inputs=False)
        surrogate = models.build(network, 4, 32.0)
        changed = surrogate(near.astype("float32")) != surrogate(far.astype("float32"))
        assert bool(changed[0]) != blind


def test_the_largest_of_the_embeddings():
    surrogate = models.build(models.GCN(n_layers=1, n_nodes=8, hidden=(8,), pooling="max"), 6, BOX)
    core = surrogate.get_layer("core")
    inputs = [np.asarray(part) for part in representations.arrays(surrogate.get_layer("representation"), POSITIONS[2])]
    embeddings = keras.Model(core.inputs, core.get_layer("graph_convolution_1").output).predict(inputs, verbose=0)
    (hidden, bias), (last, shift) = (core.get_layer(name).get_weights() for name in ("dense_1", "energy"))
    expected = np.maximum(embeddings.max(axis=1) @ hidden + bias, 0) @ last + shift
    np.testing.assert_allclose(core.predict(inputs, verbose=0), expected, rtol=1e-4, atol=1e-5)


def test_the_head_of_the_dgcnn():
    positions = np.random.default_rng(7).random((30, 11, 2)).astype("float32") * 9
    network = models.GCN(n_layers=2, n_nodes=8, hidden=(8,), head="convolution")
    surrogate = models.build(network, 11, 9.0)
    core = surrogate.get_layer("core")
    one, two = core.get_layer("convolution_1"), core.get_layer("convolution_2")
    assert one.kernel.shape == (17, 1, 16) and one.strides == (17,)
    assert two.kernel.shape == (5, 16, 32)
    assert one.output.shape == (None, 11, 16) and core.get_layer("maximum").output.shape == (None, 5, 16)
    assert core.get_layer("flatten").output.shape == (None, 32)
    energies = np.asarray(surrogate(positions))
    assert energies.shape == (30,) and energies.std() > 1e-3
    np.testing.assert_allclose(surrogate(positions[:, ::-1]), energies, rtol=1e-3, atol=1e-3 * energies.std())
    with pytest.raises(ValueError, match="^head = 'convolution': it is for 10 atoms or more; give 'dense' for 9"):
        models.build(network, 9, 9.0)
    with pytest.raises(ValueError, match="^head = 'convolution': pooling = 'mean' lists no atoms; give 'sort'"):
        models.GCN(head="convolution", pooling="mean")
