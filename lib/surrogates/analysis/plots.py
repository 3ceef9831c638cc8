"""What the figures of all pages share: style, colours, and the figures that more than one page shows.

Each function takes plain arrays or tables and returns a ``matplotlib.figure.Figure``. What one page alone shows stands
in the module of that page's name. Colours are those of Okabe and Ito, which people with any of the common colour
deficiencies can tell apart; series also differ in marker or line style, so that a black-and-white print can be read.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PINK = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
COLOURS = (BLUE, RED, GREEN, PINK, ORANGE, SKY, BLACK)
HUES = (BLUE, RED, GREEN)
"""Perceptron, convolutional network and graph network, wherever they stand side by side."""
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
NOTHING = MappingProxyType({})
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

STYLE = {
    "font.size": 12,  # a figure of full width has 8 pixels for it on a phone
    "axes.labelsize": 12,
    "axes.titlesize": 12,
    "legend.handlelength": 1.6,
    "legend.columnspacing": 1.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": mpl.cycler(color=COLOURS),
    "figure.dpi": 110,
    "savefig.facecolor": "white",
    "figure.constrained_layout.use": True,
}
WIDTH = 7.2  # inches, for a figure that fills the column


def blank(columns: int = 1, height: float = 3.4, rows: int = 1, **options):
    with plt.rc_context(STYLE):
        return plt.subplots(rows, columns, figsize=(WIDTH if columns > 1 else 0.72 * WIDTH, height), **options)


def atoms_title(n_atoms: int) -> str:
    """The title of what is shown of one number of atoms."""
    return f"{n_atoms} atoms"


def by_size(found: Mapping[str, Mapping[int, Sequence]], n_atoms: Sequence[int]) -> dict[str, dict[str, Sequence]]:
    """Trials by label and number of atoms as panels of :func:`success_curves`."""
    return {atoms_title(n): {label: of_size[n] for label, of_size in found.items() if n in of_size} for n in n_atoms}


def success_curves(
    panels: Mapping[str, Mapping[str, Sequence]],
    calls_of: str = "the true potential",
    marked: Mapping[str, Mapping[str, float]] = NOTHING,
) -> Figure:
    """The share of the seeds that have reached the goal, by calls, labels included; where there are some, thin without.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of Trial
        By title and by search; a search has its colour in all of them.
    marked : mapping
        By title, calls that are drawn upright, by their names.
    """
    rows = 1 if len(panels) < 4 else -(-len(panels) // 2)
    figure, grid = blank(-(-len(panels) // rows), 1.6 + 2.4 * rows, rows, sharey=True, squeeze=False)
    labels, handles = list(dict.fromkeys(label for tried in panels.values() for label in tried)), {}
    for axes, (title, tried) in zip(grid.flat, panels.items(), strict=False):
        for label, trials in tried.items():
            found = [trial for trial in trials if trial.found is not None]
            for width, name, counted in ((2.4, label, True), (1.4, f"{label}, without its labels", False)):
                if counted or any(trial.labels for trial in trials):
                    reached = sorted(trial.found + counted * trial.labels for trial in found)
                    share = np.arange(len(reached) + 1) / len(trials)
                    number = labels.index(label)
                    style = {"color": COLOURS[number], "linestyle": LINES[number], "linewidth": width}
                    (handles[name],) = axes.step([1, *reached], share, where="post", label=name, **style)
        for (name, calls), line in zip(marked.get(title, NOTHING).items(), LINES[1:], strict=False):
            handles[name] = axes.axvline(calls, color=BLACK, linewidth=1.0, linestyle=line, label=name)
        axes.set(xscale="log", ylim=(0, 1.02), title=title)
    figure.supxlabel(f"calls of {calls_of}", fontsize=STYLE["font.size"])
    for axes in grid[:, 0]:
        axes.set(ylabel="share of the seeds")
    figure.legend(handles.values(), handles, loc="outside upper center", ncols=2)
    return figure


def history(table, metric: str, unit: str = "") -> Figure:
    """Loss and metric by epoch, of the training and the validation split (a run's ``history``)."""
    figure, (left, right) = blank(2)
    for axes, name in ((left, "loss"), (right, metric)):
        axes.plot(table.index, table[name], LINES[0], color=BLUE, label="training")
        axes.plot(table.index, table[f"val_{name}"], LINES[1], color=RED, label="validation")
        axes.set(xlabel="epoch", yscale="log")
        plain_ticks(axes)
    left.set(ylabel="mean squared error")
    right.set(ylabel=metric.upper() + unit)
    figure.legend(*right.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def plain_ticks(axes):
    """Numbers such as 20 and 300 along a logarithmic axis, where it would write powers or nothing at all."""
    axes.yaxis.set_major_formatter(mpl.ticker.StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:g}" * _wanted(value, axes)))


def _wanted(value: float, axes) -> bool:
    """Whether a tick between two powers of ten gets a number: the shorter the axis, the more of them."""
    low, high = axes.get_ylim()
    digits = "123456789" if high < 4 * low else "235" if high < 30 * low else "25" if high < 200 * low else ""
    return f"{value:e}"[0] in set(digits)


def parity(panels: dict[str, tuple[np.ndarray, np.ndarray]], quantity: str, constant: float | None = None) -> Figure:
    """Predicted against true values, a panel each, on shared axes; ``constant`` draws a constant prediction."""
    figure, axes = blank(len(panels), height=3.8, sharex=True, sharey=True, squeeze=False)
    for i, (ax, (title, (true, predicted))) in enumerate(zip(axes[0], panels.items(), strict=True)):
        ax.scatter(true, predicted, s=7, alpha=0.35, color=COLOURS[i], linewidth=0, rasterized=True)
        ends = np.array([true.min(), true.max()])
        ax.plot(ends, ends, color=BLACK, linewidth=1.0, label="perfect")
        if constant is not None:
            ax.axhline(constant, color=BLACK, linestyle=LINES[1], linewidth=1.6, label="mean of the training targets")
        ax.set(title=title, xlabel=f"true {quantity}")
    axes[0, 0].set(ylabel=f"predicted {quantity}")
    axes[0, 0].legend(loc="upper left")
    return figure


class Binned(NamedTuple):
    """Values by bin, a line for each surrogate: ``series`` ``(bins,)``, NaN where a bin has no structures."""

    label: str
    edges: np.ndarray  # (bins + 1,)
    series: dict[str, np.ndarray]
    logarithmic: bool = False  # the axis, and so where the middle of a bin is


def error_by_bin(panels: list[Binned], ylabel: str) -> Figure:
    """A value per bin, a panel each, on a shared logarithmic axis."""
    figure, axes = blank(len(panels), height=3.8, sharey=True, squeeze=False)
    for ax, (xlabel, edges, series, logarithmic) in zip(axes[0], panels, strict=True):
        middles = np.sqrt(edges[1:] * edges[:-1]) if logarithmic else (edges[1:] + edges[:-1]) / 2
        for i, (label, values) in enumerate(series.items()):
            ax.plot(middles, values, linestyle=LINES[i], marker=MARKERS[i], color=COLOURS[i], label=label)
        ax.set(xlabel=xlabel, xscale="log" if logarithmic else "linear", yscale="log")
    low, high = axes[0, 0].get_ylim()
    if high < 100 * low:
        plain_ticks(axes[0, 0])
    axes[0, 0].set(ylabel=ylabel)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(panels[0].series))
    return figure


def gallery(clusters: Mapping[str, np.ndarray], length: float = 1.0) -> Figure:
    """Structures ``(atoms, 2)`` or ``(atoms, 3)`` side by side on one scale, each with its title.

    ``length`` is sigma in the units of the positions. In space one looks along the shortest axis; what is farther away
    is paler.
    """
    if not clusters:
        raise ValueError("clusters = {}: give one structure or more.")
    widest = max((len(line) for title in clusters for line in title.splitlines()), default=0)
    columns = min(len(clusters), 4 if widest <= 20 else 2)
    rows, width = -(-len(clusters) // columns), WIDTH if columns > 2 else 0.72 * WIDTH
    with plt.rc_context(STYLE):
        shape = {"figsize": (width, 0.3 + width / columns * 1.12 * rows), "squeeze": False}
        figure, axes = plt.subplots(rows, columns, **shape)
    centred = {title: _seen((positions - positions.mean(axis=0)) / length) for title, positions in clusters.items()}
    half = max(np.abs(positions[:, :2]).max() for positions in centred.values()) + 0.7
    for ax, (title, positions) in zip(axes.flat, centred.items(), strict=False):
        for atom in positions:
            near = 1.0 if len(atom) == 2 else 0.45 + 0.55 * (atom[2] - positions[0, 2]) / np.ptp(positions[:, 2])
            colour = np.array(mpl.colors.to_rgb(BLUE)) * near + 1 - near
            ax.add_patch(Circle(atom[:2], 2 ** (1 / 6) / 2, facecolor=colour, edgecolor="white", linewidth=0.8))
        ax.set_title(title)
        ax.set(xlim=(-half, half), ylim=(-half, half), aspect="equal")
    for ax in axes.flat:
        ax.set_axis_off()
    return figure


def _seen(centred: np.ndarray) -> np.ndarray:
    """Atoms in space along their principal axes, the farthest one first; those of a plane as they are."""
    if centred.shape[1] == 2:
        return centred
    turned = centred @ principal_axes(centred).T
    return turned[np.argsort(turned[:, 2])]


def principal_axes(centred: np.ndarray) -> np.ndarray:
    """The axes ``(3, 3)`` of atoms ``(atoms, 3)`` around 0, a row each, the longest first."""
    return np.linalg.svd(centred)[2]
