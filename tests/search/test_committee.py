"""A committee: the mean of its members, its walls, its objections."""

import dataclasses

import numpy as np
import pytest

from surrogates import potentials, search, testing
from surrogates.search import committee

LJ = potentials.LennardJones()


def shifted(by):
    """A surrogate that is wrong by a constant."""

    def learned(positions):
        energies, forces = LJ(positions)
        return energies + by, forces

    return learned


def flat(positions):
    return np.zeros(np.shape(positions)[:-2])[()], np.zeros(np.shape(positions))


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_mean_of_several_surrogates_and_how_far_they_agree(dimensions):
    learned = search.Committee([shifted(-1.0), shifted(0.0), shifted(4.0)], closest=0.5, spread=2.0)
    positions = search.random_start(6, np.random.default_rng(0), dimensions=dimensions)
    energy, forces = learned(positions)
    assert energy == pytest.approx(LJ(positions)[0] + 1.0)
    np.testing.assert_allclose(forces, LJ(positions)[1])
    assert learned.disagreement(positions) == pytest.approx(np.std([-1, 0, 4]))
    assert learned.objection(potentials.Minimum(float(energy), positions)) == "members disagree"
    wider = dataclasses.replace(learned, spread=3.0)
    assert wider.objection(potentials.Minimum(float(energy), positions)) == ""


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_walls_have_the_slope_of_their_energy(dimensions):
    learned = search.Committee([flat], closest=0.9, farthest=2.0)
    rng = np.random.default_rng(0)
    steps = 1e-6 * np.eye(4 * dimensions).reshape(-1, 4, dimensions)
    for scale in (0.4, 1.5):
        positions = scale * search.random_start(4, rng, dimensions=dimensions)
        expected = -(learned(positions + steps)[0] - learned(positions - steps)[0]).reshape(4, -1) / 2e-6
        np.testing.assert_allclose(learned(positions)[1], expected, rtol=1e-5, atol=1e-4)
        assert np.abs(expected).max() > 1


def test_a_batch_is_its_parts():
    learned = search.Committee([shifted(1.0), shifted(2.0)], closest=0.9)
    several = np.random.default_rng(0).random((5, 4, 2)) * 3
    energies, forces = learned(several)
    for one, energy, force in zip(several, energies, forces, strict=True):
        assert learned(one)[0] == pytest.approx(energy)
        np.testing.assert_allclose(learned(one)[1], force)
    assert learned.counts["calls"] == 15
    assert learned.counts["calls beyond the range"] % 3 == 0


def test_members_that_give_nan_do_not_agree():
    def broken(positions):
        return np.nan, np.zeros_like(positions)

    learned = search.Committee([LJ, broken], 0.9, spread=1.0)
    positions = 1.2 * search.random_start(4, np.random.default_rng(0))
    assert learned.objection(potentials.Minimum(-1.0, positions)) == "members disagree"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"closest": -1}, "^closest = -1: give a distance, or 0"),
        ({"closest": np.nan}, "^closest = nan: give a distance"),
        ({"closest": 0.9, "members": []}, r"^members = \(\): give one surrogate"),
        ({"closest": 0.9, "spread": 0}, "^spread = 0: give"),
        ({"closest": 0.9, "spread": np.inf}, "^spread = inf: give a finite number above 0, or None"),
        ({"closest": 0.9, "spread": 0.1}, "^spread = 0.1: it takes two"),
        ({"closest": 0.9, "farthest": 0.5}, "^farthest = 0.5: give a distance above closest"),
    ],
)
def test_a_trust_region_that_cannot_be_meant_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        search.Committee(**{"members": [LJ], **settings})


def test_atoms_farther_apart_than_in_training_are_pulled_back():
    learned = search.Committee([flat], closest=0.9, farthest=2.0)
    apart = np.array([[0.0, 0.0], [3.0, 0.0]])
    energy, forces = learned(apart)
    assert energy == pytest.approx(committee.WALL)
    np.testing.assert_allclose(forces, [[2 * committee.WALL, 0.0], [-2 * committee.WALL, 0.0]])
    assert learned.objection(potentials.Minimum(energy, apart)) == "too far apart"
    assert learned.objection(potentials.Minimum(0.0, apart / 2)) == ""
    assert learned.objection(potentials.Minimum(0.0, apart / 10)) == "too close"


def test_a_committee_within_bounds_is_the_mean_everywhere():
    positions = np.array([[0.0, 0.0], [0.3, 0.0], [50.0, 0.0]])
    learned = search.Committee([LJ])
    assert learned(positions)[0] == LJ(positions)[0]
    assert learned.objection(potentials.Minimum(0.0, positions)) == ""
    assert potentials.pair_distances(positions).min() == pytest.approx(0.3)


def test_a_committee_is_a_potential():
    members = (potentials.Morse(1.0, 5.0), potentials.Morse(1.1, 4.5))
    testing.check_potential(search.Committee(members, closest=0.9, farthest=2.0), dimensions=3, gradient_rtol=1e-4)
