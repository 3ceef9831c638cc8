"""Numbers and lists as text."""

import doctest
import math

import numpy as np
import pytest

from surrogates.analysis import formatting


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(formatting).failed == 0


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (11.648, 1, "11.6"),
        (-82.9704, 3, "−82.970"),
        (1395.2, 0, "1,395"),
        (-1234567.0, 1, "−1,234,567.0"),
        (-0.04, 1, "0.0"),
        (np.float32(0.5), 2, "0.50"),
        (50_000, 0, "50,000"),
    ],
)
def test_fixed_decimals(value, decimals, text):
    assert formatting.fixed(value, decimals) == text


def test_a_plus_is_written_where_it_is_wanted():
    assert [formatting.fixed(value, 1, plus=True) for value in (2.0, -2.0, -0.01)] == ["+2.0", "−2.0", "−0.0"]
    assert formatting.percent(-0.7, plus=True) == "−70\u00a0%"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (2.7123e27, 2, "2.7·10²⁷"),
        (-1.4e52, 2, "−1.4·10⁵²"),
        (1e-5, 6, "10⁻⁵"),
        (5.0761e-5, 2, "5.1·10⁻⁵"),
        (0.00065, 2, "0.00065"),
        (-0.00023, 2, "−0.00023"),
        (4.0, 3, "4"),
        (-144.0, 2, "−140"),
        (999.6, 3, "10³"),
    ],
)
def test_significant_digits(value, digits, text):
    assert formatting.significant(value, digits) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.9, 2, "0.90"),
        (140.0, 3, "140"),
        (144.0, 2, "140"),
        (1e4, 3, "1.00·10⁴"),
        (1e-6, 2, "1.0·10⁻⁶"),
        (0.0, 3, "0.00"),
    ],
)
def test_zeros_at_the_end_stand_where_they_are_wanted(value, digits, text):
    assert formatting.significant(value, digits, zeros=True) == text


def test_a_power_of_ten_keeps_its_digits():
    assert formatting.scientific(1e30) == "1.0·10³⁰"
    assert formatting.scientific(2.061e-9, 1) == "2·10⁻⁹"
    assert formatting.scientific(1e-9, 1) == "10⁻⁹"


def test_large_energies_have_powers():
    assert [formatting.energy(value, 1) for value in (-83.04, 999.9, 1000.0, -2.5e7)] == [
        "−83.0", "999.9", "1.0·10³", "−2.5·10⁷",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_what_is_no_number_is_a_dash(value):
    for write in ("fixed", "whole", "significant", "scientific", "energy", "percent"):
        assert getattr(formatting, write)(value) == "–"


def test_nothing_is_written_with_an_e_or_a_hyphen():
    rng = np.random.default_rng(0)
    for value in rng.choice([-1, 1], 500) * 10 ** rng.uniform(-60, 60, 500):
        for write in (formatting.significant, formatting.scientific, formatting.energy, formatting.fixed):
            assert not set(write(value)) & set("e-")


def test_mean_and_spread_over_seeds():
    assert formatting.spread([6.34]) == "6.3"
    assert formatting.spread(np.array([5.0, 6.0, 7.0])) == "6.0\u00a0±\u00a01.0"


@pytest.mark.parametrize(
    ("apart", "text"),
    [(0.06, "0.53±0.04"), (0.006, "0.503±0.004"), (6e-5, "0.500±0.000"), (0.0, "0.5±0.0"), (0.08, "0.5±0.1")],
)
def test_a_small_spread_has_more_decimals(apart, text):
    assert formatting.spread([0.5, 0.5 + apart]).replace("\u00a0", "") == text


def test_changes_that_are_rounding_are_shown_without_digits():
    assert [formatting.change(value) for value in (0.0, 3e-6, 0.0123, 4.5678)] == ["0", "< 0.001", "0.0123", "4.57"]
    assert [formatting.change_in_words(value) for value in (3e-6, 3.2)] == ["less than 0.001", "3.20"]


def test_words():
    assert [formatting.listed(list(words)) for words in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert formatting.listed([], "none") == "none"
    assert [formatting.counted(number, "seed") for number in (1, 3)] == ["1 seed", "3 seeds"]
    assert [formatting.are(number) for number in (0, 1, 6)] == ["0 are", "1 is", "6 are"]
    assert [formatting.none_or(number) for number in (0, 3)] == ["none", "3"]
    assert formatting.minutes(90) == "2\u00a0min"
