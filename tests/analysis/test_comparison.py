"""Table 1 beside ours."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surrogates import data
from surrogates.analysis import claims, comparison
from surrogates.training import metrics


def runs(*scores):
    """A run for each (training, validation)."""
    return [
        SimpleNamespace(
            metrics={"train": {"mape": train}, "validation": {"mape": validation}, "test": {"mape": validation}},
            provenance={"training_seconds": 120.0},
            n_weights=1234,
            history=pd.DataFrame({"mape": [9.0, train + 1], "val_mape": [99.0, validation]}, index=[1, 2]),
            config=SimpleNamespace(fit=SimpleNamespace(patience=10)),
        )
        for train, validation in scores
    ]


def test_table_1_has_the_report_s_numbers_and_ours():
    beside = {"mean": {"train": 78.0, "validation": 79.0, "test": 77.0}}
    rows = {"GCN": runs((5.0, 7.0), (6.0, 8.0)), "MLP told": runs((0.5, 0.6))}
    table = comparison.models_table(rows, beside)
    mean, gcn, told = ([cell.replace("\u00a0", " ") for cell in row] for row in table.to_numpy().tolist())
    assert mean == ["mean", "–", "78.0", "79.0", "78.0", "79.0", "–", "–", "–", "–", "–"]
    scores = ["6.5 ± 0.7 †", "7.5 ± 0.7", "5.5 ± 0.7", "7.5 ± 0.7"]
    assert gcn == ["GCN", "6.3 / 6.6", *scores, "2", "2 and 2", "2", "1,234", "2 min"]
    assert told[:3] == ["MLP told", "–", "1.5 †"]


def test_yardsticks_have_every_split(run):
    found = comparison.yardsticks(run)
    assert list(found) == ["best constant", "median", "mean", "closest pair alone"]
    assert all(list(of_splits) == list(data.SPLITS) for of_splits in found.values())
    truth, constant = run.targets["test"], metrics.constants(run.targets["train"])["best constant"]
    assert found["best constant"]["test"] == metrics.errors(truth, np.full_like(truth, constant))["mape"]


def test_what_stands_beside_all_networks_has_every_split(run):
    found = comparison.beside_all(run, runs((0.5, 0.6), (0.7, 0.8)))
    assert list(found) == ["best constant", "closest pair alone", "perceptron told log distances"]
    assert found["perceptron told log distances"]["train"] == [0.5, 0.7]
    assert found["closest pair alone"]["test"] == [comparison.yardsticks(run)["closest pair alone"]["test"]]


def test_what_the_claims_ask_of_three_models():
    rows = {"MLP": runs((40.0, 80.0), (20.0, 82.0)), "CNN": runs((30.0, 60.0)), "GCN": runs((4.0, 7.0), (6.0, 8.0))}
    audits = dict.fromkeys(rows, pd.DataFrame({"of spread": {"permutation": 0.5, "reflection": 0.25}}))
    found = comparison.models_measured(rows, {"best constant": {"validation": 40.0}}, audits)
    np.testing.assert_array_equal(found["mlp_training"], [40.0, 20.0])
    np.testing.assert_allclose(found["gcn_gap"], [7 / 4, 8 / 6])
    assert found["cnn_permutation"] == 0.5 and "cnn_reflection" not in found
    np.testing.assert_allclose(found["mlp_poor"], [2.0, 2.05])
    swing = np.std([99.0, 60.0], ddof=1)
    assert found["cnn_validation"] == pytest.approx((60.0, swing, 1)), "of one seed the swing of its last epochs"
    assert found["cnn_poor"] == pytest.approx((1.5, swing / 40, 1))
    np.testing.assert_allclose(found["gcn_best"], [7 / 60]), "seeds that all three have"
    np.testing.assert_allclose(found["architecture"], [80 / 7])


def test_other_readings_stand_beside_the_first():
    rows = {"MLP": runs((4.0, 80.0)), "GCN": runs((6.0, 7.0))}
    found = comparison.other_readings(rows, runs((3.0, 4.0)), runs((60.0, 85.0)))
    shown = "as Keras shows it, the mean over the steps of the epoch"
    assert found["gcn_training"] == claims.Readings([6.0], {"trained further": [3.0], shown: [7.0]})
    assert found["mlp_validation"].others == {"shown twenty orders of every structure": [85.0]}
    assert found["mlp_gap"].main == [20.0] and found["mlp_gap"].others["shown twenty orders of every structure"] == [
        85 / 60
    ]
    assert found.keys() == {f"{name}_{what}" for name in ("mlp", "gcn") for what in ("training", "validation", "gap")}


@pytest.mark.parametrize("name", ["mlp", "cnn", "gcn"])
def test_numbers_of_the_prose(name):
    rows = {model: runs((4.0, 80.0), (6.0, 90.0)) for model in comparison.MODELS}
    beside = {which: {"validation": 40.0} for which in ("mean", "best constant", "closest pair alone")}
    found = comparison.models_numbers(rows, beside)
    assert found[f"{name}_validation"].startswith("85")
    assert found["best"] == "40.0"
