"""Moves from one structure to another, for basin hopping: the result is to be relaxed."""

import numpy as np

TOUCHING = 1.5  # atoms closer than this are neighbours, in sigma
BONDED = 1.35  # the same in bonds of the structure itself: between the first and the second shell of a compact one
SHARP = 2.0  # each more neighbour makes a pocket exp(2) times as likely, and an atom as much less likely to be taken
ROOM = 0.9  # a pocket has no atom closer than this, in bonds


def shake(positions: np.ndarray, largest: float, rng: np.random.Generator) -> np.ndarray:
    """Shift each coordinate of all atoms at random by up to the ``largest``."""
    return positions + rng.uniform(-largest, largest, positions.shape)


def over_the_surface(positions: np.ndarray, atoms: int, rng: np.random.Generator, length: float = 1.0) -> np.ndarray:
    """Take atoms with few neighbours, one after the other, and let each fall onto the rest from a random direction.

    For positions ``(atoms, 2)`` and ``(atoms, 3)``; ``length`` is sigma in their units.
    """
    positions = np.array(positions, dtype=float) / length
    for _ in range(atoms):
        neighbours = (_distances(positions) < TOUCHING).sum(axis=1)
        taken = rng.choice(len(positions), p=_chances(-neighbours))
        rest = np.delete(positions, taken, axis=0)
        centre = rest.mean(axis=0)
        direction, across = _ray(positions.shape[1], rng)
        along = (rest - centre) @ direction
        beside = sum(((rest - centre) @ axis) ** 2 for axis in across)
        met = beside < 1  # by an atom that comes in along the ray to the centre: it stops at a distance of 1
        stop = (along[met] + np.sqrt(1 - beside[met])).max(initial=1.0)
        positions[taken] = centre + stop * direction
    return positions * length


def into_pockets(positions: np.ndarray, atoms: int, rng: np.random.Generator) -> np.ndarray:
    """Take atoms with few neighbours, one after the other, and put each into a pocket with many.

    A pocket is a place that touches as many atoms which touch each other as there are dimensions, two or three, and has
    room for an atom. The only length is the bond, the median distance of nearest neighbours in the structure itself:
    nothing is known of a lattice, an energy or the unit of length. For positions ``(atoms, 2)`` and ``(atoms, 3)``.
    """
    positions = np.array(positions, dtype=float)
    bond = np.median(_distances(positions).min(axis=1))
    for _ in range(atoms):
        neighbours = (_distances(positions) < BONDED * bond).sum(axis=1)
        taken = rng.choice(len(positions), p=_chances(-SHARP * neighbours))
        rest = np.delete(positions, taken, axis=0)
        places = pockets(rest, bond)
        distances = np.linalg.norm(places[:, None] - rest, axis=-1)
        other = np.linalg.norm(places - positions[taken], axis=-1) > bond / 2
        free = (distances >= ROOM * bond).all(axis=1) & other
        if free.any():
            touched = (distances[free] < BONDED * bond).sum(axis=1)
            positions[taken] = places[free][rng.choice(len(touched), p=_chances(SHARP * touched))]
    return positions


def pockets(positions: np.ndarray, bond: float) -> np.ndarray:
    """The places at one bond from each of d atoms that touch each other: ``(places, d)`` of ``(atoms, d)``."""
    dimensions = positions.shape[1]
    touch = _distances(positions) < BONDED * bond
    sets = np.argwhere(np.triu(touch))  # (sets, 2)
    if dimensions == 3:
        third = touch[sets[:, 0]] & touch[sets[:, 1]] & (np.arange(len(positions)) > sets[:, 1:])
        number, atom = np.nonzero(third)
        sets = np.column_stack([sets[number], atom])
    corners = positions[sets]  # (sets, d, d)
    first, sides = corners[:, 0], corners[:, 1:] - corners[:, :1]
    # The centre of the circle through the corners lies in their plane, at equal distances from all of them.
    products = sides @ np.swapaxes(sides, 1, 2)
    shares = np.linalg.pinv(products) @ (0.5 * np.diagonal(products, axis1=1, axis2=2)[..., None])
    centre = (shares * sides).sum(axis=1)
    if dimensions == 2:
        across = sides[:, 0] @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    else:
        across = np.cross(sides[:, 0], sides[:, 1])
    above = np.sqrt(np.maximum(bond**2 - (centre**2).sum(axis=1), 0.0))
    height = above / np.maximum(np.linalg.norm(across, axis=1), np.finfo(float).tiny)
    return np.concatenate([first + centre + sign * height[:, None] * across for sign in (1, -1)])


def _distances(positions: np.ndarray) -> np.ndarray:
    """Distances of all atoms ``(atoms, atoms)``; an atom is infinitely far from itself."""
    distances = np.linalg.norm(positions[:, None] - positions, axis=-1)
    np.fill_diagonal(distances, np.inf)
    return distances


def _chances(weights: np.ndarray) -> np.ndarray:
    chances = np.exp(weights - weights.max())
    return chances / chances.sum()


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
