"""Settings, edges, figures and goals of the searches with and without a surrogate."""

import json

import numpy as np
import pytest

from surrogates import potentials, search
from surrogates.analysis import searches, surrogate_search
from tests.analysis.test_searches import found, improving, trial

SEVEN = search.Problem(potentials.LennardJones(), 7, -2.0 + search.TOLERANCE)


def test_settings_and_verdicts_as_text():
    shaking, surface = search.BasinHopping(0.1, 0.0, shake=0.3), search.BasinHopping(0.2, 1.0, atoms=1)
    tuned = {"a": {7: search.Tuned(shaking, 90)}, "b": {7: search.Tuned(surface, 80)}}
    assert surrogate_search.settings_table(tuned).values.tolist() == [
        ["a", "7", "0.1", "shifts up to 0.3 σ", "0.001"],
        ["b", "7", "0.2", "1 atom moved", "0.001"],
    ]
    table = searches.goals_table([("this", "1 of 2", True), ("that", "0 of 2", False)])
    assert table.Verdict.tolist() == ["reached", "missed"]


def test_settings_at_the_edge_of_what_was_tried_are_named():
    tried = {
        "hopping": [search.BasinHopping(t, atoms=atoms) for t in (0.1, 0.2, 0.4) for atoms in (1, 2, 3)],
        "CMA-ES": [search.CMAES(width) for width in (0.1, 0.2, 0.4)],
    }
    inside = {"hopping": {7: search.BasinHopping(0.2, atoms=1)}, "CMA-ES": {7: search.CMAES(0.2)}}
    assert surrogate_search.at_edge(inside, tried) == []
    assert surrogate_search.edges_sentence([]).startswith("None of them")
    outside = {"hopping": {7: search.BasinHopping(0.4, atoms=3)}, "CMA-ES": {13: search.CMAES(0.1)}}
    named = ["7 atoms, hopping: temperature 0.4", "7 atoms, hopping: atoms 3", "13 atoms, CMA-ES: width 0.1"]
    assert surrogate_search.at_edge(outside, tried) == named
    assert surrogate_search.edges_sentence(named).endswith("; ".join(named) + ".")
    alone = {"hopping": [search.BasinHopping(0.2, atoms=1)]}
    assert surrogate_search.at_edge({"hopping": inside["hopping"]}, alone) == [], "there was no other value"
    assert surrogate_search.settings_table({"CMA-ES": {7: search.Tuned(search.CMAES(0.2), 9)}}).iloc[0].tolist() == [
        "CMA-ES", "7", "–", "first steps of 0.2 σ", "–",
    ]  # fmt: skip


def test_the_best_energy_so_far_by_calls():
    tried = [
        improving(10, ((1, 0.0), (10, -2.0))),
        improving(None, ((1, 0.0), (4, -1.0))),
        improving(12, ((1, 1.0), (12, -2.0))),
    ]
    (axes,) = surrogate_search.energy_by_calls({"hopping": tried}, SEVEN).axes
    assert axes.get_title() == "7 atoms"
    *single, median = (line.get_xydata() for line in axes.lines)
    assert len(single) == 3
    for calls, above in median:
        expected = np.median([2.0 if calls < 10 else 1e-4, 2.0 if calls < 4 else 1.0, 3.0 if calls < 12 else 1e-4])
        assert above == pytest.approx(expected)
    assert median[-1, 0] == 17, "as long as the longest search"


def test_a_search_that_asked_for_nothing_can_be_drawn():
    nothing = search.Trial(None, 0, None)
    axes = surrogate_search.energy_by_calls({"broken": [nothing], "late": [improving(7, ((5, 0.0),))]}, SEVEN).axes[0]
    broken, _, late, _ = (line.get_xydata() for line in axes.lines)
    assert not np.isfinite(broken[:, 1]).any()
    assert not np.isfinite(late[late[:, 0] < 5, 1]).any()
    assert (late[late[:, 0] >= 5, 1] == 2.0).all()
    table = searches.searches_table({"broken": {7: [nothing]}})
    assert table.iloc[0].tolist() == ["broken", "7", "0 of 1", "–", "–", "–", "0"]


def test_the_best_structures_are_those_of_a_search_then_those_of_all():
    by_label = {
        "spline": {7: [trial(None, 9, energy=-1.0)]},
        "hopping": {7: [trial(9, 9, energy=-2.0)]},
        "idle": {7: [trial(None, 0, energy=None)]},
    }
    titles = list(surrogate_search.best_structures(by_label, "spline", {7: SEVEN}))
    assert titles == [
        "7 atoms, spline\nV = −1.000,\nnot the lowest",
        "7 atoms, any search\nV = −2.000,\nthe lowest known",
    ]
    assert list(surrogate_search.best_structures(by_label, "idle", {7: SEVEN})) == titles[1:]


def test_the_goals_of_a_surrogate():
    by_label = found() | {"networks": {7: [trial(None, 9, 2000)] * 2, 32: [trial(None, 9, 9000), trial(8, 9, 9000)]}}
    gains = searches.paybacks(by_label, ["hopping"], ["spline", "networks"])
    enough, networks, paid = surrogate_search.search_goals(gains, 32, 2)
    assert enough[1] == "spline: 2 of 2, 40 of 8,100 calls; networks: 1 of 2, 18 of 8,100 calls"
    assert networks[0].startswith("The networks, ")
    assert networks[1] == "networks: 1 of 2, 18 of 8,100 calls"
    assert paid[1] == "spline: 1,000 labels; networks: 9,000 labels"
    assert [goal[2] for goal in (enough, networks, paid)] == [True, False, True]
    alone = gains[gains.search == "networks"]
    assert [goal[2] for goal in surrogate_search.search_goals(alone, 32, 2)] == [False, False, False]


def test_a_film_has_a_caption_for_each_frame():
    moving = {
        "frames": [[[0, 0], [1, 0]]] * 2,
        "captions": ["random atoms", "end"],
        "energies": [2e30, -1],
        "calls": 14,
    }
    shown = surrogate_search.film(moving, 2)
    assert json.dumps("random atoms: V = 2.0·10³⁰") in shown
    assert "2 atoms move from random places" in shown
    assert surrogate_search.film_numbers(moving, 600) == {
        "film_hops": "600", "film_calls": "14", "film_energy": "−1.000",
    }  # fmt: skip
