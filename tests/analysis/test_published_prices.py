"""What the page on published prices shows."""

import numpy as np
import pytest

from surrogates import search
from surrogates.analysis import published_prices

SHAKES, SPLINE = "shakes", "spline in rounds"


def trials(*found, quenches=None):
    return [
        search.Trial(
            calls, calls or 500, -1.0, counts={} if quenches is None else {"quenches": quenches * (1 + number)}
        )
        for number, calls in enumerate(found)
    ]


FOUND = {
    SHAKES: {13: trials(100, 300, quenches=2), 38: trials(1000, None, 3000, quenches=10)},
    SPLINE: {13: trials(20, 20), 38: trials(900, 1100)},
}


def test_prices_stand_beside_those_that_are_published():
    table = published_prices.prices_table(FOUND)
    assert table.Atoms.tolist() == ["13", "13", "38", "38", "38", "38"]
    assert table.Search.tolist()[2:4] == list(published_prices.PRICES)
    shakes = table[(table.Search == SHAKES) & (table.Atoms == "38")].iloc[0]
    assert shakes.Successes == "2 of 3"
    assert (shakes.Quenches, shakes.Calls) == ("20", "2,250"), (
        "a failure's quenches are none of a success, its calls are"
    )
    assert shakes["±"] == "1,414"
    theirs = table.iloc[2]
    assert (theirs.Successes, theirs.Quenches, theirs.Calls) == ("100 of 100", "2,825", "387,785")
    spline = table[(table.Search == SPLINE) & (table.Atoms == "13")].iloc[0]
    assert (spline.Quenches, spline.Calls, spline["±"]) == ("–", "20", "0")


def test_the_means_of_others_are_upright_lines_where_they_searched():
    figure = published_prices.price_curves(FOUND, [13, 38])
    small, large = figure.axes
    assert [line.get_ydata()[-1] for line in small.get_lines()] == [1.0, 1.0]
    assert [line.get_ydata()[-1] for line in large.get_lines()[:2]] == [pytest.approx(2 / 3), 1.0]
    upright = [line.get_xdata()[0] for line in large.get_lines()[2:]]
    assert upright == [price.calls[0] for price in published_prices.PRICES.values()]
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert set(named) == {SHAKES, SPLINE, *published_prices.PRICES}


def test_numbers_of_a_search_that_was_not_made():
    said = published_prices.price_numbers(FOUND, {"spline": SPLINE, "rival": SHAKES}, 38)
    assert (said["spline_calls"], said["spline_found"], said["spline_seeds"]) == ("1,000", 2, 2)
    assert (said["rival_calls"], said["rival_found"]) == ("2,250", 2)
    none = published_prices.price_numbers({SPLINE: {13: FOUND[SPLINE][13]}}, {"spline": SPLINE}, 38)
    assert none == {"spline_calls": "–", "spline_found": 0, "spline_seeds": 0}


def test_a_goal_counts_the_seeds_within_it():
    limits = {SPLINE: 1000, SHAKES: 5000}
    (spline, shakes) = published_prices.goals(FOUND, limits, 38)
    assert spline == (
        "38 atoms in at most 1,000 calls from every seed: spline in rounds",
        "1 of 2; the longest success took 1,100",
        False,
    )
    assert shakes[1:] == ("2 of 3; the longest success took 3,000", False)
    assert published_prices.goals(FOUND, limits, 13)[0][2]
    assert published_prices.goals(FOUND, limits, 75)[0][1:] == ("not tried", False)
    assert np.isnan(published_prices.quenches(FOUND[SPLINE][38])[0])
