"""The three-body potential: known triangles, the formula with angles, forces, limits."""

import itertools

import numpy as np
import pytest

from surrogates import potentials, search

AXIS = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
TRIANGLE = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])


def by_angles(positions):
    """The sum over triples, with the cosines of their angles."""
    total = 0.0
    for triple in itertools.combinations(positions, 3):
        cosines, sides = 1.0, 1.0
        for k in range(3):
            u, v = triple[k - 1] - triple[k], triple[k - 2] - triple[k]
            cosines *= u @ v / np.linalg.norm(u) / np.linalg.norm(v)
            sides *= np.linalg.norm(u)
        total += (1 + 3 * cosines) / sides**3
    return total


@pytest.mark.parametrize(("triangle", "expected"), [(TRIANGLE, 1 + 3 / 8), (AXIS, (1 - 3) / 8)])
def test_known_triangles(triangle, expected):
    energy, _ = (potentials.LennardJones() + potentials.AxilrodTeller(2.0))(triangle)
    assert energy - potentials.LennardJones().energy(triangle) == pytest.approx(2 * expected, rel=1e-12)


@pytest.mark.parametrize("atoms", [1, 2, 3, 8])
def test_energies_are_those_of_the_formula(atoms):
    rng = np.random.default_rng(atoms)
    positions = np.stack([search.random_start(atoms, rng) for _ in range(4)]).reshape(2, 2, atoms, 2)
    energies, forces = (potentials.LennardJones() + potentials.AxilrodTeller(0.7))(positions)
    assert energies.shape == (2, 2)
    assert forces.shape == positions.shape
    for index in np.ndindex(2, 2):
        expected = potentials.LennardJones().energy(positions[index]) + 0.7 * by_angles(positions[index])
        assert energies[index] == pytest.approx(expected, rel=1e-10, abs=1e-12)


def test_forces_are_the_numerical_gradient():
    true = potentials.LennardJones() + potentials.AxilrodTeller(1.5)
    start = search.random_start(7, np.random.default_rng(1))
    steps = 1e-5 * np.eye(14).reshape(14, 7, 2)
    expected = -(true(start + steps)[0] - true(start - steps)[0]).reshape(7, 2) / 2e-5
    _, forces = true(start)
    np.testing.assert_allclose(forces, expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max())
    np.testing.assert_allclose(forces.sum(axis=0), 0, atol=1e-9 * np.abs(forces).max())


def test_turning_and_renumbering_change_nothing():
    true = potentials.LennardJones() + potentials.AxilrodTeller(1.0)
    start = search.random_start(9, np.random.default_rng(2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert true(start @ turn.T)[0] == pytest.approx(true(start)[0], rel=1e-10)
    assert true(start[::-1])[0] == pytest.approx(true(start)[0], rel=1e-10)


def test_atoms_in_one_place_have_an_infinite_energy():
    positions = np.stack([np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]), TRIANGLE])
    energies, forces = (potentials.LennardJones() + potentials.AxilrodTeller(1.0))(positions)
    assert energies[0] == np.inf
    assert np.isfinite(energies[1])
    np.testing.assert_array_equal(forces[1], (potentials.LennardJones() + potentials.AxilrodTeller(1.0))(TRIANGLE)[1])


@pytest.mark.parametrize("strength", [0, -1.0, np.nan, "much"])
def test_a_strength_that_cannot_be_meant_is_refused(strength):
    with pytest.raises(ValueError, match="^strength = .*give "):
        potentials.AxilrodTeller(strength)


def test_a_search_takes_it_as_one_argument():
    start = search.random_start(5, np.random.default_rng(0))
    found = search.relax((potentials.LennardJones() + potentials.AxilrodTeller(0.3)), start)
    assert np.abs((potentials.LennardJones() + potentials.AxilrodTeller(0.3))(found.positions)[1]).max() < 1e-3
