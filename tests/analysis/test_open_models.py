"""Variants of a model."""

import numpy as np
import pytest

from surrogates.analysis import open_models
from tests.analysis.drawn import lines


def test_variants_have_their_stored_scores(run):
    variants = {"base": run, "again": run}
    scores = open_models.evaluated(variants)
    assert scores["again"] == tuple(run.metrics[split]["mape"] for split in ("train", "validation"))
    table = open_models.evaluated_table(scores, variants)
    assert table.Epochs.tolist() == [str(len(run.history))] * 2
    validation = run.targets["validation"]
    expected = 100 * np.mean(np.abs(run.targets["train"].mean() / validation - 1))
    assert open_models.constant_scores(variants)["mean"] == pytest.approx(expected)


def test_variants_stand_in_the_order_given_with_the_base_marked():
    scores = {"base": (10.0, 12.0), "other": (20.0, 21.0), "third": (5.0, 30.0)}
    (axes,) = open_models.training_and_validation(scores, {"mean": 80.0, "best constant": 40.0}, ["best constant"]).axes
    np.testing.assert_array_equal(lines(axes)["training"], [[10, 2], [20, 1], [5, 0]])
    np.testing.assert_array_equal(lines(axes)["validation"], [[12, 2], [21, 1], [30, 0]])
    assert dict(zip(axes.get_yticks(), [t.get_text() for t in axes.get_yticklabels()], strict=True)) == {
        2: "base", 1: "other", 0: "third",
    }  # fmt: skip
    assert lines(axes)["best constant"][0][0] == 40.0 and "mean" not in lines(axes)
    assert any(line.get_xdata()[0] == 12.0 and line.get_linestyle() == ":" for line in axes.lines)


def test_readings_outside_of_what_chance_does_are_counted():
    scores = {
        "base": (1.0, 12.0),
        "again": (1.0, 14.0),
        "low": (1.0, 11.65),
        "between": (1.0, 13.0),
        "high": (1.0, 20.0),
    }
    assert open_models.graph_numbers(scores, repeated=2) == {
        "chance_least": "12.0",
        "chance_most": "14.0",
        "others": "3",
        "beyond": "2",
        "lowest_label": "low",
        "lowest_score": "11.7",
        "highest_label": "high",
        "highest_score": "20.0",
    }
