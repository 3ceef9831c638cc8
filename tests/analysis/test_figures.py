"""What a figure shows is what it was given."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from surrogates import models
from surrogates.analysis import diagrams, figures, plots


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


@pytest.mark.parametrize("model", [models.MLP(), models.CNN(), models.GCN()], ids=["mlp", "cnn", "gcn"])
def test_a_diagram_shows_every_layer_its_weights_and_its_connections(model):
    surrogate = models.build(model, 32, 32.0, 0)
    core = surrogate.get_layer("core")
    (axes,) = diagrams.architecture(core).axes
    labels = [text.get_text() for text in axes.texts if text.get_text()]
    assert len(labels) == len(core.operations) == len(axes.patches)
    weights = [int(found[1].replace(",", "")) for label in labels if (found := re.search(r"([\d,]+) weights", label))]
    assert sum(weights) == models.count_weights(surrogate)
    arrows = [text for text in axes.texts if not text.get_text()]
    connections = [len(node.input_tensors) for layer in core.operations for node in layer._inbound_nodes]
    assert len(arrows) == sum(connections)
    assert "\n1, " in labels[-1], "the last layer gives one energy"


def test_history_is_drawn_from_the_first_epoch_on():
    table = pd.DataFrame({"loss": [4.0, 2.0], "val_loss": [5.0, 3.0], "mape": [40.0, 20.0], "val_mape": [50.0, 30.0]})
    left, right = figures.history(table.set_axis([1, 2]), "mape", " / %").axes
    np.testing.assert_array_equal(lines(left)["validation"], [[1, 5], [2, 3]])
    np.testing.assert_array_equal(lines(right)["training"], [[1, 40], [2, 20]])
    assert right.get_ylabel() == "MAPE / %"


def test_parity_shows_true_to_the_right_and_predicted_upwards():
    panels = {
        "training": (np.array([1.0, 2.0]), np.array([1.5, 1.0])),
        "validation": (np.array([3.0]), np.array([4.0])),
    }
    left, right = figures.parity(panels, "V", constant=1.7).axes
    np.testing.assert_array_equal(left.collections[0].get_offsets(), [[1.0, 1.5], [2.0, 1.0]])
    np.testing.assert_array_equal(right.collections[0].get_offsets(), [[3.0, 4.0]])
    np.testing.assert_array_equal(lines(left)["perfect"], [[1, 1], [2, 2]])
    assert set(lines(right)["mean of the training targets"][:, 1]) == {1.7}
    assert (left.get_title(), right.get_title()) == ("training", "validation")


@pytest.mark.parametrize(
    ("limits", "numbered"),
    [((60, 90), "60 70 80 90"), ((3, 31), "3 5 20 30"), ((0.2, 15), "0.2 0.5 2 5"), ((1, 9000), "")],
)
def test_a_logarithmic_axis_has_as_many_numbers_as_fit(limits, numbered):
    _, axes = plt.subplots()
    axes.set(yscale="log", ylim=limits)
    plots.plain_ticks(axes)
    ticks = [tick for tick in axes.yaxis.get_minorticklocs() if limits[0] <= tick * (1 + 1e-9) and tick <= limits[1]]
    shown = [axes.yaxis.get_minor_formatter()(tick) for tick in ticks]
    assert " ".join(filter(None, shown)) == numbered


def test_a_search_is_drawn_by_depth_and_width_with_the_report_s_models_open():
    table = pd.DataFrame(
        {
            "learning_rate": [1e-3, 1e-4, 1e-3],
            "n_layers": [1, 1, 3],
            "n_nodes": [32, 32, 128],
            "validation": [0.3, 0.4, 0.2],
            "report": [0.33, np.nan, 0.25],
            "curve": [np.array([0.5, 0.3]), np.array([0.6, 0.4, 0.4]), np.array([0.2])],
        }
    )
    (axes,) = figures.search(table, {"constant": 0.7}).axes
    drawn = lines(axes)
    np.testing.assert_array_equal(drawn["1 × 32"], [[1e-4, 0.4], [1e-3, 0.3]])
    np.testing.assert_array_equal(drawn["3 × 128"], [[1e-3, 0.2]])
    assert set(drawn["constant"][:, 1]) == {0.7}
    hollow = [line for line in axes.lines if line.get_fillstyle() == "none" and len(line.get_xdata())]
    assert sorted(y for line in hollow for y in line.get_ydata() if np.isfinite(y)) == [0.25, 0.33]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0.0001", "0.001"]

    left, right = figures.search_curves(table, 0.7).axes
    assert (left.get_title(), right.get_title()) == ("learning rate 0.001", "learning rate 0.0001")
    np.testing.assert_array_equal(lines(left)["1 × 32"], [[1, 0.5], [2, 0.3]])
    np.testing.assert_array_equal(lines(right)["1 × 32"], [[1, 0.6], [2, 0.4], [3, 0.4]])
    assert lines(left)["3 × 128"].shape == (1, 2) and "3 × 128" not in lines(right)


def test_ablations_show_every_seed_and_the_range_of_the_base():
    scores = [np.array([0.3, 0.4, 0.35]), np.array([0.5, 0.6, 0.7])]
    table = pd.DataFrame({"validation": scores}, index=["base", "other"])
    (axes,) = figures.ablations(table, "MAE", {"median": 0.8}).axes
    seeds = [line.get_xydata() for line in axes.lines if line.get_label() == "one seed"]
    np.testing.assert_array_equal(seeds[0], [[0.3, 1], [0.4, 1], [0.35, 1]])
    np.testing.assert_array_equal(seeds[1], [[0.5, 0], [0.6, 0], [0.7, 0]])
    (band,) = axes.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((0.3, 0.4))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["base", "other"]


def test_sizes_are_drawn_by_their_number_of_weights():
    table = pd.DataFrame(
        {
            "weights": [200, 1000, 10],
            "training": [np.array([5.0, 7.0]), np.array([3.0, 3.0]), np.array([9.0, 9.0])],
            "validation": [np.array([80.0, 82.0]), np.array([70.0, 70.0]), np.array([90.0, 92.0])],
        },
        index=["own", "large", "small"],
    )
    (axes,) = figures.sizes(table, "own", "MAPE", {"mean": 75.0}).axes
    drawn = lines(axes)
    np.testing.assert_array_equal(drawn["validation"], [[10, 91], [1000, 70]])
    np.testing.assert_array_equal(drawn["training"], [[10, 9], [1000, 3]])
    squares = [line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "s"]
    assert squares == [[[200, 5], [200, 7]], [[200, 80], [200, 82]]]
