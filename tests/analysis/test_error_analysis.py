"""Errors of several models by energy and distance, where energies are low."""

from types import SimpleNamespace

import numpy as np
import pytest

from surrogates import models, potentials
from surrogates.analysis import error_analysis
from surrogates.training import metrics


def test_a_grid_has_no_gradient_and_a_graph_has(run, positions):
    assert error_analysis.has_gradient(run, positions)
    surrogate = models.build(models.CNN(cells=8, filters=(4, 8), hidden=(8,)), 6, 6.0)
    assert not error_analysis.has_gradient(SimpleNamespace(surrogate=surrogate), positions)


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
    truth, among = run.targets["test"], (energies >= -1) & (energies < 0)
    alone = np.log(potentials.LennardJones().pair_energy(distance) + 32)
    known = run.targets["train"]  # the best constant is one of them
    best = min(known, key=lambda value: np.mean(np.abs(value / known - 1)))
    for name, predicted in {"closest pair alone": alone, "best constant": best, "GCN": run.predictions["test"]}.items():
        assert row[name] == f"{100 * np.mean(np.abs(predicted / truth - 1)[among]):.1f}"


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


def test_what_the_claims_ask_of_low_energies(run):
    found = error_analysis.errors_measured([run, run], {"GCN": run})
    low = error_analysis.low_energies(run)
    np.testing.assert_allclose(found["low_energy"], [low["mae"] / low["constant"]] * 2)
    np.testing.assert_allclose(found["both"], [low["mae"] / 0.244] * 2)
    assert found["differentiable"] == 1
    np.testing.assert_array_equal(found["gcn_worst"], [error_analysis.worst_range(run)] * 2)


def test_the_percentage_error_of_the_energy_itself(run):
    energies = run.data.validation.energies
    percentages = 100 * np.abs((np.exp(run.predictions["validation"]) - 32 - energies) / energies)
    shown = error_analysis.linear_numbers(run)
    assert shown["linear_median"] == f"{np.median(percentages):,.0f}"
    true, _ = error_analysis.below_zero(run)
    assert error_analysis.parity_numbers(run, -1e9) == {"low_count": str(len(true)), "low_above": str(len(true))}
    assert error_analysis.parity_numbers(run, 1e9)["low_above"] == "0"
