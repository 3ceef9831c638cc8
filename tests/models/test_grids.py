"""Other grids, against loops that spell them out, and convolutions at the occupied cells against dense ones."""

import numpy as np
import pytest

from surrogates import models
from surrogates.data import symmetry
from surrogates.models import grids, representations, sparse
from surrogates.models.backend import keras, layers

BOX, CELLS = 6.0, 8


@pytest.fixture
def crowded(positions):
    """The structures of the fixture, and some with several atoms in a cell, with atoms at the edge and outside."""
    outside = positions[:3] * 1.5 - 1.0
    return np.concatenate([positions, positions[:10] * 0.2, outside]).astype("float32")


def by_cells(structure):
    """Of a structure ``(atoms, 2)``, the atoms of each occupied cell (row, column)."""
    found = {}
    for atom, (x, y) in enumerate(structure):
        row, column = (min(max(int(np.floor(v / BOX * CELLS)), 0), CELLS - 1) for v in (y, x))
        found.setdefault((row, column), []).append(atom)
    return found


def spelled_out(told, structure):
    occupied = by_cells(structure)
    if told == "distance":
        return np.array(
            [[[min(np.hypot(i - r, j - c) for r, c in occupied)] for j in range(CELLS)] for i in range(CELLS)]
        )
    grid = np.zeros((CELLS, CELLS, 3 if told == "offsets" else 1))
    for (row, column), atoms in occupied.items():
        if told == "occupancy":
            grid[row, column] = 1
        elif told == "offsets":
            centre = (np.array([column, row]) + 0.5) * BOX / CELLS
            grid[row, column] = [1, *((structure[atoms] - centre).mean(axis=0) * CELLS / BOX)]
        else:
            nearest = [
                min(np.linalg.norm(structure[a] - structure[b]) for b in range(len(structure)) if b != a) for a in atoms
            ]
            grid[row, column] = -np.log(nearest).mean()
    return grid


@pytest.mark.parametrize("told", grids.GRIDS)
def test_grids_against_loops(told, crowded):
    layer = models.CNN(cells=CELLS, grid=told).representation(BOX)
    found = representations.arrays(layer, crowded)
    expected = np.array([spelled_out(told, structure.astype(float)) for structure in crowded])
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_a_grid_that_is_told_of_occupancy_alone_is_the_occupancy_grid(crowded):
    one = representations.arrays(grids.CellGrid(BOX, CELLS, "occupancy"), crowded)
    np.testing.assert_array_equal(one, representations.arrays(models.OccupancyGrid(BOX, CELLS), crowded))


def test_distances_of_cells_say_which_are_occupied_and_nothing_else(crowded):
    layer = grids.DistanceGrid(BOX, CELLS)
    found = representations.arrays(layer, crowded)
    np.testing.assert_array_equal(found == 0, representations.arrays(models.OccupancyGrid(BOX, CELLS), crowded) == 1)
    inside = np.clip(crowded, 0, BOX)
    other = representations.redrawn(inside, BOX, CELLS, np.random.default_rng(0))
    np.testing.assert_array_equal(representations.arrays(layer, other), representations.arrays(layer, inside))


@pytest.mark.parametrize("told", ["offsets", "nearest"])
def test_other_grids_tell_more_than_which_cells_are_occupied(told, positions):
    layer = grids.CellGrid(BOX, CELLS, told)
    other = representations.redrawn(positions, BOX, CELLS, np.random.default_rng(0))
    assert np.abs(representations.arrays(layer, other) - representations.arrays(layer, positions)).max() > 0.1


def test_coincident_atoms_have_finite_grids_and_one_atom_no_nearest():
    for told in grids.GRIDS:
        layer = models.CNN(cells=CELLS, grid=told).representation(BOX)
        assert np.isfinite(representations.arrays(layer, np.zeros((2, 5, 2)))).all()
    with pytest.raises(ValueError, match="grid = 'nearest': a single atom has no nearest other one"):
        models.build(models.CNN(cells=CELLS, grid="nearest"), 1, BOX)


@pytest.mark.parametrize("layer", [grids.DistanceGrid(BOX, CELLS), grids.CellGrid(BOX, CELLS, "offsets")])
def test_grids_are_for_a_plane(layer):
    with pytest.raises(ValueError, match=r"\(30, 6, 3\): an occupancy grid is for \(\.\.\., atoms, 2\)"):
        representations.arrays(layer, np.zeros((30, 6, 3)))


def test_orientations_of_the_training_structures_are_those_of_the_square(positions):
    many, copies = models.CNN(orientations=8).copies(positions, BOX, seed=0)
    assert copies == 8
    many = many.reshape(len(positions), 8, 6, 2)
    np.testing.assert_array_equal(many[:, 0], positions)
    assert many.min() >= 0 and many.max() <= BOX
    middle = BOX / 2
    square = [np.diag([1 - 2 * a, 1 - 2 * b])[order] for a, b in np.ndindex(2, 2) for order in ([0, 1], [1, 0])]
    for structure, of_one in zip(positions, many, strict=True):
        wanted = [(structure - middle) @ matrix + middle for matrix in square]
        found = {next(k for k, w in enumerate(wanted) if np.allclose(w, copy)) for copy in of_one}
        assert found == set(range(8))
    np.testing.assert_array_equal(symmetry.orientations(positions, BOX), many)


def sites_and_weights(told, kernel, crowded):
    network = models.SparseCNN(cells=CELLS, filters=(4, 5, 6), kernel=kernel, hidden=(8,), grid=told)
    surrogate = models.build(network, 6, BOX)
    core = surrogate.get_layer("core")
    rng = np.random.default_rng(1)
    core.set_weights([rng.normal(0.1, 0.4, weight.shape) for weight in core.get_weights()])
    return surrogate, core, representations.arrays(surrogate.get_layer("representation"), crowded)


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("told", grids.TOLD)
def test_sparse_convolutions_are_dense_ones_where_cells_are_occupied(told, kernel, crowded):
    surrogate, core, inputs = sites_and_weights(told, kernel, crowded)
    occupied = representations.arrays(models.OccupancyGrid(BOX, CELLS), crowded)
    assert (occupied.sum(axis=(1, 2, 3)) < 6).any(), "no atoms share a cell"
    dense = representations.arrays(grids.CellGrid(BOX, CELLS, told), crowded)
    for i, channels in enumerate((4, 5, 6), 1):
        layer = layers.Conv2D(channels, kernel, padding="same", activation="relu")
        layer.build(dense.shape)
        layer.set_weights(core.get_layer(f"convolution_{i}").get_weights())
        dense = np.asarray(layer(dense)) * occupied
    expected = np.concatenate([dense.sum(axis=(1, 2)), dense.max(axis=(1, 2))], axis=1)
    pooled = keras.Model(core.inputs, core.get_layer("over_sites").output).predict(inputs, verbose=0)
    np.testing.assert_allclose(pooled, expected, rtol=2e-5, atol=2e-5 * np.abs(expected).max())
    (hidden, bias), (last, shift) = (core.get_layer(name).get_weights() for name in ("dense_1", "energy"))
    energies = (np.maximum(expected @ hidden + bias, 0) @ last + shift)[:, 0]
    np.testing.assert_allclose(surrogate(crowded), energies, rtol=1e-4, atol=1e-4 * np.abs(energies).max())
    assert energies.std() > 0.1


def test_places_are_small_and_those_in_a_kernel():
    positions = np.array([[[0.5, 0.5], [1.5, 0.5], [0.6, 0.7], [2.5, 1.5]]])  # the third in the cell of the first
    features, places = representations.arrays(sparse.Sites(4.0, 4, 3, "occupancy"), positions)
    assert places.dtype == np.int8
    np.testing.assert_array_equal(features, np.ones((1, 4, 1)))
    np.testing.assert_array_equal(places[0], [[5, 6, 0, 0], [4, 5, 0, 9], [0, 0, 0, 0], [0, 1, 0, 5]])


def test_atoms_in_one_cell_count_once():
    surrogate = sites_and_weights("occupancy", 3, np.zeros((1, 6, 2), "float32"))[0]
    three = np.array([[0.1, 0.1], [0.9, 0.1], [5.0, 3.0]])
    twice = np.concatenate([three, three + 0.05])
    other = np.concatenate([three, three[[0, 0, 1]] + 0.05])
    found = np.asarray(surrogate(np.stack([twice, other, other[::-1]]).astype("float32")))
    np.testing.assert_allclose(found, found[0], rtol=1e-5)
