"""How far predictions are from the truth, and how far a constant would be."""

from collections.abc import Mapping

import numpy as np


def errors(targets: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """Mean absolute percentage error (in %), mean absolute error and mean squared error, both ``(n,)``.

    Raises ValueError where the two do not have the same shape: ``(n,)`` and ``(n, 1)`` would give n x n differences.
    """
    if np.shape(targets) != np.shape(predictions):
        raise ValueError(f"targets {np.shape(targets)} and predictions {np.shape(predictions)} differ in shape.")
    difference = np.asarray(predictions, dtype=float) - targets
    return {
        "mape": float(100 * np.mean(np.abs(difference) / np.abs(targets))),
        "mae": float(np.mean(np.abs(difference))),
        "mse": float(np.mean(difference**2)),
    }


def correlation(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Pearson's correlation of the two, both ``(n,)``; NaN for fewer than three, and where one of them is constant."""
    if len(targets) < 3 or not (np.ptp(targets) and np.ptp(predictions)):
        return np.nan
    return float(np.corrcoef(targets, predictions)[0, 1])


def constants(targets: np.ndarray) -> dict[str, float]:
    """Constant predictions: the mean, the median, and the constant with the lowest MAPE on these targets ``(n,)``."""
    best = best_for_mape(targets[:, None])[0]
    return {"mean": float(np.mean(targets)), "median": float(np.median(targets)), "best constant": float(best)}


def of_constants(train: np.ndarray, targets: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """MAPE in % of each of :func:`constants` of the training targets ``(n,)``, on every split of ``targets``."""
    return {
        name: {split: errors(values, np.full_like(values, constant))["mape"] for split, values in targets.items()}
        for name, constant in constants(train).items()
    }


def best_for_mape(draws: np.ndarray) -> np.ndarray:
    """The prediction with the lowest mean absolute percentage error over ``draws (draws, n)``, not 0: ``(n,)``.

    It is the median weighted with 1 / \\|value\\|, since an error counts in proportion to that.
    """
    ordered = np.sort(draws, axis=0)
    weight = np.cumsum(1 / np.abs(ordered), axis=0)
    place = (weight < weight[-1] / 2).sum(axis=0)
    return np.take_along_axis(ordered, place[None], axis=0)[0]


def limits(targets: np.ndarray, draws: np.ndarray) -> dict[str, float]:
    """The errors that the best predictions have where only a distribution of each target can be known.

    Parameters
    ----------
    targets : array (n,)
    draws : array (draws, n)
        Of the distribution that each target comes from, independent of the target itself.

    Returns
    -------
    dict
        "mse", of the mean of the distributions, and "mape" (in %), of the predictions that are best for it.
    """
    mse = errors(targets, draws.mean(axis=0))["mse"]
    # The mean of some draws has an error of its own.
    return {"mse": mse / (1 + 1 / len(draws)), "mape": errors(targets, best_for_mape(draws))["mape"]}


def by_bin(values: np.ndarray, at: np.ndarray, edges, statistic=np.mean, fewest: int = 1) -> np.ndarray:
    """A statistic of ``values`` in each bin of ``at``, both ``(n,)``; NaN in a bin with less than ``fewest``.

    A bin holds its lower edge, not its upper one; ``edges`` (bins + 1,) may be infinite.
    """
    place = np.digitize(at, edges) - 1
    inside = [values[place == i] for i in range(len(edges) - 1)]
    return np.array([statistic(part) if len(part) >= fewest else np.nan for part in inside], dtype=float)


class Diverged(RuntimeError):
    """A training whose loss or errors are no longer finite."""


def check_finite(values: Mapping[str, float], where: str, learning_rate: float):
    """Raise :class:`Diverged` where one of the values is NaN or infinite."""
    wrong = [f"{name} is {value:g}" for name, value in values.items() if not np.isfinite(value)]
    if wrong:
        raise Diverged(
            f"{where} {' and '.join(wrong)}: the training has diverged, and nothing of it is stored. Give a lower "
            f"learning_rate than {learning_rate:g}, or a target that varies less."
        )
