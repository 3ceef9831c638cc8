"""One surrogate on both of the report's scales: log(V + 32) over all energies, and V itself where V < 0."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd

from surrogates import data
from surrogates.analysis import comparison
from surrogates.store import results
from surrogates.training import configs, metrics, runs


def structures(of: data.Data, split: str = "test") -> tuple[data.Structures, data.Structures]:
    """The full-energy and the low-energy structures of one split of a data set, whichever of these it names itself."""
    return tuple(getattr(data.simulate(dataclasses.replace(of, energies=kind)), split) for kind in data.REGIMES)


def scores(energy: Callable, full: data.Structures, low: data.Structures) -> dict[str, float]:
    """Both errors of one surrogate.

    Parameters
    ----------
    energy : function of positions ``(structures, atoms, 2)`` that returns energies ``(structures,)``
    full, low : Structures
        Of the full-energy set and of the low-energy set.

    Returns
    -------
    dict
        "mape", of log(V + 32) on the full-energy set, in percent, and "mae", of V on the low-energy set. A predicted
        energy of -31 or less counts as -31, whose logarithm is 0: below -32 there is none.
    """
    logs = data.log_energy(np.maximum(energy(full.positions), 1 - data.OFFSET))
    return {
        "mape": metrics.errors(data.log_energy(full.energies), logs)["mape"],
        "mae": metrics.errors(low.energies, energy(low.positions))["mae"],
    }


def stored(run: runs.Run, of: data.Data) -> dict[str, float]:
    """:func:`scores` of a run on the test structures of a data set, from the store of :mod:`surrogates.store.results`.

    They are computed from the weights the first time, and these are trained again then if they are not kept.
    """

    def compute():
        return scores(runs.with_weights(run).predict_energy, *structures(of))

    settings = {"run": run.config.to_dict(), "data": configs.data_to_dict(of)}
    return results.load_or_compute(f"regimes/{run.name}", settings, compute)


def goals() -> dict[str, float]:
    """What the report's two models reach, each on its own scale: the GCN of Table 1, the first model of Table 2.

    The first is an error on validation structures, as the report gives no other; the second one on test structures.
    """
    table1, table2 = comparison.report_table1(), comparison.report_table2()
    return {"mape": float(table1.loc["gcn", "validation"]), "mae": float(table2.loc[1, "test"])}


def excess(scores: dict[str, float], wanted: dict[str, float] | None = None) -> float:
    """The larger one of the two errors, each as a share of its goal: 1 or less where both are reached.

    The goals are those ``wanted``, by default the report's (:func:`goals`).
    """
    return max(scores[name] / goal for name, goal in (wanted or goals()).items())


def reached(scores: dict[str, float], wanted: dict[str, float] | None = None) -> bool:
    """Whether both errors reach their goals, by default those of the report's two models on one scale each."""
    return excess(scores, wanted) <= 1


def verdict(scores: dict[str, float], wanted: dict[str, float] | None = None) -> str:
    """Which of the goals are reached, in words."""
    met = {name: scores[name] <= goal for name, goal in (wanted or goals()).items()}
    if len(set(met.values())) == 1:
        return "reaches both goals" if met["mape"] else "reaches neither goal"
    first, second = ("MAPE", "MAE") if met["mape"] else ("MAE", "MAPE")
    return f"reaches the goal for the {first}, not that for the {second}"


def shown(listed: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Both errors of several models, as text."""
    rows = [[label, f"{scores['mape']:.3g}", f"{scores['mae']:.3g}"] for label, scores in listed.items()]
    return pd.DataFrame(rows, columns=["Model", "MAPE / %", "MAE"])
