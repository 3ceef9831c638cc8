"""Both errors of one surrogate."""

import numpy as np
import pytest

from surrogates import datasets, potential, regimes

DATA = datasets.Data("both", sizes=(5, 5, 400))


def test_the_truth_has_no_error():
    assert regimes.scores(potential.energy, DATA) == {"mape": 0.0, "mae": 0.0}


def test_each_error_is_on_its_own_scale():
    full, low = (datasets.simulate(datasets.Data(kind, sizes=(5, 5, 400))).test for kind in ("full", "low"))
    found = regimes.scores(lambda positions: np.full(len(positions), -1.0), DATA)
    logs = np.log(full.energies + 32)
    assert found["mape"] == pytest.approx(100 * np.mean(np.abs(np.log(31.0) - logs) / logs))
    assert found["mae"] == pytest.approx(np.abs(low.energies + 1).mean())
    assert found == regimes.scores(lambda positions: np.full(len(positions), -1.0), datasets.Data(sizes=(5, 5, 400)))


def test_an_energy_without_logarithm_is_an_error_of_100_percent():
    found = regimes.scores(lambda positions: np.full(len(positions), -1e6), DATA)
    assert found["mape"] == pytest.approx(100)


def test_the_goals_are_the_report_s_numbers():
    assert regimes.goals() == {"mape": 6.6, "mae": 0.244}
    assert regimes.reached({"mape": 6.6, "mae": 0.2})
    assert not regimes.reached({"mape": 6.0, "mae": 0.25})
