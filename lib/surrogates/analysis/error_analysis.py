"""What the page on the errors of the three models shows: by energy, by distance, where energies are low."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import data, potentials
from surrogates.analysis import report
from surrogates.analysis.formatting import MISSING, fixed, scientific, whole
from surrogates.analysis.plots import BLACK, BLUE, RED, Binned, blank
from surrogates.training import metrics

RANGES = [-32, -3, -1, 0, 10, 1e3, 1e6, 1e12, np.inf]  # bounds of the energies by which errors are shown


def closest_distances(run) -> dict[str, np.ndarray]:
    """Distance of the closest pair of each structure, by split."""
    return {split: potentials.closest_pair(part.positions) for split, part in run.data._asdict().items()}


def linear_numbers(run) -> dict[str, str]:
    """Percentage error of V itself on validation, its mean and median as text."""
    energies = run.data.validation.energies
    percentages = 100 * np.abs(run.inverse(run.predictions["validation"]) / energies - 1)
    return {"linear_mean": fixed(percentages.mean()), "linear_median": fixed(np.median(percentages))}


def below_zero(run) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted energies, on the linear scale, of the test structures with V < 0."""
    low = run.data.test.energies < 0
    return run.data.test.energies[low], run.inverse(run.predictions["test"][low])


def parity_numbers(run, limit: float) -> dict[str, str]:
    """How many structures :func:`low_energy_parity` shows, and how many of them at its ``limit``."""
    true, predicted = below_zero(run)
    return {"low_count": whole(len(true)), "low_above": whole((predicted > limit).sum())}


def low_energies(run) -> dict[str, float]:
    """How a model of log(V + 32) does on the test structures with V < 0.

    Returns
    -------
    dict
        Of V: "mae", "median" (of the absolute errors) and "constant" (MAE of the median of the training structures with
        V < 0). Of the logarithm: "log_mape", "log_mae", "log_spread" (standard deviation of the targets) and
        "log_constant" (MAPE of that median). "scale", the mean of V + 32. In percent: "share" of these structures in
        training, and "loss", their share of the squared error there.
    """
    true, predicted = below_zero(run)
    logs, errors = run.target(true), metrics.errors(run.target(true), run.target(predicted))
    among = run.data.train.energies < 0
    constant = np.full_like(true, metrics.constants(run.data.train.energies[among])["median"])
    squared = (run.predictions["train"] - run.targets["train"]) ** 2
    return {
        "mae": metrics.errors(true, predicted)["mae"],
        "median": float(np.median(np.abs(predicted - true))),
        "constant": metrics.errors(true, constant)["mae"],
        "log_mape": errors["mape"],
        "log_mae": errors["mae"],
        "log_spread": float(logs.std()),
        "log_constant": metrics.errors(logs, run.target(constant))["mape"],
        "scale": float(np.mean(true) + data.OFFSET),
        "share": float(100 * among.mean()),
        "loss": float(100 * squared[among].sum() / squared.sum()),
    }


def low_energy_numbers(low: Mapping[str, float]) -> dict[str, str]:
    """The same as text, by their names on the page."""
    return {
        "low_mae": fixed(low["mae"], 2),
        "low_median_error": fixed(low["median"], 2),
        "low_constant": fixed(low["constant"], 2),
        "low_verdict": report.against_constant(low["mae"], low["constant"]),
        "low_log_mape": fixed(low["log_mape"], 1),
        "low_log_spread": fixed(low["log_spread"], 3),
        "low_log_constant": fixed(low["log_constant"], 1),
        "low_log_error": fixed(low["log_mae"], 3),
        "low_expected": fixed(low["scale"] * low["log_mae"], 2),
        "low_scale": fixed(low["scale"]),
        "low_share": fixed(low["share"]),
        "low_loss": fixed(low["loss"], 1),
    }


def low_energy_parity(true: np.ndarray, predicted: np.ndarray, limit: float) -> Figure:
    """The report's Figure 5: energies of :func:`below_zero`.

    Predictions above ``limit`` are drawn as triangles at it: the inverse of the logarithm throws some far up.
    """
    figure, axes = blank(height=4.0)
    above = predicted > limit
    axes.scatter(true[~above], predicted[~above], s=8, alpha=0.4, color=BLUE, linewidth=0, label="structures")
    if above.any():
        label = f"{above.sum()} predicted above {limit:g}"
        axes.scatter(true[above], np.full(above.sum(), limit), s=18, marker="^", color=RED, label=label)
    ends = np.array([true.min(), 0.0])
    axes.plot(ends, ends, color=BLACK, linewidth=1.0, label="perfect")
    axes.set(xlabel="true V / ε", ylabel="predicted V / ε")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def absolute_errors(runs: Mapping) -> dict[str, np.ndarray]:
    """Absolute errors of the target on the test split, for one run of each model."""
    return {name: np.abs(run.predictions["test"] - run.targets["test"]) for name, run in runs.items()}


def errors_by_bin(runs: Mapping, distance: np.ndarray, closest: np.ndarray) -> list[Binned]:
    """Mean error on the test split, by the true target and by the ``distance`` of the closest pair.

    ``closest`` (bins + 1,) are the edges of the bins of the distance.
    """
    errors = absolute_errors(runs)
    targets = next(iter(runs.values())).targets["test"]
    energy = np.linspace(np.floor(targets.min()), np.ceil(targets.max()), 13)

    def binned(at, edges):
        return {name: metrics.by_bin(error, at, edges) for name, error in errors.items()}

    return [
        Binned("true log(V + 32)", energy, binned(targets, energy)),
        Binned("distance of the closest pair / σ", closest, binned(distance, closest), logarithmic=True),
    ]


def range_names() -> list[str]:
    """The ranges of V between ``RANGES`` as text."""
    bounds = [scientific(bound, 1) if 100 < bound < np.inf else f"{bound:g}" for bound in RANGES]
    bounds = [bound.replace("-", "−").replace("inf", "∞") for bound in bounds]
    return [f"{low}\u00a0to\u00a0{high}" for low, high in itertools.pairwise(bounds)]


def baselines(run, split: str) -> dict[str, np.ndarray]:
    """Targets of a split that need no network: the best constant from training, and the energy of the closest pair."""
    truth, closest = run.targets[split], potentials.closest_pair(getattr(run.data, split).positions)
    constant = metrics.constants(run.targets["train"])["best constant"]
    alone = run.target(potentials.LennardJones().pair_energy(closest))
    return dict(zip(report.WITHOUT, (np.full_like(truth, constant), alone), strict=True))


def mape_by_range(run, predicted: np.ndarray) -> np.ndarray:
    """MAPE in percent of predicted targets of the test split, in the ranges of V between ``RANGES``."""
    truth = run.targets["test"]
    return metrics.by_bin(100 * np.abs(predicted - truth) / truth, run.data.test.energies, RANGES)


def by_energy_table(runs: Mapping, distance: np.ndarray) -> pd.DataFrame:
    """The test split in the ranges of V of ``RANGES``, as text.

    MAPE of the baselines and of each model, a run of each, and errors of the graph network. ``distance`` is that of the
    closest pair of each structure.
    """
    gcn = runs["GCN"]
    energies, targets, predicted = gcn.data.test.energies, gcn.targets["test"], gcn.predictions["test"]
    relative = np.abs(gcn.inverse(predicted) / energies - 1)

    def column(values, statistic, decimals):
        return [fixed(value, decimals) for value in metrics.by_bin(values, energies, RANGES, statistic)]

    table = {"V": range_names(), "Structures": column(energies, len, 0)}
    table["Closest pair / σ"] = column(distance, np.median, 2)
    shown = baselines(gcn, "test") | {name: run.predictions["test"] for name, run in runs.items()}
    table |= {name: [fixed(value, 1) for value in mape_by_range(gcn, values)] for name, values in shown.items()}
    table["GCN, error of the log"] = column(np.abs(predicted - targets), np.median, 3)
    table["GCN, error of V / %"] = column(100 * relative, np.median, 0)
    table = pd.DataFrame(table)
    return table[~table.Structures.isin(["0", MISSING])].reset_index(drop=True)


def worst_range(run, edges: Sequence[float] = RANGES, fewest: int = 50) -> float:
    """MAPE on validation in the range of V where it is highest, over that of all; NaN where no range counts.

    ``edges`` (ranges + 1,) bound the ranges; those with less than ``fewest`` structures do not count.
    """
    target = run.targets["validation"]
    percentages = 100 * np.abs(run.predictions["validation"] - target) / np.abs(target)
    scores = metrics.by_bin(percentages, run.data.validation.energies, edges, fewest=fewest)
    return max(scores[np.isfinite(scores)], default=np.nan) / percentages.mean()


def has_gradient(run, positions: np.ndarray) -> bool:
    """Whether the prediction changes with the positions ``(structures, atoms, 2)``, to first order, in all of them."""
    import tensorflow as tf

    given = tf.constant(positions, "float32")
    with tf.GradientTape() as tape:
        tape.watch(given)
        predicted = run.surrogate(given)
    gradient = tape.gradient(predicted, given)
    if gradient is None:
        return False
    gradient = np.asarray(gradient)
    return bool(np.isfinite(gradient).all() and np.all(np.any(gradient != 0, axis=(1, 2))))


def errors_measured(graph_networks: Sequence, first: Mapping) -> dict[str, float | list[float]]:
    """What ``data/claims.csv`` asks of this page, by its names there; of scores one value for each seed.

    ``graph_networks`` are the runs of the seeds, ``first`` one run of each model; the constant is that of the first.
    """
    low = np.array([low_energies(run)["mae"] for run in graph_networks])
    positions = graph_networks[0].data.test.positions[:100]
    return {
        "gcn_worst": [worst_range(run) for run in graph_networks],
        "differentiable": sum(has_gradient(run, positions) for run in first.values()),
        "low_energy": low / low_energies(graph_networks[0])["constant"],
        "both": low / report.table2().test[1],
    }
