"""What the page on a system of the reader's own shows."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from surrogates import data, potentials, search
from surrogates.analysis import plots, searches, your_own_system

LJ = potentials.LennardJones()


@pytest.mark.parametrize("value", ["rc=9", ["rc"], {3: 4}, {"rc; import os": 1}])
def test_arguments_that_have_no_names_are_refused(value):
    with pytest.raises(ValueError, match="^arguments = .*: give the arguments by their names"):
        your_own_system.by_name("arguments", value)


def test_arguments_are_given_as_they_are():
    assert your_own_system.by_name("arguments", None) == {}
    assert your_own_system.by_name("arguments", {"rc": 9.0}) == {"rc": 9.0}


def trials(*calls):
    return [search.Trial(found, found or 100, -1.0) for found in calls]


def test_calls_of_both_ways_are_compared():
    found = {"plain": {5: trials(40, 60), 7: trials(None, 100)}, "learned": {5: trials(10, 10), 7: trials(None, None)}}
    numbers = your_own_system.calls_for_one(found, "plain", "learned")
    assert (numbers["first_rival"], numbers["first_learned"], numbers["largest_rival"]) == ("50", "10", "200")
    assert numbers["worth"] == (
        "With 5 atoms the surrogate takes 5 times fewer calls. "
        "With 7 atoms the surrogate reaches the goal in no search."
    )
    both = {"plain": {5: trials(40, 60), 7: trials(30)}, "learned": {5: trials(10, 10), 7: trials(20)}}
    assert your_own_system.worth(both, "plain", "learned") == "That is 5 and 1.5 times fewer calls."


SETTINGS = SimpleNamespace(
    seed=0, search_seeds=2, most_calls=60, temperatures=[0.2, 0.4], patiences=[3, 6], tolerances=[0.1],
    tuning_seeds=1, tuning_calls=60, finalists=1, final_seeds=1, members=3, most_spread=0.01,
)  # fmt: skip


def test_the_rival_is_tuned_and_searched_from_the_seeds_of_the_others(store):
    problems = {4: search.Problem(LJ, 4, -5.999, dimensions=3)}
    tried = your_own_system.tried_settings(SETTINGS)
    alone = searches.without_surrogate("small", problems, SETTINGS, tried)
    tuned = alone.tuned["basin hopping"]
    assert (tuned[4].strategy.temperature, tuned[4].strategy.patience) in itertools.product([0.2, 0.4], [3, 6])
    rounds = {"in rounds": search.InRounds(search.ExpansionFit(), steps=10, hops=2)}
    found = alone.trials | {
        label: searches.same_settings("small", problems, strategy, 2, 60, SETTINGS)
        for label, strategy in rounds.items()
    }
    assert {label: len(of_size[4]) for label, of_size in found.items()} == {"basin hopping": 2, "in rounds": 2}
    said = your_own_system.rival_numbers(tuned, SETTINGS)
    assert f" and {tuned[4].strategy.patience} hops with 4 atoms. " in said["tuned"]
    assert f"4 atoms, basin hopping: temperature {tuned[4].strategy.temperature:g}; " in said["tuned"], "one of two"
    assert said["tuning_spent"] == str(tuned[4].spent)


def test_a_committee_says_what_it_refused():
    refusing = [search.Trial(30, 30, -1.0, counts={"members disagree": 7})]
    found = {"alone": {5: trials(20), 6: trials(40)}, "together": {5: refusing, 6: trials(40)}}
    said = your_own_system.committee_numbers(found, "alone", "together", SETTINGS)
    assert said["by_committee"] == (
        "It takes 30 calls rather than 20 with 5 atoms, 7 minima refused; 40 calls rather than 40 with 6 atoms, no "
        "minima refused."
    )


def test_a_goal_is_the_lowest_end_and_says_how_many_agree(store):
    budgets = {search.BasinHopping(): 150, search.BasinHopping(pockets=True): 150}
    lowest = your_own_system.lowest_of("small/reference", LJ, 4, budgets, range(2))
    assert lowest["energy"] == pytest.approx(-6.0, abs=1e-4)  # the tetrahedron
    assert lowest["ends"] == 4
    assert 1 <= lowest["agreed"] <= 4
    assert np.shape(lowest["positions"]) == (4, 3)
    ends = {4: {"agreed": 3, "ends": 4}, 9: {"agreed": 1, "ends": 4}}
    assert your_own_system.agreed(ends) == "3 of 4 with 4 atoms and 1 of 4 with 9 atoms end at it."
    assert your_own_system.agreed({4: {"agreed": 4, "ends": 4}}) == "All of them end at it."
    found, problems = your_own_system.goals("small/reference", LJ, [4], budgets, range(2))
    assert found == {4: lowest} and lowest["energy"] < problems[4].goal < lowest["energy"] + 0.01


def test_structures_in_space_are_drawn_from_the_back_to_the_front():
    shown = {"": np.array([[0.0, 0, 0], [1, 0, 0], [0, 2, 0], [0.3, 0.4, 0.2]])}
    patches = plots.gallery(shown, length=2.0).axes[0].patches
    assert len(patches) == 4
    red = [to_rgb(patch.get_facecolor())[0] for patch in patches]
    assert red == sorted(red, reverse=True)  # paler, which blue atoms are by more red, where they are far
    assert max(np.abs(patch.center).max() for patch in patches) < 1.0  # in sigma


def test_dynamics_on_the_true_potential_drift_little():
    start = search.relax(LJ, search.random_start(4, np.random.default_rng(0), 3)).positions
    argon = potentials.as_calculator(LJ, length=3.4, energy=0.0104)
    assert 0 < your_own_system.drift(argon, ["Ar"] * 4, 3.4 * start, 20, seed=0, kelvin=5.0) < 1e-4


def test_a_smooth_surrogate_keeps_the_energy_of_dynamics_and_the_graph_network_does_not(store):
    argon = potentials.LennardJones(3.4, 0.0104)
    problem = search.Problem(argon, 4, -1e9, dimensions=3)
    known = your_own_system.known_of(problem, range(3))
    expansion = search.ExpansionFit().learn(problem, known).members[0]
    settings = SimpleNamespace(
        element="Ar", seed=0, members=1, known_seeds=3, asked_seeds=3, network_epochs=20, dynamics_steps=40
    )
    start = search.relax(argon, problem.start(problem.random(0))).positions
    several = "small/dynamics", problem, start, expansion, known, known, settings
    table = your_own_system.dynamics_table(*several).set_index("Potential")
    true, smooth, counting = (row.str.replace(",", "").astype(float) for _, row in table.iterrows())
    assert true["Their error"] == true["Error of V an atom"] == 0
    assert smooth["Their error"] < 0.2 * true["Vibrations, mean"]
    assert counting["Drift"] > 10 * smooth["Drift"]


def test_a_file_is_learned_from(tmp_path):
    known = your_own_system.known_of(search.Problem(LJ, 4, -1e9, dimensions=3), range(3)).low()
    data.write_structures(tmp_path / "mine.xyz", *known.structures, known.forces)
    frames = data.read_structures(tmp_path / "mine.xyz")
    errors = your_own_system.file_errors(frames, data.FromFile(tmp_path / "mine.xyz"))
    wrong, constant = (float(errors[name].replace(",", "")) for name in ("file_error", "file_constant"))
    assert wrong < constant


def test_the_calibration_as_text():
    table = pd.DataFrame(
        {"structures": [10, 5], "error": [0.02, 0.5], "spread": [0.01, 0.05], "within": [0.5, 0.0]},
        index=["within", "outside"],
    )
    shown = your_own_system.calibration_table(table, potentials.Units(2.2, 0.8, "Å", "eV"))
    assert list(shown.columns) == ["Structures", "How many", "Error / eV", "Spread / eV", "Within two spreads"]
    assert your_own_system.too_small(table) == "2"
