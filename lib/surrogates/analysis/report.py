"""The report's two tables, and how a surrogate stands beside them and beside a constant prediction.

The words for it follow rules that are fixed here and not on a page.
"""

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surrogates import models
from surrogates.analysis.formatting import MISSING, fixed, listed, spread
from surrogates.data import symmetry
from surrogates.store import provenance
from surrogates.training import metrics

NEAR = 0.1  # two scores that differ by less than this share of the larger one count as equal
SHOWN = 2_000  # structures of a split that a figure shows, or that are moved and turned
WITHOUT = ("best constant", "closest pair alone")
TOLD_DISTANCES = "perceptron told log distances"
Beside = Mapping[str, Mapping[str, Sequence[float]]]
"""Scores of other predictions by name and split, one for each seed, such as those of ``comparison.beside_all``."""

_SPLITS = {"training": "train", "validation": "validation", "test": "test"}
"""The splits as the tables name them."""


def table1() -> pd.DataFrame:
    """Table 1 of the report: MAPE in percent, "training" and "validation", by model (mlp, cnn, gcn)."""
    return pd.read_csv(provenance.root() / "data" / "report_table1.csv", index_col="model")


def table2() -> pd.DataFrame:
    """Table 2 of the report: MAE of V by rank, with the learning rate, n_nodes and n_layers of each model."""
    return pd.read_csv(provenance.root() / "data" / "report_table2.csv", index_col="rank")


def reported_scores(model: str) -> pd.Series:
    """The row of Table 1 of a model. Raises ValueError for a model that the table does not have."""
    table = table1()
    if model not in table.index:
        raise ValueError(f"model = {model!r} is not in the report's Table 1; it has {', '.join(table.index)}.")
    return table.loc[model]


def against_constant(score: float, constant: float) -> str:
    """How an error compares with that of a constant prediction, as in "it is ... than that constant"; "–" for NaN."""
    if math.isnan(score - constant):
        return MISSING
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


@dataclass(frozen=True)
class Assessment:
    """A surrogate of the full-energy set, beside the best constant prediction. Scores are MAPE in percent."""

    weights: int
    best_constant: float  # score on validation of the constant with the lowest MAPE in training
    mean: float  # of the training targets
    error: float  # MAE on the test split
    changes: dict[str, float]  # of the test predictions, by operation of :mod:`surrogates.data.symmetry`
    panels: dict[str, tuple[np.ndarray, np.ndarray]]  # of training and validation, for :func:`analysis.plots.parity`


def assess(run) -> Assessment:
    """Predict the first ``SHOWN`` structures of each split with a run of the full-energy set; its error is stored."""
    data, targets = run.data, run.targets
    panels = {}
    for title in ("training", "validation"):
        positions = getattr(data, _SPLITS[title]).positions[:SHOWN]
        panels[title] = targets[_SPLITS[title]][:SHOWN], run.predict(positions, warn=False)
    return Assessment(
        weights=models.count_weights(run.surrogate),
        best_constant=metrics.of_constants(targets["train"], targets)["best constant"]["validation"],
        mean=metrics.constants(targets["train"])["mean"],
        error=run.metrics["test"]["mae"],
        changes=symmetry.changes(
            functools.partial(run.predict, warn=False), data.test.positions[:SHOWN], run.config.data.box
        ),
        panels=panels,
    )


def stored(runs: Sequence, split: str) -> list[float]:
    """The stored MAPE in % of each run on a split, with the weights that its training kept."""
    return [run.metrics[split]["mape"] for run in runs]


def beside_table(model: str, rows: Mapping[str, Sequence], beside: Beside) -> pd.DataFrame:
    """The report's scores of a model and ours, a row for each way to train it, given by the runs of its seeds.

    Below stands what is ``beside`` them.
    """
    reported = reported_scores(model)
    table = [["the report", *(fixed(reported[split], 1) for split in ("training", "validation")), MISSING]]
    for label, runs in rows.items():
        table.append([label, *(spread(stored(runs, split)) for split in _SPLITS.values())])
    table += [[name, *shown] for name, shown in beside_cells(beside, *_SPLITS.values()).items()]
    return pd.DataFrame(table, columns=["Network", *map(str.capitalize, _SPLITS)])


def beside_cells(beside: Beside, *splits: str) -> dict[str, list[str]]:
    """Its scores on these splits as text, by name."""
    return {
        name: [spread(of[split], 2 if name == TOLD_DISTANCES else 1) for split in splits] for name, of in beside.items()
    }


def by_epoch(rows: Mapping[str, Sequence]) -> pd.DataFrame:
    """MAPE by which epoch is kept, the last or the best on validation, for the runs of the seeds of each row, as text.

    The number of epochs stands once where it is the same for all seeds. Scores of the epoch whose weights a training
    kept are the stored ones. Of the other epoch the history has the score on validation, and in training the mean over
    the steps of the epoch, while the weights change: these have a dagger.
    """
    table = []
    for label, runs in rows.items():
        histories = [run.history for run in runs]
        lengths = [len(history) for history in histories]
        best = [history["val_mape"].idxmin() for history in histories]
        cells = {"Model": label}
        for title, chosen in (("last", lengths), ("best", best)):
            for split, column in (("training", "mape"), ("validation", "val_mape")):
                shown = [history[column][epoch] for history, epoch in zip(histories, chosen, strict=True)]
                kept = title == _kept(runs[0])
                dagger = "\u00a0†" if split == "training" and not kept else ""
                cells[f"{split.capitalize()}, {title}"] = (
                    spread(stored(runs, _SPLITS[split]) if kept else shown) + dagger
                )
        epochs = str(lengths[0]) if len(set(lengths)) == 1 else listed(list(map(str, lengths)))
        table.append(cells | {"Epochs": epochs, "Best epoch": listed(list(map(str, best)))})
    return pd.DataFrame(table)


def _kept(run) -> str:
    """Which epoch's weights a training keeps: the "last", or with a patience the "best" on validation."""
    return "last" if run.config.fit.patience is None else "best"
