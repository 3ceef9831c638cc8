"""The search on a surrogate: what it finds, what it costs, what it does not trust."""

import itertools

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


@pytest.mark.parametrize("name", ["starts", "hops", "keep", "relaxed"])
def test_numbers_of_a_search_are_1_or_more(name):
    with pytest.raises(ValueError, match=f"^{name} = 0: give a whole number, 1 or more"):
        search.OnSurrogate(SPLINE, **{name: 0})


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
