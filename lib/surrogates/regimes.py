"""One surrogate on both of the report's scales: log(V + 32) over all energies, and V itself where V < 0."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from surrogates import comparison, datasets, metrics


def scores(energy: Callable, data: datasets.Data, split: str = "test") -> dict[str, float]:
    """Both errors of one surrogate.

    Parameters
    ----------
    energy : function of positions ``(structures, atoms, 2)`` that returns energies ``(structures,)``
    data : Data
        Whose full-energy and low-energy structures are taken, whichever of these it names itself.
    split : {"train", "validation", "test"}

    Returns
    -------
    dict
        "mape", of log(V + 32) on the full-energy set, in percent, and "mae", of V on the low-energy set. A predicted
        energy of -31 or less counts as -31, whose logarithm is 0: below -32 there is none.
    """
    full, low = (getattr(datasets.simulate(replace(data, energies=kind)), split) for kind in datasets.KINDS)
    logs = datasets.log_energy(np.maximum(energy(full.positions), 1 - datasets.OFFSET))
    return {
        "mape": metrics.errors(datasets.log_energy(full.energies), logs)["mape"],
        "mae": metrics.errors(low.energies, energy(low.positions))["mae"],
    }


def goals() -> dict[str, float]:
    """What the report's two models reach, each on its own scale: the GCN of Table 1, the first model of Table 2.

    The first is an error on validation structures, as the report gives no other; the second one on test structures.
    """
    table1, table2 = comparison.report_table1(), comparison.report_table2()
    return {"mape": float(table1.loc["gcn", "validation"]), "mae": float(table2.loc[1, "test"])}


def excess(scores: dict[str, float]) -> float:
    """The larger one of the two errors, each as a share of its goal: 1 or less where both are reached."""
    return max(scores[name] / goal for name, goal in goals().items())


def reached(scores: dict[str, float]) -> bool:
    """Whether one surrogate does on both scales as well as the report's two models do on one each."""
    return excess(scores) <= 1


def shown(listed: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Both errors of several models, as text."""
    rows = [[label, f"{scores['mape']:.3g}", f"{scores['mae']:.3g}"] for label, scores in listed.items()]
    return pd.DataFrame(rows, columns=["Model", "MAPE / %", "MAE"])
