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
    assert table.iloc[0].tolist() == ["unguarded", "−90.00", "1.0·10³⁰", "0.02", "−83.00", "1 of 2"]
    (axes,) = fooled.predicted_against_true({"unguarded": ends}, -82.97).axes
    assert axes.lines[0].get_xydata().tolist() == [[1e12, -90.0], [-16.0, -20.0]]


def test_a_search_that_ended_with_nothing_is_left_out_of_what_fooled_it():
    nothing = trial(None, 0, energy=None)
    end = driven(-20.0, -16.0, 1.0, [[0.0, 0.0], [0.0, 1.0]], trial(50, 90, energy=-83.0))
    assert fooled.most_fooled([nothing, end]) is end.candidate
    assert np.isnan(fooled.most_fooled([nothing]).learned)
    table = fooled.driven_table({"a": [nothing, end], "b": [nothing]})
    assert table.values.tolist() == [
        ["a", "−20.00", "−16.00", "1", "−83.00", "1 of 2"],
        ["b", "–", "–", "–", "–", "0 of 1"],
    ]
    (axes,) = fooled.predicted_against_true({"a": [nothing, end], "b": [nothing]}, -82.97).axes
    assert [len(line.get_xdata()) for line in axes.lines[:2]] == [1, 0]


def test_what_is_said_of_the_driven_network():
    free = [driven(-90.0, 1e30, 0.02, [[0.0, 0.0], [0.0, 0.02]], trial(None, 90, energy=-30.0))]
    reached = trial(50, 90, energy=-83.0)
    counts = {"calls": 200, "calls beyond the range": 50, "too close": 1234}
    bound = [
        driven(-20.0, -16.0, 1.0, [[0.0, 0.0], [0.0, 1.0]], dataclasses.replace(reached, counts=counts)),
        trial(None, 0, energy=None),
    ]
    assert fooled.driven_numbers(free, bound, 0.9) == {
        "fooled_learned": "−90.0",
        "fooled_true": "1.0·10³⁰",
        "fooled_closest": "0.02",
        "guarded_learned": "−20.0",
        "guarded_true": "−16.00",
        "ends": 1,
        "left_range": 1,
        "asked_beyond": "25",
        "refused_ends": "1,234",
        "driven_lowest": "−83.00",
    }
    kinds = {"a": free, "b": bound, "c": [], "d": [*bound, *bound]}
    assert fooled.found_numbers(kinds) == {
        "cma_free": "0 of 1", "cma_bound": "1 of 2", "hop_free": "0 of 0", "hop_bound": "2 of 4",
    }  # fmt: skip
    goal, measured, holds = fooled.goal(free, bound, 32)
    assert "the lowest structure of 32 atoms" in goal
    assert (measured, holds) == ("0 of 1 searches do, 1 of 2 guarded", True)
    assert not fooled.goal(free, bound[1:], 32)[2]
    titles = [axes.get_title() for axes in fooled.worst_structures({"free": free, "bound": bound}).axes]
    assert titles == ["free\npredicted −90.00\ntrue 1.0·10³⁰", "bound\npredicted −20.00\ntrue −16.00"]


def test_cma_es_on_the_true_potential_is_named_where_it_was_tried():
    assert fooled.evolution_sentence([], 500) == ""
    said = fooled.evolution_sentence([trial(50, 90), trial(None, 5000)], 5000)
    assert said.endswith("with new starts and 5,000 calls, CMA-ES succeeds from 1 of 2 seeds.")
