"""What the page on a potential that is no sum over pairs shows of searches and structures."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from surrogates import search
from surrogates.analysis import searches
from surrogates.analysis.formatting import energy
from surrogates.analysis.plots import gallery

ARGON = 0.07  # its triple-dipole coefficient over that of its pairs, in epsilon sigma^9


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
