"""Our surrogates beside the report's tables and beside a constant."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surrogates.analysis import report
from surrogates.training import metrics
from tests.analysis.beside import BESIDE


@pytest.mark.parametrize(
    ("score", "verdict"),
    [(50.0, "better"), (89.9, "better"), (90.1, "no better"), (111.0, "no better"), (112.0, "worse"), (math.nan, "–")],
)
def test_within_a_tenth_is_no_better(score, verdict):
    assert report.against_constant(score, 100.0) == verdict


def test_a_run_is_assessed_beside_the_best_constant(run):
    result = report.assess(run)
    validation, train = run.targets["validation"], run.targets["train"]
    assert result.mean == train.mean()
    constant = metrics.constants(train)["best constant"]
    assert result.best_constant == metrics.errors(validation, np.full_like(validation, constant))["mape"]
    assert result.error == pytest.approx(np.abs(run.predictions["test"] - run.targets["test"]).mean(), rel=1e-5)
    np.testing.assert_array_equal(result.panels["validation"][1], run.predictions["validation"])


def test_a_constant_is_the_mean_over_the_seeds():
    seeds = [
        SimpleNamespace(targets={"train": np.array([0.0, 1.0, 5.0]), "validation": np.array([1.0, high])})
        for high in (3.0, 5.0)
    ]
    assert report.constant_error(seeds, "median", "mae") == (1.0 + 2.0) / 2


def test_a_model_that_the_report_does_not_have_is_refused():
    with pytest.raises(ValueError, match="model = 'deepsets' is not in the report's Table 1; it has mlp, cnn, gcn."):
        report.reported_scores("deepsets")


@pytest.fixture
def seeds():
    """Two runs: their best epochs are the second and the third, their last ones the third."""
    return [
        SimpleNamespace(
            history=pd.DataFrame({"mape": train, "val_mape": validation}, index=[1, 2, 3]),
            metrics={"train": {"mape": train[-1]}, "validation": {"mape": validation[-1]}, "test": {"mape": 9.0}},
            config=SimpleNamespace(fit=SimpleNamespace(patience=None)),
        )
        for train, validation in (([9.0, 8.0, 7.0], [9.0, 5.0, 6.0]), ([9.0, 8.0, 5.0], [9.0, 8.0, 7.0]))
    ]


def plain(table):
    return [[cell.replace("\u00a0", " ") for cell in row] for row in table.to_numpy().tolist()]


def test_the_same_rule_decides_which_epoch_of_every_row_counts(seeds):
    (row,) = plain(report.by_epoch({"ours": seeds}))
    assert row == ["ours", "6.0 ± 1.4", "6.5 ± 0.7", "6.5 ± 2.1 †", "6.0 ± 1.4", "3", "2 and 3"]


def test_of_the_epoch_whose_weights_were_kept_the_stored_scores_stand(seeds):
    for run in seeds:
        run.config.fit.patience, run.metrics["train"]["mape"] = 1, 4.0
    (row,) = plain(report.by_epoch({"ours": seeds}))
    assert row[1:5] == ["6.0 ± 1.4 †", "6.5 ± 0.7", "4.0 ± 0.0", "6.5 ± 0.7"]


def test_the_report_s_row_comes_first(seeds):
    first, second, constant, told = plain(report.beside_table("gcn", {"ours": seeds}, BESIDE))
    assert first == ["the report", "6.3", "6.6", "–"]
    assert second == ["ours", "6.0 ± 1.4", "6.5 ± 0.7", "9.0 ± 0.0"]
    assert constant == ["best constant", "40.0", "41.0", "42.0"]
    assert told == ["perceptron told log distances", "0.60 ± 0.14", "0.60 ± 0.00", "0.80 ± 0.14"]
