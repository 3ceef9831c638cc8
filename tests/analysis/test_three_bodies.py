"""Searches for a potential that is no sum over pairs."""

from surrogates import potentials
from surrogates.analysis import three_bodies
from tests.analysis.test_searches import trial


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


def test_half_of_the_searches_decide():
    assert [holds for _, _, holds in three_bodies.three_body_goals(2, 50, 60)] == [True, True]
    assert [holds for _, _, holds in three_bodies.three_body_goals(30, 30, 60)] == [False, False]
    assert three_bodies.three_body_goals(2, 50, 60)[0][1] == "2 of 60"
