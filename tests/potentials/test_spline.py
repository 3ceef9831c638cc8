"""The spline that contains the truth."""

import numpy as np
import pytest

from surrogates import data, potentials, search


@pytest.fixture(scope="module")
def splits():
    return data.simulate(data.Data("low", sizes=(600, 1, 500)))


@pytest.fixture(scope="module")
def fitted(splits):
    return potentials.fit_spline(splits.train)


def test_it_finds_the_pair_energy_from_total_energies(fitted, splits):
    distance = np.array([1.0, 2 ** (1 / 6), 1.5, 2.0, 3.0, 8.0])
    np.testing.assert_allclose(fitted.pair_energy(distance), potentials.LennardJones().pair_energy(distance), atol=5e-3)
    energies, _ = fitted(splits.test.positions)
    assert np.abs(energies - splits.test.energies).mean() < 2e-3


def test_it_vanishes_smoothly_at_the_cutoff(fitted):
    distance = potentials.CUTOFF + np.array([-1e-3, 0.0, 1e-3, 5.0])
    np.testing.assert_allclose(fitted.pair_energy(distance), 0, atol=1e-9)


def test_closer_than_any_pair_of_the_training_structures_it_is_a_straight_line(fitted):
    distance = fitted.closest - np.array([0.1, 0.2, 0.3])
    steps = np.diff(fitted.pair_energy(distance))
    assert steps[0] == pytest.approx(steps[1], rel=1e-9)
    assert steps[0] > 0


def test_forces_are_the_numerical_gradient(fitted):
    start = search.random_start(7, np.random.default_rng(0))
    steps = 1e-5 * np.eye(14).reshape(14, 7, 2)
    expected = -(fitted(start + steps)[0] - fitted(start - steps)[0]).reshape(7, 2) / 2e-5
    energy, forces = fitted(start)
    assert np.ndim(energy) == 0
    np.testing.assert_allclose(forces, expected, rtol=1e-4, atol=1e-5)


def test_it_leads_to_the_lowest_structure(fitted):
    rng = np.random.default_rng(0)
    visited = search.BasinHopping().minimise(fitted, search.random_start(7, rng), rng, hops=100)
    best = min(visited, key=lambda found: found.energy)
    assert search.relax(potentials.LennardJones(), best.positions).energy == pytest.approx(
        search.lowest_known(7), abs=1e-4
    )


def test_high_energies_are_refused():
    splits = data.simulate(data.Data("full", sizes=(50, 1, 1)))
    with pytest.raises(ValueError, match=r"energies up to .*: a spline is fitted to structures with V < 0"):
        potentials.fit_spline(splits.train)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_forces_of_few_structures_tell_the_pair_energy(dimensions):
    true, asked = potentials.LennardJones(), []

    def recorded(positions):
        if len(asked) == 12:
            return np.nan, np.zeros_like(positions)
        energy, forces = true(positions)
        asked.append((positions.copy(), energy, forces))
        return energy, forces

    search.relax(recorded, search.seeded_start(20, 1, dimensions)[0])
    positions, energies, forces = map(np.array, zip(*asked, strict=True))
    low = energies <= energies[0]
    structures = data.Structures(positions[low], energies[low])
    fitted = potentials.fit_spline(structures, forces=forces[low])
    distance = np.array([1.0, 2 ** (1 / 6), 1.5, 2.0, 3.0])
    error = np.abs(fitted.pair_energy(distance) - true.pair_energy(distance)).max()
    assert error < 0.02
    wrong = potentials.fit_spline(structures, forces=-forces[low])
    assert np.abs(wrong.pair_energy(distance) - true.pair_energy(distance)).max() > 10 * error, "they are made use of"


def test_a_spline_keeps_its_wall_however_many_minima_are_known():
    """Minima have many pairs near the lowest energy and few that are closer, whose coefficients are far larger."""
    rng = np.random.default_rng(0)
    potential = potentials.LennardJones()
    found = search.relax(potential, search.random_start(13, rng, 3)).positions
    squeezed = [share * found for share in (0.78, 0.8, 0.84, 0.88, 0.92, 0.96, 1.0)]
    positions = np.array(squeezed + [found + 1e-4 * rng.standard_normal(found.shape) for _ in range(300)])
    energies, forces = potential(positions)
    pair = np.zeros((1, 2, 3))
    pair[0, 1, 0] = 0.9
    _, expected = potential(pair)
    off = {}
    for scaled in (False, True):
        fitted = potentials.fit_spline(data.Structures(positions, energies), 150, forces, scaled=scaled)
        off[scaled] = abs(fitted(pair)[1] / expected - 1)[0, 1, 0]
    assert off[True] < 0.01 and off[False] > 0.3
