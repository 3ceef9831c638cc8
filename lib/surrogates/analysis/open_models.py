"""What the page on open choices of the models shows: variants of one model side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import models
from surrogates.analysis import report
from surrogates.analysis.formatting import fixed, whole
from surrogates.analysis.plots import BLUE, COLOURS, LINES, MARKERS, RED, blank
from surrogates.training import metrics


def constant_scores(variants: Mapping) -> dict[str, float]:
    """MAPE on validation of constants from the training targets, on the structures that all variants share."""
    targets = next(iter(variants.values())).targets
    scores = metrics.of_constants(targets["train"], targets)
    return {name: score["validation"] for name, score in scores.items()}


def evaluated(variants: Mapping) -> dict[str, tuple[float, float]]:
    """MAPE in training and on validation of the run of each variant, from its weights."""
    every = {label: run.evaluate() for label, run in variants.items()}
    return {label: (score["train"]["mape"], score["validation"]["mape"]) for label, score in every.items()}


def evaluated_table(scores: Mapping[str, tuple[float, float]], variants: Mapping) -> pd.DataFrame:
    """The same as text, with the number of weights and of epochs of each run."""
    rows = []
    for label, run in variants.items():
        size = [whole(models.count_weights(run.surrogate)), str(len(run.history))]
        rows.append([label, *(fixed(score, 1) for score in scores[label]), *size])
    return pd.DataFrame(rows, columns=["Variant", "Training", "Validation", "Weights", "Epochs"])


def graph_numbers(scores: Mapping[str, tuple[float, float]], repeated: int) -> dict[str, str]:
    """The validation scores of the graph networks as text, by their names on the page.

    The first ``repeated`` variants differ in their initial weights alone, and tell what chance does.
    """
    validation = {label: score for label, (_, score) in scores.items()}
    chance = list(validation.values())[:repeated]
    readings = dict(list(validation.items())[repeated:])
    lowest, highest = (choose(readings, key=readings.get) for choose in (min, max))
    return {
        "chance_least": fixed(min(chance), 1),
        "chance_most": fixed(max(chance), 1),
        "others": whole(len(readings)),
        "beyond": whole(sum(not min(chance) <= score <= max(chance) for score in readings.values())),
        "lowest_label": lowest,
        "lowest_score": fixed(readings[lowest], 1),
        "highest_label": highest,
        "highest_score": fixed(readings[highest], 1),
    }


def perceptron_numbers(scores: Mapping[str, tuple[float, float]], constants: Mapping[str, float]) -> dict[str, str]:
    """The three perceptrons, scaled, unscaled, unpermuted, beside the mean and the report's, as text."""
    words = [report.against_constant(score, constants["mean"]) for _, score in scores.values()]
    by_heart, _ = list(scores.values())[-1]
    return {
        **dict(zip(("mlp_scaled", "mlp_unscaled", "mlp_unpermuted"), words, strict=True)),
        "mean": fixed(constants["mean"]),
        "by_heart": fixed(by_heart, 1),
        "report_mlp_training": fixed(report.table1().training["mlp"], 1),
    }


def cnn_numbers(scores: Mapping[str, tuple[float, float]], constants: Mapping[str, float]) -> dict[str, str]:
    """The convolutional networks beside constants and the report's, as text.

    Among them the one whose score in training comes nearest to the report's.
    """
    given = report.table1().loc["cnn"]
    validation = [score for _, score in scores.values()]
    learner = min(scores, key=lambda label: abs(scores[label][0] - given["training"]))
    return {
        "report_cnn": fixed(given["validation"]),
        "cnn_least": fixed(min(validation)),
        "cnn_most": fixed(max(validation)),
        "cnn_verdict": report.against_constant(min(validation), constants["mean"]),
        "best_constant": fixed(constants["best constant"]),
        "report_cnn_training": fixed(given["training"]),
        "cnn_learner": learner.split(":")[0],
        "cnn_training": fixed(scores[learner][0]),
        "cnn_learner_validation": fixed(scores[learner][1]),
    }


def training_and_validation(
    scores: Mapping[str, tuple[float, float]], constants: Mapping[str, float], shown: Sequence[str]
) -> Figure:
    """MAPE in training and on validation of several variants of one model, the first of them on top.

    The first is the one that the others are compared with; of the ``constants`` those ``shown`` are drawn across all.
    """
    figure, axes = blank(height=1.4 + 0.32 * len(scores))
    places = np.arange(len(scores))[::-1]
    training, validation = np.array(list(scores.values())).T
    axes.hlines(places, training, validation, color="#999999", linewidth=1.0)
    axes.plot(training, places, MARKERS[1], color=RED, fillstyle="none", label="training")
    axes.plot(validation, places, MARKERS[0], color=BLUE, label="validation")
    axes.axvline(validation[0], color=BLUE, linestyle=":", linewidth=1.0)
    for i, label in enumerate(shown):
        axes.axvline(constants[label], color=COLOURS[i + 2], linestyle=LINES[i + 1], linewidth=1.2, label=label)
    axes.set_yticks(places, scores)
    axes.set(xlabel="MAPE of log(V + 32) / %", ylim=(-0.6, len(scores) - 0.4))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
