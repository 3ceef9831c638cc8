"""Figures and tables of the pages that go beyond the report, as :mod:`analysis.figures` has those of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from surrogates import data
from surrogates.analysis import words
from surrogates.analysis.plots import (
    BLACK,
    BLUE,
    COLOURS,
    GREEN,
    LINES,
    MARKERS,
    ORANGE,
    RED,
    blank,
    gallery,
)  # fmt: skip
from surrogates.search import structures, trials
from surrogates.training import learned as forces
from surrogates.training import runs

__all__ = ["gallery"]

TEST_STRUCTURES = 1000  # of each other number of atoms
COMPACT_HOPS = 100


def trade_off(
    curve: Mapping[float, dict], points: Mapping[str, dict], pairs: dict, goals: dict, limit: float = 100.0
) -> Figure:
    """Both errors of :func:`surrogates.analysis.regimes.scores`: all models, and the curve by weight from near.

    A corner shows the goals. A model beyond ``limit`` percent is drawn at it.
    """
    figure, (left, right) = blank(2)
    low, high = 1e-4, 10.0
    weights = sorted(curve)
    path = np.array([[curve[weight]["mae"], curve[weight]["mape"]] for weight in weights])
    for axes in (left, right):
        axes.add_patch(Rectangle((low, 1e-3), goals["mae"] - low, goals["mape"] - 1e-3, color=GREEN, alpha=0.15))
        axes.plot(*path.T, MARKERS[0] + LINES[0], color=BLUE, label="GCN, both sets")
    for i, (label, scores) in enumerate(points.items()):
        left.plot(scores["mae"], min(scores["mape"], limit), MARKERS[i + 1], color=COLOURS[i + 1], label=label)
    left.plot(pairs["mae"], pairs["mape"], MARKERS[4], color=ORANGE, label="sum over pairs")
    left.set(xscale="log", yscale="log", xlabel="MAE of V < 0 / ε", ylabel="MAPE of log(V + 32) / %")
    left.set(xlim=(min(low * 3, pairs["mae"] / 2), high), ylim=(min(0.01, pairs["mape"] / 2), 1.3 * limit))
    for weight, place in zip(weights, path, strict=True):
        right.annotate(f"{weight:g}", place, xytext=(5, 5), textcoords="offset points", fontsize=9)
    most = np.maximum(path.max(axis=0), [goals["mae"], goals["mape"]])
    right.set(xlim=(0, 1.15 * most[0]), ylim=(0, 1.15 * most[1]), xlabel="MAE of V < 0 / ε")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def pair_function(distance: np.ndarray, learned: np.ndarray, true: np.ndarray) -> Figure:
    """A learned pair energy over the true one: around the minimum, and at short distances."""
    figure, (left, right) = blank(2)
    for axes in (left, right):
        axes.plot(distance, true, LINES[0], color=BLACK, linewidth=2.2, alpha=0.4, label="true")
        axes.plot(distance, learned, LINES[1], color=RED, label="learned")
        axes.set(xlabel="pair distance r / σ")
    left.set(xlim=(0.9, 3.0), ylim=(-1.2, 2.0), ylabel="V(r) / ε")
    right.set(xscale="log", yscale="log", xlim=(distance.min(), 1.0), ylim=(0.1, 3 * true.max()))
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def by_labels(errors: Mapping[str, Mapping[int, float]], median: float) -> Figure:
    """Error by number of training structures, a line for each kind of model and label."""
    figure, axes = blank(height=4.4)
    for i, (label, values) in enumerate(errors.items()):
        style = {"color": COLOURS[i], "marker": MARKERS[i], "linestyle": LINES[i]}
        axes.plot(list(values), list(values.values()), label=label, **style)
    axes.axhline(median, color="#777777", linewidth=1.0, label="median as prediction")
    axes.set(xscale="log", yscale="log", xlabel="training structures", ylabel="MAE of V / ε")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2, fontsize=9)
    return figure


def labels_table(errors: Mapping[str, Mapping[int, float]]) -> pd.DataFrame:
    """The same as text."""
    table = pd.DataFrame(errors).T.map(lambda value: f"{value:.2g}")
    return table.rename(columns=lambda n: f"{n:,}").rename_axis("Model, labels").reset_index()


def worth(total: Mapping[int, float], atoms: Mapping[int, float]) -> str:
    """A sentence on how many structures with one energy it takes to equal fewer with energies of atoms."""
    numbers = sorted(atoms)
    for few in numbers:
        enough = next((n for n in numbers if total[n] <= atoms[few]), None)
        if enough is None or enough > few:
            many = f"not even {numbers[-1]:,}" if enough is None else f"{enough:,}"
            return f"What {few:,} structures teach it by their atoms, {many} teach it by their totals."
    return "Nowhere does it need more structures with totals than with energies of atoms."


def times_harder(total: Mapping[int, float], atoms: Mapping[int, float]) -> float:
    """Error with energies of structures over that with energies of atoms, the median over the numbers of structures."""
    return float(np.median([total[n] / atoms[n] for n in atoms]))


def other_sizes(run: runs.Run, sizes: Sequence[int], seed: int) -> pd.DataFrame:
    """Errors of a run's surrogate for other numbers of atoms, on random structures and on a compact one.

    Returns
    -------
    DataFrame
        By number of atoms: "error" (MAE of V on random structures with V < 0, of the density of the run's data),
        "error per atom", "compact" (the true energy of a compact structure) and "of compact" (its error).
    """
    rows = {}
    trained_on = run.config.data
    for n in sizes:
        learned = forces.rebuilt(run, n)
        box = trained_on.box * (n / trained_on.n_atoms) ** 0.5
        sizes_ = (1, 1, TEST_STRUCTURES)
        same = replace(trained_on, energies="low", n_atoms=n, box=box, seed=seed, sizes=sizes_)
        test = data.simulate(same).test
        predicted = run.inverse(runs.predict(learned, test.positions))
        error = float(np.abs(predicted - test.energies).mean())
        start, rng = structures.seeded_start(n, seed)
        visited = structures.hop(same.potential, start, structures.Hopping(), rng, COMPACT_HOPS)
        compact = min(visited, key=lambda found: found.energy)
        off = float(run.inverse(runs.predict(learned, compact.positions[None]))[0]) - compact.energy
        rows[n] = {"error": error, "error per atom": error / n, "compact": compact.energy, "of compact": off}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("atoms")


def other_sizes_table(table: pd.DataFrame) -> pd.DataFrame:
    """The same as text."""
    return pd.DataFrame(
        {
            "Atoms": table.index.astype(str),
            "MAE": [f"{value:.4f}" for value in table.error],
            "For each atom": [f"{value:.5f}" for value in table["error per atom"]],
            "Compact structure": [words.energy(value, 3) for value in table.compact],
            "Off by": [f"{value:+.3f}".replace("-", "−") for value in table["of compact"]],
        }
    )


def calls_and_energy(searches: Mapping[str, Sequence[trials.Trial]], lowest: float, panel: str) -> Figure:
    """The best energy so far above the lowest known one, by calls of the true potential: each seed, and the median.

    A search that ends keeps its energy. Those at the ``lowest`` known one, or below, are drawn at the tolerance.
    """
    figure, axes = blank(height=4.2)
    for i, (label, tried) in enumerate(searches.items()):
        most = max(trial.calls for trial in tried)
        at = np.unique(np.geomspace(1, max(most, 2), 200).astype(int))
        above = []
        for trial in tried:
            calls, energies = np.array([(0, np.inf), *trial.steps]).T  # nothing is known before the first call
            so_far = energies[np.searchsorted(calls, at, side="right") - 1]
            above.append(np.maximum(so_far - lowest, trials.TOLERANCE))
            axes.plot(at, above[-1], color=COLOURS[i], linewidth=0.5, alpha=0.3)
        style = {"color": COLOURS[i], "linestyle": LINES[i], "linewidth": 2.2, "label": label}
        axes.plot(at, np.median(above, axis=0), **style)
    axes.set(xscale="log", yscale="log", xlabel="calls of the true potential", title=panel)
    axes.set(ylabel="best V so far − lowest known V / ε", ylim=(0.5 * trials.TOLERANCE, None))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def trials_table(searches: Mapping[str, Sequence[trials.Trial]]) -> pd.DataFrame:
    """Successes, calls and labels of several ways to search, as text."""
    rows = []
    for name, tried in searches.items():
        found = trials.summary(tried)
        once = f"{found['made']:,.0f}" if np.isfinite(found["made"]) else "–"
        median = f"{found['median']:,.0f}" if np.isfinite(found["median"]) else "–"
        energies = [trial.energy for trial in tried if trial.energy is not None]
        lowest = words.energy(min(energies), 3) if energies else "–"
        labels = f"{max(trial.labels for trial in tried):,}"
        rows.append([name, f"{found['successes']} of {found['trials']}", once, median, lowest, labels])
    header = ["Search", "Successes", "Calls for one", "Median", "Lowest V", "Labels"]
    return pd.DataFrame(rows, columns=header)
