"""What a page hands from its code to its prose, and what it refuses to."""

import base64
import io
import json

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient
from PIL import PngImagePlugin

from surrogates.book import glue
from surrogates.store import files

CELLS = [
    "import matplotlib.pyplot as plt\nimport pandas as pd\nfrom surrogates.book import glue",
    "glue.numbers(epochs=200, error='4.66', word='better')",
    "glue.table('scores', pd.DataFrame({'MAPE': ['GCN'], 'ours': ['−4.66']}))",
    "fig, axes = plt.subplots()\naxes.plot([1, 2])\nglue.figure('fig_line', fig)",
    "glue.record('claims', {'a': 1})",
    "glue.listing()",
]


def executed(*cells, allow_errors=False):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return NotebookClient(notebook, kernel_name="python3", allow_errors=allow_errors).execute()


@pytest.fixture(scope="module")
def page():
    return executed(*CELLS)


def test_a_notebook_is_read_without_the_site(page):
    _, _, table, figure, record, listing = page.cells
    assert "−4.66" in table.outputs[0].data["text/markdown"]
    assert [sorted(output.data) for output in figure.outputs] == [["image/png", "text/plain"]], "shown once"
    assert not any(kind in output.data for output in record.outputs for kind in ("text/markdown", "text/plain"))
    assert [line.split("|")[1:3] for line in listing.outputs[0].data["text/markdown"].splitlines()[2:]] == [
        [" epochs             ", " 200     "],
        [" error              ", " 4.66    "],
        [" word               ", " better  "],
    ]


def test_what_was_glued_is_found_again(page, tmp_path):
    path = tmp_path / "page.ipynb"
    nbformat.write(page, path)
    found = glue.glued(json.loads(path.read_text()), path)
    assert set(found) == {"epochs", "error", "word", "scores", "fig_line", "claims"}
    assert found["error"]["text/plain"] == "'4.66'" and found["epochs"]["text/plain"] == "200"
    assert found["scores"]["text/markdown"].startswith("| MAPE") and "image/png" in found["fig_line"]
    assert glue.recorded("claims", path) == {"a": 1}
    assert glue.recorded("other", path) is None and glue.recorded("claims", tmp_path / "none.ipynb") is None
    path.write_text("{}")
    with pytest.raises(files.DamagedFile, match="is no notebook"):
        glue.recorded("claims", path)


def test_a_figure_without_a_picture_stops_the_page(tmp_path):
    shown = {"x/text/plain": "<Figure size 640x480 with 1 Axes>"}
    about = {"scrapbook": {"name": "fig_line", "mime_prefix": "x/"}}
    cell = {"cell_type": "code", "outputs": [{"data": shown, "metadata": about}]}
    with pytest.raises(ValueError, match="glues the figure 'fig_line' without a picture"):
        glue.glued({"cells": [cell]}, tmp_path / "page.ipynb")


def test_a_figure_has_twice_the_pixels_a_palette_and_its_numbers(page, tmp_path):
    path = tmp_path / "page.ipynb"
    nbformat.write(page, path)
    notebook = json.loads(path.read_text())
    (about,) = glue.figures(notebook).values()
    picture = PngImagePlugin.PngImageFile(
        io.BytesIO(base64.b64decode(glue.glued(notebook, path)["fig_line"]["image/png"]))
    )
    assert picture.mode == "P"
    assert np.abs(np.array(picture.size) - 2 * np.array([about["width"], about["height"]])).max() <= 1
    assert about["csv"].splitlines()[-2:] == ["1,line 1,0,1", "1,line 1,1,2"]


def test_a_bar_in_a_text_ends_no_cell(page):
    frame = "pd.DataFrame({'what': ['the norm |V - W|'], 'verdict': ['holds']})"
    notebook = executed(CELLS[0], f"glue.table('norms', {frame})")
    text = notebook.cells[1].outputs[0].data["text/markdown"]
    assert [line.replace(r"\|", "").count("|") for line in text.splitlines()] == [3, 3, 3] and r"\|V - W\|" in text


def test_a_name_is_used_once(tmp_path):
    twice = executed(*CELLS[:3], "glue.numbers(epochs=3)")
    with pytest.raises(ValueError, match="glues the name 'epochs' twice"):
        glue.glued(twice, tmp_path)
    within = executed(CELLS[0], "glue.numbers(scores=1)\n" + CELLS[2], allow_errors=True)
    assert "The name 'scores' is glued twice" in within.cells[1].outputs[-1].evalue


def test_a_figure_without_a_picture_is_refused():
    with pytest.raises(ValueError, match="The figure 'fig_a' is .*: give a Figure of matplotlib with something drawn"):
        glue.figure("fig_a", plt.figure())
    with pytest.raises(ValueError, match="The figure 'fig_a' is None"):
        glue.figure("fig_a", None)
    plt.close("all")


@pytest.mark.parametrize("value", [None, True, [1], pd.NA, 4.66, 3.0, float("nan"), np.float32(0.5), np.float64(2)])
def test_a_number_is_whole_or_ready_text(value):
    with pytest.raises(ValueError, match="lost = .*: give a whole number or ready text"):
        glue.numbers(lost=value)
