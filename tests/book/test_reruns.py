"""Pages executed by papermill with other parameters, as a reader would."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from surrogates.book import sources
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
    """Outputs of `papermill PAGE -p seed 7` at the smallest profile, with one store for all pages."""
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

    return execute


@pytest.fixture(scope="session")
def reruns(rerun, request, tmp_path_factory):
    """What :func:`rerun` gives for each page that the chosen tests ask for, with seed 7, two pages at a time.

    Sweeps of one page make a cluster of their own; those of the others share one, whose workers import TensorFlow once.
    """

    def execute(*names):
        for name in names:
            # Half of the pages from the root of the repository, half from book/.
            cwd = BOOK if NAMES.index(name) % 2 else None
            own = ("-p", "gcn_seeds", "2") if name == "error_analysis" else ()  # not a parameter of other pages
            shared = {progress.SCHEDULER: address} if name in sweeping - {"low_energy"} else {}
            done[name] = rerun(name, "-p", "seed", "7", *own, cwd=cwd, **shared)

    done = {}
    wanted = {item.callspec.params["name"] for item in request.session.items if "reruns" in item.fixturenames}
    searches = {"surrogate_search", "fooled", "three_bodies", "published_prices", "your_own_system"}
    sweeping = {"low_energy", "causes", "distances", "ablations", "one_surrogate", "labels"}
    trains_more = sweeping | searches
    # The pages comparison and error_analysis load what the first pages train; claims reads what all others decide.
    halves = [[name for name in NAMES[:-1] if name in wanted and (name in trains_more) == more] for more in (0, 1)]
    with cluster.started(tmp_path_factory.mktemp("cluster")) as (address, _), ThreadPoolExecutor() as pool:
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
