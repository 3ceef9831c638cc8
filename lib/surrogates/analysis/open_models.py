"""What the page on open choices of the models shows: variants of one model side by side."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import models
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
    rows = [
        [
            label,
            *(fixed(score, 1) for score in scores[label]),
            whole(models.count_weights(run.surrogate)),
            str(len(run.history)),
        ]
        for label, run in variants.items()
    ]
    return pd.DataFrame(rows, columns=["Variant", "Training", "Validation", "Weights", "Epochs"])


def training_and_validation(
    scores: dict[str, tuple[float, float]], marked: str, xlabel: str, lines: dict[str, float]
) -> Figure:
    """Training and validation score of several variants of one model, the first of them on top.

    ``marked`` is the variant that the others are compared with; ``lines`` are drawn across all.
    """
    figure, axes = blank(height=1.4 + 0.32 * len(scores))
    places = np.arange(len(scores))[::-1]
    training, validation = np.array(list(scores.values())).T
    axes.hlines(places, training, validation, color="#999999", linewidth=1.0)
    axes.plot(training, places, MARKERS[1], color=RED, fillstyle="none", label="training")
    axes.plot(validation, places, MARKERS[0], color=BLUE, label="validation")
    axes.axvline(scores[marked][1], color=BLUE, linestyle=":", linewidth=1.0)
    for i, (label, value) in enumerate(lines.items()):
        axes.axvline(value, color=COLOURS[i + 2], linestyle=LINES[i + 1], linewidth=1.2, label=label)
    axes.set_yticks(places, scores)
    axes.set(xlabel=xlabel, ylim=(-0.6, len(scores) - 0.4))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
