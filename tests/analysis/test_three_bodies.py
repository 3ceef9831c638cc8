"""Searches for a potential that is no sum over pairs."""

import dataclasses
from types import SimpleNamespace

from surrogates import potentials, search
from surrogates.analysis import three_bodies
from surrogates.store import results
from tests.analysis.test_searches import trial


def systems():
    cheap, dear = [trial(20, 30), trial(40, 50)], [trial(300, 310), trial(None, 500)]
    return {
        (7, 0.07): {"tuned hopping": dear, "spline in rounds": cheap},
        (7, 3.0): {"tuned hopping": cheap, "spline in rounds": dear, "network in rounds": dear},
    }


def test_what_a_success_costs_in_each_system():
    lowest = {key: {"energy": -12.5, "seeds": 9} for key in systems()}
    table = three_bodies.systems_table(systems(), lowest)
    assert table.replace("\u00a0", " ", regex=True).values.tolist() == [
        ["7", "0.07", "−12.500 (9)", "800 (1)", "30 (2)", "–"],
        ["7", "3", "−12.500 (9)", "30 (2)", "800 (1)", "800 (1)"],
    ]
    page = SimpleNamespace(
        system_atoms=[7, 9], system_seeds=10, system_calls=5000, round_seeds=5, round_calls=150, network_seeds=3
    )
    said = three_bodies.systems_numbers(systems(), page)
    assert said["systems_short"] == (
        "searches in rounds pay in 1 of 2 systems with the spline and in 0 of 1 with the network, every call counted."
    )
    assert said["systems_long"] == (
        "The spline in rounds pays for 7 atoms at 0.07; never at 3. The network in rounds pays never at 3."
    )


def test_strengths_with_the_same_numbers_of_atoms_stand_together():
    dear, cheap = [trial(300, 310)], [trial(20, 30)]
    found = {
        (n, strength): {"tuned hopping": dear, "spline in rounds": dear if pays_not else cheap}
        for strength in (0.07, 1.0, 3.0)
        for n in (7, 8)
        for pays_not in [strength == 3.0 and n == 8]
    }
    assert three_bodies.paying(found, "spline in rounds")[1] == {0.07: [], 1.0: [], 3.0: [8]}
    assert three_bodies.paying_sentence(found, "spline in rounds") == (
        "The spline in rounds pays for 7 and 8 atoms at 0.07 and 1; for 7 atoms at 3, not for 8."
    )


TUNING = SimpleNamespace(
    temperatures=[0.0, 0.4],
    surfaces=[0.0, 1.0],
    patiences=[10, 1000],
    tuning_seeds=2,
    finalists=2,
    final_seeds=2,
    system_calls=300,
    system_seeds=3,
    round_seeds=2,
    round_calls=100,
    network_seeds=1,
    network_strengths=[0.07],
    seed=0,
)


def test_the_rival_is_tuned_on_seeds_of_its_own(store):
    problem = search.Problem(potentials.LennardJones(), 5, goal=-7.17)
    best = three_bodies.tuned_rival("small", problem, TUNING)
    assert best.strategy in three_bodies.rival_settings(TUNING)
    tried = results.frame("small/systems-tuning")
    assert set(tried.seed) == {1_000_000, 1_000_001, 2_000_000, 2_000_001}
    assert len(tried) == 8 * 2 + 2 * 2, "every setting, then the finalists"


def test_what_came_out_best_for_the_rival():
    chosen = search.BasinHopping(0.4, 0.5, tolerance=0.1, pockets=True, patience=10)
    rivals = {
        (7, 0.07): search.Tuned(chosen, 1200),
        (8, 1.0): search.Tuned(dataclasses.replace(chosen, temperature=0.0, patience=30), 300),
    }
    table = three_bodies.rivals_table(rivals).replace("\u00a0", " ", regex=True)
    assert table.values.tolist() == [
        ["7", "0.07", "0.4", "50 %", "10", "1,200"],
        ["8", "1", "0", "50 %", "30", "300"],
    ]
    said = three_bodies.tuned_rival_numbers(rivals, TUNING)
    assert (said["rival_settings"], said["rival_spent"]) == (8, "1,500")
    assert said["rival_edges"] == (
        "The best one lies at an edge of what was tried: the highest temperature (0.4 ε) in 1, the shortest patience "
        "(10 steps) in 1 and the longest (1000 steps) in 0 of 2 systems."
    )


def test_a_network_is_searched_at_some_strengths():
    hopping = search.BasinHopping()
    ways = [three_bodies.searched(hopping, hopping, strength, TUNING) for strength in (0.07, 3.0)]
    assert set(ways[0]) - set(ways[1]) == {"network in rounds"}
    assert ways[0]["tuned hopping"] == (hopping, 3, 300) and ways[0]["spline in rounds"][1:] == (2, 100)


def test_where_most_searches_end():
    tried = [trial(1, 2, energy=value) for value in (-3.001, -3.002, -5.0, None)]
    assert three_bodies.common_end(tried) == "−3.00 (2 of 4)"
    assert three_bodies.common_end(tried[3:]) == "–"


def test_successes_by_the_relaxation_are_those_after_the_last_candidate():
    tried = [trial(5, 30, candidates=4), trial(4, 30, candidates=4), trial(None, 30, candidates=4)]
    assert three_bodies.found_by_relaxation(tried) == 1


def test_structures_have_their_energies_in_the_title():
    pair = [[0.0, 0.0], [2 ** (1 / 6), 0.0]]
    found = {"graph": {2: [trial(9, 9)]}, "idle": {2: [trial(None, 0, energy=None)]}}
    drawn = three_bodies.structures(
        potentials.LennardJones(), {"positions": pair}, {"positions": [[0.0, 0.0], [1.0, 0.0]]}, found, found
    )
    titles = [axes.get_title() for axes in drawn.axes if axes.get_title()]
    assert titles == ["pairs alone\nV = −1.00", "three bodies\nV = 0.00", "graph\nV = 0.00"]


def test_curves_are_those_of_one_number_of_atoms():
    panels = three_bodies.panels({**systems(), (8, 1.0): {}}, 7)
    assert list(panels) == ["ν = 0.07 ε σ⁹", "ν = 3 ε σ⁹"]
    assert panels["ν = 3 ε σ⁹"] is not panels["ν = 0.07 ε σ⁹"]


def test_what_is_said_of_labels_beforehand():
    found = {
        "basin hopping": {5: [trial(300, 310)]},
        "multistart": {5: [trial(200, 210), trial(400, 410)]},
        "pairs": {5: [trial(None, 90, 1000, candidates=4, energy=-2.0)] * 2},
        "graph": {5: [trial(50, 90, 1000, candidates=4, energy=-3.0), trial(3, 90, 1000, candidates=4, energy=-3.0)]},
    }
    said = three_bodies.beforehand_numbers(found, 5, {"pairs": [0.1, 0.3], "graph": [0.3, 0.5]})
    assert (said["pair_error"], said["graph_error"]) == ("0.20", "0.40")
    assert (said["pair_found"], said["graph_found"], said["three_all"], said["three_relaxed"]) == (0, 2, 2, 1)
    assert (said["three_rival"], said["three_multistart"], said["three_labels"]) == ("300", "300", "1,000")
    assert said["three_paybacks"].startswith("the pairs never pays, since its search alone takes")
    assert said["three_paybacks"].endswith(", and the graph pays after 4 searches"), (
        "1,000 labels, 26.5 calls rather than 300"
    )
    assert (said["pair_ends"], said["graph_ends"]) == ("−2.00 (2 of 2)", "−3.00 (2 of 2)")


def test_half_of_the_searches_decide():
    never, half, always = [trial(None, 9)] * 2, [trial(5, 9), trial(None, 9)], [trial(5, 9)] * 2
    assert [holds for _, _, holds in three_bodies.three_body_goals(never, always)] == [True, True]
    assert [holds for _, _, holds in three_bodies.three_body_goals(half, half)] == [False, False]
    assert three_bodies.three_body_goals(half, always)[0][1] == "1 of 2"
