"""Local minima, and the random atoms a search begins with."""

import numpy as np
import pytest

from surrogates import data, potentials, search
from surrogates.search import minima, moves
from tests.search import THREE_BODIES

LJ = potentials.LennardJones()


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("n_atoms", [1, 2, 32, 50])
def test_random_starts_keep_their_atoms_apart(n_atoms, dimensions):
    rng = np.random.default_rng(0)
    first, second = (search.random_start(n_atoms, rng, dimensions=dimensions) for _ in range(2))
    assert first.shape == (n_atoms, dimensions)
    assert not np.array_equal(first, second)
    if n_atoms > 1:
        assert potentials.pair_distances(first).min() >= minima.APART
    assert first.max() <= (2 * n_atoms) ** (1 / dimensions)
    again = search.random_start(n_atoms, np.random.default_rng(0), dimensions=dimensions)
    np.testing.assert_array_equal(first, again)


def test_other_dimensions_are_refused():
    with pytest.raises(ValueError, match="^dimensions = 4: give one of 2, 3"):
        search.random_start(3, np.random.default_rng(0), dimensions=4)


def test_searches_with_one_seed_begin_with_the_same_atoms():
    start, rng = search.seeded_start(7, 3)
    again = minima.seeded_random(7, 3)
    np.testing.assert_array_equal(start, search.random_start(7, again))
    assert rng.random() == again.random(), "the random numbers go on behind the start"
    assert not np.array_equal(start, search.seeded_start(7, 4)[0])


def test_the_start_of_a_seed_is_the_one_it_always_was():
    """What is stored began with it."""
    expected = [[0.145405, 2.907745], [2.990218, 1.782925]]
    np.testing.assert_allclose(search.seeded_start(7, 0)[0][:2], expected, atol=1e-6)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_relaxed_structure_has_no_forces(dimensions):
    start = search.random_start(19, np.random.default_rng(5), dimensions=dimensions)
    found = search.relax(LJ, start)
    energy, forces = LJ(found.positions)
    assert found.positions.shape == (19, dimensions)
    assert energy == found.energy < LJ(start)[0]
    assert np.abs(forces).max() < 1e-3


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_where_a_potential_breaks_down_there_is_no_minimum(value):
    """Below -2 it has no energy: from above, every relaxation comes to that."""

    def broken(positions):
        energy, forces = LJ(positions)
        return (energy if energy > -2 else value), forces

    start = search.random_start(7, np.random.default_rng(0))
    assert LJ(start)[0] > -2 > search.relax(LJ, start).energy
    found = search.relax(broken, start)
    assert found.energy == np.inf
    np.testing.assert_array_equal(found.positions, start)
    visited = search.BasinHopping().minimise(broken, start, np.random.default_rng(0), hops=5)
    assert len(visited) == 6
    assert all(found.energy > -2 and np.isfinite(found.positions).all() for found in visited)
    assert not search.CMAES(calls=100).minimise(
        lambda x: (np.full(len(x), value), None), start, np.random.default_rng(0)
    ), "no structure was better than none"


@pytest.mark.parametrize("true", [LJ, THREE_BODIES])
def test_atoms_in_one_place_are_no_start(true):
    assert search.relax(true, np.zeros((3, 2))).energy == np.inf


def test_energies_of_float32_are_relaxed_to_the_end():
    """L-BFGS takes two equal energies for the end, which with few digits come on slopes as well."""

    def rounded(positions):  # as a surrogate gives them
        energy, forces = LJ(positions.astype("float32"))
        target = data.linear_log(energy).astype("float32")
        return float(data.targets.energy_from_linear_log(target)), forces.astype("float32")

    rng = np.random.default_rng(0)
    cluster = search.relax(LJ, search.random_start(32, rng)).positions
    unfinished = 0
    for _ in range(60):
        found = search.relax(rounded, moves.over_the_surface(cluster, 2, rng))
        unfinished += search.relax(LJ, found.positions).energy < found.energy - 0.01
    assert unfinished <= 2, "without restarts there are nine"


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 2), (6,), (0, 2)])
def test_what_is_no_structure_is_refused(shape):
    with pytest.raises(ValueError, match=r"give positions \(atoms, 2 or 3\)"):
        search.relax(LJ, np.ones(shape))
    with pytest.raises(ValueError, match=r"give positions \(atoms, 2 or 3\) of two atoms"):
        minima.one_structure(np.ones(shape))
