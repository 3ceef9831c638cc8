"""The published pages: in step with their sources, free of errors, the same when executed again."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from surrogates.book import sources
from surrogates.store.provenance import root
from tests.book.conftest import ran

BOOK = root() / "book"
NAMES = [source.stem for source in sources.in_order(BOOK)]
BIN = Path(sys.executable).parent


def notebook(name):
    return nbformat.read(BOOK / f"{name}.ipynb", as_version=4)


def test_the_pages_are_those_of_the_report():
    assert set(NAMES) >= {
        "simulation", "mlp", "cnn", "gcn", "comparison", "error_analysis", "low_energy", "causes", "distances",
        "open_choices", "ablations", "one_surrogate", "labels",
        "surrogate_search", "fooled", "three_bodies", "your_own_system", "claims",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_source_and_notebook_are_in_step(name):
    source, executed = sources.read(BOOK / f"{name}.py"), notebook(name)
    assert [cell.source for cell in executed.cells] == [cell.source for cell in source.cells], "make book"
    tags = [[cell.metadata.get("tags", []) for cell in page.cells] for page in (source, executed)]
    assert tags[0] == tags[1]


@pytest.mark.parametrize("name", NAMES)
def test_jupytext_gives_the_source_back(name, tmp_path):
    done = ran(BIN / "jupytext", "--to", "py:percent", "--output", tmp_path / "page.py", BOOK / f"{name}.ipynb")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "page.py").read_text() == (BOOK / f"{name}.py").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_was_executed_in_order_and_none_failed(name):
    code = [cell for cell in notebook(name).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.output_type == "stream"], "a page prints something"


@pytest.mark.parametrize("name", NAMES)
def test_no_path_and_no_time_of_a_machine_is_stored(name):
    text = (BOOK / f"{name}.ipynb").read_text()
    assert str(Path.home()) + "/" not in text
    assert str(root()) not in text
    assert '"papermill"' not in text
    assert "iopub" not in text


@pytest.mark.parametrize("name", NAMES)
def test_no_number_of_a_run_is_typed_into_the_prose(name):
    """Decimal fractions in prose come from glue. Those of the report's own method are listed here."""
    allowed = {"0.001", "0.0001", "0.1", "0.6", "1.1", "0.9", "0.01", "4.1.1"}
    prose = "\n".join(cell.source for cell in notebook(name).cells if cell.cell_type == "markdown")
    prose = re.sub(r"\{glue:text\}`[^`]*`|\$\$?[^$]*\$\$?|:alt:.*", "", prose)
    typed = set(re.findall(r"\d+(?:\.\d+)+", prose))
    assert typed <= allowed


@pytest.mark.timeout(1200)
def test_executing_again_gives_the_same_outputs():
    """nbval runs every page from its stored runs and compares every output of every cell."""
    command = (sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider")
    halves = [[f"book/{name}.ipynb" for name in NAMES[half::2]] for half in (0, 1)]
    with ThreadPoolExecutor() as pool:  # two at a time, on two cores
        found = list(pool.map(lambda pages: ran(*command, *pages), halves))
    for done in found:
        assert done.returncode == 0, done.stdout[-4000:]
    passed = sum(int(re.search(r"(\d+) passed", done.stdout)[1]) for done in found)
    assert passed == sum(cell.cell_type == "code" for name in NAMES for cell in notebook(name).cells)
