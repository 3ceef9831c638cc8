"""The comparison of searches: the same starts, honest counts, every trial stored as it ends."""

import dataclasses
import sys

import numpy as np
import pandas as pd
import pytest

from surrogates import data, potentials, search
from surrogates.store import names, results
from tests.search import LJ, THREE_BODIES

SEVEN = search.lennard_jones_problem(7)
FOUR = search.lennard_jones_problem(4)
FIVE = search.lennard_jones_problem(5)
HOPPING = search.BasinHopping()


def trial_of(*given):
    (trial,) = search.trials_of(*given)
    return trial


def given(*members, labels=0, **region):
    return search.Given(search.Committee(members, **region), labels)


def test_basin_hopping_is_counted_until_the_goal():
    trial = trial_of(SEVEN, HOPPING, 0, 20_000)
    assert trial.energy <= SEVEN.goal
    assert trial.found <= trial.calls <= 20_000
    assert trial.steps[-1] == (max(calls for calls, _ in trial.steps), pytest.approx(trial.energy, abs=1e-6))
    assert [energy for _, energy in trial.steps] == sorted((energy for _, energy in trial.steps), reverse=True)
    assert LJ(np.array(trial.positions))[0] == pytest.approx(trial.energy, abs=1e-4)
    assert trial == trial_of(SEVEN, HOPPING, 0, 20_000)
    assert trial != trial_of(SEVEN, HOPPING, 1, 20_000)


def test_a_trial_ends_when_its_calls_are_spent():
    trial = trial_of(search.Problem(LJ, 19, -1e6), HOPPING, 0, 200)
    assert trial.found is None
    assert 200 <= trial.calls < 1000
    trial = trial_of(search.Problem(LJ, 7, -1e6), search.CMAES(), 0, 300)
    assert trial.found is None
    assert 300 <= trial.calls < 330


def test_a_perfect_surrogate_needs_few_calls():
    strategy = search.OnSurrogate(given(LJ, labels=300, closest=0.9), starts=1, hops=60)
    trial = trial_of(SEVEN, strategy, 0)
    assert trial.found == 1
    assert trial.calls < 50
    assert trial.labels == 300
    assert trial.counts["minima"] == 61
    assert trial.counts["calls"] > 600
    assert trial.candidate.true == pytest.approx(trial.candidate.learned)
    assert trial == trial_of(SEVEN, strategy, 0), "what was counted before does not count again"


def test_a_surrogate_that_is_broken_leaves_a_trace():
    def broken(positions):
        return np.nan, np.zeros_like(positions)

    strategy = search.OnSurrogate(given(broken, labels=10, closest=0.9), starts=1, hops=3)
    trial = trial_of(FIVE, strategy, 0)
    assert (trial.found, trial.calls, trial.energy, trial.steps) == (None, 0, None, ())
    assert trial.candidate is None
    assert trial.counts["energies not finite"] == trial.counts["calls"]
    assert trial.counts["not finite"] == trial.counts["minima"] == 4
    assert search.summary([trial])["successes"] == 0


def test_a_goal_that_is_reached_too_late_is_not_reached():
    late = trial_of(SEVEN, HOPPING, 0, 20_000)
    assert trial_of(SEVEN, HOPPING, 0, late.found).found == late.found
    assert trial_of(SEVEN, HOPPING, 0, late.found - 1).found is None


@pytest.mark.parametrize("method", [search.BasinHopping(), search.CMAES()])
def test_any_potential_can_be_searched(method):
    true = LJ + potentials.AxilrodTeller(0.5)
    trial = trial_of(search.Problem(true, 4, -1e6), method, 0, 300)
    assert trial.energy == pytest.approx(true(np.array(trial.positions))[0], abs=1e-3)


def test_what_one_success_costs():
    def trial(found, calls):
        return search.Trial(found, calls, 0.0)

    found = search.summary([trial(10, 25), trial(None, 100), trial(30, 30)])
    assert found == {
        "trials": 3,
        "successes": 2,
        "rate": 2 / 3,
        "calls": (10 + 100 + 30) / 2,
        "made": (25 + 100 + 30) / 2,
        "median": 20,
    }
    assert search.summary([trial(None, 5)])["calls"] == np.inf


def test_of_improvements_close_together_the_last_is_kept():
    true = potentials.Counted(LJ)
    for distance in np.linspace(2.0, 1.2, 500):
        true(np.array([[0.0, 0.0], [distance, 0.0]]))
    steps = search.Trial.of(true, -1.0).steps
    assert len(true.best) == 500
    assert len(steps) < 300
    assert steps[0][0] == 1
    assert steps[-1] == (500, pytest.approx(LJ.pair_energy(1.2), abs=1e-6))
    calls = np.array([calls for calls, _ in steps])
    assert (np.diff(calls) >= 1).all()
    assert (calls[1:] / calls[:-1])[calls[:-1] > 50].max() < 1.05


def test_trials_are_made_once_and_by_seed(store, monkeypatch):
    made, search_ = [], search.BasinHopping.search

    def recorded(self, problem, true, rng, calls):
        made.append(1)
        return search_(self, problem, true, rng, calls)

    monkeypatch.setattr(search.BasinHopping, "search", recorded)
    first = search.benchmark("search/five", FIVE, HOPPING, range(3), 3000)
    assert len(made) == 3
    assert first == search.benchmark("search/five", FIVE, HOPPING, range(3), 3000)
    assert len(made) == 3
    assert first[1] == trial_of(FIVE, HOPPING, 1, 3000)
    assert search.benchmark("search/five", FIVE, HOPPING, range(4), 3000)[:3] == first
    assert len(made) == 5


def test_a_killed_benchmark_loses_the_trial_that_was_running(store, monkeypatch):
    expected = [trial_of(FIVE, HOPPING, seed, 3000) for seed in range(4)]
    asked, random = [], search.Problem.random

    def killed(self, seed):
        asked.append(seed)
        if asked.count(2) == 1 and seed == 2:
            raise KeyboardInterrupt
        return random(self, seed)

    monkeypatch.setattr(search.Problem, "random", killed)
    with pytest.raises(KeyboardInterrupt):
        search.benchmark("search/killed", FIVE, HOPPING, range(4), 3000)
    rows = pd.read_json(names.results_folder() / "search/killed.jsonl", lines=True)
    assert rows.found.tolist() == [trial.found for trial in expected[:2]]
    assert search.benchmark("search/killed", FIVE, HOPPING, range(4), 3000) == expected
    assert asked == [0, 1, 2, 2, 3]


def test_what_determines_a_trial_is_part_of_its_key(store):
    """Or a stored one of another kind would be shown."""
    learner = search.SplineFit(data.Data("low", 4, 5.0, sizes=(30, 1, 1)), 20)
    strategy = search.OnSurrogate(learner, starts=1, hops=2)
    tried = [(FOUR, strategy, None)]
    tried += [(FOUR, dataclasses.replace(strategy, learner=dataclasses.replace(learner, structures=30)), None)]
    tried += [(FOUR, dataclasses.replace(strategy, **{name: 3}), None) for name in ("starts", "hops", "keep")]
    tried += [(FOUR, dataclasses.replace(strategy, method=search.BasinHopping(atoms=1)), None), (FOUR, strategy, 9)]
    tried += [(dataclasses.replace(FOUR, goal=-2.0), strategy, None)]
    tried += [(dataclasses.replace(FOUR, potential=THREE_BODIES), strategy, None)]
    tried += [(dataclasses.replace(FOUR, dimensions=3), strategy, None)]
    for number, (problem, strategy, calls) in enumerate(tried, 1):
        for _ in range(2):
            search.benchmark("search/keys", problem, strategy, [0], calls)
        table = results.frame("search/keys")
        assert len(table) == table.key.nunique() == number, (problem, strategy, calls)


def test_a_setting_at_its_default_is_no_part_of_it():
    learner = search.SplineFit(data.Data("low"), 20)
    assert search.benchmark_settings(FOUR, search.OnSurrogate(learner)) == {
        "problem": {"kind": "Problem", "potential": {"kind": "LennardJones"}, "n_atoms": 4, "goal": FOUR.goal},
        "strategy": {
            "kind": "OnSurrogate",
            "learner": {"kind": "SplineFit", "data": {"kind": "Data", "energies": "low"}, "structures": 20},
        },
    }
    spelt = search.OnSurrogate(learner, search.BasinHopping(0.4, 1.0), starts=2)
    assert search.benchmark_settings(FOUR, spelt) == search.benchmark_settings(FOUR, search.OnSurrogate(learner))


def test_another_potential_is_never_given_the_trials_of_the_first(store):
    """Nor one that has no name of its own: it is not stored at all."""
    found = [
        search.benchmark("search/same", search.Problem(true, 4, -1e6), HOPPING, range(2), 100)
        for true in (LJ, THREE_BODIES, potentials.LennardJones(epsilon=2.0))
    ]
    energies = [trials[0].energy for trials in found]
    assert len(set(energies)) == 3
    nameless = search.Problem(lambda positions: LJ(positions), 4, -1e6)
    assert trial_of(nameless, HOPPING, 0, 100) == found[0][0]
    with pytest.raises(ValueError, match="define it at the top of a file|does not say what"):
        search.benchmark("search/same", nameless, HOPPING, range(2), 100)


def test_a_table_of_all_trials(store):
    search.benchmark("small/table", FIVE, HOPPING, range(2), 2000)
    search.benchmark("small/table", FIVE, search.CMAES(0.25), range(2), 2000)
    table = results.frame("small/table")
    assert table.seed.tolist() == [0, 1, 0, 1]
    assert table["settings.strategy.kind"].tolist() == ["BasinHopping"] * 2 + ["CMAES"] * 2
    assert table["settings.problem.n_atoms"].tolist() == [5] * 4


def test_strategies_are_ranked_by_what_a_success_costs(store):
    tried = [search.BasinHopping(shake=0.2, surface=0.0), HOPPING]
    found = search.ranked("search/tuning", FIVE, tried, range(3), 2000)
    assert found == search.ranked("search/tuning", FIVE, tried, range(3), 2000)
    assert set(found) == set(tried)
    costs = [outcome["calls"] for outcome in found.values()]
    assert costs == sorted(costs)
    for strategy, outcome in found.items():
        made = [trial_of(FIVE, strategy, seed, 2000) for seed in range(3)]
        assert {name: outcome[name] for name in search.summary(made)} == search.summary(made)
    hopeless = search.ranked("search/tuning", dataclasses.replace(FIVE, goal=-100.0), tried, range(2), 100)
    energies = [outcome["energy"] for outcome in hopeless.values()]
    assert energies == sorted(energies)
    tried = [search.CMAES(0.05), search.CMAES(0.5)]
    found = search.ranked("search/tuning", dataclasses.replace(FOUR, goal=FOUR.goal + 9e-4), tried, range(3), 20_000)
    assert set(found) == set(tried)
    assert next(iter(found.values()))["successes"] == 3


def test_outcomes_are_no_answer_where_whole_trials_are_asked_for(store):
    search.ranked("search/both", FIVE, [HOPPING], range(2), 2000)
    assert all(trial.steps for trial in search.benchmark("search/both", FIVE, HOPPING, range(2), 2000))


def test_finalists_are_tried_again_with_other_seeds(store, monkeypatch):
    tried = [search.BasinHopping(shake=shake, surface=0.0) for shake in (0.05, 0.3, 0.5)]
    tolerances = (1e-3, 0.1)
    for problem in (FOUR, FIVE):
        chosen, spent = search.tune("small/tuning", problem, tried, range(3), 2000, 2, range(10, 14), tolerances)
        first = search.ranked("a", problem, tried, range(3), 2000)
        best = [dataclasses.replace(one, tolerance=value) for one in list(first)[:2] for value in tolerances]
        finals = search.ranked("b", problem, best, range(10, 14), 2000)
        assert chosen == next(iter(finals))
        assert spent == sum(outcome["spent"] for found in (first, finals) for outcome in found.values())
    first = search.ranked("a", FOUR, tried, range(3), 2000)
    monkeypatch.setattr(sys.modules["surrogates.search.benchmark"], "trials_of", None)  # all is stored
    alone, spent = search.tune("small/tuning", FOUR, tried, range(3), 2000, 1, range(10, 14), (0.1,))
    assert alone == dataclasses.replace(next(iter(first)), tolerance=0.1)
    assert spent == sum(outcome["spent"] for outcome in first.values()), "a single finalist is not tried again"
    with pytest.raises(ValueError, match="^finalists = 0: give"):
        search.tune("small/tuning", FOUR, tried, range(3), 2000, finalists=0)


def test_the_best_width_of_cma_es(store):
    widths = [search.CMAES(width) for width in (0.1, 0.5)]
    chosen, spent = search.tune("small/cma", FOUR, widths, range(3), 2000, tolerances=(1e-3, 0.1))
    first = search.ranked("c", FOUR, widths, range(3), 2000)
    assert chosen == next(iter(first))
    assert spent == sum(outcome["spent"] for outcome in first.values()), "CMA-ES relaxes nothing on its way"
