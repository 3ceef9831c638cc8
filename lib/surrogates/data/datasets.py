"""The report's two data sets: structures of atoms placed at random in a square, with their energies.

>>> from surrogates import datasets
>>> data = datasets.simulate(datasets.Data(energies="low", seed=0, sizes=(500, 100, 100)))
>>> data.train.positions.shape, bool(data.train.energies.max() < 0)
((500, 32, 2), True)
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from surrogates import checks
from surrogates.potentials import potential, three_body

SPLITS = ("train", "validation", "test")
KINDS = ("full", "low")
BOTH = "both"
OFFSET = 32.0  # the report's: keeps the argument of log(V + 32) positive for random structures

# Rejection gives up after this many attempts per wanted structure (and at least MINIMUM_ATTEMPTS). At the report's
# 32 atoms in a box of 32 about 4 are needed.
ATTEMPTS_PER_STRUCTURE = 400
MINIMUM_ATTEMPTS = 100_000
BLOCK = 16_384  # structures drawn at a time; the result does not depend on it


@dataclass(frozen=True)
class Data:
    """What determines a data set, to the last byte.

    Attributes
    ----------
    energies : {"full", "low", "both"}
        The report's Full Energy Dataset, its Low Energy Dataset (only structures with V < 0), or the one after the
        other.
    n_atoms : int
    box : float
        Side of the square, in units of sigma. Positions are uniform in it; there are no periodic images.
    seed : int
    sizes : tuple of int
        Number of structures for training, validation and test; with "both" there are as many of each kind.
    three_body : float
        Strength of the three-body energy that is added, :class:`potentials.three_body.AxilrodTeller`; 0 for none.
    """

    energies: str = "full"
    n_atoms: int = 32
    box: float = 32.0
    seed: int = 0
    sizes: tuple[int, int, int] = (50_000, 10_000, 10_000)
    three_body: float = 0.0

    def __post_init__(self):
        checks.one_of("energies", self.energies, (*KINDS, BOTH))
        checks.integer("n_atoms", self.n_atoms, 1)
        object.__setattr__(self, "box", checks.positive("box", self.box))
        checks.integer("seed", self.seed, 0)
        if self.three_body != 0:
            object.__setattr__(self, "three_body", checks.positive("three_body", self.three_body))
        if len(self.sizes) != len(SPLITS):
            raise ValueError(f"sizes = {self.sizes!r}: give three numbers of structures, for {', '.join(SPLITS)}.")
        object.__setattr__(self, "sizes", tuple(checks.integer("sizes", size, 1) for size in self.sizes))

    def energy_and_forces(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The true potential: float64 energies ``(...)`` and forces of positions ``(..., atoms, 2)``."""
        true = three_body.AxilrodTeller(self.three_body) if self.three_body else potential.energy_and_forces
        return true(positions)

    def energy(self, positions: np.ndarray) -> np.ndarray:
        """The true energies alone, which without three-body energies takes half the time."""
        return self.energy_and_forces(positions)[0] if self.three_body else potential.energy(positions)


class Structures(NamedTuple):
    """Positions ``(structures, atoms, 2)`` in units of sigma and energies ``(structures,)`` in units of epsilon."""

    positions: np.ndarray
    energies: np.ndarray


class Splits(NamedTuple):
    """Training, validation and test structures."""

    train: Structures
    validation: Structures
    test: Structures


def simulate(data: Data) -> Splits:
    """Draw the three splits of a data set, each from its own random stream of the one seed.

    Raises
    ------
    RuntimeError
        Where the low-energy set is asked for and (almost) no random structure has V < 0.
    """
    if data.energies != BOTH:
        return Splits(*(_draw(data, split) for split in SPLITS))
    kinds = [simulate(replace(data, energies=kind)) for kind in KINDS]
    return Splits(*(Structures(*map(np.concatenate, zip(*parts, strict=True))) for parts in zip(*kinds, strict=True)))


def _draw(data: Data, split: str) -> Structures:
    wanted = data.sizes[SPLITS.index(split)]
    rng = _random(data, split)
    if data.energies == "full":
        positions = rng.random((wanted, data.n_atoms, 2)) * data.box
        return Structures(positions, data.energy(positions))

    kept, found, attempts = [], 0, 0
    limit = max(MINIMUM_ATTEMPTS, ATTEMPTS_PER_STRUCTURE * wanted)
    while found < wanted:
        if attempts >= limit or (found == 0 and attempts >= MINIMUM_ATTEMPTS):
            raise RuntimeError(
                f"Only {found} of {attempts} random structures of {data.n_atoms} atoms in a box of side {data.box:g} "
                f"have V < 0, and {wanted} are wanted: give a larger box or fewer atoms (two at the least)."
            )
        positions = rng.random((BLOCK, data.n_atoms, 2)) * data.box
        energies = data.energy(positions)
        low = energies < 0
        kept.append(Structures(positions[low], energies[low]))
        found, attempts = found + int(low.sum()), attempts + BLOCK
    return Structures(*(np.concatenate(parts)[:wanted] for parts in zip(*kept, strict=True)))


def _random(data: Data, split: str) -> np.random.Generator:
    stream = np.random.SeedSequence(data.seed, spawn_key=(KINDS.index(data.energies), SPLITS.index(split)))
    return np.random.Generator(np.random.PCG64(stream))


def asked(data: Data, kept: int, split: str = "train") -> int:
    """How many energies it took to find the first ``kept`` structures in a split of a low-energy set.

    Structures are drawn at random, and only the energy tells which have V < 0.
    """
    rng, low = _random(data, split), np.empty(0, dtype=bool)
    while low.sum() < checks.integer("kept", kept, 1):
        low = np.append(low, data.energy(rng.random((BLOCK, data.n_atoms, 2)) * data.box) < 0)
    return int(np.flatnonzero(low)[kept - 1]) + 1


def log_energy(energies: np.ndarray) -> np.ndarray:
    """The report's training target, log(V + 32).

    Raises
    ------
    ValueError
        At V <= -32, where the logarithm does not exist (compact clusters of 15 atoms and more lie there).
    """
    energies = np.asarray(energies, dtype=float)
    if not np.all(energies > -OFFSET):
        raise ValueError(f"log(V + 32) needs V > -32; the lowest V given is {np.min(energies):g}.")
    return np.log(energies + OFFSET)


def energy_from_log(targets: np.ndarray) -> np.ndarray:
    """The inverse of :func:`log_energy`, exp(t) - 32, in float64 (float32 overflows at t > 88)."""
    return np.exp(np.asarray(targets, dtype=float)) - OFFSET


def linear_log(energies: np.ndarray) -> np.ndarray:
    """A target for both regimes: V itself below 0, log(1 + V) above, which continues it with the same slope.

    An error of the target is one of V where V < 0, and a relative one where V is high. Unlike log(V + 32) it exists
    for every energy.
    """
    energies = np.asarray(energies, dtype=float)
    return np.where(energies < 0, energies, np.log1p(np.maximum(energies, 0.0)))


def energy_from_linear_log(targets: np.ndarray) -> np.ndarray:
    """The inverse of :func:`linear_log`."""
    targets = np.asarray(targets, dtype=float)
    return np.where(targets < 0, targets, np.expm1(np.maximum(targets, 0.0)))


def identity(energies: np.ndarray) -> np.ndarray:
    """V itself, the target on the low-energy set."""
    return np.asarray(energies, dtype=float)


class Target(NamedTuple):
    """A transform t of V that a surrogate can be trained on, its inverse, and the slope dV/dt as a function of V."""

    of_energy: Callable
    energy: Callable
    slope: Callable


TARGETS = {
    "log": Target(log_energy, energy_from_log, lambda energies: energies + OFFSET),
    "energy": Target(identity, identity, np.ones_like),
    "linear-log": Target(linear_log, energy_from_linear_log, lambda energies: 1 + np.maximum(energies, 0.0)),
}
