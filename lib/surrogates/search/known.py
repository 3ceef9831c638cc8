"""The lowest energies that are known of Lennard-Jones clusters in two dimensions."""

import functools

import pandas as pd

from surrogates.potentials import LennardJones
from surrogates.search.problem import Problem
from surrogates.store import provenance

TOLERANCE = 1e-4  # in epsilon; what the known energies are good to


@functools.cache
def _energies() -> pd.Series:
    file = provenance.root() / "data" / "lj2d_putative_minima.csv"
    return pd.read_csv(file, comment="#", index_col="n_atoms").energy


def lowest_known(n_atoms: int) -> float:
    """The lowest energy that is known, from ``data/lj2d_putative_minima.csv``. Raises ValueError where none is."""
    energies = _energies()
    if n_atoms not in energies:
        raise ValueError(f"n_atoms = {n_atoms}: the lowest energy is known for {', '.join(map(str, energies.index))}.")
    return float(energies[n_atoms])


def lennard_jones_problem(n_atoms: int) -> Problem:
    """Find the lowest known structure of so many Lennard-Jones atoms in two dimensions, within ``TOLERANCE``.

    In three dimensions no energies are stored: give a :class:`Problem` its goal.
    """
    return Problem(LennardJones(), n_atoms, lowest_known(n_atoms) + TOLERANCE)
