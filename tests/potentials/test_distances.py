"""Distances of pairs of atoms."""

import numpy as np

from surrogates import potentials

LJ = potentials.LennardJones()


def test_pair_distances_and_the_closest_pair():
    positions = np.random.default_rng(4).random((2300, 5, 2)) * 8
    distances = potentials.pair_distances(positions)
    assert distances.shape == (2300, 10)
    expected = [np.hypot(*(positions[7, i] - positions[7, j])) for i in range(5) for j in range(i + 1, 5)]
    np.testing.assert_allclose(distances[7], expected)
    np.testing.assert_array_equal(potentials.closest_pair(positions), distances.min(axis=1))
    total = LJ.pair_energy(distances).sum(axis=1)
    np.testing.assert_allclose(LJ.energy(positions), total, rtol=1e-9)


def test_pair_distances_of_the_nearest_images():
    positions = np.random.default_rng(5).random((20, 4, 2)) * 8
    found = potentials.pair_distances(positions, period=8.0)
    images = np.array([[x, y] for x in (-8, 0, 8) for y in (-8, 0, 8)])
    i, j = np.triu_indices(4, 1)
    apart = positions[:, i, None] - positions[:, j, None] + images
    np.testing.assert_allclose(found, np.linalg.norm(apart, axis=-1).min(axis=-1))
    assert (found < potentials.pair_distances(positions)).any()
    moved = (positions + np.array([3.0, 5.0])) % 8.0
    np.testing.assert_allclose(potentials.pair_distances(moved, period=8.0), found)


def test_in_space_every_axis_counts():
    positions = np.random.default_rng(6).random((3, 4, 3))
    i, j = np.triu_indices(4, 1)
    expected = np.sqrt(((positions[:, i] - positions[:, j]) ** 2).sum(axis=-1))
    np.testing.assert_allclose(potentials.pair_distances(positions), expected)
    np.testing.assert_array_equal(potentials.closest_pair(positions), potentials.pair_distances(positions).min(axis=1))
