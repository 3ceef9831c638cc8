"""The search in rounds: what is learned from, when it ends, what it costs."""

from dataclasses import dataclass

import numpy as np
import pytest

from surrogates import data, models, potentials, search
from surrogates.search.students import Known
from surrogates.store import plain
from tests.search import LJ, THREE_BODIES

SEVEN = search.lennard_jones_problem(7)
TOLD: list[Known] = []


@dataclass(frozen=True)
class Truth:
    """Learns the truth, and remembers of what."""

    def learn(self, problem, known, before):
        TOLD.append(known)
        return search.Committee((problem.potential,))


def searched(problem, strategy, seed=0, calls=500):
    true = potentials.Counted(problem.potential)
    (found,) = strategy.search(problem, true, problem.random(seed), calls)
    return true, found


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_spline_in_rounds_finds_the_minimum_for_few_calls(dimensions):
    problem = SEVEN if dimensions == 2 else search.Problem(LJ, 13, -44.3268 + 1e-3, dimensions=3)
    hopping = search.BasinHopping(pockets=True)
    (trial,) = search.trials_of(problem, search.InRounds(search.PairSpline(), hopping), 0, 300)
    assert trial.found is not None and trial.found < 150
    assert trial.labels == 0, "all that it learned from are calls of the search"
    assert trial.counts["rounds"] >= 1


def test_every_call_teaches_with_its_forces():
    TOLD.clear()
    impossible = search.Problem(LJ, 5, -99.0)
    true, found = searched(impossible, search.InRounds(Truth(), starts=1, hops=3), calls=60)
    assert found.counts["rounds"] == len(TOLD) > 1
    assert len(TOLD[0].forces) <= 10
    sizes = [len(known.forces) for known in TOLD]
    assert sizes == sorted(sizes) and sizes[-1] < true.calls["search"]
    energies, forces = LJ(TOLD[-1].structures.positions)
    np.testing.assert_array_equal(TOLD[-1].structures.energies, energies)
    np.testing.assert_array_equal(TOLD[-1].forces, forces)
    low = TOLD[-1].low()
    assert low.structures.energies.max() == energies[0]
    assert len(low.forces) == (energies <= energies[0]).sum()


def test_no_structure_is_asked_about_twice():
    TOLD.clear()
    searched(search.Problem(LJ, 4, -99.0), search.InRounds(Truth(), starts=1, hops=2, keep=1), calls=200)
    distances = np.sort(potentials.pair_distances(TOLD[-1].structures.positions))
    minimum = np.abs(distances - distances[np.argmin(TOLD[-1].structures.energies)]).max(axis=1) < 1e-6
    assert 1 <= minimum.sum() <= 3, "four atoms have one minimum; once it is known, random atoms are relaxed instead"


def test_what_is_not_finite_teaches_nothing():
    def broken(positions):
        energy, forces = LJ(positions)
        return (energy if energy > -6 else np.nan), forces

    TOLD.clear()
    searched(search.Problem(broken, 7, -99.0), search.InRounds(Truth(), starts=1, hops=3), calls=120)
    assert all(np.isfinite(known.structures.energies).all() for known in TOLD)


def test_a_network_learns_from_forces_and_goes_on_from_its_weights():
    student = search.ForceNetwork(models.Messages(8, 1, (8,), 8), epochs=50, again=1)
    rng = np.random.default_rng(0)
    positions = np.array([search.relax(THREE_BODIES, search.random_start(5, rng), 2.0).positions for _ in range(12)])
    energies, forces = THREE_BODIES(positions)
    order = np.argsort(-energies)  # the highest first, so that all are told
    known = Known(data.Structures(positions[order], energies[order]), forces[order])
    problem = search.Problem(THREE_BODIES, 5, -99.0)
    first = student.learn(problem, known, None)
    untaught = search.ForceNetwork(student.model, epochs=1).learn(problem, known, None)

    def error(committee):
        return np.abs(committee.members[0](known.structures.positions)[1] - known.forces).mean()

    assert error(first) < 0.8 * error(untaught)
    again = student.learn(problem, known, first)
    assert again.members[0] is first.members[0]
    distances = potentials.pair_distances(known.structures.positions)
    assert (first.closest, first.farthest) == (distances.min(), distances.max())
    single = Known(
        data.Structures(*(part[-1:, :2] if part.ndim > 1 else part[-1:] for part in known.structures)),
        forces[order][-1:, :2],
    )
    pair = search.Problem(THREE_BODIES, 2, -99.0)
    assert search.ForceNetwork(student.model, epochs=1).learn(pair, single, None).farthest is None, (
        "one distance is no range"
    )
    energies, forces = first(positions)
    assert energies.shape == (12,) and forces.shape == positions.shape


def test_several_elements_are_refused_by_what_cannot_tell_them_apart():
    alloy = potentials.FromASE("ase.calculators.emt.EMT", ("Cu", "Au", "Cu"))
    problem = search.Problem(alloy, 3, -99.0, dimensions=3)
    for student in (search.PairSpline(), search.ExpansionFit(), search.ForceNetwork(models.Messages())):
        with pytest.raises(ValueError, match="^symbols = Au, Cu: a surrogate of a search takes all atoms for alike"):
            search.trials_of(problem, search.InRounds(student), 0, 60)


def test_settings_are_checked_and_say_what_they_are():
    strategy = search.InRounds(search.ForceNetwork(models.Messages()), steps=15)
    described = plain.described(strategy)
    assert described == {
        "kind": "InRounds", "student": {"kind": "ForceNetwork", "model": {"kind": "Messages"}}, "steps": 15,
    }  # fmt: skip
    for name in ("descents", "steps", "starts", "hops", "keep", "relaxed"):
        with pytest.raises(ValueError, match=f"^{name} = 0: give a whole number, 1 or more"):
            search.InRounds(search.PairSpline(), **{name: 0})
    with pytest.raises(ValueError, match="give a models.Network"):
        search.ForceNetwork("messages")
