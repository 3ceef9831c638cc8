"""What the page on one surrogate for both regimes shows.

Both of the report's scales, log(V + 32) over all energies and V itself where V < 0; how few labels it takes; and other
numbers of atoms.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from surrogates import data, potentials
from surrogates.analysis import report
from surrogates.analysis.formatting import energy, fixed, significant, whole
from surrogates.analysis.plots import BLACK, BLUE, COLOURS, GREEN, LINES, MARKERS, ORANGE, RED, blank
from surrogates.search import structures
from surrogates.store import results
from surrogates.training import learned as forces
from surrogates.training import metrics, runs

TEST_STRUCTURES = 1000  # of each other number of atoms
COMPACT_HOPS = 100


def both_sets(of: data.Data, split: str = "test") -> tuple[data.Structures, data.Structures]:
    """The full-energy and the low-energy structures of one split of a data set, whichever of these it names itself."""
    return tuple(getattr(data.simulate(dataclasses.replace(of, energies=kind)), split) for kind in data.REGIMES)


def both_errors(energy_of: Callable, full: data.Structures, low: data.Structures) -> dict[str, float]:
    """Both errors of one surrogate.

    Parameters
    ----------
    energy_of : function of positions ``(structures, atoms, 2)`` that returns energies ``(structures,)``
    full, low : Structures
        Of the full-energy set and of the low-energy set.

    Returns
    -------
    dict
        "mape", of log(V + 32) on the full-energy set, in percent, and "mae", of V on the low-energy set. A predicted
        energy of -31 or less counts as -31, whose logarithm is 0: below -32 there is none.
    """
    logs = data.log_energy(np.maximum(energy_of(full.positions), 1 - data.OFFSET))
    return {
        "mape": metrics.errors(data.log_energy(full.energies), logs)["mape"],
        "mae": metrics.errors(low.energies, energy_of(low.positions))["mae"],
    }


def stored_errors(run: runs.Run, of: data.Data) -> dict[str, float]:
    """:func:`both_errors` of a run on the test structures of a data set, from :mod:`surrogates.store.results`.

    They are computed from the weights the first time, and these are trained again then if they are not kept.
    """

    def compute():
        return both_errors(runs.with_weights(run).predict_energy, *both_sets(of))

    settings = {"run": run.config, "data": of}
    return results.load_or_compute(f"regimes/{run.name}", settings, compute)


def goals() -> dict[str, float]:
    """What the report's two models reach, each on its own scale: the GCN of Table 1, the first model of Table 2.

    The first is an error on validation structures, as the report gives no other; the second one on test structures.
    """
    table1, table2 = report.table1(), report.table2()
    return {"mape": float(table1.loc["gcn", "validation"]), "mae": float(table2.loc[1, "test"])}


def reaches_goals(scores: dict[str, float], wanted: dict[str, float] | None = None) -> bool:
    """Whether both errors reach their goals, by default those of the report's two models on one scale each."""
    return all(scores[name] <= goal for name, goal in (wanted or goals()).items())


def goals_reached(scores: dict[str, float], wanted: dict[str, float] | None = None) -> str:
    """Which of the goals are reached, in words."""
    met = {name: scores[name] <= goal for name, goal in (wanted or goals()).items()}
    if len(set(met.values())) == 1:
        return "reaches both goals" if met["mape"] else "reaches neither goal"
    first, second = ("MAPE", "MAE") if met["mape"] else ("MAE", "MAPE")
    return f"reaches the goal for the {first}, not that for the {second}"


def errors_table(listed: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Both errors of several models, as text."""
    rows = [[label, significant(errors["mape"]), significant(errors["mae"])] for label, errors in listed.items()]
    return pd.DataFrame(rows, columns=["Model", "MAPE / %", "MAE"])


def scores_numbers(
    alone: Sequence[Mapping], best: Mapping[str, float], pairs: Mapping[str, float], pair_goals: Mapping[str, float]
) -> dict[str, str]:
    """Errors and goals as text, by their names on the page.

    ``alone`` are the errors of the report's two kinds of models, ``best`` those of the network trained on both sets,
    ``pairs`` those of the sum over pairs, whose goals are ``pair_goals``.
    """
    wanted, (first, second) = goals(), alone
    return {
        "first_mape": fixed(first["mape"], 1),
        "first_mae": fixed(first["mae"], 2),
        "second_mape": significant(second["mape"]),
        "second_mae": fixed(second["mae"], 3),
        "goal_mape": fixed(wanted["mape"], 1),
        "goal_mae": fixed(wanted["mae"], 3),
        "best_mape": fixed(best["mape"], 1),
        "best_mae": fixed(best["mae"], 3),
        "best_verdict": goals_reached(best),
        "pair_goal_mape": significant(pair_goals["mape"]),
        "pair_goal_mae": significant(pair_goals["mae"]),
        "pair_verdict": goals_reached(pairs, pair_goals),
        "pair_mape": fixed(pairs["mape"], 3),
        "pair_mae": fixed(pairs["mae"], 5),
    }


def trade_off(
    curve: Mapping[float, dict], points: Mapping[str, dict], pairs: dict, goals: dict, limit: float = 100.0
) -> Figure:
    """Both errors of :func:`both_errors`: all models, and the curve by weight from near.

    A corner shows the goals. A model beyond ``limit`` percent is drawn at it.
    """
    figure, (left, right) = blank(2)
    low, high = 1e-4, 10.0
    weights = sorted(curve)
    path = np.array([[curve[weight]["mae"], curve[weight]["mape"]] for weight in weights])
    for axes in (left, right):
        axes.add_patch(Rectangle((low, 1e-3), goals["mae"] - low, goals["mape"] - 1e-3, color=GREEN, alpha=0.15))
        axes.plot(*path.T, MARKERS[0] + LINES[0], color=BLUE, label="GCN, both sets")
    for i, (label, scores) in enumerate(points.items()):
        left.plot(scores["mae"], min(scores["mape"], limit), MARKERS[i + 1], color=COLOURS[i + 1], label=label)
    left.plot(pairs["mae"], pairs["mape"], MARKERS[4], color=ORANGE, label="sum over pairs")
    left.set(xscale="log", yscale="log", xlabel="MAE of V < 0 / ε", ylabel="MAPE of log(V + 32) / %")
    left.set(xlim=(min(low * 3, pairs["mae"] / 2), high), ylim=(min(0.01, pairs["mape"] / 2), 1.3 * limit))
    for weight, place in zip(weights, path, strict=True):
        right.annotate(f"{weight:g}", place, xytext=(5, 5), textcoords="offset points", fontsize=9)
    most = np.maximum(path.max(axis=0), [goals["mae"], goals["mape"]])
    right.set(xlim=(0, 1.15 * most[0]), ylim=(0, 1.15 * most[1]), xlabel="MAE of V < 0 / ε")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def pair_function(distance: np.ndarray, learned: np.ndarray, true: np.ndarray) -> Figure:
    """A learned pair energy over the true one: around the minimum, and at short distances."""
    figure, (left, right) = blank(2)
    for axes in (left, right):
        axes.plot(distance, true, LINES[0], color=BLACK, linewidth=2.2, alpha=0.4, label="true")
        axes.plot(distance, learned, LINES[1], color=RED, label="learned")
        axes.set(xlabel="pair distance r / σ")
    left.set(xlim=(0.9, 3.0), ylim=(-1.2, 2.0), ylabel="V(r) / ε")
    right.set(xscale="log", yscale="log", xlim=(distance.min(), 1.0), ylim=(0.1, 3 * true.max()))
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def by_labels(errors: Mapping[str, Mapping[int, float]], median: float) -> Figure:
    """Error by number of training structures, a line for each kind of model and label."""
    figure, axes = blank(height=4.4)
    for i, (label, values) in enumerate(errors.items()):
        style = {"color": COLOURS[i], "marker": MARKERS[i], "linestyle": LINES[i]}
        axes.plot(list(values), list(values.values()), label=label, **style)
    axes.axhline(median, color="#777777", linewidth=1.0, label="median as prediction")
    axes.set(xscale="log", yscale="log", xlabel="training structures", ylabel="MAE of V / ε")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2, fontsize=9)
    return figure


def labels_table(errors: Mapping[str, Mapping[int, float]]) -> pd.DataFrame:
    """The same as text."""
    table = pd.DataFrame(errors).T.map(lambda value: significant(value, 2))
    return table.rename(columns=whole).rename_axis("Model, labels").reset_index()


def equal_labels(total: Mapping[int, float], atoms: Mapping[int, float]) -> str:
    """A sentence on how many structures with one energy it takes to equal fewer with energies of atoms."""
    numbers = sorted(atoms)
    for few in numbers:
        enough = next((n for n in numbers if total[n] <= atoms[few]), None)
        if enough is None or enough > few:
            many = f"not even {whole(numbers[-1])}" if enough is None else f"{whole(enough)}"
            return f"What {whole(few)} structures teach it by their atoms, {many} teach it by their totals."
    return "Nowhere does it need more structures with totals than with energies of atoms."


def label_numbers(
    pairs: Mapping[int, float], spline: Mapping[int, float], total: Mapping[int, float], atoms: Mapping[int, float]
) -> dict[str, str]:
    """Errors with the fewest and the most structures as text, by their names on the page.

    Of the sum over pairs, of the spline, and of the graph network with energies of structures and of atoms.
    """
    few, many = min(total), max(total)
    return {
        "few": whole(few),
        "many": whole(many),
        "pair_few": fixed(pairs[few], 4),
        "pair_many": fixed(pairs[many], 4),
        "spline_few": fixed(spline[few], 4),
        "gcn_few": fixed(total[few], 3),
        "gcn_many": fixed(total[many], 3),
        "gcn_atoms_few": fixed(atoms[few], 3),
        "gcn_atoms_many": fixed(atoms[many], 3),
        "equal_labels": equal_labels(total, atoms),
    }


def label_ratio(total: Mapping[int, float], atoms: Mapping[int, float]) -> float:
    """Error with energies of structures over that with energies of atoms, the median over the numbers of structures."""
    return float(np.median([total[n] / atoms[n] for n in atoms]))


def transfer(run: runs.Run, sizes: Sequence[int], seed: int) -> pd.DataFrame:
    """Errors of a run's surrogate for other numbers of atoms, on random structures and on a compact one.

    Returns
    -------
    DataFrame
        By number of atoms: "error" (MAE of V on random structures with V < 0, of the density of the run's data),
        "error per atom", "compact" (the true energy of a compact structure) and "of compact" (its error).
    """
    rows = {}
    trained_on = run.config.data
    for n in sizes:
        learned = forces.rebuilt(run, n)
        box = trained_on.box * (n / trained_on.n_atoms) ** 0.5
        sizes_ = (1, 1, TEST_STRUCTURES)
        same = dataclasses.replace(trained_on, energies="low", n_atoms=n, box=box, seed=seed, sizes=sizes_)
        test = data.simulate(same).test
        predicted = run.inverse(runs.predict(learned, test.positions))
        error = float(np.abs(predicted - test.energies).mean())
        start, rng = structures.seeded_start(n, seed)
        visited = structures.hop(same.potential, start, structures.Hopping(), rng, COMPACT_HOPS)
        compact = min(visited, key=lambda found: found.energy)
        off = float(run.inverse(runs.predict(learned, compact.positions[None]))[0]) - compact.energy
        rows[n] = {"error": error, "error per atom": error / n, "compact": compact.energy, "of compact": off}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("atoms")


def transfer_table(table: pd.DataFrame) -> pd.DataFrame:
    """The same as text."""
    return pd.DataFrame(
        {
            "Atoms": table.index.astype(str),
            "MAE": [fixed(value, 4) for value in table.error],
            "For each atom": [fixed(value, 5) for value in table["error per atom"]],
            "Compact structure": [energy(value, 3) for value in table.compact],
            "Off by": [fixed(value, 3, plus=True) for value in table["of compact"]],
        }
    )


def spline_errors(
    train: data.Structures, test: data.Structures, numbers: Sequence[int], pieces: int = 60
) -> dict[int, float]:
    """Mean absolute error of V on test structures, by how many of the training structures, the first ones, are used.

    A prediction above 0 counts as log(1 + V), as in the targets "linear-log" of networks.
    """
    found = {}
    for n in numbers:
        fitted = potentials.fit_spline(data.Structures(train.positions[:n], train.energies[:n]), pieces)
        found[n] = float(np.abs(data.linear_log(fitted(test.positions)[0]) - test.energies).mean())
    return found
