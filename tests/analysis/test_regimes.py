"""Both errors of one surrogate."""

import numpy as np
import pytest

from surrogates import data
from surrogates.analysis import regimes
from surrogates.potentials import potential
from surrogates.store import files
from surrogates.store.provenance import root
from surrogates.training import configs, runs

FULL, LOW = regimes.structures(data.Data("both", sizes=(5, 5, 400)))


def constant(value):
    return lambda positions: np.full(len(positions), value)


def test_the_structures_are_those_of_the_two_sets():
    for kind, found in (("full", FULL), ("low", LOW)):
        expected = data.simulate(data.Data(kind, sizes=(5, 5, 400))).test
        np.testing.assert_array_equal(found.positions, expected.positions)
    again, _ = regimes.structures(data.Data("low", sizes=(5, 7, 400)), "validation")
    assert len(again.energies) == 7
    assert again.energies.max() > 0


def test_the_truth_has_no_error():
    assert regimes.scores(potential.energy, FULL, LOW) == {"mape": 0.0, "mae": 0.0}


def test_each_error_is_on_its_own_scale():
    found = regimes.scores(constant(-1.0), FULL, LOW)
    logs = np.log(FULL.energies + 32)
    assert found["mape"] == pytest.approx(100 * np.mean(np.abs(np.log(31.0) - logs) / logs))
    assert found["mae"] == pytest.approx(np.abs(LOW.energies + 1).mean())


def test_an_energy_without_logarithm_is_an_error_of_100_percent():
    assert regimes.scores(constant(-1e6), FULL, LOW)["mape"] == pytest.approx(100)


def test_scores_of_a_run_are_stored(run, monkeypatch):
    both = data.Data("both", 6, 6.0, 3, (5, 5, 40))
    found = regimes.stored(run, both)
    assert found == pytest.approx(regimes.scores(run.predict_energy, *regimes.structures(both)))
    monkeypatch.setattr(regimes, "scores", lambda *given: pytest.fail("computed again"))
    assert regimes.stored(runs.drop_weights(run), both) == found


PUBLISHED = sorted((root() / "data" / "results" / "regimes").glob("**/paper/*.json"))


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_the_published_scores_follow_from_the_weights(path, monkeypatch):
    """Of the runs whose weights are kept."""
    monkeypatch.chdir(root())
    content = files.read_json(path)
    run = runs.load(str(path.relative_to(root() / "data" / "results" / "regimes").with_suffix("")))
    assert content["settings"]["run"] == run.config.to_dict()
    if run.provenance.get("weights") == runs.NOT_KEPT:
        pytest.skip("its weights are not kept")
    both = configs.data_from_dict(content["settings"]["data"])
    found = regimes.scores(run.predict_energy, *regimes.structures(both))
    assert found == pytest.approx(content["result"], rel=1e-3)


def test_the_goals_are_the_report_s_numbers():
    assert regimes.goals() == {"mape": 6.6, "mae": 0.244}
    assert regimes.reached({"mape": 6.6, "mae": 0.2})
    assert not regimes.reached({"mape": 6.0, "mae": 0.25})


@pytest.mark.parametrize(
    ("mape", "mae", "words"),
    [
        (0.1, 0.001, "reaches both goals"),
        (0.1, 0.002, "reaches the goal for the MAPE, not that for the MAE"),
        (0.2, 0.001, "reaches the goal for the MAE, not that for the MAPE"),
        (0.2, 0.002, "reaches neither goal"),
    ],
)
def test_other_goals_and_the_verdict_in_words(mape, mae, words):
    scores, wanted = {"mape": mape, "mae": mae}, {"mape": 0.1, "mae": 0.001}
    assert regimes.verdict(scores, wanted) == words
    assert regimes.reached(scores, wanted) == (words == "reaches both goals")
    assert regimes.verdict(scores) == "reaches both goals"
