"""How much predictions change under operations that leave the true energy as it is."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates.analysis import report
from surrogates.analysis.formatting import change, change_in_words, fixed
from surrogates.analysis.plots import BLACK, COLOURS, blank
from surrogates.data import symmetry
from surrogates.store import results


def stored_changes(name: str, run) -> dict[str, float]:
    """By operation the mean absolute change of a run's predictions for test structures; and their "spread".

    From the stored results of a name, or computed from the weights and stored.
    """

    def compute():
        predict = functools.partial(run.predict, warn=False)
        positions = run.data.test.positions[: report.SHOWN]
        changes = symmetry.changes(predict, positions, run.config.data.box)
        return changes | {"spread": float(predict(positions).std())}

    return results.load_or_compute(name, {"run": run.config, "structures": report.SHOWN}, compute)


def audit(name: str, runs: Sequence) -> pd.DataFrame:
    """How much predictions for test structures change under each operation of :mod:`surrogates.data.symmetry`.

    They are :func:`stored_changes` of a name.

    Returns
    -------
    DataFrame
        For each operation the mean absolute "change" of the target, and the same "of error" (as a share of the mean
        absolute error) and "of spread" (of the standard deviation of the predictions); each the mean over the runs.
    """
    tables = []
    for run in runs:
        changes = pd.Series(stored_changes(name, run), name="change")
        spread = changes.pop("spread")
        table = changes.to_frame().assign(**{"of error": changes / run.metrics["test"]["mae"]})
        tables.append(table.assign(**{"of spread": changes / spread}))
    return sum(tables) / len(tables)


def mean_errors(trained: Mapping[str, Sequence]) -> dict[str, float]:
    """MAE on the test split of each model, the mean over its runs."""
    return {name: np.mean([run.metrics["test"]["mae"] for run in runs]) for name, runs in trained.items()}


def changes_numbers(audits: Mapping[str, pd.DataFrame], errors: Mapping[str, float]) -> dict[str, str]:
    """Changes of the MLP, the CNN and the GCN, and the error of the last, as text by their names on the page."""
    changes = {name: audit["change"] for name, audit in audits.items()}
    return {
        "mlp_permuted": change(changes["MLP"]["permutation"]),
        "cnn_permuted": change(changes["CNN"]["permutation"]),
        "cnn_translated": change(changes["CNN"]["translation"]),
        "gcn_largest": change_in_words(changes["GCN"].max()),
        "gcn_error": fixed(errors["GCN"], 2),
    }


def audit_table(audits: Mapping[str, pd.DataFrame], errors: Mapping[str, float]) -> pd.DataFrame:
    """The same as text for several models, each with its mean error in the last column."""
    table = {"Model": list(audits)}
    for operation in symmetry.OPERATIONS:
        rows = [of_model.loc[operation] for of_model in audits.values()]
        cells = [f"{change(row['change'])} ({change(row['of error'])})" for row in rows]
        table[operation.capitalize()] = [cell.replace("< ", "<\u00a0") for cell in cells]
    table["Mean error"] = [fixed(errors[name], 3) for name in audits]
    return pd.DataFrame(table)


def bars(audits: Mapping[str, pd.DataFrame]) -> Figure:
    """Mean change of a prediction as a share of the surrogate's error, a group of bars for each surrogate."""
    changes = pd.DataFrame({name: table["of error"] for name, table in audits.items()})
    figure, axes = blank(height=3.6)
    groups = np.arange(len(changes.columns))
    width = 0.8 / len(changes)
    floor = 1e-7  # about the resolution of float32
    hatches = ("", "//", "..", "xx")
    for i, (operation, values) in enumerate(changes.clip(lower=floor).iterrows()):
        style = {"color": COLOURS[i], "hatch": hatches[i], "edgecolor": "white"}
        axes.bar(groups + i * width, values, width, label=operation, **style)
    axes.axhline(1, color=BLACK, linewidth=1.0, linestyle="--", label="as large as the error")
    axes.set(yscale="log", ylim=(floor, None), ylabel="mean change / mean error")
    axes.set_xticks(groups + 0.4 - width / 2, changes.columns)
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure
