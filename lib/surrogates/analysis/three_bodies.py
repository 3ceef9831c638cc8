"""What the page on a potential that is no sum over pairs shows of searches and structures."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from surrogates import search
from surrogates.analysis.formatting import energy
from surrogates.analysis.plots import gallery


def found_by_relaxation(tried: Sequence[search.Trial]) -> int:
    """In how many successes it was the relaxation on the true potential that came to the goal, not a candidate."""
    return sum(trial.found is not None and trial.found > trial.counts["candidates"] for trial in tried)


def with_energies(clusters: Mapping[str, np.ndarray], energies: Mapping[str, float]) -> Figure:
    """Structures ``(atoms, 2)`` side by side, each with its energy in the title."""
    return gallery({f"{title}\nV = {energy(energies[title])}": clusters[title] for title in clusters})
