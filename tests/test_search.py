"""The search with a surrogate: what it finds, what it costs, what it refuses to trust."""

import numpy as np
import pytest

from surrogates import datasets, potential, search, splines, structures

LOWEST_OF_7 = -12.534867


@pytest.fixture(scope="module")
def known():
    return datasets.simulate(datasets.Data("low", sizes=(300, 1, 1))).train


@pytest.fixture(scope="module")
def fitted(known):
    return splines.fit(known)


def counted():
    return structures.Counted(potential.energy_and_forces)


def shifted(by):
    """A surrogate that is wrong by a constant."""

    def potential_(positions):
        energies, forces = potential.energy_and_forces(positions)
        return energies + by, forces

    return potential_


def test_a_surrogate_finds_the_hexagon_for_a_few_true_calls(fitted):
    true, learned = counted(), search.Guarded([fitted], fitted.closest)
    found = search.search(learned, true, 7, np.random.default_rng(0), starts=1, hops=40)
    assert found.best.energy == pytest.approx(LOWEST_OF_7, abs=1e-4)
    assert true.until(LOWEST_OF_7 + 1e-4) <= true.calls["search"] < 60
    assert learned.counts["calls"] > 10 * true.calls["search"]
    assert found.counts["minima"] == 41
    np.testing.assert_allclose(found.candidates.true, potential.energy(np.stack(found.candidates.positions)))
    assert found.candidates.true.is_monotonic_increasing
    assert len(found.candidates) <= 5


def test_candidates_differ(fitted):
    learned = search.Guarded([fitted], fitted.closest)
    found = search.search(learned, counted(), 7, np.random.default_rng(1), starts=2, hops=30, keep=3)
    distances = np.sort(potential.pair_distances(np.stack(found.candidates.positions)))
    for i in range(len(distances)):
        for j in range(i):
            assert np.abs(distances[i] - distances[j]).max() >= search.SAME


def test_the_mean_of_several_surrogates_and_how_far_they_agree():
    learned = search.Guarded([shifted(-1.0), shifted(0.0), shifted(4.0)], closest=0.5, spread=2.0)
    positions = structures.random_start(6, np.random.default_rng(0))
    energy, forces = learned(positions)
    assert energy == pytest.approx(potential.energy(positions) + 1.0)
    np.testing.assert_allclose(forces, potential.energy_and_forces(positions)[1])
    assert learned.disagreement(positions) == pytest.approx(np.std([-1, 0, 4]))
    assert learned.objection(structures.Minimum(float(energy), positions)) == "members disagree"
    learned.spread = 3.0
    assert learned.objection(structures.Minimum(float(energy), positions)) == ""


def test_no_two_atoms_closer_than_in_training():
    def collapse(positions):  # a surrogate that was never told of close pairs
        distance = potential.pair_distances(positions)
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
    assert len(found.candidates) == 0
    assert true.calls["search"] == 0, "nothing was worth a call"


def test_a_surrogate_that_gives_nan_is_counted_and_never_believed():
    def broken(positions):
        return np.full(np.shape(positions)[:-2], np.nan)[()], np.full(np.shape(positions), np.nan)

    true, learned = counted(), search.Guarded([broken], 0.9)
    found = search.search(learned, true, 5, np.random.default_rng(0), starts=2, hops=3)
    assert found.best.energy == np.inf
    assert found.counts == {"minima": 8, "not finite": 8}
    assert learned.counts["nan"] == learned.counts["calls"] > 0
    assert not true.calls


def test_what_was_checked_is_learned(known):
    sizes = []

    def learn(structures_):
        sizes.append(len(structures_.energies))
        fitted = splines.fit(known)
        return search.Guarded([fitted], fitted.closest)

    start = datasets.simulate(datasets.Data("low", 7, 8.0, sizes=(20, 1, 1))).train
    true = counted()
    options = {"starts": 1, "hops": 10, "keep": 3}
    found = search.rounds(learn, start, true, 7, np.random.default_rng(0), times=3, **options)
    assert len(found) == 3
    assert sizes == list(np.cumsum([20, *(len(one.candidates) for one in found[:2])]))
    assert true.calls["search"] >= sum(len(one.candidates) for one in found)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"closest": 0}, "^closest = 0: give"),
        ({"closest": 0.9, "members": []}, r"^members = \[\]: give one surrogate"),
        ({"closest": 0.9, "spread": 0}, "^spread = 0: give"),
    ],
)
def test_a_guard_that_cannot_be_meant_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        search.Guarded(**{"members": [potential.energy_and_forces], **settings})


@pytest.mark.parametrize("name", ["starts", "keep", "relaxed"])
def test_numbers_of_a_search_are_1_or_more(name, fitted):
    with pytest.raises(ValueError, match=f"^{name} = 0: give a whole number, 1 or more"):
        search.search(search.Guarded([fitted], 0.9), counted(), 4, np.random.default_rng(0), **{name: 0})
