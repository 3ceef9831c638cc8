"""Operations that leave the true energy as it is."""

import numpy as np
import pytest

from surrogates import potentials
from surrogates.data import symmetry


def test_the_shift_is_that_of_the_translations(positions):
    moved = symmetry.translated(positions, 6.0, np.random.default_rng(0))
    lengths = np.linalg.norm((moved - positions)[:, 0], axis=-1)
    assert symmetry.shift(positions, 6.0) == pytest.approx(lengths.mean())
    assert 0.1 < lengths.mean() < 3.0
    assert (moved >= 0).all() and (moved <= 6.0).all()


@pytest.mark.parametrize("d", [2, 3])
def test_shrunk_structures_stay_in_the_box_at_any_angle(d):
    positions = 6.0 * np.random.default_rng(0).random((50, 8, d))
    inner = symmetry.shrunk(positions, 6.0)
    moved = symmetry.turned(inner, 6.0, np.random.default_rng(1))
    assert (moved >= 0).all() and (moved <= 6.0).all()
    np.testing.assert_allclose(potentials.pair_distances(moved), potentials.pair_distances(inner), rtol=1e-9)
    assert np.abs(moved - inner).max() > 1.0


def test_a_prediction_that_sees_directions_changes_when_turned_and_one_of_distances_does_not():
    positions = 6.0 * np.random.default_rng(0).random((50, 8, 2))
    of_x = symmetry.changes(lambda given: given[..., 0].std(axis=1), positions, 6.0)
    of_distance = symmetry.changes(lambda given: potentials.closest_pair(given), positions, 6.0)
    assert of_x["permutation"] < 1e-9 and of_x["rotation"] > 0.05
    assert max(of_distance.values()) < 1e-9
