"""What the page on the shortest distances shows: a perceptron beside graph networks, and what may be wrong with it."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import data, models, potentials, search, training
from surrogates.analysis import error_analysis
from surrogates.analysis.formatting import MISSING, fixed, significant, spread, whole
from surrogates.analysis.one_surrogate import stored_errors
from surrogates.analysis.plots import HUES, LINES, MARKERS, ORANGE, PINK, SKY, blank
from surrogates.store import results
from surrogates.training import metrics

NEIGHBOURS = 2000
"""Test structures whose nearest training structure is looked up."""

FEWEST = 5  # structures of a bin whose median counts

BINS = 15  # of the energies on the way to a minimum

ASKED = 50  # of them at a time: their distances from 50,000 others take 10 MB


class OnScales(NamedTuple):
    """The runs of a network's seeds on the two scales, empty where it has none; the same twice where it serves both."""

    full: Sequence
    low: Sequence


def on_scales(network: OnScales) -> dict[str, list[float]]:
    """ "mape" of log(V + 32) on the full-energy test structures in %, "mae" of V on the low-energy ones, by seed."""
    if network.full and network.full is network.low:
        found = [stored_errors(run.name, run, run.config.data) for run in network.full]
        return {measure: [errors[measure] for errors in found] for measure in ("mape", "mae")}
    return {
        "mape": [run.metrics["test"]["mape"] for run in network.full],
        "mae": [run.metrics["test"]["mae"] for run in network.low],
    }


def networks_table(
    of_networks: Mapping[str, Mapping[str, Sequence[float]]], networks: Mapping[str, OnScales]
) -> pd.DataFrame:
    """:func:`on_scales` of networks and of predictions without one, which have no number of weights, as text."""
    rows = []
    for name, found in of_networks.items():
        shown = [
            spread(found[key], decimals) if len(found[key]) else MISSING for key, decimals in (("mape", 2), ("mae", 4))
        ]
        runs = [*networks[name].full, *networks[name].low] if name in networks else []
        weights = whole(runs[0].n_weights) if runs else MISSING
        rows.append([name, *shown, weights, str(max(map(len, networks[name]))) if runs else MISSING])
    return pd.DataFrame(rows, columns=["Prediction", "All energies / %", "V < 0 / ε", "Weights", "Seeds"])


def without_network(of: data.Data) -> dict[str, dict[str, list[float]]]:
    """The same scores of the best constants, and of the energy of the closest pair alone."""
    full, low = (data.simulate(dataclasses.replace(of, energies=kind)) for kind in data.REGIMES)
    logs, energies = data.log_energy(full.train.energies), low.train.energies
    constant = metrics.constants(logs)["best constant"]
    truth = data.log_energy(full.test.energies)
    alone = potentials.LennardJones().pair_energy(potentials.closest_pair(full.test.positions))
    low_alone = potentials.LennardJones().pair_energy(potentials.closest_pair(low.test.positions))
    return {
        "best constant": {
            "mape": [metrics.errors(truth, np.full_like(truth, constant))["mape"]],
            "mae": [float(np.abs(low.test.energies - np.median(energies)).mean())],
        },
        "closest pair alone": {
            "mape": [metrics.errors(truth, data.log_energy(alone))["mape"]],
            "mae": [metrics.errors(low.test.energies, low_alone)["mae"]],
        },
    }


def looked_up(run) -> dict[str, float]:
    """What a network that only remembered could do: the target of the nearest training structure, by its inputs.

    Returns
    -------
    dict
        "error" (MAPE in %, or MAE where the target is V) over the first ``NEIGHBOURS`` test structures, that of the
        network on the same ones, "network", and "closest", the smallest distance of a test structure from a training
        structure over the median distance of two training structures.
    """
    representation = run.surrogate.get_layer("representation")
    known, asked = (models.arrays(representation, part.positions) for part in (run.data.train, run.data.test))
    shift, scale = known.mean(axis=0), known.std(axis=0)
    known, asked = ((part - shift) / scale for part in (known, asked[:NEIGHBOURS]))
    squares = (known**2).sum(axis=1)
    found = []
    for few in np.array_split(asked, -(-len(asked) // ASKED)):
        apart = squares - 2 * few @ known.T  # but for the square of what is asked, the same for all that are known
        found.append(np.stack([apart.argmin(axis=1), apart.min(axis=1) + (few**2).sum(axis=1)]))
    nearest, square = np.concatenate(found, axis=1)
    nearest, distance = nearest.astype(int), np.sqrt(np.maximum(square, 0.0))
    truth, measure = run.targets["test"][:NEIGHBOURS], "mape" if run.config.fit.target == "log" else "mae"
    typical = np.median(
        np.linalg.norm(known[: len(known) // 2] - known[len(known) // 2 : 2 * (len(known) // 2)], axis=1)
    )
    return {
        "error": metrics.errors(truth, run.targets["train"][nearest])[measure],
        "network": metrics.errors(truth, run.predictions["test"][:NEIGHBOURS])[measure],
        "closest": float(distance.min() / typical),
    }


def stored_by_range(name: str, run) -> list[float]:
    """MAPE of log(V + 32) of a run on the test structures in ranges of V, NaN where there are none, one for each range.

    From the stored results of a name, or computed from the weights and stored.
    """

    def compute():
        found = error_analysis.mape_by_range(run, run.predictions["test"])
        return [float(value) if np.isfinite(value) else None for value in found]

    found = results.load_or_compute(name, {"run": run.config, "ranges": error_analysis.range_names()}, compute)
    return [np.nan if value is None else value for value in found]


def ranges_table(name: str, networks: Mapping[str, Sequence]) -> pd.DataFrame:
    """:func:`stored_by_range` of a name, as text, for the runs of the seeds of each network.

    Beside them that of the baselines, for the structures of the first run.
    """
    first = next(iter(networks.values()))[0]
    energies = first.data.test.energies
    counts = metrics.by_bin(energies, energies, error_analysis.RANGES, len)
    binned = {
        label: [error_analysis.mape_by_range(first, values)]
        for label, values in error_analysis.baselines(first, "test").items()
    } | {label: [stored_by_range(name, run) for run in runs] for label, runs in networks.items()}
    table = {"V": error_analysis.range_names(), "Structures": [fixed(count) for count in counts]} | {
        label: [spread(values, 2) if np.isfinite(values).all() else MISSING for values in np.transpose(seeds)]
        for label, seeds in binned.items()
    }
    return pd.DataFrame(table)


def relaxing(n_atoms: int, seed: int, descents: int) -> data.Structures:
    """Structures with V < 0 that descents of the true energy pass through, from random atoms to a minimum."""
    problem = search.Problem(potentials.LennardJones(), n_atoms, goal=0.0)
    asked, _ = search.Descents(descents, steps=10_000, widest=1e9).structures(problem, seed)
    low = asked.energies < 0
    return data.Structures(asked.positions[low], asked.energies[low])


def edges_of(structures: data.Structures) -> np.ndarray:
    """The bounds of ``BINS`` bins of V from the lowest energy up to 0."""
    return np.linspace(np.floor(structures.energies.min()), 0, BINS + 1)


def energies_of(runs: Sequence, positions: np.ndarray) -> np.ndarray:
    """Energies that the runs of a network's seeds predict, for any number of atoms that they take: ``(runs, n)``."""
    n_atoms = positions.shape[1]
    return np.array([run.inverse(training.predict(training.rebuilt(run, n_atoms), positions)) for run in runs])


def beyond_range(networks: Mapping[str, Sequence], structures: data.Structures, edges: np.ndarray) -> pd.DataFrame:
    """Median error and median spread of a committee (of the seeds; NaN for one) in bins of V, for each network."""
    rows = []
    for name, runs in networks.items():
        predicted = energies_of(runs, structures.positions)
        errors = np.abs(predicted - structures.energies).mean(axis=0)
        deviations = predicted.std(axis=0, ddof=1) if len(runs) > 1 else np.full(len(errors), np.nan)
        for what, values in (("error", errors), ("spread", deviations)):
            binned = metrics.by_bin(values, structures.energies, edges, np.median, fewest=FEWEST)
            rows += [
                {"network": name, "what": what, "V": v, "value": value}
                for v, value in zip((edges[:-1] + edges[1:]) / 2, binned, strict=True)
            ]
    return pd.DataFrame(rows)


def stored_beyond(name: str, networks: Mapping[str, Sequence], n_atoms: int, seed: int, descents: int) -> pd.DataFrame:
    """:func:`beyond_range` of the structures of :func:`relaxing`, in the bins of :func:`edges_of` them.

    From the stored results of a name, or computed and stored.
    """

    def compute(networks):
        structures = relaxing(n_atoms, seed, descents)
        return beyond_range(networks, structures, edges_of(structures))

    given = {"n_atoms": n_atoms, "seed": seed, "descents": descents, "bins": BINS}
    return _stored_table(name, networks, given, compute)


def stored_other_atoms(
    name: str, networks: Mapping[str, Sequence], sizes: Sequence[int], seed: int, count: int
) -> pd.DataFrame:
    """:func:`other_atoms` from the stored results of a name, or computed and stored."""
    given = {"sizes": list(sizes), "seed": seed, "count": count}
    return _stored_table(name, networks, given, lambda networks: other_atoms(networks, sizes, seed, count))


def _stored_table(name: str, networks: Mapping[str, Sequence], given: dict, compute: Callable) -> pd.DataFrame:
    """A table of numbers and text as a result; what a network has no number for is NaN.

    It is computed from the networks with their weights, trained again where they are not kept.
    """

    def rows():
        whole = {label: [training.with_weights(run) for run in runs] for label, runs in networks.items()}
        return [
            {column: None if value != value else value for column, value in row.items()}
            for row in compute(whole).to_dict("records")
        ]

    settings = {"networks": {label: [run.config for run in runs] for label, runs in networks.items()}} | given
    table = pd.DataFrame(results.load_or_compute(name, settings, rows))
    last = table.columns[-1]
    return table.astype({last: float})


def at_the_lowest(by_energy: pd.DataFrame, names: Mapping[str, str]) -> dict[str, str]:
    """Error and spread of networks in the lowest bin of :func:`beyond_range`, as text, by short ``names`` of them."""
    lowest = by_energy[by_energy["V"] == by_energy["V"].min()].set_index(["network", "what"]).value
    return {
        f"{short}_{what}": significant(lowest[name, what], 2)
        for short, name in names.items()
        for what in ("error", "spread")
    }


def other_atoms(networks: Mapping[str, Sequence], sizes: Sequence[int], seed: int, count: int) -> pd.DataFrame:
    """MAE of V for each atom on random structures with V < 0 of other numbers of atoms, as many per area as trained on.

    NaN for a network that does not take so many.
    """
    rows = []
    for name, runs in networks.items():
        of = runs[0].config.data
        for n in sizes:
            box = of.box * (n / of.n_atoms) ** 0.5
            changed = {"energies": "low", "n_atoms": n, "box": box, "seed": seed, "sizes": (1, 1, count)}
            test = data.simulate(dataclasses.replace(of, **changed)).test
            try:
                error = float(np.abs(energies_of(runs, test.positions) - test.energies).mean() / n)
            except ValueError:
                error = np.nan
            rows.append({"network": name, "atoms": n, "error": error})
    return pd.DataFrame(rows)


def beyond_figure(by_energy: pd.DataFrame, by_atoms: pd.DataFrame, limit: float, trained_on: int) -> Figure:
    """Errors beyond the range of training: left by V below the lowest training energy, right by number of atoms."""
    figure, (left, right) = blank(2, height=4.0)
    perceptron, _, graph = HUES
    colours = {"graph network": graph, "perceptron told log distances": perceptron, "sum over pairs": ORANGE}
    colours |= {"perceptron told coordinates": SKY}
    for i, (name, rows) in enumerate(by_energy.groupby("network", sort=False)):
        colour = colours.get(name, PINK)
        for what, style in (("error", LINES[0]), ("spread", LINES[1])):
            part = rows[rows.what == what]
            label = name if what == "error" else None
            left.plot(part["V"], part["value"], style, color=colour, marker=MARKERS[i], markersize=4, label=label)
        part = by_atoms[by_atoms.network == name]
        right.plot(part["atoms"], part["error"], color=colour, marker=MARKERS[i], label="_")
    left.plot([], [], LINES[1], color="#555555", label="spread of the committee")
    left.axvline(limit, color="#555555", linewidth=1.8, linestyle=LINES[3], label="lowest in training")
    right.axvline(trained_on, color="#555555", linewidth=1.8, linestyle=LINES[6], label="atoms in training")
    left.set(xlabel="V / ε", ylabel="error of V / ε", yscale="log")
    right.set(xlabel="number of atoms", ylabel="error of V for each atom / ε", yscale="log")
    handles, labels = map(list.__add__, left.get_legend_handles_labels(), right.get_legend_handles_labels())
    figure.legend(handles, labels, loc="outside upper center", ncols=2)
    return figure
