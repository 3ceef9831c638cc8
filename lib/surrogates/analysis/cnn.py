"""What the page on the convolutional network shows: how far its score swings."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from surrogates.analysis import report
from surrogates.analysis.formatting import MISSING, fixed, spread, whole


def range_of(networks: Mapping[str, Sequence]) -> dict[str, str]:
    """From where to where the scores of several networks reach, by name: MAPE in training and on validation."""
    scores = {
        split: [np.mean(report.stored(runs, split)) for runs in networks.values()] for split in ("train", "validation")
    }
    return {f"few_{split}": f"{fixed(min(found))} to {fixed(max(found))}" for split, found in scores.items()}


def swings_table(rows: Mapping[str, Sequence], last: int, beside: report.Beside) -> pd.DataFrame:
    """The report's scores and ours, a row for each network given by the runs of its seeds, and what is beside, as text.

    Beside the scores at the end of a training stand the mean, the lowest and the highest on validation over its
    ``last`` epochs and all seeds.
    """
    reported = report.reported_scores("cnn")
    table = [["the report", *(fixed(reported[split]) for split in ("training", "validation")), MISSING, MISSING]]
    for name, runs in rows.items():
        ends = np.concatenate([run.history["val_mape"].tail(last) for run in runs])
        swing = f"{fixed(ends.mean(), 1)} ({fixed(ends.min())} to {fixed(ends.max())})"
        scores = (spread(report.stored(runs, split)) for split in ("train", "validation"))
        table.append([name, *scores, swing, whole(runs[0].n_weights)])
    splits = "train", "validation"
    table += [[name, *shown, *[MISSING] * 2] for name, shown in report.beside_cells(beside, *splits).items()]
    return pd.DataFrame(table, columns=["Network", "Training", "Validation", f"Last {last}", "Weights"])
