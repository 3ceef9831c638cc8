"""Calculators of ASE as potentials, and potentials as calculators."""

from typing import ClassVar

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.calculator import Calculator, PropertyNotImplementedError, all_changes
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones
from ase.optimize import BFGS

from surrogates import potentials, search, testing
from surrogates.store import plain

LJ = potentials.LennardJones()


def test_there_and_back_in_other_units():
    positions = np.random.default_rng(0).permutation(27)[:5, None] // [9, 3, 1] % 3 * 1.1
    back = potentials.FromASE(potentials.as_calculator(LJ, length=3.4, energy=0.01), "Ar")
    energy, forces = back(3.4 * positions)
    assert energy == pytest.approx(0.01 * LJ.energy(positions))
    np.testing.assert_allclose(forces, 0.01 / 3.4 * LJ(positions)[1], atol=1e-12)


def test_an_optimiser_of_ase_finds_the_tetrahedron():
    atoms = Atoms("Ar4", [[0, 0, 0], [1.1, 0, 0], [0, 1.2, 0], [0.1, 0, 1.1]], calculator=potentials.as_calculator(LJ))
    BFGS(atoms, logfile=None).run(fmax=1e-5, steps=300)
    assert atoms.get_potential_energy() == pytest.approx(-6.0, abs=1e-6)


def test_an_optimiser_of_ase_stays_in_the_plane_of_a_flat_potential():
    rng = np.random.default_rng(1)
    atoms = Atoms("Ar7", np.pad(search.random_start(7, rng), ((0, 0), (0, 1))))
    atoms.calc = potentials.as_calculator(LJ, dimensions=2)
    assert BFGS(atoms, logfile=None).run(fmax=0.01, steps=500)
    assert np.abs(atoms.positions[:, 2]).max() < 1e-9


def test_stress_is_not_implemented():
    atoms = Atoms("Ar2", [[0, 0, 0], [1.1, 0, 0]], calculator=potentials.as_calculator(LJ))
    with pytest.raises(PropertyNotImplementedError):
        atoms.get_stress()


def test_what_has_no_meaning_is_refused():
    flat = potentials.as_calculator(LJ, dimensions=2)
    assert Atoms("Ar2", [[0, 0, 0], [1.0, 0, 0]], calculator=flat).get_forces().shape == (2, 3)
    with pytest.raises(ValueError, match=r"^z = 0\.5: .* give atoms with z = 0"):
        Atoms("Ar2", [[0, 0, 0], [1.0, 0, 0.5]], calculator=flat).get_potential_energy()
    with pytest.raises(ValueError, match=r"^pbc = \[True, True, True\]"):
        Atoms("Ar", cell=[9] * 3, pbc=True, calculator=potentials.as_calculator(LJ)).get_potential_energy()
    with pytest.raises(ValueError, match="^dimensions = 4: give one of 2, 3"):
        potentials.as_calculator(LJ, dimensions=4)
    with pytest.raises(ValueError, match="^positions of 3 atoms: there are 2 symbols"):
        potentials.FromASE(EMT(), ("Cu", "Au"))(np.eye(3))
    with pytest.raises(ValueError, match="^symbols: 29 is no element"):
        potentials.FromASE(EMT(), (29, "Au"))
    with pytest.raises(ValueError, match="^symbols: 'Qq' is no element"):
        potentials.FromASE(EMT(), "Qq")


def test_it_says_what_it_is():
    words = potentials.FromASE(EMT(), ["Cu", "Au"]).description()
    assert words["calculator"] == "ase.calculators.emt.EMT"
    assert words["symbols"] == ["Cu", "Au"]
    again = plain.restored(words, potentials.POTENTIALS)
    positions = np.array([[0.0, 0.0, 0.0], [2.6, 0.0, 0.0]])
    assert again.energy(positions) == potentials.FromASE(EMT(), ("Cu", "Au")).energy(positions)
    assert plain.described(again) == words


def test_zero_is_the_energy_of_separate_atoms():
    apart = np.array([[0.0, 0.0, 0.0], [50.0, 0.0, 0.0], [0.0, 50.0, 0.0]])
    assert potentials.FromASE(EMT(), "Cu").energy(apart) == pytest.approx(0, abs=1e-12)
    assert potentials.FromASE(EMT(), "Cu", zero="calculator").energy(apart) == pytest.approx(3 * 3.51)
    assert potentials.FromASE(EMT(), ("Cu", "Au", "Pt")).energy(apart) == pytest.approx(0, abs=1e-12)


def test_scales_are_measured():
    argon = potentials.FromASE(LennardJones(rc=1e4, sigma=3.4, epsilon=0.0104), "Ar")
    assert argon.units == (3.4, 0.0104, "Å", "eV")
    copper = potentials.FromASE(EMT(), "Cu").units
    assert 2.0 < copper.length < 2.56 < 1.2 * copper.length  # nearest atoms of the solid are 2.56 Å apart
    assert potentials.FromASE(EMT(), "Cu", scales=(2, 1)).units == (2.0, 1.0, "Å", "eV")
    with pytest.raises(ValueError, match=r"no best distance from 0\.3 to 8 Å.*give scales="):
        potentials.FromASE(LennardJones(sigma=1.0, epsilon=-1.0), "X").units  # noqa: B018


def test_a_conformance_check_takes_a_calculator():
    testing.check_potential(potentials.FromASE(EMT(), "Cu"), n_atoms=4, dimensions=3, gradient_rtol=1e-4)


@pytest.mark.parametrize(
    ("path", "parameters", "message"),
    [
        ("emt", {}, "^calculator = 'emt': give the path of a class"),
        ("os.system('ls')", {}, "^calculator = .*: give the path of a class"),
        ("ase.calculators.emt.EMTT", {}, "it cannot be imported .* give the path of a class that is installed here"),
        ("nowhere.Calculator", {}, "it cannot be imported"),
        ("os.system", {}, "this is no calculator of ASE"),
        ("ase.calculators.lj.LennardJones", {"atoms": 3}, "does not take them|raises"),
        ("ase.calculators.lj.LennardJones", {"sigm": 3.0}, "has none of the name sigm; it has .*epsilon.*sigma"),
        ("ase.calculators.emt.EMT", {"foo": 1}, "has none of the name foo"),
    ],
)
def test_a_path_that_leads_to_no_calculator_is_refused(path, parameters, message):
    with pytest.raises(ValueError, match=message):
        potentials.FromASE(path, "Cu", parameters).energy(np.eye(3))


NO_NUMBERS = {"None": None, "text": "low", "complex": 1 + 0j}


class Wrong(Calculator):
    """What a calculator may do wrong; a module has it, so that its path says what it is."""

    implemented_properties = ("energy", "forces")
    default_parameters: ClassVar = {"fault": "", "file": ""}

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        energy, forces = LJ(self.atoms.positions)
        fault = self.parameters["fault"]
        if fault == "raises":
            raise RuntimeError("no convergence")
        if fault == "nan":
            energy = np.nan
        if fault == "shape":
            forces = forces[:1]
        if fault == "infinite":
            forces = np.full_like(forces, np.inf)
        if fault in NO_NUMBERS:
            energy = NO_NUMBERS[fault]
        if fault.startswith("forces "):
            forces = np.full(forces.shape, NO_NUMBERS[fault.removeprefix("forces ")])
        if fault == "units":
            forces = forces / 51.42208619083232  # eV / Å in Hartree / Bohr
        self.results = {"energy": energy, "forces": forces}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("raises", "Wrong, asked about 3 atoms of X3, raises RuntimeError: no convergence. Give"),
        ("nan", "Wrong, asked about 3 atoms of X3, gives NaN"),
        ("shape", r"gives forces of shape \(1, 3\): a calculator is to give \(3, 3\)"),
        ("infinite", "gives infinite forces with the energy .* Give distances that it takes"),
        *((fault, r"gives what is no number \(the energy must be .*\): mend the calc") for fault in NO_NUMBERS),
        *((f"forces {fault}", r"gives what is no number \(the forces must be .*\): mend") for fault in NO_NUMBERS),
    ],
)
def test_what_a_calculator_does_wrong_is_said(fault, message):
    with pytest.raises(ValueError, match=message):
        potentials.FromASE(Wrong(fault=fault), zero="calculator")(np.eye(3))


class Energies(Calculator):
    implemented_properties = ("energy",)

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.results = {"energy": float(LJ.energy(self.atoms.positions))}


def test_a_conformance_check_says_that_forces_were_not_checked():
    given = potentials.FromASE(Energies(), scales=(1, 1), zero="calculator")
    with pytest.warns(UserWarning, match="gives energies without forces: these were not checked"):
        testing.check_potential(given, dimensions=3)


def test_what_gives_no_forces_is_said_where_they_are_asked_for():
    """Alone, in a sum, as what a descent is told, and as a calculator again."""
    alone = potentials.FromASE(Energies(), scales=(1, 1), zero="calculator")
    start = search.random_start(3, np.random.default_rng(0), 3)
    for given in (alone, LJ + alone, search.Asked(potentials.Counted(alone))):
        with pytest.raises(ValueError, match="gives energies without forces: give it to CMAES"):
            search.relax(given, start)
        with pytest.raises(ValueError, match="gives energies without forces: give it to CMAES"):
            search.relax_all(given, [start])
    with pytest.raises(ValueError, match="gives energies without forces: give it to CMAES"):
        search.Descents(2).structures(search.Problem(alone, 3, -3.0, dimensions=3), seed=0)
    atoms = Atoms("X3", start, calculator=potentials.as_calculator(alone))
    assert atoms.get_potential_energy() == pytest.approx(LJ.energy(start))
    with pytest.raises(PropertyNotImplementedError, match="gives energies without forces: give an optimiser that"):
        atoms.get_forces()


def test_forces_in_other_units_are_found():
    given = potentials.FromASE(Wrong(fault="units"), scales=(1, 1), zero="calculator")
    with pytest.raises(AssertionError, match=r"forces: they are 0\.01945 times the numerical gradient .* other units"):
        testing.check_potential(given, dimensions=3)


def test_a_calculator_is_known_by_the_content_of_its_files(tmp_path):
    file = tmp_path / "parameters.eam"
    file.write_text("one")
    before = plain.described(potentials.FromASE(Wrong(file=str(file))))
    assert before["files"].keys() == {str(file)}
    file.write_text("other")
    after = plain.described(potentials.FromASE(Wrong(file=str(file))))
    assert before != after
    with pytest.raises(plain.Unknown, match="has another content now.*restore it"):
        plain.restored(before, potentials.POTENTIALS)
    file.unlink()
    with pytest.raises(plain.Unknown, match="is not there"):
        plain.restored(after, potentials.POTENTIALS)
