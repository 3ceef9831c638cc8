"""Calculators of ASE as potentials, and potentials as calculators."""

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.emt import EMT
from ase.optimize import BFGS

from surrogates import potentials

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
    with pytest.raises(ValueError, match="^symbols: 29 is none"):
        potentials.FromASE(EMT(), (29, "Au"))


def test_it_says_what_it_is():
    words = potentials.FromASE(EMT(), ["Cu", "Au"]).description()
    assert words["calculator"] == "ase.calculators.emt.EMT"
    assert words["symbols"] == ["Cu", "Au"]
