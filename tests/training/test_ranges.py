"""What a surrogate was trained on, and what is said outside of it."""

import json
import warnings

import numpy as np
import pytest

from surrogates import data, search, training
from surrogates.training import ranges, runs
from tests.conftest import SMALL_DATA, SMALL_MODELS


def messages(recorded):
    return [str(each.message) for each in recorded if issubclass(each.category, training.OutsideRange)]


def test_the_range_is_that_of_the_training_structures(run):
    known = run.data.train
    answers = run.range.outside(known.positions, known.energies)
    assert answers == [""] * len(known.energies)
    found = ranges.trained_range(run.config)
    assert found == run.range  # measured anew
    assert run.range.values.keys() == {"closest", "farthest", "neighbours", "energy"}


@pytest.mark.parametrize(
    ("quantity", "change", "energies"),
    [
        ("closest", lambda x: np.concatenate([x[:, :1], x[:, :1] + 1e-3, x[:, 2:]], axis=1), 0.0),
        ("farthest", lambda x: 4 * x, 0.0),
        ("neighbours", lambda x: x / 8 + 2.0, 0.0),
        ("energy", lambda x: x, -500.0),
    ],
)
def test_each_quantity_is_said(run, quantity, change, energies):
    positions = change(run.data.train.positions[:3])
    for reason in run.range.outside(positions, np.full(3, energies)):
        assert f"{quantity} " in reason
        assert "(trained: " in reason


def test_it_is_warned_of_once_and_said_in_the_answers(pairs):
    ranges._WARNED.discard(pairs.path)
    known = pairs.data.train.positions
    inside = known[pairs.answers(known).outside == ""][:2]
    both = np.concatenate([inside, 0.2 * inside])
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        pairs.predict(inside)
        pairs.predict_energy(both, warn=False)
        assert messages(given) == []
        pairs.predict_energy(both)
        pairs.predict(both)
    (message,) = messages(given)
    assert ": 2 of 4 structures lie outside of what it was trained on, where its answers mean little: " in message
    answers = pairs.answers(both)
    assert [bool(reason) for reason in answers.outside] == [False, False, True, True]
    np.testing.assert_allclose(answers.energy, pairs.predict_energy(both), rtol=1e-6)


def test_a_place_outside_of_the_box_is_said_where_a_network_sees_it(store):
    config = runs.Config(SMALL_DATA, SMALL_MODELS["cnn"], training.Fit(batch_size=16, epochs=1))
    run = runs.fit_or_load("cnn/small", config)
    centred = run.data.train.positions[:1] - 3.0
    assert "coordinates -" in run.answers(centred).outside[0]
    assert "coordinates" not in run.answers(run.data.train.positions[:1]).outside[0]
    kept = json.loads((run.path / "range.json").read_text(encoding="utf-8"))
    assert kept["coordinates"] == list(run.range.values["coordinates"])


def test_a_run_of_before_measures_its_range(run):
    stored = run.range
    (run.path / "range.json").unlink()
    provenance = run.provenance | {"sha256": {k: v for k, v in run.provenance["sha256"].items() if k != "range.json"}}
    (run.path / "provenance.json").write_text(json.dumps(provenance), encoding="utf-8")
    assert runs.load(run.name).range == stored


def test_compact_starts_are_outside_for_the_published_networks():
    """Whose answers about them are wrong by many powers of ten."""
    rng = np.random.default_rng(0)
    starts = np.stack([search.random_start(32, rng) for _ in range(5)])
    for name in ("gcn/paper/seed-0", "cnn/paper/seed-0"):
        answers = training.load(name).answers(starts)
        assert answers.outside.str.contains("neighbours").all()
        assert (answers.energy > 1e4).all()


def test_the_example_of_the_readme_stays_inside():
    run = training.load("one_surrogate/paper/pairs-seed-0")
    positions = data.simulate(run.config.replace({"data.sizes": (1, 1, 50)}).data).test.positions
    assert (run.answers(positions).outside == "").all()
