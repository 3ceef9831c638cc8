"""The search on a surrogate: what it finds, what it costs, what it does not trust, what it learns in rounds."""

import dataclasses
import itertools
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

from surrogates import data, potentials, search
from surrogates.search.benchmark import INFINITE, TRUE_NOT_FINITE
from surrogates.search.surrogate import SAME
from tests.search import LJ

LOW = data.Data("low", sizes=(300, 1, 1))
SPLINE = search.SplineFit(LOW, 300)
SEVEN = search.lennard_jones_problem(7)


def given(*members, labels=0, **region):
    return search.Given(search.Committee(members, **region), labels)


def asked(problem, strategy, rng):
    """A counted search: the potential, its only round and the committee."""
    true = potentials.Counted(problem.potential)
    (found,) = strategy.search(problem, true, np.random.default_rng(rng), None)
    return true, found, strategy.learner.committee(problem)


def test_a_surrogate_finds_the_hexagon_for_a_few_true_calls():
    true, found, learned = asked(SEVEN, search.OnSurrogate(SPLINE, starts=1, hops=40), 0)
    assert true.lowest.energy == pytest.approx(search.lowest_known(7), abs=1e-4)
    assert true.until(SEVEN.goal) <= true.calls["search"] < 60
    assert learned.counts["calls"] > 10 * true.calls["search"]
    assert found.counts["minima"] == 41
    assert found.labels == data.labels_needed(LOW, 300)
    np.testing.assert_allclose(found.candidates.true, LJ(np.stack(found.candidates.positions))[0])
    assert found.candidates.true.is_monotonic_increasing
    assert found.counts["candidates"] == len(found.candidates) <= 5
    assert found.counts["duplicates"] > 0


def test_candidates_differ():
    _, found, _ = asked(SEVEN, search.OnSurrogate(SPLINE, hops=30, keep=3), 1)
    distances = np.sort(potentials.pair_distances(np.stack(found.candidates.positions)))
    assert len(distances) == 3
    for one, other in itertools.combinations(distances, 2):
        assert np.abs(one - other).max() >= SAME


def test_no_two_atoms_closer_than_in_training():
    def collapse(positions):  # a surrogate that was never told of close pairs
        distance = potentials.pair_distances(positions)
        apart = positions[..., :, None, :] - positions[..., None, :, :]
        return 0.5 * (distance**2).sum(axis=-1), -apart.sum(axis=-2)

    strategy = search.OnSurrogate(given(collapse, closest=0.9), starts=1, hops=5)
    true, found, learned = asked(search.lennard_jones_problem(4), strategy, 0)
    assert true.lowest.energy == np.inf
    assert {name: found.counts[name] for name in ("minima", "too close")} == {"minima": 6, "too close": 6}
    assert 0 < learned.counts["calls beyond the range"] < learned.counts["calls"]
    assert len(found.candidates) == 0
    assert true.calls["search"] == 0, "nothing was worth a call"


def test_a_surrogate_without_forces_is_searched_by_cma_es():
    def collapse(positions):
        return potentials.pair_distances(positions).sum(axis=-1), np.full(np.shape(positions), np.nan)

    strategy = search.OnSurrogate(given(collapse, closest=0.95), search.CMAES(calls=2000), starts=2, keep=3)
    true, found, learned = asked(search.lennard_jones_problem(4), strategy, 0)
    assert 0 < learned.counts["calls beyond the range"] < learned.counts["calls"] <= 2 * (2000 + 20)
    assert found.counts["candidates"] == len(found.candidates)
    assert found.counts["too close"] > 0, "the wall gives way a little, and what lies in it is no candidate"
    assert 1 <= len(found.candidates) <= 3
    assert potentials.closest_pair(np.stack(found.candidates.positions)).min() >= 0.95
    np.testing.assert_allclose(found.candidates.true, LJ(np.stack(found.candidates.positions))[0])
    assert true.lowest.energy == pytest.approx(search.lowest_known(4), abs=1e-3), "as near as that to the truth"


@pytest.mark.parametrize(("energy", "counted"), [(np.nan, "energies not finite"), (0.0, "forces not finite")])
def test_what_is_not_finite_is_counted_and_never_believed(energy, counted):
    def broken(positions):
        return np.full(np.shape(positions)[:-2], energy)[()], np.full(np.shape(positions), np.nan)

    strategy = search.OnSurrogate(given(broken, closest=0.9), starts=2, hops=3)
    true, found, learned = asked(search.lennard_jones_problem(5), strategy, 0)
    assert true.lowest.energy == np.inf
    assert found.counts["minima"] == found.counts["not finite"] == 8
    assert learned.counts[counted] == learned.counts["calls"] > 0
    assert learned.counts["energies not finite"] == (learned.counts["calls"] if np.isnan(energy) else 0)
    assert not true.calls


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_surrogate_that_breaks_down_in_places_leads_nowhere_else(value):
    """Below -6, where the lowest structures of 7 atoms lie, it has no energies."""

    def broken(positions):
        energy, forces = LJ(positions)
        return (energy if energy > -6 else value), forces

    _, found, learned = asked(SEVEN, search.OnSurrogate(given(broken, closest=0.9), starts=1, hops=20), 3)
    assert found.counts["not finite"] > 0
    assert learned.counts["energies not finite"] > 0
    assert (found.candidates.learned > -6).all()


@dataclass(frozen=True)
class Recorded(search.Learner):
    """Learns the truth, and remembers of what."""

    learns_again: ClassVar[bool] = True
    told: list = field(default_factory=list, compare=False)

    def labels(self, problem):
        return 20

    def learn(self, problem, asked):
        self.told.append(asked)
        return search.Committee((LJ,), 0.9)


def test_what_was_checked_is_learned():
    learner, true, checked = Recorded(), potentials.Counted(LJ), []
    strategy = search.OnSurrogate(learner, starts=1, hops=10, keep=3, rounds=4)
    for number, found in enumerate(strategy.search(SEVEN, true, np.random.default_rng(0), None), 1):
        assert len(learner.told) == number, "each round learns once, and no further one is begun"
        if checked:
            positions, energies = map(np.concatenate, zip(*checked, strict=True))
            np.testing.assert_array_equal(learner.told[-1].positions, positions)
            np.testing.assert_array_equal(learner.told[-1].energies, energies)
            np.testing.assert_allclose(energies, LJ(positions)[0])
        assert len(found.candidates)
        assert found.labels == 20
        checked.append((np.stack(found.candidates.positions), found.candidates.true))
    assert number == 4
    assert learner.told[0] is None
    assert true.calls["search"] >= sum(len(energies) for _, energies in checked)


def test_an_energy_that_is_not_finite_teaches_nothing():
    def broken(positions):
        return np.full(np.shape(positions)[:-2], np.nan)[()], np.zeros_like(positions)

    learner, problem = Recorded(), search.Problem(broken, 5, -9.0)
    true = potentials.Counted(broken)
    strategy = search.OnSurrogate(learner, starts=1, hops=5, rounds=2)
    assert len(list(strategy.search(problem, true, np.random.default_rng(0), None))) == 2
    assert learner.told == [None], "there is nothing to learn again from"
    assert true.calls["not finite"] == true.calls["search"] > 0


def test_what_was_reached_after_each_round():
    problem = search.Problem(LJ, 32, -1e6)
    strategy = search.OnSurrogate(search.SplineFit(LOW, 30), starts=1, hops=2, keep=2, rounds=3)
    reached = search.trials_of(problem, strategy, 0)
    assert len(reached) == 3
    assert [trial.counts["minima"] for trial in reached] == [3, 6, 9], "all rounds are counted"
    assert reached[1].counts["calls"] > reached[0].counts["calls"] > 0
    calls = [trial.calls for trial in reached]
    assert calls == sorted(calls)
    assert calls[0] > 0
    energies = [trial.energy for trial in reached]
    assert energies == sorted(energies, reverse=True)
    assert {trial.labels for trial in reached} == {data.labels_needed(LOW, 30)}
    (first,) = search.trials_of(problem, dataclasses.replace(strategy, rounds=1), 0)
    assert first == reached[0]


@pytest.mark.parametrize("name", ["starts", "hops", "keep", "relaxed", "rounds"])
def test_numbers_of_a_search_are_1_or_more(name):
    with pytest.raises(ValueError, match=f"^{name} = 0: give a whole number, 1 or more"):
        search.OnSurrogate(SPLINE, **{name: 0})


def test_what_does_not_learn_again_has_no_rounds():
    with pytest.raises(ValueError, match="^rounds = 2: a Given does not learn again; give 1 round"):
        search.OnSurrogate(given(LJ), rounds=2)
    strategy = search.OnSurrogate(search.SplineFit(LOW, 100), starts=1, hops=2, rounds=2)
    with pytest.raises(ValueError, match=r"structures \(atoms, d\) of \(7, 2\) cannot be added to those of \(32, 2\)"):
        search.trials_of(SEVEN, strategy, 0)


def test_a_spline_of_the_plane_is_searched_in_space():
    problem = search.Problem(LJ, 4, -6 + 1e-3, dimensions=3)
    (trial,) = search.trials_of(problem, search.OnSurrogate(SPLINE, starts=1, hops=20), 0)
    assert trial.energy == pytest.approx(-6, abs=1e-3), "a tetrahedron"


def test_a_network_without_a_bound_is_driven_to_where_it_is_wrong():
    def close_is_good(positions):
        return potentials.pair_distances(positions).sum(axis=-1) - 100.0, np.full(np.shape(positions), np.nan)

    problem = search.lennard_jones_problem(4)

    def driven(closest, calls=2000):
        one = {"starts": 1, "keep": 1, "relaxed": 1}
        strategy = search.OnSurrogate(given(close_is_good, closest=closest), search.CMAES(calls=calls), **one)
        (trial,) = search.trials_of(problem, strategy, 0)
        return trial

    free = driven(0.0)
    assert free.candidate.closest < 0.1
    assert free.candidate.true > 1e3
    assert free.candidate.learned < -99
    assert 0 < free.counts["calls"] < 2020  # a generation may be begun
    assert free.counts["calls beyond the range"] == 0
    bound = driven(0.95)
    assert bound.candidate.closest >= 0.95, "the end lies within the range, whatever lay beyond"
    assert bound.candidate.true < free.candidate.true
    predicted = close_is_good(np.array(bound.candidate.positions))[0]
    assert bound.candidate.learned == pytest.approx(predicted, abs=1e-3)
    assert bound.counts["calls beyond the range"] > bound.counts["too close"] > 0
    never = driven(50.0, calls=30)
    assert never.candidate is None
    assert never.calls == 0
    assert never.counts["too close"] == never.counts["minima"]


def test_atoms_in_one_place_are_an_end_as_well(store):
    def nothing(positions):
        return np.zeros(np.shape(positions)[:-2]), np.zeros(np.shape(positions))

    def infinite(positions):
        return np.full(np.shape(positions)[:-2], np.inf)[()], np.zeros(np.shape(positions))

    strategy = search.OnSurrogate(given(nothing), search.CMAES(calls=20), starts=1, keep=1, relaxed=1)
    (end,) = search.trials_of(search.Problem(infinite, 3, -2.9), strategy, 0)
    assert end.candidate.true == INFINITE
    assert end.energy is None
    assert end.counts[TRUE_NOT_FINITE] == end.calls > 0
    assert search.Trial.restored(end.row()) == end
