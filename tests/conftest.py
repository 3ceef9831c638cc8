"""What several test modules share: small data, small models, a store of their own."""

import numpy as np
import pytest

from surrogates import datasets, models, runs, training

SMALL_DATA = datasets.Data(n_atoms=6, box=6.0, sizes=(96, 32, 32), seed=3)
SMALL_MODELS = {
    "mlp": models.MLP(hidden=(16, 8), permutations=2),
    "cnn": models.CNN(cells=8, filters=(4, 8), hidden=(8,)),
    "gcn": models.GCN(n_layers=2, n_nodes=8, hidden=(8,)),
    "gcn-mean": models.GCN(n_layers=2, n_nodes=8, hidden=(8,), pooling="mean"),
}


@pytest.fixture
def positions():
    """Random positions (structures, atoms, 2) in a box of side 6."""
    return np.random.default_rng(5).random((40, 6, 2)) * 6.0


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty run store."""
    monkeypatch.setenv(runs.VARIABLE, str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def config():
    """A run that trains in a second or two."""
    fit = training.Fit(batch_size=16, epochs=4, patience=2, seed=3)
    return runs.Config(SMALL_DATA, SMALL_MODELS["gcn"], fit)
