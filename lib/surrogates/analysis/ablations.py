"""Change one choice at a time, and say whether it made a difference."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from surrogates.analysis import comparison, words
from surrogates.training import runs

ENOUGH = 3  # seeds, for a word on whether a choice made a difference


def scores(trained: Mapping[str, Sequence[runs.Run]]) -> pd.DataFrame:
    """What each variant reached, from the stored metrics of its runs, one for each seed.

    Parameters
    ----------
    trained : mapping of str to sequence of Run
        The runs of each variant; the first variant is the base, which the others are compared with.

    Returns
    -------
    DataFrame
        By variant: "training" and "validation" (arrays, the followed metric for each seed), "weights", "epochs" (mean
        over the seeds), "change" (of the mean on validation from the base's, in percent) and "verdict" (from
        :func:`verdict`, "" for the base).
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
    table["verdict"] = ["", *(verdict(base, values) for values in table.validation.iloc[1:])]
    return table


def verdict(base: np.ndarray, variant: np.ndarray) -> str:
    """Whether errors ``(seeds,)`` lie clear of the base's: "better", "worse", "no clear difference" or "open".

    It takes three seeds of each; see :func:`chance`.

    >>> verdict(np.array([0.30, 0.31, 0.33]), np.array([0.27, 0.29, 0.28]))
    'better'
    """
    if min(len(base), len(variant)) < ENOUGH:
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


def by_chance(seeds: int, variants: int) -> str:
    """A sentence on how many of the variants would count as better or worse if no choice made a difference."""
    if seeds < ENOUGH:
        return f"That takes {ENOUGH} seeds or more; with fewer, as here, it is left open."
    return (
        "If no choice made any difference and the seeds had nothing in common, that would be said of one variant in "
        f"{1 / chance(seeds):.0f}, which makes {variants * chance(seeds):.0f} of the {variants}."
    )


def shown(table: pd.DataFrame, digits: int) -> pd.DataFrame:
    """The same as text."""
    signed = [f"{value:+.0f}\u00a0%".replace("-", "−") for value in table.change]
    return pd.DataFrame(
        {
            "Variant": table.index,
            "Training": [comparison.over_seeds(values, digits) for values in table.training],
            "Validation": [comparison.over_seeds(values, digits) for values in table.validation],
            "Change": ["–", *signed[1:]],
            "": ["–", *table.verdict[1:]],
            "Weights": [f"{value:,}" for value in table.weights],
            "Epochs": [f"{value:.0f}" for value in table.epochs],
        }
    )


def listed(table: pd.DataFrame, word: str) -> str:
    """The variants with a verdict, in quotation marks, as words of a sentence; "none" where there is none."""
    return words.listed([f"“{label}”" for label in table.index[table.verdict == word]], "none")


def equal_widths(weights: int, n_atoms: int, layers: int = 3) -> tuple[int, ...]:
    """Hidden layers of equal width, for a perceptron whose number of weights is the nearest to the one wanted."""

    def count(width: int) -> int:
        return (2 * n_atoms + 1) * width + (layers - 1) * (width + 1) * width + width + 1

    width = 1
    while count(width + 1) <= weights:
        width += 1
    width += weights - count(width) > count(width + 1) - weights
    return (width,) * layers
