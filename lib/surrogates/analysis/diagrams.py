"""Architecture diagrams, drawn from a Keras model itself."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from surrogates import models
from surrogates.analysis.plots import STYLE

TINTS = {
    "Dense": "#CFE3F2",
    "Conv2D": "#FBE3B5",
    "GraphConvolution": "#BFE5D8",
    "BatchedSortPooling": "#F3D3E3",
    "MaxPooling2D": "#F3D3E3",
    "Mean": "#F3D3E3",
    "Sum": "#F3D3E3",
}
NAMES = {"BatchedSortPooling": "SortPooling", "MaxPooling2D": "Maximum of 2 × 2", "Conv2D": "Convolution"}
HALF = (0.46, 0.31)  # half the width and height of a box; boxes stand one apart


def architecture(core) -> Figure:
    """The layers of a surrogate's core from top to bottom.

    Each box is a layer, with the shape of its output for one structure and the number of its weights; each arrow is a
    connection. The first input heads the column of layers, a second one stands beside it.
    """
    layers = list(core.operations)
    rows = _rows(layers)
    columns = len(core.inputs)
    column = {tensor._keras_history.operation.name: i for i, tensor in enumerate(core.inputs)}
    places = {layer.name: (column.get(layer.name, 0), -rows[layer.name]) for layer in layers}
    deepest = max(rows.values())
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(0.7 + 2.5 * columns, 0.56 * (deepest + 1) + 0.1))
    for layer in layers:
        x, y = places[layer.name]
        corner, size = (x - HALF[0], y - HALF[1]), (2 * HALF[0], 2 * HALF[1])
        rounded = "round,pad=0,rounding_size=0.08"
        colour = TINTS.get(type(layer).__name__, "white")
        axes.add_patch(FancyBboxPatch(corner, *size, boxstyle=rounded, facecolor=colour, edgecolor="#333333", zorder=2))
        axes.text(x, y, _label(layer), ha="center", va="center", fontsize=10, linespacing=1.1, zorder=3)
        for source in _sources(layer):
            _connect(axes, places[source], (x, y))
    axes.set(xlim=(-0.75, columns - 0.4), ylim=(-deepest - 0.4, 0.4))
    axes.axis("off")
    return figure


def _connect(axes, start, end):
    """Straight down to the next row; round the left side past rows; down and to the left from another column."""
    arrow = {"arrowstyle": "-|>", "color": "#555555", "shrinkA": 0, "shrinkB": 0, "linewidth": 0.9}
    if start[0] != end[0]:
        tail, head = (start[0], start[1] - HALF[1]), (end[0] + HALF[0], end[1])
        arrow["connectionstyle"] = "angle,angleA=-90,angleB=0,rad=4"
    elif start[1] - end[1] > 1:
        edge = start[0] - HALF[0]
        lane = edge - 0.03 * (start[1] - end[1])  # longer ways run further out
        axes.plot([edge, lane, lane], [start[1], start[1], end[1]], color=arrow["color"], linewidth=0.9, zorder=1)
        tail, head = (lane, end[1]), (edge, end[1])
    else:
        tail, head = (start[0], start[1] - HALF[1]), (end[0], end[1] + HALF[1])
    axes.annotate("", head, tail, arrowprops=arrow, zorder=1)


def _sources(layer) -> list[str]:
    return [tensor._keras_history.operation.name for node in layer._inbound_nodes for tensor in node.input_tensors]


def _rows(layers) -> dict[str, int]:
    """The length of the longest way from an input, so that every arrow points down."""
    rows = {}
    for layer in layers:  # Keras lists an operation after everything that it depends on
        rows[layer.name] = max((rows[source] + 1 for source in _sources(layer)), default=0)
    return rows


def _label(layer) -> str:
    kind = type(layer).__name__
    title = layer.name.replace("_", " ") if kind == "InputLayer" else NAMES.get(kind, kind)
    activation = getattr(getattr(layer, "activation", None), "__name__", "")
    shape = " × ".join(str(size) for size in layer.output.shape[1:])
    weights = f", {models.count_weights(layer):,} weights" if getattr(layer, "trainable_weights", None) else ""
    return f"{title}{', ' * bool(activation)}{activation}\n{shape}{weights}"
