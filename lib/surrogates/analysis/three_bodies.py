"""What the page on a potential that is no sum over pairs shows of searches and structures."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import models, search
from surrogates.analysis import searches
from surrogates.analysis.formatting import MISSING, energy, fixed, listed, significant, whole
from surrogates.analysis.plots import gallery

ARGON = 0.07  # its triple-dipole coefficient over that of its pairs, in epsilon sigma^9


Systems = Mapping[tuple[int, float], Mapping[str, Sequence[search.Trial]]]
"""Trials by number of atoms and strength of the three-body energy, and by search."""

TUNED_HOPPING = "tuned hopping"

RIVALS = ("multistart", TUNED_HOPPING)
"""The searches without a surrogate, of which the one with the fewest calls for a success counts."""

Rivals = Mapping[tuple[int, float], search.Tuned]
"""Basin hopping that is tuned for each system, by number of atoms and strength of the three-body energy."""


_IN_ROUNDS = ("spline in rounds", "expansion in rounds", "network in rounds")


def rival_settings(settings) -> list[search.BasinHopping]:
    """The settings of basin hopping that are tried for each system; ``settings`` are the parameters of the page."""
    return [
        search.BasinHopping(temperature, share, tolerance=0.1, pockets=True, patience=patience)
        for temperature in settings.temperatures
        for share in settings.surfaces
        for patience in settings.patiences
    ]


def tuned_rival(folder: str, goal: search.Problem, settings) -> search.Tuned:
    """The best of :func:`rival_settings` for a system, from seeds that no search which is compared has."""
    return search.tune(
        f"{folder}/systems-tuning",
        goal,
        rival_settings(settings),
        searches.apart(1, settings.seed, settings.tuning_seeds),
        settings.system_calls,
        settings.finalists,
        searches.apart(2, settings.seed, settings.final_seeds),
        tolerances=(0.1,),
    )


class Search(NamedTuple):
    """A search of a system, from how many seeds, and the most calls of the true potential for each."""

    strategy: search.Strategy
    seeds: int
    calls: int


def searched(hopping: search.BasinHopping, rival: search.BasinHopping, strength: float, settings) -> dict[str, Search]:
    """The searches of a system with this strength, by label; those in rounds walk by ``hopping`` on what they learn."""
    smooth = search.ForceNetwork(models.Messages(channels=16, hidden=(32,), gaussians=24))
    in_rounds = {
        "spline in rounds": search.InRounds(search.PairSpline(), hopping, starts=1, hops=50),
        "expansion in rounds": search.InRounds(search.ExpansionFit(), hopping, steps=40, starts=1, hops=30, keep=3),
    }
    alone = {"multistart": search.Multistart(), TUNED_HOPPING: rival}
    ways = {label: Search(way, settings.system_seeds, settings.system_calls) for label, way in alone.items()}
    ways |= {label: Search(way, settings.round_seeds, settings.round_calls) for label, way in in_rounds.items()}
    if strength in settings.network_strengths:
        network = search.InRounds(smooth, hopping, descents=4, starts=1, hops=50)
        ways["network in rounds"] = Search(network, settings.network_seeds, settings.round_calls)
    return ways


def rivals_table(rivals: Rivals) -> pd.DataFrame:
    """What came out best for each system, as text, and the calls that the tuning took."""
    rows = [
        [
            str(n),
            significant(strength),
            significant(best.strategy.temperature),
            f"{fixed(100 * best.strategy.surface)}\u00a0%",
            whole(best.strategy.patience),
            whole(best.spent),
        ]
        for (n, strength), best in rivals.items()
    ]
    titles = ["Atoms", "ν / ε σ⁹", "Temperature / ε", "Into pockets", "Anew after steps in vain", "Calls of the tuning"]
    return pd.DataFrame(rows, columns=titles)


def tuned_rival_numbers(rivals: Rivals, settings) -> dict[str, str | int]:
    """What the text says of the tuning, by name; ``settings`` are the parameters of the page."""
    warmest, soonest, latest = max(settings.temperatures), min(settings.patiences), max(settings.patiences)
    chosen = [best.strategy for best in rivals.values()]
    edges = [
        (f"the highest temperature ({significant(warmest)} ε)", sum(one.temperature == warmest for one in chosen)),
        (f"the shortest patience ({soonest} steps)", sum(one.patience == soonest for one in chosen)),
        (f"the longest ({latest} steps)", sum(one.patience == latest for one in chosen)),
    ]
    said = listed([f"{what} in {number}" for what, number in edges])
    return {
        "rival_settings": len(rival_settings(settings)),
        "rival_spent": whole(sum(best.spent for best in rivals.values())),
        "rival_edges": f"The best one lies at an edge of what was tried: {said} of {len(chosen)} systems.",
        "tuning_seeds": settings.tuning_seeds,
        "finalists": settings.finalists,
        "final_seeds": settings.final_seeds,
    }


def systems_table(systems: Systems, lowest: Mapping[tuple[int, float], Mapping[str, object]]) -> pd.DataFrame:
    """What one success costs by each search of each system, as text, beside the goal and how many agree on it."""
    labels = list(dict.fromkeys(label for found in systems.values() for label in found))
    rows = []
    for (n, strength), found in systems.items():
        goal = lowest[n, strength]
        row = [str(n), significant(strength), f"{energy(goal['energy'], 3)}\u00a0({goal['seeds']})"]
        for label in labels:
            costs = searches.price(found[label]) if label in found else None
            row.append(f"{whole(costs['total'])}\u00a0({costs['successes']})" if costs else MISSING)
        rows.append(row)
    return pd.DataFrame(rows, columns=["Atoms", "ν / ε σ⁹", "Goal", *labels])


def paying(systems: Systems, label: str) -> tuple[dict[float, list[int]], dict[float, list[int]]]:
    """By strength the numbers of atoms for which a success costs less than by the best rival, and the other ones.

    Every call counts. Both have the same strengths, those of the systems that the search was tried on.
    """
    yes, no = {}, {}
    for (n, strength), found in systems.items():
        if label in found:
            rival = min(searches.price(found[other])["total"] for other in RIVALS if other in found)
            cheaper = searches.price(found[label])["total"] < rival
            yes.setdefault(strength, []).extend([n] if cheaper else [])
            no.setdefault(strength, []).extend([] if cheaper else [n])
    return yes, no


def paying_sentence(systems: Systems, label: str) -> str:
    """For which numbers of atoms, at which strengths, a search pays; strengths with the same numbers stand together."""
    yes, no = paying(systems, label)
    together = {}
    for strength in yes:
        together.setdefault((tuple(yes[strength]), tuple(no[strength])), []).append(significant(strength))
    said = []
    for (pays, not_for), strengths in together.items():
        where = f"at {listed(strengths)}"
        if not pays:
            said.append(f"never {where}")
        else:
            but = f", not for {listed([*map(str, not_for)])}" if not_for else ""
            said.append(f"for {listed([*map(str, pays)])} atoms {where}{but}")
    return f"The {label} pays {'; '.join(said)}."


def systems_numbers(systems: Systems, settings) -> dict[str, str | int]:
    """What the text says of the systems, by name; ``settings`` are the parameters of the page."""
    short, long = [], []
    for label in _IN_ROUNDS:
        yes, no = (sum(map(len, part.values())) for part in paying(systems, label))
        if yes + no:
            short.append(f"in {yes} of {yes + no}{'' if short else ' systems'} with the {label.split()[0]}")
            long.append(paying_sentence(systems, label))
    return {
        "systems_short": f"searches in rounds pay {listed(short)}, every call counted." if short else "",
        "systems_long": " ".join(long),
        "system_seeds": settings.system_seeds,
        "system_calls": whole(settings.system_calls),
        "round_seeds": settings.round_seeds,
        "round_calls": whole(settings.round_calls),
        "network_seeds": settings.network_seeds,
        "most_atoms": max(settings.system_atoms),
    }


def panels(systems: Systems, n_atoms: int) -> dict[str, Mapping[str, Sequence[search.Trial]]]:
    """The trials with one number of atoms, by strength, for :func:`surrogates.analysis.plots.success_curves`."""
    return {f"ν = {significant(strength)} ε σ⁹": found for (n, strength), found in systems.items() if n == n_atoms}


def payback(label: str, tried: Sequence[search.Trial], rival: float) -> str:
    """After how many searches the labels of a surrogate have paid, beside a rival of so many calls for a success."""
    costs = searches.price(tried)
    if not costs["calls"] < rival:
        return f"the {label} never pays, since its search alone takes {whole(costs['calls'])} calls"
    return f"the {label} pays after {whole(np.ceil(costs['labels'] / (rival - costs['calls'])))} searches"


def beforehand_numbers(
    found: searches.Trials, n_atoms: int, errors: Mapping[str, Sequence[float]]
) -> dict[str, str | int]:
    """What the text says of the searches with labels beforehand, by name, and of the rivals.

    ``errors`` are those of the trainings of both networks, the sum over pairs first, by the labels of their searches.
    """
    by_pairs, by_graph = (found[label][n_atoms] for label in errors)
    gains = searches.paybacks(found, searches.HOPPING, list(errors))
    numbers = {
        "three_atoms": n_atoms,
        "three_all": len(by_graph),
        "three_labels": whole(max(trial.labels for trial in by_graph)),
        "three_relaxed": found_by_relaxation([*by_pairs, *by_graph]),
        "three_worth": searches.paybacks_sentence(gains),
        "three_rival": searches.rival_calls(next(gains.itertuples())),
        "three_multistart": whole(searches.price(found["multistart"][n_atoms])["total"]),
    }
    rival = min(searches.price(found[label][n_atoms])["calls"] for label in (searches.HOPPING, "multistart"))
    numbers["three_paybacks"] = ", and ".join(payback(label, found[label][n_atoms], rival) for label in errors)
    for (label, of), name in zip(errors.items(), ("pair", "graph"), strict=True):
        tried = found[label][n_atoms]
        numbers |= {
            f"{name}_error": fixed(np.mean(of), 2),
            f"{name}_found": search.summary(tried)["successes"],
            f"{name}_ends": common_end(tried),
        }
    return numbers


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


def three_body_goals(by_pairs: Sequence[search.Trial], by_graph: Sequence[search.Trial]) -> list[tuple[str, str, bool]]:
    """What the searches with either surrogate were to show."""
    pairs, graph = (search.summary(tried) for tried in (by_pairs, by_graph))
    said = [f"{of['successes']} of {of['trials']}" for of in (pairs, graph)]
    return [
        ("With three-body energies the sum over pairs fails", said[0], pairs["rate"] < 0.5),
        ("With three-body energies the graph network succeeds", said[1], graph["rate"] > 0.5),
    ]
