"""Potentials from calculators of ASE, and calculators of ASE from potentials.

>>> from ase.calculators.emt import EMT
>>> from surrogates import potentials
>>> copper = potentials.FromASE(EMT(), "Cu")  # in Å and eV, above the energy of separate atoms
>>> copper = potentials.FromASE("ase.calculators.emt.EMT", "Cu")  # the same
>>> atoms.calc = potentials.as_calculator(potentials.LennardJones(), length=3.4, energy=0.0104)  # argon
"""

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from surrogates import checks
from surrogates.potentials import calculators
from surrogates.potentials.base import Potential, Units, dimensions_of, energy_alone, forces_of

ZEROS = ("atoms", "calculator")
ROUNDED = 1e-9  # of a length: as far as optimisers turn atoms of a plane out of it


@dataclass(frozen=True)
class FromASE(Potential):
    """A calculator of ASE as a potential, for atoms in free space; those of a plane have z = 0.

    Lengths are in Å and energies in eV, as the calculator's are. Forces out of a plane are left out. Where the
    calculator has no forces they are NaN; what needs them says so.

    Attributes
    ----------
    calculator : ase.calculators.calculator.Calculator, or str
        Itself, or the path of its class, such as "ase.calculators.emt.EMT", which is imported when it is needed.
    symbols : str or tuple of str
        The element of all atoms, or one for each atom.
    parameters : mapping
        What the class is made with, where its path is given.
    zero : {"atoms", "calculator"}
        Where energies are 0: at the energy of the separate atoms, which the calculator is asked for once an element, or
        where the calculator has it.
    scales : tuple of float, or None
        What stands for sigma and epsilon of Lennard-Jones, in Å and eV. None: those with which thirteen of these atoms
        in an icosahedron have their best distance and energy, for which the calculator is asked once, some thirty times
        (:attr:`units`).
    files : mapping
        The digests of the files that the parameters name, as a description has them. Another content is refused.

    Raises
    ------
    ValueError
        For what is no calculator or element; when it is asked, for what the calculator raises, for a result of another
        shape and for NaN.
    """

    calculator: object
    symbols: str | tuple[str, ...] = "X"
    parameters: Mapping[str, object] = field(default_factory=dict, hash=False)
    zero: str = "atoms"
    scales: tuple[float, float] | None = None
    files: Mapping[str, str] | None = field(default=None, compare=False)

    def __post_init__(self):
        if isinstance(self.symbols, str):
            calculators.element("symbols", self.symbols)
        else:
            object.__setattr__(self, "symbols", checks.several("symbols", self.symbols, calculators.element))
        checks.one_of("zero", self.zero, ZEROS)
        if self.scales is not None:
            scales = checks.several("scales", self.scales, checks.positive)
            if len(scales) != 2:
                raise ValueError(f"scales = {self.scales!r}: give two numbers, a length in Å and an energy in eV.")
            object.__setattr__(self, "scales", scales)
        if isinstance(self.calculator, str):
            calculators.path(self.calculator)
        elif self.parameters:
            raise ValueError(
                f"parameters = {self.parameters!r}: this calculator has its own; give parameters with the path of a "
                "class only."
            )
        elif not (hasattr(self.calculator, "get_potential_energy") or hasattr(self.calculator, "calculate")):
            raise ValueError(
                f"calculator = {self.calculator!r}: give a calculator of ASE, such as EMT(), or the path of its class, "
                "such as 'ase.calculators.emt.EMT'."
            )
        if self.files:
            calculators.same_files(self.files)

    @functools.cached_property
    def made(self):
        """The calculator itself."""
        return (
            calculators.made(self.calculator, self.parameters) if isinstance(self.calculator, str) else self.calculator
        )

    @property
    def gives_forces(self) -> bool:
        return "forces" in getattr(self.made, "implemented_properties", ("forces",))

    @property
    def units(self) -> Units:
        return Units(*(self.scales or self._measured), "Å", "eV")

    @functools.cached_property
    def _measured(self) -> tuple[float, float]:
        kinds = list(dict.fromkeys(self._symbols(None)))
        separate = dataclasses.replace(self, zero="atoms")

        def of_thirteen(positions):
            symbols = [kinds[k % len(kinds)] for k in range(len(positions))]
            return separate._above(self._asked(symbols, positions, False)[0], symbols)

        return calculators.measured_scales(of_thirteen)

    @functools.cached_property
    def _zeros(self) -> dict[str, float]:
        """The energy of a single atom of each element."""
        if self.zero == "calculator":
            return {}
        return {kind: self._asked([kind], np.zeros((1, 3)), False)[0] for kind in set(self._symbols(None))}

    def compute(self, structures):
        return self._computed(structures, forces=True)

    def compute_energy(self, structures):
        return self._computed(structures, forces=False)[0]

    def _computed(self, structures, forces: bool):
        count, d = structures.shape[1:]
        symbols = self._symbols(count)
        energies, pulls = np.empty(len(structures)), np.full(structures.shape, np.nan)
        for k, structure in enumerate(structures):
            energy, force = self._asked(symbols, np.pad(structure, ((0, 0), (0, 3 - d))), forces)
            energies[k] = self._above(energy, symbols)
            if force is not None:
                pulls[k] = force[:, :d]
        return energies, pulls

    def _symbols(self, count: int | None) -> list[str]:
        if isinstance(self.symbols, str):
            return [self.symbols] * (count or 1)
        if count not in (None, len(self.symbols)):
            raise ValueError(f"positions of {count} atoms: there are {len(self.symbols)} symbols, one for each atom.")
        return list(self.symbols)

    def _asked(self, symbols, positions, forces: bool):
        from ase import Atoms

        return calculators.ask(self.made, Atoms(symbols, positions), forces)

    def _above(self, energy: float, symbols) -> float:
        return energy - sum(self._zeros[symbol] for symbol in symbols) if self._zeros else energy

    def description(self) -> dict:
        """What tells this potential from others, as plain data that makes it again: :class:`FromASE` of these fields.

        A calculator is its class and its parameters, and the contents of the files that these name. Raises ValueError
        for one that keeps no parameters: nothing tells it from others of its kind.
        """
        symbols = self.symbols if isinstance(self.symbols, str) else list(self.symbols)
        words = {"kind": "FromASE", **calculators.told(self.calculator, self.parameters), "symbols": symbols}
        words |= {"zero": self.zero}
        return words | ({} if self.scales is None else {"scales": list(self.scales)})


def as_calculator(potential, length: float = 1.0, energy: float = 1.0, dimensions: int | None = None):
    """A potential as a calculator of ASE, with the energy and the forces of atoms in free space.

    Parameters
    ----------
    potential : function of positions (..., atoms, d) that gives energies and forces
    length, energy : float
        One unit of the potential's lengths in angstrom, and of its energies in eV.
    dimensions : {2, 3}, optional
        2 for atoms in the plane z = 0, without forces out of it. Else the most that the potential takes.

    Returns
    -------
    ase.calculators.calculator.Calculator
        Asked for the stress it raises ase's PropertyNotImplementedError, as for all but energy and forces, and for the
        forces of a potential that has none. Where the potential knows its range, ``results["outside"]`` says why the
        structure is outside of it, or "". Atoms with periodic boundaries, or out of the plane where ``dimensions`` is
        2, are refused with ValueError.
    """
    from ase.calculators.calculator import Calculator, PropertyNotImplementedError, all_changes

    length, energy = checks.positive("length", length), checks.positive("energy", energy)
    accepted = dimensions_of(potential)
    d = checks.one_of("dimensions", max(accepted) if dimensions is None else dimensions, accepted)

    class FromPotential(Calculator):
        implemented_properties = ("energy", "free_energy", *(("forces",) if forces_of(potential) else ()))

        def get_property(self, name, atoms=None, allow_calculation=True):
            if name == "forces" and not forces_of(potential):
                raise PropertyNotImplementedError(
                    f"{potential!r} gives energies without forces: give an optimiser that needs none, or a potential "
                    "with forces."
                )
            return super().get_property(name, atoms, allow_calculation)

        def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
            super().calculate(atoms, properties, system_changes)
            if self.atoms.pbc.any():
                raise ValueError(
                    f"pbc = {self.atoms.pbc.tolist()}: this potential is one of free space, give pbc=False."
                )
            positions = self.atoms.get_positions()
            away = positions[np.argmax(np.abs(positions[:, 2])), 2]
            if d == 2 and abs(away) > ROUNDED * length:
                raise ValueError(
                    f"z = {away:g}: this potential is one of a plane, give atoms with z = 0. Vibrations move atoms out "
                    "of it: take a potential of three dimensions."
                )
            at = positions[:, :d] / length
            v, f = potential(at) if forces_of(potential) else (energy_alone(potential, at), None)
            v = float(v) * energy
            self.results = {"energy": v, "free_energy": v}
            if f is not None:
                forces = np.zeros(positions.shape)
                forces[:, :d] = f
                self.results["forces"] = forces * (energy / length)
            if hasattr(potential, "outside"):
                self.results["outside"] = potential.outside(at[None], np.array([v / energy]))[0]

    return FromPotential()
