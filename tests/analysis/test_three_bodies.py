"""Searches for a potential that is no sum over pairs."""

import numpy as np

from surrogates.analysis import three_bodies
from tests.analysis.test_surrogate_search import trial


def test_successes_by_the_relaxation_are_those_after_the_last_candidate():
    tried = [trial(5, 30, candidates=4), trial(4, 30, candidates=4), trial(None, 30, candidates=4)]
    assert three_bodies.found_by_relaxation(tried) == 1


def test_structures_have_their_energies_in_the_title():
    (axes,) = three_bodies.with_energies({"pairs": np.zeros((1, 2))}, {"pairs": -3.14159}).axes
    assert axes.get_title() == "pairs\nV = −3.14"
