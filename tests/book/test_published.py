"""The published pages: in step with their sources, free of errors, the same when executed again."""

import contextlib
import itertools
import json
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat
import psutil
import pytest

from surrogates.book import kernels, sources
from surrogates.store import results
from surrogates.store.provenance import root
from tests.forked import LOADED

BOOK = root() / "book"
NAMES = [source.stem for source in sources.in_order(BOOK)]


def notebook(name):
    return nbformat.read(BOOK / f"{name}.ipynb", as_version=4)


def test_the_pages_are_those_of_the_report():
    assert set(NAMES) >= {
        "simulation", "mlp", "cnn", "gcn", "comparison", "error_analysis", "low_energy", "causes", "distances",
        "open_choices", "ablations", "one_surrogate", "labels",
        "surrogate_search", "fooled", "three_bodies", "published_prices", "your_own_system", "claims",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_source_and_notebook_are_in_step(name):
    source, executed = sources.read(BOOK / f"{name}.py"), notebook(name)
    assert [cell.source for cell in executed.cells] == [cell.source for cell in source.cells], "make book"
    tags = [[cell.metadata.get("tags", []) for cell in page.cells] for page in (source, executed)]
    assert tags[0] == tags[1]


@pytest.mark.parametrize("name", NAMES)
def test_jupytext_gives_the_source_back(name):
    source = BOOK / f"{name}.py"
    assert jupytext.writes(jupytext.read(source.with_suffix(".ipynb")), fmt="py:percent") == source.read_text()


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


MOST_MEMORY = 2 * 1024**3
"""What a page may take, in bytes: that is what a visitor of Binder has."""


def executed_again(names, said):
    """What nbval says of pages, whether all passed, and the most memory that each one's kernel took, in bytes.

    The stored results that they load stand in a file beside that of what is ``said``.
    """
    path = os.pathsep.join([str(root()), *filter(None, [os.environ.get("PYTHONPATH")])])  # for tests.stored_only
    environment = os.environ | {"PYTHONPATH": path, LOADED: str(said.with_suffix(".loaded"))}
    pages = [f"book/{name}.ipynb" for name in names]
    command = (sys.executable, "-m", "pytest", "-p", "tests.forked", "--nbval", "-p", "no:cacheprovider", *pages)
    peaks, children = {}, []  # peaks by process, in the order of the pages
    with said.open("w") as report:
        process = psutil.Popen(command, cwd=root(), stdout=report, stderr=report, env=environment)
        for tick in itertools.count():
            if process.poll() is not None:
                break
            with contextlib.suppress(psutil.Error):  # what has just ended
                if tick % 10 == 0:  # which takes longer than to ask one for its memory
                    children = process.children()
                    if kernels.CAN_COPY:  # else each is a process of its own
                        children = [copy for child in children for copy in child.children()]
                for child in children:
                    peaks[child.pid] = max(peaks.get(child.pid, 0), child.memory_info().rss)
            time.sleep(0.1)
    return said.read_text(), process.returncode == 0, list(peaks.values())


@pytest.mark.timeout(1200)
def test_executing_again_gives_the_same_outputs_in_two_gigabytes_from_all_that_is_stored(tmp_path):
    """nbval runs every page from its stored runs and results, and compares every output of every cell."""
    halves, reports = (NAMES[::2], NAMES[1::2]), [tmp_path / "first.txt", tmp_path / "second.txt"]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(executed_again, halves, reports))
    for names, (said, passed, peaks) in zip(halves, found, strict=True):
        assert passed, said[-4000:]
        cells = sum(cell.cell_type == "code" for name in names for cell in notebook(name).cells)
        assert int(re.search(r"(\d+) passed", said)[1]) == cells
        peaks = dict(zip(names, peaks, strict=True))
        assert {name: peak for name, peak in peaks.items() if not 1e8 < peak < MOST_MEMORY} == {}
    if kernels.CAN_COPY:
        loaded = {tuple(json.loads(line)) for said in reports for line in said.with_suffix(".loaded").open()}
        shown = [name for name in results.experiments() if not name.startswith("examples/")]  # those the examples leave
        stored = {(name, row.key, row.seed) for name in shown for row in results.frame(name).itertuples()}
        assert loaded == stored, "a stored result is shown on no page"
