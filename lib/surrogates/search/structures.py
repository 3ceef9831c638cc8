"""Find structures of low energy, on the true potential or on a surrogate of it.

A *potential* is here any function that takes positions ``(..., atoms, 2)`` and returns the energies ``(...)`` and the
forces ``(..., atoms, 2)``: :class:`potentials.LennardJones`, a calculator of ASE (:class:`potentials.FromASE`), or
what a network has learned (:func:`surrogates.training.learned.of`).

>>> import numpy as np
>>> from surrogates import potentials
>>> counted = potentials.Counted(potentials.LennardJones())
>>> start = structures.random_start(7, np.random.default_rng(0))
>>> rng = np.random.default_rng(1)
>>> visited = structures.hop(counted, start, structures.Hopping(), rng, stop=lambda found: found.energy < -12.5)
>>> visited[-1].energy, counted.calls["search"]

Nothing here knows of lattices or of known minima: starts are random, and moves look at distances only.
"""

import contextlib
import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from surrogates import checks, potentials
from surrogates.potentials import NONE, Minimum

Potential = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

APART = 0.8  # the closest that two atoms of a random start may be, in units of sigma
DENSITY = 0.5  # atoms per area of a random start; random sequential placing jams at 0.547 / (pi / 4) / APART^2 = 1.09
TOUCHING = 1.5  # atoms closer than this are neighbours, in units of sigma
RESTARTS = 4  # of L-BFGS, which takes two equal energies for the end: with float32 that happens on a slope
FINE = 1e-3  # largest component of a force at the end of a relaxation, in epsilon / sigma
TRIES = 10_000  # places tried for an atom before a start is given up


def described(potential: Potential) -> dict:
    """What tells a potential from others, as plain data: the settings of stored searches need it.

    That is the name of a function of a module, the name and fields of a frozen dataclass, or what
    ``potential.description()`` says. Raises ValueError for anything else, such as a function made inside another or in
    a notebook: its name does not say what it computes.
    """
    # The names of stored results are those from before the library had rooms.
    if potential == potentials.LennardJones():
        return {"kind": "surrogates.potential.energy_and_forces"}
    with_triples = isinstance(potential, potentials.Sum) and potential.parts[0] == potentials.LennardJones()
    if with_triples and isinstance(potential.parts[1], potentials.AxilrodTeller):
        return {"kind": "surrogates.three_body.AxilrodTeller", "strength": potential.parts[1].strength}
    if hasattr(potential, "description"):
        return potential.description()
    kind = type(potential)
    if dataclasses.is_dataclass(kind) and kind.__dataclass_params__.frozen and kind.__module__ != "__main__":
        return {"kind": _path(kind), **dataclasses.asdict(potential)}
    if inspect.isfunction(potential) and "<" not in potential.__qualname__ and potential.__module__ != "__main__":
        return {"kind": _path(potential)}
    raise ValueError(
        f"true = {potential!r}: its name does not tell it from others, and searches are stored by it. Give a function "
        "of a module, a frozen dataclass of a module, or an object with a method description() that returns plain data."
    )


def _path(thing) -> str:
    # The names of stored results are those from before the library had rooms.
    room, _, name = thing.__module__.removeprefix("surrogates.").partition(".")
    module = f"surrogates.{name or room}" if thing.__module__.startswith("surrogates.") else thing.__module__
    return f"{module}.{thing.__qualname__}"


def random_start(n_atoms: int, rng: np.random.Generator, box: float | None = None) -> np.ndarray:
    """Atoms at random in a square, none closer than 0.8 sigma to another, ``(n_atoms, 2)``.

    Without a ``box``, its side, the square has two units of area for each atom. Raises ValueError where so many atoms
    do not fit.
    """
    checks.integer("n_atoms", n_atoms, 1)
    side = np.sqrt(n_atoms / DENSITY) if box is None else checks.positive("box", box)
    placed = np.empty((0, 2))
    for _ in range(n_atoms):
        for _ in range(TRIES):
            atom = rng.random(2) * side
            if (np.hypot(*(placed - atom).T) >= APART).all():
                break
        else:
            raise ValueError(
                f"n_atoms = {n_atoms}: in a box of side {side:g} only {len(placed)} atoms were placed at random with "
                f"{APART} sigma between them: give fewer atoms or a larger box."
            )
        placed = np.vstack([placed, atom])
    return placed


def seeded_random(n_atoms: int, seed: int) -> np.random.Generator:
    """The random numbers of a search: those of all kinds with one seed begin with the same atoms."""
    return np.random.default_rng([seed, n_atoms])


def seeded_start(n_atoms: int, seed: int) -> tuple[np.ndarray, np.random.Generator]:
    """The atoms that a search with this seed begins with, and the random numbers to go on with."""
    rng = seeded_random(n_atoms, seed)
    return random_start(n_atoms, rng), rng


def relax(potential: Potential, positions: np.ndarray, tolerance: float = FINE) -> Minimum:
    """The minimum below a structure ``(atoms, 2)``, by L-BFGS, until no component of a force exceeds the tolerance.

    Where the potential gives NaN or infinity on the way, there is none: the result is the given structure, with an
    energy of +inf. Where the forces do not fall that far after some restarts, it is the last structure.
    """
    shape = np.shape(positions)

    def downhill(x):
        if not np.isfinite(x).all():
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
            found = optimize.minimize(downhill, x, jac=True, method="L-BFGS-B", options=options)
            x = found.x
            if np.abs(found.jac).max(initial=0.0) <= tolerance:
                break
    except _Broken:
        return Minimum(np.inf, np.array(positions, dtype=float))
    return Minimum(float(found.fun), x.reshape(shape))


class _Broken(Exception):
    """The potential gave NaN or infinity: nothing that follows from it means anything."""


@dataclass(frozen=True)
class Hopping:
    """How basin hopping steps from one minimum to the next (Wales and Doye 1997).

    Attributes
    ----------
    temperature : float
        Of the acceptance, in units of epsilon.
    surface : float
        Share of the steps that move atoms over the surface; the others shake all atoms.
    atoms : int
        A surface step moves 1 to so many atoms.
    shake : float
        Largest shift of a coordinate in a shake, in units of sigma.
    tolerance : float
        A minimum is relaxed until no component of a force exceeds it, in epsilon / sigma; one that is lower than all
        before until none exceeds 0.001.
    """

    temperature: float = 0.4
    surface: float = 1.0
    atoms: int = 2
    shake: float = 0.4
    tolerance: float = FINE

    def __post_init__(self):
        for name in ("temperature", "shake", "tolerance"):
            checks.positive(name, getattr(self, name))
        checks.integer("atoms", self.atoms, 1)
        if not 0 <= self.surface <= 1:
            raise ValueError(f"surface = {self.surface!r}: give a share, from 0 to 1.")

    def step(self, positions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Another structure, to be relaxed."""
        if rng.random() < self.surface:
            return over_the_surface(positions, rng.integers(1, self.atoms + 1), rng)
        return positions + rng.uniform(-self.shake, self.shake, positions.shape)


def over_the_surface(positions: np.ndarray, atoms: int, rng: np.random.Generator) -> np.ndarray:
    """Take atoms with few neighbours, one after the other, and let each fall onto the rest from a random direction."""
    positions = np.array(positions, dtype=float)
    for _ in range(atoms):
        distances = np.linalg.norm(positions[:, None] - positions, axis=-1)
        neighbours = (distances < TOUCHING).sum(axis=1)
        chance = np.exp(neighbours.min() - neighbours.astype(float))
        taken = rng.choice(len(positions), p=chance / chance.sum())
        rest = np.delete(positions, taken, axis=0)
        centre = rest.mean(axis=0)
        angle = rng.uniform(0, 2 * np.pi)
        direction = np.array([np.cos(angle), np.sin(angle)])
        along, beside = (rest - centre) @ direction, (rest - centre) @ [-direction[1], direction[0]]
        met = np.abs(beside) < 1  # by an atom that comes in along the ray to the centre: it stops at a distance of 1
        stop = (along[met] + np.sqrt(1 - beside[met] ** 2)).max(initial=1.0)
        positions[taken] = centre + stop * direction
    return positions


def hop(
    potential: Potential,
    start: np.ndarray,
    hopping: Hopping,
    rng: np.random.Generator,
    hops: int = 1000,
    stop: Callable[[Minimum], bool] = lambda found: False,
) -> list[Minimum]:
    """Basin hopping from a start ``(atoms, 2)``, with :func:`scipy.optimize.basinhopping`.

    Returns the minima in the order in which they were visited, until one of them makes ``stop`` true. One whose energy
    is +inf is no minimum (:func:`relax`); the walk goes on from it only if it was the first.

    Raises ValueError for fewer than two atoms: there is nothing to search.
    """
    shape, visited = np.shape(start), []
    if len(start) < 2:
        raise ValueError(f"start of shape {shape}: give positions (atoms, 2) of two atoms or more.")

    lowest = np.inf

    def quench(fun, x, args, **options):
        nonlocal lowest
        found = relax(potential, x.reshape(shape), hopping.tolerance)
        if found.energy < lowest and hopping.tolerance > FINE:
            found = relax(potential, found.positions)
        lowest = min(lowest, found.energy)
        visited.append(found)
        if stop(found):
            raise _Stopped
        return optimize.OptimizeResult(x=found.positions.reshape(-1), fun=found.energy, success=True)

    def step(x):
        return hopping.step(x.reshape(shape), rng).reshape(-1)

    with contextlib.suppress(_Stopped):
        optimize.basinhopping(
            potential,  # which the quench asks itself
            np.reshape(start, -1),
            niter=hops,
            T=hopping.temperature,
            take_step=step,
            minimizer_kwargs={"method": quench},
            rng=rng,
        )
    return visited


class _Stopped(Exception):
    """What was looked for has been found; SciPy's own way asks for it only after the second minimum."""


@dataclass(frozen=True)
class Evolution:
    """How CMA-ES goes about it (Hansen 2016).

    Attributes
    ----------
    width : float
        Of the first steps, in units of sigma.
    calls : int
        Of the potential from one start, at most about so many; it ends before where it has converged.
    """

    width: float = 0.5
    calls: int = 1_000_000

    def __post_init__(self):
        checks.positive("width", self.width)
        checks.integer("calls", self.calls, 1)


def evolve(
    potential: Potential,
    start: np.ndarray,
    evolution: Evolution,
    rng: np.random.Generator,
    stop: Callable[[Minimum], bool] = lambda found: False,
) -> list[Minimum]:
    """CMA-ES from a start ``(atoms, 2)``, which needs no forces, with the package ``cma``.

    Structures whose energy is NaN or infinite count as the worst ones. Returns each structure that was better than all
    before it, the best one last, until one makes ``stop`` true; none where no energy was finite.
    """
    import cma

    shape, better = np.shape(start), [NONE]
    # By itself cma seeds NumPy's global random numbers, which belong to others as well.
    options = {"seed": np.nan, "randn": lambda *size: rng.standard_normal(size)}
    options |= {"maxfevals": evolution.calls, "verbose": -9, "verb_log": 0}
    strategy = cma.CMAEvolutionStrategy(np.reshape(start, -1), evolution.width, options)
    while not strategy.stop() and not stop(better[-1]):
        asked = strategy.ask()
        energies, _ = potential(np.reshape(asked, (-1, *shape)))
        energies = np.where(np.isfinite(energies), energies, np.inf)
        lowest = int(np.argmin(energies))
        if energies[lowest] < better[-1].energy:
            better.append(Minimum(float(energies[lowest]), np.reshape(asked[lowest], shape)))
        strategy.tell(asked, np.minimum(energies, 1e300))  # it takes, and adds, finite values only
    return better[1:]
