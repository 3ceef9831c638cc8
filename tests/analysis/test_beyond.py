"""Figures and tables of the pages that go beyond the report."""

import numpy as np
import pytest

from surrogates import data, models, training
from surrogates.analysis import beyond, regimes
from surrogates.potentials import potential, three_body
from surrogates.search import structures, trials
from surrogates.training import learned as forces
from surrogates.training import runs


def test_the_trade_off_shows_every_model_where_its_errors_are():
    curve = {3.0: {"mae": 0.2, "mape": 7.0}, 1.0: {"mae": 0.3, "mape": 5.0}}
    points = {"first": {"mae": 8.0, "mape": 4.7}, "second": {"mae": 0.18, "mape": 1e4}}
    figure = beyond.trade_off(curve, points, {"mae": 1e-3, "mape": 0.1}, regimes.goals())
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
    true = potential.pair_energy(distance)
    for axes in beyond.pair_function(distance, 1.1 * true, true).axes:
        (first, second) = axes.lines
        np.testing.assert_array_equal(first.get_ydata(), true)
        np.testing.assert_array_equal(second.get_ydata(), 1.1 * true)


def test_errors_by_number_of_structures():
    errors = {"a": {300: 0.1, 1000: 0.05}, "b": {300: 0.00123, 1000: 0.001}}
    (axes,) = beyond.by_labels(errors, 0.75).axes
    assert [line.get_label() for line in axes.lines] == ["a", "b", "median as prediction"]
    assert axes.lines[1].get_xydata().tolist() == [[300, 0.00123], [1000, 0.001]]
    table = beyond.labels_table(errors)
    assert list(table.columns) == ["Model, labels", "300", "1,000"]
    assert table.iloc[1].tolist() == ["b", "0.0012", "0.001"]


def test_how_much_harder_totals_are_is_a_median_of_ratios():
    assert beyond.times_harder({10: 6.0, 20: 2.0, 30: 1.0}, {10: 2.0, 20: 1.0, 30: 1.0}) == 2.0


@pytest.mark.parametrize(
    ("total", "atoms", "expected"),
    [
        ({300: 0.5, 1000: 0.3, 3000: 0.2}, {300: 0.3, 1000: 0.1, 3000: 0.1}, "What 300 .* atoms, 1,000 teach"),
        ({300: 0.5, 1000: 0.4}, {300: 0.3, 1000: 0.1}, "What 300 structures .*, not even 1,000 teach"),
        ({300: 0.2, 1000: 0.1}, {300: 0.3, 1000: 0.2}, "Nowhere"),
    ],
)
def test_what_energies_of_atoms_are_worth(total, atoms, expected):
    import re

    assert re.match(expected, beyond.worth(total, atoms))


def test_other_numbers_of_atoms(pairs):
    table = beyond.other_sizes(pairs, [4, 9], seed=0)
    assert table.index.tolist() == [4, 9]
    assert table.compact[4] == pytest.approx(-5.073421, abs=1e-3)
    assert (table.error > 0).all()
    np.testing.assert_allclose(table["error per atom"], table.error / [4, 9])
    shown = beyond.other_sizes_table(table)
    assert shown["Compact structure"][0] == "−5.073"


def test_the_learned_energy_of_a_pair(pairs):
    distance = np.array([0.5, 1.0, 3.0])
    positions = np.zeros((3, 2, 2))
    positions[:, 1, 1] = distance
    expected = forces.of(pairs, 2)(positions)[0]
    np.testing.assert_allclose(forces.pair_energy(pairs, distance), expected, rtol=1e-5)


def trial(found, steps, energy=-1.0):
    return trials.Trial(found, steps[-1][0] + 5, energy, steps)


def test_the_best_energy_so_far_by_calls():
    tried = [trial(10, ((1, 0.0), (10, -2.0))), trial(None, ((1, 0.0), (4, -1.0))), trial(12, ((1, 1.0), (12, -2.0)))]
    (axes,) = beyond.calls_and_energy({"hopping": tried}, lowest=-2.0, panel="7 atoms").axes
    *single, median = (line.get_xydata() for line in axes.lines)
    assert len(single) == 3
    for calls, above in median:
        expected = np.median([2.0 if calls < 10 else 1e-4, 2.0 if calls < 4 else 1.0, 3.0 if calls < 12 else 1e-4])
        assert above == pytest.approx(expected)
    assert median[-1, 0] == 17, "as long as the longest search"


def test_a_search_that_asked_for_nothing_can_be_drawn():
    nothing = trials.Trial(None, 0, None)
    axes = beyond.calls_and_energy({"broken": [nothing], "late": [trial(7, ((5, 0.0),))]}, -2.0, "7 atoms").axes[0]
    broken, _, late, _ = (line.get_xydata() for line in axes.lines)
    assert not np.isfinite(broken[:, 1]).any()
    assert not np.isfinite(late[late[:, 0] < 5, 1]).any()
    assert (late[late[:, 0] >= 5, 1] == 2.0).all()
    assert beyond.trials_table({"broken": [nothing]}).iloc[0].tolist() == ["broken", "0 of 1", "–", "–", "–", "0"]


def test_the_gallery_draws_every_atom():
    clusters = {"a": np.zeros((1, 2)), "b": np.array([[5.0, 5.0], [7.0, 5.0]]), "c": np.zeros((1, 2))}
    figure = beyond.gallery(clusters, columns=2)
    assert len(figure.axes) == 4
    assert [len(axes.patches) for axes in figure.axes] == [1, 2, 1, 0]
    assert [tuple(patch.center) for patch in figure.axes[1].patches] == [(-1.0, 0.0), (1.0, 0.0)]
    assert figure.axes[1].get_title() == "b"


def test_searches_in_numbers():
    searches = {
        "hopping": [trial(10, ((10, -2.0),), -2.0), trial(None, ((4, -1.0),))],
        "cma": [trial(None, ((3, 0.0),))],
    }
    table = beyond.trials_table(searches)
    assert table.iloc[0].tolist() == ["hopping", "1 of 2", "24", "10", "−2.000", "0"]
    assert table.iloc[1].tolist() == ["cma", "0 of 1", "–", "–", "−1.000", "0"]


def test_other_sizes_have_the_potential_of_the_run(store):
    low = data.Data("low", 4, 5.0, 0, (32, 16, 16), potential=three_body.AxilrodTeller(0.5))
    fit = training.Fit(target="linear-log", metric="mae", batch_size=16, epochs=1)
    run = runs.fit_or_load("pairs/three-body", runs.Config(low, models.Pairs(hidden=(4,)), fit))
    table = beyond.other_sizes(run, [3], seed=0)
    rng = np.random.default_rng([0, 3])
    true = three_body.AxilrodTeller(0.5)
    lowest = structures.relax(true, structures.random_start(3, rng)).energy
    assert table.compact[3] <= lowest + 1e-6
    assert abs(table.compact[3] + 3) > 0.01, "without the three-body energy it would be -3"


def test_a_gallery_of_nothing_is_refused():
    with pytest.raises(ValueError, match="clusters = {}: give one structure or more"):
        beyond.gallery({})
