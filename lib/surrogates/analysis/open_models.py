"""What the page on open choices of the models shows: variants of one model side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates.analysis.formatting import fixed, whole
from surrogates.analysis.plots import BLUE, COLOURS, LINES, MARKERS, RED, blank
from surrogates.training import metrics


def constant_scores(variants: Mapping) -> dict[str, float]:
    """MAPE on validation of constants from the training targets, on the structures that all variants share."""
    targets = next(iter(variants.values())).targets
    scores = metrics.of_constants(targets["train"], targets)
    return {name: score["validation"] for name, score in scores.items()}


def evaluated(variants: Mapping) -> dict[str, tuple[float, float]]:
    """The stored MAPE in training and on validation of the run of each variant."""
    return {label: (run.metrics["train"]["mape"], run.metrics["validation"]["mape"]) for label, run in variants.items()}


def evaluated_table(scores: Mapping[str, tuple[float, float]], variants: Mapping) -> pd.DataFrame:
    """The same as text, with the number of weights and of epochs of each run."""
    rows = []
    for label, run in variants.items():
        size = [whole(run.n_weights), str(len(run.history))]
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
