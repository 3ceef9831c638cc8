"""Readings of the perceptron, what it learns by heart, what a score without knowledge is."""

from types import SimpleNamespace

import numpy as np
import pytest

from surrogates.analysis import mlp
from tests.analysis.beside import BESIDE


def run(training=4.0, validation=80.0, permutations=0, structures=1000, n_weights=500, mse=1.0):
    return SimpleNamespace(
        config=SimpleNamespace(
            data=SimpleNamespace(sizes=(structures, 10, 10)), model=SimpleNamespace(permutations=permutations)
        ),
        metrics={"train": {"mape": training, "mse": mse}, "validation": {"mape": validation}},
        targets={"train": np.array([-4.0, 4.0])},  # variance 16
        n_weights=n_weights,
    )


def test_readings_stand_below_the_report():
    table = mlp.readings_table(
        {"as it is": [run(), run(6.0)], "permuted": [run(permutations=19)]},
        {"training": 4.8, "validation": 78.0},
        BESIDE,
    )
    report, first, second, constant, _ = (
        [cell.replace("\u00a0", " ") for cell in row] for row in table.to_numpy().tolist()
    )
    assert report == ["the report", "", "4.8", "78.0", "", ""]
    assert first == ["as it is", "1,000", "5.0 ± 1.4", "80.0 ± 0.0", "4.0", "2"]
    assert second == ["permuted", "20,000", "4.0", "80.0", "80.0", "1"]
    assert constant == ["best constant", "", "40.0", "41.0", "", ""]


def test_bits_are_those_of_a_gaussian_channel():
    assert mlp.bits(100, variance=16.0, error=1.0) == 200
    assert mlp.bits(100, variance=1.0, error=2.0) == 0, "no less than nothing"
    assert mlp.bits_per_weight(run()) == 1000 * 2 / 500


def test_predictions_without_knowledge_are_worse_the_farther_they_spread():
    targets = np.random.default_rng(0).lognormal(1.2, 0.8, 20_000)
    mean = 0.99 * targets.mean()
    curve = mlp.without_knowledge(targets, [0.0, 0.5, 1.0], mean)
    assert curve[0] == pytest.approx(100 * np.mean(np.abs(mean / targets - 1)))
    others = np.random.default_rng(0).permutation(targets)
    assert curve[2] == pytest.approx(100 * np.mean(np.abs(others / targets - 1)))
    assert curve[0] < curve[1] < curve[2]


def test_scores_are_marked_where_the_curve_has_them():
    targets = np.random.default_rng(0).lognormal(1.2, 0.8, 5_000)
    shares = np.linspace(0, 1, 11)
    curve = mlp.without_knowledge(targets, shares, 4.0)
    (axes,) = mlp.without_knowledge_curve(targets, shares, 4.0, {"ours": curve[4], "far": 1.0}, best=40.0).axes
    found = {line.get_label(): line.get_xydata() for line in axes.lines}
    np.testing.assert_allclose(found["ours"], [[shares[4], curve[4]]])
    assert found["far"][0][0] == 0.0, "below the curve it stands at its beginning"
    assert set(found["best constant"][:, 1]) == {40.0}
