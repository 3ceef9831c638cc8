"""Table 2: the order of the models of a search, and what the statements of the report ask of it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surrogates.analysis import low_energy, report
from tests.analysis.drawn import lines

REPORTED = {
    (0.001, 2, 128): 0.248,
    (0.001, 3, 128): 0.255,
    (0.001, 3, 32): 0.305,
    (0.001, 1, 32): 0.333,
    (0.0001, 3, 128): 0.343,
}


ARCHITECTURES = {
    name: SimpleNamespace(metrics={"validation": {"mape": score}})
    for name, score in (("mlp", 80.0), ("cnn", 40.0), ("gcn", 5.0))
}


def run(score, epochs=3):
    return SimpleNamespace(
        metrics={"validation": {"mae": score}, "test": {"mae": score - 0.01}},
        history=pd.DataFrame({"val_mae": np.linspace(1.0, score, epochs)}),
        provenance={"training_seconds": 90.0},
        n_weights=1234,
    )


@pytest.fixture
def trained():
    """The report's own five with three seeds each, and another one that is worse."""
    models = {key: [run(score), run(score + 0.001), run(score + 0.002)] for key, score in REPORTED.items()}
    return {(1e-6, 1, 32): [run(0.9)]} | models


def test_the_report_s_own_models_rank_as_in_the_report(trained, monkeypatch):
    monkeypatch.setattr(low_energy, "SEARCHED", 6)
    table = low_energy.ranking(trained)
    assert list(table.index) == [1, 2, 3, 4, 5, 6]
    assert low_energy.first(table) == (0.001, 2, 128)
    assert [tuple(row) for row in table[low_energy.KEY].itertuples(index=False)] == [*REPORTED, (1e-6, 1, 32)]
    np.testing.assert_allclose(table.validation[:5], table.report[:5] + 0.001)
    assert np.isnan(table.report[6])
    found = low_energy.ranking_measured(table, 0.688, ARCHITECTURES)
    np.testing.assert_allclose(found["best_validation"], [0.248, 0.249, 0.250])
    np.testing.assert_allclose(found["best_test"], [0.238, 0.239, 0.240])
    np.testing.assert_allclose(found["top_others"], [0, 100 * 0.001 / 0.255, 100 * 0.002 / 0.255], atol=1e-9)
    np.testing.assert_array_equal(found["order"], [10, 10, 10])
    assert (found["best_model"], found["top_rates"]) == (3, 4)
    np.testing.assert_allclose(found["spread"], [0.095] * 3)
    np.testing.assert_allclose(found["fifth"], np.array([0.343, 0.344, 0.345]) / 0.688)
    np.testing.assert_allclose(found["tuning"], 0.9 / np.array([0.248, 0.249, 0.250]) / (80 / 5))
    assert np.isnan(found["depth"]).all(), "at 32 units there is no model of two layers"


def test_depth_is_compared_at_equal_width_rate_and_seed(trained):
    trained[0.001, 2, 32] = [run(0.305), run(0.306), run(0.2)]
    trained[0.001, 1, 128] = [run(0.4), run(0.1), run(0.4)]
    found = low_energy.depth(low_energy.ranking(trained))
    wide, narrow = [0.255 / 0.248, 0.256 / 0.1, 0.257 / 0.25], [1.0, 1.0, 0.307 / 0.2]
    np.testing.assert_allclose(found, np.mean([wide, narrow], axis=0))
    table = low_energy.depth_table(low_energy.ranking(trained))
    assert table.columns.tolist() == ["Width", "1 layer", "2 layers", "3 layers"]
    assert table.Width.tolist() == ["32 units", "128 units"]
    assert table["3 layers"][1].replace("\u00a0", " ") == "0.256 ± 0.001"


def test_what_was_not_trained_is_not_judged(trained):
    few = {key: seeds[:1] for key, seeds in list(trained.items())[:2]}
    found = low_energy.ranking_measured(low_energy.ranking(few), 0.7, ARCHITECTURES)
    missing = {name for name, value in found.items() if np.isnan(value).all()}
    assert missing == {"best_validation", "depth", "spread", "fifth", "tuning", "top_others", "order"}


def test_a_change_of_places_with_another_seed_is_counted(trained):
    trained[0.001, 3, 32][1] = run(0.2)
    found = low_energy.ranking_measured(low_energy.ranking(trained), 0.7, ARCHITECTURES)["order"]
    np.testing.assert_array_equal(found, [10, 8, 10])


def test_pairs_in_order():
    def count(*scores):
        return low_energy.pairs_in_order(np.array(scores)).tolist()

    assert count([1.0], [2.0], [3.0]) == [3]
    assert count([3.0], [2.0], [1.0]) == [0]
    assert count([1.0, 2.0], [2.0, 1.0], [3.0, 3.0]) == [3, 2]
    assert count([1.0], [1.0]) == [0], "equal ones have no order"


def test_the_same_models_stand_beside_the_report_s(trained):
    table = low_energy.ranking(trained)
    first, *_, last = low_energy.same_models_table(table).to_numpy().tolist()
    assert [cell.replace("\u00a0", " ") for cell in first] == [
        "1", "0.001", "128", "2", "0.248", "0.249 ± 0.001", "0.244", "0.239 ± 0.001",
    ]  # fmt: skip
    assert last[6] == "–"
    del trained[0.001, 2, 128]
    assert low_energy.same_models_table(low_energy.ranking(trained))["Ours, validation"].iloc[0] == "–"


def test_the_table_of_all_models(trained):
    shown = low_energy.ranking_table(low_energy.ranking(trained), most_epochs=3)
    first, last = shown.iloc[0].tolist(), shown.iloc[-1].tolist()
    assert first[:4] == ["1", "0.001", "128", "2"]
    assert first[4].replace("\u00a0", " ") == "0.249 ± 0.001"
    assert first[5:] == ["3", "0.248", "1,234", "3+", "2\u00a0min"]
    assert last[1] == "10⁻⁶" and last[5] == "1" and last[6] == "–"
    assert low_energy.ranking_table(low_energy.ranking(trained), most_epochs=4).Epochs.tolist() == ["3"] * 6


def test_errors_by_energy_leave_out_ranges_with_few_structures():
    truth = np.array([-4.0, -3.9, -3.8, -1.0])
    run = SimpleNamespace(
        targets={"train": truth, "test": truth},
        predictions={"train": truth, "test": truth + np.array([0.1, 0.2, 0.3, 9.0])},
    )
    binned = low_energy.errors_by_energy(run, bins=4, fewest=3)
    np.testing.assert_allclose(binned.edges, [-4, -3, -2, -1, 0])
    np.testing.assert_allclose(binned.series["test"], [0.2, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(binned.series["training"], [0.0, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(binned.series["median as prediction, test"], [0.25 / 3, np.nan, np.nan, np.nan])


def test_the_models_of_table_2_and_those_of_the_highest_rate_have_further_seeds():
    page = SimpleNamespace(seed=5, further_seeds=2, learning_rates=(1e-3, 1e-4), layers=(1, 2, 3), nodes=(32, 128))
    keys = ((0.001, 2, 128), (0.001, 1, 128), (0.0001, 3, 128), (0.0001, 1, 128))
    assert [list(low_energy.seeds(key, page)) for key in keys] == [[5, 6, 7], [5, 6, 7], [5, 6, 7], [5]]
    assert low_energy.in_grid(page) == 12


def test_the_best_model_beside_the_median_and_its_percentages():
    train, truth = np.array([-3.0, -2.0, -1.0]), np.array([-4.0, -2.0, -0.01])
    run = SimpleNamespace(
        targets={"train": train, "validation": truth, "test": truth},
        predictions={"train": train, "validation": np.array([-4.4, -2.2, -0.02]), "test": truth},
    )
    assert report.constant_error([run], "median", "mae") == pytest.approx((2 + 0 + 1.99) / 3)
    assert low_energy.instability(run).value == pytest.approx((0.1 + 0.1 + 1) / 3 / 0.1)
    np.testing.assert_array_equal(low_energy.parity_panels(run)["test, best model"], [truth, truth])


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
    (axes,) = low_energy.by_learning_rate(table, {"constant": 0.7}).axes
    drawn = lines(axes)
    np.testing.assert_array_equal(drawn["1 × 32"], [[1e-4, 0.4], [1e-3, 0.3]])
    np.testing.assert_array_equal(drawn["3 × 128"], [[1e-3, 0.2]])
    assert set(drawn["constant"][:, 1]) == {0.7}
    hollow = [line for line in axes.lines if line.get_fillstyle() == "none" and len(line.get_xdata())]
    assert sorted(y for line in hollow for y in line.get_ydata() if np.isfinite(y)) == [0.25, 0.33]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0.0001", "0.001"]

    left, right = low_energy.curves_by_rate(table, 0.7).axes
    assert (left.get_title(), right.get_title()) == ("learning rate 0.001", "learning rate 0.0001")
    np.testing.assert_array_equal(lines(left)["1 × 32"], [[1, 0.5], [2, 0.3]])
    np.testing.assert_array_equal(lines(right)["1 × 32"], [[1, 0.6], [2, 0.4], [3, 0.4]])
    assert lines(left)["3 × 128"].shape == (1, 2) and "3 × 128" not in lines(right)
