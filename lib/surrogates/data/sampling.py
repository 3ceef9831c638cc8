"""Data sets of structures whose atoms are placed at random in a box, with their energies; the report's two and others.

>>> from surrogates import data
>>> splits = data.simulate(data.Data(energies="low", seed=0, sizes=(500, 100, 100)))
>>> splits.train.positions.shape, bool(splits.train.energies.max() < 0)
((500, 32, 2), True)
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from surrogates import checks
from surrogates.potentials import LennardJones, Units, dimensions_of, units_of
from surrogates.potentials.base import energy_alone, real_array

SPLITS = ("train", "validation", "test")
REGIMES = ("full", "low")
BOTH = "both"

# Rejection gives up after this many attempts per wanted structure (and at least MINIMUM_ATTEMPTS). At the report's
# 32 atoms in a box of 32 about 4 are needed.
ATTEMPTS_PER_STRUCTURE = 400
MINIMUM_ATTEMPTS = 100_000
_BLOCK = 16_384  # structures drawn at a time; the result does not depend on it


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
        Side of the square or cube, in the potential's unit of length (for Lennard-Jones, sigma). Positions are uniform
        in it; there are no periodic images.
    seed : int
    sizes : tuple of int
        Number of structures for training, validation and test; with "both" there are as many of each kind.
    potential : Potential
        Gives the true energies; any callable from positions ``(..., atoms, d)`` to energies ``(...)`` and forces
        ``(..., atoms, d)``. To be stored it has to say what it is: :class:`surrogates.potentials.Potential`.
    dimensions : {2, 3}

    Raises
    ------
    ValueError
        For a value that is not accepted, and for dimensions that the potential does not have.
    """

    energies: str = "full"
    n_atoms: int = 32
    box: float = 32.0
    seed: int = 0
    sizes: tuple[int, int, int] = (50_000, 10_000, 10_000)
    potential: Callable = LennardJones()  # noqa: RUF009 (it is frozen)
    dimensions: int = 2

    def __init_subclass__(cls, **kwargs):
        raise TypeError(f"{cls.__name__}: Data has no subclasses, give it another energy as Data(potential=...).")

    def __post_init__(self):
        checks.one_of("energies", self.energies, (*REGIMES, BOTH))
        checks.integer("n_atoms", self.n_atoms, 1)
        object.__setattr__(self, "box", checks.positive("box", self.box))
        checks.integer("seed", self.seed, 0)
        object.__setattr__(self, "sizes", checked_sizes(self.sizes, "structures"))
        if isinstance(self.potential, type) or not callable(self.potential):
            raise ValueError(
                f"potential = {self.potential!r}: give a potential, such as LennardJones(), or any other function of "
                "positions (..., atoms, d) that returns energies and forces."
            )
        checks.one_of("dimensions", self.dimensions, dimensions_of(self.potential))

    @property
    def units(self) -> Units:
        """Those of the potential."""
        return units_of(self.potential)

    def energy(self, positions: np.ndarray) -> np.ndarray:
        """The true energies ``(...)`` of positions ``(..., atoms, dimensions)``, in float64."""
        positions = real_array("positions", positions)
        if positions.ndim < 2 or positions.shape[-1] != self.dimensions:
            raise ValueError(
                f"positions of shape {positions.shape}: this data set has shape (..., atoms, {self.dimensions})."
            )
        energies = np.asarray(energy_alone(self.potential, positions), dtype=float)
        if energies.shape != positions.shape[:-2] or np.isnan(energies).any():
            wrong = "NaN" if energies.shape == positions.shape[:-2] else f"energies of shape {energies.shape}"
            raise ValueError(
                f"potential = {self.potential!r} gives {wrong} for positions of shape {positions.shape}: "
                f"surrogates.testing.check_potential says what a potential has to give."
            )
        return energies

    def forces(self, split: str, structures: "Structures") -> np.ndarray:
        """The true forces ``(structures, atoms, dimensions)`` on the atoms of a split, which these structures are."""
        forces = np.asarray(self.potential(structures.positions)[1], dtype=float)
        if forces.shape != structures.positions.shape or not np.isfinite(forces).all():
            raise ValueError(
                f"potential = {self.potential!r} gives no finite forces of shape {structures.positions.shape}: give "
                "labels 'total', or a potential with forces."
            )
        return forces


def checked_sizes(sizes, of: str) -> tuple[int, int, int]:
    """Return three whole numbers, 1 or more, ``of`` what the splits hold, or raise ValueError."""
    if not isinstance(sizes, list | tuple) or len(sizes) != len(SPLITS):
        raise ValueError(f"sizes = {sizes!r}: give three numbers of {of}, for {', '.join(SPLITS)}.")
    return tuple(checks.integer("sizes", size, 1) for size in sizes)


class Structures(NamedTuple):
    """Positions ``(structures, atoms, d)`` and energies ``(structures,)``, in the units of their potential."""

    positions: np.ndarray
    energies: np.ndarray


class Splits(NamedTuple):
    """Training, validation and test structures."""

    train: Structures
    validation: Structures
    test: Structures


def simulate(data: Data) -> Splits:
    """Draw the three splits of a data set, each from its own random stream of the one seed; or read them from its file.

    Raises
    ------
    RuntimeError
        Where the low-energy set is asked for and (almost) no random structure has V < 0.
    """
    if hasattr(data, "splits"):
        return data.splits()
    if data.energies != BOTH:
        return Splits(*(_draw(data, split) for split in SPLITS))
    parts = [simulate(replace(data, energies=regime)) for regime in REGIMES]
    return Splits(*(Structures(*map(np.concatenate, zip(*split, strict=True))) for split in zip(*parts, strict=True)))


def labels_needed(data: Data, kept: int, split: str = "train") -> int:
    """How many energies it took to find the first ``kept`` structures in a split of a low-energy set.

    Structures are drawn at random, and only the energy tells which have V < 0.
    """
    rng, low = _random(data, split), np.empty(0, dtype=bool)
    while low.sum() < checks.integer("kept", kept, 1):
        low = np.append(low, data.energy(_positions(data, rng, _BLOCK)) < 0)
    return int(np.flatnonzero(low)[kept - 1]) + 1


def _draw(data: Data, split: str) -> Structures:
    wanted = data.sizes[SPLITS.index(split)]
    rng = _random(data, split)
    if data.energies == "full":
        positions = _positions(data, rng, wanted)
        return Structures(positions, data.energy(positions))

    kept, found, attempts = [], 0, 0
    limit = max(MINIMUM_ATTEMPTS, ATTEMPTS_PER_STRUCTURE * wanted)
    while found < wanted:
        if attempts >= limit or (found == 0 and attempts >= MINIMUM_ATTEMPTS):
            raise RuntimeError(
                f"Only {found} of {attempts} random structures of {data.n_atoms} atoms in a box of side {data.box:g} "
                f"have V < 0, and {wanted} are wanted: give a larger box or fewer atoms (two at the least), a "
                "potential that is below 0 somewhere, or energies='full'."
            )
        positions = _positions(data, rng, _BLOCK)
        energies = data.energy(positions)
        low = energies < 0
        kept.append(Structures(positions[low], energies[low]))
        found, attempts = found + int(low.sum()), attempts + _BLOCK
    return Structures(*(np.concatenate(parts)[:wanted] for parts in zip(*kept, strict=True)))


def _random(data: Data, split: str) -> np.random.Generator:
    stream = np.random.SeedSequence(data.seed, spawn_key=(REGIMES.index(data.energies), SPLITS.index(split)))
    return np.random.Generator(np.random.PCG64(stream))


def _positions(data: Data, rng: np.random.Generator, structures: int) -> np.ndarray:
    return rng.random((structures, data.n_atoms, data.dimensions)) * data.box
