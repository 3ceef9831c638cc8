"""Descents and walks side by side: each as if it were alone, the potential asked for all of them at once."""

import dataclasses

import numpy as np
import pytest

from surrogates import potentials, search, training
from surrogates.search import side_by_side
from tests.search import LJ

SEVEN = search.lennard_jones_problem(7)
STARTS = np.array([search.seeded_start(7, seed)[0] for seed in range(12)])


class Batches(potentials.Potential, registered=False):
    """A potential that keeps how many structures it was asked for at once."""

    def __init__(self, potential):
        self.potential, self.sizes = potential, []

    def compute(self, structures):
        self.sizes.append(len(structures))
        return self.potential(structures)


def assert_same(found, expected):
    assert [one.energy for one in found] == [one.energy for one in expected]
    np.testing.assert_array_equal([one.positions for one in found], [one.positions for one in expected])


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_descent_does_not_depend_on_the_others(dimensions):
    starts = np.array([search.seeded_start(13, seed, dimensions)[0] for seed in range(9)])
    asked = Batches(LJ)
    found = search.relax_all(asked, starts)
    assert_same(search.relax_all(LJ, starts[3:6]), found[3:6])
    assert_same(search.relax_all(LJ, starts[::-1]), found[::-1])
    assert asked.sizes[:2] == [8, 1] and set(asked.sizes) == {1, 2, 4, 8}, "a network is compiled for each size"
    for one in found:
        energy, forces = LJ(one.positions)
        assert one.energy == pytest.approx(energy, abs=1e-9)
        assert np.abs(forces).max() <= search.FINE


@pytest.mark.parametrize("units", [(1.0, 1.0), (2.5, 0.01)])
def test_descents_are_as_good_as_those_of_scipy(units):
    """In minima and in calls, of any units."""
    potential = potentials.LennardJones(*units)
    starts = np.array([search.seeded_start(13, seed)[0] for seed in range(40)]) * units[0]
    one, many = potentials.Counted(potential), potentials.Counted(potential)
    expected = [search.relax(one, start).energy / units[1] for start in starts]
    found = [minimum.energy / units[1] for minimum in search.relax_all(many, starts)]
    assert np.mean(found) == pytest.approx(np.mean(expected), abs=0.6)
    assert many.calls["search"] < 1.25 * one.calls["search"]
    below = [search.relax(potential, minimum.positions).energy for minimum in search.relax_all(potential, starts)]
    np.testing.assert_allclose(np.array(below) / units[1], found, atol=1e-5)


def test_of_a_network_to_rounding(pairs):
    learned = training.Learned(pairs, 7, warn=False)
    found = search.relax_all(learned, STARTS[:4])
    for one, start in zip(found, STARTS[:4], strict=True):
        (alone,) = search.relax_all(learned, [start])
        assert one.energy == pytest.approx(alone.energy, abs=1e-3)
        assert one.energy == pytest.approx(search.relax(learned, start).energy, abs=1e-3)
    assert_same(search.relax_all(learned, STARTS[:4]), found)


def test_a_descent_that_breaks_ends_alone():
    def broken(positions):
        energies, forces = LJ(positions)
        return np.where(np.abs(positions - STARTS[1]).max(axis=(-2, -1)) < 0.05, np.nan, energies), forces

    found = search.relax_all(broken, STARTS[:3])
    assert found[1].energy == np.inf
    np.testing.assert_array_equal(found[1].positions, STARTS[1])
    assert_same(found[::2], search.relax_all(LJ, STARTS[:3])[::2])
    assert search.relax_all(LJ, []) == []


def test_a_potential_without_a_minimum_is_left(monkeypatch):
    monkeypatch.setattr(side_by_side, "CALLS_AT_MOST", 50)
    asked = Batches(lambda positions: (positions[..., 0, 0], -np.eye(1, 14).reshape(7, 2) + 0 * positions))
    (found,) = search.relax_all(asked, STARTS[:1])
    assert len(asked.sizes) == 50 and found.energy < STARTS[0, 0, 0] - 10


@pytest.mark.parametrize("tolerance", [search.FINE, 0.3])
def test_walks_find_what_basin_hopping_finds(tolerance):
    method = search.BasinHopping(tolerance=tolerance)
    rngs = [SEVEN.random(seed) for seed in range(5)]
    walks = method.walks(LJ, SEVEN, rngs, hops=40)
    assert [len(visited) for visited in walks] == [41] * 5
    (alone,) = method.walks(LJ, SEVEN, [SEVEN.random(3)], hops=40)
    assert_same(walks[3], alone)
    one, many = potentials.Counted(LJ), potentials.Counted(LJ)
    for seed in range(5):
        method.minimise(one, SEVEN.start(SEVEN.random(seed)), SEVEN.random(seed), hops=40)
    method.walks(many, SEVEN, rngs, hops=40)
    assert many.calls["search"] == pytest.approx(one.calls["search"], rel=0.25)
    assert min(minimum.energy for minimum in alone) == pytest.approx(search.lowest_known(7), abs=1e-4)
    for visited in walks:
        lows = np.minimum.accumulate([minimum.energy for minimum in visited])
        for minimum, low in zip(visited, lows, strict=True):
            force = np.abs(LJ(minimum.positions)[1]).max()
            assert force <= (search.FINE if minimum.energy == low else tolerance), "a lowest one is relaxed to the end"


def test_walks_accept_by_the_temperature_and_end_by_patience():
    cold, hot = (search.BasinHopping(temperature=value, shake=0.3, surface=0.0) for value in (1e-9, 1e9))
    (steady,) = cold.walks(LJ, SEVEN, [SEVEN.random(0)], hops=30)
    (wild,) = hot.walks(LJ, SEVEN, [SEVEN.random(0)], hops=30)
    assert np.mean([minimum.energy for minimum in wild]) > np.mean([minimum.energy for minimum in steady])
    (short,) = dataclasses.replace(cold, patience=3).walks(LJ, SEVEN, [SEVEN.random(0)], hops=1000)
    assert len(short) < 200
    assert_same(short[:31], steady[: len(short)])
    lowest = min(minimum.energy for minimum in short[:-3])
    assert all(minimum.energy > lowest - 1e-6 for minimum in short[-3:])


@pytest.mark.parametrize("kind", [search.OnSurrogate, search.InRounds])
def test_a_strategy_searches_its_starts_side_by_side(kind):
    asked = Batches(LJ)
    learned = search.Given(search.Committee((asked,), 0.9)) if kind is search.OnSurrogate else search.PairSpline()
    strategy = kind(learned, starts=4, hops=20, together=True)
    (first,), (again,) = (search.trials_of(SEVEN, strategy, 0, 200) for _ in range(2))
    assert first.found and first == again
    (apart,) = search.trials_of(SEVEN, dataclasses.replace(strategy, together=False), 0, 200)
    assert first.counts != apart.counts, "random numbers of their own"
    assert first.counts["minima"] % (4 * 21) == 0
    if kind is search.OnSurrogate:
        assert max(asked.sizes) == 4
        with pytest.raises(ValueError, match="^together = True, method = CMAES.*only basin hopping"):
            dataclasses.replace(strategy, method=search.CMAES())
