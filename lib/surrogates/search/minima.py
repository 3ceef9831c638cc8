"""Local minima of a potential, and the random atoms that a search for them begins with.

>>> start, rng = seeded_start(n_atoms=7, seed=0)
>>> relax(LennardJones(), start).energy

Nothing here knows of lattices or of known minima: starts are random.
"""

import functools

import numpy as np
from scipy import optimize
from threadpoolctl import ThreadpoolController

from surrogates import checks
from surrogates.potentials import Minimum, forces_of, units_of
from surrogates.potentials.base import real_array

APART = 0.8  # the closest that two atoms of a random start may be, in units of sigma
DENSITY = 0.5  # atoms per area, or volume, of a random start; random placing jams at 1.09, or 1.4, for this distance
RESTARTS = 4  # of L-BFGS, which takes two equal energies for the end: with float32 that happens on a slope
FINE = 1e-3  # largest component of a force at the end of a relaxation, in epsilon / sigma of the potential
FAR = 1e100  # a coordinate out there, where a surrogate has no bottom, ends a relaxation
DIMENSIONS = (2, 3)


def random_start(n_atoms: int, rng: np.random.Generator, dimensions: int = 2, length: float = 1.0) -> np.ndarray:
    """Atoms at random in a square or a cube, none closer than 0.8 sigma to another, ``(n_atoms, dimensions)``.

    There are two units of area, or of volume, for each atom. ``length`` is sigma: :class:`potentials.Units`.
    """
    checks.integer("n_atoms", n_atoms, 1)
    checks.one_of("dimensions", dimensions, DIMENSIONS)
    root = np.sqrt if dimensions == 2 else np.cbrt
    side = root(n_atoms / DENSITY)
    placed = np.empty((0, dimensions))
    while len(placed) < n_atoms:
        atom = rng.random(dimensions) * side
        if (np.linalg.norm(placed - atom, axis=-1) >= APART).all():
            placed = np.vstack([placed, atom])
    return placed * length


def seeded_random(n_atoms: int, seed: int) -> np.random.Generator:
    """The random numbers of a search: those of all kinds with one seed begin with the same atoms."""
    return np.random.default_rng([seed, n_atoms])


def seeded_start(
    n_atoms: int, seed: int, dimensions: int = 2, length: float = 1.0
) -> tuple[np.ndarray, np.random.Generator]:
    """The atoms that a search with this seed begins with, and the random numbers to go on with."""
    rng = seeded_random(n_atoms, seed)
    return random_start(n_atoms, rng, dimensions, length), rng


def relax(potential, positions: np.ndarray, tolerance: float = FINE) -> Minimum:
    """The minimum below a structure ``(atoms, d)``, by L-BFGS, until no component of a force exceeds the tolerance.

    Where the potential gives NaN or infinity on the way, there is none: the result is the given structure, with an
    energy of +inf. Where the forces do not fall that far after some restarts, it is the last structure.

    Raises ValueError for positions of another shape, and for a potential without forces.
    """
    return descend(potential, positions, tolerance)[0]


def descend(potential, positions: np.ndarray, tolerance: float) -> tuple[Minimum, float]:
    """:func:`relax`, and by how much the energy may still fall: what L-BFGS has learned of the curvature tells."""
    shape, tolerance = one_structure(positions, atoms=1).shape, tolerance * units_of(potential).force
    check_forces(potential)

    def downhill(x):
        if not np.abs(x).max(initial=0.0) < FAR:  # NaN as well
            raise _Broken
        energy, forces = potential(x.reshape(shape))
        forces = np.asarray(forces, dtype=float).reshape(-1)
        if not (np.isfinite(energy) and np.isfinite(forces).all()):
            raise _Broken
        return float(energy), -forces

    options = {"gtol": tolerance, "ftol": 1e-12, "maxiter": 1000}
    x = np.reshape(np.array(positions, dtype=float), -1)
    try:
        for _ in range(RESTARTS):
            # Its matrices have ten rows: threads of BLAS that wait for such work took four fifths of a search's time.
            with _libraries().limit(limits=1, user_api="blas"):
                found = optimize.minimize(downhill, x, jac=True, method="L-BFGS-B", options=options)
            x = found.x
            if np.abs(found.jac).max(initial=0.0) <= tolerance:
                break
    except _Broken:
        return Minimum(np.inf, np.array(positions, dtype=float)), 0.0
    return Minimum(float(found.fun), x.reshape(shape)), 0.5 * float(found.jac @ found.hess_inv.dot(found.jac))


@functools.cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def one_structure(positions: np.ndarray, atoms: int = 2) -> np.ndarray:
    """Return positions ``(atoms, d)``, or raise ValueError for another shape, or for fewer atoms."""
    positions = real_array("start", positions)
    if positions.ndim != 2 or positions.shape[1] not in DIMENSIONS or len(positions) < atoms:
        several = "one atom" if atoms == 1 else "two atoms"
        raise ValueError(f"start of shape {positions.shape}: give positions (atoms, 2 or 3) of {several} or more.")
    return positions


def check_forces(potential):
    """Raise :class:`WithoutForces` for a potential that gives energies alone."""
    if not forces_of(potential):
        raise WithoutForces(f"{potential!r} gives energies without forces: give it to CMAES, which needs none.")


class WithoutForces(ValueError):
    """A potential that gives energies alone was given to what needs forces."""


class _Broken(Exception):
    """The potential gave NaN or infinity: nothing that follows from it means anything."""
