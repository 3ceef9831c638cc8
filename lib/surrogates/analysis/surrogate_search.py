"""What the page on searches with a surrogate shows: the settings that were tuned, success by calls, sizes, goals."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from surrogates import models, search
from surrogates.analysis import animation, searches
from surrogates.analysis.formatting import MISSING, energy, listed, significant, whole

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


class Way(NamedTuple):
    """A search in rounds, the numbers of atoms for which it is tried, from how many seeds, with how many calls each."""

    sizes: Sequence[int]
    strategy: search.InRounds
    seeds: int
    calls: int


def in_rounds(hopping: search.BasinHopping, settings) -> dict[str, Way]:
    """The searches that learn in rounds, on each of which the same basin hopping walks, by label."""
    by_training = {"steps": 15, "starts": 1, "keep": 3}
    smooth = models.Messages(channels=16, hidden=(32,), gaussians=24)
    pairs, network = (search.ForceNetwork(model, settings.network_epochs) for model in (models.Pairs(), smooth))
    few = settings.network_seeds, settings.network_calls
    return {
        "spline in rounds": Way(
            settings.search_atoms,
            search.InRounds(search.PairSpline(), hopping),
            settings.search_seeds,
            settings.most_calls,
        ),
        "pair network in rounds": Way(
            settings.search_atoms, search.InRounds(pairs, hopping, descents=2, **by_training), *few
        ),
        "network in rounds": Way(
            settings.network_atoms,
            search.InRounds(network, hopping, descents=settings.network_descents, **by_training),
            *few,
        ),
    }


def by_move(folder: str, learners: Sequence[search.Learner], pockets: search.BasinHopping, settings) -> searches.Trials:
    """Sizes at which a search with labels beforehand used to fail: atoms dropped, few hops or more, or in pockets."""
    failing = {n: search.lennard_jones_problem(n) for n in settings.failing_atoms}
    moves = {
        "dropping": (search.BasinHopping(), settings.hops),
        "dropping longer": (search.BasinHopping(), settings.more_hops),
        "pockets": (pockets, settings.hops),
    }
    return {
        name: searches.with_surrogate(folder, failing, learners, method, settings, hops=hops)
        for name, (method, hops) in moves.items()
    }


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
        return (
            "None of them is at an edge of what was tried, but for what can be no smaller: no step up, a single atom, "
            "a minimum relaxed to the end."
        )
    return f"The largest or the smallest value that was tried came out best in these cases: {'; '.join(edges)}."


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


def film_numbers(moving: Mapping[str, object], hops: int, labels: int) -> dict[str, str]:
    """What the text says of a :func:`film` of so many hops, after so many labels, by name."""
    end = energy(moving["energies"][-1], 3)
    numbers = {"film_hops": hops, "film_calls": moving["calls"], "film_labels": labels}
    return {name: whole(number) for name, number in numbers.items()} | {"film_energy": end}


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


def search_numbers(settings, rounds: Mapping[str, Way], gains: pd.DataFrame, largest: int) -> dict[str, str | int]:
    """What the text says of the searches with a surrogate, by name.

    ``rounds`` are those of :func:`in_rounds`, and ``gains`` those of :func:`surrogates.analysis.searches.paybacks`, in
    the same order, and then with labels beforehand.
    """
    spline, pairs, network, before = gains[gains.atoms == largest].itertuples()
    by_spline, by_pairs, by_network = (way.strategy for way in rounds.values())
    weights = models.build(by_network.student.model, largest, 1.0).count_params()
    return {
        "few": whole(settings.few_structures),
        "more_hops": settings.more_hops,
        "hops": settings.hops,
        "label_sets": settings.label_sets,
        "failing": f"{listed([str(n) for n in settings.failing_atoms])} atoms",
        "network_most": whole(settings.network_calls),
        "network_weights": whole(weights),
        "network_seeds": settings.network_seeds,
        "pairs_first": by_pairs.descents * by_pairs.steps,
        "pairs_total": whole(pairs.total),
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
    spline, trained, free, *_ = gains[gains.atoms == largest].itertuples()
    rival = searches.rival_calls(spline)
    return [
        (
            f"Basin hopping finds {largest} atoms with at most {RIVAL_CALLS} calls for one success",
            f"{rival} calls",
            not spline.least and spline.rival <= RIVAL_CALLS,
        ),
        (
            "Surrogates that know of pairs need at most a fifth of that, labels counted",
            "; ".join(f"{of.search}: {whole(of.total)} of {rival}" for of in (spline, trained)),
            max(spline.share, trained.share) <= PAIRS_SHARE,
        ),
        (
            "A network that does not know of pairs needs at most as much, labels counted",
            f"{free.search}: {whole(free.total)} of {rival}",
            free.share <= 1,
        ),
    ]
