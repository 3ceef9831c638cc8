"""What the page on the perceptron shows: readings side by side, what it can learn by heart, what its score tells."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates.analysis import report
from surrogates.analysis.formatting import fixed, spread, whole
from surrogates.analysis.plots import BLACK, BLUE, COLOURS, LINES, MARKERS, blank
from surrogates.training import metrics


def readings_table(
    readings: Mapping[str, Sequence], reported: Mapping[str, float], beside: report.Beside
) -> pd.DataFrame:
    """The report's row, then one for each reading, given by the runs of its seeds, and what is beside, as text."""
    rows = [["the report", "", *(fixed(reported[split], 1) for split in ("training", "validation")), "", ""]]
    for name, runs in readings.items():
        first = runs[0].config
        examples = first.data.sizes[0] * (1 + first.model.permutations)
        ours = (spread(report.stored(runs, split)) for split in ("train", "validation"))
        rows.append([name, whole(examples), *ours, fixed(bits_per_weight(runs[0]), 1), str(len(runs))])
    splits = "train", "validation"
    rows += [[name, "", *shown, "", ""] for name, shown in report.beside_cells(beside, *splits).items()]
    return pd.DataFrame(rows, columns=["Reading", "Examples", "Training", "Validation", "Bits a weight", "Seeds"])


def bits(examples: int, variance: float, error: float) -> float:
    """Information in predictions of that mean squared error, of as many independent targets: their Gaussian channel.

    Cover and Thomas, *Elements of Information Theory* (2006), Section 10.3.2: half a binary logarithm of the variance
    over the error for each target.
    """
    return examples * max(0.0, 0.5 * np.log2(variance / error))


def bits_per_weight(run) -> float:
    """:func:`bits` that a run has of its training examples, for each of its weights.

    A permuted copy counts as an example of its own: to a network that sees the numbering it is one.
    """
    examples = run.config.data.sizes[0] * (1 + run.config.model.permutations)
    error = run.metrics["train"]["mse"]
    return bits(examples, run.targets["train"].var(), error) / run.n_weights


def without_knowledge(targets: np.ndarray, shares: Sequence[float], mean: float, seed: int = 0) -> np.ndarray:
    """MAPE in % of predictions that know nothing of their structure, by their spread: ``(shares,)``.

    They are other structures' targets ``(n,)``, drawn towards the ``mean`` of the training targets so that they spread
    by that share of the targets: 0 is the mean for every structure, 1 the target of another one.
    """
    others = np.random.default_rng(seed).permutation(targets)
    return np.array([metrics.errors(targets, mean + share * (others - mean))["mape"] for share in shares])


def without_knowledge_curve(
    targets: np.ndarray, shares: np.ndarray, mean: float, marked: Mapping[str, float], best: float
) -> Figure:
    """The curve of :func:`without_knowledge`, with scores ``marked`` where it has them, and the best constant's."""
    curve = without_knowledge(targets, shares, mean)
    figure, axes = blank(height=3.6)
    axes.plot(shares, curve, LINES[0], color=BLUE, label="knows nothing of the structure")
    for i, (name, score) in enumerate(marked.items(), 1):
        place = (
            np.interp(score, curve, shares) if curve[0] <= score <= curve[-1] else (0.0 if score < curve[0] else 1.0)
        )
        hollow = {"fillstyle": "none", "markeredgewidth": 2, "markersize": 5 + 2 * i}  # they may lie on each other
        axes.plot(place, score, MARKERS[i], color=COLOURS[i], label=name, **hollow)
    axes.axhline(best, color=BLACK, linestyle=LINES[3], linewidth=1.2, label="best constant")
    axes.set(
        xlabel="spread of the predictions / spread of the targets", ylabel="MAPE of log(V + 32) / %", ylim=(0, None)
    )
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
