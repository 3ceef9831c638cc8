"""What every potential has to keep, as a check for one's own.

>>> from surrogates import potentials, testing
>>> testing.check_potential(potentials.Morse(stiffness=6.0))
"""

import warnings
from collections.abc import Sequence

import numpy as np

from surrogates import potentials


def check_potential(
    potential,
    n_atoms: int = 5,
    dimensions: int | Sequence[int] | None = None,
    seed: int = 0,
    length: float | None = None,
    rtol: float = 1e-9,
    gradient_rtol: float = 1e-5,
    step: float = 1e-5,
    symbols: Sequence[str] | None = None,
) -> None:
    """Check shapes, types, forces against the numerical gradient, symmetries, batches and refusals.

    Parameters
    ----------
    potential : function of positions (..., atoms, d) that gives energies (...) and forces (..., atoms, d)
    n_atoms : int
        Atoms of the structures it is tried on: a part of a square or cubic lattice, jittered.
    dimensions : int or several, optional
        Each d to try; else those that the potential has, or 2 and 3.
    seed : int
        Of the structures.
    length : float, optional
        About the best distance of two atoms, in the potential's units; else what its ``units`` say.
    rtol : float
        Largest difference where energies and forces are to be the same but for rounding, relative to the largest
        energy, or force, of the structures. A potential that computes in float32 needs 1e-4 or so.
    gradient_rtol, step : float
        Largest difference of a force from the central difference of energies, relative to the largest force, and how
        far atoms are moved for it, in units of ``length``. With float32, 1e-2 and 1e-2.
    symbols : sequence of str, optional
        Of the atoms where they are not all alike: only like atoms are exchanged.

    Raises
    ------
    AssertionError
        That says which property does not hold, and by how much.

    Of a potential without forces only the energies are checked, and a warning says so.
    """
    if dimensions is None:
        dimensions = potentials.dimensions_of(potential)
    tried = (dimensions,) if isinstance(dimensions, int) else tuple(dimensions)
    accepted = tuple(getattr(potential, "dimensions", tried))
    if not potentials.forces_of(potential):
        warnings.warn(
            f"{potential!r} gives energies without forces: these were not checked, neither their shape and type nor "
            "against the gradient of the energies; searches that need forces refuse it.",
            stacklevel=2,
        )
    length = potentials.units_of(potential).length if length is None else length
    for d in tried:
        rng = np.random.default_rng([seed, d])
        positions = length * _lattice(n_atoms, d, rng)
        energies, forces = _shapes(potential, positions)
        if forces is not None:
            _forces(potential, positions, forces, length * step, gradient_rtol)
        _symmetries(potential, positions, energies, forces, length, rng, rtol, symbols)
        _batches(potential, positions, energies, forces, rtol)
        _refusals(potential, n_atoms, d, accepted)


def _lattice(n_atoms: int, d: int, rng) -> np.ndarray:
    """Four structures (4, atoms, d), from tight to loose."""
    side = int(np.ceil(n_atoms ** (1 / d) - 1e-9))
    sites = np.stack(np.meshgrid(*[np.arange(side)] * d, indexing="ij"), axis=-1).reshape(-1, d)[:n_atoms]
    spacing = np.array([0.95, 1.05, 1.2, 1.5])[:, None, None]
    return spacing * (sites + rng.uniform(-0.08, 0.08, (4, n_atoms, d)))


def _shapes(potential, positions):
    for given in (positions, positions.reshape(2, 2, *positions.shape[1:]), positions[0], positions[:0]):
        energies, forces = _asked(potential, given)
        _expect(np.shape(energies) == given.shape[:-2], _of("energies", energies, given, given.shape[:-2]))
        if forces is not None:
            _expect(np.shape(forces) == given.shape, _of("forces", forces, given, given.shape))
        for name, values in (("energies", energies), ("forces", forces)):
            if values is None:
                continue
            dtype = np.asarray(values).dtype
            _expect(dtype == np.float64, f"type: {name} are {dtype}, not float64")
            _expect(np.isfinite(values).all(), f"finite: {name} of {given.shape} positions are not all finite")
    _expect(np.isscalar(potential(positions[0])[0]), "shape: the energy of one structure is an array, not a scalar")
    if hasattr(potential, "energy"):
        _close(
            "energy: the method energy differs from the call", potential.energy(positions), potential(positions)[0], 0
        )
    return _asked(potential, positions)


def _asked(potential, positions):
    """Energies and forces, None for a potential that gives none."""
    energies, forces = potential(positions)
    return energies, forces if potentials.forces_of(potential) else None


def _of(name, values, given, expected):
    return f"shape: {name} of positions {given.shape} have {np.shape(values)}, not {expected}"


def _forces(potential, positions, forces, step, rtol):
    count, atoms, d = positions.shape
    shifts = step * np.eye(atoms * d).reshape(-1, 1, atoms, d)
    plus, minus = potential(positions + shifts)[0], potential(positions - shifts)[0]  # (atoms d, structures)
    expected = -(plus - minus).T.reshape(count, atoms, d) / (2 * step)
    factor = float(np.vdot(expected, forces) / max(np.vdot(expected, expected), np.finfo(float).tiny))
    off, largest = (np.abs(part).max(initial=0.0) for part in (forces - factor * expected, factor * expected))
    if factor > 0 and off <= rtol * largest:
        other = f"forces: they are {factor:.4g} times the numerical gradient of the energies: have they other units?"
        _expect(abs(factor - 1) <= 2 * rtol, other)
    _close("forces: they differ from the numerical gradient of the energies", forces, expected, rtol)


def _symmetries(potential, positions, energies, forces, length, rng, rtol, symbols):
    _, atoms, d = positions.shape
    labels = np.array(["X"] * atoms if symbols is None else symbols)
    order = np.arange(atoms)
    for label in set(labels):
        like = np.flatnonzero(labels == label)
        order[like] = np.roll(like, 1)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    turn[:, 0] *= np.linalg.det(turn)
    mirror = np.diag([-1.0] + [1.0] * (d - 1))
    shift = length * rng.uniform(-2, 2, d)
    changed = {
        "permutation": (positions[:, order], lambda: forces[:, order]),
        "translation": (positions + shift, lambda: forces),
        "rotation": (positions @ turn, lambda: forces @ turn),
        "reflection": (positions @ mirror, lambda: forces @ mirror),
    }
    for name, (given, expected) in changed.items():
        found = potential(given)
        _close(f"{name}: it changes energies", found[0], energies, rtol)
        if forces is not None:
            _close(f"{name}: forces do not follow it", found[1], expected(), rtol)


def _batches(potential, positions, energies, forces, rtol):
    many = np.concatenate([positions] * 9)[:35]  # more than a block of the vectorised loops
    found = potential(many)
    for k in (0, 1, 16, 34):
        one = potential(many[k])
        _close(f"batch: structure {k} of {len(many)} has another energy alone", found[0][k], one[0], rtol)
        if forces is not None:
            _close(f"batch: structure {k} of {len(many)} has other forces alone", found[1][k], one[1], rtol)
    _close("batch: of another size it has other energies", found[0][: len(energies)], energies, rtol)
    if forces is not None:
        _close("batch: of another size it has other forces", found[1][: len(forces)], forces, rtol)


def _refusals(potential, atoms, d, accepted):
    wrong = [np.zeros(d), np.zeros((atoms, max(accepted) + 1)), np.zeros((atoms, 1))]
    wrong += [np.zeros((atoms, other)) for other in (2, 3) if other not in accepted]
    for given in wrong:
        try:
            potential(given + np.arange(len(given)).reshape(-1, *[1] * (given.ndim - 1)))
        except ValueError:
            continue
        except Exception as error:
            raise AssertionError(f"refusal: positions {given.shape} raise {error!r}, not a ValueError") from error
        raise AssertionError(f"refusal: positions {given.shape} are not refused with a ValueError")


def _close(what, found, expected, rtol):
    scale = max(np.abs(expected).max(initial=0.0), np.finfo(float).tiny)
    worst = np.abs(np.asarray(found) - expected).max(initial=0.0)
    _expect(worst <= rtol * scale, f"{what}, by {worst:.3g} where the largest is {scale:.3g} (allowed: {rtol:g} of it)")


def _expect(holds, message):
    if not holds:
        raise AssertionError(message)
