"""Moves from one structure to another, for basin hopping: the result is to be relaxed."""

import numpy as np

TOUCHING = 1.5  # atoms closer than this are neighbours, in units of sigma


def shake(positions: np.ndarray, largest: float, rng: np.random.Generator) -> np.ndarray:
    """Shift each coordinate of all atoms at random by up to the ``largest``, in units of sigma."""
    return positions + rng.uniform(-largest, largest, positions.shape)


def over_the_surface(positions: np.ndarray, atoms: int, rng: np.random.Generator) -> np.ndarray:
    """Take atoms with few neighbours, one after the other, and let each fall onto the rest from a random direction.

    For positions ``(atoms, 2)`` and ``(atoms, 3)``.
    """
    positions = np.array(positions, dtype=float)
    for _ in range(atoms):
        distances = np.linalg.norm(positions[:, None] - positions, axis=-1)
        neighbours = (distances < TOUCHING).sum(axis=1)
        chance = np.exp(neighbours.min() - neighbours.astype(float))
        taken = rng.choice(len(positions), p=chance / chance.sum())
        rest = np.delete(positions, taken, axis=0)
        centre = rest.mean(axis=0)
        direction, across = _ray(positions.shape[1], rng)
        along = (rest - centre) @ direction
        beside = sum(((rest - centre) @ axis) ** 2 for axis in across)
        met = beside < 1  # by an atom that comes in along the ray to the centre: it stops at a distance of 1
        stop = (along[met] + np.sqrt(1 - beside[met])).max(initial=1.0)
        positions[taken] = centre + stop * direction
    return positions


def _ray(dimensions: int, rng: np.random.Generator) -> tuple[np.ndarray, list[np.ndarray]]:
    """A random direction, and the axes across it."""
    if dimensions == 2:
        angle = rng.uniform(0, 2 * np.pi)
        direction = np.array([np.cos(angle), np.sin(angle)])
        return direction, [np.array([-direction[1], direction[0]])]
    direction = rng.standard_normal(3)
    direction /= np.linalg.norm(direction)
    first = np.cross(direction, np.eye(3)[np.abs(direction).argmin()])
    first /= np.linalg.norm(first)
    return direction, [first, np.cross(direction, first)]
