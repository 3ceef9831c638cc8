"""The published pages: in step with their sources, free of errors, the same when executed again."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from surrogates import data, models, training
from surrogates.book import command, pages, parameters, settings
from surrogates.store.provenance import root
from surrogates.training import runs

BOOK = root() / "book"
SOURCES = pages.sources(BOOK)
NAMES = [source.stem for source in SOURCES]
BIN = Path(sys.executable).parent


def notebook(name):
    return nbformat.read(BOOK / f"{name}.ipynb", as_version=4)


def run(*command, cwd=None, **environment):
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd or root(),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_the_pages_are_those_of_the_report():
    assert NAMES == [
        "simulation", "mlp", "cnn", "gcn", "low_energy", "error_analysis", "open_choices", "ablations",
        "one_surrogate", "structure_search", "claims",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_source_and_notebook_are_in_step(name):
    source, executed = pages.read(BOOK / f"{name}.py"), notebook(name)
    assert [cell.source for cell in executed.cells] == [cell.source for cell in source.cells], "make book"
    tags = [[cell.metadata.get("tags", []) for cell in page.cells] for page in (source, executed)]
    assert tags[0] == tags[1]


@pytest.mark.parametrize("name", NAMES)
def test_jupytext_gives_the_source_back(name, tmp_path):
    done = run(BIN / "jupytext", "--to", "py:percent", "--output", tmp_path / "page.py", BOOK / f"{name}.ipynb")
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
        found = list(pool.map(lambda pages: run(*command, *pages), halves))
    for done in found:
        assert done.returncode == 0, done.stdout[-4000:]
    passed = sum(int(re.search(r"(\d+) passed", done.stdout)[1]) for done in found)
    assert passed == sum(cell.cell_type == "code" for name in NAMES for cell in notebook(name).cells)


@pytest.fixture(scope="session")
def rerun(tmp_path_factory):
    """Outputs of `papermill PAGE -p seed 7` at the smallest profile, with one store for all pages."""
    folder = tmp_path_factory.mktemp("rerun")

    def execute(name, *given, cwd=None):
        page = Path("book" if cwd is None else ".") / f"{name}.ipynb"
        out = folder / f"{name}.ipynb"
        done = run(
            BIN / "papermill",
            page,
            out,
            "-p",
            "profile",
            "smoke",
            *given,
            cwd=cwd,
            SURROGATES_RUNS=str(folder / "runs"),
            SURROGATES_PAGES=str(folder),
        )
        return done, out

    return execute


@pytest.fixture(scope="session")
def reruns(rerun, request):
    """What :func:`rerun` gives for each page that the chosen tests ask for, with seed 7, two pages at a time."""

    def execute(*names):
        for name in names:
            # Half of the pages from the root of the repository, half from book/.
            cwd = BOOK if NAMES.index(name) % 2 else None
            own = ("-p", "gcn_seeds", "2") if name == "error_analysis" else ()  # not a parameter of other pages
            done[name] = rerun(name, "-p", "seed", "7", *own, cwd=cwd)

    done = {}
    wanted = {item.callspec.params["name"] for item in request.session.items if "reruns" in item.fixturenames}
    trains_more = {"low_energy", "open_choices", "ablations", "one_surrogate", "structure_search"}
    # The page error_analysis loads what the first pages train, and claims reads what all others have decided.
    halves = [[name for name in NAMES[:-1] if name in wanted and (name in trains_more) == more] for more in (0, 1)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda names: execute(*names), halves))
    execute(*wanted & {NAMES[-1]})
    return done


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", NAMES)
def test_papermill_with_a_new_seed(name, reruns):
    done, out = reruns[name]
    assert done.returncode == 0, done.stderr[-3000:]
    executed = nbformat.read(out, as_version=4)
    assert "seed = 7" in "".join(cell.source for cell in executed.cells if "injected-parameters" in cell.metadata.tags)
    if name not in ("simulation", "claims"):
        trained = list((out.parent / "runs").glob("*/smoke/*seed-7"))
        assert all(json.loads((path / "config.json").read_text())["fit"]["seed"] == 7 for path in trained)
        assert any(path.parents[1].name == name.replace("error_analysis", "mlp") for path in trained)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("sead", "7", "no parameter 'sead'. It accepts: profile, seed, "),
        ("seed", "-1", "seed = -1: give a whole number, 0 or more"),
        ("seed", "1.5", "seed = 1.5: give a whole number"),
        ("profile", "fast", "profile = 'fast': give one of 'paper', 'quick', 'smoke'"),
        ("n_atoms", "0", "n_atoms = 0: give a whole number, 1 or more"),
        ("box", "0", "box = 0: give a finite number above 0"),
        ("cells", "16.5", "cells = 16.5: give a whole number, 1 or more"),
    ],
)
def test_papermill_refuses_what_cannot_be_meant(name, value, message, rerun):
    done, _ = rerun("simulation", "-p", name, value)
    assert done.returncode != 0
    assert message in done.stderr


SHORT_PAGE = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Page NAME

# %% tags=["parameters"]
profile = "quick"
seed = 0

# %%
print('NAME', seed)
"""


@pytest.fixture
def small_book(tmp_path):
    """A repository with two short pages, to make books of."""
    for folder in ("lib/surrogates", "book/_static", "data/runs"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(root() / "requirements.lock", tmp_path)
    contents = "format: jb-book\nroot: one\nchapters:\n  - file: two\n"
    for folder in (tmp_path, tmp_path / "book"):
        (folder / "_toc.yml").write_text(contents)
        (folder / "_config.yml").write_text("title: Two pages\nexecute:\n  execute_notebooks: 'off'\n")
    (tmp_path / "book" / "profiles.yml").write_text("quick: {}\nsmoke: {}\n")
    for name in ("one", "two"):
        (tmp_path / "book" / f"{name}.py").write_text(SHORT_PAGE.replace("NAME", name))
    return tmp_path


def make(folder, *arguments):
    return run(sys.executable, "-m", "surrogates.book.pages", "book", *arguments, cwd=folder)


def test_a_book_is_made_and_then_up_to_date(small_book):
    done = make(small_book)
    assert done.returncode == 0, done.stderr
    assert "[1/2] one: executing" in done.stdout
    assert "[2/2] two: executing" in done.stdout
    site = small_book / "book/_build/html/index.html"
    assert re.search(r"book/_build/html/index\.html, made in \d+ s\n$", done.stdout)
    assert site.exists()
    again = make(small_book)
    assert again.stdout.count("up to date") == 2


def test_a_scheduler_reaches_the_pages_and_is_no_parameter_of_theirs(small_book):
    page = small_book / "book/two.py"
    page.write_text(
        page.read_text() + f"\nimport os\n\nassert os.environ[{settings.SCHEDULER!r}] == 'tcp://127.0.0.1:1'\n"
    )
    done = make(small_book, "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 0, done.stderr
    assert "injected-parameters" not in (small_book / "book/two.ipynb").read_text()


def test_a_page_that_reads_another_is_executed_again_when_that_changes(small_book):
    one, two = small_book / "book/one.py", small_book / "book/two.py"
    two.write_text(
        two.read_text()
        + "\nimport os\nfrom pathlib import Path\n\nfrom surrogates.analysis import claims\n"
        + "from surrogates.store import progress\n"
        + "page = Path(os.environ[claims.VARIABLE]) / 'one.ipynb'\n"
        + "progress.used(page)\nprint('one 7' in page.read_text())\n"
    )
    done = make(small_book, "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert "True" in (small_book / "reruns/quick-seed-7/two.ipynb").read_text(), "it read the published page"
    assert make(small_book, "--seed", "7").stdout.count("up to date") == 2
    one.write_text(one.read_text().replace("seed)", "seed, 'changed')"))
    assert "two: executing" in make(small_book, "--seed", "7").stdout


def test_an_interrupted_book_goes_on_and_publishes_nothing_half_done(small_book):
    two = small_book / "book/two.py"
    whole = two.read_text()
    assert make(small_book).returncode == 0
    before = {path.name: path.read_bytes() for path in (small_book / "book").glob("*.ipynb")}

    for path in (small_book / "book/one.py", two):
        path.write_text(path.read_text().replace("seed)", "seed, 'changed')"))
    two.write_text(two.read_text() + "\nraise RuntimeError('half way')\n")
    done = make(small_book)
    assert done.returncode == 1
    assert "two, cell 2 failed with RuntimeError: half way" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_bytes() for path in (small_book / "book").glob("*.ipynb")} == before

    two.write_text(whole)
    done = make(small_book)
    assert done.returncode == 0
    assert "[1/2] one: up to date" in done.stdout
    assert "[2/2] two: executing" in done.stdout
    assert "changed" in (small_book / "book/one.ipynb").read_text()


def test_ctrl_c_ends_with_one_sentence_and_goes_on(small_book):
    page = small_book / "book/two.py"
    page.write_text(
        page.read_text() + "\nimport time\n\nif not __import__('pathlib').Path('go').exists():\n    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "surrogates.book.pages", "book"],
        cwd=small_book,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts its background jobs deaf to Ctrl-C, and the tests may be one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while "two: executing" not in process.stdout.readline():
        assert process.poll() is None
    time.sleep(4)  # into the sleeping cell
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "ERROR" not in errors
    assert errors.strip().splitlines()[-1] == "Interrupted. The same command goes on from here."
    assert not list((small_book / "book").glob("*.ipynb"))

    (small_book / "book/go").touch()
    done = make(small_book)
    assert done.returncode == 0, done.stderr
    assert "[1/2] one: up to date" in done.stdout


def test_the_run_of_a_page_is_that_of_its_own_settings(store, monkeypatch):
    monkeypatch.chdir(root())
    other = runs.Config(
        data.Data(seed=3, sizes=parameters.published("mlp", "smoke").sizes),
        models.MLP(hidden=(8,), permutations=0),
        training.Fit(batch_size=512, epochs=1, seed=3),
    )
    runs.fit_or_load("mlp/smoke/seed-3", other)
    found = pages.run_of("mlp", "smoke", 3)
    assert found.config.model == models.MLP()
    assert found.name.startswith("mlp/smoke/seed-3-")
    with pytest.raises(ValueError, match="The page .simulation. has no .run."):
        pages.run_of("simulation", "smoke", 3)


def test_a_book_with_a_new_seed_leaves_the_published_one_alone(small_book):
    assert make(small_book).returncode == 0
    before = {path: path.read_bytes() for path in (small_book / "book").rglob("*") if path.is_file()}
    done = make(small_book, "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert "reruns/quick-seed-7/_build/html/index.html, made in" in done.stdout
    assert "one 7" in (small_book / "reruns/quick-seed-7/one.ipynb").read_text()
    assert {path: path.read_bytes() for path in (small_book / "book").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seed", "-1"], "seed = '-1': give a whole number, 0 or more"),
        (["--seed", "seven"], "seed = 'seven': give a whole number"),
        (["--profile", "fast"], "profile = 'fast': give one of 'paper', 'quick', 'smoke'"),
        (["--sead", "7"], "unrecognized arguments: --sead"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_runs(small_book, arguments, message):
    done = make(small_book, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (small_book / "reruns").exists()
    assert not (small_book / "book/_build").exists()


def test_a_full_disk_ends_with_one_sentence(small_book):
    path = small_book / "book/two.py"
    path.write_text(path.read_text().replace("print('two', seed)", "open('/dev/full', 'w').write('x' * 100_000)"))
    done = make(small_book)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == command.FULL_DISK
    assert not list((small_book / "book").glob("*.ipynb"))


def test_outside_of_the_repository_it_says_so(tmp_path):
    done = make(tmp_path)
    assert done.returncode == 1
    assert "does not lie in a copy of the companion's repository" in done.stderr
    assert "Traceback" not in done.stderr
