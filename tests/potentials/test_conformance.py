"""Every potential of the library keeps what the public check asks for, and the check finds what does not."""

from dataclasses import dataclass

import numpy as np
import pytest
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones
from numba import njit

from surrogates import data, potentials, testing

LJ = potentials.LennardJones()


def table():
    def pair(distance):
        return LJ.pair_energy(distance), 4 * (-12 * distance**-13.0 + 6 * distance**-7.0)

    return potentials.tabulated(pair, closest=0.7)


def spline():
    return potentials.fit_spline(data.simulate(data.Data("low", 6, 6.0, sizes=(400, 1, 1))).train, pieces=20)


@njit
def soft(r, parameters):
    height, width = parameters
    energy = height * np.exp(-((r / width) ** 2))
    return energy, -2 * r / width**2 * energy


@dataclass(frozen=True)
class Soft(potentials.PairPotential):
    """As a builder writes one."""

    height: float = 1.0
    width: float = 1.0
    pair = soft


POTENTIALS = {
    "lennard-jones": lambda: LJ,
    "lennard-jones in other units": lambda: potentials.LennardJones(1.1, 0.3),
    "morse": lambda: potentials.Morse(2.0, 5.0, 1.1),
    "mie": lambda: potentials.Mie(9.0, 4.0, 1.1, 0.7),
    "axilrod-teller": lambda: potentials.AxilrodTeller(0.7),
    "sum": lambda: LJ + potentials.AxilrodTeller(3.0) + potentials.Morse(),
    "one's own": Soft,
    "ase": lambda: potentials.FromASE(LennardJones(rc=1e4)),
}


@pytest.mark.parametrize("name", POTENTIALS)
def test_potentials_of_the_library(name):
    testing.check_potential(POTENTIALS[name]())
    testing.check_potential(POTENTIALS[name](), n_atoms=8, seed=1)


@pytest.mark.parametrize("make", [table, spline])
def test_tables(make):
    testing.check_potential(make(), gradient_rtol=1e-4)


def test_atoms_of_several_elements():
    symbols = ["Cu", "Cu", "Au", "Au", "Cu"]
    testing.check_potential(potentials.FromASE(EMT(), symbols), length=2.6, symbols=symbols)
    with pytest.raises(AssertionError, match="^permutation: it changes energies, by "):
        testing.check_potential(potentials.FromASE(EMT(), symbols), length=2.6)


def wrong_sign(x):
    energies, forces = LJ(x)
    return energies, -forces


def wrong_shape(x):
    energies, forces = LJ(x)
    return np.reshape(energies, (*np.shape(energies), 1)), forces


def flat(x):
    return LJ(x)[0], np.zeros(np.shape(x), "float32")


def held(x):
    """By a spring to the origin."""
    x = np.asarray(x, dtype=float)
    energies, forces = LJ(x)
    return energies + (x**2).sum(axis=(-1, -2)), forces - 2 * x


def of_the_batch(x):
    """Its energies depend on how many structures there are."""
    energies, forces = LJ(x)
    return energies + 1e-3 * np.size(energies), forces


def accepting(x):
    return LJ(np.atleast_2d(x))


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (wrong_sign, "^forces: they differ from the numerical gradient of the energies, by "),
        (wrong_shape, r"^shape: energies of positions \(4, 5, 2\) have \(4, 1\), not \(4,\)"),
        (flat, "^type: forces are float32, not float64"),
        (held, "^translation: it changes energies, by "),
        (of_the_batch, "^batch: structure 0 of 35 has another energy alone, by "),
        (accepting, r"^refusal: positions \(2,\) are not refused"),
    ],
)
def test_what_is_broken_is_found(broken, message):
    with pytest.raises(AssertionError, match=message):
        testing.check_potential(broken)
