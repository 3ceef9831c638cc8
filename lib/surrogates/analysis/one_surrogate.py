"""What the page on one surrogate for both regimes shows.

Both of the report's scales, log(V + 32) over all energies and V itself where V < 0, and other numbers of atoms; how few
labels it takes stands in :mod:`analysis.labels`.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from surrogates import data, search, training
from surrogates.analysis import report
from surrogates.analysis.formatting import MISSING, energy, fixed, significant, spread, whole
from surrogates.analysis.plots import BLACK, BLUE, COLOURS, GREEN, LINES, MARKERS, ORANGE, RED, blank
from surrogates.store import results
from surrogates.training import metrics, runs

PAIR_GOALS = {"mape": 0.1, "mae": 0.001}
"""What the sum over pairs is asked for, on both scales."""

TEST_STRUCTURES = 1000  # of each other number of atoms
COMPACT_HOPS = 100


def both_sets(of: data.Data, split: str = "test") -> tuple[data.Structures, data.Structures]:
    """The full-energy and the low-energy structures of one split of a data set, whichever of these it names itself."""
    return tuple(getattr(data.simulate(dataclasses.replace(of, energies=kind)), split) for kind in data.REGIMES)


def error_of_log(energy_of: Callable, structures: data.Structures) -> float:
    """MAPE of log(V + 32) in percent, of a surrogate that gives energies of positions.

    A predicted energy of -31 or less counts as -31, whose logarithm is 0: below -32 there is none.
    """
    logs = data.log_energy(np.maximum(energy_of(structures.positions), 1 - data.OFFSET))
    return metrics.errors(data.log_energy(structures.energies), logs)["mape"]


def both_errors(energy_of: Callable, full: data.Structures, low: data.Structures) -> dict[str, float]:
    """Both errors of a surrogate that gives energies ``(structures,)`` of positions ``(structures, atoms, 2)``.

    They are "mape", :func:`error_of_log` on the full-energy set, and "mae", of V on the low-energy set.
    """
    return {
        "mape": error_of_log(energy_of, full),
        "mae": metrics.errors(low.energies, energy_of(low.positions))["mae"],
    }


def stored_errors(name: str, run: runs.Run, of: data.Data) -> dict[str, float]:
    """:func:`both_errors` of a run on the test structures of a data set, from the stored results of a name.

    They are computed from the weights the first time, and these are trained again then if they are not kept.
    """

    def compute():
        energy_of = functools.partial(runs.with_weights(run).predict_energy, warn=False)
        return both_errors(energy_of, *both_sets(of))

    return results.load_or_compute(name, {"run": run.config, "data": of}, compute)


class Scores(NamedTuple):
    """Both errors of all models of the page."""

    report: dict[str, dict[str, float]]  # of the report's two kinds of models, by label
    curve: dict[float, dict[str, float]]  # of networks trained on both sets, by the weight of the structures with V < 0
    pairs: dict[str, float]  # of the sum over pairs
    chosen: float  # weight with the lowest error of the target on validation structures
    n_weights: dict[str, int]  # of the network, "gcn", and of the sum over "pairs"


def scores(
    name: str, both: data.Data, of_report: Mapping[str, runs.Run], weighted: Mapping[str, runs.Run], summed: runs.Run
) -> Scores:
    """:func:`stored_errors` of the models of the page, under one name."""
    best = min(weighted.values(), key=lambda run: run.metrics["validation"]["mae"])
    return Scores(
        report={label: stored_errors(name, run, both) for label, run in of_report.items()},
        curve={run.config.fit.low_weight: stored_errors(name, run, both) for run in weighted.values()},
        pairs=stored_errors(name, summed, both),
        chosen=best.config.fit.low_weight,
        n_weights={"gcn": best.n_weights, "pairs": summed.n_weights},
    )


def scale_goals() -> dict[str, float]:
    """What the report's two models reach, each on its own scale: the GCN of Table 1, the first model of Table 2.

    The first is an error on validation structures, as the report gives no other; the second one on test structures.
    """
    table1, table2 = report.table1(), report.table2()
    return {"mape": float(table1.loc["gcn", "validation"]), "mae": float(table2.loc[1, "test"])}


def reaches_goals(scores: dict[str, float], wanted: dict[str, float] | None = None) -> bool:
    """Whether both errors reach their goals, by default those of the report's two models on one scale each."""
    return all(scores[name] <= goal for name, goal in (wanted or scale_goals()).items())


def goals_reached(scores: dict[str, float], wanted: dict[str, float] | None = None) -> str:
    """Which of the goals are reached, in words; "–" where an error is NaN."""
    if not all(np.isfinite(list(scores.values()))):
        return MISSING
    met = {name: scores[name] <= goal for name, goal in (wanted or scale_goals()).items()}
    if len(set(met.values())) == 1:
        return "reaches both goals" if met["mape"] else "reaches neither goal"
    first, second = ("MAPE", "MAE") if met["mape"] else ("MAE", "MAPE")
    return f"reaches the goal for the {first}, not that for the {second}"


def scores_table(found: Scores, beside: Mapping[str, Mapping[str, Sequence[float]]]) -> pd.DataFrame:
    """Both errors of all models, and of what is ``beside`` them, one value for each seed, as text."""
    both = {f"GCN, both sets, weight {weight:g}": errors for weight, errors in found.curve.items()}
    listed = {**found.report, **both, "sum over pairs": found.pairs}
    rows = [
        [label, *(significant(errors[measure], zeros=True) for measure in ("mape", "mae"))]
        for label, errors in listed.items()
    ]
    rows += [[name, spread(of["mape"], 2), spread(of["mae"], 3)] for name, of in beside.items()]
    return pd.DataFrame(rows, columns=["Model", "MAPE / %", "MAE"])


def scores_numbers(found: Scores) -> dict[str, str]:
    """Errors, goals and numbers of weights as text, by their names on the page."""
    wanted, (first, second), best = scale_goals(), found.report.values(), found.curve[found.chosen]
    return {
        "first_mape": fixed(first["mape"], 1),
        "first_mae": fixed(first["mae"], 2),
        "second_mape": significant(second["mape"], zeros=True),
        "second_mae": fixed(second["mae"], 3),
        "goal_mape": fixed(wanted["mape"], 1),
        "goal_mae": fixed(wanted["mae"], 3),
        "n_weights": whole(len(found.curve)),
        "meeting": whole(sum(reaches_goals(errors) for errors in found.curve.values())),
        "best_weight": significant(found.chosen),
        "best_mape": fixed(best["mape"], 1),
        "best_mae": fixed(best["mae"], 3),
        "best_verdict": goals_reached(best),
        "gcn_weights": whole(found.n_weights["gcn"]),
        "pair_weights": whole(found.n_weights["pairs"]),
        "pair_goal_mape": significant(PAIR_GOALS["mape"]),
        "pair_goal_mae": significant(PAIR_GOALS["mae"]),
        "pair_verdict": goals_reached(found.pairs, PAIR_GOALS),
        "pair_mape": fixed(found.pairs["mape"], 3),
        "pair_mae": fixed(found.pairs["mae"], 5),
    }


def trade_off(found: Scores, limit: float = 100.0) -> Figure:
    """Both errors of all models, and the curve by weight from near.

    A corner shows the goals of :func:`scale_goals`. A model beyond ``limit`` percent is drawn at it.
    """
    figure, (left, right) = blank(2)
    wanted, curve, pairs = scale_goals(), found.curve, found.pairs
    low, high = 1e-4, 10.0
    weights = sorted(curve)
    path = np.array([[curve[weight]["mae"], curve[weight]["mape"]] for weight in weights])
    for axes in (left, right):
        axes.add_patch(Rectangle((low, 1e-3), wanted["mae"] - low, wanted["mape"] - 1e-3, color=GREEN, alpha=0.15))
        axes.plot(*path.T, MARKERS[0] + LINES[0], color=BLUE, label="GCN, both sets")
    for i, (label, errors) in enumerate(found.report.items()):
        left.plot(errors["mae"], min(errors["mape"], limit), MARKERS[i + 1], color=COLOURS[i + 1], label=label)
    left.plot(
        pairs["mae"],
        pairs["mape"],
        MARKERS[4],
        color=ORANGE,
        markeredgecolor=BLACK,
        markersize=9,
        label="sum over pairs",
    )
    left.set(xscale="log", yscale="log", xlabel="MAE of V < 0 / ε", ylabel="MAPE of log(V + 32) / %")
    left.set(xlim=(min(low * 3, pairs["mae"] / 2), high), ylim=(min(0.01, pairs["mape"] / 2), 1.3 * limit))
    for weight, place in zip(weights, path, strict=True):
        right.annotate(f"{weight:g}", place, xytext=(5, 5), textcoords="offset points")
    most = np.maximum(path.max(axis=0), [wanted["mae"], wanted["mape"]])
    right.set(xlim=(0, 1.15 * most[0]), ylim=(0, 1.15 * most[1]), xlabel="MAE of V < 0 / ε")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def pair_function(run: runs.Run) -> Figure:
    """The pair energy that a run has learned, over the true one: around the minimum, and at short distances."""
    distance = np.geomspace(0.01, 16, 600)
    learned, true = training.pair_energy(run, distance), run.config.data.potential.pair_energy(distance)
    figure, (left, right) = blank(2)
    for axes in (left, right):
        axes.plot(distance, true, LINES[0], color=BLACK, linewidth=2.2, alpha=0.4, label="true")
        axes.plot(distance, learned, LINES[1], color=RED, label="learned")
        axes.set(xlabel="pair distance r / σ")
    left.set(xlim=(0.9, 3.0), ylim=(-1.2, 2.0), ylabel="V(r) / ε")
    right.set(xscale="log", yscale="log", xlim=(distance.min(), 1.0), ylim=(0.1, 3 * true.max()))
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


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
        learned = training.rebuilt(run, n)
        box = trained_on.box * (n / trained_on.n_atoms) ** 0.5
        sizes_ = (1, 1, TEST_STRUCTURES)
        same = dataclasses.replace(trained_on, energies="low", n_atoms=n, box=box, seed=seed, sizes=sizes_)
        test = data.simulate(same).test
        predicted = run.inverse(training.predict(learned, test.positions))
        error = float(np.abs(predicted - test.energies).mean())
        start, rng = search.seeded_start(n, seed)
        visited = search.BasinHopping().minimise(same.potential, start, rng, COMPACT_HOPS)
        compact = min(visited, key=lambda found: found.energy)
        off = float(run.inverse(training.predict(learned, compact.positions[None]))[0]) - compact.energy
        rows[n] = {"error": error, "error per atom": error / n, "compact": compact.energy, "of compact": off}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("atoms")


def transfer_numbers(table: pd.DataFrame, n_atoms: int) -> dict[str, str]:
    """The largest errors of :func:`transfer` as text by their names on the page; the run is one of ``n_atoms``."""
    return {
        "atoms_trained": whole(n_atoms),
        "carried_worst": fixed(table["error per atom"].max(), 5),
        "carried_compact": fixed(table["of compact"].abs().max(), 3),
    }


def transfer_table(table: pd.DataFrame) -> pd.DataFrame:
    """The same as text."""
    return pd.DataFrame(
        {
            "Atoms": table.index.astype(str),
            "MAE": [fixed(value, 4) for value in table.error],
            "For each atom": [fixed(value, 5) for value in table["error per atom"]],
            "Compact structure": [energy(value, 3) for value in table.compact],
            "Off by": [fixed(value, 4, plus=True) for value in table["of compact"]],
        }
    )
