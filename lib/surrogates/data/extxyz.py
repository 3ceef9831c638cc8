"""Structures in files, as extended XYZ: a data set from one's own, and what was predicted or found for other programs.

>>> from surrogates import data, models, training
>>> own = data.FromFile("mine.xyz")  # frames of as many atoms each, with their energies
>>> run = training.fit_or_load("messages/mine", training.Config(own, models.Messages(), fit))
>>> data.write_structures("out.xyz", positions, run.predict_energy(positions), symbols=own.symbols)
"""

import functools
import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np

from surrogates import checks
from surrogates.data.sampling import SPLITS, Splits, Structures, checked_sizes
from surrogates.potentials import Units, closest_pair, pair_distances
from surrogates.store import files

SHARES = (0.8, 0.1, 0.1)
_TOUCHING = 2 ** (1 / 6)  # in sigma: the best distance of two Lennard-Jones atoms
_DIGITS = 3  # of a measured length


class Frames(NamedTuple):
    """What a file holds: positions ``(frames, atoms, 3)`` in Å, energies ``(frames,)`` in eV, the elements.

    Forces ``(frames, atoms, 3)`` are None where a frame has none.
    """

    positions: np.ndarray
    energies: np.ndarray
    forces: np.ndarray | None
    symbols: tuple[str, ...]


@dataclass(frozen=True)
class FromFile:
    """A data set from a file of structures with energies, which takes the place of :class:`surrogates.data.Data`.

    All fields but the first four are read from the file, so that a stored run knows them without it.

    Attributes
    ----------
    file : str
        Extended XYZ: frames of the same atoms in the same order, in free space, each with its energy. Atoms of a plane
        have z = 0.
    sizes : tuple of int, or None
        Number of frames for training, validation and test; None for eight, one and one in ten.
    seed : int
        Decides which frames these are.
    zero : float
        The energy of a separate atom, which is taken off for every atom: networks are made for V = 0 far apart.
    sha256 : str
        Checksum of the file. Another content is refused.
    n_atoms, dimensions, symbols, box, lowest, length
        Of its structures: atoms, 2 or 3, elements, largest and lowest coordinate; and what stands for sigma, a
        typical distance of nearest atoms over 2^(1/6).

    Raises
    ------
    ValueError
        For a file that cannot be used, with the number of the frame.
    """

    energies: ClassVar[str] = "full"
    potential: ClassVar[None] = None

    file: str
    sizes: tuple[int, int, int] | None = None
    seed: int = 0
    zero: float = 0.0
    sha256: str = ""
    n_atoms: int = 0
    dimensions: int = 3
    symbols: tuple[str, ...] = ()
    box: float = 0.0
    lowest: float = 0.0
    length: float = 0.0

    def __post_init__(self):
        object.__setattr__(self, "file", str(self.file))
        checks.integer("seed", self.seed, 0)
        object.__setattr__(self, "symbols", tuple(self.symbols))
        if self.sizes is not None:
            object.__setattr__(self, "sizes", checked_sizes(self.sizes, "frames"))
        if not self.sha256:
            self._describe()

    def _describe(self):
        """Fill the fields that the file decides."""
        positions, _, _, symbols = self._frames
        distances = pair_distances(positions[:1000])
        atoms = positions.shape[1]
        nearest = np.full((len(distances), atoms), np.inf)
        for number, pair in enumerate(zip(*np.triu_indices(atoms, 1), strict=True)):
            for atom in pair:
                nearest[:, atom] = np.minimum(nearest[:, atom], distances[:, number])
        planar = not positions[..., 2].any()
        found = {
            "sha256": files.sha256(self.file),
            "n_atoms": atoms,
            "dimensions": 2 if planar else 3,
            "symbols": symbols,
            "box": float(positions.max()),
            "lowest": float(positions.min()),
            "length": float(f"{np.median(nearest) / _TOUCHING:.{_DIGITS}g}"),
        }
        if self.sizes is None:
            tested = [max(1, int(share * len(positions))) for share in SHARES[1:]]
            found["sizes"] = (len(positions) - sum(tested), *tested)
        for name, value in found.items():
            object.__setattr__(self, name, value)
        if sum(self.sizes) > len(positions) or min(self.sizes) < 1:
            raise ValueError(
                f"sizes = {self.sizes}: {self.file} has {len(positions)} frames; give as many or fewer, at least "
                f"one for each of {', '.join(SPLITS)}."
            )

    @property
    def units(self) -> Units:
        return Units(self.length, 1.0, "Å", "eV")

    @functools.cached_property
    def _frames(self) -> Frames:
        return read_structures(self.file)

    def splits(self) -> Splits:
        """The three splits, from the file, which has to be as it was."""
        if not Path(self.file).is_file():
            raise ValueError(f"{self.file} is not there: put the file back that the data set was made from.")
        if files.sha256(self.file) != self.sha256:
            raise ValueError(f"{self.file} is another file than the one that this data set was made from: restore it.")
        frames, found = self._frames, []
        for rows in self._rows().values():
            energies = frames.energies[rows] - self.zero * self.n_atoms
            found.append(Structures(frames.positions[rows][..., : self.dimensions], energies))
        return Splits(*found)

    def forces(self, split: str, structures: Structures) -> np.ndarray:
        """The forces ``(structures, atoms, dimensions)`` in the file on the atoms of a split."""
        if self._frames.forces is None:
            raise ValueError(f"{self.file} has frames without forces: give labels 'total', or a file that has them.")
        return self._frames.forces[self._rows()[split]][..., : self.dimensions]

    def _rows(self) -> dict[str, np.ndarray]:
        """Which frames each split has."""
        order = np.random.default_rng(self.seed).permutation(len(self._frames.energies))
        starts = np.cumsum((0, *self.sizes[:-1]))
        return {
            split: order[start : start + size] for split, start, size in zip(SPLITS, starts, self.sizes, strict=True)
        }


def read_structures(file: str | Path) -> Frames:
    """Read a file of extended XYZ, with the reader of ASE.

    Raises
    ------
    ValueError
        For a file that is damaged or empty, and for frames that cannot be used: periodic, of fewer than two atoms, of
        other atoms than the first one, without an energy, with what is not finite, with two atoms at one place. It
        names the frame, from 1 on.
    """
    if not Path(file).is_file():
        raise ValueError(f"{file} is no file: give the path of structures in extended XYZ.")
    positions, energies, forces, symbols = [], [], [], None
    for number, atoms in enumerate(_frames(file), 1):
        where = f"{file}, frame {number},"
        if atoms.pbc.any():
            raise ValueError(f"{where} is periodic (pbc = {atoms.pbc.tolist()}): structures here are in free space.")
        if len(atoms) < 2:
            raise ValueError(f"{where} has {len(atoms)} atom: give structures of two atoms or more.")
        found = tuple(atoms.get_chemical_symbols())
        symbols = symbols or found
        if found != symbols:
            many = f"{len(found)} atoms" if len(found) != len(symbols) else f"{''.join(found)}"
            raise ValueError(
                f"{where} has {many}, and the first one has {len(symbols)}, {''.join(symbols)}: give a file of the "
                "same atoms in the same order."
            )
        energy, force = _results(atoms)
        if energy is None:
            raise ValueError(f'{where} has no energy: give one in its second line, as energy="..." in eV.')
        if not all(np.isfinite(part).all() for part in (energy, atoms.positions, *(() if force is None else (force,)))):
            raise ValueError(f"{where} holds NaN or infinity: give finite positions, energies and forces.")
        positions.append(atoms.positions)
        energies.append(float(energy))
        forces.append(force)
    if not positions:
        raise ValueError(f"{file} holds no structure: give extended XYZ.")
    apart = closest_pair(np.array(positions)) > 0
    if not apart.all():
        raise ValueError(
            f"{file}, frame {np.argmin(apart) + 1}, has two atoms at the same place: move one of them, or take it out."
        )
    whole = np.array(forces) if all(force is not None for force in forces) else None
    return Frames(np.array(positions), np.array(energies), whole, symbols)


def _frames(file):
    """The frames of a file, each read for itself, so that a damaged one is known by its number."""
    from ase.io import read as of_ase

    with Path(file).open(encoding="utf-8", errors="replace") as opened:
        for number in itertools.count(1):
            header = opened.readline()
            if not header.strip():
                if opened.read().strip():
                    raise ValueError(f"{file}: a blank line stands before frame {number}; take it out.")
                return
            try:
                lines = [next(opened) for _ in range(int(header) + 1)]
                yield of_ase(io.StringIO("".join([header, *lines])), format="extxyz")
            except Exception as error:
                why = "it ends too early" if isinstance(error, StopIteration) else f"{type(error).__name__}: {error}"
                raise ValueError(
                    f"{file}, frame {number}, cannot be read ({why}): it is damaged or no extended XYZ."
                ) from error


def _results(atoms):
    """Energy and forces of a frame, None for what it does not have."""
    results = atoms.calc.results if atoms.calc is not None else {}
    energy = results.get("energy", results.get("free_energy", atoms.info.get("energy")))
    return energy, results.get("forces", atoms.arrays.get("forces"))


def write_structures(
    file: str | Path,
    positions: np.ndarray,
    energies: Sequence[float] | None = None,
    forces: np.ndarray | None = None,
    symbols: str | Sequence[str] = "X",
    **info: Sequence,
):
    """Write structures as extended XYZ, which ASE, OVITO and others read; :func:`read_structures` gives the same back.

    Parameters
    ----------
    positions : array (structures, atoms, d), or (atoms, d)
        In Å, or what the energies are known in; of a plane with z = 0.
    energies : sequence of float, optional
    forces : array like positions, optional
    symbols : str or sequence of str
        The element of all atoms, or one for each atom.
    **info
        More of each structure, a sequence with an entry for each, such as ``outside=[...]``; an empty text is left out.

    The file appears whole or not at all.
    """
    from ase import Atoms
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.io.extxyz import write_extxyz

    positions = np.asarray(positions, dtype=float)
    positions = positions[None] if positions.ndim == 2 else positions
    if positions.ndim != 3 or positions.shape[-1] not in (2, 3) or not np.isfinite(positions).all():
        raise ValueError(f"positions of shape {positions.shape}: give finite (structures, atoms, 2 or 3).")
    for name, of, wanted in (("energies", energies, (len(positions),)), ("forces", forces, positions.shape)):
        if of is not None and np.size(of) != np.prod(wanted):
            raise ValueError(f"{name} of shape {np.shape(of)}: give {wanted}, as there are positions.")
    space = ((0, 0), (0, 0), (0, 3 - positions.shape[-1]))
    forces = None if forces is None else np.pad(np.reshape(forces, positions.shape), space)
    images = []
    for number, structure in enumerate(np.pad(positions, space)):
        atoms = Atoms([symbols] * len(structure) if isinstance(symbols, str) else list(symbols), structure)
        results = {} if energies is None else {"energy": float(np.reshape(energies, -1)[number])}
        results |= {} if forces is None else {"forces": forces[number]}
        atoms.calc = SinglePointCalculator(atoms, **results) if results else None
        noted = {name: values[number] for name, values in info.items()}
        atoms.info = {name: value for name, value in noted.items() if not (isinstance(value, str) and value == "")}
        images.append(atoms)
    text = io.StringIO()
    write_extxyz(text, images)
    files.write_text(Path(file), text.getvalue())
