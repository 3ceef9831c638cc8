"""Our surrogates beside the report's tables and beside a constant."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from surrogates.analysis import report
from surrogates.training import metrics


@pytest.mark.parametrize(
    ("score", "verdict"),
    [(50.0, "better"), (89.9, "better"), (90.1, "no better"), (111.0, "no better"), (112.0, "worse")],
)
def test_within_a_tenth_is_no_better(score, verdict):
    assert report.against_constant(score, 100.0) == verdict


def test_a_run_beside_the_report_and_a_constant(run):
    result = report.comparison(run, "gcn")
    assert result.table["report's GCN"].tolist() == ["6.3", "6.6", "–"]
    assert result.table["our GCN"].tolist() == [f"{run.metrics[split]['mape']:.1f}" for split in run.metrics]
    validation = run.targets["validation"]
    assert result.mean == run.targets["train"].mean()
    constant = metrics.errors(validation, np.full_like(validation, result.mean))["mape"]
    assert result.constant == constant
    assert (result.report_training, result.report_validation) == (6.3, 6.6)
    np.testing.assert_array_equal(result.panels["validation"][1], run.predictions["validation"])


def test_a_constant_is_the_mean_over_the_seeds():
    seeds = [
        SimpleNamespace(targets={"train": np.array([0.0, 1.0, 5.0]), "validation": np.array([1.0, high])})
        for high in (3.0, 5.0)
    ]
    assert report.constant_error(seeds, "median", "mae") == (1.0 + 2.0) / 2


def test_a_gap_is_named_from_a_quarter_on():
    assert report.gap(10.0, 12.4) == "hardly any gap"
    assert report.gap(10.0, 12.6) == "a gap of a factor 1.3"


def test_a_model_that_the_report_does_not_have_is_refused_with_a_way_out(run):
    with pytest.raises(
        ValueError, match="model = 'deepsets' is not in the report's Table 1; it has mlp, cnn, gcn. Leave"
    ):
        report.comparison(run, "deepsets")
    alone = report.comparison(run)
    assert math.isnan(alone.report_training) and math.isnan(alone.report_validation)
    assert alone.table.columns.tolist() == ["MAPE / %", "ours"]
    assert alone.verdict == report.comparison(run, "gcn").verdict


def test_table_2_as_text():
    first, *_, last = report.table2_as_text().to_numpy().tolist()
    assert first == ["1", "0.001", "128", "2", "0.248", "0.244"]
    assert last[1] == "0.0001"
    assert last[-1] == "–", "the report gives the test error of the best only"
