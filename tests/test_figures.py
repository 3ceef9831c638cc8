"""What a figure shows is what it was given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from surrogates import figures


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def lines(axes) -> dict:
    return {line.get_label(): line.get_xydata() for line in axes.lines}


def test_values_stand_in_the_middle_of_their_bins():
    even = figures.Binned(
        "energy", np.array([0.0, 1.0, 3.0]), {"a": np.array([1.0, 2.0]), "b": np.array([3.0, np.nan])}
    )
    geometric = figures.Binned("distance", np.array([0.01, 1.0, 4.0]), {"a": np.array([5.0, 6.0])}, logarithmic=True)
    left, right = figures.error_by_bin([even, geometric], "error").axes
    np.testing.assert_allclose(lines(left)["a"], [[0.5, 1.0], [2.0, 2.0]])
    np.testing.assert_allclose(lines(left)["b"], [[0.5, 3.0], [2.0, np.nan]])
    np.testing.assert_allclose(lines(right)["a"], [[0.1, 5.0], [2.0, 6.0]])
    assert (left.get_xscale(), right.get_xscale(), left.get_yscale()) == ("linear", "log", "log")


def test_bars_of_changes_are_grouped_by_surrogate():
    changes = pd.DataFrame({"MLP": [0.5, 0.1], "GCN": [0.0, 2.0]}, index=["permutation", "rotation"])
    (axes,) = figures.invariance(changes).axes
    bars = {(group.get_label(), i): bar for group in axes.containers for i, bar in enumerate(group)}
    heights = {key: bar.get_height() for key, bar in bars.items()}
    assert (heights[("permutation", 0)], heights[("rotation", 0)]) == (0.5, 0.1)
    assert heights[("rotation", 1)] == 2.0
    assert heights[("permutation", 1)] == axes.get_ylim()[0], "no change is drawn at the lower edge"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["MLP", "GCN"]
    for i, place in enumerate(axes.get_xticks()):
        sides = [bars[(operation, i)] for operation in changes.index]
        middle = (sides[0].get_x() + sides[-1].get_x() + sides[-1].get_width()) / 2
        assert place == pytest.approx(middle), "the name stands under the middle of its group"


def test_variants_stand_in_the_order_given_with_the_base_marked():
    scores = {"base": (10.0, 12.0), "other": (20.0, 21.0), "third": (5.0, 30.0)}
    (axes,) = figures.variants(scores, "base", "MAPE", {"best constant": 40.0}).axes
    np.testing.assert_array_equal(lines(axes)["training"], [[10, 2], [20, 1], [5, 0]])
    np.testing.assert_array_equal(lines(axes)["validation"], [[12, 2], [21, 1], [30, 0]])
    assert dict(zip(axes.get_yticks(), [t.get_text() for t in axes.get_yticklabels()], strict=True)) == {
        2: "base", 1: "other", 0: "third",
    }  # fmt: skip
    assert lines(axes)["best constant"][0][0] == 40.0
    assert any(line.get_xdata()[0] == 12.0 and line.get_linestyle() == ":" for line in axes.lines)


def test_predictions_beyond_the_limit_are_drawn_at_it_and_counted():
    true, predicted = np.array([-3.0, -2.0, -1.0]), np.array([-2.5, 1e6, -1.5])
    (axes,) = figures.low_energy_parity(true, predicted, limit=10.0).axes
    inside, above = axes.collections
    np.testing.assert_array_equal(inside.get_offsets(), [[-3.0, -2.5], [-1.0, -1.5]])
    np.testing.assert_array_equal(above.get_offsets(), [[-2.0, 10.0]])
    assert above.get_label() == "1 predicted above 10"
