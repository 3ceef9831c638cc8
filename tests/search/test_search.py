"""The search with a surrogate: what it finds, what it costs, what it refuses to trust."""

import itertools

import numpy as np
import pytest

from surrogates import data, potentials, search
from surrogates.search import structures, trials

LJ = potentials.LennardJones()

LOWEST_OF_7 = trials.known(7)


@pytest.fixture(scope="module")
def known():
    return data.simulate(data.Data("low", sizes=(300, 1, 1))).train


@pytest.fixture(scope="module")
def fitted(known):
    return potentials.fit_spline(known)


def counted():
    return potentials.Counted(LJ)


def shifted(by):
    """A surrogate that is wrong by a constant."""

    def potential_(positions):
        energies, forces = LJ(positions)
        return energies + by, forces

    return potential_


def test_a_surrogate_finds_the_hexagon_for_a_few_true_calls(fitted):
    true, learned = counted(), search.Guarded([fitted], fitted.closest)
    found = search.search(learned, true, 7, np.random.default_rng(0), starts=1, hops=40)
    assert found.best.energy == pytest.approx(LOWEST_OF_7, abs=1e-4)
    assert true.until(LOWEST_OF_7 + 1e-4) <= true.calls["search"] < 60
    assert learned.counts["calls"] > 10 * true.calls["search"]
    assert found.counts["minima"] == 41
    np.testing.assert_allclose(found.candidates.true, LJ.energy(np.stack(found.candidates.positions)))
    assert found.candidates.true.is_monotonic_increasing
    assert found.counts["candidates"] == len(found.candidates) <= 5
    assert found.counts["duplicates"] > 0


def test_candidates_differ(fitted):
    learned = search.Guarded([fitted], fitted.closest)
    found = search.search(learned, counted(), 7, np.random.default_rng(1), starts=2, hops=30, keep=3)
    distances = np.sort(potentials.pair_distances(np.stack(found.candidates.positions)))
    assert len(distances) == 3
    for i in range(len(distances)):
        for j in range(i):
            assert np.abs(distances[i] - distances[j]).max() >= search.SAME


def test_the_mean_of_several_surrogates_and_how_far_they_agree():
    learned = search.Guarded([shifted(-1.0), shifted(0.0), shifted(4.0)], closest=0.5, spread=2.0)
    positions = structures.random_start(6, np.random.default_rng(0))
    energy, forces = learned(positions)
    assert energy == pytest.approx(LJ.energy(positions) + 1.0)
    np.testing.assert_allclose(forces, LJ(positions)[1])
    assert learned.disagreement(positions) == pytest.approx(np.std([-1, 0, 4]))
    assert learned.objection(structures.Minimum(float(energy), positions)) == "members disagree"
    learned.spread = 3.0
    assert learned.objection(structures.Minimum(float(energy), positions)) == ""


def test_no_two_atoms_closer_than_in_training():
    def collapse(positions):  # a surrogate that was never told of close pairs
        distance = potentials.pair_distances(positions)
        apart = positions[..., :, None, :] - positions[..., None, :, :]
        return 0.5 * (distance**2).sum(axis=-1), -apart.sum(axis=-2)

    learned = search.Guarded([collapse], closest=0.9)
    positions = structures.random_start(4, np.random.default_rng(0))
    steps = 1e-6 * np.eye(8).reshape(8, 4, 2)
    close = 0.7 * positions
    expected = -(learned(close + steps)[0] - learned(close - steps)[0]).reshape(4, 2) / 2e-6
    np.testing.assert_allclose(learned(close)[1], expected, rtol=1e-5, atol=1e-5)

    true = counted()
    found = search.search(learned, true, 4, np.random.default_rng(0), starts=1, hops=5)
    assert found.best.energy == np.inf
    assert found.counts == {"minima": 6, "too close": 6}
    assert 0 < learned.counts["calls beyond the range"] < learned.counts["calls"]
    assert len(found.candidates) == 0
    assert true.calls["search"] == 0, "nothing was worth a call"


def test_a_surrogate_without_forces_is_searched_by_cma_es():
    def collapse(positions):
        return potentials.pair_distances(positions).sum(axis=-1), np.full(np.shape(positions), np.nan)

    true, learned = counted(), search.Guarded([collapse], closest=0.95)
    evolution = structures.Evolution(calls=2000)
    found = search.search(learned, true, 4, np.random.default_rng(0), evolution, starts=2, keep=3)
    asked = learned.counts["calls"]
    assert 0 < learned.counts["calls beyond the range"] < asked <= 2 * (2000 + 20)
    assert found.counts["candidates"] == len(found.candidates)
    assert found.counts["too close"] > 0, "the wall gives way a little, and what lies in it is no candidate"
    assert 1 <= len(found.candidates) <= 3
    assert potentials.closest_pair(np.stack(found.candidates.positions)).min() >= 0.95
    np.testing.assert_allclose(found.candidates.true, LJ.energy(np.stack(found.candidates.positions)))
    assert found.best.energy == pytest.approx(trials.known(4), abs=1e-3), "as near as that to the truth"


def test_a_surrogate_that_gives_nan_is_counted_and_never_believed():
    def broken(positions):
        return np.full(np.shape(positions)[:-2], np.nan)[()], np.full(np.shape(positions), np.nan)

    true, learned = counted(), search.Guarded([broken], 0.9)
    found = search.search(learned, true, 5, np.random.default_rng(0), starts=2, hops=3)
    assert found.best.energy == np.inf
    assert found.counts == {"minima": 8, "not finite": 8}
    assert learned.counts["energies not finite"] == learned.counts["calls"] > 0
    assert not true.calls


def test_forces_that_are_not_finite_are_counted_too():
    def broken(positions):
        return np.zeros(np.shape(positions)[:-2])[()], np.full(np.shape(positions), np.nan)

    true, learned = counted(), search.Guarded([broken], 0.9)
    found = search.search(learned, true, 5, np.random.default_rng(0), starts=2, hops=3)
    assert found.counts == {"minima": 8, "not finite": 8}
    assert learned.counts["forces not finite"] == learned.counts["calls"] > 0
    assert learned.counts["energies not finite"] == 0
    assert not true.calls


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_surrogate_that_breaks_down_in_places_leads_nowhere_else(value):
    """Below -6, where the lowest structures of 7 atoms lie, it has no energies."""

    def broken(positions):
        energy, forces = LJ(positions)
        return (energy if energy > -6 else value), forces

    true, learned = counted(), search.Guarded([broken], 0.9)
    found = search.search(learned, true, 7, np.random.default_rng(3), starts=1, hops=20)
    assert found.counts["not finite"] > 0
    assert learned.counts["energies not finite"] > 0
    assert (found.candidates.learned > -6).all()


def test_members_that_give_nan_do_not_agree():
    def broken(positions):
        return np.nan, np.zeros_like(positions)

    learned = search.Guarded([LJ, broken], 0.9, spread=1.0)
    positions = 1.2 * structures.random_start(4, np.random.default_rng(0))
    assert learned.objection(structures.Minimum(-1.0, positions)) == "members disagree"


def test_what_was_checked_is_learned(known):
    learned_from = []

    def learn(so_far):
        learned_from.append(so_far)
        fitted = potentials.fit_spline(known)  # of 32 atoms: what is added here are few and alike
        return search.Guarded([fitted], fitted.closest)

    start = data.simulate(data.Data("low", 7, 8.0, sizes=(20, 1, 1))).train
    true = counted()
    options = {"starts": 1, "hops": 10, "keep": 3}
    rounds = search.rounds(learn, start, true, 7, np.random.default_rng(0), **options)
    expected = start
    for number, (one, so_far) in enumerate(itertools.islice(rounds, 3), 1):
        assert len(learned_from) == number, "each round learns once, and no further one is begun"
        np.testing.assert_array_equal(learned_from[-1].energies, expected[1])
        assert len(one.candidates)
        positions, energies = np.stack(one.candidates.positions), one.candidates.true
        expected = [np.concatenate(parts) for parts in zip(expected, (positions, energies), strict=True)]
        np.testing.assert_array_equal(so_far.positions, expected[0])
        np.testing.assert_array_equal(so_far.energies, expected[1])
    np.testing.assert_allclose(so_far.energies, LJ.energy(so_far.positions))
    assert true.calls["search"] >= len(so_far.energies) - 20


def test_an_energy_that_is_not_finite_teaches_nothing(fitted):
    def broken(positions):
        return np.full(np.shape(positions)[:-2], np.nan)[()], np.zeros_like(positions)

    start = data.simulate(data.Data("low", 5, 8.0, sizes=(20, 1, 1))).train
    true = potentials.Counted(broken)
    options = {"starts": 1, "hops": 5}
    learned = search.Guarded([fitted], fitted.closest)
    rounds = search.rounds(lambda known: learned, start, true, 5, np.random.default_rng(0), **options)
    for found, known in itertools.islice(rounds, 2):
        assert len(known.energies) == 20
        assert found.best.energy == np.inf
    assert true.calls["not finite"] == true.calls["search"] > 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"closest": -1}, "^closest = -1: give a distance, or 0"),
        ({"closest": np.nan}, "^closest = nan: give a distance"),
        ({"closest": 0.9, "members": []}, r"^members = \[\]: give one surrogate"),
        ({"closest": 0.9, "spread": 0}, "^spread = 0: give"),
        ({"closest": 0.9, "spread": 0.1}, "^spread = 0.1: it takes two"),
    ],
)
def test_a_guard_that_cannot_be_meant_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        search.Guarded(**{"members": [LJ], **settings})


@pytest.mark.parametrize("name", ["starts", "hops", "keep", "relaxed"])
def test_numbers_of_a_search_are_1_or_more(name, fitted):
    with pytest.raises(ValueError, match=f"^{name} = 0: give a whole number, 1 or more"):
        search.search(search.Guarded([fitted], 0.9), counted(), 4, np.random.default_rng(0), **{name: 0})


def test_atoms_farther_apart_than_in_training_are_pulled_back():
    def flat(positions):
        return np.zeros(np.shape(positions)[:-2])[()], np.zeros(np.shape(positions))

    learned = search.Guarded([flat], closest=0.9, farthest=2.0)
    apart = np.array([[0.0, 0.0], [3.0, 0.0]])
    energy, forces = learned(apart)
    assert energy == pytest.approx(search.WALL)
    np.testing.assert_allclose(forces, [[2 * search.WALL, 0.0], [-2 * search.WALL, 0.0]])
    assert learned.objection(structures.Minimum(energy, apart)) == "too far apart"
    assert learned.objection(structures.Minimum(0.0, apart / 2)) == ""
    assert learned.objection(structures.Minimum(0.0, apart / 10)) == "too close"
    with pytest.raises(ValueError, match="farthest = 0.5: give a distance above closest"):
        search.Guarded([flat], closest=0.9, farthest=0.5)
