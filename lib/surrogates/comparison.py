"""The report's numbers, and words for how ours compare, by rules that are fixed here and not on a page."""

import pandas as pd

from surrogates import provenance

NEAR = 0.1  # two scores that differ by less than this share of the larger one count as equal
GAP = 1.25  # a validation score this many times the training score counts as a gap


def report_table1() -> pd.DataFrame:
    """Table 1 of the report: MAPE in percent, "training" and "validation", by model (mlp, cnn, gcn)."""
    return pd.read_csv(provenance.root() / "data" / "report_table1.csv", index_col="model")


def report_table2() -> pd.DataFrame:
    """Table 2 of the report: MAE of V by rank, with the learning rate, n_nodes and n_layers of each model."""
    return pd.read_csv(provenance.root() / "data" / "report_table2.csv", index_col="rank")


def against_constant(score: float, constant: float) -> str:
    """How an error compares with that of a constant prediction, as in "it is ... than that constant"."""
    if abs(score - constant) <= NEAR * max(score, constant):
        return "no better"
    return "better" if score < constant else "worse"


def invariant(change: float, error: float) -> str:
    """Whether a change of the prediction is what rounding to 24 bits can do, or matters beside the model's error."""
    return "no more than rounding" if change < 1e-3 * error else "more than rounding"


def gap(training: float, validation: float) -> str:
    """Whether a model has learned more about its training structures than about others."""
    ratio = validation / training
    return f"a gap of a factor {ratio:.1f}" if ratio >= GAP else "hardly any gap"


def against_report(model: str, reported: pd.Series, scores: dict) -> pd.DataFrame:
    """A table of MAPE, the report's and ours, on each split; the report gives none on the test split."""
    splits = ("training", "validation", "test")
    ours = (scores["train"], scores["validation"], scores["test"])
    return pd.DataFrame(
        {
            "MAPE / %": splits,
            f"report's {model}": [f"{reported[split]:g}" if split in reported else "–" for split in splits],
            f"our {model}": [f"{score['mape']:.1f}" for score in ours],
        }
    )
