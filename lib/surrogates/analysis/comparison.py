"""What the page that sets the three models side by side shows: Table 1, and predictions that need no network."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from surrogates import data, training
from surrogates.analysis import claims, error_analysis, report, verdicts
from surrogates.analysis.formatting import MISSING, fixed, minutes, significant, spread, whole
from surrogates.training import metrics, told

MODELS = ("MLP", "CNN", "GCN")
"""The models of the report's Table 1, as the page names them."""


def yardsticks(run) -> dict[str, dict[str, float]]:
    """MAPE in percent, by split, of constants from the training targets, and of the closest pair's energy alone."""
    scores = metrics.of_constants(run.targets["train"], run.targets)
    *_, alone = report.WITHOUT
    closest = {split: error_analysis.baselines(run, split)[alone] for split in data.SPLITS}
    errors = {split: metrics.errors(run.targets[split], predicted)["mape"] for split, predicted in closest.items()}
    return {name: scores[name] for name in ("best constant", "median", "mean")} | {alone: errors}


def told_distances(page) -> dict[str, list]:
    """The runs of the perceptron that is told log distances, of all seeds, by the settings of the page distances.

    Returns those of "full energies" and of "low energies".
    """
    named = told.by_seed("causes/nearest", told.shortest_distances(page), page, page.seeds)
    return {name: training.fit_or_load_all(named[name]) for name in ("full energies", "low energies")}


def beside_all(run, nearest: Sequence) -> dict[str, dict[str, list[float]]]:
    """MAPE in percent, by split, of what stands in every table of networks of the full-energy set.

    The best constant and the closest pair alone, for the structures of a run, and the runs ``nearest`` of the
    perceptron that is told log distances, one value for each.
    """
    without = yardsticks(run)
    rows = {name: {split: [without[name][split]] for split in data.SPLITS} for name in report.WITHOUT}
    return rows | {report.TOLD_DISTANCES: {split: report.stored(nearest, split) for split in data.SPLITS}}


def models_table(rows: Mapping[str, Sequence], beside: Mapping[str, Mapping]) -> pd.DataFrame:
    """Table 1 of the report beside ours by both rules of which epoch is kept, as text, as in :func:`report.by_epoch`.

    ``rows`` are the runs of the seeds of each model; "MLP", "CNN" and "GCN" stand in the report's table. ``beside`` are
    predictions that are not trained: for each of them the MAPE by split.
    """
    ours = report.by_epoch(rows)
    ours.insert(1, "Report", [_of_the_report(name) for name in rows])
    ours["Seeds"] = [str(len(runs)) for runs in rows.values()]
    ours["Weights"] = [whole(runs[0].n_weights) for runs in rows.values()]
    ours["Time"] = [minutes(np.mean([run.provenance["training_seconds"] for run in runs])) for runs in rows.values()]
    scores = {"Training": "train", "Validation": "validation"}
    constants = pd.DataFrame(
        {"Model": name}
        | {f"{title}, {rule}": fixed(of[split], 1) for rule in ("last", "best") for title, split in scores.items()}
        for name, of in beside.items()
    )
    return pd.concat([constants, ours])[list(ours)].fillna(MISSING)


def _of_the_report(name: str) -> str:
    """Training and validation in the report's Table 1, where it has this model."""
    if name.lower() not in report.table1().index:
        return MISSING
    reported = report.reported_scores(name.lower())
    return "\u00a0/\u00a0".join(significant(reported[split], 6) for split in ("training", "validation"))


def models_numbers(rows: Mapping[str, Sequence], beside: Mapping[str, Mapping]) -> dict[str, str]:
    """The same for the prose, by their names on the page: MAPE on the three splits with the weights that were kept."""
    numbers = {
        "mean": fixed(beside["mean"]["validation"]),
        "best": fixed(beside["best constant"]["validation"], 1),
        "closest": fixed(beside["closest pair alone"]["validation"], 1),
    }
    for name, decimals in (("MLP", 1), ("CNN", 0), ("GCN", 1)):
        given = report.reported_scores(name.lower())
        numbers[f"{name.lower()}_seeds"] = whole(len(rows[name]))
        for title, split in (("training", "train"), ("validation", "validation"), ("test", "test")):
            numbers[f"{name.lower()}_{title}"] = spread(report.stored(rows[name], split), decimals)
            if title in given:
                numbers[f"{name.lower()}_report_{title}"] = significant(given[title], 6)
    return numbers


def models_measured(
    rows: Mapping[str, Sequence], beside: Mapping[str, Mapping], audits: Mapping[str, pd.DataFrame]
) -> dict[str, verdicts.Values]:
    """What ``data/claims.csv`` asks of the three models, by its names there; of scores one value for each seed.

    ``rows`` and ``beside`` are as in :func:`models_table`, ``audits`` from :func:`analysis.invariance.audit`. Constants
    are those of the first seed. The spread of a perceptron or convolutional network of a single seed is how far its
    validation score swings at the end of its training.
    """
    scores = {
        name: {split: np.array(report.stored(rows[name], split)) for split in ("train", "validation")}
        for name in MODELS
    }
    found = {}
    for name, of_splits in scores.items():
        values = {"training": of_splits["train"], "validation": of_splits["validation"]}
        values["gap"] = of_splits["validation"] / of_splits["train"]
        values |= audits[name]["of spread"].drop("reflection").to_dict()  # it is not claimed
        found |= {f"{name.lower()}_{key}": value for key, value in values.items()}
    validation = {name: of_splits["validation"] for name, of_splits in scores.items()}
    best, seeds = beside["best constant"]["validation"], min(map(len, validation.values()))
    each = np.array([values[:seeds] for values in validation.values()])  # (models, seeds)
    for name in ("MLP", "CNN"):
        found[f"{name.lower()}_poor"] = validation[name] / best
        if len(rows[name]) == 1:
            (score,), swing = validation[name], _swing(rows[name][0])
            found[f"{name.lower()}_validation"] = claims.Measured(score, swing, 1)
            found[f"{name.lower()}_poor"] = claims.Measured(score / best, swing / best, 1)
    return found | {
        "gcn_best": each[2] / each[:2].min(axis=0),
        "architecture": each.max(axis=0) / each.min(axis=0),
    }


def _swing(run) -> float:
    """Standard deviation of the validation score over the last tenth of the epochs, where one seed tells no other."""
    return float(run.history["val_mape"].tail(max(2, len(run.history) // 10)).std())


def other_readings(trained: Mapping[str, Sequence], further: Sequence, literal: Sequence) -> dict[str, claims.Readings]:
    """Scores of Table 1, and validation over training, that depend on how the report is read: the graph network trained
    further, the perceptron shown all permutations; by the names of ``data/claims.csv``."""
    ways = {"mlp": ("shown twenty orders of every structure", literal), "gcn": ("trained further", further)}
    found = {}
    for model, (reading, runs) in ways.items():
        for title, split in (("training", "train"), ("validation", "validation")):
            main = report.stored(trained[model.upper()], split)
            found[f"{model}_{title}"] = claims.Readings(main, {reading: report.stored(runs, split)})
        main, other = (
            np.divide(*(report.stored(of, split) for split in ("validation", "train")))
            for of in (trained[model.upper()], runs)
        )
        found[f"{model}_gap"] = claims.Readings(main, {reading: other})
    shown = [run.history["mape"][run.history["val_mape"].idxmin()] for run in trained["GCN"]]
    found["gcn_training"].others["as Keras shows it, the mean over the steps of the epoch"] = shown
    return found
