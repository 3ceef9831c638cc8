"""The report's numbers, and words for how ours compare, by rules that are fixed here and not on a page."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from surrogates import data, models
from surrogates.data import symmetry
from surrogates.store import provenance
from surrogates.training import metrics, runs

NEAR = 0.1  # two scores that differ by less than this share of the larger one count as equal
GAP = 1.25  # a validation score this many times the training score counts as a gap


def report_table1() -> pd.DataFrame:
    """Table 1 of the report: MAPE in percent, "training" and "validation", by model (mlp, cnn, gcn)."""
    return pd.read_csv(provenance.root() / "data" / "report_table1.csv", index_col="model")


def report_table2() -> pd.DataFrame:
    """Table 2 of the report: MAE of V by rank, with the learning rate, n_nodes and n_layers of each model."""
    return pd.read_csv(provenance.root() / "data" / "report_table2.csv", index_col="rank")


def against_constant(score: float, constant: float) -> str:
    """How an error compares with that of a constant prediction, as in "it is ... than that constant"."""
    if abs(score - constant) <= NEAR * max(score, constant):
        return "no better"
    return "better" if score < constant else "worse"


def gap(training: float, validation: float) -> str:
    """Whether a model has learned more about its training structures than about others."""
    ratio = validation / training
    return f"a gap of a factor {ratio:.1f}" if ratio >= GAP else "hardly any gap"


@dataclass(frozen=True)
class Comparison:
    """A surrogate of the full-energy set beside the report's and beside a constant prediction.

    Attributes
    ----------
    numbers : dict
        For the prose: MAPE on "train" and "validation", of the report ("report_train", "report_validation") and of
        the mean of the training targets ("constant"), "error" (test MAE), "weights", and words for how the scores
        compare.
    changes : dict
        Mean change of the test predictions under each operation of :mod:`surrogates.data.symmetry`.
    table : pandas.DataFrame
        MAPE of the report and ours on each split; the report gives none on the test split.
    panels : dict
        True and predicted targets of the training and the validation split, for ``figures.parity``.
    mean : float
        Mean of the training targets.
    """

    numbers: dict
    changes: dict[str, float]
    table: pd.DataFrame
    panels: dict[str, tuple[np.ndarray, np.ndarray]]
    mean: float


def compare(run, model: str) -> Comparison:
    """Evaluate a run of the full-energy set from its weights, beside the report's ``model`` (mlp, cnn or gcn)."""
    scores, targets = run.evaluate(), run.targets
    constant = metrics.of_constants(targets["train"], targets)["mean"]["validation"]
    training, validation = scores["train"]["mape"], scores["validation"]["mape"]
    reported = report_table1().loc[model]
    numbers = {
        "train": training,
        "validation": validation,
        "report_train": reported["training"],
        "report_validation": reported["validation"],
        "constant": constant,
        "error": scores["test"]["mae"],
        "n_train": len(targets["train"]),
        "weights": models.count_weights(run.surrogate),
        "verdict": against_constant(validation, constant),
        "gap": gap(training, validation),
        "ratio": validation / reported["validation"],
        "ratio_train": training / reported["training"],
    }
    changes = symmetry.changes(run.predict, run.data.test.positions, run.config.data.box)
    splits = {"training": "train", "validation": "validation", "test": "test"}
    table = pd.DataFrame(
        {
            "MAPE / %": list(splits),
            f"report's {model.upper()}": [f"{reported[title]:g}" if title in reported else "–" for title in splits],
            f"our {model.upper()}": [f"{scores[split]['mape']:.1f}" for split in splits.values()],
        }
    )
    panels = {title: (targets[splits[title]], run.predictions[splits[title]]) for title in ("training", "validation")}
    return Comparison(numbers, changes, table, panels, mean=metrics.constants(targets["train"])["mean"])


def over_seeds(values, digits: int = 1) -> str:
    """Mean and, of several, the standard deviation of one, as in "6.3 ± 0.2"."""
    mean = f"{np.mean(values):.{digits}f}"
    return mean if len(values) == 1 else f"{mean}\u00a0±\u00a0{np.std(values, ddof=1):.{digits}f}"


def seeds(runs: list) -> str:
    """How many there are, as in "3 seeds"."""
    return f"{len(runs)} seed{'' if len(runs) == 1 else 's'}"


def table1(trained: dict[str, list], mape: dict[str, dict[str, np.ndarray]]) -> pd.DataFrame:
    """Table 1 of the report beside ours, as text: one row for each model, and for whatever they are compared with.

    Parameters
    ----------
    trained : dict of list of Run
        The runs of each model (MLP, CNN, GCN), one for each seed.
    mape : dict of dict of array (seeds,)
        For each model and split the MAPE in percent. Rows beside the models' are made of what else it holds.
    """
    reported = report_table1()
    rows = []
    for name, of_splits in mape.items():
        ours = [over_seeds(of_splits[split]) for split in data.SPLITS]
        if name in trained:
            runs = trained[name]
            given = "\u00a0/\u00a0".join(
                f"{reported.loc[name.lower(), split]:g}" for split in ("training", "validation")
            )
            minutes = np.mean([run.provenance["training_seconds"] for run in runs]) / 60
            end = [f"{models.count_weights(runs[0].surrogate):,}", f"{minutes:.0f}\u00a0min"]
            name = f"{name}, {seeds(runs)}"
        else:
            given, end = "–", ["–", "–"]
        rows.append([name, given, *ours, *end])
    header = ["Model", "Report", "Training", "Validation", "Test", "Weights", "Time"]
    return pd.DataFrame(rows, columns=header)


def invariance(runs: list) -> pd.DataFrame:
    """How much the predictions for the test structures change under each operation of :mod:`surrogates.data.symmetry`.

    Returns
    -------
    DataFrame
        For each operation the mean absolute "change" of the target, and the same "of error" (as a share of the mean
        absolute error) and "of spread" (of the standard deviation of the predictions); each the mean over the runs.
    """
    tables = []
    for run in runs:
        positions, box = run.data.test.positions, run.config.data.box
        change = pd.Series(symmetry.changes(run.predict, positions, box), name="change")
        error = metrics.errors(run.targets["test"], run.predictions["test"])["mae"]
        table = change.to_frame().assign(**{"of error": change / error})
        tables.append(table.assign(**{"of spread": change / run.predictions["test"].std()}))
    return sum(tables) / len(tables)


def worst_range(run, edges, fewest: int = 50) -> float:
    """MAPE on validation in the range of V where it is highest, over that of all; NaN where no range counts.

    ``edges`` (ranges + 1,) bound the ranges; those with less than ``fewest`` structures do not count.
    """
    target = run.targets["validation"]
    percentages = 100 * np.abs(run.predictions["validation"] - target) / np.abs(target)
    scores = metrics.by_bin(percentages, run.data.validation.energies, edges, fewest=fewest)
    return max(scores[np.isfinite(scores)], default=np.nan) / percentages.mean()


def tied(surrogate, positions: np.ndarray) -> np.ndarray:
    """In which structures atoms share their rank in SortPooling, bool ``(structures,)``; nowhere without that layer."""
    if "rank" not in [layer.name for layer in surrogate.get_layer("core").layers]:
        return np.zeros(len(positions), dtype=bool)
    ranks = runs.outputs(surrogate, positions, "rank")[..., 0]
    return (np.diff(np.sort(ranks, axis=1), axis=1) == 0).any(axis=1)


def below_zero(run) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted energies, on the linear scale, of the test structures with V < 0."""
    low = run.data.test.energies < 0
    return run.data.test.energies[low], run.inverse(run.predictions["test"][low])


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
