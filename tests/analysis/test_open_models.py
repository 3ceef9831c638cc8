"""Variants of a model."""

import numpy as np
import pytest

from surrogates.analysis import open_models
from tests.analysis.drawn import lines


def test_variants_are_evaluated_from_their_weights(run):
    variants = {"base": run, "again": run}
    scores = open_models.evaluated(variants)
    assert scores["again"] == tuple(run.evaluate()[split]["mape"] for split in ("train", "validation"))
    table = open_models.evaluated_table(scores, variants)
    assert table.Epochs.tolist() == [str(len(run.history))] * 2
    validation = run.targets["validation"]
    expected = 100 * np.mean(np.abs(run.targets["train"].mean() / validation - 1))
    assert open_models.constant_scores(variants)["mean"] == pytest.approx(expected)


def test_variants_stand_in_the_order_given_with_the_base_marked():
    scores = {"base": (10.0, 12.0), "other": (20.0, 21.0), "third": (5.0, 30.0)}
    (axes,) = open_models.training_and_validation(scores, "base", "MAPE", {"best constant": 40.0}).axes
    np.testing.assert_array_equal(lines(axes)["training"], [[10, 2], [20, 1], [5, 0]])
    np.testing.assert_array_equal(lines(axes)["validation"], [[12, 2], [21, 1], [30, 0]])
    assert dict(zip(axes.get_yticks(), [t.get_text() for t in axes.get_yticklabels()], strict=True)) == {
        2: "base", 1: "other", 0: "third",
    }  # fmt: skip
    assert lines(axes)["best constant"][0][0] == 40.0
    assert any(line.get_xdata()[0] == 12.0 and line.get_linestyle() == ":" for line in axes.lines)
