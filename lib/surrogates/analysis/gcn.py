"""What the page on the graph network shows of the order of its atoms and of its features."""

import numpy as np
import pandas as pd

from surrogates import potentials
from surrogates.data import symmetry
from surrogates.models import graph_layers, representations
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


def changes_with_listed_ties(run, positions: np.ndarray, seed: int = 0) -> np.ndarray:
    """How much a renumbering of the atoms changes predictions where ties stay as listed, absolute ``(structures,)``.

    StellarGraph's SortPooling leaves atoms of equal rank in the order of the input; the layer of the surrogates orders
    them by their other features. The weights are the same.
    """
    layers = run.surrogate.get_layer("core").layers
    pooling = next(i for i, layer in enumerate(layers) if isinstance(layer, graph_layers.SortPooling))

    def predict(given):
        embeddings = prediction.outputs(run.surrogate, given, "embeddings")
        order = np.argsort(-embeddings[..., -1], axis=1, kind="stable")
        listed = np.take_along_axis(embeddings, order[..., None], axis=1).reshape(len(given), -1)
        values = listed.astype("float32")
        for layer in layers[pooling + 1 :]:
            values = layer(values)
        return np.asarray(values)[:, 0]

    renumbered = symmetry.permuted(positions, None, np.random.default_rng(seed))
    return np.abs(predict(renumbered) - predict(positions))
