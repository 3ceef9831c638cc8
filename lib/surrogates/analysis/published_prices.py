"""What the page on published prices shows: our searches beside theirs, in quenches and in calls, and the goals."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import potentials, search
from surrogates.analysis import plots, searches, surrogate_search
from surrogates.analysis.formatting import MISSING, fixed, listed, significant, whole

PUBLISHED_PATIENCE = 40  # steps in vain after which a search of GMIN begins anew
PAIRS_CALLS, FREE_CALLS = 1_000, 20_000  # for surrogates that know of pairs, and that do not
# As the page calls its searches.
SHAKES, ANEW = "shakes of all atoms", "shakes, begun anew"
SPLINE, EXPANSION, NETWORK = IN_ROUNDS = "spline in rounds", "expansion in rounds", "network in rounds"


class Price(NamedTuple):
    """What others state for one success: mean and standard deviation over their runs, which all succeeded."""

    atoms: int
    runs: int
    quenches: tuple[float, float]
    calls: tuple[float, float]


PRICES = {
    "published, shakes": Price(38, 100, (2824.70, 3092.98), (387784.64, 427516.22)),
    "published, symmetrised": Price(38, 100, (737.86, 702.99), (59631.66, 69090.13)),
}
"""Mean first encounter times of GMIN: github.com/wales-group/examples, LJ38/02_Calculating_MFET/README.md."""


def quenched(tried: Sequence[search.Trial]) -> tuple[float, float, int]:
    """Quenches of the successes: mean, standard deviation, successes; NaN for searches that count none."""
    found = [trial.counts["quenches"] for trial in tried if trial.found is not None and "quenches" in trial.counts]
    return (float(np.mean(found)) if found else np.nan), searches.deviation(found), len(found)


def costs_of(tried: Sequence[search.Trial]) -> tuple[float, float, int]:
    """Calls for one success, those of failures shared among the successes; the deviation of successes; how many."""
    costs = searches.price(tried)
    return costs["calls"], costs["spread"], costs["successes"]


def as_good(ours: tuple[float, float, int], other: tuple[float, float, int]) -> str:
    """Whether means are the same by their standard errors; both are given with deviations, and of how many."""
    if ours[2] < 2:
        return "too few of ours succeed to compare them"
    (mean, spread, many), (theirs, other_spread, others) = ours, other
    apart = (mean - theirs) / np.hypot(spread / many**0.5, other_spread / others**0.5)
    return "the same within their errors" if abs(apart) <= 2 else "ours takes more" if apart > 0 else "ours takes fewer"


def prices_table(found: searches.Trials, published: Mapping[str, Price] = PRICES) -> pd.DataFrame:
    """Successes, quenches and calls of each search, as text, the most atoms first.

    What is published stands first among the searches of as many atoms, where these are searched at all.
    """
    sizes = sorted({n for of_size in found.values() for n in of_size}, reverse=True)
    rows = []
    for n in sizes:
        for name, price in published.items():
            if price.atoms == n:
                rows.append([name, n, price.calls, price.quenches, f"{price.runs} of {price.runs}"])
        for name, of_size in found.items():
            if n in of_size:
                tried = of_size[n]
                successes = sum(trial.found is not None for trial in tried)
                rows.append([name, n, costs_of(tried)[:2], quenched(tried)[:2], f"{successes} of {len(tried)}"])
    text = [[name, str(n), *map(_with_deviation, pairs), successes] for name, n, *pairs, successes in rows]
    return pd.DataFrame(text, columns=["Search", "Atoms", "Calls", "Quenches", "Successes"])


def _with_deviation(pair: tuple[float, float]) -> str:
    """A mean and its deviation, of which either may be missing."""
    mean, deviation = map(whole, pair)
    return mean if deviation == MISSING else f"{mean} ±\u00a0{deviation}"


def price_curves(found: searches.Trials, n_atoms: Sequence[int], published: Mapping[str, Price] = PRICES) -> Figure:
    """The share of the seeds that have reached the goal, by calls; a panel for each size, published means upright."""
    marked = {
        plots.atoms_title(n): {label: price.calls[0] for label, price in published.items() if price.atoms == n}
        for n in n_atoms
    }
    return plots.success_curves(plots.by_size(found, n_atoms), marked=marked)


def page_numbers(found: searches.Trials, in_rounds: Mapping[str, search.InRounds], settings) -> dict[str, str | int]:
    """What the text says of the searches, by name: of those with the most atoms, and of the network with the fewest.

    ``in_rounds`` has the strategies by their labels, ``settings`` the parameters of the page.
    """
    largest, smallest = max(settings.n_atoms), min(settings.n_atoms)
    shakes, symmetrised = PRICES.values()
    rival = {
        n: min(costs_of(of_size[n])[0] for label, of_size in found.items() if label not in IN_ROUNDS and n in of_size)
        for n in settings.n_atoms
    }
    numbers = {
        "largest": largest,
        "smallest": smallest,
        "published_calls": whole(shakes.calls[0]),
        "published_quenches": whole(shakes.quenches[0]),
        "published_runs": shakes.runs,
        "symmetrised_calls": whole(symmetrised.calls[0]),
        "shakes_calls": whole(costs_of(found[SHAKES][largest])[0]),
        "anew_calls": whole(costs_of(found[ANEW][largest])[0]),
        "as_good": as_good(quenched(found[SHAKES][largest]), (*shakes.quenches, shakes.runs)),
        "as_good_anew": as_good(costs_of(found[ANEW][largest]), costs_of(found[SHAKES][largest])),
        "shakes_quenches": whole(quenched(found[SHAKES][largest])[0]),
        "pieces": in_rounds[SPLINE].student.pieces,
        "spline_forces": whole(3 * in_rounds[SPLINE].descents * in_rounds[SPLINE].steps * largest),
        "reach": significant(potentials.Expansion.reach),
        "walks": in_rounds[SPLINE].starts,
        "hops": in_rounds[SPLINE].hops,
        "goals": listed([f"{fixed(search.lowest_known(n, 3), 6)} ε with {n} atoms" for n in settings.n_atoms]),
        "tolerance": significant(search.TOLERANCE),
        "search_seeds": settings.search_seeds,
        "round_seeds": settings.round_seeds,
        "round_calls": whole(settings.round_calls),
        "network_most": whole(settings.network_calls),
        "most_calls": whole(settings.most_calls),
    }
    for label, strategy in in_rounds.items():
        of, n = label.split()[0], largest if largest in found[label] else smallest
        successes = [trial for trial in found[label][n] if trial.found is not None]
        price = costs_of(found[label][n])[0]
        numbers |= {
            f"{of}_calls": whole(price),
            f"{of}_times": fixed(rival[n] / price, 0 if rival[n] > 10 * price else 1),
            f"{of}_published": fixed(symmetrised.calls[0] / price, 0 if symmetrised.calls[0] > 10 * price else 1),
            f"{of}_found": len(successes),
            f"{of}_first": strategy.descents * strategy.steps,
            f"{of}_rounds": significant(_mean_count(successes, "rounds"), 2),
            f"{of}_asked": whole(_mean_count(successes, "calls")),
        }
    return numbers


def _mean_count(tried: Sequence[search.Trial], name: str) -> float:
    return float(np.mean([trial.counts[name] for trial in tried])) if tried else np.nan


class Tried(NamedTuple):
    """A setting of basin hopping that was tried with the most atoms, and what came of it (:func:`search.ranked`)."""

    name: str
    most: int
    outcome: Mapping[str, float]


def restarts_tried(ranked: Mapping[search.BasinHopping, Mapping[str, float]], most: int) -> list[Tried]:
    """Shakes that begin anew, the best first, from what :func:`search.ranked` says of them."""
    return [
        Tried(f"shakes, anew after {whole(method.patience)}, to {significant(method.tolerance)}", most, outcome)
        for method, outcome in ranked.items()
    ]


def moves_tried(tried: Mapping[str, Mapping[str, float]], most: Sequence[int]) -> list[Tried]:
    """Other moves by their names, each with the most calls of one trial."""
    return [Tried(name, calls, outcome) for (name, outcome), calls in zip(tried.items(), most, strict=True)]


def tried_table(tried: Sequence[Tried]) -> pd.DataFrame:
    """Calls for one success and successes of all that was tried, as text."""
    rows = [
        [name, whole(outcome["calls"]), f"{outcome['successes']} of {outcome['trials']}", whole(most)]
        for name, most, outcome in tried
    ]
    return pd.DataFrame(rows, columns=["Search", "Calls", "Successes", "Stopped after"])


def restart_numbers(
    anew: search.BasinHopping, tried: Sequence[Tried], restarts: Sequence[search.BasinHopping], n_atoms: int
) -> dict[str, str | int]:
    """What the text says of the settings that were tried, and of the best of those that begin anew, ``restarts``."""
    edges = surrogate_search.at_edge({ANEW: {n_atoms: anew}}, {ANEW: restarts})
    return {
        "anew_edges": surrogate_search.edges_sentence(edges),
        "published_patience": PUBLISHED_PATIENCE,
        "anew_patience": anew.patience,
        "anew_tolerance": significant(anew.tolerance),
        "tried_spent": whole(sum(one.outcome["spent"] for one in tried)),
    }


def price_goals(
    found: searches.Trials, limits: Mapping[str, int], n_atoms: int, seeds: int = 20
) -> list[tuple[str, str, bool]]:
    """Whether each search with a surrogate came to the goal from so many seeds, with at most so many calls each."""
    rows = []
    for label, limit in limits.items():
        tried = found[label].get(n_atoms, ())
        reached = [trial.found + trial.labels for trial in tried if trial.found is not None]
        within = sum(calls <= limit for calls in reached)
        goal = f"{n_atoms} atoms in at most {whole(limit)} calls, from {seeds} of {seeds} seeds: {label}"
        longest = f"; the longest took {whole(max(reached))} calls" if reached else ""
        said = f"{within} of {len(tried)} searches{longest}" if tried else "not searched"
        rows.append((goal, said, within == len(tried) >= seeds))
    return rows
