"""What the page on a system of the reader's own shows: a goal, calls with a surrogate and without, errors, dynamics."""

import itertools
import tempfile
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import data, models, potentials, search, training
from surrogates.analysis import searches, surrogate_search
from surrogates.analysis.formatting import energy, fixed, listed, percent, significant, whole
from surrogates.analysis.plots import gallery
from surrogates.models import representations
from surrogates.store import results

FAR_BELOW = -1e9  # a goal that no search reaches, so that it takes all its calls
DECIDING = ("element", "seed", "members", "known_seeds", "asked_seeds", "network_epochs", "dynamics_steps")
"""The parameters of the page that decide, with problem and start, what :func:`dynamics_table` has."""

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


def ways(settings) -> tuple[search.BasinHopping, dict[str, search.InRounds]]:
    """Basin hopping into pockets, and the searches in rounds that hop so on an expansion, or a committee of them."""
    hopping = search.BasinHopping(pockets=True)
    students = {
        "in rounds": search.ExpansionFit(),
        "in rounds, by committee": search.ExpansionFit(settings.members, settings.most_spread),
    }
    counts = {"steps": 40, "starts": 1, "hops": 30, "keep": 3, "relaxed": 1}
    return hopping, {label: search.InRounds(student, hopping, **counts) for label, student in students.items()}


def tried_settings(settings) -> dict[str, list[search.BasinHopping]]:
    """Basin hopping into pockets, with all temperatures and patiences; ``settings`` are the page's, here and below."""
    both = itertools.product(settings.temperatures, settings.patiences)
    several = [search.BasinHopping(warm, pockets=True, patience=patience) for warm, patience in both]
    return {searches.HOPPING: several}


def rival_numbers(chosen: Mapping[int, search.Tuned], settings) -> dict[str, str]:
    """What the text says of the settings that came out best, by number of atoms, and of their price."""
    strategies = {searches.HOPPING: {n: best.strategy for n, best in chosen.items()}}
    said = [
        f"{significant(best.temperature)} ε, {significant(best.tolerance)} ε/σ and {best.patience} hops with {n} atoms"
        for n, best in strategies[searches.HOPPING].items()
    ]
    edges = surrogate_search.at_edge(strategies, tried_settings(settings), settings.tolerances)
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


def vibrations(potential, symbols: Sequence[str], start: np.ndarray) -> np.ndarray:
    """The energies of the vibrations ``(3 atoms - 6,)`` about the minimum below a start ``(atoms, 3)``, in eV."""
    from ase import Atoms
    from ase.vibrations import Vibrations

    minimum = search.relax(potential, start).positions
    atoms = Atoms(symbols, minimum, calculator=potentials.as_calculator(potential))
    with tempfile.TemporaryDirectory() as folder:
        displaced = Vibrations(atoms, name=f"{folder}/displaced")
        displaced.run()
        return np.abs(displaced.get_energies())[6:]


def graph_network(problem: search.Problem, known: search.Known, settings) -> training.OfSurrogate:
    """The report's graph network, trained on the energies that are known, as a potential."""
    positions, energies = known.low().structures
    units = potentials.units_of(problem.potential)
    box = problem.n_atoms * units.length
    surrogate = models.build(models.GCN(), problem.n_atoms, box, settings.seed, problem.dimensions, units.length)
    examples = training.Examples(representations.inputs_of(surrogate, positions), energies)
    fit = training.Fit("energy", metric="mae", batch_size=32, epochs=settings.network_epochs, seed=settings.seed)
    training.fit(surrogate, examples, examples, fit, name="graph network")
    return training.OfSurrogate(surrogate, "energy", "graph network", units=units)


def dynamics_table(
    name: str, problem: search.Problem, start, expansion, known: search.Known, asked: search.Known, settings
) -> pd.DataFrame:
    """Drift, vibrations and errors of the true potential, an expansion and :func:`graph_network`, as text in meV.

    Drift is that of :func:`drift` from the minimum ``start`` of the true potential, with the same velocities. The
    vibrations are those about the minimum below it, by their mean and how far each is from the true one on average;
    errors are those of the energies ``asked``, for each atom. What is measured is stored as an experiment of this name.
    """
    symbols, low = [settings.element] * problem.n_atoms, asked.low().structures

    def measured():
        several = {"the calculator": problem.potential, "expansion": expansion}
        several |= {"graph network": graph_network(problem, known, settings)}
        rows, expected = {}, None
        for label, potential in several.items():
            moved = drift(potentials.as_calculator(potential), symbols, start, settings.dynamics_steps, settings.seed)
            found = vibrations(potential, symbols, start)
            expected = found if expected is None else expected
            wrong = np.abs(potential.energy(low.positions) - low.energies).mean() / problem.n_atoms
            rows[label] = [float(v) for v in (moved, found.mean(), np.abs(found - expected).mean(), wrong)]
        return rows

    given = {of: getattr(settings, of) for of in DECIDING} | {"problem": problem, "start": np.asarray(start).tolist()}
    rows = results.load_or_compute(name, given, measured)
    header = ["Potential", "Drift", "Vibrations, mean", "Their error", "Error of V an atom"]
    return pd.DataFrame([[label, *map(_milli, values)] for label, values in rows.items()], columns=header)


def _milli(value: float) -> str:
    return significant(1000 * value, 2) if value < 1 else whole(float(f"{1000 * value:.2g}"))


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
