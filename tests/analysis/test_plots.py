"""What a figure shows is what it was given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from surrogates import search
from surrogates.analysis import plots
from tests.analysis.drawn import lines


def tried(*found, labels=0):
    return [search.Trial(calls, 900, -1.0, labels=labels) for calls in found]


def test_the_share_of_seeds_by_calls_with_and_without_labels():
    found = {
        "hopping": {7: tried(300, 100), 32: tried(5000, None)},
        "spline": {7: tried(20, None, labels=1000)},
    }
    figure = plots.success_curves(plots.by_size(found, [7, 32]), "EMT", {"32 atoms": {"published": 4000.0}})
    small, large = figure.axes
    assert (small.get_title(), large.get_title(), figure.get_supxlabel()) == ("7 atoms", "32 atoms", "calls of EMT")
    curves = {line.get_label(): line.get_xydata().tolist() for line in small.lines}
    assert curves == {
        "hopping": [[1, 0], [100, 0.5], [300, 1]],
        "spline": [[1, 0], [1020, 0.5]],
        "spline, without its labels": [[1, 0], [20, 0.5]],
    }
    assert [line.get_xdata()[-1] for line in large.lines] == [5000, 4000.0]
    assert small.lines[0].get_color() == large.lines[0].get_color()
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named == [*curves, "published"]
    assert len(plots.success_curves(plots.by_size(found, [7] * 5)).axes) == 1, "a size is shown once"
    grid = plots.success_curves({str(n): {"hopping": tried(1)} for n in range(4)}).axes
    assert len({axes.get_position().y0 for axes in grid}) == 2, "two rows"


def test_values_stand_in_the_middle_of_their_bins():
    even = plots.Binned("energy", np.array([0.0, 1.0, 3.0]), {"a": np.array([1.0, 2.0]), "b": np.array([3.0, np.nan])})
    geometric = plots.Binned("distance", np.array([0.01, 1.0, 4.0]), {"a": np.array([5.0, 6.0])}, logarithmic=True)
    left, right = plots.error_by_bin([even, geometric], "error").axes
    np.testing.assert_allclose(lines(left)["a"], [[0.5, 1.0], [2.0, 2.0]])
    np.testing.assert_allclose(lines(left)["b"], [[0.5, 3.0], [2.0, np.nan]])
    np.testing.assert_allclose(lines(right)["a"], [[0.1, 5.0], [2.0, 6.0]])
    assert (left.get_xscale(), right.get_xscale(), left.get_yscale()) == ("linear", "log", "log")


def test_history_is_drawn_from_the_first_epoch_on():
    table = pd.DataFrame({"loss": [4.0, 2.0], "val_loss": [5.0, 3.0], "mape": [40.0, 20.0], "val_mape": [50.0, 30.0]})
    left, right = plots.history(table.set_axis([1, 2]), "mape", " / %").axes
    np.testing.assert_array_equal(lines(left)["validation"], [[1, 5], [2, 3]])
    np.testing.assert_array_equal(lines(right)["training"], [[1, 40], [2, 20]])
    assert right.get_ylabel() == "MAPE / %"


def test_parity_shows_true_to_the_right_and_predicted_upwards():
    panels = {
        "training": (np.array([1.0, 2.0]), np.array([1.5, 1.0])),
        "validation": (np.array([3.0]), np.array([4.0])),
    }
    left, right = plots.parity(panels, "V", constant=1.7).axes
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


def test_the_gallery_draws_every_atom():
    long = "a title that takes the room of two"
    clusters = {"a": np.zeros((1, 2)), "b": np.array([[5.0, 5.0], [7.0, 5.0]]), long: np.zeros((1, 2))}
    figure = plots.gallery(clusters)
    assert len(figure.axes) == 4
    assert [len(axes.patches) for axes in figure.axes] == [1, 2, 1, 0]
    assert [tuple(patch.center) for patch in figure.axes[1].patches] == [(-1.0, 0.0), (1.0, 0.0)]
    assert figure.axes[1].get_title() == "b"


def test_a_gallery_of_nothing_is_refused():
    with pytest.raises(ValueError, match="clusters = {}: give one structure or more"):
        plots.gallery({})
