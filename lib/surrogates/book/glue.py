"""Hand results from a page's code to its prose: numbers, figures and tables, by name."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown
from myst_nb import glue as _glue

from surrogates.book import foot
from surrogates.store import files, results


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


def table(name: str, frame: pd.DataFrame, text: bool = False):
    """A table of ready formatted cells for ``{glue:md}``.

    The first column stands to the left, all others to the right, as numbers do; with ``text`` all to the left.
    """
    align = ["left"] + ["left" if text else "right"] * (frame.shape[1] - 1)
    _glue(name, Markdown(frame.to_markdown(index=False, disable_numparse=True, colalign=align)), display=False)


def provenance(*runs):
    """The table of :func:`surrogates.book.foot.table`, under the name that the end of every page shows.

    It is of these runs, and of all results that the page has loaded by now.
    """
    _glue("provenance", Markdown(foot.table(*runs, results=results.loaded)), display=False)


def record(name: str, content: dict):
    """Plain data that stays in the notebook, for other pages to read with :func:`recorded`."""
    _glue(name, Markdown(json.dumps(content)), display=False)


def recorded(name: str, path: Path) -> dict | None:
    """What the executed page at ``path`` has recorded under a name, None where it has not or is not there.

    Raises :class:`surrogates.store.files.DamagedFile` where the page cannot be read.
    """
    if not path.exists():
        return None
    page = files.read_json(path)
    if "cells" not in page:
        raise files.DamagedFile(f"{path} is no notebook: restore it, or execute the page again.")
    for cell in page["cells"]:
        for output in cell.get("outputs", ()):
            if output.get("metadata", {}).get("scrapbook", {}).get("name") == name:
                (text,) = (content for kind, content in output["data"].items() if kind.endswith("/markdown"))
                return json.loads("".join(text))
    return None
