"""Structures and their energies: sampling, splits, targets, symmetry operations.

>>> from surrogates import data
>>> splits = data.simulate(data.Data(energies="low", sizes=(500, 100, 100)))
>>> data.TARGETS["linear-log"].of_energy(splits.train.energies).shape
(500,)
"""

# ruff: noqa: F401 (what is imported here is what the room gives)

from surrogates.data import symmetry
from surrogates.data.extxyz import Frames, FromFile, read_structures, write_structures
from surrogates.data.sampling import BOTH, REGIMES, SPLITS, Data, Splits, Structures, labels_needed, simulate
from surrogates.data.targets import OFFSET, TARGETS, Target, linear_log, log_energy, scaled_log
