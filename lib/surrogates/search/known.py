"""The lowest structures that are known of Lennard-Jones clusters.

Those in two dimensions stand in ``data/lj2d_putative_minima.xyz``, extended XYZ that any reader of it takes; in three
there are energies of others, :data:`IN_SPACE`. The file is written by

    python -m surrogates.search.known

which searches from nothing, and takes about ten minutes.
"""

import functools
from pathlib import Path

import numpy as np
import pandas as pd

from surrogates.potentials import LennardJones
from surrogates.search.basin_hopping import BasinHopping
from surrogates.search.problem import Problem
from surrogates.store import provenance

MINIMA = "lj2d_putative_minima.xyz"
TOLERANCE = 1e-4  # in epsilon; what the known energies are good to
SIZES = (*range(3, 41), 45, 50)
SEARCHES, HOPS = 8, 10  # of each size, and hops for each atom
METHOD = BasinHopping(tolerance=0.1, pockets=True)

IN_SPACE = {5: -9.103852, 7: -16.505384, 13: -44.326801, 38: -173.928427}
"""In three dimensions, by number of atoms, in epsilon: the Cambridge Cluster Database of D. J. Wales and others,
www-wales.ch.cam.ac.uk/CCD.html. No structure is taken from there: a search has to find its own."""


@functools.cache
def known_minima() -> pd.DataFrame:
    """By number of atoms: "energy", "agreed", how many independent "searches" ended there, and "positions".

    Raises FileNotFoundError outside of a copy of the repository.
    """
    from ase import io

    try:
        frames = io.read(_file(), ":", format="extxyz")
    except FileNotFoundError:
        raise FileNotFoundError(
            f"The lowest known structures in two dimensions stand in data/{MINIMA} of a copy of the companion's "
            f"repository, and {Path.cwd()} lies in none that has it: change into one, or give a goal of your own, "
            "Problem(LennardJones(), n_atoms, goal)."
        ) from None
    rows = [
        [frame.info["energy_lj"], frame.info["agreed"], frame.info["searches"], frame.positions[:, :2]]
        for frame in frames
    ]
    index = pd.Index([len(frame) for frame in frames], name="n_atoms")
    return pd.DataFrame(rows, index=index, columns=["energy", "agreed", "searches", "positions"])


def lowest_known(n_atoms: int, dimensions: int = 2) -> float:
    """The lowest energy that is known, in three dimensions one that is :data:`IN_SPACE`.

    Raises ValueError where none is.
    """
    energies = known_minima().energy.to_dict() if dimensions == 2 else IN_SPACE
    if n_atoms not in energies:
        raise ValueError(f"n_atoms = {n_atoms}: the lowest energy is known for {', '.join(map(str, energies))}.")
    return float(energies[n_atoms])


def lennard_jones_problem(n_atoms: int, dimensions: int = 2) -> Problem:
    """Find the lowest known structure of so many Lennard-Jones atoms in two or three dimensions, within ``TOLERANCE``.

    In three dimensions few energies are stored; for others give a :class:`Problem` its goal.
    """
    return Problem(LennardJones(), n_atoms, lowest_known(n_atoms, dimensions) + TOLERANCE, dimensions)


def _file() -> Path:
    return provenance.root() / "data" / MINIMA


def find(sizes=SIZES) -> list:
    """Search for the lowest structures of so many atoms, and return them as :class:`ase.Atoms`."""
    from ase import Atoms

    from surrogates.search.trajectory import reference

    frames = []
    for n_atoms in sizes:
        found = reference(LennardJones(), n_atoms, range(SEARCHES), HOPS * n_atoms, method=METHOD)
        flat = np.array(found["positions"])
        frame = Atoms(f"X{n_atoms}", np.column_stack([flat - flat.mean(axis=0), np.zeros(n_atoms)]))
        frame.info = {"energy_lj": round(found["energy"], 6), "agreed": found["seeds"], "searches": SEARCHES}
        frames.append(frame)
        print(n_atoms, frame.info, flush=True)
    return frames


if __name__ == "__main__":
    from ase import io

    io.write(_file(), find(), format="extxyz")
