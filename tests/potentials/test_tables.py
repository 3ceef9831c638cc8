"""Tabulated pair energies."""

import numpy as np
import pytest

from surrogates import potentials, search


def slope(distance):
    return 4 * (-12 * distance**-13.0 + 6 * distance**-7.0)


def pair(distance):
    return potentials.LennardJones().pair_energy(distance), slope(distance)


@pytest.fixture(scope="module")
def table():
    return potentials.tabulated(pair, closest=0.9)


def test_it_meets_the_truth(table):
    distance = np.random.default_rng(0).uniform(0.9, 15.9, 1000)
    np.testing.assert_allclose(table.pair_energy(distance), potentials.LennardJones().pair_energy(distance), atol=1e-7)
    rng = np.random.default_rng(1)
    positions = np.stack([search.random_start(9, rng) * 1.2 for _ in range(5)])
    assert potentials.closest_pair(positions).min() > 0.9
    energies, forces = table(positions)
    expected = potentials.LennardJones()(positions)
    np.testing.assert_allclose(energies, expected[0], atol=1e-5)
    np.testing.assert_allclose(forces, expected[1], atol=1e-4)
    for structure, energy, force in zip(positions, energies, forces, strict=True):
        one = table(structure)
        assert np.ndim(one[0]) == 0
        assert one[0] == energy
        np.testing.assert_array_equal(one[1], force)


def test_forces_are_the_gradient_of_the_energies(table):
    """Below the first point and beyond the cutoff as well."""
    positions = np.array([[0.0, 0.0], [0.7, 0.0], [0.0, 1.2], [30.0, 0.0]])
    steps = 1e-6 * np.eye(8).reshape(8, 4, 2)
    expected = -(table(positions + steps)[0] - table(positions - steps)[0]).reshape(4, 2) / 2e-6
    np.testing.assert_allclose(table(positions)[1], expected, rtol=1e-6, atol=1e-6)
    assert not table(positions)[1][3].any()


def test_closer_than_its_first_point_it_is_a_straight_line(table):
    values = table.pair_energy(np.array([0.8, 0.6, 0.4]))
    assert np.diff(values) == pytest.approx([0.2 * -slope(0.9)] * 2)


def test_atoms_in_one_place_have_no_force_between_them(table):
    energy, forces = table(np.zeros((2, 2)))
    assert np.isfinite(energy)
    assert not forces.any()


@pytest.mark.parametrize("closest", [0, -1.0, 16.0])
def test_a_first_point_that_cannot_be_meant_is_refused(closest):
    with pytest.raises(ValueError, match="^closest = .*give"):
        potentials.tabulated(pair, closest)


def test_a_table_of_another_length_is_refused(table):
    with pytest.raises(ValueError, match=r"^slopes of shape \(3,\): give one for each of \d+ points"):
        potentials.PairTable(0.9, table.values, table.slopes[:3])


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_nowhere_is_refused(count, table):
    positions = np.zeros((count, 3, 2)) + np.arange(3)[:, None] * 2.0
    positions[0, 1] = np.nan
    with pytest.raises(ValueError, match=r"finite, at most 1e\+150, but positions\[0, 1, 0\] is nan"):
        table(positions)
