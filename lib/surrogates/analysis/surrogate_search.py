"""Tables, sentences and figures of searches without and with a surrogate: successes, calls, labels.

A search is named by its label; of each there are the trials from several seeds, for one or several numbers of atoms.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import search
from surrogates.analysis.formatting import NONE, energy, listed, percent, significant, whole
from surrogates.analysis.plots import COLOURS, LINES, blank

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

TUNED = {"temperature": "temperature", "shake": "shift", "atoms": "atoms", "width": "width"}
"""The fields of a strategy that are tuned, and what :func:`at_edge` calls them."""


def trials_table(searches: Mapping[str, Sequence[search.Trial]]) -> pd.DataFrame:
    """Successes, calls and labels of several ways to search, as text."""
    rows = []
    for name, tried in searches.items():
        found = search.summary(tried)
        successes = f"{found['successes']} of {found['trials']}"
        lowest = lowest_trial({name: tried})
        labels = whole(max(trial.labels for trial in tried))
        calls = [whole(found["made"]), whole(found["median"])]
        rows.append([name, successes, *calls, energy(lowest.energy, 3) if lowest else NONE, labels])
    header = ["Search", "Successes", "Calls for one", "Median", "Lowest V", "Labels"]
    return pd.DataFrame(rows, columns=header)


def searches_table(found: Mapping[str, Mapping[int, Sequence[search.Trial]]]) -> pd.DataFrame:
    """:func:`trials_table` for each number of atoms, one below the other."""
    parts = []
    for n in sorted({n for of_size in found.values() for n in of_size}):
        part = trials_table({name: of_size[n] for name, of_size in found.items() if n in of_size})
        part.insert(1, "Atoms", [str(n)] * len(part))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def lowest_trial(searches: Mapping[str, Sequence[search.Trial]]) -> search.Trial | None:
    """The trial with the lowest energy of several searches, None where none of them was worth a call."""
    seen = [trial for tried in searches.values() for trial in tried if trial.energy is not None]
    return min(seen, key=lambda trial: trial.energy, default=None)


def _counts(tried: Sequence[search.Trial]) -> Counter:
    return sum((Counter(trial.counts) for trial in tried), Counter())


def refusals_table(found: Mapping[str, Mapping[int, Sequence[search.Trial]]]) -> pd.DataFrame:
    """What became of the minima of surrogates: how many were looked at, and why others were not, as text.

    The last column is the share of all structures that a surrogate was asked for beyond the range of its training.
    """
    rows = []
    for name, of_size in found.items():
        for n, tried in of_size.items():
            counts = _counts(tried)
            asked = percent(counts["calls beyond the range"] / max(counts["calls"], 1), 1)
            rows.append([name, str(n), *(whole(counts[reason]) for reason in REASONS), asked])
    return pd.DataFrame(rows, columns=["Surrogate", "Atoms", *REASONS.values(), "Asked beyond"])


def refused_minima(*searches: Mapping[int, Sequence[search.Trial]]) -> int:
    """How many minima were looked at and not asked of the true potential, other than duplicates."""
    counts = _counts([trial for found in searches for tried in found.values() for trial in tried])
    return sum(counts[reason] for reason in REASONS if reason not in ("minima", "candidates", "duplicates"))


def paybacks(
    found: Mapping[str, Mapping[int, Sequence[search.Trial]]], plain: Sequence[str], learned: Sequence[str]
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
            costs = {other: search.summary(found[other][n])["made"] for other in plain}
            rival = min(costs.values())
            least = not np.isfinite(rival)
            if least:
                rival = float(min(sum(trial.calls for trial in found[other][n]) for other in plain))
            summary, labels = search.summary(tried), max(trial.labels for trial in tried)
            calls = summary["made"]
            pays = float(np.ceil(labels / (rival - calls))) if calls < rival else np.inf
            ratios = {"share": calls / rival, "one": labels + calls < rival, "pays": max(pays, 1.0)}
            row = {"search": name, "atoms": n, "rival": rival, "least": least, "successes": summary["successes"]}
            rows.append(row | {"calls": calls, "labels": labels} | ratios)
    return pd.DataFrame(rows)


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


def settings_table(tuned: Mapping[str, Mapping[int, search.Strategy]]) -> pd.DataFrame:
    """The settings of searches without a surrogate that were found best, as text."""
    rows = []
    for variant, by_size in tuned.items():
        for n, chosen in by_size.items():
            tolerance = NONE
            if isinstance(chosen, search.CMAES):
                temperature, step = NONE, f"first steps of {significant(chosen.width)} σ"
            else:
                tolerance = significant(chosen.tolerance)
                temperature, step = significant(chosen.temperature), f"shifts up to {significant(chosen.shake)} σ"
                if chosen.surface == 1:
                    step = f"1 to {chosen.atoms} atoms moved" if chosen.atoms > 1 else "1 atom moved"
            rows.append([variant, str(n), temperature, step, tolerance])
    return pd.DataFrame(rows, columns=["Search", "Atoms", "Temperature / ε", "Step", "Relaxed to / ε/σ"])


def at_edge(
    chosen: Mapping[str, Mapping[int, search.Strategy]], tried: Mapping[str, Sequence[search.Strategy]]
) -> list[str]:
    """Which of the chosen settings, by search and number of atoms, are the largest or the smallest that were tried.

    A surface step of one atom is no edge: there is no smaller one. Nor is the only value that was tried.
    """
    found = []
    for label, by_size in chosen.items():
        for n, method in by_size.items():
            for name, word in TUNED.items():
                values = {getattr(other, name) for other in tried[label] if hasattr(other, name)}
                least = min(values, default=None) if name != "atoms" else None
                if len(values) > 1 and getattr(method, name) in (least, max(values)):
                    found.append(f"{n} atoms, {label}: {word} {significant(getattr(method, name))}")
    return found


def edges_sentence(edges: Sequence[str]) -> str:
    """The same as a sentence."""
    if not edges:
        return "None of them is the largest or the smallest of several values that were tried."
    return f"The largest or the smallest value that was tried came out best in these cases: {'; '.join(edges)}."


def energy_by_calls(searches: Mapping[str, Sequence[search.Trial]], lowest: float, panel: str) -> Figure:
    """The best energy so far above the lowest known one, by calls of the true potential: each seed, and the median.

    A search that ends keeps its energy. Those at the ``lowest`` known one, or below, are drawn at the tolerance.
    """
    figure, axes = blank(height=4.2)
    for i, (label, tried) in enumerate(searches.items()):
        most = max(trial.calls for trial in tried)
        at = np.unique(np.geomspace(1, max(most, 2), 200).astype(int))
        above = []
        for trial in tried:
            calls, energies = np.array([(0, np.inf), *trial.steps]).T  # nothing is known before the first call
            so_far = energies[np.searchsorted(calls, at, side="right") - 1]
            above.append(np.maximum(so_far - lowest, search.TOLERANCE))
            axes.plot(at, above[-1], color=COLOURS[i], linewidth=0.5, alpha=0.3)
        style = {"color": COLOURS[i], "linestyle": LINES[i], "linewidth": 2.2, "label": label}
        axes.plot(at, np.median(above, axis=0), **style)
    axes.set(xscale="log", yscale="log", xlabel="calls of the true potential", title=panel)
    axes.set(ylabel="best V so far − lowest known V / ε", ylim=(0.5 * search.TOLERANCE, None))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def rounds_table(found: Mapping[int, Sequence[Sequence[search.Trial]]]) -> pd.DataFrame:
    """Successes after each round, and mean calls of the true potential for each search, by number of structures."""
    rows = []
    for n_structures, by_round in found.items():
        for number, tried in enumerate(by_round, 1):
            reached = search.summary(tried)
            energies = [trial.energy for trial in tried if trial.energy is not None]
            ends = [energy(of(energies), 3) if energies else NONE for of in (np.median, min)]
            calls = whole(np.mean([trial.calls for trial in tried]))
            cells = [f"{reached['successes']} of {reached['trials']}", calls, *ends]
            rows.append([whole(n_structures), whole(tried[0].labels), str(number), *cells])
    header = ["Structures", "Labels", "Rounds", "Successes", "Calls", "Median V", "Lowest V"]
    return pd.DataFrame(rows, columns=header)
