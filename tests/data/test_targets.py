"""What surrogates are trained on, and the way back to energies."""

import numpy as np
import pytest

from surrogates import data


def test_the_target_and_its_inverse():
    energies = np.array([-31.0, -7.25, 0.0, 1e3, 1e30, np.inf])
    targets = data.log_energy(energies)
    assert targets[0] == 0
    assert targets[2] == pytest.approx(np.log(32))
    np.testing.assert_allclose(data.targets.energy_from_log(targets), energies, rtol=1e-13)
    for bad in (-32.0, -100.0, np.nan):
        with pytest.raises(ValueError, match="needs V > -32"):
            data.log_energy(np.array([1.0, bad]))


def test_the_inverse_does_not_overflow_in_float32():
    assert data.targets.energy_from_log(np.array([200.0], dtype="float32"))[0] == pytest.approx(np.exp(200.0))


def test_the_target_of_both_regimes_and_its_inverse():
    energies = np.array([-83.0, -1.0, -1e-9, 0.0, 1e-9, 1.0, 1e30, np.inf])
    targets = data.linear_log(energies)
    np.testing.assert_array_equal(targets[:4], energies[:4])
    np.testing.assert_allclose(targets[4:], np.log1p(energies[4:]), rtol=1e-15)
    assert (np.diff(targets) > 0).all()
    np.testing.assert_allclose(data.targets.energy_from_linear_log(targets), energies, rtol=1e-13)
    step = 1e-6
    slopes = np.diff(data.linear_log(np.array([-step, 0.0, step]))) / step
    np.testing.assert_allclose(slopes, 1.0, rtol=1e-5)


def test_the_logarithm_in_units_of_the_energy_and_its_inverse():
    energies = np.array([-31.0, -7.25, -1e-9, 0.0, 1e-9, 1e3, 1e30, np.inf])
    targets = data.scaled_log(energies)
    np.testing.assert_allclose(targets, 32 * np.log((energies + 32) / 32), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(data.targets.energy_from_scaled_log(targets), energies, rtol=1e-13)
    assert targets[3] == 0
    assert data.TARGETS["scaled-log"].slope(np.array([0.0, 32.0])).tolist() == [1.0, 2.0]
    step = 1e-6
    np.testing.assert_allclose(np.diff(data.scaled_log(np.array([-step, 0.0, step]))) / step, 1.0, rtol=1e-5)
    with pytest.raises(ValueError, match="needs V > -32; the lowest V given is -40"):
        data.scaled_log(np.array([1.0, -40.0]))
