"""What the three pages on searches share: the ways to search without a surrogate, and tables of successes and calls.

A search is named by its label; of each there are the trials from several seeds, for one or several numbers of atoms.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from surrogates import data, search, training
from surrogates.analysis.formatting import MISSING, energy, listed, percent, whole

HOPPING = "basin hopping"
EVOLUTION = "CMA-ES"

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


def moves(settings) -> dict[str, list[search.BasinHopping]]:
    """The moves of basin hopping, each with all its settings that are tried.

    ``settings`` are the parameters of the page surrogate_search, here and below.
    """
    hopping = search.BasinHopping
    dropped, put = (
        [{"temperature": temperature, "atoms": atoms} for temperature in settings.temperatures for atoms in several]
        for several in (settings.moved_atoms, settings.pocket_atoms)
    )
    return {
        "shake all atoms": [
            hopping(temperature, surface=0.0, shake=shake)
            for temperature in settings.temperatures
            for shake in settings.shakes
        ],
        "drop atoms on the surface": [hopping(**given) for given in dropped],
        "put atoms into pockets": [hopping(**given, pockets=True) for given in put],
    }


def strategies(settings) -> dict[str, list[search.Strategy]]:
    """The ways to search without a surrogate, each with all its settings that are tried."""
    return {
        HOPPING: [strategy for several in moves(settings).values() for strategy in several],
        EVOLUTION: [search.CMAES(width) for width in settings.widths],
    }


class Searched(NamedTuple):
    """Searches without a surrogate, by label and number of atoms: the settings that came out best, and their trials."""

    tuned: dict[str, dict[int, search.Tuned]]
    trials: dict[str, dict[int, list[search.Trial]]]


def without_surrogate(
    folder: str,
    problems: Mapping[int, search.Problem],
    settings,
    tried: Mapping[str, Sequence[search.Strategy]],
) -> Searched:
    """Tune the ways to search that are ``tried`` for each problem, and search with the best from other seeds.

    What is found is stored as the experiments "tuning" and "searches" of the folder.
    """
    tuned, trials = {}, {}
    for label, several in tried.items():
        tuned[label] = {
            n: search.tune(
                f"{folder}/tuning",
                problem,
                several,
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


def tuned_step(settings, problem: search.Problem) -> tuple[float, list[search.Trial]]:
    """The first step of CMA-ES that is best for a problem of the page surrogate_search, and its trials with that step.

    Where the page has no such problem it is that of :class:`surrogates.search.CMAES`, without trials.
    """
    if problem.n_atoms not in settings.search_atoms:
        return search.CMAES.width, []
    folder, n = f"surrogate_search/{settings.profile}/seed-{settings.seed}", problem.n_atoms
    steps = {EVOLUTION: strategies(settings)[EVOLUTION]}
    alone = without_surrogate(folder, {n: problem}, settings, steps)
    return alone.tuned[EVOLUTION][n].strategy.width, alone.trials[EVOLUTION][n]


def with_surrogate(
    folder: str,
    problems: Mapping[int, search.Problem],
    learners: search.Learner | Sequence[search.Learner],
    method,
    settings,
    **others: int,
) -> dict[int, list[search.Trial]]:
    """Search each problem on what a learner has learned, from the same seeds, stored in the same experiment.

    Several learners, such as those of several sets of labels, are searched from one seed each.
    """
    learners = [learners] if isinstance(learners, search.Learner) else learners
    found = {}
    for n, problem in problems.items():
        found[n] = []
        for number, learner in enumerate(learners):
            seeds = _seeds(settings) if len(learners) == 1 else _seeds(settings)[number : number + 1]
            strategy = on_surrogate(learner, method, settings, **others)
            found[n] += search.benchmark(f"{folder}/searches", problem, strategy, seeds)
    return found


def same_settings(
    folder: str,
    problems: Mapping[int, search.Problem],
    strategy: search.Strategy,
    seeds: int,
    calls: int,
    settings,
) -> dict[int, list[search.Trial]]:
    """Search each problem with one strategy, from so many of the seeds, stored in the same experiment."""
    few = range(settings.seed, settings.seed + seeds)
    return {n: search.benchmark(f"{folder}/searches", problem, strategy, few, calls) for n, problem in problems.items()}


def _seeds(settings) -> range:
    return range(settings.seed, settings.seed + settings.search_seeds)


def apart(kind: int, seed: int, number: int) -> range:
    """So many seeds that no search which is compared has, others for each kind."""
    return range(kind * 10**6 + seed, kind * 10**6 + seed + number)


def on_surrogate(learner: search.Learner, method, settings, **others: int) -> search.OnSurrogate:
    """The search on a surrogate, with as many starts, hops and candidates on every page; ``others`` replace these."""
    strategy = search.OnSurrogate(learner, method, settings.starts, settings.hops, settings.keep, settings.relaxed)
    return dataclasses.replace(strategy, **others)


def low_energy_structures(settings, label_set: int = 0) -> data.Data:
    """The random structures with V < 0 whose energies are the labels of the spline, one set or another."""
    return data.Data("low", 32, settings.box, settings.seed + label_set, (settings.few_structures, 1, 1))


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


def price(tried: Sequence[search.Trial]) -> dict[str, float]:
    """What one success costs, with the labels and without, where failures are tried again.

    Returns
    -------
    dict
        "trials" and "successes"; "labels", the mean of the trials; "calls" until the first success; "total", both
        together; "spread", the standard deviation of calls and labels together over the successes. Costs are inf, and
        the spread is NaN, without any success.
    """
    found = search.summary(tried)
    labels = float(np.mean([trial.labels for trial in tried]))
    totals = [trial.found + trial.labels for trial in tried if trial.found is not None]
    return {
        "trials": found["trials"],
        "successes": found["successes"],
        "labels": labels,
        "calls": found["calls"],
        "total": labels + found["calls"],
        "spread": deviation(totals),
    }


def deviation(values: Sequence[float]) -> float:
    """The standard deviation of one of them, NaN where there are fewer than two."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else np.nan


def searches_table(found: Trials) -> pd.DataFrame:
    """Successes, and what one costs, of several ways to search, as text, one number of atoms below the other.

    Labels, and calls together with them, have no columns where nothing had labels beforehand.
    """
    rows = []
    by_size = [(n, name, tried) for name, of_size in found.items() for n, tried in of_size.items()]
    for n, name, tried in sorted(by_size, key=lambda row: row[0]):
        costs, lowest = price(tried), lowest_trial({name: tried})
        cells = [f"{costs['successes']} of {costs['trials']}", energy(lowest.energy, 3) if lowest else MISSING]
        cells += [whole(costs[what]) for what in ("labels", "calls", "total", "spread")]
        rows.append([name, str(n), *cells])
    header = ["Search", "Atoms", "Successes", "Lowest V", "Labels beforehand", "Calls", "Together", "±"]
    table = pd.DataFrame(rows, columns=header)
    labelled = any(trial.labels for _, _, tried in by_size for trial in tried)
    return table if labelled else table.drop(columns=["Labels beforehand", "Together"])


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


def paybacks(found: Trials, rival: str, learned: Sequence[str]) -> pd.DataFrame:
    """What a success costs by each of the ``learned`` searches beside the ``rival``, a search without a surrogate.

    Returns
    -------
    DataFrame
        "search", "atoms", "rival" (calls for one success), "least" (whether that is all that was spent without any
        success: one costs more), "successes", "calls", "labels" and "total" of the surrogate (:func:`price`), "share"
        (the total over the rival's calls), "one" (whether that is below 1: it pays in a single search).
    """
    rows = []
    for name in learned:
        for n, tried in found[name].items():
            plain = price(found[rival][n])["calls"]
            least = not np.isfinite(plain)
            if least:
                plain = float(sum(trial.calls for trial in found[rival][n]))
            costs = price(tried)
            share = costs["total"] / plain
            known = [costs[what] for what in ("successes", "calls", "labels", "total")]
            rows.append([name, n, plain, least, *known, share, share < 1])
    header = ["search", "atoms", "rival", "least", "successes", "calls", "labels", "total", "share", "one"]
    return pd.DataFrame(rows, columns=header)


def rival_calls(row) -> str:
    """The calls of the rival in a row of :func:`paybacks`."""
    return f"over {whole(row.rival)}" if row.least else whole(row.rival)


def paybacks_sentence(table: pd.DataFrame) -> str:
    """The same as a sentence: at which numbers of atoms a single search is worth the labels."""
    if not table.one.any():
        return f"{'Neither' if table.search.nunique() == 2 else 'No'} surrogate pays in a single search."
    said = []
    for name, part in table.groupby("search", sort=False):
        yes, no = (listed([str(n) for n in part.atoms[part.one == value]]) for value in (True, False))
        sizes = f"for {yes} atoms{f', not for {no}' if no else ''}" if yes else "for none"
        said.append(f"the {name.replace(', ', ' with ')}{'' if said else ' pays in a single search'} {sizes}")
    text = ", ".join(said)
    return f"{text[0].upper()}{text[1:]}."


def goals_table(goals: Sequence[tuple[str, str, bool]]) -> pd.DataFrame:
    """Goals, what was measured, and whether they are reached."""
    rows = [[goal, measured, "reached" if holds else "missed"] for goal, measured, holds in goals]
    return pd.DataFrame(rows, columns=["Goal", "Measured", "Verdict"])
