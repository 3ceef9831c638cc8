"""The lowest known structures."""

import numpy as np
import pytest

from surrogates import potentials, search
from surrogates.search import known


def test_known_energies():
    assert search.lowest_known(32) == pytest.approx(-82.970, abs=1e-3)
    with pytest.raises(ValueError, match="n_atoms = 1000: the lowest energy is known for 3, 4, "):
        search.lowest_known(1000)


def test_the_stored_structures_have_their_energies_and_are_minima():
    table = search.known_minima()
    assert table.index.tolist() == list(known.SIZES)
    assert table.energy.is_monotonic_decreasing
    assert (table.agreed >= 1).all() and (table.agreed <= table.searches).all()
    for n_atoms, row in table.iterrows():
        energy, forces = potentials.LennardJones()(row.positions)
        assert row.positions.shape == (n_atoms, 2)
        assert energy == pytest.approx(row.energy, abs=1e-5)
        assert np.abs(forces).max() < 0.01
        assert search.lowest_known(n_atoms) == row.energy


def test_small_ones_are_found_again(monkeypatch):
    monkeypatch.setattr(known, "SEARCHES", 2)
    (frame,) = known.find([5])
    assert frame.info == {"energy_lj": pytest.approx(search.lowest_known(5), abs=1e-6), "agreed": 2, "searches": 2}
    assert len(frame) == 5 and not frame.positions[:, 2].any()


def test_the_problem_of_lennard_jones_atoms():
    problem = search.lennard_jones_problem(7)
    assert problem == search.Problem(potentials.LennardJones(), 7, search.lowest_known(7) + search.TOLERANCE)
    assert problem.dimensions == 2


def test_outside_of_a_copy_of_the_repository_it_is_said_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    search.known_minima.cache_clear()
    with pytest.raises(FileNotFoundError, match=r"data/lj2d_putative_minima\.xyz of a copy .* or give a goal of your"):
        search.lennard_jones_problem(7)
    assert search.lennard_jones_problem(7, dimensions=3).goal == pytest.approx(known.IN_SPACE[7], abs=1e-3)


def test_published_energies_in_three_dimensions_are_found_and_are_lower():
    for n_atoms in (5, 7, 13):
        problem = search.lennard_jones_problem(n_atoms, dimensions=3)
        assert problem.dimensions == 3 and problem.goal < search.lowest_known(n_atoms)
        (trial,) = search.trials_of(problem, search.BasinHopping(pockets=True), seed=0, calls=20_000)
        assert trial.found <= trial.calls < 20_000
        assert 1 <= trial.counts["quenches"] < trial.calls / 5
        assert trial.energy == pytest.approx(known.IN_SPACE[n_atoms], abs=2e-5), "not lower either"
    with pytest.raises(ValueError, match="n_atoms = 14: the lowest energy is known for 5, 7, 13, 38"):
        search.lennard_jones_problem(14, dimensions=3)
