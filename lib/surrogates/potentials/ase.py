"""Potentials from calculators of ASE, and calculators of ASE from potentials.

>>> from ase.calculators.emt import EMT
>>> from surrogates import potentials
>>> copper = potentials.FromASE(EMT(), "Cu")  # in angstrom and eV
>>> atoms.calc = potentials.as_calculator(potentials.LennardJones(), length=3.4, energy=0.0104)  # argon
"""

import json
from dataclasses import dataclass

import numpy as np

from surrogates import checks
from surrogates.potentials.base import Potential


@dataclass(frozen=True)
class FromASE(Potential, registered=False):
    """A calculator of ASE as a potential, for atoms in free space; those of a plane have z = 0.

    Units are the calculator's own. What it raises ends the search; forces out of a plane are left out.

    Attributes
    ----------
    calculator : ase.calculators.calculator.Calculator
    symbols : str or tuple of str
        The element of all atoms, or one for each atom.
    """

    calculator: object
    symbols: str | tuple[str, ...] = "X"

    def __post_init__(self):
        if not isinstance(self.symbols, str):
            object.__setattr__(self, "symbols", checks.several("symbols", self.symbols, _symbol))

    def compute(self, structures):
        from ase import Atoms

        count, d = structures.shape[1:]
        symbols = [self.symbols] * count if isinstance(self.symbols, str) else list(self.symbols)
        if len(symbols) != count:
            raise ValueError(f"positions of {count} atoms: there are {len(symbols)} symbols, one for each atom.")
        energies, forces = np.empty(len(structures)), np.empty(structures.shape)
        for k, structure in enumerate(structures):
            atoms = Atoms(symbols, np.pad(structure, ((0, 0), (0, 3 - d))), calculator=self.calculator)
            energies[k], forces[k] = atoms.get_potential_energy(), atoms.get_forces()[:, :d]
        return energies, forces

    def description(self) -> dict:
        """The kind of the calculator and its parameters, as plain data.

        Raises ValueError for a calculator that keeps no parameters: nothing tells it from others of its kind.
        """
        from ase.io import jsonio

        kind = type(self.calculator)
        parameters = json.loads(jsonio.encode(dict(getattr(self.calculator, "parameters", {}))))
        if not parameters:
            raise ValueError(
                f"calculator = {self.calculator!r}: it has no parameters, and searches are stored by them. Give a "
                "potential of your own that calls it, with a method description() that returns plain data."
            )
        symbols = self.symbols if isinstance(self.symbols, str) else list(self.symbols)
        calculator = f"{kind.__module__}.{kind.__qualname__}"
        return {"kind": "FromASE", "calculator": calculator, "symbols": symbols, "parameters": parameters}


def _symbol(name, value):
    if not isinstance(value, str):
        raise ValueError(f"{name}: {value!r} is none, give names of elements such as 'Ar'.")
    return value


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
        Asked for the stress it raises ase's PropertyNotImplementedError, as for all but energy and forces. Atoms with
        periodic boundaries, or out of the plane where ``dimensions`` is 2, are refused with ValueError.
    """
    from ase.calculators.calculator import Calculator, all_changes

    length, energy = checks.positive("length", length), checks.positive("energy", energy)
    accepted = tuple(getattr(potential, "dimensions", Potential.dimensions))
    d = checks.one_of("dimensions", max(accepted) if dimensions is None else dimensions, accepted)

    class FromPotential(Calculator):
        implemented_properties = ("energy", "free_energy", "forces")

        def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
            super().calculate(atoms, properties, system_changes)
            if self.atoms.pbc.any():
                raise ValueError(
                    f"pbc = {self.atoms.pbc.tolist()}: this potential is one of free space, give pbc=False."
                )
            positions = self.atoms.get_positions()
            if d == 2 and positions[:, 2].any():
                away = positions[np.argmax(np.abs(positions[:, 2])), 2]
                raise ValueError(f"z = {away:g}: this potential is one of a plane, give atoms with z = 0.")
            v, f = potential(positions[:, :d] / length)
            forces = np.zeros(positions.shape)
            forces[:, :d] = f
            v = float(v) * energy
            self.results = {"energy": v, "free_energy": v, "forces": forces * (energy / length)}

    return FromPotential()
