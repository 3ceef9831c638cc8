"""Searches in numbers and sentences."""

from types import SimpleNamespace

import numpy as np
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


def test_whether_the_labels_are_worth_it():
    table = searches.paybacks(found(), ["hopping", "other hopping"], ["spline"])
    assert table.rival.tolist() == [215, 8100]
    assert table.calls.tolist() == [70, 40]
    assert table.share.tolist() == [70 / 215, 40 / 8100]
    assert table.one.tolist() == [False, True]
    assert table.pays.tolist() == [np.ceil(1000 / 145), 1]
    shown = searches.paybacks_table(table)
    assert shown["Worth it from"].tolist() == ["7 searches", "the first"]
    assert searches.paybacks_sentence(table) == (
        "The labels of the spline are worth it for a single search of 32 atoms, not of 7."
    )
    assert "not worth it for a single search of 7 and 32 atoms" in searches.paybacks_sentence(table.assign(one=False))
    assert "worth it even for a single search of 7 and 32" in searches.paybacks_sentence(table.assign(one=True))


def test_a_surrogate_that_never_succeeds_is_never_worth_it():
    by_label = {"hopping": {7: [trial(100, 120)]}, "bad": {7: [trial(None, 40, 10)]}}
    table = searches.paybacks(by_label, ["hopping"], ["bad"])
    assert table.pays.tolist() == [np.inf]
    assert searches.paybacks_table(table).iloc[0].tolist() == ["bad", "7", "120", "–", "10", "no", "never"]


def test_a_rival_without_success_costs_more_than_all_that_was_spent():
    by_label = {"hopping": {7: [trial(None, 300), trial(None, 400)]}, "good": {7: [trial(5, 20, 600)]}}
    table = searches.paybacks(by_label, ["hopping"], ["good"])
    assert table.rival.tolist() == [700]
    assert table.share.tolist() == [20 / 700]
    assert table.one.tolist() == [True]
    assert searches.paybacks_table(table).iloc[0, 2] == "over 700"
    by_label["good"][7][0] = trial(5, 20, 10**7)
    table = searches.paybacks(by_label, ["hopping"], ["good"])
    assert not table.one.any(), "ten million labels are not paid back by 700 calls and more"


def test_success_and_few_calls_have_to_come_together():
    by_label = found() | {"other": {32: [trial(None, 10, 1000), trial(8, 10, 1000)]}}
    table = searches.paybacks(by_label, ["hopping"], ["spline", "other"])
    assert searches.sufficient(table, 32, 2, 0.01).search.tolist() == ["spline"]
    assert searches.sufficient(table, 32, 1, 0.01).search.tolist() == ["spline", "other"]
    assert searches.sufficient(table, 32, 2, 0.001).empty
    assert searches.sufficient(table, 7, 1, 0.01).empty


def test_tables_of_all_searches():
    table = searches.searches_table(found())
    assert table.Atoms.tolist() == ["7", "7", "7", "32", "32", "32"]
    assert table.iloc[2].tolist()[:4] == ["spline", "7", "1 of 2", "70"]
    assert searches.refused_minima(found()["spline"]) == 0
    assert searches.refused_minima({7: [trial(None, 3, 9, **{"minima": 4, "too close": 2, "not finite": 1})]}) == 3
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
    assert table.iloc[0].tolist() == ["hopping", "7", "1 of 2", "24", "10", "−2.000", "0"]
    assert table.iloc[1].tolist() == ["cma", "7", "0 of 1", "–", "–", "−1.000", "0"]


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
    shakes=(0.3,),
    tolerances=(0.001, 0.1),
    widths=(0.5, 1.0),
    training_structures=50,
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
    found = searches.without_surrogate("small", {4: problem}, SETTINGS)
    assert list(found.tuned) == list(found.trials) == [searches.SHAKING, searches.SURFACE, searches.EVOLUTION]
    assert set(asked) == {1_000_003, 1_000_004, 2_000_003, 2_000_004, 3, 4}
    assert len(found.trials[searches.SHAKING][4]) == 2
    assert found.tuned[searches.EVOLUTION][4].strategy in searches.strategies(SETTINGS)[searches.EVOLUTION]
    asked.clear()
    alone = searches.without_surrogate("small", {4: problem}, SETTINGS, (searches.EVOLUTION,))
    assert alone.trials == {searches.EVOLUTION: found.trials[searches.EVOLUTION]}
    assert not asked, "they are stored"


def test_what_pages_share_can_be_replaced_by_name():
    learner = search.SplineFit(searches.low_energy_structures(SETTINGS), 20)
    strategy = searches.on_surrogate(learner, search.BasinHopping(), SETTINGS, hops=9, rounds=2)
    assert (strategy.starts, strategy.hops, strategy.keep, strategy.relaxed, strategy.rounds) == (1, 9, 3, 1, 2)
    with pytest.raises(TypeError, match="rouns"):
        searches.on_surrogate(learner, search.BasinHopping(), SETTINGS, rouns=2)
