"""The potentials that searches count, and what tells one from another where trials are stored."""

import functools

import numpy as np
import pytest
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.lj import LennardJones

from surrogates import potentials, search
from surrogates.store import plain
from tests.search import LJ


def test_every_structure_counts():
    counted = potentials.Counted(LJ)
    positions = np.random.default_rng(0).random((5, 4, 2)) * 4
    counted(positions)
    counted(positions[0])
    counted.energy(positions[:2])
    assert counted.calls == {"search": 8}


def test_the_best_structure_and_when_it_was_found():
    energies = iter([3.0, np.nan, 2.0, 2.5, -1.0, -np.inf])
    counted = potentials.Counted(lambda positions: (np.float64(next(energies)), np.zeros_like(positions)))
    assert counted.lowest.energy == np.inf
    for k in range(6):
        counted(np.full((2, 2), float(k)))
    assert [(calls, found.energy) for calls, found in counted.best] == [(1, 3.0), (3, 2.0), (5, -1.0)]
    np.testing.assert_array_equal(counted.lowest.positions, np.full((2, 2), 4.0))
    assert [counted.until(energy) for energy in (3.0, 2.5, 0.0, -1.0, -2.0)] == [1, 3, 5, 5, None]
    assert counted.calls == {"search": 6, "not finite": 2}


def test_forces_that_are_not_finite_are_counted():
    def broken(positions):
        energies, forces = LJ(positions)
        return energies, np.where(np.asarray(positions)[..., :1] > 0, np.inf, forces)

    counted = potentials.Counted(broken)
    pair = np.array([[-1.2, 0.0], [0.0, 0.0]])
    counted(np.stack([pair, pair + 5, np.zeros_like(pair)]))
    assert counted.calls == {"search": 3, "not finite": 1, "forces not finite": 1}
    (trial,) = search.trials_of(search.Problem(broken, 3, -3.0), search.BasinHopping(), 0, 5)
    assert trial.counts["true forces not finite"] == trial.calls == 5


def test_what_is_kept_does_not_change_with_the_array_that_was_given():
    counted = potentials.Counted(LJ)
    positions = np.array([[0.0, 0.0], [1.2, 0.0]])
    counted(positions)
    positions += 7
    np.testing.assert_array_equal(counted.lowest.positions, [[0.0, 0.0], [1.2, 0.0]])


def test_a_calculator_of_ase_is_a_potential():
    learned = potentials.FromASE(LennardJones(rc=1e4))
    positions = search.random_start(6, np.random.default_rng(3))
    several = np.stack([positions, 1.1 * positions])
    for given in (positions, several):
        for one, other in zip(learned(given), LJ(given), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    found = search.relax(learned, positions)
    assert found.energy == pytest.approx(search.relax(LJ, positions).energy, abs=1e-6)


def test_a_calculator_of_ase_is_searched(store):
    problem = search.Problem(potentials.FromASE(LennardJones(rc=1000.0)), 4, search.lennard_jones_problem(4).goal)
    found = search.benchmark("small/ase", problem, search.BasinHopping(), range(1), 300)
    assert found[0].energy == pytest.approx(search.lowest_known(4), abs=1e-4)


def test_a_calculator_without_parameters_is_refused():
    class Bare:
        def calculate(self):
            pass

    with pytest.raises(ValueError, match="^calculator = .*: it has no parameters.* Give the path of its class"):
        plain.described(potentials.FromASE(Bare()))
    with pytest.raises(ValueError, match="^calculator = .*: give a calculator of ASE"):
        potentials.FromASE(object())


def test_scales_are_those_of_the_potential():
    """Argon in Å and eV is searched as atoms in sigma and epsilon are: the same starts, moves and ends."""
    argon = potentials.LennardJones(3.4, 0.0104)
    lowest = search.lowest_known(5)
    ends = {}
    for potential in (LJ, argon):
        problem = search.Problem(potential, 5, (lowest + 1e-4) * potential.epsilon)
        start, other = problem.start(problem.random(4)), search.random_start(5, problem.random(4))
        np.testing.assert_allclose(start, potential.sigma * other)
        (ends[potential],) = search.trials_of(problem, search.BasinHopping(), 4, 2000)
        assert ends[potential].found
    assert ends[argon].energy == pytest.approx(0.0104 * ends[LJ].energy, rel=1e-4)
    assert ends[argon].found == pytest.approx(ends[LJ].found, abs=30)


def test_copper_is_searched_in_its_own_units():
    copper = potentials.FromASE("ase.calculators.emt.EMT", "Cu")
    problem = search.Problem(copper, 4, -6.0, dimensions=3)
    assert potentials.pair_distances(problem.start(problem.random(0))).min() > 0.8 * copper.units.length > 1.5
    (trial,) = search.trials_of(problem, search.BasinHopping(), 0, 60)
    assert trial.found
    distances = potentials.pair_distances(np.array(trial.positions))
    assert distances.max() < 1.01 * distances.min() < 3.0  # a tetrahedron


def test_energies_without_forces_are_searched_by_what_needs_none():
    class WithoutForces(LennardJones):
        implemented_properties = ("energy",)

        def get_forces(self, atoms=None):
            raise PropertyNotImplementedError

    potential = potentials.FromASE(WithoutForces(rc=100.0))
    problem = search.Problem(potential, 2, -0.99)
    assert search.trials_of(problem, search.CMAES(), 0, 400)[0].found
    with pytest.raises(ValueError, match="gives energies without forces: give it to CMAES"):
        search.trials_of(problem, search.BasinHopping(), 0, 400)


def test_potentials_are_told_apart():
    several = [
        LJ,
        LJ + potentials.AxilrodTeller(0.5),
        LJ + potentials.AxilrodTeller(1.0),
        potentials.FromASE(LennardJones(rc=5.0)),
        potentials.FromASE(LennardJones(rc=6.0)),
        potentials.FromASE(LennardJones(rc=6.0), "Ar"),
    ]
    digests = [plain.digest(plain.described(each)) for each in several]
    assert len(set(digests)) == len(several)
    assert plain.described(LJ) == {"kind": "LennardJones"}
    assert digests[1] == plain.digest(plain.described(LJ + potentials.AxilrodTeller(0.5)))


@pytest.mark.parametrize(
    "nameless",
    [
        lambda positions: None,
        functools.partial(LJ.energy),
        potentials.Counted(LJ),
        potentials.AxilrodTeller,
    ],
)
def test_a_potential_without_a_name_of_its_own_is_not_stored(nameless, store):
    problem = search.Problem(nameless, 4, -5.0)
    with pytest.raises(ValueError, match="define it at the top|does not say what"):
        search.benchmark("small/nameless", problem, search.BasinHopping(), range(1), 100)
