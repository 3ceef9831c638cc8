"""Hand results from a page's code to its prose: numbers, figures and tables, by name.

>>> glue.numbers(epochs=page.epochs, error=formatting.significant(error, 3))   # {glue:text}`error` in the prose
>>> glue.table("scores", frame)                                                # {glue:md} scores
>>> glue.figure("fig_history", drawn)                                          # {glue:figure} fig_history
>>> glue.listing()                                                             # in the closing cell of a page

Tables and figures are displayed in the notebook too, for those who read it without the site; there they stand in the
text, so that the cell has the tag ``remove-output``.
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython import get_ipython
from IPython.core.pylabtools import retina_figure
from IPython.display import Markdown, display
from matplotlib.figure import Figure
from matplotlib_inline.config import InlineBackend
from myst_nb import glue as _glue

from surrogates.analysis.plots import STYLE
from surrogates.book import figure_data, foot, pictures
from surrogates.store import files, results

PICTURED = "figure"
"""In the metadata of an output: width and height of a figure in pixels of a page, and its numbers as CSV."""

_executions: dict[str, int] = {}  # which execution of a cell of this notebook has glued a name
_numbers: dict[str, str | int] = {}


def numbers(**values: str | int):
    """Numbers and words for the prose, as ``{glue:text}`name```.

    A number is rounded once, from full precision, and given as the text that the page shows
    (:mod:`surrogates.analysis.formatting`), or it is whole; ValueError for anything else.
    """
    for name, value in values.items():
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(f"{name} = {value!r}: give a whole number or ready text, as analysis.formatting makes it.")
        _put(name, value, shown=False)
        _numbers[name] = value


def figure(name: str, drawn: Figure):
    """A figure for ``{glue:figure}``, at two pixels for one, with its numbers; ValueError where it is empty."""
    if not isinstance(drawn, Figure) or not drawn.get_children()[1:]:
        raise ValueError(f"The figure {name!r} is {drawn!r}: give a Figure of matplotlib with something drawn in it.")
    _put(name, _Picture(drawn))
    plt.close(drawn)  # or it would be shown a second time


def table(name: str, frame: pd.DataFrame, text: bool = False, words: int = 1):
    """A table of ready formatted cells for ``{glue:md}``.

    The first columns, so many as have ``words``, stand to the left, all others to the right, as numbers do; with
    ``text`` all to the left.
    """
    words = frame.shape[1] if text else words
    align = ["left"] * words + ["right"] * (frame.shape[1] - words)
    escaped = frame.map(lambda value: foot.cell(value) if isinstance(value, str) else value).rename(columns=foot.cell)
    _put(name, Markdown(escaped.to_markdown(index=False, disable_numparse=True, colalign=align)))


def provenance(*runs):
    """The table of :func:`surrogates.book.foot.provenance_table`, under the name that the end of every page shows.

    It is of these runs, and of all results that the page has loaded by now.
    """
    _put("provenance", Markdown(foot.provenance_table(*runs, results=results.loaded)))


def listing():
    """Display all numbers of the page by name: what stands as ``{glue:text}`name``` in the text of the notebook."""
    values = list(map(foot.cell, _numbers.values()))
    rows = pd.DataFrame({"Name in the text": list(_numbers), "Value": values})
    display(Markdown(rows.to_markdown(index=False, disable_numparse=True)))


def record(name: str, content: dict):
    """Plain data that stays in the notebook, for other pages to read with :func:`recorded`."""
    _put(name, Markdown(json.dumps(content)), shown=False)


def recorded(name: str, path: Path) -> dict | None:
    """What the executed page at ``path`` has recorded under a name, None where it has not or is not there.

    Raises :class:`surrogates.store.files.DamagedFile` where the page cannot be read.
    """
    if not path.exists():
        return None
    found = glued(files.read_json(path), path).get(name)
    return None if found is None else json.loads(found["text/markdown"])


def glued(notebook: Mapping, path: Path) -> dict[str, dict[str, str]]:
    """All that an executed page has glued: for each name its forms, such as "text/plain" or "image/png".

    Raises
    ------
    surrogates.store.files.DamagedFile
        Where this is no notebook.
    ValueError
        Where a name is used for two things, and for a figure without a picture.
    """
    if "cells" not in notebook:
        raise files.DamagedFile(f"{path} is no notebook: restore it, or execute the page again.")
    found = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            about = output.get("metadata", {}).get("scrapbook")
            if about is None:
                continue
            if about["name"] in found:
                raise ValueError(f"{path} glues the name {about['name']!r} twice: give one of the two another name.")
            forms = output["data"].items()
            things = {kind.removeprefix(about["mime_prefix"]): "".join(text) for kind, text in forms}
            if things.get("text/plain", "").startswith("<Figure") and "image/png" not in things:
                raise ValueError(f"{path} glues the figure {about['name']!r} without a picture: execute it again.")
            found[about["name"]] = things
    return found


def figures(notebook: Mapping) -> dict[str, dict]:
    """What an executed page keeps of its figures besides their pictures, by name: "width", "height" and "csv"."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    about = [output.get("metadata", {}) for output in outputs]
    return {of["scrapbook"]["name"]: of[PICTURED] for of in about if PICTURED in of}


def _put(name: str, thing, shown: bool = True):
    execution = get_ipython().execution_count if _in_kernel() else None
    if execution is not None and _executions.get(name) == execution:
        raise ValueError(f"The name {name!r} is glued twice: give one of the two another name.")
    _executions[name] = execution
    _glue(name, thing, display=shown)


class _Picture:
    """What the notebook keeps of a figure: a light picture, and as metadata its size on a page and its numbers."""

    def __init__(self, drawn: Figure):
        self.drawn = drawn

    def _repr_mimebundle_(self, include=None, exclude=None):
        picture, size = retina_figure(self.drawn, bbox_inches="tight")
        image = base64.b64encode(pictures.light(picture)).decode()
        return {"image/png": image, "text/plain": repr(self.drawn)}, {
            PICTURED: size | {"csv": figure_data.as_csv(self.drawn)}
        }


def _in_kernel() -> bool:
    return getattr(get_ipython(), "kernel", None) is not None


def settle_figures():
    """Figures look like those of the book whatever ``MPLBACKEND``, a matplotlibrc or IPython's own settings say."""
    mpl.rcdefaults()
    inline = InlineBackend.instance(parent=get_ipython())
    inline.rc, inline.figure_formats, inline.print_figure_kwargs = {}, {"png"}, {"bbox_inches": "tight"}
    get_ipython().enable_matplotlib("inline")
    mpl.rcParams.update(STYLE)  # for legends and ticks too, which are made when a figure has been begun


if _in_kernel():
    settle_figures()
