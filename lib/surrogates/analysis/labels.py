"""How few labels it takes, and of which kind: energies of structures or of atoms."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import data, models, potentials, training
from surrogates.analysis.formatting import MISSING, listed, none_or, significant, spread, whole
from surrogates.analysis.plots import COLOURS, LINES, MARKERS, blank
from surrogates.training import reported

_NETWORKS = {models.Pairs: "sum over pairs", models.GCN: "graph network"}
_LABELS = {"total": "energies of structures", "atoms": "energies of atoms"}


Errors = Mapping[str, Mapping[int, list[float]]]
"""MAE of V on test structures by kind of model and label, by number of training structures, by seed."""


def label_configs(
    folder: str,
    network: str,
    config: training.Config,
    numbers: Sequence[int],
    examples: int,
    patience: int | None = None,
    seeds: int = 1,
) -> dict[str, training.Config]:
    """A network with each kind of label, on ``numbers`` of training structures of the low-energy set.

    Parameters
    ----------
    folder, network : str
        For the names of the runs, such as "folder/graph-network-atoms-300-seed-0".
    config : Config
        Test structures, network and fit. A tenth as many structures as in training validate, or 100.
    examples, patience : int
        How many examples a training sees in all, however few the structures; or at most, where it stops when so many
        have not lowered its error on validation.
    seeds : int
        From that of ``config`` on; each has structures of its own.
    """
    return {
        f"{folder}/{network}-{labels}-{n}-seed-{seed}": reported.with_seed(config, seed).replace(
            {
                "data.energies": "low",
                "data.sizes": (n, max(100, n // 10), config.data.sizes[2]),
                "fit.labels": labels,
                "fit.batch_size": min(config.fit.batch_size, n),
                "fit.epochs": max(1, examples // n),
                "fit.patience": None if patience is None else max(1, patience // n),
            }
        )
        for seed in range(config.fit.seed, config.fit.seed + seeds)
        for labels in _LABELS
        for n in numbers
    }


def label_errors(trained: Iterable[training.Run], low: data.Splits, numbers: Sequence[int]) -> Errors:
    """The errors of each network with each kind of label.

    The last row is that of splines, fitted to ``numbers`` of the first training structures of ``low``.
    """
    found = {}
    for run in trained:
        row = f"{_NETWORKS[type(run.config.model)]}, {_LABELS[run.config.fit.labels]}"
        found.setdefault(row, {}).setdefault(run.config.data.sizes[0], []).append(run.metrics["test"]["mae"])
    return found | {f"spline, {_LABELS['total']}": spline_errors(low.train, low.test, numbers)}


def median_on_test(low: data.Splits) -> float:
    """MAE on test structures of the median of the training energies as a prediction."""
    return float(np.abs(low.test.energies - np.median(low.train.energies)).mean())


def spline_errors(train: data.Structures, test: data.Structures, numbers: Sequence[int]) -> dict[int, list[float]]:
    """Mean absolute error of V on test structures, by how many of the training structures, the first ones, are used.

    A prediction above 0 counts as log(1 + V), as in the targets "linear-log" of networks.
    """
    found = {}
    for n in numbers:
        fitted = potentials.fit_spline(data.Structures(train.positions[:n], train.energies[:n]))
        found[n] = [float(np.abs(data.linear_log(fitted(test.positions)[0]) - test.energies).mean())]
    return found


def by_number_of_labels(errors: Errors, median: float) -> Figure:
    """Mean error by number of training structures, a line for each kind of model and label, a point for each seed."""
    figure, axes = blank(height=4.4)
    for i, (label, values) in enumerate(errors.items()):
        style = {"color": COLOURS[i], "linestyle": LINES[i], "marker": MARKERS[i], "markersize": 9, "fillstyle": "none"}
        axes.plot(list(values), list(means(values).values()), label=label, **style)
        for n, seeds in values.items():
            axes.plot([n] * len(seeds), seeds, ".", color=COLOURS[i], markersize=5)  # inside of the hollow mean
    axes.axhline(median, color="#777777", linewidth=1.0, label="median as prediction")
    axes.set(xscale="log", yscale="log", xlabel="training structures", ylabel="MAE of V / ε")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2, fontsize=9)
    return figure


def means(values: Mapping[int, Sequence[float]]) -> dict[int, float]:
    """The mean over the seeds by number of training structures."""
    return {n: float(np.mean(seeds)) for n, seeds in values.items()}


def labels_table(errors: Errors) -> pd.DataFrame:
    """The same as text."""
    numbers = sorted({n for values in errors.values() for n in values})
    rows = [[label, *(_cell(values.get(n, ())) for n in numbers)] for label, values in errors.items()]
    return pd.DataFrame(rows, columns=["Model, labels", *map(whole, numbers)])


def _cell(seeds: Sequence[float]) -> str:
    if len(seeds) > 1:
        return spread(seeds, 3)
    return significant(seeds[0], 2, zeros=True) if len(seeds) else MISSING


def equal_labels(total: Mapping[int, float], atoms: Mapping[int, float]) -> str:
    """A sentence on how many structures with one energy it takes to equal fewer with energies of atoms.

    Between two numbers of structures the error is taken to follow a power of them.
    """
    if not np.isfinite([*total.values(), *atoms.values()]).all():
        return "A training diverged, so that the two cannot be compared."
    numbers = sorted(atoms)
    logs, falling = np.log(numbers), -np.log([total[n] for n in numbers])
    for few in numbers:
        wanted = -np.log(atoms[few])
        if wanted <= falling[numbers.index(few)]:
            continue
        if wanted > falling.max():
            return f"What {whole(few)} structures teach it by their atoms, {whole(numbers[-1])} do not by their totals."
        at = next(i for i, reached in enumerate(falling) if reached >= wanted)
        part = (wanted - falling[at - 1]) / (falling[at] - falling[at - 1])
        times = np.exp(logs[at - 1] + part * (logs[at] - logs[at - 1])) / few
        return (
            f"What {whole(few)} structures teach it by their atoms, about {significant(times, 2)} times as many teach "
            "it by their totals."
        )
    return "Nowhere does it need more structures with totals than with energies of atoms."


def label_numbers(errors: Errors) -> dict[str, str]:
    """Errors of :func:`label_errors` with the fewest and the most structures as text, by their names on the page."""
    pairs, _, total, atoms, _ = errors.values()
    few, many = min(total), max(total)
    return {
        "few": whole(few),
        "many": whole(many),
        "pair_few": spread(pairs[few], 4),
        "pair_many": spread(pairs[many], 4),
        "gcn_many": spread(total[many], 3),
        "gcn_atoms_many": spread(atoms[many], 3),
        "equal_labels": equal_labels(means(total), means(atoms)),
    }


def label_ratios(errors: Errors) -> dict[int, list[float]]:
    """Error of the graph network with energies of structures over that with energies of atoms, for each seed.

    By the number of training structures.
    """
    _, _, total, atoms, _ = errors.values()
    return {n: np.divide(total[n], atoms[n]).tolist() for n in atoms}


def ratios_in_words(ratios: Mapping[int, Sequence[float]]) -> str:
    """:func:`label_ratios` as the end of a sentence."""
    of = [f"{spread(values, 2)} times {{}}from {whole(n)}{{}}" for n, values in ratios.items()]
    first = of[0].format("that with one for each atom ", " structures")
    return listed([first, *(words.format("", "") for words in of[1:])])


def reached_the_end(trained: Iterable[training.Run]) -> str:
    """How many of these trainings ended with their last epoch rather than for want of patience, as a sentence."""
    ended = [len(run.history) == run.config.fit.epochs for run in trained]
    beyond = ", and might have come lower beyond it" if any(ended) else ""
    return f"{none_or(sum(ended)).capitalize()} of {whole(len(ended))} trainings came to that limit{beyond}."
