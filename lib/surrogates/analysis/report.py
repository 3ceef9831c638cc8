"""The report's two tables, and how a surrogate stands beside them and beside a constant prediction.

The words for it follow rules that are fixed here and not on a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surrogates import models
from surrogates.analysis.formatting import fixed, significant
from surrogates.data import symmetry
from surrogates.store import provenance
from surrogates.training import metrics

NEAR = 0.1  # two scores that differ by less than this share of the larger one count as equal
GAP = 1.25  # a validation score this many times the training score counts as a gap
_SPLITS = {"training": "train", "validation": "validation", "test": "test"}
"""The splits as the tables name them."""


def table1() -> pd.DataFrame:
    """Table 1 of the report: MAPE in percent, "training" and "validation", by model (mlp, cnn, gcn)."""
    return pd.read_csv(provenance.root() / "data" / "report_table1.csv", index_col="model")


def table2() -> pd.DataFrame:
    """Table 2 of the report: MAE of V by rank, with the learning rate, n_nodes and n_layers of each model."""
    return pd.read_csv(provenance.root() / "data" / "report_table2.csv", index_col="rank")


def reported_scores(model: str | None) -> pd.Series:
    """The row of Table 1 of a model, NaN for None. Raises ValueError for a model that the table does not have."""
    table = table1()
    if model is None:
        return pd.Series(np.nan, index=table.columns)
    if model not in table.index:
        raise ValueError(
            f"model = {model!r} is not in the report's Table 1; it has {', '.join(table.index)}. "
            "Leave the model out, or give None, to compare with a constant prediction only."
        )
    return table.loc[model]


def against_constant(score: float, constant: float) -> str:
    """How an error compares with that of a constant prediction, as in "it is ... than that constant"."""
    if abs(score - constant) <= NEAR * max(score, constant):
        return "no better"
    return "better" if score < constant else "worse"


def constant_error(trained: Sequence, which: str, metric: str) -> float:
    """Validation error of a constant of :func:`surrogates.training.metrics.constants`, mean over runs."""
    errors = []
    for run in trained:
        truth, constant = run.targets["validation"], metrics.constants(run.targets["train"])[which]
        errors.append(metrics.errors(truth, np.full(len(truth), constant))[metric])
    return float(np.mean(errors))


def gap(training: float, validation: float) -> str:
    """Whether a model has learned more about its training structures than about others."""
    ratio = validation / training
    return f"a gap of a factor {fixed(ratio, 1)}" if ratio >= GAP else "hardly any gap"


@dataclass(frozen=True)
class Comparison:
    """A surrogate of the full-energy set beside the report's and beside a constant prediction.

    Scores are MAPE in percent, the report's NaN where it has no such model.
    """

    training: float
    validation: float
    test: float
    report_training: float
    report_validation: float
    constant: float  # score on validation of the mean of the training targets
    mean: float  # which is this
    error: float  # our MAE on the test split
    n_train: int
    weights: int
    verdict: str  # :func:`against_constant` of the validation score
    gap: str
    changes: dict[str, float]  # of the test predictions, by operation of :mod:`surrogates.data.symmetry`
    panels: dict[str, tuple[np.ndarray, np.ndarray]]  # of training and validation, for :func:`analysis.plots.parity`
    table: pd.DataFrame  # of the report's scores and ours as text


def comparison(run, model: str | None = None) -> Comparison:
    """Evaluate a run of the full-energy set from its weights, beside the report's ``model`` (mlp, cnn or gcn).

    Without a model, as for a network that the report does not have, the report's scores are NaN. Raises ValueError for
    a model that is not in the report's Table 1.
    """
    reported = reported_scores(model)
    scores, targets = run.evaluate(), run.targets
    ours = {title: scores[split]["mape"] for title, split in _SPLITS.items()}
    constant = metrics.of_constants(targets["train"], targets)["mean"]["validation"]
    given = {f"report's {model.upper()}": [significant(reported.get(title), 6) for title in _SPLITS]} if model else {}
    mine = f"our {model.upper()}" if model else "ours"
    return Comparison(
        **ours,
        report_training=reported["training"],
        report_validation=reported["validation"],
        constant=constant,
        mean=metrics.constants(targets["train"])["mean"],
        error=scores["test"]["mae"],
        n_train=len(targets["train"]),
        weights=models.count_weights(run.surrogate),
        verdict=against_constant(ours["validation"], constant),
        gap=gap(ours["training"], ours["validation"]),
        changes=symmetry.changes(run.predict, run.data.test.positions, run.config.data.box),
        panels={
            title: (targets[_SPLITS[title]], run.predictions[_SPLITS[title]]) for title in ("training", "validation")
        },
        table=pd.DataFrame({"MAPE / %": list(_SPLITS)} | given | {mine: [fixed(score, 1) for score in ours.values()]}),
    )


def table2_as_text() -> pd.DataFrame:
    """Table 2 of the report as text."""
    columns = ["rank", "learning_rate", "n_nodes", "n_layers", "validation", "test"]
    listed = table2().reset_index()[columns].map(lambda value: significant(value, 6))
    return listed.set_axis(["Rank", "Rate", "Units", "Layers", "Validation", "Test"], axis="columns")
