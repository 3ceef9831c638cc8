"""Settings, edges, figures and goals of the searches with and without a surrogate."""

import json

import pandas as pd

from surrogates import search
from surrogates.analysis import searches, surrogate_search
from tests.analysis.test_searches import SETTINGS, found, trial


def test_settings_and_verdicts_as_text():
    shaking, surface = search.BasinHopping(0.1, 0.0, shake=0.3), search.BasinHopping(0.2, 1.0, atoms=1)
    pockets = search.BasinHopping(0.4, atoms=2, tolerance=0.1, pockets=True)
    tuned = {
        "a": {7: search.Tuned(shaking, 90)},
        "b": {7: search.Tuned(surface, 80)},
        "c": {7: search.Tuned(pockets, 9)},
    }
    assert surrogate_search.settings_table(tuned).values.tolist() == [
        ["a", "7", "0.1", "shifts up to 0.3 σ", "0.001"],
        ["b", "7", "0.2", "1 atom on the surface", "0.001"],
        ["c", "7", "0.4", "1 to 2 atoms into pockets", "0.1"],
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
    downhill = {"hopping": [*tried["hopping"], search.BasinHopping(0.0)]}
    assert surrogate_search.at_edge({"hopping": {7: search.BasinHopping(0.0)}}, downhill) == [], "there is no lower one"
    outside = {"hopping": {7: search.BasinHopping(0.4, atoms=3)}, "CMA-ES": {13: search.CMAES(0.1)}}
    named = ["7 atoms, hopping: temperature 0.4", "7 atoms, hopping: atoms 3", "13 atoms, CMA-ES: width 0.1"]
    assert surrogate_search.at_edge(outside, tried) == named
    assert surrogate_search.edges_sentence(named).endswith("; ".join(named) + ".")
    loose = {"hopping": {7: search.BasinHopping(0.2, atoms=1, tolerance=0.4)}}
    assert surrogate_search.at_edge(loose, tried, (0.001, 0.4)) == ["7 atoms, hopping: tolerance 0.4"]
    shaken = {"hopping": {7: search.BasinHopping(0.2, 0.0, atoms=3)}}
    assert surrogate_search.at_edge(shaken, tried) == [], "it moves no single atoms"
    alone = {"hopping": [search.BasinHopping(0.2, atoms=1)]}
    assert surrogate_search.at_edge({"hopping": inside["hopping"]}, alone) == [], "there was no other value"
    assert surrogate_search.settings_table({"CMA-ES": {7: search.Tuned(search.CMAES(0.2), 9)}}).iloc[0].tolist() == [
        "CMA-ES", "7", "–", "first steps of 0.2 σ", "–",
    ]  # fmt: skip


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
    assert surrogate_search.film_numbers(moving, 600, 1200) == {
        "film_hops": "600", "film_calls": "14", "film_labels": "1,200", "film_energy": "−1.000",
    }  # fmt: skip


def test_sizes_beside_what_is_known_of_them(monkeypatch):
    known = pd.DataFrame({"energy": [-12.5], "agreed": [7], "searches": [8]}, index=[7])
    monkeypatch.setattr(search, "known_minima", lambda: known)
    by_size = {name: {7: tried[7]} for name, tried in found().items()}
    table = surrogate_search.sizes_table(by_size)
    assert table.iloc[0].tolist() == [
        "7", "−12.500", "7 of 8", "2 of 2", "200", "0 of 2", "–", "1 of 2", "1,060",
    ]  # fmt: skip
    assert surrogate_search.sizes_numbers({"a, b": found()["spline"]}) == {"a_b": "3 of 4"}


def test_moves_are_compared_by_their_best_settings(store):
    problem = search.lennard_jones_problem(4)
    table = surrogate_search.moves_table("small", {4: problem}, SETTINGS)
    assert table.Move.tolist() == ["shake all atoms", "drop atoms on the surface", "put atoms into pockets"]
    tried = [
        search.summary(search.benchmark("small/tuning", problem, strategy, range(1_000_003, 1_000_005), 200, True))
        for strategy in searches.moves(SETTINGS)["put atoms into pockets"]
    ]
    assert table["4 atoms"].iloc[2] == f"{min(one['calls'] for one in tried):.0f}"


def test_the_goals_of_a_surrogate():
    by_label = found() | {"pairs": {32: [trial(1600, 9, 0)]}, "network": {32: [trial(8000, 9, 0), trial(8002, 9, 0)]}}
    gains = searches.paybacks(by_label, "hopping", ["spline", "pairs", "network"])
    goals = surrogate_search.search_goals(gains, 32)
    assert [measured for _, measured, _ in goals] == [
        "8,000 calls", "spline: 1,030 of 8,000; pairs: 1,600 of 8,000", "network: 8,001 of 8,000",
    ]  # fmt: skip
    assert [holds for _, _, holds in goals] == [False, True, False]
    cheap = gains.assign(rival=700.0, share=gains.total / 700)
    assert [holds for _, _, holds in surrogate_search.search_goals(cheap, 32)] == [True, False, False]
