"""Rules, values and spreads: which verdict follows."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from surrogates.analysis import verdicts
from surrogates.analysis.verdicts import Measured, verdict


def row(**given):
    values = {"kind": "statement", "report": "", "rule": "above 0", "partly": "", "better": "", "scale": "any"}
    return SimpleNamespace(**values | given)


NUMBER = row(kind="number", report="100", rule="within 10 %", partly="within 25 %")
SCORE = row(kind="number", report="100", rule="within 10 %", partly="within 25 %", better="lower")


@pytest.mark.parametrize(
    ("rule", "report", "yes", "no"),
    [
        ("at least 2", "", [2, 3.5, math.inf], [1.999, -math.inf]),
        ("at most 2", "", [2, -1], [2.001]),
        ("above 0", "", [1e-9], [0, -1]),
        ("below 1e-9", "", [0, -2], [1e-9]),
        ("within 1", "-7", [-7, -8, -6], [-5.99, -8.01, 7]),
        ("within 0", "4", [4], [4.001]),
        ("within 0.1", "0.343", [0.243, 0.443], [0.2429]),
        ("within 10 %", "78", [78, 70.2, 85.8], [70.1, 85.9]),
        ("within 10 %", "-10", [-11, -9], [-11.1, 10]),
        ("at most 110 %", "0.248", [0.1, 0.2728], [0.2729]),
        ("at least 50 %", "4", [2, 9], [1.99]),
        ("between 1000 and 1000000", "", [1000, 210497, 1e6], [999, 1000001]),
    ],
)
def test_rules(rule, report, yes, no):
    assert all(verdicts.holds(rule, value, report) for value in yes)
    assert not any(verdicts.holds(rule, value, report) for value in [*no, math.nan])


def test_a_verdict_follows_from_the_rules():
    two = row(rule="at most 1", partly="at most 2")
    assert [verdict(two, value, "quick") for value in (1, 2, 3)] == ["holds", "holds in part", "fails"]
    assert verdict(two, math.nan, "paper") == "cannot be decided"
    assert verdict(row(), -1, "quick") == "fails"
    large = row(scale="paper")
    assert verdict(large, 1, "quick") == "cannot be decided"
    assert verdict(large, 1, "paper") == "holds"


def test_a_number_on_the_better_side_of_its_band_is_surpassed():
    values = [60, 80, 89.9, 90, 110, 111, 125, 126]
    expected = [*["surpassed"] * 3, "holds", "holds", "holds in part", "holds in part", "fails"]
    assert [verdict(SCORE, value, "paper") for value in values] == expected
    without = [verdict(NUMBER, value, "paper") for value in values[:3]]
    assert without == ["fails", "holds in part", "holds in part"], "no side is better"


def test_another_verdict_within_the_spread_is_too_close_to_call():
    at_most = row(rule="at most 1", partly="at most 2")
    for value, found in ((0.8, "holds"), (1.2, "holds in part"), (1.8, "holds in part"), (2.2, "fails")):
        assert verdict(at_most, Measured(value, 0.1), "paper") == found
        assert verdict(at_most, Measured(value, 0.3), "paper") == "too close to call"
    assert verdict(at_most, Measured(0.75, 0.25), "paper") == "holds", "at the limit it still holds"
    assert verdict(at_most, Measured(0.8, 0.0), "paper") == verdict(at_most, Measured(0.8), "paper") == "holds"
    assert verdict(at_most, [0.5, 1.1], "paper") == "too close to call"
    assert verdict(at_most, [0.8], "paper") == "holds", "one seed has no spread"
    assert verdict(row(scale="paper"), Measured(0.0, 9.0), "quick") == "cannot be decided"


def test_a_spread_that_reaches_over_a_whole_band_is_too_close_to_call():
    both = row(kind="number", report="100", rule="within 1")
    assert verdict(both, Measured(103, 1.5), "paper") == "fails"
    assert verdict(both, Measured(103, 20), "paper") == "too close to call", "at both ends it fails, between them not"


def test_a_spread_larger_than_the_margin_decides_even_where_it_covers_the_report_s_number():
    assert verdict(NUMBER, Measured(95, 4), "paper") == "holds"
    assert verdict(NUMBER, Measured(95, 6), "paper") == "too close to call"
    assert verdict(SCORE, Measured(95, 6), "paper") == "too close to call"
    assert verdict(row(kind="number", rule="at most 1"), Measured(0.9, 0.2), "paper") == "too close to call"


def test_both_sides_of_what_is_surpassed_are_close():
    assert verdict(SCORE, Measured(85, 4), "paper") == "surpassed"
    assert verdict(SCORE, Measured(85, 6), "paper") == "too close to call"
    assert verdict(SCORE, Measured(92, 4), "paper") == "too close to call"


def test_the_margin_is_to_the_nearest_limit_that_decides():
    assert verdicts.margin(NUMBER, 95) == pytest.approx(5)
    assert verdicts.margin(NUMBER, 80) == pytest.approx(5), "to 75"
    assert verdicts.margin(SCORE, 76) == pytest.approx(14), "75 decides nothing where lower is better"
    assert verdicts.margin(row(rule="at least 3"), 3) == 0
    assert verdicts.margin(row(kind="number", report="4", rule="within 0", partly="at least 3"), 5) == pytest.approx(1)
    assert math.isnan(verdicts.margin(SCORE, math.nan))
    assert verdicts.margin(row(rule="at most 1", partly="above 0"), 0.9) == pytest.approx(0.1)


def test_values_of_seeds_are_a_mean_with_a_spread():
    assert verdicts.with_spread([1.0, 2.0, 6.0]) == (3.0, pytest.approx(7**0.5), 3)
    assert verdicts.with_spread(np.array([1.0, 3.0])) == (2.0, pytest.approx(2**0.5), 2)
    for given, of in ((4, 0), ([4.0], 1)):
        found = verdicts.with_spread(given)
        assert (found.value, found.of) == (4.0, of) and math.isnan(found.spread)
    assert verdicts.with_spread(Measured(1.0, 0.5)) == (1.0, 0.5, 0)
    assert math.isnan(verdicts.with_spread([1.0, math.nan]).value)
    for wrong in ([], [[1.0]]):
        with pytest.raises(ValueError, match="give a number, or a sequence of numbers, one for each seed"):
            verdicts.with_spread(wrong)


def test_a_bootstrap_tells_how_much_other_structures_would_change_a_mean():
    rng = np.random.default_rng(0)
    errors = rng.normal(3.0, 2.0, 400)
    found = verdicts.bootstrap(np.mean, errors, draws=500)
    assert found.value == errors.mean() and found.of == 0
    assert found.spread == pytest.approx(errors.std() / 20, rel=0.15)
    assert verdicts.bootstrap(np.mean, errors, draws=500) == found, "the same seed"
    assert verdicts.bootstrap(np.mean, errors, draws=500, seed=1) != found


def test_a_bootstrap_draws_the_same_structures_of_all_arrays():
    errors = np.random.default_rng(0).random(50)
    found = verdicts.bootstrap(lambda one, other: float(np.mean(one - other)), errors, errors)
    assert found == (0.0, 0.0, 0)
    with pytest.raises(ValueError, match=r"arrays of lengths \[49, 50\]"):
        verdicts.bootstrap(np.mean, errors, errors[1:])
    with pytest.raises(ValueError, match="draws = 1"):
        verdicts.bootstrap(np.mean, errors, draws=1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(50000, "50,000"), (0.24812, "0.248"), (-31.27, "−31.3"), (1234.56, "1,234.6"), (6e-4, "6·10⁻⁴"), (1e-9, "0")],
)
def test_numbers_of_the_tables(value, text):
    assert verdicts.measured_text(value) == text


@pytest.mark.parametrize(
    ("value", "spread", "text"),
    [
        (6.35, 0.471, "6.35 ± 0.47"),
        (-7.264, 0.3, "−7.26 ± 0.30"),
        (84.67, 12.3, "85 ± 12"),
        (0.24812, 0.00123, "0.2481 ± 0.0012"),
        (4.0, 0.0, "4"),
        (4.0, math.nan, "4"),
        (1234.5, 300.0, "1,234 ± 300"),
    ],
)
def test_a_spread_has_two_digits(value, spread, text):
    assert verdicts.measured_text(value, spread).replace("\u00a0", " ") == text
