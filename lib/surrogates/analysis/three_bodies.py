"""What the page on a potential that is no sum over pairs shows of searches and structures."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import search
from surrogates.analysis import searches
from surrogates.analysis.formatting import MISSING, energy, listed, significant, whole
from surrogates.analysis.plots import gallery

ARGON = 0.07  # its triple-dipole coefficient over that of its pairs, in epsilon sigma^9


Systems = Mapping[tuple[int, float], Mapping[str, Sequence[search.Trial]]]
"""Trials by number of atoms and strength of the three-body energy, and by search."""

RIVALS = ("multistart", "pockets", "pockets and shakes")
"""The searches without a surrogate, of which the one with the fewest calls for a success counts."""


def systems_table(systems: Systems, lowest: Mapping[tuple[int, float], Mapping[str, object]]) -> pd.DataFrame:
    """What one success costs by each search of each system, as text, beside the goal and how many agree on it."""
    labels = list(dict.fromkeys(label for found in systems.values() for label in found))
    rows = []
    for (n, strength), found in systems.items():
        goal = lowest[n, strength]
        row = [str(n), significant(strength), f"{energy(goal['energy'], 3)} ({goal['seeds']})"]
        for label in labels:
            costs = searches.price(found[label]) if label in found else None
            row.append(f"{whole(costs['total'])} ({costs['successes']} of {costs['trials']})" if costs else MISSING)
        rows.append(row)
    return pd.DataFrame(rows, columns=["Atoms", "ν / ε σ⁹", "Goal", *labels])


def paying(systems: Systems, label: str) -> tuple[list[str], list[str]]:
    """The systems in which a success costs less than by the best rival, with every call counted, and the other ones."""
    yes, no = [], []
    for (n, strength), found in systems.items():
        if label in found:
            rival = min(searches.price(found[other])["total"] for other in RIVALS if other in found)
            cheaper = searches.price(found[label])["total"] < rival
            (yes if cheaper else no).append(f"{n} atoms with {significant(strength)}")
    return yes, no


def systems_numbers(systems: Systems, settings) -> dict[str, str | int]:
    """What the text says of the systems, by name; ``settings`` are the parameters of the page."""
    short, long = [], []
    for label in ("spline in rounds", "network in rounds"):
        yes, no = paying(systems, label)
        if not yes and not no:
            continue
        short.append(f"the {label} pays in {len(yes)} of {len(yes) + len(no)} systems")
        said = f"pays for {listed(yes)}" if yes else "pays never"
        long.append(f"The {label} {said}{f', not for {listed(no)}' if yes and no else ''}.")
    return {
        "systems_short": f"{' and '.join(short)} with every call counted." if short else "",
        "systems_long": " ".join(long),
        "system_seeds": settings.system_seeds,
        "system_calls": whole(settings.system_calls),
        "round_calls": whole(settings.round_calls),
        "network_calls": whole(settings.network_calls),
    }


def common_end(tried: Sequence[search.Trial]) -> str:
    """The lowest true energy that most searches come to, and how many of them: "V (... of ...)"."""
    ends = Counter(energy(trial.energy, 2) for trial in tried if trial.energy is not None)
    if not ends:
        return MISSING
    ((most, number),) = ends.most_common(1)
    return f"{most} ({number} of {len(tried)})"


def found_by_relaxation(tried: Sequence[search.Trial]) -> int:
    """In how many successes it was the relaxation on the true potential that came to the goal, not a candidate."""
    return sum(trial.found is not None and trial.found > trial.counts["candidates"] for trial in tried)


def structures(
    true,
    compact: Mapping[str, object],
    lowest: Mapping[str, object],
    found: searches.Trials,
    learned: Iterable[str],
) -> Figure:
    """The lowest structures and the best ones that surrogates led to, each with its energy in the true potential.

    ``compact`` and ``lowest`` are those of pairs alone and of the true potential, from
    :func:`surrogates.search.reference`; ``found`` are the trials by search and number of atoms, of which ``learned``
    are those with a surrogate.
    """
    shown = {"pairs alone": compact["positions"], "three bodies": lowest["positions"]}
    for label in learned:
        end = searches.lowest_trial(found[label])
        if end is not None:
            shown[label] = end.positions
    clusters = {title: np.array(positions) for title, positions in shown.items()}
    return gallery({f"{title}\nV = {energy(float(true(at)[0]))}": at for title, at in clusters.items()})


def three_body_goals(by_pairs: int, by_graph: int, of: int) -> list[tuple[str, str, bool]]:
    """What the searches with either surrogate were to show, by their successes of so many."""
    return [
        ("With three-body energies the sum over pairs fails", f"{by_pairs} of {of}", by_pairs < of / 2),
        ("and the graph network succeeds", f"{by_graph} of {of}", by_graph > of / 2),
    ]
