"""What the page on how a network is fooled shows: where a search on it ends, and what the true energy is there."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import search
from surrogates.analysis.formatting import NONE, energy, significant
from surrogates.analysis.plots import BLACK, COLOURS, LINES, MARKERS, blank


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
    axes.plot([bottom, 0], [bottom, 0], LINES[0], color=BLACK, linewidth=1.0, label="as predicted")
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
        cells = [NONE] * 4
        if candidates(found):
            worst = most_fooled(found)
            ends = [trial.energy for trial in found if trial.energy is not None]
            relaxed = energy(min(ends)) if ends else NONE
            cells = [energy(worst.learned), energy(worst.true), significant(worst.closest, 2), relaxed]
        reached = sum(trial.found is not None for trial in found)
        rows.append([label, *cells, f"{reached} of {len(found)}"])
    header = ["Search", "Predicted V", "True V", "Closest pair", "Lowest after relaxing", "Successes"]
    return pd.DataFrame(rows, columns=header)
