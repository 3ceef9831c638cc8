"""Powers of one's own choice: known cases, the well, coincident atoms."""

import numpy as np
import pytest

from surrogates import potentials

POSITIONS = np.random.default_rng(0).random((20, 7, 3)) * 4


def test_twelve_and_six_are_lennard_jones():
    energies, forces = potentials.Mie(12, 6, 1.1, 0.7)(POSITIONS)
    expected, pulls = potentials.LennardJones(1.1, 0.7)(POSITIONS)
    np.testing.assert_allclose(energies, expected, rtol=1e-10)
    largest = np.abs(pulls).max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(forces / largest, pulls / largest, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("n", "m"), [(12, 6), (9, 3), (12, 4), (7.5, 7)])
def test_the_well_of_a_pair_is_as_deep_as_said_and_where_the_powers_say(n, m):
    potential = potentials.Mie(n, m, sigma=1.3, epsilon=0.4)
    lowest = 1.3 * (n / m) ** (1 / (n - m))
    assert potential.pair_energy(lowest) == pytest.approx(-0.4, rel=1e-12)
    assert (potential.pair_energy(lowest * np.array([0.99, 1.01])) > -0.4).all()
    assert potential.pair_energy(1.3) == 0
    np.testing.assert_allclose(potential([[0.0, 0.0], [lowest, 0.0]])[1], 0.0, atol=1e-12)
    far = potential.pair_energy(np.array([100.0, 200.0]))
    assert far[0] / far[1] == pytest.approx(2**m, rel=0.1)


def test_coincident_atoms_give_infinity():
    energy, forces = potentials.Mie(9, 3)(np.zeros((2, 2)))
    assert energy == np.inf
    assert (forces == np.inf).all()


@pytest.mark.parametrize(("n", "m"), [(6, 6), (6, 12), (0, -1), (12, 0), (np.inf, 6)])
def test_powers_that_cannot_be_meant_are_refused(n, m):
    with pytest.raises(ValueError, match=r"^(repulsive|attractive) = .*: give a "):
        potentials.Mie(n, m)
