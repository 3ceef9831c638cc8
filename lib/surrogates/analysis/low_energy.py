"""Rank the models of the search on the low-energy set, beside Table 2 of the report.

A model of the search is known by its learning rate, its number of graph convolutions and the units of each.
"""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates.analysis import claims, report
from surrogates.analysis.formatting import MISSING, counted, fixed, minutes, significant, spread, whole
from surrogates.analysis.plots import BLACK, COLOURS, LINES, MARKERS, STYLE, WIDTH, Binned, blank, plain_ticks
from surrogates.training import metrics, runs

KEY = ["learning_rate", "n_layers", "n_nodes"]
SEARCHED = 24  # models in the report's search
CLOSE = 5  # how many of the first it lists


def ranking(trained: Mapping[tuple, Sequence[runs.Run]]) -> pd.DataFrame:
    """The models of a search by their rank on validation, from the stored metrics and histories.

    ``trained`` are by (learning rate, graph convolutions, units) the runs of one or more seeds; the mean over its seeds
    ranks a model.

    Returns
    -------
    DataFrame
        By rank, from 1: the key, "validation" (MAE, mean over seeds), "scores" and "test" (arrays, MAE of each seed),
        "weights", "epochs" and "seconds" of the first seed, its "curve" (array, MAE by epoch), and "report", the MAE of
        the same model in the report's Table 2, NaN where it is not there.
    """
    reported = report.table2().set_index(KEY)["validation"]
    rows = []
    for key, seeds in trained.items():
        scores, test = (np.array([run.metrics[split]["mae"] for run in seeds]) for split in ("validation", "test"))
        row = dict(zip(KEY, key, strict=True)) | {"validation": scores.mean(), "scores": scores, "test": test}
        first = seeds[0]
        row |= {"weights": first.n_weights, "epochs": len(first.history)}
        row |= {"seconds": first.provenance["training_seconds"], "curve": first.history["val_mae"].to_numpy()}
        rows.append(row | {"report": reported.get(key, np.nan)})
    table = pd.DataFrame(rows).sort_values("validation", ignore_index=True)
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="rank"))


def seeds(key: tuple, page) -> range:
    """The seeds of a model: the page's own, and ``further_seeds`` for those of Table 2 and of the highest rate."""
    rate, _, _ = key
    repeated = rate == max(page.learning_rates) or key in set(report.table2()[KEY].itertuples(index=False, name=None))
    return range(page.seed, page.seed + 1 + page.further_seeds * repeated)


def same_models(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of :func:`ranking` of the report's five models, in its order; NaN for those that were not trained."""
    keys = pd.MultiIndex.from_frame(report.table2()[KEY])
    return table.set_index(KEY).reindex(keys).reset_index()


def same_models_table(table: pd.DataFrame) -> pd.DataFrame:
    """The report's Table 2 with our scores of the same models beside it, as text."""

    def ours(scores):
        return spread(scores, 3) if isinstance(scores, np.ndarray) else MISSING

    reported, same = report.table2(), same_models(table)
    return pd.DataFrame(
        {
            "Rank": reported.index.astype(str),
            "Rate": [significant(value, 6) for value in reported.learning_rate],
            "Units": reported.n_nodes.astype(str),
            "Layers": reported.n_layers.astype(str),
            "Report, validation": [fixed(value, 3) for value in reported.validation],
            "Ours, validation": [ours(scores) for scores in same.scores],
            "Report, test": [fixed(value, 3) for value in reported.test],
            "Ours, test": [ours(scores) for scores in same.test],
        }
    )


def in_grid(page) -> int:
    """How many models the page's values make, whether or not its profile trains all of them."""
    return len(page.learning_rates) * len(page.layers) * len(page.nodes)


def first(table: pd.DataFrame) -> tuple:
    """Learning rate, graph convolutions and units of the best model of :func:`ranking`."""
    return tuple(table.loc[1, KEY])


def instability(run: runs.Run) -> claims.Measured:
    """Percentage error on validation, its mean over its median: large where it hangs on few structures near 0.

    The spread is that of other structures of the kind.
    """
    percentages = np.abs(run.predictions["validation"] / run.targets["validation"] - 1)
    return claims.bootstrap(lambda given: given.mean() / np.median(given), percentages)


def parity_panels(run: runs.Run) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """True and predicted energies of the best model, for :func:`analysis.plots.parity`."""
    return {
        f"{title}, best model": (run.targets[split], run.predictions[split])
        for title, split in (("training", "train"), ("test", "test"))
    }


def ranking_table(table: pd.DataFrame, most_epochs: int) -> pd.DataFrame:
    """:func:`ranking` as text; epochs are marked where training was cut off."""
    return pd.DataFrame(
        {
            "Rank": table.index.astype(str),
            "Rate": [significant(value, 6) for value in table.learning_rate],
            "Units": table.n_nodes.astype(str),
            "Layers": table.n_layers.astype(str),
            "Validation": [spread(scores, 3) for scores in table.scores],
            "Seeds": [str(len(scores)) for scores in table.scores],
            "Report": [fixed(value, 3) for value in table.report],
            "Weights": [whole(value) for value in table.weights],
            "Epochs": [f"{value}{'+' * (value >= most_epochs)}" for value in table.epochs],
            "Time": [minutes(value) for value in table.seconds],
        }
    )


def ranking_numbers(table: pd.DataFrame, constant: float) -> dict[str, str]:
    """Numbers of the ranking as text, by their names on the page; ``constant`` is the MAE of the median."""
    reported, same = report.table2(), same_models(table)
    first, last, top = table.loc[1], table.loc[len(table)], table[:CLOSE]
    like = same.scores[0] if isinstance(same.scores[0], np.ndarray) else np.array([np.nan])
    return {
        "same_validation": spread(like, 3),
        "same_test": spread(same.test[0], 3) if np.isfinite(like).all() else MISSING,
        "best_layers": whole(first.n_layers),
        "best_nodes": whole(first.n_nodes),
        "best_validation": spread(first.scores, 3),
        "best_test": spread(first.test, 3),
        "report_validation": fixed(reported.validation[1], 3),
        "report_test": fixed(reported.test[1], 3),
        "constant": fixed(constant, 2),
        "worst_rate": significant(last.learning_rate),
        "worst": fixed(last.validation, 3),
        "depth": spread(depth(table), 2),
        "report_spread": fixed(reported.validation[CLOSE] - reported.validation[1], 3),
        "counted": whole(len(top)),
        "spread": fixed(top.validation.max() - first.validation, 3),
    }


def depth_table(table: pd.DataFrame) -> pd.DataFrame:
    """MAE by the number of graph convolutions at equal width, of the models of the highest learning rate, as text."""
    at = table[table.learning_rate == table.learning_rate.max()]
    cells = {(row.n_nodes, row.n_layers): spread(row.scores, 3) for row in at.itertuples()}
    widths, depths = (sorted(set(at[name])) for name in ("n_nodes", "n_layers"))
    rows = [[f"{width} units", *(cells.get((width, n), MISSING) for n in depths)] for width in widths]
    return pd.DataFrame(rows, columns=["Width", *(counted(n, "layer") for n in depths)])


def depth(table: pd.DataFrame) -> np.ndarray:
    """MAE with three graph convolutions over the lower one with one or two, at the highest learning rate: by seed.

    At equal width and with equal seeds, the mean over the widths; NaN where one of them was not trained.
    """
    at = table[table.learning_rate == table.learning_rate.max()]
    scores = {(row.n_nodes, row.n_layers): row.scores for row in at.itertuples()}
    if scores.keys() < {(width, n) for width in set(at.n_nodes) for n in (1, 2, 3)}:
        return np.array([np.nan])
    return np.mean([scores[w, 3] / np.minimum(scores[w, 1], scores[w, 2]) for w in set(at.n_nodes)], axis=0)


def pairs_in_order(scores: np.ndarray) -> np.ndarray:
    """Of all pairs of models, how many come in the order of the rows, by seed: ``scores`` (models, seeds).

    >>> pairs_in_order(np.array([[0.1, 0.3], [0.2, 0.2], [0.4, 0.4]]))  # with the second seed two change places
    array([3, 2])
    """
    first, second = np.triu_indices(len(scores), k=1)
    return (scores[first] < scores[second]).sum(axis=0)


def ranking_measured(
    table: pd.DataFrame, constant: float, architectures: Mapping[str, runs.Run]
) -> dict[str, float | np.ndarray]:
    """What ``data/claims.csv`` asks of the ranking, by its names there; NaN where too little was trained.

    Where a quantity is measured with every seed, the values of all of them. ``constant`` is the MAE of the median as a
    constant prediction, ``architectures`` are the runs of the report's Table 1, one of each model: what was stored with
    them tells how much the choice among them matters.
    """
    reported, same, best = report.table2(), same_models(table), table.loc[1]
    scores = [values for values in same.scores if isinstance(values, np.ndarray)]
    every = np.stack(scores) if len(scores) == len(same) else np.full((len(same), 1), np.nan)
    others = np.abs(every[1:] / reported.validation.to_numpy()[1:, None] - 1)
    enough = len(table) >= CLOSE
    seeds = min(len(table.scores[CLOSE]), len(best.scores)) if enough else 0
    fifth, lowest = (table.scores[rank][:seeds] if enough else np.array([np.nan]) for rank in (CLOSE, 1))
    tuned = table.validation.iloc[-1] / best.scores
    chosen = [run.metrics["validation"]["mape"] for run in architectures.values()]
    return {
        "best_validation": every[0],
        "best_test": same.test[0] if isinstance(same.test[0], np.ndarray) else np.nan,
        "best_model": sum(best[name] == reported.loc[1, name] for name in KEY),
        "top_rates": sum(table.learning_rate[:CLOSE] == reported.learning_rate[1]),
        "depth": depth(table),
        "spread": fifth - lowest,
        "fifth": fifth / constant,
        "tuning": tuned / (max(chosen) / min(chosen)) if len(table) == SEARCHED else np.nan,
        "top_others": 100 * others.max(axis=0),
        "order": pairs_in_order(every) if np.isfinite(every).all() else np.nan,
    }


def errors_by_energy(run: runs.Run, bins: int = 12, fewest: int = 20) -> Binned:
    """MAE of a model of the low-energy set by the true energy, from its lowest training energy up to 0.

    For the "training" and the "test" structures and for the median of the training energies as a prediction; NaN where
    there are less than ``fewest``.
    """
    edges = np.linspace(run.targets["train"].min(), 0, bins + 1)
    errors = {
        label: (np.abs(run.predictions[split] - run.targets[split]), run.targets[split])
        for label, split in (("training", "train"), ("test", "test"))
    }
    truth, median = run.targets["test"], metrics.constants(run.targets["train"])["median"]
    errors["median as prediction, test"] = np.abs(median - truth), truth
    return Binned("V / ε", edges, {label: metrics.by_bin(*of, edges, fewest=fewest) for label, of in errors.items()})


def by_energy_numbers(run: runs.Run, binned: Binned) -> dict[str, str]:
    """Numbers of :func:`errors_by_energy` as text: how rare low energies are, and the lowest range with an error."""
    edges, middle = binned.edges, binned.edges[len(binned.edges) // 2]
    lowest = int(np.isfinite(binned.series["test"]).argmax())
    return {
        "rare": whole((run.targets["train"] < middle).sum()),
        "middle": fixed(middle, 1),
        "lowest_from": fixed(edges[lowest], 1),
        "lowest_to": fixed(edges[lowest + 1], 1),
        "lowest_training": fixed(binned.series["training"][lowest], 2),
        "lowest_test": fixed(binned.series["test"][lowest], 2),
    }


def by_learning_rate(table: pd.DataFrame, lines: dict[str, float]) -> Figure:
    """All models of :func:`ranking`: validation MAE against learning rate, and those of the report.

    Colour is the number of graph convolutions; line and marker are the number of units. ``lines`` lie across all.
    """
    figure, axes = blank(height=4.6)
    for style, colour, label, part in _models(table):
        part = part.sort_values("learning_rate")
        marker = MARKERS[LINES.index(style)]
        axes.plot(part.learning_rate, part.validation, marker=marker, linestyle=style, color=colour, label=label)
        axes.plot(part.learning_rate, part.report, marker, color=colour, fillstyle="none", markersize=11)
    for label, value in lines.items():
        axes.axhline(value, color="#777777", linewidth=1.0, label=label)
    axes.plot([], [], MARKERS[0], color=BLACK, fillstyle="none", markersize=11, label="the report’s, open")
    axes.set(xlabel="learning rate", ylabel="validation MAE of V / ε", xscale="log", yscale="log")
    axes.set_xticks(rates := sorted(set(table.learning_rate)), [significant(rate) for rate in rates])
    axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
    plain_ticks(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=9)
    return figure


def _models(table: pd.DataFrame):
    """Line style, colour, label and rows for each number and width of graph convolutions."""
    widths, depths = sorted(set(table.n_nodes)), sorted(set(table.n_layers))
    for (n_layers, n_nodes), part in table.groupby(["n_layers", "n_nodes"]):
        style, colour = LINES[widths.index(n_nodes) % len(LINES)], COLOURS[depths.index(n_layers) % len(COLOURS)]
        yield style, colour, f"{n_layers} × {n_nodes}", part


def curves_by_rate(table: pd.DataFrame, constant: float) -> Figure:
    """Validation MAE by epoch ("curve") of the models of a search, a panel for each learning rate, two in a row."""
    rates = sorted(set(table.learning_rate), reverse=True)
    with plt.rc_context(STYLE):
        rows = -(-len(rates) // 2)
        shape = {"figsize": (WIDTH, 0.7 + 2.5 * rows), "sharex": True, "sharey": True, "squeeze": False}
        figure, axes = plt.subplots(rows, min(2, len(rates)), **shape)
    for style, colour, label, part in _models(table):
        for rate, curve in zip(part.learning_rate, part.curve, strict=True):
            ax = axes.flat[rates.index(rate)]
            ax.plot(np.arange(1, len(curve) + 1), curve, linestyle=style, color=colour, linewidth=1.3, label=label)
    for ax, rate in zip(axes.flat, rates, strict=False):
        ax.axhline(constant, color="#777777", linewidth=1.0)
        ax.set(title=f"learning rate {significant(rate)}", yscale="log")
        plain_ticks(ax)
    for ax in axes.flat[len(rates) :]:
        ax.set_visible(False)
    for ax in axes[:, 0]:
        ax.set(ylabel="MAE of V / ε")
    for ax in axes[-1]:
        ax.set(xlabel="epoch")
    found = {label: handle for ax in axes.flat for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(found.values(), found.keys(), loc="outside upper center", ncols=3)
    return figure
