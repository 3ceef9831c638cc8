"""What the page on published prices shows."""

from types import SimpleNamespace

import numpy as np
import pytest

from surrogates import search
from surrogates.analysis import published_prices

SHAKES, ANEW, SPLINE = published_prices.SHAKES, published_prices.ANEW, published_prices.SPLINE


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
    assert table.Atoms.tolist() == ["38", "38", "38", "38", "13", "13"]
    assert table.Search.tolist()[:2] == list(published_prices.PRICES)
    shakes = table[(table.Search == SHAKES) & (table.Atoms == "38")].iloc[0]
    assert shakes.Successes == "2 of 3"
    assert (shakes.Quenches, shakes.Calls) == ("20 ±\u00a014", "2,250 ±\u00a01,414"), (
        "a failure's quenches are none of a success, its calls are"
    )
    theirs = table.iloc[0]
    assert (theirs.Successes, theirs.Quenches, theirs.Calls) == (
        "100 of 100",
        "2,825 ±\u00a03,093",
        "387,785 ±\u00a0427,516",
    )
    spline = table[(table.Search == SPLINE) & (table.Atoms == "13")].iloc[0]
    assert (spline.Quenches, spline.Calls) == ("–", "20 ±\u00a00")


def test_means_are_the_same_within_their_errors_or_not():
    theirs = (25.0, 10.0, 100)
    assert published_prices.as_good((20.0, 10.0, 3), theirs) == "the same within their errors"
    assert published_prices.as_good((80.0, 40.0, 3), theirs) == "ours takes more"
    assert published_prices.as_good((2.0, 1.0, 3), theirs) == "ours takes fewer"
    assert published_prices.as_good((10.0, np.nan, 1), theirs) == "too few of ours succeed to compare them"


def test_the_means_of_others_are_upright_lines_where_they_searched():
    figure = published_prices.price_curves(FOUND, [13, 38])
    small, large = figure.axes
    assert [line.get_ydata()[-1] for line in small.get_lines()] == [1.0, 1.0]
    assert [line.get_ydata()[-1] for line in large.get_lines()[:2]] == [pytest.approx(2 / 3), 1.0]
    upright = [line.get_xdata()[0] for line in large.get_lines()[2:]]
    assert upright == [price.calls[0] for price in published_prices.PRICES.values()]
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert set(named) == {SHAKES, SPLINE, *published_prices.PRICES}


def test_the_text_says_what_the_trials_are():
    free = {13: [search.Trial(50, 60, -44.0, counts={"rounds": 1, "calls": 4000})]}
    told = {13: FOUND[SPLINE][13], 38: [search.Trial(100, 120, -1.0, counts={"rounds": 3, "calls": 9000})]}
    expanded = {38: [*trials(None), search.Trial(200, 250, -1.0, counts={"rounds": 5, "calls": 8000})]}
    again = {13: trials(90), 38: trials(1500, 1700)}  # fewer than 2250, by less than their spread
    found = {**FOUND, ANEW: again, SPLINE: told, published_prices.EXPANSION: expanded, published_prices.NETWORK: free}
    rounds = dict.fromkeys(published_prices.IN_ROUNDS, search.InRounds(search.PairSpline(), starts=5))
    settings = SimpleNamespace(
        n_atoms=[13, 38], search_seeds=2, round_seeds=1, most_calls=5000, round_calls=700, network_calls=90
    )
    said = published_prices.page_numbers(found, rounds, settings)
    assert (said["published_calls"], said["shakes_calls"], said["shakes_quenches"]) == ("387,785", "2,250", "20")
    assert (said["anew_calls"], said["as_good_anew"]) == ("1,600", "the same within their errors")
    assert (said["as_good"], said["spline_published"]) == ("ours takes fewer", "596")
    assert (said["spline_calls"], said["spline_times"], said["spline_asked"]) == ("100", "16", "9,000")
    assert (said["spline_rounds"], said["spline_first"], said["spline_forces"]) == ("3", 10, "1,140")
    assert (said["expansion_calls"], said["expansion_times"], said["expansion_found"]) == ("700", "2.3", 1)
    assert said["expansion_asked"] == "8,000"
    assert (said["network_calls"], said["network_times"], said["network_asked"]) == ("50", "1.8", "4,000")
    assert said["goals"] == "−44.326801 ε with 13 atoms and −173.928427 ε with 38 atoms"


def test_what_was_tried_is_shown_with_its_calls():
    anew = search.BasinHopping(1.0, patience=40, tolerance=0.1)
    restarts = {anew: {"successes": 2, "trials": 4, "calls": 150.0, "spent": 300}}
    moves = {"one": {"successes": 0, "trials": 5, "calls": np.inf, "spent": 500}}
    tried = published_prices.restarts_tried(restarts, 90) + published_prices.moves_tried(moves, [100])
    assert published_prices.tried_table(tried).to_numpy().tolist() == [
        ["shakes, anew after 40, to 0.1", "150", "2 of 4", "90"],
        ["one", "–", "0 of 5", "100"],
    ]
    wider = [anew, search.BasinHopping(1.0, patience=90, tolerance=0.1)]
    alone = published_prices.restart_numbers(anew, tried, [anew], 38)["anew_edges"]
    assert alone.startswith("None of them is at an edge"), "there was no other value"
    said = published_prices.restart_numbers(anew, tried, wider, 38)
    assert said["anew_edges"].endswith("in these cases: 38 atoms, shakes, begun anew: hops in vain 40.")
    assert (said["anew_patience"], said["anew_tolerance"], said["tried_spent"]) == (40, "0.1", "800")


def test_a_goal_counts_the_seeds_within_it():
    limits = {SPLINE: 1000, SHAKES: 5000}
    spline, shakes = published_prices.price_goals(FOUND, limits, 38, seeds=2)
    assert spline == (
        "38 atoms in at most 1,000 calls, from 2 of 2 seeds: spline in rounds",
        "1 of 2 searches; the longest took 1,100 calls",
        False,
    )
    assert shakes[1:] == ("2 of 3 searches; the longest took 3,000 calls", False)
    assert published_prices.price_goals(FOUND, limits, 13, seeds=2)[0][2]
    assert not published_prices.price_goals(FOUND, limits, 13, seeds=3)[0][2], "too few were searched"
    assert published_prices.price_goals(FOUND, limits, 75)[0][1:] == ("not searched", False)
    assert np.isnan(published_prices.quenched(FOUND[SPLINE][38])[0])
