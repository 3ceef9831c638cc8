"""Predictions in batches: of bounded memory, and the same whatever the batch."""

import numpy as np
import pytest

from surrogates import models, potentials
from surrogates.models import representations
from surrogates.training import prediction, runs


@pytest.mark.parametrize(
    ("atoms", "batches"), [(4, [250] * 4 + [200]), (32, [250] * 4 + [200]), (64, [62] * 19 + [22])]
)
def test_a_batch_has_as_many_pairs_of_atoms_as_memory_allows(atoms, batches, monkeypatch):
    surrogate = models.build(models.MLP(hidden=(2,)), atoms, 8.0)
    given, arrays = [], representations.arrays
    monkeypatch.setattr(representations, "arrays", lambda layer, some: given.append(len(some)) or arrays(layer, some))
    positions = np.random.default_rng(0).random((1200, atoms, 2)) * 8.0
    predicted = prediction.predict(surrogate, positions)
    assert given == batches and predicted.shape == (1200,) and predicted.dtype == np.float64
    np.testing.assert_allclose(prediction.predict(surrogate, positions[-3:]), predicted[-3:], rtol=1e-5, atol=1e-6)


def test_masked_positions_are_refused():
    surrogate = models.build(models.MLP(hidden=(2,)), 6, 8.0)
    masked = np.ma.masked_greater(np.ones((3, 6, 2)), 0)
    for ask in (lambda: prediction.predict(surrogate, masked), lambda: potentials.closest_pair(masked)):
        with pytest.raises(ValueError, match="positions must be .* some are masked: fill them, or leave them out"):
            ask()


def test_one_structure_of_very_many_atoms_is_a_batch(monkeypatch):
    monkeypatch.setattr(prediction, "PAIRS", 10)
    surrogate = models.build(models.MLP(hidden=(2,)), 6, 8.0)
    assert prediction.outputs(surrogate, np.ones((3, 6, 2))).shape == (3, 1)


def test_predictions_of_a_split_are_computed_when_it_is_asked_for(run, monkeypatch):
    again, asked = runs.Run(run.path), []
    monkeypatch.setattr(runs.Run, "predict", lambda self, positions, warn: asked.append(len(positions)))
    assert [again.predictions["test"] for _ in range(2)] == [None, None]
    assert asked == [len(run.data.test.energies)], "once, and no other"
