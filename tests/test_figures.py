"""What a figure shows is what it was given."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from surrogates import diagrams, figures, models


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
    figures._plain_ticks(axes)
    ticks = [tick for tick in axes.yaxis.get_minorticklocs() if limits[0] <= tick * (1 + 1e-9) and tick <= limits[1]]
    shown = [axes.yaxis.get_minor_formatter()(tick) for tick in ticks]
    assert " ".join(filter(None, shown)) == numbered
