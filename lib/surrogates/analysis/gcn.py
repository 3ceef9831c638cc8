"""What the page on the graph network shows of the order of its atoms and of its features."""

import numpy as np
import pandas as pd

from surrogates import potentials
from surrogates.models import representations
from surrogates.training import metrics, prediction


def correlations(run, split: str) -> pd.DataFrame:
    """Correlation of predicted and true targets by the distance of the closest pair, beside the smallest radii.

    Returns
    -------
    DataFrame
        "correlation" and "count" of "all" structures of a split, of those whose closest pair is "between" the two
        smallest radii of the radial density, and of those where it is "below" both.
    """
    low, high = representations.RADII[:2]
    nearest = potentials.closest_pair(getattr(run.data, split).positions)
    chosen = {"all": nearest > 0, "between": (nearest > low) & (nearest < high), "below": nearest < low}
    targets, predictions = run.targets[split], run.predictions[split]
    rows = {
        name: {"correlation": metrics.correlation(targets[among], predictions[among]), "count": int(among.sum())}
        for name, among in chosen.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def tied(surrogate, positions: np.ndarray) -> np.ndarray:
    """In which structures atoms share their rank in SortPooling, bool ``(structures,)``; nowhere without that layer."""
    if "rank" not in [layer.name for layer in surrogate.get_layer("core").layers]:
        return np.zeros(len(positions), dtype=bool)
    ranks = prediction.outputs(surrogate, positions, "rank")[..., 0]
    return (np.diff(np.sort(ranks, axis=1), axis=1) == 0).any(axis=1)
