"""Potentials: energies ``(...)`` and forces ``(..., atoms, d)`` of positions ``(..., atoms, d)``, d = 2 or 3.

>>> from surrogates import potentials
>>> energies, forces = (potentials.LennardJones() + potentials.AxilrodTeller(3.0))(positions)
"""

# ruff: noqa: F401 (what is imported here is what the room gives)

from surrogates.potentials.ase import FromASE, as_calculator
from surrogates.potentials.axilrod_teller import AxilrodTeller
from surrogates.potentials.base import (
    NONE,
    POTENTIALS,
    Counted,
    Minimum,
    Potential,
    Units,
    dimensions_of,
    forces_of,
    units_of,
)
from surrogates.potentials.calculators import elements
from surrogates.potentials.distances import closest_pair, pair_distances, pair_range
from surrogates.potentials.expansion import Expansion, fit_expansion
from surrogates.potentials.lennard_jones import LennardJones
from surrogates.potentials.mie import Mie
from surrogates.potentials.morse import Morse
from surrogates.potentials.pairwise import PairPotential
from surrogates.potentials.spline import fit_spline
from surrogates.potentials.sums import Sum
from surrogates.potentials.tables import CUTOFF, PairTable, tabulated
