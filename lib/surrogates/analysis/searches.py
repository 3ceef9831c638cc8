"""What the three pages on searches share: the ways to search without a surrogate, and tables of successes and calls.

A search is named by its label; of each there are the trials from several seeds, for one or several numbers of atoms.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from surrogates import data, models, search, training
from surrogates.analysis.formatting import MISSING, energy, listed, percent, whole

SHAKING = "basin hopping, shaking all atoms"
SURFACE = "basin hopping, over the surface"
EVOLUTION = "CMA-ES"
HOPPINGS = (SHAKING, SURFACE)

Trials = Mapping[str, Mapping[int, Sequence[search.Trial]]]
"""The trials of several searches, by label and number of atoms."""

REASONS = {
    "minima": "Minima",
    "candidates": "Candidates",
    "duplicates": "Seen before",
    "too close": "Too close",
    "too far apart": "Too far apart",
    "members disagree": "Disagreement",
    "not finite": "Not finite",
}
"""What a search with a surrogate counts, and how it is headed in :func:`refusals_table`."""


def strategies(settings) -> dict[str, list[search.Strategy]]:
    """The ways to search without a surrogate, each with all its settings that are tried.

    ``settings`` are the parameters of the page surrogate_search, here and below.
    """
    shaking = [
        search.BasinHopping(temperature, surface=0.0, shake=shake)
        for temperature in settings.temperatures
        for shake in settings.shakes
    ]
    surface = [
        search.BasinHopping(temperature, surface=1.0, atoms=atoms)
        for temperature in settings.temperatures
        for atoms in settings.moved_atoms
    ]
    return {SHAKING: shaking, SURFACE: surface, EVOLUTION: [search.CMAES(width) for width in settings.widths]}


class Searched(NamedTuple):
    """Searches without a surrogate, by label and number of atoms: the settings that came out best, and their trials."""

    tuned: dict[str, dict[int, search.Tuned]]
    trials: dict[str, dict[int, list[search.Trial]]]


def without_surrogate(
    folder: str,
    problems: Mapping[int, search.Problem],
    settings,
    labels: Sequence[str] = (*HOPPINGS, EVOLUTION),
) -> Searched:
    """Tune some of the :func:`strategies` for each problem, and search with the best settings from other seeds.

    What is found is stored as the experiments "tuning" and "searches" of the folder.
    """
    tuned, trials = {}, {}
    for label in labels:
        tuned[label] = {
            n: search.tune(
                f"{folder}/tuning",
                problem,
                strategies(settings)[label],
                apart(1, settings.seed, settings.tuning_seeds),
                settings.tuning_calls,
                finalists=1 if label == EVOLUTION else settings.finalists,
                final_seeds=apart(2, settings.seed, settings.final_seeds),
                tolerances=settings.tolerances,
            )
            for n, problem in problems.items()
        }
        trials[label] = {
            n: search.benchmark(
                f"{folder}/searches", problem, tuned[label][n].strategy, _seeds(settings), settings.most_calls
            )
            for n, problem in problems.items()
        }
    return Searched(tuned, trials)


def with_surrogate(
    folder: str,
    problems: Mapping[int, search.Problem],
    learner: search.Learner,
    methods: Mapping[int, search.Strategy],
    settings,
    **others: int,
) -> dict[int, list[search.Trial]]:
    """Search each problem with its method on a surrogate, from the same seeds, stored in the same experiment."""
    return {
        n: search.benchmark(
            f"{folder}/searches", problem, on_surrogate(learner, methods[n], settings, **others), _seeds(settings)
        )
        for n, problem in problems.items()
    }


def _seeds(settings) -> range:
    return range(settings.seed, settings.seed + settings.search_seeds)


def apart(kind: int, seed: int, number: int) -> range:
    """So many seeds that no search which is compared has, others for each kind."""
    return range(kind * 10**6 + seed, kind * 10**6 + seed + number)


def on_surrogate(learner: search.Learner, method, settings, **others: int) -> search.OnSurrogate:
    """The search on a surrogate, with as many starts, hops and candidates on every page; ``others`` replace these."""
    strategy = search.OnSurrogate(learner, method, settings.starts, settings.hops, settings.keep, settings.relaxed)
    return dataclasses.replace(strategy, **others)


def low_energy_structures(settings) -> data.Data:
    """The random structures with V < 0 whose energies are the labels of the sums over pairs."""
    return data.Data("low", 32, settings.box, settings.seed, (settings.training_structures, 100, 100))


def training_settings(seed: int, batch_size: int, learning_rate: float, epochs: int) -> training.Fit:
    """How the networks that are searched are trained."""
    return training.Fit(
        target="linear-log",
        loss="mean_absolute_error",
        metric="mae",
        batch_size=batch_size,
        learning_rate=learning_rate,
        decay="cosine",
        epochs=epochs,
        seed=seed,
    )


def sums_over_pairs(folder: str, settings) -> list[training.Run]:
    """Runs of sums over pairs, trained on the same structures from different initial weights, or loaded."""
    low, seeds = low_energy_structures(settings), range(settings.seed, settings.seed + settings.members)
    given = settings.batch_size, settings.learning_rate, settings.epochs
    wanted = {
        f"{folder}/pairs-seed-{number}": training.Config(low, models.Pairs(), training_settings(number, *given))
        for number in seeds
    }
    return list(training.sweep(wanted, settings.scheduler).values())


def searches_table(found: Trials) -> pd.DataFrame:
    """Successes, calls and labels of several ways to search, as text, one number of atoms below the other."""
    rows = []
    by_size = [(n, name, tried) for name, of_size in found.items() for n, tried in of_size.items()]
    for n, name, tried in sorted(by_size, key=lambda row: row[0]):
        summary, lowest = search.summary(tried), lowest_trial({name: tried})
        successes = f"{summary['successes']} of {summary['trials']}"
        calls = [whole(summary["made"]), whole(summary["median"])]
        labels = whole(max(trial.labels for trial in tried))
        rows.append([name, str(n), successes, *calls, energy(lowest.energy, 3) if lowest else MISSING, labels])
    header = ["Search", "Atoms", "Successes", "Calls for one", "Median", "Lowest V", "Labels"]
    return pd.DataFrame(rows, columns=header)


def lowest_trial(searches: Mapping[str, Sequence[search.Trial]]) -> search.Trial | None:
    """The trial with the lowest energy of several searches, None where none of them was worth a call."""
    seen = [trial for tried in searches.values() for trial in tried if trial.energy is not None]
    return min(seen, key=lambda trial: trial.energy, default=None)


def total_counts(tried: Sequence[search.Trial]) -> Counter:
    """What all the searches counted."""
    return sum((Counter(trial.counts) for trial in tried), Counter())


def refusals_table(found: Trials) -> pd.DataFrame:
    """What became of the minima of surrogates: how many were looked at, and why others were not, as text.

    The last column is the share of all structures that a surrogate was asked for beyond the range of its training.
    """
    rows = []
    for name, of_size in found.items():
        for n, tried in of_size.items():
            counts = total_counts(tried)
            asked = percent(counts["calls beyond the range"] / max(counts["calls"], 1), 1)
            rows.append([name, str(n), *(whole(counts[reason]) for reason in REASONS), asked])
    return pd.DataFrame(rows, columns=["Surrogate", "Atoms", *REASONS.values(), "Asked beyond"])


def refused_minima(*searches: Mapping[int, Sequence[search.Trial]]) -> int:
    """How many minima were looked at and not asked of the true potential, other than duplicates."""
    counts = total_counts([trial for found in searches for tried in found.values() for trial in tried])
    return sum(counts[reason] for reason in REASONS if reason not in ("minima", "candidates", "duplicates"))


def paybacks(found: Trials, plain: Sequence[str], learned: Sequence[str]) -> pd.DataFrame:
    """Whether a surrogate is worth its labels, by number of atoms, for each of the ``learned`` searches.

    The rival is that search without a surrogate, of the ``plain`` ones, which has the fewest calls for a success.

    Returns
    -------
    DataFrame
        "search", "atoms", "rival" (calls for one success), "least" (whether that is all that was spent without any
        success: one costs more), "successes" and "calls" (for one success; inf without any) of the surrogate, "labels",
        "share" (calls over the rival's, at most), "one" (whether labels and calls together are fewer than the rival's
        calls), "pays" (the number of searches from which on one set of labels is worth it; inf where it never is).
    """
    rows = []
    for name in learned:
        for n, tried in found[name].items():
            costs = {other: search.summary(found[other][n])["made"] for other in plain}
            rival = min(costs.values())
            least = not np.isfinite(rival)
            if least:
                rival = float(min(sum(trial.calls for trial in found[other][n]) for other in plain))
            summary, labels = search.summary(tried), max(trial.labels for trial in tried)
            calls, successes = summary["made"], summary["successes"]
            pays = max(1.0, float(np.ceil(labels / (rival - calls)))) if calls < rival else np.inf
            ratios = [calls / rival, labels + calls < rival, pays]
            rows.append([name, n, rival, least, successes, calls, labels, *ratios])
    header = ["search", "atoms", "rival", "least", "successes", "calls", "labels", "share", "one", "pays"]
    return pd.DataFrame(rows, columns=header)


def paybacks_table(table: pd.DataFrame) -> pd.DataFrame:
    """The same as text."""
    return pd.DataFrame(
        {
            "Surrogate": table.search,
            "Atoms": table.atoms.astype(str),
            "Basin hopping": [rival_calls(row) for row in table.itertuples()],
            "With it": [whole(value) for value in table.calls],
            "Labels": [whole(value) for value in table.labels],
            "Worth it once": np.where(table.one, "yes", "no"),
            "Worth it from": [_from(value) for value in table.pays],
        }
    )


def rival_calls(row) -> str:
    """The calls of the rival in a row of :func:`paybacks`."""
    return f"over {whole(row.rival)}" if row.least else whole(row.rival)


def sufficient(table: pd.DataFrame, n_atoms: int, successes: int, share: float) -> pd.DataFrame:
    """The rows of :func:`paybacks` with so many successes or more, and at most that share of the rival's calls."""
    rows = table[table.atoms == n_atoms]
    return rows[(rows.successes >= successes) & (rows.share <= share)]


def _from(searches: float) -> str:
    if not np.isfinite(searches):
        return "never"
    return f"{whole(searches)} searches" if searches > 1 else "the first"


def paybacks_sentence(table: pd.DataFrame) -> str:
    """The same as sentences: at which numbers of atoms a single search is worth the labels."""
    said = []
    for name, part in table.groupby("search", sort=False):
        yes, no = (listed([str(n) for n in part.atoms[part.one == value]]) for value in (True, False))
        what = f"The labels of the {name} are"
        if not yes:
            said.append(f"{what} not worth it for a single search of {no} atoms.")
        elif not no:
            said.append(f"{what} worth it even for a single search of {yes} atoms.")
        else:
            said.append(f"{what} worth it for a single search of {yes} atoms, not of {no}.")
    return " ".join(said)


def goals_table(goals: Sequence[tuple[str, str, bool]]) -> pd.DataFrame:
    """Goals, what was measured, and whether they are reached."""
    rows = [[goal, measured, "reached" if holds else "missed"] for goal, measured, holds in goals]
    return pd.DataFrame(rows, columns=["Goal", "Measured", "Verdict"])
