"""The picture that stands beside a link to the book: its title, and a structure."""

import textwrap
from dataclasses import replace
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import Circle

from surrogates import data
from surrogates.analysis.plots import BLUE

SIZE = (12.0, 6.3)
"""Width and height in inches, at 100 dots an inch."""


def draw(path: Path, title: str):
    """Draw the card, with the first structure of the test split of the published data, its atoms as large as sigma."""
    shown = replace(data.Data(), sizes=(1, 1, 1))
    positions = data.simulate(shown).test.positions[0]
    figure = Figure(figsize=SIZE, dpi=100, facecolor="white")
    axes = figure.add_axes((0.52, 0.06, 0.46, 0.88), aspect="equal")
    axes.set(xlim=(0, shown.box), ylim=(0, shown.box), xticks=[], yticks=[])
    for position in positions:
        axes.add_patch(Circle(position, 0.5, color=BLUE))
    lines = "\n".join(textwrap.wrap(title, 22))
    figure.text(0.05, 0.5, lines, fontsize=30, fontweight="bold", va="center", linespacing=1.4)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})
