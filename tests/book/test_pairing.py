"""A page's source and its notebook are a pair: jupytext keeps them in step, and leaves nothing else behind."""

import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from surrogates.book import execution, sources
from surrogates.store.provenance import root
from tests.book.conftest import SHORT_PAGE, ran

BOOK = root() / "book"
JUPYTEXT = Path(sys.executable).with_name("jupytext")
PAGE = SHORT_PAGE.replace(
    "# %% [markdown]\n# # Page NAME\n", '# %% [markdown] tags=["remove-cell"]\n"""\n# Page NAME\n"""\n'
)


@pytest.fixture
def pair(tmp_path):
    """A page and its notebook, as an execution writes it, in a repository of their own."""
    shutil.copy(BOOK / "jupytext.toml", tmp_path)
    source = tmp_path / "page.py"
    source.write_text(PAGE)
    execution.execute(source, tmp_path / "page.ipynb", {})
    return source, source.with_suffix(".ipynb")


def jupytext(*arguments):
    done = ran(JUPYTEXT, *arguments)
    assert done.returncode == 0, done.stderr


def later(path, than):
    """As if the one file had been saved after the other."""
    os.utime(than, (1e9, 1e9))
    os.utime(path, (1e9 + 60, 1e9 + 60))


@pytest.mark.parametrize("touched", [0, 1])
@pytest.mark.parametrize("given", [0, 1])
def test_what_is_in_step_stays_as_it_is(pair, touched, given):
    before = [path.read_bytes() for path in pair]
    later(pair[touched], pair[1 - touched])
    jupytext("--sync", pair[given])
    assert [path.read_bytes() for path in pair] == before
    jupytext("--to", "ipynb", "--update", pair[0])
    assert [path.read_bytes() for path in pair] == before


@pytest.mark.parametrize("command", [["--sync"], ["--to", "ipynb", "--update"]])
def test_an_edit_of_the_source_reaches_the_notebook_and_outputs_stay(pair, command):
    source, notebook = pair
    before = notebook.read_text()
    source.write_text(PAGE.replace("Page NAME", "Another page"))
    later(source, notebook)
    jupytext(*command, source)
    assert source.read_text() == PAGE.replace("Page NAME", "Another page")
    assert notebook.read_text() == before.replace("Page NAME", "Another page")
    assert "NAME 0" in notebook.read_text(), "the output of the cell below"


def test_an_edit_of_the_notebook_reaches_the_source(pair):
    source, notebook = pair
    edited = notebook.read_text().replace("Page NAME", "Another page")
    notebook.write_text(edited)
    later(notebook, source)
    jupytext("--sync", notebook)
    assert source.read_text() == PAGE.replace("Page NAME", "Another page")
    assert notebook.read_text() == edited


@pytest.mark.parametrize("name", [source.stem for source in sources.in_order(BOOK)])
def test_every_page_is_paired(name, tmp_path):
    """From the source alone: jupytext makes the notebook that is executed, and the same source again."""
    for file in (f"{name}.py", "jupytext.toml"):
        shutil.copy(BOOK / file, tmp_path)
    page = tmp_path / f"{name}.py"
    jupytext("--sync", page)
    assert page.read_text() == (BOOK / f"{name}.py").read_text()
    made, read = nbformat.read(page.with_suffix(".ipynb"), as_version=4), sources.read(page)
    assert made.metadata == read.metadata
    assert [dict(cell, id="") for cell in made.cells] == [dict(cell, id="") for cell in read.cells]
