"""What the page on searches with a surrogate shows: the settings that were tuned, success by calls, sizes, goals."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import models, search
from surrogates.analysis import animation, searches
from surrogates.analysis.formatting import MISSING, energy, listed, significant, whole
from surrogates.analysis.plots import blank, success_curve

RIVAL_CALLS = 700  # for one success with the largest number of atoms, which basin hopping is to need at most
PAIRS_SHARE = 0.2  # of them, which a surrogate that knows pairs is to need at most, labels included

TUNED = {
    "temperature": "temperature",
    "shake": "shift",
    "atoms": "atoms",
    "width": "width",
    "tolerance": "tolerance",
    "patience": "hops in vain",
}
"""The fields of a strategy that are tuned, and what :func:`at_edge` calls them."""


def moves_table(folder: str, problems: Mapping[int, search.Problem], settings) -> pd.DataFrame:
    """The fewest calls for one success with each move of basin hopping, over its settings, in the first trials."""
    rows = []
    for move, tried in searches.moves(settings).items():
        cells = []
        for problem in problems.values():
            seeds = searches.apart(1, settings.seed, settings.tuning_seeds)
            found = search.ranked(f"{folder}/tuning", problem, tried, seeds, settings.tuning_calls)
            cells.append(whole(next(iter(found.values()))["calls"]))
        rows.append([move, *cells])
    return pd.DataFrame(rows, columns=["Move", *(f"{n} atoms" for n in problems)])


def settings_table(tuned: Mapping[str, Mapping[int, search.Tuned]]) -> pd.DataFrame:
    """The settings of searches without a surrogate that were found best, as text."""
    rows = []
    for variant, by_size in tuned.items():
        for n, (chosen, _) in by_size.items():
            tolerance = MISSING
            if isinstance(chosen, search.CMAES):
                temperature, step = MISSING, f"first steps of {significant(chosen.width)} σ"
            else:
                tolerance = significant(chosen.tolerance)
                temperature, step = significant(chosen.temperature), f"shifts up to {significant(chosen.shake)} σ"
                if chosen.surface == 1:
                    step = f"1 to {chosen.atoms} atoms" if chosen.atoms > 1 else "1 atom"
                    step += " into pockets" if chosen.pockets else " on the surface"
            rows.append([variant, str(n), temperature, step, tolerance])
    return pd.DataFrame(rows, columns=["Search", "Atoms", "Temperature / ε", "Step", "Relaxed to / ε/σ"])


def at_edge(
    chosen: Mapping[str, Mapping[int, search.Strategy]],
    tried: Mapping[str, Sequence[search.Strategy]],
    tolerances: Sequence[float] = (),
) -> list[str]:
    """Which of the chosen settings, by search and number of atoms, are the largest or the smallest that were tried.

    What can be no smaller is no edge: a step of one atom, a relaxation to the end, a temperature of 0; nor are settings
    that the step makes no use of, nor the only value that was tried.
    """
    found = []
    for label, by_size in chosen.items():
        for n, method in by_size.items():
            for name, word in TUNED.items():
                values = {getattr(other, name) for other in tried[label] if hasattr(other, name)}
                values |= set(tolerances) if name == "tolerance" and values else set()
                unused = {"shake": 1.0, "atoms": 0.0}.get(name, np.nan) == getattr(method, "surface", None)
                least = min(values, default=0) if name not in ("atoms", "tolerance") else 0
                if not unused and len(values) > 1 and getattr(method, name) in {least, max(values)} - {0}:
                    found.append(f"{n} atoms, {label}: {word} {significant(getattr(method, name))}")
    return found


def edges_sentence(edges: Sequence[str]) -> str:
    """The same as a sentence."""
    if not edges:
        return "None of them is the largest or the smallest of several values that were tried."
    return f"The largest or the smallest value that was tried came out best in these cases: {'; '.join(edges)}."


def success_curves(found: searches.Trials, n_atoms: int) -> Figure:
    """The share of the seeds that have reached the goal, by calls of the true potential, for each search of one size.

    Labels count as calls; where there are some, a thin line shows what is left without them.
    """
    figure, axes = blank(height=4.2)
    of_size = {label: sizes[n_atoms] for label, sizes in found.items() if n_atoms in sizes}
    for i, (label, tried) in enumerate(of_size.items()):
        both = [(2.4, label, True)]
        both += [(1.6, f"{label}, without its labels", False)] if any(t.labels for t in tried) else []
        for width, name, counted in both:
            reached = [t.found + counted * t.labels for t in tried if t.found is not None]
            name += "" if reached else " (never)"
            success_curve(axes, i, reached, len(tried), name, linewidth=width)
    axes.set(xlabel="calls of the true potential", ylabel="share of the seeds", title=f"{n_atoms} atoms")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def sizes_table(found: searches.Trials) -> pd.DataFrame:
    """For each number of atoms the lowest known energy, how many searches agree on it, and what a success costs."""
    known, rows = search.known_minima(), []
    for n in next(iter(found.values())):
        minimum = known.loc[n]
        row = [str(n), energy(minimum.energy, 3), f"{int(minimum.agreed)} of {int(minimum.searches)}"]
        for of_size in found.values():
            costs = searches.price(of_size[n])
            row += [f"{costs['successes']} of {costs['trials']}", whole(costs["total"])]
        rows.append(row)
    header = ["Atoms", "Lowest known V", "Agreed"]
    return pd.DataFrame(rows, columns=header + [column for name in found for column in (name, f"{name}: calls")])


def sizes_numbers(found: searches.Trials) -> dict[str, str]:
    """How many searches of all sizes succeed, "... of ...", by the name of the search with underscores."""
    said = {}
    for name, of_size in found.items():
        costs = [searches.price(tried) for tried in of_size.values()]
        of = [sum(cost[what] for cost in costs) for what in ("successes", "trials")]
        said[name.replace(", ", "_").replace(" ", "_")] = f"{of[0]} of {of[1]}"
    return said


def film(moving: Mapping[str, list], n_atoms: int) -> str:
    """A :func:`surrogates.search.trajectory` as a moving drawing, with the true energy of each frame."""
    captions = [
        f"{caption}: V = {energy(of)}" for caption, of in zip(moving["captions"], moving["energies"], strict=True)
    ]
    description = f"{n_atoms} atoms move from random places into a compact structure."
    return animation.html("random-to-minimum", moving["frames"], captions, description)


def film_numbers(moving: Mapping[str, object], hops: int) -> dict[str, str]:
    """What the text says of a :func:`film` of so many hops, by name."""
    end = energy(moving["energies"][-1], 3)
    return {"film_hops": whole(hops), "film_calls": whole(moving["calls"]), "film_energy": end}


def tuning_numbers(settings, tuned: Mapping[str, Mapping[int, search.Tuned]]) -> dict[str, str | int]:
    """What the text says of the searches without a surrogate and their settings, by name."""
    chosen = {label: {n: best.strategy for n, best in of_size.items()} for label, of_size in tuned.items()}
    return {
        "n_seeds": settings.search_seeds,
        "most": whole(settings.most_calls),
        "tuning_seeds": settings.tuning_seeds,
        "tuning_calls": whole(settings.tuning_calls),
        "tuning_spent": whole(sum(best.spent for of_size in tuned.values() for best in of_size.values())),
        "finalists": settings.finalists,
        "final_seeds": settings.final_seeds,
        "edges": edges_sentence(at_edge(chosen, searches.strategies(settings), settings.tolerances)),
    }


def search_numbers(
    settings, strategies: Mapping[str, search.InRounds], gains: pd.DataFrame, largest: int
) -> dict[str, str | int]:
    """What the text says of the searches with a surrogate, by name.

    ``strategies`` are those in rounds, "spline" and "network", and ``gains`` those of
    :func:`surrogates.analysis.searches.paybacks`, in this order, and with labels beforehand.
    """
    spline, network, before = gains[gains.atoms == largest].itertuples()
    by_spline, by_network = strategies["spline"], strategies["network"]
    weights = models.build(by_network.student.model, largest, 1.0).count_params()
    return {
        "few": whole(settings.few_structures),
        "label_sets": settings.label_sets,
        "failing": f"{listed([str(n) for n in settings.failing_atoms])} atoms",
        "network_most": whole(settings.network_calls),
        "network_weights": whole(weights),
        "network_first": by_network.descents * by_network.steps,
        "first_steps": by_spline.descents * by_spline.steps,
        "round_keep": by_spline.keep,
        "keep": settings.keep,
        "relaxed": settings.relaxed,
        "largest": largest,
        "rival": searches.rival_calls(spline),
        "spline_total": whole(spline.total),
        "spline_share": significant(100 * spline.share, 2),
        "network_total": whole(network.total),
        "network_share": significant(100 * network.share, 2),
        "before_calls": whole(before.calls),
        "before_labels": whole(before.labels),
        "worth": searches.paybacks_sentence(gains),
        "tolerance": significant(search.TOLERANCE),
        "film_known": energy(search.lowest_known(largest), 3),
    }


def search_goals(gains: pd.DataFrame, largest: int) -> list[tuple[str, str, bool]]:
    """What basin hopping and the searches in rounds were to reach with the largest number of atoms, and did reach."""
    pairs, free, *_ = gains[gains.atoms == largest].itertuples()
    rival = searches.rival_calls(pairs)
    return [
        (
            f"Basin hopping finds {largest} atoms with at most {RIVAL_CALLS} calls for one success",
            f"{rival} calls",
            not pairs.least and pairs.rival <= RIVAL_CALLS,
        ),
        (
            "A surrogate that knows of pairs needs at most a fifth of that, labels counted",
            f"{pairs.search}: {whole(pairs.total)} of {rival}",
            pairs.share <= PAIRS_SHARE,
        ),
        (
            "A network that does not know of pairs needs at most as much, labels counted",
            f"{free.search}: {whole(free.total)} of {rival}",
            free.share <= 1,
        ),
    ]
