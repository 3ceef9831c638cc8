"""Searches in numbers and sentences."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surrogates import potentials, search
from surrogates.analysis import searches


def trial(found, calls, labels=0, energy=-1.0, **counts):
    return search.Trial(found, calls, energy, ((calls, energy),), [[0.0, 0.0], [1.0, 0.0]], labels, counts)


def found():
    return {
        "hopping": {7: [trial(100, 120), trial(300, 310)], 32: [trial(5000, 5100), trial(None, 3000)]},
        "other hopping": {7: [trial(None, 900)] * 2, 32: [trial(None, 900)] * 2},
        "spline": {
            7: [trial(20, 30, 1000, minima=9, candidates=2), trial(None, 40, 1000, minima=8, duplicates=5)],
            32: [trial(30, 40, 1000)] * 2,
        },
    }


def test_what_a_success_costs_includes_the_labels():
    costs = searches.price(found()["spline"][7])
    assert costs == {"trials": 2, "successes": 1, "labels": 1000, "calls": 60, "total": 1060} | {
        "spread": costs["spread"]
    }
    assert np.isnan(costs["spread"])
    two = searches.price([trial(20, 30, 10), trial(40, 50, 30)])
    assert (two["labels"], two["calls"], two["total"]) == (20, 30, 50)
    assert two["spread"] == pytest.approx(np.std([30, 70], ddof=1))
    assert searches.price([trial(None, 30, 10)])["total"] == np.inf


def test_whether_the_labels_are_worth_it():
    table = searches.paybacks(found(), "hopping", ["spline"])
    assert table.rival.tolist() == [200, 8000]
    assert table.total.tolist() == [1060, 1030]
    assert table.share.tolist() == [1060 / 200, 1030 / 8000]
    assert table.one.tolist() == [False, True]
    assert searches.paybacks_sentence(table) == "The spline pays in a single search for 32 atoms, not for 7."
    two = pd.concat([table.assign(one=True), table.assign(search="spline, labels beforehand", one=False)])
    assert searches.paybacks_sentence(two) == (
        "The spline pays in a single search for 7 and 32 atoms, the spline with labels beforehand for none."
    )
    assert searches.paybacks_sentence(two.assign(one=False)) == "Neither surrogate pays in a single search."
    assert searches.paybacks_sentence(table.assign(one=False)) == "No surrogate pays in a single search."


def test_a_rival_without_success_costs_more_than_all_that_was_spent():
    by_label = {"hopping": {7: [trial(None, 300), trial(None, 400)]}, "good": {7: [trial(5, 20, 600)]}}
    (row,) = searches.paybacks(by_label, "hopping", ["good"]).itertuples()
    assert (row.rival, row.least, row.share, row.one) == (700, True, 605 / 700, True)
    assert searches.rival_calls(row) == "over 700"
    by_label["good"][7][0] = trial(None, 20, 10)
    (row,) = searches.paybacks(by_label, "hopping", ["good"]).itertuples()
    assert (row.total, row.one) == (np.inf, False)


def test_tables_of_all_searches():
    table = searches.searches_table(found())
    assert table.Atoms.tolist() == ["7", "7", "7", "32", "32", "32"]
    assert table.iloc[2].tolist() == ["spline", "7", "1 of 2", "−1.000", "1,000", "60", "1,060", "–"]
    table = searches.refusals_table({"spline": found()["spline"]})
    assert table.iloc[0].tolist() == ["spline", "7", "17", "2", "5", "0", "0", "0", "0", "0.0\u00a0%"]
    left = search.Trial(None, 3, -1.0, counts={"calls": 200, "calls beyond the range": 30})
    assert searches.refusals_table({"spline": {7: [left, left]}}).iloc[0, -1] == "15.0\u00a0%"


def test_the_lowest_of_several_searches():
    by_label = {"a": [trial(1, 2, energy=-3.0)], "b": [trial(1, 2, energy=-4.0), trial(None, 0, energy=None)]}
    assert searches.lowest_trial(by_label).energy == -4.0
    assert searches.lowest_trial({"b": [trial(None, 0, energy=None)]}) is None


def improving(found, steps, energy=-1.0):
    return search.Trial(found, steps[-1][0] + 5, energy, steps)


def test_searches_in_numbers():
    by_label = {
        "hopping": {7: [improving(10, ((10, -2.0),), -2.0), improving(None, ((4, -1.0),))]},
        "cma": {7: [improving(None, ((3, 0.0),))]},
    }
    table = searches.searches_table(by_label)
    assert table.iloc[0].tolist() == ["hopping", "7", "1 of 2", "−2.000", "19", "–"]
    assert table.iloc[1].tolist() == ["cma", "7", "0 of 1", "−1.000", "–", "–"]


SETTINGS = SimpleNamespace(
    seed=3,
    box=32.0,
    search_seeds=2,
    most_calls=400,
    tuning_seeds=2,
    tuning_calls=200,
    finalists=2,
    final_seeds=2,
    temperatures=(0.2, 0.4),
    moved_atoms=(1,),
    pocket_atoms=(1, 2),
    shakes=(0.3,),
    tolerances=(0.001, 0.1),
    widths=(0.5, 1.0),
    few_structures=20,
    starts=1,
    hops=4,
    keep=3,
    relaxed=1,
)


def test_searches_without_a_surrogate_are_tuned_with_seeds_of_their_own(store, monkeypatch):
    asked = []
    monkeypatch.setattr(
        search.Problem, "random", lambda problem, seed: asked.append(seed) or np.random.default_rng(seed)
    )
    problem = search.Problem(potentials.LennardJones(), 4, -4.0)
    found = searches.without_surrogate("small", {4: problem}, SETTINGS, searches.strategies(SETTINGS))
    assert list(found.tuned) == list(found.trials) == [searches.HOPPING, searches.EVOLUTION]
    assert set(asked) == {1_000_003, 1_000_004, 2_000_003, 2_000_004, 3, 4}
    assert len(found.trials[searches.HOPPING][4]) == 2
    assert found.tuned[searches.EVOLUTION][4].strategy in searches.strategies(SETTINGS)[searches.EVOLUTION]
    asked.clear()
    steps = searches.strategies(SETTINGS)[searches.EVOLUTION]
    alone = searches.without_surrogate("small", {4: problem}, SETTINGS, {searches.EVOLUTION: steps})
    assert alone.trials == {searches.EVOLUTION: found.trials[searches.EVOLUTION]}
    assert not asked, "they are stored"


def test_the_step_of_cma_es_is_the_tuned_one(store):
    settings = SimpleNamespace(**vars(SETTINGS) | {"profile": "small", "search_atoms": [4]})
    width, trials = searches.tuned_step(settings, search.lennard_jones_problem(4))
    assert width in SETTINGS.widths and len(trials) == 2
    assert searches.tuned_step(settings, search.lennard_jones_problem(5)) == (0.5, [])


def test_several_sets_of_labels_have_a_seed_each(store):
    learners = [search.SplineFit(searches.low_energy_structures(SETTINGS, number), 20) for number in range(2)]
    problem = search.lennard_jones_problem(4)
    found = searches.with_surrogate("small", {4: problem}, learners, search.BasinHopping(), SETTINGS)
    assert [trial.labels for trial in found[4]] == [learner.labels(problem) for learner in learners]
    (one,) = search.trials_of(problem, searches.on_surrogate(learners[1], search.BasinHopping(), SETTINGS), 4)
    assert found[4][1] == one


def test_what_pages_share_can_be_replaced_by_name(store):
    learner = search.SplineFit(searches.low_energy_structures(SETTINGS), 20)
    strategy = searches.on_surrogate(learner, search.BasinHopping(), SETTINGS, hops=9)
    assert (strategy.starts, strategy.hops, strategy.keep, strategy.relaxed) == (1, 9, 3, 1)
    with pytest.raises(TypeError, match="hop"):
        searches.on_surrogate(learner, search.BasinHopping(), SETTINGS, hop=2)
    four = {4: search.lennard_jones_problem(4)}
    found = searches.same_settings("small", four, search.Multistart(), 2, SETTINGS.most_calls, SETTINGS)
    assert found == {4: search.benchmark("small/searches", four[4], search.Multistart(), range(3, 5), 400)}
    assert len(searches.same_settings("small", four, strategy, 1, None, SETTINGS)[4]) == 1
