"""Random atoms on their way to a minimum, and the lowest of several searches."""

import numpy as np
import pytest

from surrogates import data, potentials, search
from surrogates.analysis import surrogate_search
from tests.search import LJ, THREE_BODIES

SPLINE = search.SplineFit(data.Data("low", sizes=(300, 1, 1)), 300)


def test_random_atoms_on_their_way_to_the_minimum(store, monkeypatch):
    def moved(learner, hops):
        return search.trajectory("small/way", search.lennard_jones_problem(7), learner, search.BasinHopping(), 0, hops)

    moving = moved(SPLINE, 60)
    frames = np.array(moving["frames"])
    assert len(moving["captions"]) == len(frames) > 5
    assert moving["energies"][-1] == pytest.approx(search.lowest_known(7), abs=1e-4)
    assert len(moving["energies"]) == len(frames)
    assert LJ(frames[-1])[0] == pytest.approx(search.lowest_known(7), abs=0.02)
    assert moving["captions"][0] == "random atoms"
    assert moving["captions"][-1] == "relaxed on the true potential"
    assert 0 < moving["calls"] < 50
    start = search.random_start(7, np.random.default_rng([0, 7]))
    np.testing.assert_allclose(frames[0], start, atol=0.006)
    assert not np.allclose(frames[1], frames[0])
    (fitted,) = SPLINE.committee(search.lennard_jones_problem(7)).members
    narrow = search.Committee((fitted,), fitted.closest, farthest=2.0)  # a hexagon is 2.2 wide
    refusing = moved(search.Given(narrow), 5)
    assert not any(caption.startswith("hop") for caption in refusing["captions"]), "none is shown that it objects to"
    monkeypatch.setattr(search.SplineFit, "learn", None)
    assert moved(SPLINE, 60) == moving


def test_a_way_in_space_is_drawn(store):
    """Of the true energy itself, without walls."""
    learner = search.Given(search.Committee((LJ,)))
    moving = search.trajectory("small/space", search.lennard_jones_problem(7, 3), learner, search.BasinHopping(), 0, 30)
    assert np.array(moving["frames"]).shape[1:] == (7, 3)
    assert moving["energies"][-1] == pytest.approx(search.lowest_known(7, 3), abs=1e-4)
    assert surrogate_search.film(moving, 7).count("<circle") == 7


def test_random_atoms_relaxed_at_once_begin_as_the_searches_do():
    ends = search.relaxed_starts(search.lennard_jones_problem(7), range(3))
    assert len({end.energy for end in ends}) == 3
    again = search.relax(LJ, search.random_start(7, np.random.default_rng([2, 7])))
    assert ends[2].energy == again.energy < 0


def test_the_lowest_of_several_searches_is_the_goal(store):
    reference = search.reference(THREE_BODIES, 5, range(10, 14), hops=30)
    assert reference["energy"] == pytest.approx(-5.0743, abs=1e-3)
    assert reference["energy"] == pytest.approx(THREE_BODIES(np.array(reference["positions"]))[0], abs=1e-4)
    assert 1 <= reference["seeds"] <= 4
    for _ in range(2):
        assert search.reference(THREE_BODIES, 5, range(10, 14), hops=30, name="small/lowest") == reference
    in_space = search.reference(potentials.LennardJones(), 4, range(2), hops=5, dimensions=3)
    assert in_space["energy"] == pytest.approx(-6, abs=1e-3)
