"""What the page on published prices shows: our searches beside theirs, in quenches and in calls, and the goals."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates.analysis import searches
from surrogates.analysis.formatting import MISSING, whole
from surrogates.analysis.plots import BLACK, COLOURS, LINES, blank

PAIRS_CALLS, FREE_CALLS = (
    1_000,
    20_000,
)  # that a surrogate is to need at most, one that knows of pairs and one that does not


class Price(NamedTuple):
    """What others state for one success: mean and standard deviation over their runs, which all succeeded."""

    atoms: int
    runs: int
    quenches: tuple[float, float]
    calls: tuple[float, float]


PRICES = {
    "published, shakes": Price(38, 100, (2824.70, 3092.98), (387784.64, 427516.22)),
    "published, symmetrised": Price(38, 100, (737.86, 702.99), (59631.66, 69090.13)),
}
"""Mean first encounter times of GMIN: github.com/wales-group/examples, LJ38/02_Calculating_MFET/README.md."""


def quenches(tried: Sequence) -> tuple[float, float]:
    """Mean and standard deviation of the quenches of successes; NaN for searches that count none."""
    found = [trial.counts["quenches"] for trial in tried if trial.found is not None and "quenches" in trial.counts]
    return (float(np.mean(found)) if found else np.nan), _deviation(found)


def calls(tried: Sequence) -> tuple[float, float]:
    """Calls for one success, those of failures shared among the successes, and the deviation over the successes."""
    costs = searches.price(tried)
    return costs["calls"], costs["spread"]


def _deviation(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else np.nan


def prices_table(found: searches.Trials, published: Mapping[str, Price] = PRICES) -> pd.DataFrame:
    """Successes, quenches and calls of each search, as text, one number of atoms below the other.

    What is published stands first among the searches of as many atoms, where these are searched at all.
    """
    sizes = sorted({n for of_size in found.values() for n in of_size})
    rows = []
    for n in sizes:
        for name, price in published.items():
            if price.atoms == n:
                rows.append([name, n, f"{price.runs} of {price.runs}", *price.quenches, *price.calls])
        for name, of_size in found.items():
            if n in of_size:
                tried = of_size[n]
                successes = sum(trial.found is not None for trial in tried)
                rows.append([name, n, f"{successes} of {len(tried)}", *quenches(tried), *calls(tried)])
    text = [[name, str(n), successes, *map(whole, numbers)] for name, n, successes, *numbers in rows]
    return pd.DataFrame(text, columns=["Search", "Atoms", "Successes", "Quenches", "± ", "Calls", "±"])


def price_curves(found: searches.Trials, n_atoms: Sequence[int], published: Mapping[str, Price] = PRICES) -> Figure:
    """The share of the seeds that have reached the goal, by calls; a panel for each size, published means upright."""
    figure, axes = blank(len(n_atoms), height=4.2, sharey=True, squeeze=False)
    handles = {}
    for ax, n in zip(axes[0], n_atoms, strict=True):
        for i, (label, of_size) in enumerate(found.items()):
            if n not in of_size:
                continue
            reached = sorted(trial.found for trial in of_size[n] if trial.found is not None)
            share = np.arange(len(reached) + 1) / len(of_size[n])
            (handles[label],) = ax.step(
                [1, *reached], share, where="post", color=COLOURS[i], linestyle=LINES[i], label=label
            )
        for (label, price), line in zip(published.items(), ("--", ":"), strict=True):
            if price.atoms == n:
                handles[label] = ax.axvline(price.calls[0], color=BLACK, linewidth=1.0, linestyle=line)
        ax.set(xscale="log", xlabel="calls of the true potential", title=f"{n} atoms", ylim=(0, 1.02))
    axes[0, 0].set(ylabel="share of the seeds")
    figure.legend(handles.values(), handles, loc="outside upper center", ncols=2)
    return figure


def price_numbers(found: searches.Trials, labels: Mapping[str, str], n_atoms: int) -> dict[str, str | int]:
    """Of each search, by a short name: "NAME_calls", "NAME_found" and "NAME_seeds", as text for the prose."""
    said = {}
    for name, label in labels.items():
        tried = found[label].get(n_atoms, ())
        said[f"{name}_calls"] = whole(calls(tried)[0]) if tried else MISSING
        said[f"{name}_found"] = sum(trial.found is not None for trial in tried)
        said[f"{name}_seeds"] = len(tried)
    return said


def goals(found: searches.Trials, limits: Mapping[str, int], n_atoms: int) -> list[tuple[str, str, bool]]:
    """Whether each search with a surrogate came to the goal in every trial, with at most so many calls."""
    rows = []
    for label, limit in limits.items():
        tried = found[label].get(n_atoms, ())
        within = sum(trial.found is not None and trial.found + trial.labels <= limit for trial in tried)
        most = max((trial.found + trial.labels for trial in tried if trial.found is not None), default=None)
        said = (
            f"{within} of {len(tried)}; the longest success took {whole(most)}" if most else f"{within} of {len(tried)}"
        )
        goal = f"{n_atoms} atoms in at most {whole(limit)} calls from every seed: {label}"
        rows.append((goal, said if tried else "not tried", bool(tried) and within == len(tried)))
    return rows
