"""A potential about which nothing is known: its labels, and what is learned of them."""

import numpy as np
import pytest

from surrogates import models, potentials, training
from surrogates.search import searching, structures, tasks

LJ = potentials.LennardJones()

SEEDS = range(2)
DESCENTS = tasks.Descents(starts=20, steps=8)
FIT = training.Fit(target="linear-log", loss="mean_absolute_error", metric="mae", batch_size=16, epochs=1)


def test_labels_from_descents_are_counted_and_kept_together():
    true = potentials.Counted(LJ + potentials.AxilrodTeller(3.0))
    known, asked = DESCENTS(true, 5, seed=1)
    assert asked == true.calls["search"] <= 20 * 8
    assert len(known.energies) == len(known.positions) <= asked
    assert potentials.pair_distances(known.positions).max() <= DESCENTS.widest
    np.testing.assert_allclose((LJ + potentials.AxilrodTeller(3.0))(known.positions)[0], known.energies)
    again, _ = DESCENTS(true, 5, seed=1)
    np.testing.assert_array_equal(again.positions, known.positions)
    start = structures.random_start(5, np.random.default_rng([1, 5, 1]))
    np.testing.assert_array_equal(known.positions[0], start)
    assert not np.array_equal(start, structures.seeded_start(5, 1)[0]), "no search begins with the atoms of a descent"
    other, _ = DESCENTS(true, 5, seed=2)
    assert not np.array_equal(other.positions[0], known.positions[0])


@pytest.mark.parametrize(
    "model",
    [models.Pairs(hidden=(8,), gaussians=8), models.GCN(1, 8, "atoms", (8,), 8.0, "inverse", ("sorted",))],
)
def test_both_models_learn_a_task_and_stay_within_it(store, monkeypatch, model):
    task = tasks.Task((LJ + potentials.AxilrodTeller(3.0)), 4, DESCENTS, 0)

    def twice():
        return tasks.by_task("small/task", task, model, FIT, structures.Hopping(), searching.Options(1, 2), SEEDS, -9.0)

    tried, errors = twice()
    with monkeypatch.context() as patch:
        patch.setattr(tasks.Task, "teach", None)
        patch.setattr(tasks.Descents, "__call__", None)
        assert (tried, errors) == twice(), "nothing is learned again"
    assert errors.keys() == {"training", "test"}
    assert all(error > 0 for error in errors.values())
    assert tried[0].labels == task.known[1]
    learned, _ = task.teach(model, FIT)
    low = potentials.pair_distances(task.known[0].positions[task.known[0].energies < 0])
    assert (learned.closest, learned.farthest) == (low.min(), low.max())


def test_the_lowest_of_several_searches_is_the_goal():
    true = LJ + potentials.AxilrodTeller(3.0)
    reference = tasks.reference(true, 5, range(10, 14), hops=30)
    assert reference["energy"] == pytest.approx(-5.0743, abs=1e-3)
    assert reference["energy"] == pytest.approx(true(np.array(reference["positions"]))[0], abs=1e-4)
    assert 1 <= reference["seeds"] <= 4
