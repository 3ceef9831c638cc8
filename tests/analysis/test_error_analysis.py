"""Errors of several models by energy and distance, where energies are low, and under operations."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surrogates import data, models
from surrogates.analysis import error_analysis
from surrogates.data import symmetry
from surrogates.training import metrics


def test_table_1_has_the_report_s_numbers_and_ours(run):
    mape = {"GCN": {"train": [5.0, 6.0], "validation": [7.0, 8.0], "test": [9.0, 9.0]}}
    beside = {"mean": {"train": 78.0, "validation": 79.0, "test": 77.0}}
    table = error_analysis.models_table({"GCN": [run, run]}, mape, beside)
    first, second = ([cell.replace("\u00a0", " ") for cell in row] for row in table.to_numpy().tolist())
    assert first[:5] == ["GCN, 2 seeds", "6.3 / 6.6", "5.5 ± 0.7", "7.5 ± 0.7", "9.0 ± 0.0"]
    assert first[5] == f"{models.count_weights(run.surrogate):,}"
    assert second == ["mean", "–", "78.0", "79.0", "77.0", "–", "–"]


def test_a_grid_has_no_gradient_and_a_graph_has(run, positions):
    assert error_analysis.has_gradient(run, positions)
    surrogate = models.build(models.CNN(cells=8, filters=(4, 8), hidden=(8,)), 6, 6.0)
    assert not error_analysis.has_gradient(SimpleNamespace(surrogate=surrogate), positions)


def counted_up(scale: float, positions: np.ndarray):
    """A run whose prediction grows with the x of the first atom."""

    def predict(positions):
        return scale * positions[:, 0, 0]

    predicted = predict(positions)
    data = SimpleNamespace(test=SimpleNamespace(positions=positions))
    config = SimpleNamespace(data=SimpleNamespace(box=6.0))
    targets = {"test": predicted + 2.0}
    return SimpleNamespace(predict=predict, data=data, config=config, targets=targets, predictions={"test": predicted})


def test_changes_are_shares_of_the_error_and_of_the_spread(positions):
    one, three = counted_up(1.0, positions), counted_up(3.0, positions)
    table = error_analysis.audit([one, three])
    assert list(table.index) == list(symmetry.OPERATIONS)
    x = positions[:, 0, 0]
    mirrored = np.abs(6.0 - 2 * x).mean()
    assert table["change"]["reflection"] == pytest.approx(2 * mirrored)  # of 1 and 3 times
    assert table["of error"]["reflection"] == pytest.approx(2 * mirrored / 2.0)
    assert table["of spread"]["reflection"] == pytest.approx(mirrored / x.std())
    assert (table["change"] > 0.1).all()


def test_changes_are_shown_with_their_share_of_the_error(positions):
    audits = {"one": error_analysis.audit([counted_up(1.0, positions)])}
    (row,) = error_analysis.audit_table(audits, {"one": 2.0}).to_numpy().tolist()
    change = audits["one"]["change"]["reflection"]
    assert row[0] == "one" and row[-1] == "2.000"
    assert row[4] == f"{change:.3g} ({change / 2:.3g})"


def test_structures_below_zero_are_compared_on_the_linear_scale(run):
    true, predicted = error_analysis.below_zero(run)
    energies = run.data.test.energies
    assert 0 < len(true) < len(energies)
    assert (true < 0).all()
    np.testing.assert_array_equal(true, energies[energies < 0])
    np.testing.assert_allclose(predicted, np.exp(run.predictions["test"][energies < 0]) - 32)


def test_low_energies_have_errors_on_both_scales(run):
    found = error_analysis.low_energies(run)
    true, predicted = error_analysis.below_zero(run)
    assert found["mae"] == metrics.errors(true, predicted)["mae"]
    assert found["scale"] == pytest.approx(32 + true.mean())
    assert found["log_mae"] == pytest.approx(np.abs(np.log(true + 32) - np.log(predicted + 32)).mean())
    energies = run.data.train.energies
    assert found["share"] == pytest.approx(100 * (energies < 0).mean())
    assert found["constant"] == pytest.approx(np.abs(true - np.median(energies[energies < 0])).mean())
    assert 0 < found["loss"] < 100


def test_yardsticks_have_every_split(run):
    found = error_analysis.yardsticks(run)
    assert list(found) == ["mean", "median", "best constant", "closest pair"]
    assert all(list(of_splits) == list(data.SPLITS) for of_splits in found.values())


def test_errors_by_energy_and_distance(run):
    distance = error_analysis.closest_distances(run)["test"]
    edges = np.array([0.0, np.median(distance), distance.max() + 1])
    by_energy, by_distance = error_analysis.errors_by_bin({"GCN": run}, distance, edges)
    errors = np.abs(run.predictions["test"] - run.targets["test"])
    assert by_distance.series["GCN"][1] == pytest.approx(errors[distance >= edges[1]].mean())
    assert by_energy.edges[0] <= run.targets["test"].min() and by_energy.edges[-1] >= run.targets["test"].max()

    table = error_analysis.by_energy_table({"GCN": run}, distance)
    energies = run.data.test.energies
    row = table.set_index("V").loc["−1\u00a0to\u00a00"]
    assert int(row.Structures) == ((energies >= -1) & (energies < 0)).sum()
    assert table.Structures.map(lambda cell: int(cell.replace(",", ""))).sum() == len(energies)
    assert not table.isin(["–"]).any(axis=None), "ranges without structures are left out"


def test_the_worst_range_of_energies_is_compared_with_all():
    energies = np.array([-2.0, -1.0, 1.0, 2.0, 50.0])
    target = np.full(5, 10.0)
    predicted = np.array([11.0, 9.0, 12.0, 14.0, 30.0])  # 10, 10, 20, 40 and 200 %
    run = SimpleNamespace(
        targets={"validation": target},
        predictions={"validation": predicted},
        data=SimpleNamespace(validation=SimpleNamespace(energies=energies)),
    )
    edges = [-32, 0, 10, np.inf]
    assert error_analysis.worst_range(run, edges, fewest=2) == pytest.approx(30 / 56)
    assert error_analysis.worst_range(run, edges, fewest=1) == pytest.approx(200 / 56)
    assert np.isnan(error_analysis.worst_range(run, edges, fewest=3))


def test_predictions_beyond_the_limit_are_drawn_at_it_and_counted():
    true, predicted = np.array([-3.0, -2.0, -1.0]), np.array([-2.5, 1e6, -1.5])
    (axes,) = error_analysis.low_energy_parity(true, predicted, limit=10.0).axes
    inside, above = axes.collections
    np.testing.assert_array_equal(inside.get_offsets(), [[-3.0, -2.5], [-1.0, -1.5]])
    np.testing.assert_array_equal(above.get_offsets(), [[-2.0, 10.0]])
    assert above.get_label() == "1 predicted above 10"


def test_bars_of_changes_are_grouped_by_surrogate():
    changes = pd.DataFrame({"MLP": [0.5, 0.1], "GCN": [0.0, 2.0]}, index=["permutation", "rotation"])
    (axes,) = error_analysis.invariance({name: changes[[name]].set_axis(["of error"], axis=1) for name in changes}).axes
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
