"""Where searches on a network end."""

import dataclasses

import numpy as np

from surrogates import search
from surrogates.analysis import fooled
from tests.analysis.test_surrogate_search import trial


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
