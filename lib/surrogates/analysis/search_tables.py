"""Tables, sentences and figures of many searches, for the page on finding structures."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates.analysis import beyond, words
from surrogates.analysis.plots import BLACK, COLOURS, LINES, MARKERS, blank
from surrogates.search import structures, trials
from surrogates.search.searching import Driven

REASONS = {
    "minima": "Minima",
    "candidates": "Candidates",
    "duplicates": "Seen before",
    "too close": "Too close",
    "too far apart": "Too far apart",
    "members disagree": "Disagreement",
    "not finite": "Not finite",
}
"""What a search with a surrogate counts, and how it is headed in :func:`refused`."""

EDGES = {"temperature": "temperature", "shake": "shift", "atoms": "atoms", "width": "width"}
"""The fields of :class:`surrogates.search.trials.Method` that are tuned, and what :func:`edges` calls them."""


def table(found: Mapping[str, Mapping[int, Sequence[trials.Trial]]]) -> pd.DataFrame:
    """:func:`surrogates.analysis.beyond.trials_table` for each number of atoms, one below the other."""
    sizes = sorted({n for of_size in found.values() for n in of_size})
    parts = []
    for n in sizes:
        part = beyond.trials_table({name: of_size[n] for name, of_size in found.items() if n in of_size})
        part.insert(1, "Atoms", [str(n)] * len(part))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def refused(found: Mapping[str, Mapping[int, Sequence[trials.Trial]]]) -> pd.DataFrame:
    """What became of the minima of surrogates: how many were looked at, and why others were not, as text.

    The last column is the share of all structures that a surrogate was asked for beyond the range of its training.
    """
    rows = []
    for name, of_size in found.items():
        for n, tried in of_size.items():
            counts = sum((Counter(trial.counts) for trial in tried), Counter())
            beyond_range = counts["calls beyond the range"] / max(counts["calls"], 1)
            rows.append([name, str(n), *(f"{counts[reason]:,}" for reason in REASONS), f"{beyond_range:.1%}"])
    return pd.DataFrame(rows, columns=["Surrogate", "Atoms", *REASONS.values(), "Asked beyond"])


def objections(*searches: Mapping[int, Sequence[trials.Trial]]) -> int:
    """How many minima were looked at and not asked of the true potential, other than duplicates."""
    counts = sum(
        (Counter(trial.counts) for found in searches for tried in found.values() for trial in tried), Counter()
    )
    return sum(counts[reason] for reason in REASONS if reason not in ("minima", "candidates", "duplicates"))


def worth(
    found: Mapping[str, Mapping[int, Sequence[trials.Trial]]], plain: Sequence[str], learned: Sequence[str]
) -> pd.DataFrame:
    """Whether a surrogate is worth its labels, by number of atoms.

    Parameters
    ----------
    found : mapping
        Trials by search and number of atoms.
    plain : sequence of str
        Searches without a surrogate; the one with the fewest calls for a success is the rival.
    learned : sequence of str

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
            costs = {other: trials.summary(found[other][n])["made"] for other in plain}
            rival = min(costs.values())
            least = not np.isfinite(rival)
            if least:
                rival = float(min(sum(trial.calls for trial in found[other][n]) for other in plain))
            summary, labels = trials.summary(tried), max(trial.labels for trial in tried)
            calls = summary["made"]
            pays = float(np.ceil(labels / (rival - calls))) if calls < rival else np.inf
            ratios = {"share": calls / rival, "one": labels + calls < rival, "pays": max(pays, 1.0)}
            row = {"search": name, "atoms": n, "rival": rival, "least": least, "successes": summary["successes"]}
            rows.append(row | {"calls": calls, "labels": labels} | ratios)
    return pd.DataFrame(rows)


def worth_table(table: pd.DataFrame) -> pd.DataFrame:
    """The same as text."""
    return pd.DataFrame(
        {
            "Surrogate": table.search,
            "Atoms": table.atoms.astype(str),
            "Basin hopping": [rival_said(row) for row in table.itertuples()],
            "With it": [_number(value) for value in table.calls],
            "Labels": [f"{value:,}" for value in table.labels],
            "Worth it once": np.where(table.one, "yes", "no"),
            "Worth it from": [_from(value) for value in table.pays],
        }
    )


def rival_said(row) -> str:
    """The calls of the rival in a row of :func:`worth`."""
    return f"over {row.rival:,.0f}" if row.least else f"{row.rival:,.0f}"


def sufficient(table: pd.DataFrame, n_atoms: int, successes: int, share: float) -> pd.DataFrame:
    """The rows of :func:`worth` with so many successes or more, and at most that share of the rival's calls."""
    rows = table[table.atoms == n_atoms]
    return rows[(rows.successes >= successes) & (rows.share <= share)]


def _from(searches: float) -> str:
    if not np.isfinite(searches):
        return "never"
    return f"{searches:,.0f} searches" if searches > 1 else "the first"


def worth_said(table: pd.DataFrame) -> str:
    """The same as sentences: at which numbers of atoms a single search is worth the labels."""
    said = []
    for name, part in table.groupby("search", sort=False):
        yes, no = (words.listed([str(n) for n in part.atoms[part.one == value]]) for value in (True, False))
        what = f"The labels of the {name} are"
        if not yes:
            said.append(f"{what} not worth it for a single search of {no} atoms.")
        elif not no:
            said.append(f"{what} worth it even for a single search of {yes} atoms.")
        else:
            said.append(f"{what} worth it for a single search of {yes} atoms, not of {no}.")
    return " ".join(said)


def verdicts(goals: Sequence[tuple[str, str, bool]]) -> pd.DataFrame:
    """Goals, what was measured, and whether they are reached."""
    rows = [[goal, measured, "reached" if holds else "missed"] for goal, measured, holds in goals]
    return pd.DataFrame(rows, columns=["Goal", "Measured", "Verdict"])


def settings_table(tuned: Mapping[str, Mapping[int, trials.Method]]) -> pd.DataFrame:
    """The settings of searches without a surrogate that were found best, as text."""
    rows = []
    for variant, by_size in tuned.items():
        for n, chosen in by_size.items():
            tolerance = "–"
            if isinstance(chosen, structures.Evolution):
                temperature, step = "–", f"first steps of {chosen.width:g} σ"
            else:
                tolerance = f"{chosen.tolerance:g}"
                temperature, step = f"{chosen.temperature:g}", f"shifts up to {chosen.shake:g} σ"
                if chosen.surface == 1:
                    step = f"1 to {chosen.atoms} atoms moved" if chosen.atoms > 1 else "1 atom moved"
            rows.append([variant, str(n), temperature, step, tolerance])
    return pd.DataFrame(rows, columns=["Search", "Atoms", "Temperature / ε", "Step", "Relaxed to / ε/σ"])


def edges(chosen: Mapping[str, Mapping[int, trials.Method]], tried: Mapping[str, Sequence[trials.Method]]) -> list[str]:
    """Which of the chosen settings, by search and number of atoms, are the largest or the smallest that were tried.

    A surface step of one atom is no edge: there is no smaller one. Nor is the only value that was tried.
    """
    at_edge = []
    for label, by_size in chosen.items():
        for n, method in by_size.items():
            for name, word in EDGES.items():
                values = {getattr(other, name) for other in tried[label] if hasattr(other, name)}
                least = min(values, default=None) if name != "atoms" else None
                if len(values) > 1 and getattr(method, name) in (least, max(values)):
                    at_edge.append(f"{n} atoms, {label}: {word} {getattr(method, name):g}")
    return at_edge


def edges_said(at_edge: Sequence[str]) -> str:
    """The same as a sentence."""
    if not at_edge:
        return "None of them is the largest or the smallest of several values that were tried."
    return f"The largest or the smallest value that was tried came out best in these cases: {'; '.join(at_edge)}."


def _number(value: float) -> str:
    return f"{value:,.0f}" if np.isfinite(value) else "–"


def lowest(searches: Mapping[str, Sequence[trials.Trial]]) -> trials.Trial | None:
    """The trial with the lowest energy of several searches, None where none of them was worth a call."""
    seen = [trial for tried in searches.values() for trial in tried if trial.energy is not None]
    return min(seen, key=lambda trial: trial.energy, default=None)


def passed(found: Sequence[Driven]) -> list[Driven]:
    """Those that ended with a structure which could be checked."""
    return [end for end in found if end.positions]


def worst(found: Sequence[Driven]) -> Driven:
    """The one with the lowest prediction; of NaN throughout where no search ended with a structure."""
    nothing = Driven(np.nan, np.nan, np.nan, [], trials.Trial(None, 0, None))
    return min(passed(found), key=lambda end: end.learned, default=nothing)


def fooled(panels: Mapping[str, Sequence[Driven]], known: float) -> Figure:
    """The energy that a surrogate predicts for the structures it was driven to, against their true energy.

    The true energy is on an axis that is linear up to 100 epsilon, then logarithmic; energies above 10^12 are drawn
    there. A line stands where both are equal, another at the lowest ``known`` energy.
    """
    figure, axes = blank(height=4.2)
    predicted = []
    for i, (label, found) in enumerate(panels.items()):
        ends = passed(found)
        true = np.minimum([end.true for end in ends], 1e12)
        predicted += [end.learned for end in ends]
        style = {"color": COLOURS[i], "marker": MARKERS[i], "linestyle": "none"}
        axes.plot(true, [end.learned for end in ends], label=label, **style)
    bottom = min([*predicted, known]) * 1.05
    axes.plot([bottom, 0], [bottom, 0], LINES[0], color=BLACK, linewidth=1.0, label="as predicted")
    axes.axvline(known, color="#777777", linestyle=LINES[1], linewidth=1.0, label="lowest known V")
    axes.set_xscale("symlog", linthresh=100)
    axes.set_xticks([-100, 0, 100, 1e4, 1e6, 1e8, 1e10, 1e12])
    axes.set_xticks([], minor=True)
    axes.set(xlim=(min(-150, 1.2 * known), 3e12), ylim=(1.05 * bottom, None))
    axes.set(xlabel="true V / ε", ylabel="predicted V / ε")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def fooled_table(panels: Mapping[str, Sequence[Driven]]) -> pd.DataFrame:
    """The structure with the lowest predicted energy of each, as text."""
    rows = []
    for label, found in panels.items():
        cells = ["–"] * 4
        if passed(found):
            fooling = worst(found)
            ends = [end.trial.energy for end in found if end.trial.energy is not None]
            lowest = words.energy(min(ends)) if ends else "–"
            energies = [words.energy(energy) for energy in (fooling.learned, fooling.true)]
            cells = [*energies, f"{fooling.closest:.2g}", lowest]
        reached = sum(end.trial.found is not None for end in found)
        rows.append([label, *cells, f"{reached} of {len(found)}"])
    header = ["Search", "Predicted V", "True V", "Closest pair", "Lowest after relaxing", "Successes"]
    return pd.DataFrame(rows, columns=header)


def rounds_table(found: Mapping[int, Sequence[Sequence[trials.Trial]]]) -> pd.DataFrame:
    """Successes after each round, and mean calls of the true potential for each search, by number of structures."""
    rows = []
    for n_structures, by_round in found.items():
        for number, tried in enumerate(by_round, 1):
            reached = trials.summary(tried)
            calls = np.mean([trial.calls for trial in tried])
            energies = [trial.energy for trial in tried if trial.energy is not None]
            shown = [words.energy(of(energies), 3) if energies else "–" for of in (np.median, min)]
            cells = [f"{reached['successes']} of {reached['trials']}", f"{calls:,.0f}", *shown]
            rows.append([f"{n_structures:,}", f"{tried[0].labels:,}", str(number), *cells])
    header = ["Structures", "Labels", "Rounds", "Successes", "Calls", "Median V", "Lowest V"]
    return pd.DataFrame(rows, columns=header)
