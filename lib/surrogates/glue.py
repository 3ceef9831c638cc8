"""Hand results from a page's code to its prose: numbers, figures and tables, by name."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import JSON, Markdown
from myst_nb import glue as _glue


def numbers(**values):
    """Numbers and words for the prose, as ``{glue:text}`name:.1f```.

    Fractions keep four digits, as many as a page shows: further ones differ from one processor to the next.
    """
    for name, value in values.items():
        value = value.item() if isinstance(value, np.generic) else value
        _glue(name, float(f"{value:.4g}") if isinstance(value, float) else value, display=False)


def figure(name: str, drawn):
    """A figure for ``{glue:figure}``; it is also shown under the cell where the page is opened as a notebook."""
    _glue(name, drawn)
    plt.close(drawn)  # or it would be shown a second time


def table(name: str, frame: pd.DataFrame):
    """A table of ready formatted cells for ``{glue:md}``, the first column to the left, all others to the right."""
    align = ["left"] + ["right"] * (frame.shape[1] - 1)
    _glue(name, Markdown(frame.to_markdown(index=False, disable_numparse=True, colalign=align)), display=False)


def provenance(*runs):
    """The table of :func:`surrogates.provenance.table`, under the name that the end of every page shows."""
    from surrogates.provenance import table as rows

    _glue("provenance", Markdown(rows(*runs)), display=False)


def record(name: str, content: dict):
    """Plain data that stays in the notebook, for other pages to read."""
    _glue(name, JSON(content), display=False)
