"""How few labels it takes: the part of the page on one surrogate about energies of structures and of atoms."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import data, models, potentials, training
from surrogates.analysis.formatting import fixed, significant, whole
from surrogates.analysis.plots import COLOURS, LINES, MARKERS, blank

_NETWORKS = {models.Pairs: "sum over pairs", models.GCN: "graph network"}
_LABELS = {"total": "energies of structures", "atoms": "energies of atoms"}


def label_configs(
    folder: str, networks: Mapping[str, tuple[training.Config, int]], numbers: Sequence[int], n_test: int
) -> dict[str, training.Config]:
    """Each network with each kind of label, on ``numbers`` of training structures of the low-energy set.

    Of ``networks`` there are by name a configuration, and the examples that its training sees in all, however few the
    structures. A tenth as many structures validate, or 100. The configurations stand by the names of their runs, such
    as "folder/graph-network-atoms-300-seed-0".
    """
    return {
        f"{folder}/{network}-{labels}-{n}-seed-{config.fit.seed}": config.replace(
            {
                "data.energies": "low",
                "data.sizes": (n, max(100, n // 10), n_test),
                "fit.labels": labels,
                "fit.batch_size": min(config.fit.batch_size, n),
                "fit.epochs": max(1, examples // n),
            }
        )
        for network, (config, examples) in networks.items()
        for labels in _LABELS
        for n in numbers
    }


def label_errors(trained: Iterable[training.Run], low: data.Splits) -> dict[str, dict[int, float]]:
    """MAE of V on test structures, by number of training structures, of each network with each kind of label.

    The last row is that of splines, fitted to as many of the first training structures of ``low``.
    """
    found = {}
    for run in trained:
        row = f"{_NETWORKS[type(run.config.model)]}, {_LABELS[run.config.fit.labels]}"
        found.setdefault(row, {})[run.config.data.sizes[0]] = run.metrics["test"]["mae"]
    numbers = next(iter(found.values()))
    return found | {f"spline, {_LABELS['total']}": spline_errors(low.train, low.test, numbers)}


def median_on_test(low: data.Splits) -> float:
    """MAE on test structures of the median of the training energies as a prediction."""
    return float(np.abs(low.test.energies - np.median(low.train.energies)).mean())


def spline_errors(train: data.Structures, test: data.Structures, numbers: Sequence[int]) -> dict[int, float]:
    """Mean absolute error of V on test structures, by how many of the training structures, the first ones, are used.

    A prediction above 0 counts as log(1 + V), as in the targets "linear-log" of networks.
    """
    found = {}
    for n in numbers:
        fitted = potentials.fit_spline(data.Structures(train.positions[:n], train.energies[:n]))
        found[n] = float(np.abs(data.linear_log(fitted(test.positions)[0]) - test.energies).mean())
    return found


def by_number_of_labels(errors: Mapping[str, Mapping[int, float]], median: float) -> Figure:
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
    cells = pd.DataFrame(errors).T.map(lambda value: significant(value, 2))
    return cells.rename(columns=whole).rename_axis("Model, labels").reset_index()


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


def label_numbers(errors: Mapping[str, Mapping[int, float]]) -> dict[str, str]:
    """Errors of :func:`label_errors` with the fewest and the most structures as text, by their names on the page."""
    pairs, _, total, atoms, spline = errors.values()
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


def label_ratio(errors: Mapping[str, Mapping[int, float]]) -> float:
    """Error of the graph network with energies of structures over that with energies of atoms.

    The median over the numbers of structures.
    """
    _, _, total, atoms, _ = errors.values()
    return float(np.median([total[n] / atoms[n] for n in atoms]))
