"""One function a figure. Each takes plain arrays or a run and returns a ``matplotlib.figure.Figure``.

Colours are those of Okabe and Ito, which people with any of the common colour deficiencies can tell apart; series
also differ in marker or line style, so that a black-and-white print can be read.
"""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import data
from surrogates.analysis.plots import (
    BLACK,
    BLUE,
    COLOURS,
    GREEN,
    LINES,
    MARKERS,
    ORANGE,
    RED,
    SKY,
    STYLE,
    WIDTH,
    Binned,
    blank,
    error_by_bin,
    history,
    parity,
    plain_ticks,
)
from surrogates.potentials import potential

__all__ = ["Binned", "error_by_bin", "history", "parity"]


def structure(positions: np.ndarray, grid: np.ndarray, box: float, energy: float) -> Figure:
    """The report's Figure 1: a structure ``(atoms, 2)`` and its occupancy grid ``(cells, cells)``, rows along y."""
    figure, (left, right) = blank(2, height=3.9)
    left.scatter(*positions.T, s=28, color=BLUE, edgecolor="white", linewidth=0.5)
    left.set(title=f"(a) {len(positions)} atoms, V = {energy:.3g}")
    right.imshow(grid, origin="lower", extent=(0, box, 0, box), cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
    right.set(title=f"(b) {len(grid)} × {len(grid)} cells, {int(grid.sum())} occupied")
    for axes in (left, right):
        axes.set(xlim=(0, box), ylim=(0, box), aspect="equal", xlabel="x / σ")
        axes.spines[:].set_visible(True)
    left.set(ylabel="y / σ")
    return figure


def pair_potential(cutoff: float) -> Figure:
    """The energy of one pair against its distance, with the graph's cutoff."""
    figure, axes = blank()
    distance = np.linspace(0.94, 3.2, 400)
    axes.plot(distance, potential.pair_energy(distance))
    axes.axhline(0, color=BLACK, linewidth=0.6)
    axes.axvline(cutoff, color=RED, linestyle="--", linewidth=1.2, label=f"graph cutoff, {cutoff:g} σ")
    axes.plot(2 ** (1 / 6), -1, "o", color=ORANGE, label="minimum, $2^{1/6}$ σ")
    axes.set(xlabel="pair distance r / σ", ylabel="V(r) / ε", ylim=(-1.2, 2.0), xlim=(0.9, 3.2))
    axes.legend()
    return figure


def energy_distributions(full: np.ndarray, low: np.ndarray) -> Figure:
    """Energies of the full-energy set, as log(V + 32), and of the low-energy set, as V."""
    figure, (left, right) = blank(2)
    left.hist(data.log_energy(full), bins=60, color=BLUE)
    left.set(xlabel="log(V + 32)", ylabel="structures", title="(a) full-energy set", yscale="log")
    right.hist(low, bins=60, color=GREEN)
    right.set(xlabel="V / ε", title="(b) low-energy set, V < 0")
    return figure


def atoms_per_cell(fractions: dict[int, float], marked: int) -> Figure:
    """Share of structures with two atoms in some cell, by the number of cells along a side."""
    figure, axes = blank(height=3.0)
    axes.plot(list(fractions), [100 * value for value in fractions.values()], "o-")
    axes.plot(marked, 100 * fractions[marked], "s", color=RED, markersize=9, label=f"{marked} × {marked}")
    axes.set(xlabel="cells along each side", ylabel="structures with\na shared cell / %", xscale="log", ylim=(0, 100))
    axes.set_xticks(list(fractions), [str(cells) for cells in fractions])
    axes.minorticks_off()
    axes.legend()
    return figure


def low_energy_parity(true: np.ndarray, predicted: np.ndarray, limit: float) -> Figure:
    """The report's Figure 5: energies of the low-energy structures on the linear scale.

    Predictions above ``limit`` are drawn as triangles at it: the inverse of the logarithm throws some far up.
    """
    figure, axes = blank(height=4.0)
    above = predicted > limit
    axes.scatter(true[~above], predicted[~above], s=8, alpha=0.4, color=BLUE, linewidth=0, label="structures")
    if above.any():
        label = f"{above.sum()} predicted above {limit:g}"
        axes.scatter(true[above], np.full(above.sum(), limit), s=18, marker="^", color=RED, label=label)
    ends = np.array([true.min(), 0.0])
    axes.plot(ends, ends, color=BLACK, linewidth=1.0, label="perfect")
    axes.set(xlabel="true V / ε", ylabel="predicted V / ε")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def invariance(changes: pd.DataFrame) -> Figure:
    """Mean change of a prediction as a share of the surrogate's error: rows of operations, a column per surrogate."""
    figure, axes = blank(height=3.6)
    groups = np.arange(len(changes.columns))
    width = 0.8 / len(changes)
    floor = 1e-7  # about the resolution of float32
    hatches = ("", "//", "..", "xx")
    for i, (operation, values) in enumerate(changes.clip(lower=floor).iterrows()):
        style = {"color": COLOURS[i], "hatch": hatches[i], "edgecolor": "white"}
        axes.bar(groups + i * width, values, width, label=operation, **style)
    axes.axhline(1, color=BLACK, linewidth=1.0, linestyle="--", label="as large as the error")
    axes.set(yscale="log", ylim=(floor, None), ylabel="mean change / mean error")
    axes.set_xticks(groups + 0.4 - width / 2, changes.columns)
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def variants(scores: dict[str, tuple[float, float]], marked: str, xlabel: str, lines: dict[str, float]) -> Figure:
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


def search(table: pd.DataFrame, lines: dict[str, float]) -> Figure:
    """All models of :func:`analysis.ranking.ranked`: validation MAE against learning rate, and those of the report.

    Colour is the number of graph convolutions; line and marker are the number of units. ``lines`` lie across all.
    """
    figure, axes = blank(height=4.6)
    for style, colour, label, part in _models(table):
        part = part.sort_values("learning_rate")
        marker = MARKERS[LINES.index(style)]
        axes.plot(part.learning_rate, part.validation, marker=marker, linestyle=style, color=colour, label=label)
        axes.plot(part.learning_rate, part.report, marker, color=colour, fillstyle="none", markersize=11)
    for label, value in lines.items():
        axes.axhline(value, color="#777777", linewidth=1.0, label=label)
    axes.plot([], [], MARKERS[0], color=BLACK, fillstyle="none", markersize=11, label="the report's, open")
    axes.set(xlabel="learning rate", ylabel="validation MAE of V / ε", xscale="log", yscale="log")
    axes.set_xticks(rates := sorted(set(table.learning_rate)), [f"{rate:g}" for rate in rates])
    axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
    plain_ticks(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=9)
    return figure


def _models(table: pd.DataFrame):
    """Line style, colour, label and rows for each number and width of graph convolutions."""
    widths, depths = sorted(set(table.n_nodes)), sorted(set(table.n_layers))
    for (n_layers, n_nodes), part in table.groupby(["n_layers", "n_nodes"]):
        style, colour = LINES[widths.index(n_nodes) % len(LINES)], COLOURS[depths.index(n_layers) % len(COLOURS)]
        yield style, colour, f"{n_layers} × {n_nodes}", part


def search_curves(table: pd.DataFrame, constant: float) -> Figure:
    """Validation MAE by epoch ("curve") of the models of a search, a panel for each learning rate, two in a row."""
    rates = sorted(set(table.learning_rate), reverse=True)
    with plt.rc_context(STYLE):
        rows = -(-len(rates) // 2)
        shape = {"figsize": (WIDTH, 0.7 + 2.5 * rows), "sharex": True, "sharey": True, "squeeze": False}
        figure, axes = plt.subplots(rows, min(2, len(rates)), **shape)
    for style, colour, label, part in _models(table):
        for rate, curve in zip(part.learning_rate, part.curve, strict=True):
            ax = axes.flat[rates.index(rate)]
            ax.plot(np.arange(1, len(curve) + 1), curve, linestyle=style, color=colour, linewidth=1.3, label=label)
    for ax, rate in zip(axes.flat, rates, strict=False):
        ax.axhline(constant, color="#777777", linewidth=1.0)
        ax.set(title=f"learning rate {rate:g}", yscale="log")
        plain_ticks(ax)
    for ax in axes.flat[len(rates) :]:
        ax.set_visible(False)
    for ax in axes[:, 0]:
        ax.set(ylabel="MAE of V / ε")
    for ax in axes[-1]:
        ax.set(xlabel="epoch")
    found = {label: handle for ax in axes.flat for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(found.values(), found.keys(), loc="outside upper center", ncols=min(6, len(found)), fontsize=9)
    return figure


def ablations(table: pd.DataFrame, xlabel: str, lines: dict[str, float]) -> Figure:
    """Validation error of the variants of :func:`analysis.ablations.scores`, the base on top, seed by seed."""
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


def sizes(table: pd.DataFrame, marked: str, ylabel: str, lines: dict[str, float]) -> Figure:
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
