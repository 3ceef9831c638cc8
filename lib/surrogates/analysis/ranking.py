"""Rank the models of a hyperparameter search, beside Table 2 of the report.

A model of the search is known by its learning rate, its number of graph convolutions and the units of each.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from surrogates.analysis import comparison
from surrogates.training import runs

KEY = ["learning_rate", "n_layers", "n_nodes"]
SEARCHED = 24  # models in the report's search
CLOSE = 5  # how many of the first it lists


def ranked(trained: Mapping[tuple, Sequence[runs.Run]]) -> pd.DataFrame:
    """The models of a search by their rank on validation, from the stored metrics and histories.

    Parameters
    ----------
    trained : mapping of tuple to sequence of Run
        By (learning rate, graph convolutions, units) the runs of one or more seeds. The first seed, which has to be
        the same for all models, decides the rank.

    Returns
    -------
    DataFrame
        By rank, from 1: the key, "validation" (MAE), "scores" (array, of each seed), "weights", "epochs" and "seconds"
        of the first seed, its "curve" (array, MAE by epoch), and "report", the MAE of the same model in the report's
        Table 2, NaN where it is not there.
    """
    reported = comparison.report_table2().set_index(KEY)["validation"]
    rows = []
    for key, seeds in trained.items():
        scores = np.array([run.metrics["validation"]["mae"] for run in seeds])
        first = seeds[0]
        size = {
            "weights": first.n_weights,
            "epochs": len(first.history),
            "seconds": first.provenance["training_seconds"],
        }
        rows.append(
            dict(zip(KEY, key, strict=True))
            | {"validation": scores[0], "scores": scores, **size, "report": reported.get(key, np.nan)}
            | {"curve": first.history["val_mae"].to_numpy()}
        )
    table = pd.DataFrame(rows).sort_values("validation", ignore_index=True)
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="rank"))


def shown(table: pd.DataFrame, test: float, most_epochs: int) -> pd.DataFrame:
    """The same as text, with the test error of the best model alone; epochs are marked where training was cut off."""

    def spread(scores):
        return comparison.over_seeds(scores, 3) if len(scores) > 1 else "–"

    return pd.DataFrame(
        {
            "Rank": table.index.astype(str),
            "Rate": [f"{value:g}" for value in table.learning_rate],
            "Units": table.n_nodes.astype(str),
            "Layers": table.n_layers.astype(str),
            "Validation": [f"{value:.3f}" for value in table.validation],
            "Over seeds": [spread(scores) for scores in table.scores],
            "Test": [f"{test:.3f}" if rank == 1 else "–" for rank in table.index],
            "Report": ["–" if np.isnan(value) else f"{value:.3f}" for value in table.report],
            "Weights": [f"{value:,}" for value in table.weights],
            "Epochs": [f"{value}{'+' * (value >= most_epochs)}" for value in table.epochs],
            "Time": [f"{value / 60:.0f}\u00a0min" for value in table.seconds],
        }
    )


def in_order(scores: np.ndarray) -> int:
    """Of all pairs of models, how many come in the order of the rows for every seed: ``scores`` (models, seeds).

    >>> in_order(np.array([[0.1, 0.3], [0.2, 0.2], [0.4, 0.4]]))  # the first two change places
    2
    """
    first, second = np.triu_indices(len(scores), k=1)
    return int((scores[first] < scores[second]).all(axis=1).sum())


def best_by(table: pd.DataFrame, setting: str) -> pd.Series:
    """The lowest MAE for each value of a setting."""
    return table.groupby(setting).validation.min()


def measured(table: pd.DataFrame, constant: float) -> dict[str, float]:
    """What ``data/claims.csv`` asks of the ranking, by its names there; NaN where too little was trained.

    Parameters
    ----------
    table : DataFrame
        From :func:`ranked`.
    constant : float
        MAE of the median as a constant prediction.
    """
    reported = comparison.report_table2()
    best = table.loc[1]
    depth = best_by(table, "n_layers")
    others = table[table.report.notna() & (table.report > reported.validation[1])]
    same = table.set_index(KEY).reindex(pd.MultiIndex.from_frame(reported[KEY]))
    seeds = {len(scores) if isinstance(scores, np.ndarray) else 0 for scores in same.scores}
    enough = len(table) >= CLOSE
    return {
        "best_validation": best.validation,
        "best_model": sum(best[name] == reported.loc[1, name] for name in KEY),
        "top_rates": sum(table.learning_rate[:CLOSE] == reported.learning_rate[1]),
        "depth": depth[3] / depth.drop(3).min() if 3 in depth and len(depth) > 1 else np.nan,
        "spread": table.validation[CLOSE] - best.validation if enough else np.nan,
        "fifth": table.validation[CLOSE] / constant if enough else np.nan,
        "tuning": table.validation.iloc[-1] / best.validation if len(table) == SEARCHED else np.nan,
        "top_others": 100 * abs(others.validation / others.report - 1).max() if len(others) == CLOSE - 1 else np.nan,
        "order": in_order(np.stack(same.scores)) if len(seeds) == 1 and min(seeds) > 2 else np.nan,
    }
