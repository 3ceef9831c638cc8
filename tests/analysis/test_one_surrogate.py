"""Both errors of one surrogate, labels, other numbers of atoms."""

import re

import numpy as np
import pytest

from surrogates import data, models, potentials, training
from surrogates.analysis import one_surrogate
from surrogates.search import structures
from surrogates.store import files
from surrogates.store.provenance import root
from surrogates.training import learned as forces
from surrogates.training import migrate, runs
from surrogates.training.config import Config

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
    found = one_surrogate.stored_errors(run, both)
    assert found == pytest.approx(one_surrogate.both_errors(run.predict_energy, *one_surrogate.both_sets(both)))
    monkeypatch.setattr(one_surrogate, "both_errors", lambda *given: pytest.fail("computed again"))
    assert one_surrogate.stored_errors(runs.drop_weights(run), both) == found


PUBLISHED = sorted((root() / "data" / "results" / "regimes").glob("**/paper/*.json"))


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_the_published_scores_follow_from_the_weights(path, monkeypatch):
    """Of the runs whose weights are kept."""
    monkeypatch.chdir(root())
    content = files.read_json(path)
    run = runs.load(str(path.relative_to(root() / "data" / "results" / "regimes").with_suffix("")))
    settings = content["settings"]["run"] | {"data": content["settings"]["data"]}
    assert Config.from_dict(migrate.present(content["settings"]["run"])) == run.config
    if run.provenance.get("weights") == runs.NOT_KEPT:
        pytest.skip("its weights are not kept")
    both = Config.from_dict(migrate.present(settings)).data
    found = one_surrogate.both_errors(run.predict_energy, *one_surrogate.both_sets(both))
    assert found == pytest.approx(content["result"], rel=1e-3)


def test_the_goals_are_the_report_s_numbers():
    assert one_surrogate.goals() == {"mape": 6.6, "mae": 0.244}
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


def test_the_trade_off_shows_every_model_where_its_errors_are():
    curve = {3.0: {"mae": 0.2, "mape": 7.0}, 1.0: {"mae": 0.3, "mape": 5.0}}
    points = {"first": {"mae": 8.0, "mape": 4.7}, "second": {"mae": 0.18, "mape": 1e4}}
    figure = one_surrogate.trade_off(curve, points, {"mae": 1e-3, "mape": 0.1}, one_surrogate.goals())
    left, right = figure.axes
    lines = {line.get_label(): line.get_xydata().tolist() for line in left.lines}
    assert lines["GCN, both sets"] == [[0.3, 5.0], [0.2, 7.0]]
    assert lines["second"] == [[0.18, 100.0]]
    assert right.lines[0].get_xydata().tolist() == lines["GCN, both sets"]
    assert [text.get_text() for text in right.texts] == ["1", "3"]
    for axes in (left, right):
        (corner,) = axes.patches
        assert corner.get_x() + corner.get_width() == pytest.approx(0.244)
        assert corner.get_y() + corner.get_height() == pytest.approx(6.6)
        for x, y in np.concatenate([line.get_xydata() for line in axes.lines]):
            assert axes.get_xlim()[0] < x < axes.get_xlim()[1]
            assert axes.get_ylim()[0] < y < axes.get_ylim()[1]


def test_the_pair_function_is_drawn_twice():
    distance = np.geomspace(0.01, 10, 50)
    true = potentials.LennardJones().pair_energy(distance)
    for axes in one_surrogate.pair_function(distance, 1.1 * true, true).axes:
        (first, second) = axes.lines
        np.testing.assert_array_equal(first.get_ydata(), true)
        np.testing.assert_array_equal(second.get_ydata(), 1.1 * true)


def test_errors_by_number_of_structures():
    errors = {"a": {300: 0.1, 1000: 0.05}, "b": {300: 0.00123, 1000: 0.001}}
    (axes,) = one_surrogate.by_labels(errors, 0.75).axes
    assert [line.get_label() for line in axes.lines] == ["a", "b", "median as prediction"]
    assert axes.lines[1].get_xydata().tolist() == [[300, 0.00123], [1000, 0.001]]
    table = one_surrogate.labels_table(errors)
    assert list(table.columns) == ["Model, labels", "300", "1,000"]
    assert table.iloc[1].tolist() == ["b", "0.0012", "0.001"]


def test_how_much_harder_totals_are_is_a_median_of_ratios():
    assert one_surrogate.label_ratio({10: 6.0, 20: 2.0, 30: 1.0}, {10: 2.0, 20: 1.0, 30: 1.0}) == 2.0


@pytest.mark.parametrize(
    ("total", "atoms", "expected"),
    [
        ({300: 0.5, 1000: 0.3, 3000: 0.2}, {300: 0.3, 1000: 0.1, 3000: 0.1}, "What 300 .* atoms, 1,000 teach"),
        ({300: 0.5, 1000: 0.4}, {300: 0.3, 1000: 0.1}, "What 300 structures .*, not even 1,000 teach"),
        ({300: 0.2, 1000: 0.1}, {300: 0.3, 1000: 0.2}, "Nowhere"),
    ],
)
def test_what_energies_of_atoms_are_worth(total, atoms, expected):
    assert re.match(expected, one_surrogate.equal_labels(total, atoms))


def test_other_numbers_of_atoms(pairs):
    table = one_surrogate.transfer(pairs, [4, 9], seed=0)
    assert table.index.tolist() == [4, 9]
    assert table.compact[4] == pytest.approx(-5.073421, abs=1e-3)
    assert (table.error > 0).all()
    np.testing.assert_allclose(table["error per atom"], table.error / [4, 9])
    shown = one_surrogate.transfer_table(table)
    assert shown["Compact structure"][0] == "−5.073"


def test_the_learned_energy_of_a_pair(pairs):
    distance = np.array([0.5, 1.0, 3.0])
    positions = np.zeros((3, 2, 2))
    positions[:, 1, 1] = distance
    expected = forces.Learned(pairs, 2)(positions)[0]
    np.testing.assert_allclose(forces.pair_energy(pairs, distance), expected, rtol=1e-5)


def test_other_sizes_have_the_potential_of_the_run(store):
    low = data.Data(
        "low", 4, 5.0, 0, (32, 16, 16), potential=(potentials.LennardJones() + potentials.AxilrodTeller(0.5))
    )
    fit = training.Fit(target="linear-log", metric="mae", batch_size=16, epochs=1)
    run = runs.fit_or_load("pairs/three-body", runs.Config(low, models.Pairs(hidden=(4,)), fit))
    table = one_surrogate.transfer(run, [3], seed=0)
    rng = np.random.default_rng([0, 3])
    true = potentials.LennardJones() + potentials.AxilrodTeller(0.5)
    lowest = structures.relax(true, structures.random_start(3, rng)).energy
    assert table.compact[3] <= lowest + 1e-6
    assert abs(table.compact[3] + 3) > 0.01, "without the three-body energy it would be -3"


def test_errors_of_splines_are_those_of_fits_to_the_first_structures():
    splits = data.simulate(data.Data("low", sizes=(600, 1, 500)))
    fitted = potentials.fit_spline(splits.train)
    errors = one_surrogate.spline_errors(splits.train, splits.test, [100, 600])
    energies, _ = fitted(splits.test.positions)
    assert errors[600] == pytest.approx(np.abs(energies - splits.test.energies).mean())
    assert errors[600] < errors[100] < 0.1
