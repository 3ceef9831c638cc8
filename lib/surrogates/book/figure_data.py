"""The numbers that a figure shows, read back from it as a table of comma-separated values."""

import csv
import io
import re
from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_WORD = re.compile("[a-zA-Z]{2}")
MOST = 1000
"""Points of one series. Of a longer one every k-th stands in the table, which then says so."""


def as_csv(drawn: Figure) -> str:
    """What the axes of a figure show: lines, points, bars, discs and cells, each with its panel and its series.

    The lines that begin with ``#`` say what the axes of a panel are. A line across the whole panel has one coordinate
    alone; the value of a cell stands in the column z. Returns "" for a figure without numbers, such as a diagram.
    """
    about, rows = [], []
    for panel, axes in enumerate(drawn.axes, 1):
        found = [(name, *_thinned(points)) for name, points in _series(axes) if len(points)]
        if found:
            labels = {"x": axes.get_xlabel(), "y": axes.get_ylabel()}
            words = [axes.get_title(), *(f"{key} is {label}" for key, label in labels.items() if label)]
            about.append(f"# panel {panel}: {', '.join(filter(None, words)) or 'without names'}")
            about += [f"# panel {panel}: {words}" for words in _ticks(axes)]
        for name, points, number in found:
            if len(points) < number:
                about.append(f"# panel {panel}, {name}: {len(points)} of {number} points")
            rows += [(panel, name, *map(_written, point)) for point in points]
    if not rows:
        return ""
    width = max(map(len, rows))
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(["panel", "series", "x", "y", "z"][:width])
    table.writerows([*row, *[""] * (width - len(row))] for row in rows)
    return "\n".join([*about, written.getvalue()])


def _thinned(points: np.ndarray) -> tuple[np.ndarray, int]:
    """At most ``MOST`` of the points, evenly chosen, and how many there were."""
    return points[:: -(-len(points) // MOST) or 1], len(points)


def _ticks(axes: Axes) -> Iterator[str]:
    """What stands along an axis that has words in place of numbers."""
    for key, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        texts = [" ".join(text.get_text().split()) for text in axis.get_majorticklabels()]
        if isinstance(axis.get_major_locator(), mpl.ticker.FixedLocator) and any(map(_WORD.search, texts)):
            places = zip(axis.get_majorticklocs(), texts, strict=True)
            yield f"{key} " + ", ".join(f"{place:g} is {text}" for place, text in places)


def _written(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.5g}"


def _series(axes: Axes) -> Iterator[tuple[str, np.ndarray]]:
    """Name and points ``(points, 2)`` or ``(points, 3)`` of all that is drawn from numbers."""
    discs = [patch.center for patch in axes.patches if isinstance(patch, mpl.patches.Circle)]
    if discs:
        yield "atoms", np.array(discs, dtype=float)
    if not axes.axison:  # what is drawn without axes has no scale
        return
    for number, line in enumerate(axes.lines, 1):
        points = np.ma.filled(np.ma.asarray(line.get_xydata(), dtype=float), np.nan)
        if len(points):
            inside = line.get_transform().contains_branch_seperately(axes.transData)
            yield _name(line, f"line {number}"), np.where(inside, points, np.nan)[: len(points) if all(inside) else 1]
    for number, points in enumerate(axes.collections, 1):
        if isinstance(points, mpl.collections.PathCollection):
            yield _name(points, f"points {number}"), np.ma.filled(points.get_offsets().astype(float), np.nan)
    for number, bars in enumerate(axes.containers, 1):
        if isinstance(bars, mpl.container.BarContainer):
            lying = bars.orientation == "horizontal"
            ends = [(b.get_width(), b.get_y() + b.get_height() / 2) if lying else
                    (b.get_x() + b.get_width() / 2, b.get_height()) for b in bars]  # fmt: skip
            yield _name(bars, f"bars {number}"), np.array(ends, dtype=float)
    for number, image in enumerate(axes.images, 1):
        cells = np.asarray(image.get_array(), dtype=float)
        if cells.ndim == 2:
            yield f"cells {number}", np.array([(x, y, z) for (y, x), z in np.ndenumerate(cells) if z])


def _name(artist, otherwise: str) -> str:
    """Its label, unless matplotlib has made one up."""
    label = str(artist.get_label())
    return otherwise if not label or label.startswith("_") else label
