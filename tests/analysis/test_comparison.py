"""Our surrogates beside the report's: what the tables of the pages are made of."""

from types import SimpleNamespace

import numpy as np
import pytest

from surrogates import models
from surrogates.analysis import comparison
from surrogates.data import symmetry
from surrogates.training import metrics


def test_mean_and_spread_over_seeds():
    assert comparison.over_seeds([6.34]) == "6.3"
    assert comparison.over_seeds(np.array([5.0, 6.0, 7.0])) == "6.0\u00a0±\u00a01.0"


def test_table_1_has_the_report_s_numbers_and_ours(run):
    mape = {"GCN": {"train": [5.0, 6.0], "validation": [7.0, 8.0], "test": [9.0, 9.0]}}
    mape["mean"] = {"train": [78.0], "validation": [79.0], "test": [77.0]}
    table = comparison.table1({"GCN": [run, run]}, mape)
    first, second = ([cell.replace("\u00a0", " ") for cell in row] for row in table.to_numpy().tolist())
    assert first[:5] == ["GCN, 2 seeds", "6.3 / 6.6", "5.5 ± 0.7", "7.5 ± 0.7", "9.0 ± 0.0"]
    assert first[5] == f"{models.count_weights(run.surrogate):,}"
    assert second == ["mean", "–", "78.0", "79.0", "77.0", "–", "–"]


def test_a_grid_has_no_gradient_and_a_graph_has(run, positions):
    assert comparison.has_gradient(run, positions)
    surrogate = models.build(models.CNN(cells=8, filters=(4, 8), hidden=(8,)), 6, 6.0)
    assert not comparison.has_gradient(SimpleNamespace(surrogate=surrogate), positions)


@pytest.mark.parametrize(
    ("score", "verdict"),
    [(50.0, "better"), (89.9, "better"), (90.1, "no better"), (111.0, "no better"), (112.0, "worse")],
)
def test_within_a_tenth_is_no_better(score, verdict):
    assert comparison.against_constant(score, 100.0) == verdict


def test_a_run_beside_the_report_and_a_constant(run):
    result = comparison.compare(run, "gcn")
    assert result.table["report's GCN"].tolist() == ["6.3", "6.6", "–"]
    assert result.table["our GCN"].tolist() == [f"{run.metrics[split]['mape']:.1f}" for split in run.metrics]
    validation = run.targets["validation"]
    assert result.mean == run.targets["train"].mean()
    constant = metrics.errors(validation, np.full_like(validation, result.mean))["mape"]
    assert result.numbers["constant"] == constant
    assert result.numbers["ratio"] == pytest.approx(result.numbers["validation"] / 6.6)
    np.testing.assert_array_equal(result.panels["validation"][1], run.predictions["validation"])


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
    table = comparison.invariance([one, three])
    assert list(table.index) == list(symmetry.OPERATIONS)
    x = positions[:, 0, 0]
    mirrored = np.abs(6.0 - 2 * x).mean()
    assert table["change"]["reflection"] == pytest.approx(2 * mirrored)  # of 1 and 3 times
    assert table["of error"]["reflection"] == pytest.approx(2 * mirrored / 2.0)
    assert table["of spread"]["reflection"] == pytest.approx(mirrored / x.std())
    assert (table["change"] > 0.1).all()


def test_structures_below_zero_are_compared_on_the_linear_scale(run):
    true, predicted = comparison.below_zero(run)
    energies = run.data.test.energies
    assert 0 < len(true) < len(energies)
    assert (true < 0).all()
    np.testing.assert_array_equal(true, energies[energies < 0])
    np.testing.assert_allclose(predicted, np.exp(run.predictions["test"][energies < 0]) - 32)


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
    assert comparison.worst_range(run, edges, fewest=2) == pytest.approx(30 / 56)
    assert comparison.worst_range(run, edges, fewest=1) == pytest.approx(200 / 56)
    assert np.isnan(comparison.worst_range(run, edges, fewest=3))


def test_a_gap_is_named_from_a_quarter_on():
    assert comparison.gap(10.0, 12.4) == "hardly any gap"
    assert comparison.gap(10.0, 12.6) == "a gap of a factor 1.3"


def test_changes_that_are_rounding_are_shown_without_digits():
    assert [symmetry.shown(value) for value in (0.0, 3e-6, 0.0123, 4.5678)] == ["0", "< 0.001", "0.0123", "4.57"]


def test_the_shift_is_that_of_the_translations(positions):
    moved = symmetry.translated(positions, 6.0, np.random.default_rng(0))
    lengths = np.linalg.norm((moved - positions)[:, 0], axis=-1)
    assert symmetry.shift(positions, 6.0) == pytest.approx(lengths.mean())
    assert 0.1 < lengths.mean() < 3.0
    assert (moved >= 0).all() and (moved <= 6.0).all()
