"""Change one choice at a time, and say whether it made a difference."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates.analysis import one_surrogate, report
from surrogates.analysis.formatting import MISSING, fixed, listed, percent, spread, whole
from surrogates.analysis.plots import BLUE, COLOURS, LINES, MARKERS, RED, SKY, blank
from surrogates.store import results
from surrogates.training import runs

_SHOWN = ("train", "validation")
LEAST_SEEDS = 3  # seeds, for a word on whether a choice made a difference


def variant_scores(trained: Mapping[str, Sequence[runs.Run]]) -> pd.DataFrame:
    """What each variant reached, from the stored metrics of its runs, one for each seed; the first is the base.

    Returns
    -------
    DataFrame
        By variant: "training" and "validation" (arrays, the followed metric for each seed), "weights", "epochs" (mean
        over the seeds), "change" (of the mean on validation from the base's, in percent) and "verdict" (from
        :func:`clear_difference`, "" for the base).
    """
    rows = {}
    for label, seeds in trained.items():
        metric = seeds[0].config.fit.metric
        rows[label] = {
            "training": np.array([run.metrics["train"][metric] for run in seeds]),
            "validation": np.array([run.metrics["validation"][metric] for run in seeds]),
            "weights": seeds[0].n_weights,
            "epochs": np.mean([len(run.history) for run in seeds]),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("variant")
    base = table.validation.iloc[0]
    table["change"] = [100 * (np.mean(values) / np.mean(base) - 1) for values in table.validation]
    table["verdict"] = ["", *(clear_difference(base, values) for values in table.validation.iloc[1:])]
    return table


def clear_difference(base: np.ndarray, variant: np.ndarray) -> str:
    """Whether errors ``(seeds,)`` lie clear of the base's: "better", "worse", "no clear difference" or "open".

    It takes three seeds of each; see :func:`chance`.

    >>> clear_difference(np.array([0.30, 0.31, 0.33]), np.array([0.27, 0.29, 0.28]))
    'better'
    """
    if min(len(base), len(variant)) < LEAST_SEEDS:
        return "open"
    if variant.max() < base.min():
        return "better"
    return "worse" if variant.min() > base.max() else "no clear difference"


def chance(seeds: int) -> float:
    """How often a variant that makes no difference would count as better or worse, its seeds being independent.

    >>> chance(3)
    0.1
    """
    return 2 / math.comb(2 * seeds, seeds)


def chance_sentence(seeds: int, variants: int) -> str:
    """A sentence on how many of the variants would count as better or worse if no choice made a difference."""
    if seeds < LEAST_SEEDS:
        return f"That takes {LEAST_SEEDS} seeds or more; with fewer, as here, it is left open."
    return (
        f"If no choice made a difference, independent seeds would put one variant in {whole(1 / chance(seeds))} there "
        f"by chance: {whole(variants * chance(seeds))} of these {variants}."
    )


def variants_table(table: pd.DataFrame, decimals: int, beside: report.Beside | None = None) -> pd.DataFrame:
    """The same as text. Below stands what is ``beside`` them."""
    text = pd.DataFrame(
        {
            "Variant": table.index,
            "Training": [spread(values, decimals) for values in table.training],
            "Validation": [spread(values, decimals) for values in table.validation],
            "Change": [MISSING, *(percent(value / 100, plus=True) for value in table.change[1:])],
            "": [MISSING, *table.verdict[1:]],
            "Weights": [whole(value) for value in table.weights],
            "Epochs": [whole(value) for value in table.epochs],
        }
    )
    cells = report.beside_cells(beside or {}, *_SHOWN)
    others = pd.DataFrame([[name, *shown] for name, shown in cells.items()], columns=list(text)[:3])
    return pd.concat([text, others]).fillna(MISSING)


def errors_of_log(name: str, run: runs.Run) -> dict[str, float]:
    """MAPE of log(V + 32) in percent, "train" and "validation", of a run with any target.

    Of a target that is not this logarithm they are stored under a name, computed from the weights the first time.
    """
    if run.config.fit.target == "log":
        return {split: run.metrics[split]["mape"] for split in _SHOWN}

    def compute():
        whole_run = runs.with_weights(run)
        return {
            split: one_surrogate.error_of_log(whole_run.predict_energy, getattr(whole_run.data, split))
            for split in _SHOWN
        }

    return results.load_or_compute(name, {"run": run.config, "error": "of log"}, compute)


def levers_table(errors: Mapping[str, Sequence[Mapping[str, float]]], beside: report.Beside) -> pd.DataFrame:
    """:func:`errors_of_log` by seed of networks of which each has one thing more than the one before, as text.

    Below stands what is ``beside`` them.
    """
    rows, before = [], None
    for name, seeds in errors.items():
        of_splits = [[of_seed[split] for of_seed in seeds] for split in _SHOWN]
        mean = np.mean(of_splits[1])
        bought = MISSING if before is None else fixed(before / mean, 1)
        rows.append([name, *(spread(of_split, 2) for of_split in of_splits), bought])
        before = mean
    rows += [[name, *shown, MISSING] for name, shown in report.beside_cells(beside, *_SHOWN).items()]
    return pd.DataFrame(rows, columns=["Network", "Training", "Validation", "Divided by"])


def with_verdict(table: pd.DataFrame, verdict: str) -> str:
    """The variants with a verdict, in quotation marks, as words of a sentence; "none" where there is none."""
    return listed([f"“{label}”" for label in table.index[table.verdict == verdict]], "none")


def led_to(table: pd.DataFrame, lowest: bool) -> str:
    """To which validation error, and by which variant, the means of :func:`variant_scores` reach down, or up."""
    means = table.validation.iloc[1:].map(np.mean)
    label = means.idxmin() if lowest else means.idxmax()
    return f"“{label}” leads {'down' if lowest else 'up'} to {spread(table.validation[label], 3)} ε"


def by_variant(table: pd.DataFrame, xlabel: str, lines: dict[str, float]) -> Figure:
    """Validation error of the variants of :func:`variant_scores`, the base on top, seed by seed."""
    figure, axes = blank(height=1.4 + 0.32 * len(table))
    places = np.arange(len(table))[::-1]
    base = table.validation.iloc[0]
    axes.axvspan(base.min(), base.max(), color=SKY, alpha=0.3, linewidth=0, label="range of the base")
    for place, values in zip(places, table.validation, strict=True):
        axes.plot(values, np.full(len(values), place), "|", color=BLUE, markersize=9, label="one seed")
        axes.plot(np.mean(values), place, MARKERS[0], color=BLUE, label="mean of the seeds")
    for i, (label, value) in enumerate(lines.items()):
        axes.axvline(value, color=COLOURS[i + 2], linestyle=LINES[i + 1], linewidth=1.2, label=label)
    axes.set_yticks(places, table.index)
    axes.set(xlabel=xlabel, ylim=(-0.6, len(table) - 0.4))
    labels = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(labels.values(), labels.keys(), loc="outside upper center", ncols=2)
    return figure


def by_weights(table: pd.DataFrame, marked: str, ylabel: str, lines: dict[str, float]) -> Figure:
    """Error against number of weights, the variant ``marked`` as squares, each seed a point and their mean a line."""
    figure, axes = blank(height=3.8)
    others = table.drop(index=marked).sort_values("weights")
    for colour, style, split in ((RED, LINES[1], "training"), (BLUE, LINES[0], "validation")):
        axes.plot(others.weights, others[split].map(np.mean), linestyle=style, color=colour, label=split)
        for part, marker in ((others, MARKERS[0]), (table.loc[[marked]], MARKERS[1])):
            for weights, values in zip(part.weights, part[split], strict=True):
                axes.plot(np.full(len(values), weights), values, marker, color=colour, fillstyle="none", markersize=5)
    for i, (label, value) in enumerate(lines.items()):
        axes.axhline(value, color=COLOURS[i + 2], linestyle=LINES[i + 2], linewidth=1.2, label=label)
    axes.set(xlabel="weights", ylabel=ylabel, xscale="log", ylim=(0, None))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure
