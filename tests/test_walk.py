"""What a builder adds in one place: a potential, a network, a page, a parameter. The examples are those of the book."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from surrogates.book import sources
from surrogates.store import names
from surrogates.store.provenance import root

BIN = Path(sys.executable).parent
EXAMPLES = root() / "book" / "examples"
NEEDED = ("_static", "references.bib", "profiles.yml", "jupytext.toml")


def ran(*command, cwd, **environment):
    command = [str(part) for part in command]
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done


@pytest.fixture(scope="module")
def of_one_s_own(tmp_path_factory):
    """A folder with what the example stores, and what it printed."""
    folder = tmp_path_factory.mktemp("own")
    store = {names.VARIABLE: str(folder / "runs")}
    return folder, store, ran(sys.executable, EXAMPLES / "own_potential.py", cwd=root(), **store)


def test_a_potential_makes_data_trains_a_network_is_searched_and_stored_under_its_name(of_one_s_own):
    folder, store, first = of_one_s_own
    config = json.loads((folder / "runs/gcn/bonds/seed-0/config.json").read_text())
    assert config["data"]["potential"]["kind"] == "Bonds"
    again = ran(sys.executable, EXAMPLES / "own_potential.py", cwd=root(), **store)
    assert again.stdout == first.stdout, "what is stored is loaded, and nothing is computed anew"
    assert "epoch" in first.stderr and "epoch" not in again.stderr
    rows = list((folder / "results").rglob("*.jsonl"))
    assert rows, "the searches are stored as well"
    assert "Bonds" in rows[0].with_suffix(".json").read_text()


def test_an_edited_formula_is_another_potential(of_one_s_own, tmp_path):
    folder, store, _ = of_one_s_own
    text = (EXAMPLES / "own_potential.py").read_text().partition("    lowest =")[0]
    text = text.replace("epochs=5", "epochs=1").replace("testing.check_potential(bonds)", "")
    script = tmp_path / "script.py"
    script.write_text(text.replace("2 * stiffness", "2.0 * 1.0 * stiffness"))
    ran(sys.executable, script, cwd=root(), **store)
    runs = sorted((folder / "runs/gcn/bonds").iterdir())
    assert len(runs) == 2 and runs[0].name == "seed-0", "the second is stored beside the first"
    first, other = (json.loads((path / "config.json").read_text())["data"] for path in runs)
    assert first.pop("potential") != other.pop("potential") and first == other


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A copy of the book without its pages, into which one page is dropped and named in the table of contents."""
    copy = tmp_path_factory.mktemp("copy")
    (copy / "book").mkdir()
    (copy / "data").mkdir()
    for name in NEEDED:
        whole = shutil.copytree if (root() / "book" / name).is_dir() else shutil.copyfile
        whole(root() / "book" / name, copy / "book" / name)
    (copy / "book" / "profiles.yml").write_text("quick: {}\nsmoke: {}\n")
    shutil.copyfile(root() / "_config.yml", copy / "book" / "_config.yml")
    shutil.copytree(root() / "lib", copy / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root() / "tests", copy / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.lock", "pyproject.toml", "CITATION.cff"):
        shutil.copyfile(root() / name, copy / name)
    shutil.copyfile(EXAMPLES / "two_atoms.py", copy / "book" / "two_atoms.py")
    for folder in (copy, copy / "book"):
        (folder / "_toc.yml").write_text("format: jb-book\nroot: start\nchapters:\n  - file: two_atoms\n")
    (copy / "book" / "start.md").write_text("# Start\n")
    ran(sys.executable, "-m", "surrogates.book.pages", "book", cwd=copy)
    return copy


def test_a_page_is_executed_and_rendered(book):
    page = BeautifulSoup((book / "book/_build/html/two_atoms.html").read_text(encoding="utf8"), "html.parser")
    text = page.select_one("article").get_text(" ", strip=True)
    assert "their distance is 1.24" in text and "1.11 times" in text
    assert len(page.select("article figure img")) == 1
    assert len(page.select("article table")) == 1, "each table once"
    assert "make install" not in text and "Name in the text" not in text


def test_a_page_is_paired(book):
    before = {name: (book / "book" / name).read_bytes() for name in ("two_atoms.py", "two_atoms.ipynb")}
    ran(BIN / "jupytext", "--sync", "book/two_atoms.py", cwd=book)
    assert {name: (book / "book" / name).read_bytes() for name in before} == before


def test_a_page_is_tested(book):
    """The tests of the pages find it by the table of contents."""
    chosen = ["tests/book/test_form.py", "tests/book/test_published.py", "tests/book/test_parameters.py"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "two_atoms", *chosen]
    done = ran(*command, cwd=book, PYTHONPATH=str(book / "lib"))
    assert "passed" in done.stdout and "failed" not in done.stdout


def test_a_page_can_be_read_without_the_site(book):
    cells = sources.read(book / "book" / "two_atoms.py").cells
    assert "`make install`" in cells[0].source
    notebook = json.loads((book / "book" / "two_atoms.ipynb").read_text())
    shown = [output["data"] for cell in notebook["cells"] for output in cell.get("outputs", ())]
    tables = ["".join(data["text/markdown"]) for data in shown if "text/markdown" in data]
    assert any("attraction strongest" in table for table in tables)
    assert any("steepest" in table and "1.24" in table for table in tables), "the numbers by name"


def test_a_parameter_is_one_line(book, tmp_path):
    source = book / "book" / "more.py"
    text = (EXAMPLES / "two_atoms.py").read_text().replace('"two_atoms"', '"more"')
    source.write_text(text.replace("farthest = 2.5\n", "farthest = 2.5\nsmallest = 0.95\n"))
    try:
        ran(BIN / "jupytext", "--to", "ipynb", "-o", tmp_path / "more.ipynb", source, cwd=book)
        command = [BIN / "papermill", tmp_path / "more.ipynb", tmp_path / "out.ipynb", "-p", "smallest"]
        ran(*command, "1.0", cwd=book)
        with pytest.raises(AssertionError, match=r"smallest = -1\.0: give a finite number above 0"):
            ran(*command, "-1.0", cwd=book)
    finally:
        source.unlink()
