"""Searches in numbers, sentences and figures."""

import numpy as np
import pytest

from surrogates import search
from surrogates.analysis import surrogate_search


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
    table = surrogate_search.paybacks(found(), ["hopping", "other hopping"], ["spline"])
    assert table.rival.tolist() == [215, 8100]
    assert table.calls.tolist() == [70, 40]
    assert table.share.tolist() == [70 / 215, 40 / 8100]
    assert table.one.tolist() == [False, True]
    assert table.pays.tolist() == [np.ceil(1000 / 145), 1]
    shown = surrogate_search.paybacks_table(table)
    assert shown["Worth it from"].tolist() == ["7 searches", "the first"]
    assert surrogate_search.paybacks_sentence(table) == (
        "The labels of the spline are worth it for a single search of 32 atoms, not of 7."
    )
    assert "not worth it for a single search of 7 and 32 atoms" in surrogate_search.paybacks_sentence(
        table.assign(one=False)
    )
    assert "worth it even for a single search of 7 and 32" in surrogate_search.paybacks_sentence(table.assign(one=True))


def test_a_surrogate_that_never_succeeds_is_never_worth_it():
    searches = {"hopping": {7: [trial(100, 120)]}, "bad": {7: [trial(None, 40, 10)]}}
    table = surrogate_search.paybacks(searches, ["hopping"], ["bad"])
    assert table.pays.tolist() == [np.inf]
    assert surrogate_search.paybacks_table(table).iloc[0].tolist() == ["bad", "7", "120", "–", "10", "no", "never"]


def test_a_rival_without_success_costs_more_than_all_that_was_spent():
    searches = {"hopping": {7: [trial(None, 300), trial(None, 400)]}, "good": {7: [trial(5, 20, 600)]}}
    table = surrogate_search.paybacks(searches, ["hopping"], ["good"])
    assert table.rival.tolist() == [700]
    assert table.share.tolist() == [20 / 700]
    assert table.one.tolist() == [True]
    assert surrogate_search.paybacks_table(table).iloc[0, 2] == "over 700"
    searches["good"][7][0] = trial(5, 20, 10**7)
    table = surrogate_search.paybacks(searches, ["hopping"], ["good"])
    assert not table.one.any(), "ten million labels are not paid back by 700 calls and more"


def test_success_and_few_calls_have_to_come_together():
    searches = found() | {"other": {32: [trial(None, 10, 1000), trial(8, 10, 1000)]}}
    table = surrogate_search.paybacks(searches, ["hopping"], ["spline", "other"])
    assert surrogate_search.sufficient(table, 32, 2, 0.01).search.tolist() == ["spline"]
    assert surrogate_search.sufficient(table, 32, 1, 0.01).search.tolist() == ["spline", "other"]
    assert surrogate_search.sufficient(table, 32, 2, 0.001).empty
    assert surrogate_search.sufficient(table, 7, 1, 0.01).empty


def test_tables_of_all_searches():
    table = surrogate_search.searches_table(found())
    assert table.Atoms.tolist() == ["7", "7", "7", "32", "32", "32"]
    assert table.iloc[2].tolist()[:4] == ["spline", "7", "1 of 2", "70"]
    assert surrogate_search.refused_minima(found()["spline"]) == 0
    assert (
        surrogate_search.refused_minima({7: [trial(None, 3, 9, **{"minima": 4, "too close": 2, "not finite": 1})]}) == 3
    )
    table = surrogate_search.refusals_table({"spline": found()["spline"]})
    assert table.iloc[0].tolist() == ["spline", "7", "17", "2", "5", "0", "0", "0", "0", "0.0\u00a0%"]
    left = search.Trial(None, 3, -1.0, counts={"calls": 200, "calls beyond the range": 30})
    assert surrogate_search.refusals_table({"spline": {7: [left, left]}}).iloc[0, -1] == "15.0\u00a0%"


def test_the_lowest_of_several_searches():
    searches = {"a": [trial(1, 2, energy=-3.0)], "b": [trial(1, 2, energy=-4.0), trial(None, 0, energy=None)]}
    assert surrogate_search.lowest_trial(searches).energy == -4.0
    assert surrogate_search.lowest_trial({"b": [trial(None, 0, energy=None)]}) is None


def test_rounds_are_shown_one_below_the_other():
    nothing, labelled = trial(None, 0, energy=None), trial(None, 0, labels=7, energy=None)
    table = surrogate_search.rounds_table(
        {
            20: [[trial(None, 30, energy=-2.0), nothing], [trial(50, 60, energy=-3.0), nothing]],
            50: [[labelled], [labelled]],
        }
    )
    assert table.values.tolist() == [
        ["20", "0", "1", "0 of 2", "15", "−2.000", "−2.000"],
        ["20", "0", "2", "1 of 2", "30", "−3.000", "−3.000"],
        ["50", "7", "1", "0 of 1", "0", "–", "–"],
        ["50", "7", "2", "0 of 1", "0", "–", "–"],
    ]


def test_settings_and_verdicts_as_text():
    tuned = {"a": {7: search.BasinHopping(0.1, 0.0, shake=0.3)}, "b": {7: search.BasinHopping(0.2, 1.0, atoms=1)}}
    assert surrogate_search.settings_table(tuned).values.tolist() == [
        ["a", "7", "0.1", "shifts up to 0.3 σ", "0.001"],
        ["b", "7", "0.2", "1 atom moved", "0.001"],
    ]
    table = surrogate_search.goals_table([("this", "1 of 2", True), ("that", "0 of 2", False)])
    assert table.Verdict.tolist() == ["reached", "missed"]


def test_settings_at_the_edge_of_what_was_tried_are_named():
    tried = {
        "hopping": [search.BasinHopping(t, atoms=atoms) for t in (0.1, 0.2, 0.4) for atoms in (1, 2, 3)],
        "CMA-ES": [search.CMAES(width) for width in (0.1, 0.2, 0.4)],
    }
    inside = {"hopping": {7: search.BasinHopping(0.2, atoms=1)}, "CMA-ES": {7: search.CMAES(0.2)}}
    assert surrogate_search.at_edge(inside, tried) == []
    assert surrogate_search.edges_sentence([]).startswith("None of them")
    outside = {"hopping": {7: search.BasinHopping(0.4, atoms=3)}, "CMA-ES": {13: search.CMAES(0.1)}}
    named = ["7 atoms, hopping: temperature 0.4", "7 atoms, hopping: atoms 3", "13 atoms, CMA-ES: width 0.1"]
    assert surrogate_search.at_edge(outside, tried) == named
    assert surrogate_search.edges_sentence(named).endswith("; ".join(named) + ".")
    alone = {"hopping": [search.BasinHopping(0.2, atoms=1)]}
    assert surrogate_search.at_edge({"hopping": inside["hopping"]}, alone) == [], "there was no other value"
    assert surrogate_search.settings_table({"CMA-ES": {7: search.CMAES(0.2)}}).iloc[0].tolist() == [
        "CMA-ES", "7", "–", "first steps of 0.2 σ", "–",
    ]  # fmt: skip


def improving(found, steps, energy=-1.0):
    return search.Trial(found, steps[-1][0] + 5, energy, steps)


def test_the_best_energy_so_far_by_calls():
    tried = [
        improving(10, ((1, 0.0), (10, -2.0))),
        improving(None, ((1, 0.0), (4, -1.0))),
        improving(12, ((1, 1.0), (12, -2.0))),
    ]
    (axes,) = surrogate_search.energy_by_calls({"hopping": tried}, lowest=-2.0, panel="7 atoms").axes
    *single, median = (line.get_xydata() for line in axes.lines)
    assert len(single) == 3
    for calls, above in median:
        expected = np.median([2.0 if calls < 10 else 1e-4, 2.0 if calls < 4 else 1.0, 3.0 if calls < 12 else 1e-4])
        assert above == pytest.approx(expected)
    assert median[-1, 0] == 17, "as long as the longest search"


def test_a_search_that_asked_for_nothing_can_be_drawn():
    nothing = search.Trial(None, 0, None)
    axes = surrogate_search.energy_by_calls(
        {"broken": [nothing], "late": [improving(7, ((5, 0.0),))]}, -2.0, "7 atoms"
    ).axes[0]
    broken, _, late, _ = (line.get_xydata() for line in axes.lines)
    assert not np.isfinite(broken[:, 1]).any()
    assert not np.isfinite(late[late[:, 0] < 5, 1]).any()
    assert (late[late[:, 0] >= 5, 1] == 2.0).all()
    assert surrogate_search.trials_table({"broken": [nothing]}).iloc[0].tolist() == [
        "broken",
        "0 of 1",
        "–",
        "–",
        "–",
        "0",
    ]


def test_searches_in_numbers():
    searches = {
        "hopping": [improving(10, ((10, -2.0),), -2.0), improving(None, ((4, -1.0),))],
        "cma": [improving(None, ((3, 0.0),))],
    }
    table = surrogate_search.trials_table(searches)
    assert table.iloc[0].tolist() == ["hopping", "1 of 2", "24", "10", "−2.000", "0"]
    assert table.iloc[1].tolist() == ["cma", "0 of 1", "–", "–", "−1.000", "0"]
