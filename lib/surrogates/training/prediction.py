"""What a surrogate predicts, in batches that fit into memory whatever the number of atoms."""

from collections.abc import Callable

import numpy as np

from surrogates.models import representations
from surrogates.models.backend import keras, settled
from surrogates.potentials.base import real_array

STRUCTURES = 250  # at a time, at most: more are no faster, and those of a sum over pairs take 3 MB each
PAIRS = STRUCTURES * 32**2  # at a time: pairs of atoms, of which graphs hold several numbers each


def predict(surrogate: keras.Model, positions: np.ndarray) -> np.ndarray:
    """Predict for positions ``(structures, atoms, d)``: float64 ``(structures,)``; see :func:`outputs`."""
    return outputs(surrogate, positions)[:, 0]


@settled()
def outputs(surrogate: keras.Model, positions: np.ndarray, layer: str | None = None) -> np.ndarray:
    """What a layer of the core gives, by default the last one: float64 ``(structures, ...)``.

    The representation is computed as it is for training (:func:`models.representations.inputs_of`), which for graphs
    takes a fraction of the time that the layer takes. Raises ValueError for positions of another shape, and for those
    that are not finite.
    """
    positions = real_array("positions", positions)
    atoms, dimensions = surrogate.input_shape[1:]
    if positions.ndim != 3 or positions.shape[1:] != (atoms, dimensions):
        accepted = f"(structures, {atoms}, {dimensions})"
        raise ValueError(f"positions of shape {positions.shape}: this surrogate takes {accepted}.")
    if not np.isfinite(positions).all():
        raise ValueError("positions hold NaN or infinity: a surrogate takes finite ones only.")
    core = surrogate.get_layer("core")
    if layer is not None:
        core = keras.Model(core.inputs, core.get_layer(layer).output)
    parts = [np.empty((0, *core.output_shape[1:]))]
    batch = max(1, min(STRUCTURES, PAIRS // atoms**2))
    for start in range(0, len(positions), batch):
        inputs = representations.inputs_of(surrogate, positions[start : start + batch])
        predicted = core([np.asarray(part) for part in (inputs if isinstance(inputs, tuple) else (inputs,))])
        parts.append(np.asarray(predicted, dtype=float))
    return np.concatenate(parts)


class WhenAsked(dict):
    """Values that are computed when they are first asked for, from their keys."""

    def __init__(self, compute: Callable):
        super().__init__()
        self.compute = compute

    def __missing__(self, key):
        self[key] = self.compute(key)
        return self[key]
