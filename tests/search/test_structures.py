"""The search for structures of low energy: its counting, its moves, what it finds, what it refuses."""

import functools
import json

import numpy as np
import pandas as pd
import pytest
from ase.calculators.lj import LennardJones

from surrogates import data, potentials
from surrogates.search import structures, trials
from surrogates.store.provenance import root

LJ = potentials.LennardJones()

LOWEST_OF_7 = trials.known(7)


def test_calls_are_counted_by_purpose():
    counted = potentials.Counted(LJ)
    positions = np.random.default_rng(0).random((5, 4, 2)) * 4
    counted(positions)
    counted(positions[0])
    with counted.counting("labels"):
        counted(positions)
        with counted.counting("checks"):
            counted(positions[:2])
    counted(positions[0])
    assert counted.calls == {"search": 7, "labels": 5, "checks": 2}


def test_the_best_structure_and_when_it_was_found():
    energies = iter([3.0, np.nan, 2.0, 2.5, -1.0, -np.inf])
    counted = potentials.Counted(lambda positions: (np.float64(next(energies)), np.zeros_like(positions)))
    assert counted.lowest.energy == np.inf
    for k in range(6):
        counted(np.full((2, 2), float(k)))
    assert [(calls, found.energy) for calls, found in counted.best] == [(1, 3.0), (3, 2.0), (5, -1.0)]
    np.testing.assert_array_equal(counted.lowest.positions, np.full((2, 2), 4.0))
    assert [counted.until(energy) for energy in (3.0, 2.5, 0.0, -1.0, -2.0)] == [1, 3, 5, 5, None]
    assert counted.calls == {"search": 6, "not finite": 2}


def test_what_is_kept_does_not_change_with_the_array_that_was_given():
    counted = potentials.Counted(LJ)
    positions = np.array([[0.0, 0.0], [1.2, 0.0]])
    counted(positions)
    positions += 7
    np.testing.assert_array_equal(counted.lowest.positions, [[0.0, 0.0], [1.2, 0.0]])


def test_a_calculator_of_ase_is_a_potential():
    learned = potentials.FromASE(LennardJones(rc=1e4))
    positions = structures.random_start(6, np.random.default_rng(3))
    several = np.stack([positions, 1.1 * positions])
    for given in (positions, several):
        for one, other in zip(learned(given), LJ(given), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    found = structures.relax(learned, positions)
    assert found.energy == pytest.approx(structures.relax(LJ, positions).energy, abs=1e-6)


@pytest.mark.parametrize("n_atoms", [1, 2, 32, 50])
def test_random_starts_keep_their_atoms_apart(n_atoms):
    rng = np.random.default_rng(0)
    first, second = (structures.random_start(n_atoms, rng) for _ in range(2))
    assert first.shape == (n_atoms, 2)
    assert not np.array_equal(first, second)
    if n_atoms > 1:
        assert potentials.pair_distances(first).min() >= structures.APART
    assert first.max() <= np.sqrt(2 * n_atoms)
    np.testing.assert_array_equal(first, structures.random_start(n_atoms, np.random.default_rng(0)))


def test_more_atoms_than_fit_are_refused():
    with pytest.raises(ValueError, match=r"n_atoms = 32: in a box of side 2 only \d+ atoms were placed .* larger box"):
        structures.random_start(32, np.random.default_rng(0), box=2)
    with pytest.raises(ValueError, match="^box = -1: give"):
        structures.random_start(3, np.random.default_rng(0), box=-1)


def test_a_relaxed_structure_has_no_forces():
    start = structures.random_start(19, np.random.default_rng(5))
    found = structures.relax(LJ, start)
    energy, forces = LJ(found.positions)
    assert energy == found.energy < LJ.energy(start)
    assert np.abs(forces).max() < 1e-3


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_where_a_potential_breaks_down_there_is_no_minimum(value):
    """Below -2 it has no energy: from above, every relaxation comes to that."""

    def broken(positions):
        energy, forces = LJ(positions)
        return (energy if energy > -2 else value), forces

    start = structures.random_start(7, np.random.default_rng(0))
    assert LJ.energy(start) > -2 > structures.relax(LJ, start).energy
    found = structures.relax(broken, start)
    assert found.energy == np.inf
    np.testing.assert_array_equal(found.positions, start)
    visited = structures.hop(broken, start, structures.Hopping(), np.random.default_rng(0), hops=5)
    assert len(visited) == 6
    assert all(found.energy > -2 and np.isfinite(found.positions).all() for found in visited)
    evolution = structures.Evolution(calls=100)
    assert not structures.evolve(
        lambda x: (np.full(len(x), value), None), start, evolution, np.random.default_rng(0)
    ), "no structure was better than none"


@pytest.mark.parametrize("true", [LJ, (LJ + potentials.AxilrodTeller(0.5))])
def test_atoms_in_one_place_are_no_start(true):
    start = np.zeros((3, 2))
    assert structures.relax(true, start).energy == np.inf


def test_energies_of_float32_are_relaxed_to_the_end():
    """L-BFGS takes two equal energies for the end, which with few digits come on slopes as well."""

    def rounded(positions):  # as a surrogate gives them
        energy, forces = LJ(positions.astype("float32"))
        target = data.linear_log(energy).astype("float32")
        return float(data.energy_from_linear_log(target)), forces.astype("float32")

    rng = np.random.default_rng(0)
    cluster = structures.relax(LJ, structures.random_start(32, rng)).positions
    unfinished = 0
    for _ in range(60):
        found = structures.relax(rounded, structures.over_the_surface(cluster, 2, rng))
        unfinished += structures.relax(LJ, found.positions).energy < found.energy - 0.01
    assert unfinished <= 2, "without restarts there are nine"


@pytest.mark.parametrize("n_atoms", [0, 1])
def test_one_atom_is_nothing_to_search(n_atoms):
    with pytest.raises(ValueError, match="give positions .* of two atoms or more"):
        structures.hop(LJ, np.zeros((n_atoms, 2)), structures.Hopping(), np.random.default_rng(0))


def test_cma_es_leaves_the_global_random_numbers_alone():
    before = np.random.get_state()[1]  # noqa: NPY002
    start = structures.random_start(3, np.random.default_rng(0))

    def end(seed):
        evolution, rng = structures.Evolution(calls=200), np.random.default_rng(seed)
        return structures.evolve(LJ, start, evolution, rng)[-1].energy

    ends = [end(5), end(5)]
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert ends[0] == ends[1] != end(6)


def test_a_surface_step_moves_atoms_to_the_outside():
    rng = np.random.default_rng(0)
    cluster = structures.relax(LJ, structures.random_start(19, rng)).positions
    for atoms in (1, 2, 3):
        moved = structures.over_the_surface(cluster, atoms, rng)
        changed = (moved != cluster).any(axis=1)
        assert 1 <= changed.sum() <= atoms
        assert potentials.pair_distances(moved).min() > 0.5
    one = structures.over_the_surface(cluster, 1, rng)
    (which,) = np.flatnonzero((one != cluster).any(axis=1))
    gap = np.linalg.norm(np.delete(one, which, axis=0) - one[which], axis=1).min()
    assert gap == pytest.approx(1.0, abs=1e-9), "the atom touches the rest"


@pytest.mark.parametrize("surface", [0.0, 1.0])
def test_basin_hopping_finds_the_hexagon(surface):
    counted = potentials.Counted(LJ)
    rng = np.random.default_rng(1)
    visited = structures.hop(
        counted,
        structures.random_start(7, rng),
        structures.Hopping(surface=surface),
        rng,
        hops=500,
        stop=lambda found: found.energy <= LOWEST_OF_7 + 1e-4,
    )
    assert visited[-1].energy == pytest.approx(LOWEST_OF_7, abs=1e-4)
    assert all(found.energy > LOWEST_OF_7 + 1e-4 for found in visited[:-1])
    assert counted.until(LOWEST_OF_7 + 1e-4) <= counted.calls["search"]
    assert min(found.energy for found in visited) == visited[-1].energy


def test_basin_hopping_takes_as_many_hops_as_asked_for():
    start = structures.random_start(5, np.random.default_rng(0))
    visited = structures.hop(LJ, start, structures.Hopping(), np.random.default_rng(0), hops=4)
    assert len(visited) == 5
    again = structures.hop(LJ, start, structures.Hopping(), np.random.default_rng(0), hops=4)
    assert [found.energy for found in visited] == [found.energy for found in again]


def test_cma_es_needs_no_forces():
    counted = potentials.Counted(lambda positions: (LJ.energy(positions), None))
    start = structures.random_start(4, np.random.default_rng(2))
    better = structures.evolve(
        counted,
        start,
        structures.Evolution(calls=3000),
        np.random.default_rng(0),
        stop=lambda best: best.energy < -5.07,
    )
    energies, found = [found.energy for found in better], better[-1]
    assert energies == sorted(energies, reverse=True)
    assert found.energy == pytest.approx(-5.073421, abs=4e-3)
    assert counted.calls["search"] <= 3000 + 20
    assert found.energy == pytest.approx(LJ.energy(found.positions), abs=1e-12)


def test_the_known_energies_fall_with_the_number_of_atoms():
    known = pd.read_csv(root() / "data" / "lj2d_putative_minima.csv", comment="#", index_col="n_atoms").energy
    assert known.index.is_monotonic_increasing
    assert known.is_monotonic_decreasing


@pytest.mark.parametrize(("name", "value"), [("width", 0), ("width", np.nan), ("calls", 0), ("calls", 1.5)])
def test_an_evolution_that_cannot_be_meant_is_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} = {value}: give "):
        structures.Evolution(**{name: value})


def test_a_calculator_without_parameters_is_refused():
    with pytest.raises(ValueError, match="^calculator = .*: it has no parameters"):
        structures.described(potentials.FromASE(object()))


def test_loose_relaxations_take_fewer_calls_and_the_lowest_minimum_is_relaxed_to_the_end():
    def visited(tolerance):
        counted, rng = potentials.Counted(LJ), np.random.default_rng(1)
        start = structures.random_start(13, rng)
        found = structures.hop(counted, start, structures.Hopping(tolerance=tolerance), rng, hops=40)
        return counted.calls["search"], min(found, key=lambda one: one.energy)

    fine, loose = visited(1e-3), visited(0.1)
    assert loose[0] < 0.9 * fine[0]
    largest = np.abs(LJ(loose[1].positions)[1]).max()
    assert largest <= 1e-3


def test_searches_with_one_seed_begin_with_the_same_atoms():
    start, rng = structures.seeded_start(7, 3)
    again = structures.seeded_random(7, 3)
    np.testing.assert_array_equal(start, structures.random_start(7, again))
    assert rng.random() == again.random(), "the random numbers go on behind the start"
    assert not np.array_equal(start, structures.seeded_start(7, 4)[0])


def test_potentials_are_told_apart():
    several = [
        LJ,
        (LJ + potentials.AxilrodTeller(0.5)),
        (LJ + potentials.AxilrodTeller(1.0)),
        potentials.FromASE(LennardJones(rc=5.0)),
        potentials.FromASE(LennardJones(rc=6.0)),
        potentials.FromASE(LennardJones(rc=6.0), "Ar"),
    ]
    words = [json.dumps(structures.described(each)) for each in several]
    assert len(set(words)) == len(several)
    assert words[0] == '{"kind": "surrogates.potential.energy_and_forces"}'
    assert words[1] == json.dumps(structures.described(LJ + potentials.AxilrodTeller(0.5)))
    assert words[1] == '{"kind": "surrogates.three_body.AxilrodTeller", "strength": 0.5}'


def of_a_notebook(positions):
    """As a function that is written in a cell."""


of_a_notebook.__module__ = "__main__"


@pytest.mark.parametrize(
    "nameless",
    [
        lambda positions: None,
        functools.partial(LJ.energy),
        of_a_notebook,
        potentials.Counted(LJ),
        potentials.AxilrodTeller,
    ],
)
def test_a_potential_without_a_name_of_its_own_is_refused(nameless):
    with pytest.raises(ValueError, match="^true = .*: its name does not tell it from others"):
        structures.described(nameless)


@pytest.mark.parametrize(
    ("name", "value"), [("temperature", 0), ("shake", -1.0), ("atoms", 0), ("surface", 1.5), ("surface", -0.1)]
)
def test_a_setting_that_cannot_be_meant_is_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} = {value}: give "):
        structures.Hopping(**{name: value})
