"""Operations that leave the true energy as it is."""

import numpy as np
import pytest

from surrogates.data import symmetry


def test_the_shift_is_that_of_the_translations(positions):
    moved = symmetry.translated(positions, 6.0, np.random.default_rng(0))
    lengths = np.linalg.norm((moved - positions)[:, 0], axis=-1)
    assert symmetry.shift(positions, 6.0) == pytest.approx(lengths.mean())
    assert 0.1 < lengths.mean() < 3.0
    assert (moved >= 0).all() and (moved <= 6.0).all()
