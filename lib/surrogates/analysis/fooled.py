"""What the page on how a network is fooled shows: where a search on it ends, and what the true energy is there."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import search
from surrogates.analysis import searches
from surrogates.analysis.formatting import MISSING, energy, fixed, none_or, significant, whole
from surrogates.analysis.plots import BLACK, COLOURS, LINES, MARKERS, blank, gallery


def candidates(found: Sequence[search.Trial]) -> list[search.Candidate]:
    """Where the searches ended that ended with a structure which could be checked."""
    return [trial.candidate for trial in found if trial.candidate is not None]


def most_fooled(found: Sequence[search.Trial]) -> search.Candidate:
    """The one with the lowest prediction; of NaN throughout where no search ended with a structure."""
    nothing = search.Candidate(np.nan, np.nan, np.nan, [])
    return min(candidates(found), key=lambda end: end.learned, default=nothing)


def predicted_against_true(panels: Mapping[str, Sequence[search.Trial]], known: float) -> Figure:
    """The energy that a surrogate predicts for the structures it was driven to, against their true energy.

    The true energy is on an axis that is linear up to 100 epsilon, then logarithmic; energies above 10^12 are drawn
    there. A line stands where both are equal, another at the lowest ``known`` energy.
    """
    figure, axes = blank(height=4.2)
    predicted = []
    for i, (label, found) in enumerate(panels.items()):
        ends = candidates(found)
        true = np.minimum([end.true for end in ends], 1e12)
        predicted += [end.learned for end in ends]
        style = {"color": COLOURS[i], "marker": MARKERS[i], "linestyle": "none"}
        axes.plot(true, [end.learned for end in ends], label=label, **style)
    bottom = min([*predicted, known]) * 1.05
    equal = np.linspace(bottom, 0, 200)  # no straight line on this axis
    axes.plot(equal, equal, LINES[0], color=BLACK, linewidth=1.0, label="predicted = true")
    axes.axvline(known, color="#777777", linestyle=LINES[1], linewidth=1.0, label="lowest known V")
    axes.set_xscale("symlog", linthresh=100)
    axes.set_xticks([-100, 0, 100, 1e4, 1e6, 1e8, 1e10, 1e12])
    axes.set_xticks([], minor=True)
    axes.set(xlim=(min(-150, 1.2 * known), 3e12), ylim=(1.05 * bottom, None))
    axes.set(xlabel="true V / ε", ylabel="predicted V / ε")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def driven_table(panels: Mapping[str, Sequence[search.Trial]]) -> pd.DataFrame:
    """The structure with the lowest predicted energy of each, as text."""
    rows = []
    for label, found in panels.items():
        cells = [MISSING] * 4
        if candidates(found):
            worst = most_fooled(found)
            ends = [trial.energy for trial in found if trial.energy is not None]
            relaxed = energy(min(ends)) if ends else MISSING
            cells = [energy(worst.learned), energy(worst.true), significant(worst.closest, 2, zeros=True), relaxed]
        reached = sum(trial.found is not None for trial in found)
        rows.append([label, *cells, f"{reached} of {len(found)}"])
    header = ["Search", "Predicted V", "True V", "Closest pair", "Lowest after relaxing", "Successes"]
    return pd.DataFrame(rows, columns=header)


def worst_structures(panels: Mapping[str, Sequence[search.Trial]]) -> Figure:
    """The structures with the lowest predictions, with predicted and true energy."""
    worst = {label: most_fooled(found) for label, found in panels.items()}
    shown = {
        f"{label}\npredicted {energy(end.learned)}\ntrue {energy(end.true)}": np.array(end.positions)
        for label, end in worst.items()
        if end.positions
    }
    return gallery(shown)


def driven_numbers(free: Sequence[search.Trial], bound: Sequence[search.Trial], closest: float) -> dict[str, str | int]:
    """What the text says of the searches without and with a bound on distances, by name.

    ``closest`` is the closest pair of the structures that the network was trained on, in units of sigma.
    """
    unguarded, guarded = most_fooled(free), most_fooled(bound)
    counts = searches.total_counts(bound)
    ends = [trial.energy for trial in (*free, *bound) if trial.energy is not None]
    return {
        "fooled_learned": energy(unguarded.learned, 1),
        "fooled_true": energy(unguarded.true),
        "fooled_closest": significant(unguarded.closest, 2, zeros=True),
        "guarded_learned": energy(guarded.learned, 1),
        "guarded_true": energy(guarded.true),
        "ends": len(candidates(free)),
        "left_range": sum(end.closest < closest for end in candidates(free)),
        "asked_beyond": fixed(100 * counts["calls beyond the range"] / max(counts["calls"], 1)),
        "driven_lowest": energy(min(ends, default=np.nan)),
    }


def found_numbers(free: Sequence[search.Trial], bound: Sequence[search.Trial]) -> dict[str, str]:
    """How many searches succeed, "... of ...", without and with a bound."""
    numbers = {}
    for name, found in (("found_free", free), ("found_bound", bound)):
        reached = sum(trial.found is not None for trial in found)
        numbers[name] = f"{none_or(reached)} of {whole(len(found))}"
    return numbers


def evolution_sentence(tried: Sequence[search.Trial], calls: int) -> str:
    """How CMA-ES fares on the true potential itself; nothing where it was not tried with as many atoms."""
    if not tried:
        return ""
    return (
        f"On the true potential itself, with new starts and {whole(calls)} calls, CMA-ES succeeds from "
        f"{none_or(search.summary(tried)['successes'])} of {len(tried)} seeds."
    )


def control_sentence(tried: Sequence[search.Trial], structures: int) -> str:
    """What as short a search finds on a spline that was fitted to so many structures, and what that says of hops."""
    reached = search.summary(tried)["successes"]
    said = (
        f"As short a search on a spline, fitted to the energies of {whole(structures)} random structures with V < 0, "
        f"finds the lowest structure from {none_or(reached)} of {len(tried)} seeds"
    )
    return f"{said}: hops are not what is missing." if reached else f"{said}: more hops might find it here too."


def goal(free: Sequence[search.Trial], bound: Sequence[search.Trial], n_atoms: int) -> tuple[str, str, bool]:
    """What the report's network was to lead to as a black box, and what it did lead to."""
    reached = [sum(trial.found is not None for trial in found) for found in (free, bound)]
    wanted = f"The report's network as a black box leads to the lowest structure of {n_atoms} atoms"
    return wanted, f"{reached[0]} of {len(free)} searches do, {reached[1]} of {len(bound)} guarded", sum(reached) > 0
