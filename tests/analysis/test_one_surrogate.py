"""Both errors of one surrogate, and other numbers of atoms."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surrogates import data, models, potentials, search, training
from surrogates.analysis import one_surrogate
from surrogates.store import results
from surrogates.store.provenance import root
from surrogates.training import runs

FULL, LOW = one_surrogate.both_sets(data.Data("both", sizes=(5, 5, 400)))


def constant(value):
    return lambda positions: np.full(len(positions), value)


def test_the_structures_are_those_of_the_two_sets():
    for kind, found in (("full", FULL), ("low", LOW)):
        expected = data.simulate(data.Data(kind, sizes=(5, 5, 400))).test
        np.testing.assert_array_equal(found.positions, expected.positions)
    again, _ = one_surrogate.both_sets(data.Data("low", sizes=(5, 7, 400)), "validation")
    assert len(again.energies) == 7
    assert again.energies.max() > 0


def test_the_truth_has_no_error():
    assert one_surrogate.both_errors(potentials.LennardJones().energy, FULL, LOW) == {"mape": 0.0, "mae": 0.0}


def test_each_error_is_on_its_own_scale():
    found = one_surrogate.both_errors(constant(-1.0), FULL, LOW)
    logs = np.log(FULL.energies + 32)
    assert found["mape"] == pytest.approx(100 * np.mean(np.abs(np.log(31.0) - logs) / logs))
    assert found["mae"] == pytest.approx(np.abs(LOW.energies + 1).mean())


def test_an_energy_without_logarithm_is_an_error_of_100_percent():
    assert one_surrogate.both_errors(constant(-1e6), FULL, LOW)["mape"] == pytest.approx(100)


def test_scores_of_a_run_are_stored(run, monkeypatch):
    both = data.Data("both", 6, 6.0, 3, (5, 5, 40))
    found = one_surrogate.stored_errors("small/scores", run, both)
    assert found == pytest.approx(one_surrogate.both_errors(run.predict_energy, *one_surrogate.both_sets(both)))
    monkeypatch.setattr(one_surrogate, "both_errors", lambda *given: pytest.fail("computed again"))
    assert one_surrogate.stored_errors("small/scores", runs.drop_weights(run), both) == found


PUBLISHED = [
    "gcn/paper/seed-0",
    "low_energy/paper/rate-0.001-layers-3-nodes-128-seed-0",
    *(f"one_surrogate/paper/gcn-weight-{weight:g}-seed-0" for weight in (0.3, 1, 3, 10)),
    "one_surrogate/paper/pairs-seed-0",
]


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_scores_follow_from_the_weights(name, monkeypatch):
    """Of the runs whose weights are kept."""
    monkeypatch.chdir(root())
    run, both = runs.load(name), data.Data("both")
    with monkeypatch.context() as patch:
        patch.setattr(one_surrogate, "both_errors", lambda *given: pytest.fail("it is not stored"))
        patch.setattr(runs, "with_weights", lambda run: SimpleNamespace(predict_energy=None))
        stored = one_surrogate.stored_errors("one_surrogate/paper/seed-0/scores", run, both)
    if run.provenance.get("weights") == runs.NOT_KEPT:
        pytest.skip("its weights are not kept")
    found = one_surrogate.both_errors(run.predict_energy, *one_surrogate.both_sets(both))
    assert found == pytest.approx(stored, rel=1e-3)


def test_no_other_scores_are_published(monkeypatch):
    monkeypatch.chdir(root())
    assert len(results.frame("one_surrogate/paper/seed-0/scores")) == len(PUBLISHED)


def test_the_goals_are_the_report_s_numbers():
    assert one_surrogate.scale_goals() == {"mape": 6.6, "mae": 0.244}
    assert one_surrogate.reaches_goals({"mape": 6.6, "mae": 0.2})
    assert not one_surrogate.reaches_goals({"mape": 6.0, "mae": 0.25})


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
    assert one_surrogate.goals_reached(scores, wanted) == words
    assert one_surrogate.reaches_goals(scores, wanted) == (words == "reaches both goals")
    assert one_surrogate.goals_reached(scores) == "reaches both goals"
    assert one_surrogate.goals_reached(scores | {"mae": np.nan}) == "–"


SCORES = one_surrogate.Scores(
    report={"first": {"mae": 8.0, "mape": 4.7}, "second": {"mae": 0.18, "mape": 1e4}},
    curve={3.0: {"mae": 0.2, "mape": 7.0}, 1.0: {"mae": 0.3, "mape": 5.0}, 0.3: {"mae": 0.24, "mape": 6.5}},
    pairs={"mae": 0.00075, "mape": 0.1},
    chosen=3.0,
    n_weights={"gcn": 12345, "pairs": 67},
)


def test_all_models_are_in_the_table_and_the_chosen_one_in_the_text():
    table = one_surrogate.scores_table(SCORES, {"best constant": {"mape": [40.0], "mae": [1.0, 1.2]}})
    labels = [
        "first",
        "second",
        *(f"GCN, both sets, weight {weight}" for weight in ("3", "1", "0.3")),
        "sum over pairs",
        "best constant",
    ]
    assert table.Model.tolist() == labels
    assert table["MAPE / %"].tolist() == ["4.70", "1.00·10⁴", "7.00", "5.00", "6.50", "0.100", "40.00"]
    assert table.MAE.iloc[-1].replace("\u00a0", " ") == "1.100 ± 0.141"
    numbers = one_surrogate.scores_numbers(SCORES)
    assert (numbers["n_weights"], numbers["meeting"], numbers["best_weight"]) == ("3", "1", "3")
    assert (numbers["best_mape"], numbers["best_mae"]) == ("7.0", "0.200")
    assert numbers["best_verdict"] == "reaches the goal for the MAE, not that for the MAPE"
    assert (numbers["pair_verdict"], numbers["pair_mae"]) == ("reaches both goals", "0.00075")
    assert (numbers["gcn_weights"], numbers["pair_weights"]) == ("12,345", "67")


def test_the_scores_are_those_of_the_runs(run):
    both = data.Data("both", 6, 6.0, 3, (5, 5, 40))
    found = one_surrogate.scores("small/scores", both, {"GCN": run}, {"one": run}, run)
    errors = one_surrogate.stored_errors("small/scores", run, both)
    assert found.report == {"GCN": errors} and found.curve == {1.0: errors} and found.pairs == errors
    assert (found.chosen, found.n_weights) == (1.0, {"gcn": run.n_weights, "pairs": run.n_weights})


def test_the_trade_off_shows_every_model_where_its_errors_are():
    left, right = one_surrogate.trade_off(SCORES).axes
    lines = {line.get_label(): line.get_xydata().tolist() for line in left.lines}
    assert lines["GCN, both sets"] == [[0.24, 6.5], [0.3, 5.0], [0.2, 7.0]]
    assert lines["second"] == [[0.18, 100.0]]
    assert right.lines[0].get_xydata().tolist() == lines["GCN, both sets"]
    assert [text.get_text() for text in right.texts] == ["0.3", "1", "3"]
    for axes in (left, right):
        (corner,) = axes.patches
        assert corner.get_x() + corner.get_width() == pytest.approx(0.244)
        assert corner.get_y() + corner.get_height() == pytest.approx(6.6)
        for x, y in np.concatenate([line.get_xydata() for line in axes.lines]):
            assert axes.get_xlim()[0] < x < axes.get_xlim()[1]
            assert axes.get_ylim()[0] < y < axes.get_ylim()[1]


def test_the_pair_function_is_drawn_twice(pairs):
    for axes in one_surrogate.pair_function(pairs).axes:
        true, learned = axes.lines
        distance = true.get_xdata()
        np.testing.assert_array_equal(true.get_ydata(), potentials.LennardJones().pair_energy(distance))
        np.testing.assert_array_equal(learned.get_ydata(), training.pair_energy(pairs, distance))


def test_other_numbers_of_atoms(pairs):
    table = one_surrogate.transfer(pairs, [4, 9], seed=0)
    assert table.index.tolist() == [4, 9]
    assert table.compact[4] == pytest.approx(-5.073421, abs=1e-3)
    assert (table.error > 0).all()
    np.testing.assert_allclose(table["error per atom"], table.error / [4, 9])
    shown = one_surrogate.transfer_table(table)
    assert shown["Compact structure"][0] == "−5.073"


def test_the_largest_errors_for_other_numbers_of_atoms():
    table = pd.DataFrame({"error per atom": [1e-5, 2e-5], "of compact": [0.01, -0.02]})
    numbers = one_surrogate.transfer_numbers(table, 32)
    assert numbers == {"atoms_trained": "32", "carried_worst": "0.00002", "carried_compact": "0.020"}


def test_the_learned_energy_of_a_pair(pairs):
    distance = np.array([0.5, 1.0, 3.0])
    positions = np.zeros((3, 2, 2))
    positions[:, 1, 1] = distance
    expected = training.Learned(pairs, 2)(positions)[0]
    np.testing.assert_allclose(training.pair_energy(pairs, distance), expected, rtol=1e-5)


def test_other_sizes_have_the_potential_of_the_run(store):
    low = data.Data(
        "low", 4, 5.0, 0, (32, 16, 16), potential=(potentials.LennardJones() + potentials.AxilrodTeller(0.5))
    )
    fit = training.Fit(target="linear-log", metric="mae", batch_size=16, epochs=1)
    run = runs.fit_or_load("pairs/three-body", training.Config(low, models.Pairs(hidden=(4,)), fit))
    table = one_surrogate.transfer(run, [3], seed=0)
    rng = np.random.default_rng([0, 3])
    true = potentials.LennardJones() + potentials.AxilrodTeller(0.5)
    lowest = search.relax(true, search.random_start(3, rng)).energy
    assert table.compact[3] <= lowest + 1e-6
    assert abs(table.compact[3] + 3) > 0.01, "without the three-body energy it would be -3"
