"""What the page on searches with a surrogate shows: the settings that were tuned, energies by calls, rounds, goals."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import data, search
from surrogates.analysis import animation, searches
from surrogates.analysis.formatting import MISSING, energy, scientific, significant, whole
from surrogates.analysis.plots import COLOURS, LINES, blank

LEAST_SUCCESS = 0.8  # of the seeds, from which a surrogate is to find the goal
MOST_CALLS = 0.01  # of the calls of basin hopping, which it is to take for that at most

TUNED = {"temperature": "temperature", "shake": "shift", "atoms": "atoms", "width": "width"}
"""The fields of a strategy that are tuned, and what :func:`at_edge` calls them."""


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


def energy_by_calls(found: Mapping[str, Sequence[search.Trial]], problem: search.Problem) -> Figure:
    """The best energy so far above the lowest known one, by calls of the true potential: each seed, and the median.

    A search that ends keeps its energy. Those at the lowest known one, or below, are drawn at the tolerance.
    """
    best = searches.lowest_trial(found)
    lowest = min(problem.goal - search.TOLERANCE, np.inf if best is None else best.energy)
    figure, axes = blank(height=4.2)
    for i, (label, tried) in enumerate(found.items()):
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
    axes.set(xscale="log", yscale="log", xlabel="calls of the true potential", title=f"{problem.n_atoms} atoms")
    axes.set(ylabel="best V so far − lowest known V / ε", ylim=(0.5 * search.TOLERANCE, None))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def best_structures(
    found: searches.Trials, label: str, problems: Mapping[int, search.Problem]
) -> dict[str, np.ndarray]:
    """The best structure for each number of atoms: first those of the searches of one label, then those of all.

    Each by its title: number of atoms, whose it is, its energy, and whether that is the lowest known one.
    """
    shown = {}
    for title in (label, "any search"):
        for n, problem in problems.items():
            of_size = {name: of[n] for name, of in found.items() if title in (name, "any search")}
            best = searches.lowest_trial(of_size)
            if best is None:
                continue
            known = "the lowest known" if best.energy <= problem.goal else "not the lowest"
            name = f"{n} atoms, {title}\nV = {energy(best.energy, 3)},\n{known}"
            shown[name] = np.array(best.positions)
    return shown


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
    coldest = min(settings.temperatures)
    chosen = {label: {n: best.strategy for n, best in of_size.items()} for label, of_size in tuned.items()}
    return {
        "n_seeds": settings.search_seeds,
        "most": whole(settings.most_calls),
        "tuning_seeds": settings.tuning_seeds,
        "tuning_calls": whole(settings.tuning_calls),
        "tuning_spent": whole(sum(best.spent for of_size in tuned.values() for best in of_size.values())),
        "finalists": settings.finalists,
        "final_seeds": settings.final_seeds,
        "coldest": significant(coldest),
        "half_up": scientific(np.exp(-0.5 / coldest), 1),
        "edges": edges_sentence(at_edge(chosen, searches.strategies(settings))),
    }


def search_numbers(
    settings, by_networks: Sequence[search.Trial], gains: pd.DataFrame, low: data.Data
) -> dict[str, str | int]:
    """What the text says of the searches with a surrogate, by name.

    ``by_networks`` are those with the networks for the largest number of atoms, ``gains`` those of the spline and the
    networks from :func:`surrogates.analysis.searches.paybacks`, and ``low`` is what both were trained on.
    """
    largest = max(settings.search_atoms)
    few, many = gains[gains.atoms == largest].itertuples()
    return {
        "few": whole(settings.few_structures),
        "many": whole(settings.training_structures),
        "members": settings.members,
        "agreement": significant(settings.spread),
        "keep": settings.keep,
        "relaxed": settings.relaxed,
        "largest": largest,
        "rival": searches.rival_calls(few),
        "calls_few": whole(few.calls),
        "calls_many": whole(many.calls),
        "asked_few": whole(few.labels),
        "asked_many": whole(many.labels),
        "surrogate_calls": whole(int(np.median([trial.counts["calls"] for trial in by_networks]))),
        "worth": searches.paybacks_sentence(gains),
        "tolerance": significant(search.TOLERANCE),
        "film_known": energy(search.lowest_known(largest), 3),
        "trained_atoms": low.n_atoms,
        "lowest_label": energy(data.simulate(low).train.energies.min()),
    }


def search_goals(gains: pd.DataFrame, largest: int, n_seeds: int) -> list[tuple[str, str, bool]]:
    """What the searches with a surrogate were to reach with the largest number of atoms, and what they did reach.

    ``gains`` are those of :func:`surrogates.analysis.searches.paybacks`, of which the last one is by networks.
    """
    of_size = gains[gains.atoms == largest].set_index("search")
    needed = int(np.ceil(LEAST_SUCCESS * n_seeds))
    both_at_once = set(searches.sufficient(gains, largest, needed, MOST_CALLS).search)
    measured = {
        label: f"{label}: {row.successes} of {n_seeds}, {whole(row.calls)} of {searches.rival_calls(row)} calls"
        for label, row in of_size.iterrows()
    }
    labels = [f"{label}: {whole(row.labels)} labels" for label, row in of_size.iterrows()]
    *_, networks = measured
    return [
        (
            f"A surrogate finds {largest} atoms from at least {needed} of {n_seeds} seeds, with at most a hundredth of "
            "the calls of tuned basin hopping",
            "; ".join(measured.values()),
            bool(both_at_once),
        ),
        (f"The {networks}, which are networks, do so", measured[networks], networks in both_at_once),
        (
            f"The labels are paid back by a single search of {largest} atoms, with one of the surrogates",
            "; ".join(labels),
            bool(of_size.one.any()),
        ),
    ]
