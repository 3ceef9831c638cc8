"""What the page on causes shows: experiments that change one thing each, and what an evaluation costs."""

import functools
import time
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import models, potentials
from surrogates.analysis import claims, one_surrogate, report
from surrogates.analysis.formatting import MISSING, significant, spread, whole
from surrogates.analysis.plots import BLACK, HUES, LINES, MARKERS, blank
from surrogates.data import symmetry
from surrogates.store import results
from surrogates.training import prediction

COMPANY = ("V below 0", "all energies")
"""What a network for low energies is trained on, in the names of the experiments."""

EVALUATED = {"perceptron": models.MLP(), "convolutional network": models.CNN(), "graph network": models.GCN()}
"""The report's networks, of which an evaluation is counted and timed."""

Experiments = Mapping[str, Sequence]
"""The runs of the seeds of each experiment, by its name."""

UNCHANGED = 0.01  # a mean change below this share of the spread of the predictions counts as none
TIMED, ROUNDS = 1000, 7  # structures at once, and how often
PAIR_OPERATIONS = 12  # of Lennard-Jones: two differences, two squares, a sum, a quotient, five products, a difference


@functools.cache
def invariances(config) -> dict[str, bool]:
    """Which operations of :mod:`surrogates.data.symmetry` leave the predictions of a network as they are.

    Asked of the network with its initial weights: it is a property of what the network is told and how it is built.
    From the stored results, or computed and stored.
    """

    def compute():
        surrogate, of = config.build(), config.data
        positions = of.box * np.random.default_rng(0).random((50, of.n_atoms, of.dimensions))
        predict = functools.partial(prediction.predict, surrogate)
        limit = float(UNCHANGED * predict(positions).std())
        return {name: change < limit for name, change in symmetry.changes(predict, positions, of.box).items()}

    return results.load_or_compute("causes/invariances", {"network": config}, compute)


def validation(runs: Sequence, metric: str = "mape") -> np.ndarray:
    """The stored validation error of each run, at the end of its training."""
    return np.array([run.metrics["validation"][metric] for run in runs])


def best(runs: Sequence, metric: str = "mape") -> np.ndarray:
    """The lowest validation error of each run over its epochs."""
    return np.array([run.history[f"val_{metric}"].min() for run in runs])


def told_table(experiments: Experiments, beside: report.Beside) -> pd.DataFrame:
    """What a network was told, what it is invariant under, and its MAPE on validation, as text.

    What is ``beside`` is invariant under all of it, and has no epochs.
    """
    rows = []
    for name, runs in experiments.items():
        same = invariances(runs[0].config)
        words = ["yes" if same[operation] else "no" for operation in ("permutation", "translation", "rotation")]
        rows.append([name, *words, spread(validation(runs)), spread(best(runs))])
    for name, (shown,) in report.beside_cells(beside, "validation").items():
        rows.append([f"({name})", *["yes"] * 3, shown, MISSING])
    return pd.DataFrame(rows, columns=["Told", "Renumbering", "Shift", "Rotation", "Validation", "Best epoch"])


def told_figure(kinds: Mapping[str, Experiments], best_constant: float) -> Figure:
    """MAPE on validation of every experiment by kind of network, filled where it is invariant under all operations."""
    sizes = [len(experiments) for experiments in kinds.values()]
    figure, axes = blank(1, height=1.2 + 0.2 * (sum(sizes) + len(sizes)))
    place, ticks, labels = 0.0, [], []
    for number, (kind, experiments) in enumerate(kinds.items()):
        for name, runs in experiments.items():
            filled = all(invariances(runs[0].config).values())
            scores, colour = validation(runs), HUES[number]
            style = {"color": colour, "marker": MARKERS[number], "linestyle": "", "alpha": 0.8}
            axes.plot(scores, [place] * len(scores), fillstyle="full" if filled else "none", **style)
            ticks.append(place)
            labels.append(f"{kind}: {name}")
            place -= 1
        place -= 0.7
    axes.axvline(best_constant, color="#777777", linestyle=LINES[3], linewidth=1.2, label="best constant")
    axes.plot([], [], "o", color=BLACK, fillstyle="full", label="invariant under all three")
    axes.plot([], [], "o", color=BLACK, fillstyle="none", label="not")
    axes.set(xscale="log", xlabel="MAPE of log(V + 32) on validation / %", ylim=(place + 1, 0.7))
    axes.set_yticks(ticks, labels, fontsize=9)
    axes.xaxis.set_major_formatter("{x:g}")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=9)
    return figure


def low_errors(name: str, runs: Sequence) -> np.ndarray:
    """MAE of V on test structures with V < 0 of each run, whatever it was trained on, from the results of a name."""
    return np.array([one_surrogate.stored_errors(name, run, run.config.data)["mae"] for run in runs])


def low_table(errors: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """:func:`low_errors` by target and by structures, as text: names are "target, structures"."""
    cells = {tuple(name.split(", ")): spread(values, 3) for name, values in errors.items()}
    targets, structures = (list(dict.fromkeys(key[i] for key in cells)) for i in (0, 1))
    rows = [[target, *(cells[target, of] for of in structures)] for target in targets]
    return pd.DataFrame(rows, columns=["Target", *structures])


def gains(experiments: Experiments) -> dict[str, np.ndarray]:
    """MAE with one graph convolution over that with three, by seed, for each potential and kind of features."""
    scores = {}
    for name, runs in experiments.items():
        of, _, layers = name.rpartition(", ")
        scores.setdefault(of, {})[int(layers.split()[0])] = validation(runs, "mae")
    return {of: by_layers[1] / by_layers[3] for of, by_layers in scores.items()}


def gains_table(experiments: Experiments) -> pd.DataFrame:
    """MAE on validation by the number of graph convolutions, as text: names are "potential, features, n layers"."""
    rows = {}
    for name, runs in experiments.items():
        of, _, layers = name.rpartition(", ")
        layers = "1 layer" if layers == "1 layers" else layers
        rows.setdefault(of, {})[layers] = spread(validation(runs, "mae"), 3)
    gained = {of: spread(values, 2) for of, values in gains(experiments).items()}
    table = [[of, *by_layers.values(), gained[of]] for of, by_layers in rows.items()]
    return pd.DataFrame(table, columns=["Potential and features", *next(iter(rows.values())), "1 over 3"])


def operations(surrogate) -> int:
    """Floating-point operations of one prediction, counted by TensorFlow's profiler in the graph of the surrogate."""
    import tensorflow as tf

    graph = (
        tf.function(surrogate).get_concrete_function(tf.TensorSpec((1, *surrogate.input_shape[1:]), "float32")).graph
    )
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    logger = tf.get_logger()
    before = logger.level
    logger.setLevel("ERROR")  # the profiler itself calls what TensorFlow warns of
    try:
        return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops
    finally:
        logger.setLevel(before)


def cost(network, n_atoms: int, box: float) -> float:
    """Operations of one prediction of a network over those of the true energy, a sum over pairs."""
    return operations(models.build(network, n_atoms, box)) / (PAIR_OPERATIONS * n_atoms * (n_atoms - 1) // 2)


def time_ratio(network, n_atoms: int, box: float) -> float:
    """Time of a prediction over that of the true energy, of ``TIMED`` structures at once: median over the rounds."""
    import tensorflow as tf

    surrogate, true = models.build(network, n_atoms, box), potentials.LennardJones()
    positions = box * np.random.default_rng(0).random((TIMED, n_atoms, 2))
    predict = tf.function(surrogate, input_signature=[tf.TensorSpec((None, n_atoms, 2), "float32")])
    given = tf.constant(positions, "float32")

    def seconds(function) -> float:
        clock = time.perf_counter()
        function()
        return time.perf_counter() - clock

    ratios = [
        seconds(lambda: predict(given).numpy()) / seconds(lambda: true.energy(positions)) for _ in range(1 + ROUNDS)
    ]
    return float(np.median(ratios[1:]))  # in the first round both are compiled


def time_ratios(networks: Mapping[str, models.Network], n_atoms: int, box: float) -> dict[str, float]:
    """:func:`time_ratio` of each network from the stored results, which name the machine; measured where missing."""
    settings = {"networks": networks, "atoms": n_atoms, "box": box}

    def measure():
        return {name: time_ratio(network, n_atoms, box) for name, network in networks.items()}

    return results.load_or_compute("causes/times", settings, measure)


def costs_table(networks: Mapping[str, models.Network], n_atoms: int, box: float) -> pd.DataFrame:
    """Operations and time of the true energy and of the predictions of networks, as text."""
    true = PAIR_OPERATIONS * n_atoms * (n_atoms - 1) // 2
    times = time_ratios(networks, n_atoms, box)
    rows = [["the true energy", whole(true), "1", "1"]]
    for name, network in networks.items():
        ratio = cost(network, n_atoms, box)
        rows.append([name, whole(ratio * true), whole(round(ratio)), significant(times[name], 2)])
    return pd.DataFrame(rows, columns=["", "Operations", "Ratio", "Time"]).rename(columns={"": "Evaluated"})


def causes_measured(
    mlp: Experiments, cnn: Experiments, gcn: Experiments, low: Mapping[str, np.ndarray], depth: Experiments
) -> dict[str, np.ndarray | claims.Readings]:
    """What ``data/claims.csv`` asks of the experiments, by its names there, one value for each seed.

    ``low`` are the :func:`low_errors` of its experiments.
    """
    gain = gains(depth)
    turned, as_it_is = cnn["occupancy in eight orientations"], cnn["occupancy"]
    at_the_end, at_best = (of(turned) / of(as_it_is) for of in (validation, best))
    alone, beside = (low[f"log V, {structures}"] / low[f"V, {structures}"] for structures in COMPANY)
    return {
        "mlp_invariant": validation(mlp["canonical"]) / validation(mlp["coordinates"]),
        "cnn_turned": claims.Readings(at_the_end, {"at the best epochs": at_best}),
        "dense_grid": validation(cnn["distance"]) / validation(cnn["occupancy"]),
        "gcn_not_invariant": validation(gcn["distances and coordinates"]) / validation(gcn["distances"]),
        "low_transform": claims.Readings(alone, {"trained on all energies": beside}),
        "depth_range": gain["longer range, all features"] / gain["Lennard-Jones, all features"],
    }
