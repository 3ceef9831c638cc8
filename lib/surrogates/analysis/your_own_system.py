"""What the page on a system of the reader's own shows: a goal, calls with a surrogate and without, errors, drift."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import data, potentials, search
from surrogates.analysis import searches, surrogate_search
from surrogates.analysis.formatting import energy, fixed, listed, percent, significant, whole
from surrogates.analysis.plots import gallery

FAR_BELOW = -1e9  # a goal that no search reaches, so that it takes all its calls
AGREED = 1e-3  # of an energy in units of epsilon: ends that agree to this are one


def by_name(name: str, value) -> dict[str, object]:
    """What a calculator is made with: plain values by name; nothing of it is evaluated."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) and key.isidentifier() for key in value):
        raise ValueError(
            f'{name} = {value!r}: give the arguments by their names, as in -y "{name}: {{rc: 9.0, epsilon: 0.01}}".'
        )
    return dict(value)


def lowest_of(name: str, true, n_atoms: int, budgets: Mapping[object, int], seeds: Sequence[int]) -> dict[str, object]:
    """The lowest energy of several strategies, each with all of its calls, from seeds that are used for nothing else.

    Returns
    -------
    dict
        "energy", "positions"; "ends", how many searches there were, and "agreed", how many of them came to it.
    """
    problem = search.Problem(true, n_atoms, FAR_BELOW, dimensions=3)
    several = [search.benchmark(name, problem, strategy, seeds, calls) for strategy, calls in budgets.items()]
    trials = [trial for tried in several for trial in tried]
    best = min(trials, key=lambda trial: trial.energy)
    margin = AGREED * potentials.units_of(true).energy
    agreed = sum(trial.energy <= best.energy + margin for trial in trials)
    return {"energy": best.energy, "positions": best.positions, "ends": len(trials), "agreed": agreed}


def goals(
    name: str, true, sizes: Sequence[int], budgets: Mapping[object, int], seeds: Sequence[int]
) -> tuple[dict[int, dict[str, object]], dict[int, search.Problem]]:
    """What :func:`lowest_of` finds for each number of atoms, and the searches for that."""
    lowest = {n: lowest_of(name, true, n, budgets, seeds) for n in sizes}
    margin = AGREED * potentials.units_of(true).energy
    return lowest, {n: search.Problem(true, n, one["energy"] + margin, dimensions=3) for n, one in lowest.items()}


def tried_settings(settings) -> list[search.BasinHopping]:
    """Basin hopping into pockets, with all temperatures and patiences; ``settings`` are the page's, here and below."""
    both = itertools.product(settings.temperatures, settings.patiences)
    return [search.BasinHopping(warm, pockets=True, patience=patience) for warm, patience in both]


def tuned(name: str, problems: Mapping[int, search.Problem], settings) -> dict[int, search.Tuned]:
    """The settings of basin hopping that are best for each number of atoms, from seeds that nothing else has."""
    few, final = (
        searches.apart(kind, settings.seed, seeds)
        for kind, seeds in ((1, settings.tuning_seeds), (2, settings.final_seeds))
    )
    how = settings.tuning_calls, settings.finalists, final, settings.tolerances
    return {n: search.tune(name, problem, tried_settings(settings), few, *how) for n, problem in problems.items()}


def searched(
    name: str,
    problems: Mapping[int, search.Problem],
    rival: Mapping[int, search.Tuned],
    in_rounds: Mapping[str, search.InRounds],
    settings,
) -> searches.Trials:
    """Trials of the tuned rival, "basin hopping", and of the searches in rounds, all from the same seeds."""
    seeds = range(settings.seed, settings.seed + settings.search_seeds)
    ways = {"basin hopping": {n: best.strategy for n, best in rival.items()}}
    ways |= {label: dict.fromkeys(problems, strategy) for label, strategy in in_rounds.items()}
    return {
        label: {
            n: search.benchmark(name, problems[n], strategy, seeds, settings.most_calls)
            for n, strategy in of_size.items()
        }
        for label, of_size in ways.items()
    }


def rival_numbers(chosen: Mapping[int, search.Tuned], settings) -> dict[str, str]:
    """What the text says of the settings that came out best, by number of atoms, and of their price."""
    strategies = {"basin hopping": {n: best.strategy for n, best in chosen.items()}}
    said = [
        f"{significant(best.temperature)} ε, {significant(best.tolerance)} ε/σ and {best.patience} hops with {n} atoms"
        for n, best in strategies["basin hopping"].items()
    ]
    edges = surrogate_search.at_edge(strategies, {"basin hopping": tried_settings(settings)}, settings.tolerances)
    return {
        "tuned": f"The best are {listed(said)}. {surrogate_search.edges_sentence(edges)}",
        "tuning_spent": whole(sum(best.spent for best in chosen.values())),
    }


def committee_numbers(found: searches.Trials, alone: str, together: str, settings) -> dict[str, str | int]:
    """What the text says of a search in which a committee refuses what its members disagree about."""
    said = []
    for n, tried in found[together].items():
        refused = searches.total_counts(tried)["members disagree"]
        both = [whole(searches.price(found[label][n])["total"]) for label in (together, alone)]
        minima = f"{whole(refused) if refused else 'no'} minima refused"
        said.append(f"{both[0]} calls rather than {both[1]} with {n} atoms, {minima}")
    return {
        "members": settings.members,
        "most_spread": significant(settings.most_spread),
        "by_committee": f"It takes {'; '.join(said)}.",
    }


def known_of(problem: search.Problem, seeds: Sequence[int]) -> search.Known:
    """All that the true potential says on the way of random atoms, from some seeds, to their minima."""
    asked = search.Asked(potentials.Counted(problem.potential))
    for seed in seeds:
        search.relax(asked, problem.start(problem.random(seed)))
    return asked.known


def agreed(lowest: Mapping[int, Mapping[str, object]]) -> str:
    """How many of the searches for the goal, :func:`lowest_of`, ended at it, as a sentence."""
    if all(one["agreed"] == one["ends"] for one in lowest.values()):
        return "All of them end at it."
    return listed([f"{one['agreed']} of {one['ends']} with {n} atoms" for n, one in lowest.items()]) + " end at it."


def worth(found: searches.Trials, rival: str, learned: str) -> str:
    """For each number of atoms, how many times the calls of the rival are those with the surrogate, as a sentence."""
    said, fewer = [], []
    for n in found[rival]:
        costs = [searches.price(found[label][n])["total"] for label in (rival, learned)]
        if not np.isfinite(costs[1]):
            said.append(f"With {n} atoms the surrogate reaches the goal in no search.")
        elif not np.isfinite(costs[0]):
            said.append(f"With {n} atoms only the surrogate reaches the goal.")
        else:
            more = "fewer" if costs[1] < costs[0] else "more"
            times = significant(max(costs) / min(costs), 2)
            fewer += [times] if more == "fewer" else []
            said.append(f"With {n} atoms the surrogate takes {times} times {more} calls.")
    return f"That is {listed(fewer)} times fewer calls." if len(fewer) == len(said) else " ".join(said)


def calls_for_one(found: searches.Trials, rival: str, learned: str) -> dict[str, str]:
    """Calls for one success with the fewest and the most atoms, as text, and :func:`worth`."""
    numbers = {"worth": worth(found, rival, learned)}
    for name, pick in (("first", min), ("largest", max)):
        for kind, label in (("rival", rival), ("learned", learned)):
            numbers[f"{name}_{kind}"] = whole(searches.price(found[label][pick(found[label])])["total"])
    return numbers


def calibration_table(table: pd.DataFrame, units: potentials.Units) -> pd.DataFrame:
    """:func:`surrogates.search.calibration` as text."""
    return pd.DataFrame(
        {
            "Structures": table.index,
            "How many": [whole(value) for value in table.structures],
            f"Error / {units.of_energy}": [significant(value, 2) for value in table.error],
            f"Spread / {units.of_energy}": [significant(value, 2) for value in table.spread],
            "Within two spreads": [percent(value, 0) for value in table.within],
        }
    )


def too_small(table: pd.DataFrame) -> str:
    """How many times the error is the spread, within, as text."""
    return significant(table.error.iloc[0] / table.spread.iloc[0], 2)


def drift(calculator, symbols: Sequence[str], start: np.ndarray, steps: int, seed: int, kelvin: float = 300.0):
    """By how much the total energy moves in a run of molecular dynamics at constant energy, at most, in eV.

    ``start`` is a minimum ``(atoms, 3)`` in Å; velocities are those of twice the temperature, half of which becomes
    potential energy. A step is 2 fs.
    """
    from ase import Atoms, units
    from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
    from ase.md.verlet import VelocityVerlet

    atoms = Atoms(symbols, start, calculator=calculator)
    MaxwellBoltzmannDistribution(atoms, temperature_K=2 * kelvin, rng=np.random.default_rng(seed))
    totals = [atoms.get_total_energy()]
    dynamics = VelocityVerlet(atoms, 2 * units.fs)
    dynamics.attach(lambda: totals.append(atoms.get_total_energy()))
    dynamics.run(steps)
    return float(np.ptp(totals))


def clusters(lowest: Mapping[int, Mapping[str, object]], units: potentials.Units) -> Figure:
    """The lowest structures by number of atoms, each with its energy."""
    titles = {f"{n} atoms\n{energy(one['energy'], 2)} {units.of_energy}": one for n, one in lowest.items()}
    shown = {title: np.array(one["positions"]) for title, one in titles.items()}
    return gallery(shown, length=units.length)


def file_errors(frames, own: data.FromFile) -> dict[str, str]:
    """The mean error of the energy of an atom, in meV, of an expansion fitted to a part of a file, for all others.

    Beside it that of the best constant, the median.
    """
    order = np.random.default_rng(own.seed).permutation(len(frames.energies))
    known, other = order[: own.sizes[0]], order[own.sizes[0] :]
    structures = data.Structures(frames.positions[known], frames.energies[known])
    fitted = potentials.fit_expansion(structures, frames.forces[known], own.units)
    wrong = np.abs(fitted.energy(frames.positions[other]) - frames.energies[other]).mean() / len(frames.symbols)
    constant = np.abs(np.median(frames.energies[known]) - frames.energies[other]).mean() / len(frames.symbols)
    return {"file_error": fixed(1000 * wrong, 1), "file_constant": fixed(1000 * constant, 1)}
