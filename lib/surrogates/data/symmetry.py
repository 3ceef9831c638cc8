"""What leaves the true energy unchanged: operations on positions ``(structures, atoms, d)`` that stay in the box."""

from collections.abc import Callable

import numpy as np


def permuted(positions, box, rng):
    """Number the atoms in another order."""
    return positions[:, rng.permutation(positions.shape[1])]


def translated(positions, box, rng):
    """Shift each structure by a random vector, as far as the box allows."""
    low, high = positions.min(axis=1, keepdims=True), positions.max(axis=1, keepdims=True)
    return positions - low + rng.random(low.shape) * (box - (high - low))


def rotated(positions, box, rng):
    """Turn by 90 degrees in the x-y plane about the centre of the box."""
    x, y, *others = np.moveaxis(positions, -1, 0)
    return np.stack([box - y, x, *others], axis=-1)


def shrunk(positions, box):
    """Draw the structures together about the centre of the box, so that any turn in the x-y plane leaves them in it."""
    return box / 2 + (positions - box / 2) / np.sqrt(2)


def turned(positions, box, rng):
    """Turn each structure by an angle of its own in the x-y plane about the centre of the box; see :func:`shrunk`."""
    angle = 2 * np.pi * rng.random((len(positions), 1))
    x, y, *others = np.moveaxis(positions - box / 2, -1, 0)
    along, across = np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y
    return np.stack([along, across, *others], axis=-1) + box / 2


def reflected(positions, box, rng):
    """Mirror in x at the centre of the box."""
    x, *others = np.moveaxis(positions, -1, 0)
    return np.stack([box - x, *others], axis=-1)


def orientations(positions: np.ndarray, box: float) -> np.ndarray:
    """The eight orientations of the square of the x-y plane, ``(structures, 8, atoms, d)``; the first is as given."""
    found = [positions]
    for _ in range(3):
        found.append(rotated(found[-1], box, None))
    found += [reflected(quarter, box, None) for quarter in found]
    return np.stack(found, axis=1)


OPERATIONS = {"permutation": permuted, "translation": translated, "rotation": turned, "reflection": reflected}


def shift(positions: np.ndarray, box: float, seed: int = 0) -> float:
    """Mean length of the translations of :func:`translated`, which leave the structures in the box."""
    moved = translated(positions, box, np.random.default_rng(seed))
    return float(np.linalg.norm(moved - positions, axis=-1).mean())


def changes(predict: Callable, positions: np.ndarray, box: float, seed: int = 0) -> dict[str, float]:
    """Mean absolute change of a prediction under each operation; for the rotation of :func:`shrunk` structures.

    Parameters
    ----------
    predict : function of positions ``(structures, atoms, d)`` that returns ``(structures,)``
    positions : array (structures, atoms, d)
    box : float
    seed : int
        Of the random permutation, translations and angles.
    """
    rng, found = np.random.default_rng(seed), {}
    inner, before = shrunk(positions, box), predict(positions)
    for name, operation in OPERATIONS.items():
        given, known = (inner, predict(inner)) if operation is turned else (positions, before)
        found[name] = float(np.mean(np.abs(predict(operation(given, box, rng)) - known)))
    return found
