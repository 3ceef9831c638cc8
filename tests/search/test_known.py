"""The lowest known energies."""

import pandas as pd
import pytest

from surrogates import potentials, search
from surrogates.store import provenance


def test_known_energies():
    assert search.lowest_known(32) == pytest.approx(-82.970, abs=1e-3)
    with pytest.raises(ValueError, match="n_atoms = 1000: the lowest energy is known for 3, 4, "):
        search.lowest_known(1000)


def test_the_known_energies_fall_with_the_number_of_atoms():
    file = provenance.root() / "data" / "lj2d_putative_minima.csv"
    known = pd.read_csv(file, comment="#", index_col="n_atoms").energy
    assert known.index.is_monotonic_increasing
    assert known.is_monotonic_decreasing
    assert [search.lowest_known(n) for n in known.index] == known.tolist()


def test_the_problem_of_lennard_jones_atoms():
    problem = search.lennard_jones_problem(7)
    assert problem == search.Problem(potentials.LennardJones(), 7, search.lowest_known(7) + search.TOLERANCE)
    assert problem.dimensions == 2
