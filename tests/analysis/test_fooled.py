"""Where searches on a network end."""

import dataclasses

import numpy as np

from surrogates import search
from surrogates.analysis import fooled
from tests.analysis.test_searches import trial


def driven(learned, true, closest, positions, trial):
    return dataclasses.replace(trial, candidate=search.Candidate(learned, true, closest, positions))


def test_what_fooled_the_network_is_shown():
    ends = [
        driven(-90.0, 1e30, 0.02, [[0.0, 0.0], [0.0, 0.02]], trial(None, 90, energy=-30.0)),
        driven(-20.0, -16.0, 1.0, [[0.0, 0.0], [0.0, 1.0]], trial(50, 90, energy=-83.0)),
    ]
    table = fooled.driven_table({"unguarded": ends})
    assert table.iloc[0].tolist() == ["unguarded", "−90.00", "1.0·10³⁰", "0.020", "−83.00", "1 of 2"]
    (axes,) = fooled.predicted_against_true({"unguarded": ends}, -82.97).axes
    assert axes.lines[0].get_xydata().tolist() == [[1e12, -90.0], [-16.0, -20.0]]


def test_a_prediction_below_the_truth_lies_below_the_line_where_both_are_equal():
    low = driven(-335.0, 1e20, 0.02, [[0.0, 0.0], [0.0, 0.02]], trial(None, 90, energy=-30.0))
    too_low = driven(-150.0, -130.0, 1.0, [[0.0, 0.0], [0.0, 1.0]], trial(None, 90, energy=-30.0))
    (axes,) = fooled.predicted_against_true({"unguarded": [low], "guarded": [too_low]}, -82.97).axes
    equal = next(line for line in axes.lines if line.get_label() == "predicted = true")
    x, y = axes.transData.transform(equal.get_xydata()).T
    order = np.argsort(x)
    for at, below in (((-130.0, -150.0), True), ((-150.0, -130.0), False)):
        place = axes.transData.transform(at)
        assert (place[1] < np.interp(place[0], x[order], y[order])) == below


def test_a_search_that_ended_with_nothing_is_left_out_of_what_fooled_it():
    nothing = trial(None, 0, energy=None)
    end = driven(-20.0, -16.0, 1.0, [[0.0, 0.0], [0.0, 1.0]], trial(50, 90, energy=-83.0))
    assert fooled.most_fooled([nothing, end]) is end.candidate
    assert np.isnan(fooled.most_fooled([nothing]).learned)
    table = fooled.driven_table({"a": [nothing, end], "b": [nothing]})
    assert table.values.tolist() == [
        ["a", "−20.00", "−16.00", "1.0", "−83.00", "1 of 2"],
        ["b", "–", "–", "–", "–", "0 of 1"],
    ]
    (axes,) = fooled.predicted_against_true({"a": [nothing, end], "b": [nothing]}, -82.97).axes
    assert [len(line.get_xdata()) for line in axes.lines[:2]] == [1, 0]


def test_what_is_said_of_the_driven_network():
    free = [driven(-90.0, 1e30, 0.02, [[0.0, 0.0], [0.0, 0.02]], trial(None, 90, energy=-30.0))]
    reached = trial(50, 90, energy=-83.0)
    counts = {"calls": 200, "calls beyond the range": 50}
    bound = [
        driven(-20.0, -16.0, 1.0, [[0.0, 0.0], [0.0, 1.0]], dataclasses.replace(reached, counts=counts)),
        trial(None, 0, energy=None),
    ]
    assert fooled.driven_numbers(free, bound, 0.9) == {
        "fooled_learned": "−90.0",
        "fooled_true": "1.0·10³⁰",
        "fooled_closest": "0.020",
        "guarded_learned": "−20.0",
        "guarded_true": "−16.00",
        "ends": 1,
        "left_range": 1,
        "asked_beyond": "25",
        "driven_lowest": "−83.00",
    }
    assert fooled.found_numbers(free, bound) == {"found_free": "none of 1", "found_bound": "1 of 2"}
    goal, measured, holds = fooled.goal(free, bound, 32)
    assert "the lowest structure of 32 atoms" in goal
    assert (measured, holds) == ("0 of 1 searches do, 1 of 2 guarded", True)
    assert not fooled.goal(free, bound[1:], 32)[2]
    titles = [axes.get_title() for axes in fooled.worst_structures({"free": free, "bound": bound}).axes]
    assert titles == ["free\npredicted −90.00\ntrue 1.0·10³⁰", "bound\npredicted −20.00\ntrue −16.00"]


def test_a_search_as_short_on_a_spline_says_whether_hops_are_missing():
    assert fooled.control_sentence([trial(50, 90), trial(None, 90)], 300) == (
        "As short a search on a spline, fitted to the energies of 300 random structures with V < 0, finds the lowest "
        "structure from 1 of 2 seeds: hops are not what is missing."
    )
    assert fooled.control_sentence([trial(None, 90)], 300).endswith(
        "none of 1 seeds: more hops might find it here too."
    )


def test_cma_es_on_the_true_potential_is_named_where_it_was_tried():
    assert fooled.evolution_sentence([], 500) == ""
    said = fooled.evolution_sentence([trial(50, 90), trial(None, 5000)], 5000)
    assert said.endswith("with new starts and 5,000 calls, CMA-ES succeeds from 1 of 2 seeds.")
    assert fooled.evolution_sentence([trial(None, 5000)], 5000).endswith("succeeds from none of 1 seeds.")
