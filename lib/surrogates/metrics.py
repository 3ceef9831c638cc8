"""How far predictions are from the truth, and how far a constant would be."""

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


def constants(targets: np.ndarray) -> dict[str, float]:
    """Constant predictions: the mean, the median, and the constant with the lowest MAPE on these targets ``(n,)``.

    The last one is the median weighted with 1 / \\|target\\|, since an error counts in proportion to that.
    """
    ordered = np.sort(targets)
    weight = np.cumsum(1 / np.abs(ordered))
    best = ordered[np.searchsorted(weight, weight[-1] / 2)]
    return {"mean": float(np.mean(targets)), "median": float(np.median(targets)), "best constant": float(best)}


def best_for_mape(draws: np.ndarray) -> np.ndarray:
    """The prediction with the lowest mean absolute percentage error over positive ``draws (draws, n)``: ``(n,)``.

    As for the best of :func:`constants`, it is the median weighted with the inverse of the values.
    """
    ordered = np.sort(draws, axis=0)
    weight = np.cumsum(1 / ordered, axis=0)
    place = (weight < weight[-1] / 2).sum(axis=0)
    return np.take_along_axis(ordered, place[None], axis=0)[0]


def by_bin(values: np.ndarray, at: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Mean of ``values`` in each bin of ``at``, both ``(n,)``; NaN in a bin that is empty."""
    place = np.digitize(at, edges) - 1
    return np.array([np.mean(values[place == i]) if (place == i).any() else np.nan for i in range(len(edges) - 1)])


def of_constants(train: np.ndarray, targets: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """MAPE in % of each of :func:`constants` of the training targets ``(n,)``, on every split of ``targets``."""
    return {
        name: {split: errors(values, np.full_like(values, constant))["mape"] for split, values in targets.items()}
        for name, constant in constants(train).items()
    }
