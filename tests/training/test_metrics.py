"""Errors, and those of constants and of the best that could be."""

import numpy as np
import pytest

from surrogates.training import metrics


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ValueError, match="differ in shape"):
        metrics.errors(np.zeros(4), np.zeros((4, 1)))


def test_constants_and_errors_against_a_search():
    targets = np.random.default_rng(0).lognormal(1.0, 1.0, 501)
    constants = metrics.constants(targets)
    candidates = np.linspace(targets.min(), targets.max(), 20_001)
    scores = [metrics.errors(targets, np.full_like(targets, c))["mape"] for c in candidates]
    best = metrics.errors(targets, np.full_like(targets, constants["best constant"]))["mape"]
    assert best <= min(scores) + 1e-9
    assert best == pytest.approx(min(scores), rel=1e-3)
    assert constants["median"] == np.median(targets)
    found = metrics.errors(np.array([2.0, 4.0]), np.array([1.0, 5.0]))
    assert found == {"mape": 37.5, "mae": 1.0, "mse": 1.0}


def test_scores_of_constants_on_every_split():
    train, test = np.array([1.0, 2.0, 9.0]), np.array([2.0, 4.0])
    found = metrics.of_constants(train, {"train": train, "test": test})
    assert found["mean"]["test"] == metrics.errors(test, np.array([4.0, 4.0]))["mape"] == 50.0
    assert found["median"]["test"] == 25.0
    assert found["best constant"]["train"] <= min(found["mean"]["train"], found["median"]["train"])


def test_the_best_prediction_for_the_percentage_error_of_several_draws():
    draws = np.random.default_rng(0).lognormal(1.0, 1.0, (31, 5))
    found = metrics.best_for_mape(draws)
    for column, value in zip(draws.T, found, strict=True):
        assert value == metrics.constants(column)["best constant"]


def test_the_limits_of_what_a_distribution_tells():
    rng = np.random.default_rng(0)
    middle = rng.lognormal(2.0, 1.0, 4000)
    targets, *draws = middle * rng.lognormal(0.0, 0.5, (5, 4000))
    found = metrics.limits(targets, np.array(draws))
    spread = np.exp(0.25) * (np.exp(0.25) - 1)  # the variance of the second factor
    assert found["mse"] == pytest.approx(np.mean(middle**2) * spread, rel=0.15)
    many = metrics.limits(targets, middle * rng.lognormal(0.0, 0.5, (500, 4000)))
    assert many["mse"] == pytest.approx(found["mse"], rel=0.1)  # few draws are enough
    best = min(metrics.errors(targets, factor * middle)["mape"] for factor in np.linspace(0.5, 1.5, 101))
    assert many["mape"] == pytest.approx(best, rel=0.02)


def test_means_by_bin():
    values, at = np.array([1.0, 3.0, 10.0, 4.0]), np.array([0.1, 0.2, 2.5, 1.0])
    np.testing.assert_array_equal(metrics.by_bin(values, at, [0.0, 0.5, 1.0, 2.0, 3.0]), [2.0, np.nan, 4.0, 10.0])
    np.testing.assert_array_equal(metrics.by_bin(values, at, [-np.inf, 1.0, np.inf], np.max), [3.0, 10.0])
    np.testing.assert_array_equal(metrics.by_bin(values[:3], at[:3], [0.0, 1.0, 5.0], fewest=2), [2.0, np.nan])
    np.testing.assert_array_equal(metrics.by_bin(values, at, [0.0, 1.0, 2.0, 2.2, 3.0], len), [2, 1, np.nan, 1])


def test_correlation():
    values = np.random.default_rng(0).normal(size=2000)
    assert metrics.correlation(values, 3 - 2 * values) == pytest.approx(-1.0)
    assert abs(metrics.correlation(values, np.random.default_rng(1).normal(size=2000))) < 0.1
    for few in (values[:2], np.ones(5), values[:0]):
        assert np.isnan(metrics.correlation(few, few))
