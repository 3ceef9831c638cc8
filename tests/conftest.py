"""What several test modules share: small data, small models, a store of their own."""

import shutil

import numpy as np
import pytest

from surrogates import data, models, training
from surrogates.book.printed import CHROMIUM, NO_CHROMIUM
from surrogates.store import names
from surrogates.training import runs
from tests.browser import FIREFOX, NO_FIREFOX, Browser, Firefox


def pytest_addoption(parser):
    parser.addoption("--in-full", action="store_true", help="repeat the faults of tests/faults as often as they can be")


LONGEST = ("test_reruns", "test_runs", "test_published", "test_faults", "test_pages", "test_walk", "test_site")
"""Modules that begin first: with one of them at the end, the other process would wait for it."""


def pytest_collection_modifyitems(items):
    def place(item):
        return LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST)

    items.sort(key=place)


SMALL_DATA = data.Data(n_atoms=6, box=6.0, sizes=(96, 32, 32), seed=3)
SMALL_MODELS = {
    "mlp": models.MLP(hidden=(16, 8), permutations=2),
    "cnn": models.CNN(cells=8, filters=(4, 8), hidden=(8,)),
    "cnn-nearest": models.CNN(cells=8, filters=(4, 8), hidden=(8,), grid="nearest", orientations=8),
    "cnn-sparse": models.SparseCNN(cells=8, filters=(4, 8), hidden=(8,), grid="offsets"),
    "gcn": models.GCN(n_layers=2, n_nodes=8, hidden=(8,)),
    "pairs": models.Pairs(hidden=(8, 8), gaussians=8),
    "messages": models.Messages(channels=6, hidden=(8,), gaussians=8),
    "gcn-atoms": models.GCN(n_layers=2, n_nodes=8, hidden=(8,), pooling="atoms"),
    "gcn-mean": models.GCN(n_layers=2, n_nodes=8, hidden=(8,), pooling="mean"),
    "gcn-max": models.GCN(n_layers=2, n_nodes=8, hidden=(8,), pooling="max", features=("radial", "log"), reach=3.0),
    "mlp-log": models.MLP(hidden=(16, 8), permutations=0, inputs="sorted-log-distances", kept=12),
    "mlp-canonical": models.MLP(hidden=(16, 8), permutations=0, inputs="canonical"),
}


@pytest.fixture
def positions():
    """Random positions (structures, atoms, 2) in a box of side 6."""
    return np.random.default_rng(5).random((40, 6, 2)) * 6.0


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty run store."""
    monkeypatch.setenv(names.VARIABLE, str(tmp_path / "runs"))
    return tmp_path / "runs"


SMALL_RUN = runs.Config(SMALL_DATA, SMALL_MODELS["gcn"], training.Fit(batch_size=16, epochs=4, patience=2, seed=3))


@pytest.fixture
def config():
    """A run that trains within seconds."""
    return SMALL_RUN


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A store with that run, gcn/small/seed-3, trained once for all tests."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(names.VARIABLE, str(folder))
        runs.fit_or_load("gcn/small/seed-3", SMALL_RUN)
    return folder


@pytest.fixture
def run(trained, store):
    """A trained run, alone in a store of the test's own."""
    shutil.copytree(trained, store)
    return runs.load("gcn/small/seed-3")


@pytest.fixture(scope="session")
def pairs(tmp_path_factory):
    """A sum over pairs, trained a little."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(names.VARIABLE, str(tmp_path_factory.mktemp("pairs")))
        fit = training.Fit(target="linear-log", metric="mae", batch_size=16, epochs=20, learning_rate=0.01)
        return runs.fit_or_load("pairs/small", runs.Config(SMALL_DATA, SMALL_MODELS["pairs"], fit))


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium; a test that asks for it is skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def firefox():
    """A headless Firefox, as ``browser``."""
    if FIREFOX is None:
        pytest.skip(NO_FIREFOX)
    firefox = Firefox()
    yield firefox
    firefox.close()


INSTALL = {
    NO_CHROMIUM: "Debian: apt-get install chromium; macOS: Google Chrome",
    NO_FIREFOX: "Debian: apt-get install firefox-esr; Chromium alone has shown the figure that moves",
}


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    """Skipped tests are easily overlooked: what was not looked at stands in the last lines, with the remedy."""
    for reason, remedy in INSTALL.items():
        skipped = [report for report in terminalreporter.stats.get("skipped", ()) if reason in str(report.longrepr)]
        if skipped:
            terminalreporter.write_line(
                f"{len(skipped)} tests of the site in a browser were skipped: {reason}. Install one ({remedy}) and "
                "run them again.",
                yellow=True,
            )
