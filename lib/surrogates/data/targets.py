"""What a surrogate is trained on: a transform of the energy V, with its inverse and slope.

>>> from surrogates import data
>>> target = data.TARGETS["log"]
>>> target.energy(target.of_energy(-7.25))
-7.25
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

OFFSET = 32.0  # the report's: keeps the argument of log(V + 32) positive for random structures


def log_energy(energies: np.ndarray) -> np.ndarray:
    """The report's training target, log(V + 32).

    Raises
    ------
    ValueError
        At V <= -32, where the logarithm does not exist (compact clusters of 15 atoms and more lie there).
    """
    return np.log(_above(energies) + OFFSET)


def energy_from_log(targets: np.ndarray) -> np.ndarray:
    """The inverse of :func:`log_energy`, exp(t) - 32, in float64 (float32 overflows at t > 88)."""
    return np.exp(np.asarray(targets, dtype=float)) - OFFSET


def linear_log(energies: np.ndarray) -> np.ndarray:
    """A target for both regimes: V itself below 0, log(1 + V) above.

    That continues it with the same slope. An error of the target is one of V
    where V < 0, and a relative one where V is high. Unlike log(V + 32) it
    exists for every energy.
    """
    energies = np.asarray(energies, dtype=float)
    return np.where(energies < 0, energies, np.log1p(np.maximum(energies, 0.0)))


def energy_from_linear_log(targets: np.ndarray) -> np.ndarray:
    """The inverse of :func:`linear_log`."""
    targets = np.asarray(targets, dtype=float)
    return np.where(targets < 0, targets, np.expm1(np.maximum(targets, 0.0)))


def scaled_log(energies: np.ndarray) -> np.ndarray:
    """The report's target in units of V, 32 log((V + 32) / 32): at V = 0 it is 0, and its slope is 1.

    Raises ValueError at V <= -32, as :func:`log_energy` does.
    """
    return OFFSET * np.log1p(_above(energies) / OFFSET)


def energy_from_scaled_log(targets: np.ndarray) -> np.ndarray:
    """The inverse of :func:`scaled_log`, in float64."""
    return OFFSET * np.expm1(np.asarray(targets, dtype=float) / OFFSET)


def _above(energies) -> np.ndarray:
    energies = np.asarray(energies, dtype=float)
    if not np.all(energies > -OFFSET):
        raise ValueError(f"log(V + 32) needs V > -32; the lowest V given is {np.min(energies):g}.")
    return energies


def _identity(energies: np.ndarray) -> np.ndarray:
    return np.asarray(energies, dtype=float)


class Target(NamedTuple):
    """A transform t of V that a surrogate can be trained on, its inverse, and the slope dV/dt as a function of V."""

    of_energy: Callable
    energy: Callable
    slope: Callable


TARGETS = {
    "log": Target(log_energy, energy_from_log, lambda energies: energies + OFFSET),
    "energy": Target(_identity, _identity, np.ones_like),
    "linear-log": Target(linear_log, energy_from_linear_log, lambda energies: 1 + np.maximum(energies, 0.0)),
    "scaled-log": Target(scaled_log, energy_from_scaled_log, lambda energies: 1 + energies / OFFSET),
}
