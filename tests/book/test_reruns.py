"""Pages executed by papermill with other parameters, as a reader would."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from surrogates.book import dependencies, execution, kernels, sources
from surrogates.store import progress
from surrogates.store.provenance import root
from tests import cluster
from tests.book.conftest import ran

BOOK = root() / "book"
NAMES = [source.stem for source in sources.in_order(BOOK)]
BIN = Path(sys.executable).parent


def notebook(name):
    return nbformat.read(BOOK / f"{name}.ipynb", as_version=4)


# Pages whose runs have another folder.
OF_RUNS = {
    "comparison": "mlp", "error_analysis": "mlp", "distances": "causes",
    "fooled": "low_energy",
}  # fmt: skip

WITHOUT_RUNS = (
    "simulation",
    "open_choices",
    "surrogate_search",
    "three_bodies",
    "published_prices",
    "your_own_system",
    "claims",
)


@pytest.fixture(scope="session")
def rerun(tmp_path_factory):
    """Runs `papermill PAGE` at the smallest profile, with one store for all pages."""
    folder = tmp_path_factory.mktemp("rerun")

    def execute(name, *given, cwd=None, **environment):
        page = Path("book" if cwd is None else ".") / f"{name}.ipynb"
        out = folder / f"{name}.ipynb"
        done = ran(
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
            **environment,
        )
        return done, out

    execute.folder = folder
    return execute


BY_COMMAND = {
    "low_energy": (),  # makes a cluster of its own, where the others share one
    "error_analysis": ("-p", "gcn_seeds", "2"),  # not a parameter of other pages
}
"""Pages executed by the command as a reader would, from the root of the repository or from ``book/``, with options."""


@pytest.fixture(scope="session")
def reruns(rerun, request, tmp_path_factory):
    """What papermill gives for each page that the chosen tests ask for, with seed 7, two pages at a time.

    An error, empty where there was none, and the notebook. All but two pages are executed as `make book` does it.
    """

    def execute(*names):
        for name in names:
            if name in BY_COMMAND:
                cwd = BOOK if NAMES.index(name) % 2 else None
                ended, out = rerun(name, "-p", "seed", "7", *BY_COMMAND[name], cwd=cwd, **{progress.SCHEDULER: ""})
                done[name] = ended.stderr if ended.returncode else "", out
                continue
            out = folder / f"{name}.ipynb"
            try:
                execution.execute(BOOK / f"{name}.py", out, {"profile": "smoke", "seed": 7})
                done[name] = "", out
            except RuntimeError as error:
                done[name] = str(error), out

    done, folder = {}, rerun.folder
    wanted = {item.callspec.params["name"] for item in request.session.items if "reruns" in item.fixturenames}
    searches = {"surrogate_search", "fooled", "three_bodies", "published_prices", "your_own_system"}
    trains_more = {"low_energy", "causes", "distances", "ablations", "one_surrogate", "labels"} | searches
    # The pages comparison and error_analysis load what the first pages train; claims reads what all others decide.
    halves = [[name for name in NAMES[:-1] if name in wanted and (name in trains_more) == more] for more in (0, 1)]
    kernels.imports.update(*(dependencies.imported(BOOK / f"{name}.py") for name in wanted))
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        cluster.started(tmp_path_factory.mktemp("cluster")) as (address, _),
        ThreadPoolExecutor() as pool,
    ):
        monkeypatch.setenv(progress.SCHEDULER, address)
        monkeypatch.setenv("SURROGATES_RUNS", str(folder / "runs"))
        list(pool.map(lambda names: execute(*names), halves))
        execute(*wanted & {NAMES[-1]})
    return done


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", NAMES)
def test_papermill_with_a_new_seed(name, reruns):
    error, out = reruns[name]
    assert not error, error[-3000:]
    executed = nbformat.read(out, as_version=4)
    assert "seed = 7" in "".join(
        cell.source for cell in executed.cells if "injected-parameters" in cell.metadata.get("tags", ())
    )
    if name not in WITHOUT_RUNS:
        store = out.parent / "runs"
        trained = list(store.glob("*/smoke/**/*seed-7"))
        assert all(json.loads((path / "config.json").read_text())["fit"]["seed"] == 7 for path in trained)
        assert any(path.relative_to(store).parts[0] == OF_RUNS.get(name, name) for path in trained)


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
