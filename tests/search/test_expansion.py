"""A surrogate of little known form, fitted to energies and forces."""

import numpy as np
import pytest

from surrogates import data, potentials, search, testing

COPPER = potentials.FromASE("ase.calculators.emt.EMT", "Cu")


def known(potential, n_atoms, dimensions, seeds):
    from surrogates.analysis.your_own_system import known_of

    return known_of(search.Problem(potential, n_atoms, -1e9, dimensions), seeds)


@pytest.fixture(scope="module")
def copper():
    return known(COPPER, 6, 3, (0, 1))


def test_it_is_a_potential(copper):
    fitted = potentials.fit_expansion(copper.structures, copper.forces, COPPER.units)
    # None of its pairs may be as close as the closest one that was known: below that the energy stays as it is.
    testing.check_potential(fitted, length=1.3 * COPPER.units.length, gradient_rtol=1e-4)
    assert fitted.units == COPPER.units


def test_it_learns_an_energy_of_unknown_form_from_few_structures(copper):
    fitted = potentials.fit_expansion(copper.structures, copper.forces, COPPER.units)
    unseen = known(COPPER, 6, 3, (7, 8)).low().structures
    wrong = np.abs(fitted.energy(unseen.positions) - unseen.energies)
    constant = np.abs(np.median(copper.structures.energies) - unseen.energies)
    assert wrong.mean() < 0.1 * constant.mean()


def test_the_unit_of_length_and_energy_does_not_matter():
    one = known(potentials.LennardJones(), 6, 2, (0, 1))
    length, energy = 3.4, 0.0104
    other = data.Structures(length * one.structures.positions, energy * one.structures.energies)
    first = potentials.fit_expansion(one.structures, one.forces)
    units = potentials.Units(length, energy, "Å", "eV")
    second = potentials.fit_expansion(other, energy / length * one.forces, units)
    asked = known(potentials.LennardJones(), 6, 2, (5,)).low().structures.positions
    np.testing.assert_allclose(
        second.energy(length * asked), energy * first.energy(asked), rtol=0.01, atol=1e-3 * energy
    )


def test_the_committee_of_a_search_in_rounds_finds_the_octahedron(copper):
    lowest = search.relax(COPPER, search.relax(COPPER, copper.structures.positions[-1]).positions).energy
    problem = search.Problem(COPPER, 6, lowest + 1e-3, dimensions=3)
    strategy = search.InRounds(search.ExpansionFit(2), search.BasinHopping(pockets=True), steps=40, hops=5, starts=1)
    (trial,) = search.trials_of(problem, strategy, 0, 200)
    assert trial.found
    assert trial.labels == 0
    assert trial.counts["rounds"] >= 1


def test_what_teaches_nothing_is_refused_in_a_sentence():
    apart = data.Structures(np.array([[[0.0, 0.0], [3.0, 0.0]]]), np.zeros(1))
    with pytest.raises(
        ValueError, match="closest atoms of all structures are 3 apart: give structures with atoms within"
    ):
        potentials.fit_expansion(apart, np.zeros((1, 2, 2)))
    with pytest.raises(ValueError, match="^spread = 0: give a finite number above 0"):
        search.ExpansionFit(4, spread=0)
    with pytest.raises(ValueError, match="^members = 1: give a whole number, 2 or more"):
        search.ExpansionFit(spread=0.1)


def test_the_spread_of_a_committee_is_larger_where_it_was_not_told(copper):
    problem = search.Problem(COPPER, 6, -1e9, dimensions=3)
    committee = search.ExpansionFit(4).learn(problem, copper)
    low = copper.low().structures
    stretched = data.Structures(0.9 * low.positions, COPPER.energy(0.9 * low.positions))
    asked = data.Structures(*(np.concatenate(parts) for parts in zip(low, stretched, strict=True)))
    table = search.calibration(committee, low, asked)
    assert table.loc["within", "structures"] >= len(low.energies)
    assert table.loc["outside", "error"] > table.loc["within", "error"]
    assert table.loc["outside", "spread"] > table.loc["within", "spread"]
    np.testing.assert_allclose(
        committee.disagreement(low.positions[:3]), [committee.disagreement(one) for one in low.positions[:3]]
    )
