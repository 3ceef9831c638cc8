"""The comparison of searches: the same starts, honest counts."""

import numpy as np
import pytest

from surrogates import data, potentials, search
from surrogates.search import structures, trials

LJ = potentials.LennardJones()

GOAL = trials.known(7) + trials.TOLERANCE


def test_known_energies():
    assert trials.known(32) == pytest.approx(-82.970, abs=1e-3)
    with pytest.raises(ValueError, match="n_atoms = 1000: the lowest energy is known for 3, 4, "):
        trials.known(1000)


def test_basin_hopping_is_counted_until_the_goal():
    trial = trials.without_surrogate(7, 0, structures.Hopping(), GOAL, most=20_000)
    assert trial.energy <= GOAL
    assert trial.found <= trial.calls <= 20_000
    assert trial.steps[-1] == (max(calls for calls, _ in trial.steps), pytest.approx(trial.energy, abs=1e-6))
    assert [energy for _, energy in trial.steps] == sorted((energy for _, energy in trial.steps), reverse=True)
    assert LJ.energy(np.array(trial.positions)) == pytest.approx(trial.energy, abs=1e-4)
    assert trial == trials.without_surrogate(7, 0, structures.Hopping(), GOAL, most=20_000)
    assert trial != trials.without_surrogate(7, 1, structures.Hopping(), GOAL, most=20_000)


def test_a_trial_ends_when_its_calls_are_spent():
    trial = trials.without_surrogate(19, 0, structures.Hopping(), goal=-1e6, most=200)
    assert trial.found is None
    assert 200 <= trial.calls < 1000
    trial = trials.without_surrogate(7, 0, structures.Evolution(), goal=-1e6, most=300)
    assert trial.found is None
    assert 300 <= trial.calls < 330


def test_cma_es_starts_again_until_the_goal(monkeypatch):
    starts, evolve = [], structures.evolve

    def recorded(potential, start, *others):
        starts.append(start)
        return evolve(potential, start, *others)

    monkeypatch.setattr(structures, "evolve", recorded)
    short = structures.Evolution(calls=40)  # what it finds is far from the goal, before and after its relaxation
    trial = trials.without_surrogate(7, 1, short, GOAL, most=30_000)
    assert trial.found is not None
    assert trial.energy <= GOAL
    assert len(starts) >= 2
    assert not np.array_equal(starts[0], starts[1])


def test_the_end_of_cma_es_is_relaxed():
    short = structures.Evolution(calls=300)
    trial = trials.without_surrogate(4, 1, short, trials.known(4) + 1e-4, most=20_000)
    assert trial.found is not None
    assert trial.found < 3000, "by itself it takes thousands of calls to come that near"


def test_a_perfect_surrogate_needs_few_calls():
    learned = search.Guarded([LJ], closest=0.9)
    trial = trials.with_surrogate(7, 0, learned, 300, GOAL, starts=1, hops=60)
    assert trial.found == 1
    assert trial.calls < 50
    assert trial.labels == 300
    assert trial.counts["minima"] == 61
    assert trial.counts["calls"] > 600
    again = trials.with_surrogate(7, 0, learned, 300, GOAL, starts=1, hops=60)
    assert trial == again, "what was counted before does not count again"


def test_a_surrogate_that_is_broken_leaves_a_trace():
    def broken(positions):
        return np.nan, np.zeros_like(positions)

    trial = trials.with_surrogate(5, 0, search.Guarded([broken], 0.9), 10, GOAL, starts=1, hops=3)
    assert (trial.found, trial.calls, trial.energy, trial.steps) == (None, 0, None, ())
    assert trial.counts["energies not finite"] == trial.counts["calls"]
    assert trial.counts["not finite"] == trial.counts["minima"] == 4
    assert trials.summary([trial])["successes"] == 0


def test_a_goal_that_is_reached_too_late_is_not_reached():
    late = trials.without_surrogate(7, 0, structures.Hopping(), GOAL, most=20_000)
    assert trials.without_surrogate(7, 0, structures.Hopping(), GOAL, most=late.found).found == late.found
    assert trials.without_surrogate(7, 0, structures.Hopping(), GOAL, most=late.found - 1).found is None


@pytest.mark.parametrize("method", [structures.Hopping(), structures.Evolution()])
def test_any_potential_is_one_argument(method):
    true = LJ + potentials.AxilrodTeller(0.5)
    trial = trials.without_surrogate(4, 0, method, -1e6, 300, true)
    assert trial.energy == pytest.approx(true(np.array(trial.positions))[0], abs=1e-3)


def test_what_one_success_costs():
    def trial(found, calls):
        return trials.Trial(found, calls, 0.0)

    found = trials.summary([trial(10, 25), trial(None, 100), trial(30, 30)])
    assert found == {
        "trials": 3,
        "successes": 2,
        "calls": (10 + 100 + 30) / 2,
        "made": (25 + 100 + 30) / 2,
        "median": 20,
    }
    assert trials.summary([trial(None, 5)])["calls"] == np.inf


def test_trials_are_made_once(store):
    made = []

    def search_from(seed):
        made.append(seed)
        return trials.without_surrogate(5, seed, structures.Hopping(), trials.known(5) + 1e-4, most=3000)

    first = trials.stored("search/five", {"n_atoms": 5}, search_from, range(3))
    assert first == trials.stored("search/five", {"n_atoms": 5}, search_from, range(3))
    assert made == [0, 1, 2]
    assert first[1] == search_from(1)
    assert trials.stored("search/five", {"n_atoms": 5}, search_from, range(4))[:3] == first
    assert made == [0, 1, 2, 1, 3]


def test_settings_are_tried_and_the_cheapest_come_first(store):
    tried = [structures.Hopping(shake=0.2, surface=0.0), structures.Hopping()]
    found = trials.tuned("search/tuning", 5, tried, trials.known(5) + 1e-4, 2000, range(3))
    assert found == trials.tuned("search/tuning", 5, tried, trials.known(5) + 1e-4, 2000, range(3))
    assert set(found) == set(tried)
    costs = [outcome["calls"] for outcome in found.values()]
    assert costs == sorted(costs)
    for settings, outcome in found.items():
        made = [trials.without_surrogate(5, seed, settings, trials.known(5) + 1e-4, 2000) for seed in range(3)]
        assert {name: outcome[name] for name in trials.summary(made)} == trials.summary(made)
    hopeless = trials.tuned("search/hopeless", 5, tried, -100.0, 100, range(2))
    energies = [outcome["energy"] for outcome in hopeless.values()]
    assert energies == sorted(energies)


def test_another_potential_is_never_given_stored_results_of_the_first(store):
    method = [structures.Hopping()]
    found = [
        trials.tuned("search/tuning", 4, method, -1e6, 100, range(2), true)
        for true in (LJ, (LJ + potentials.AxilrodTeller(3.0)))
    ]
    assert found[0][method[0]]["energy"] != found[1][method[0]]["energy"]


def test_settings_of_cma_es_are_tried_likewise(store):
    tried = [structures.Evolution(0.05), structures.Evolution(0.5)]
    found = trials.tuned("search/cma", 4, tried, trials.known(4) + 1e-3, 20_000, range(3))
    assert set(found) == set(tried)
    assert next(iter(found.values()))["successes"] == 3


def test_what_was_reached_after_each_round():
    known = data.simulate(data.Data("low", 32, sizes=(30, 1, 1))).train
    learned_from = []

    def learn(so_far):
        learned_from.append(len(so_far.energies))
        return search.Guarded([LJ], closest=0.9)

    reached = trials.in_rounds(32, 0, learn, known, 120, -1e6, 3, starts=1, hops=2, keep=2)
    assert len(reached) == 3
    assert learned_from[0] == 30 < learned_from[1] < learned_from[2] <= 34
    minima = [trial.counts["minima"] for trial in reached]
    assert minima == [3, 6, 9], "all rounds are counted"
    assert reached[1].counts["calls"] > reached[0].counts["calls"] > 0
    calls = [trial.calls for trial in reached]
    assert calls == sorted(calls)
    assert calls[0] > 0
    energies = [trial.energy for trial in reached]
    assert energies == sorted(energies, reverse=True)
    assert {trial.labels for trial in reached} == {120}
    (first,) = trials.in_rounds(32, 0, learn, known, 120, -1e6, 1, starts=1, hops=2, keep=2)
    assert first == reached[0]


def test_of_improvements_close_together_the_last_is_kept():
    true = potentials.Counted(LJ)
    distances = np.linspace(2.0, 1.2, 500)
    for distance in distances:
        true(np.array([[0.0, 0.0], [distance, 0.0]]))
    steps = trials.Trial.of(true, -1.0).steps
    assert len(true.best) == 500
    assert len(steps) < 300
    assert steps[0][0] == 1
    assert steps[-1] == (500, pytest.approx(LJ.pair_energy(1.2), abs=1e-6))
    calls = np.array([calls for calls, _ in steps])
    assert (np.diff(calls) >= 1).all()
    assert (calls[1:] / calls[:-1])[calls[:-1] > 50].max() < 1.05
