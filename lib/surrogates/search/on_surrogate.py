"""Find structures of low energy with a surrogate, and ask the true potential about the few best ones only.

A surrogate knows the structures it was trained on, and a minimiser finds the places where it is wrong. So candidates
are kept where the surrogate was trained: no two atoms closer than there, and several surrogates agreeing.

>>> learned = search.Guarded([forces.Learned(run, n_atoms=32) for run in ensemble], closest=0.9, spread=0.5)
>>> true = potentials.Counted(potentials.LennardJones())
>>> found = search.search(learned, true, n_atoms=32, rng=np.random.default_rng(0))
>>> found.best.energy, true.calls["search"], found.counts
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from surrogates import checks, data, potentials
from surrogates.search import structures

WALL = 1000.0  # in epsilon / sigma^2: steeper than the true energy of a pair at its minimum, 57
SAME = 0.02  # structures whose sorted pair distances differ by less than this, in sigma, count as one


@dataclass
class Guarded:
    """The mean of several surrogates, walled off where two atoms are closer, or farther apart, than any in training.

    Attributes
    ----------
    members : sequence of Potential
        One surrogate or more, :mod:`surrogates.search.structures` potentials.
    closest : float
        The closest pair of atoms in training, in units of sigma. Below it a steep parabola is added for each pair. With
        0 there is no such wall.
    spread : float
        The largest standard deviation of the members' energies that :meth:`objection` accepts, in units of epsilon.
    farthest : float
        The largest distance of two atoms in training, walled off as well; for surrogates that do not know by themselves
        that atoms far from each other have no energy.
    counts : Counter
        How many structures the members were asked for ("calls"), each of them as many times as there are members; in
        how many of these two atoms were at a distance beyond the range of training ("calls beyond the range"); and for
        how many the mean energy, or a mean force, was NaN or infinite ("energies not finite", "forces not finite").
    """

    members: Sequence[structures.Potential]
    closest: float = 0.0
    spread: float = np.inf
    farthest: float = np.inf
    counts: Counter = field(default_factory=Counter)

    def __post_init__(self):
        if not 0 <= self.closest < np.inf:
            raise ValueError(f"closest = {self.closest!r}: give a distance, or 0 for no bound.")
        if not self.farthest > self.closest:
            raise ValueError(f"farthest = {self.farthest!r}: give a distance above closest, {self.closest:g}.")
        if not self.members:
            raise ValueError("members = []: give one surrogate or more.")
        if not self.spread > 0:
            raise ValueError(f"spread = {self.spread!r}: give a number above 0.")
        if np.isfinite(self.spread) and len(self.members) < 2:
            raise ValueError(
                f"spread = {self.spread!r}: it takes two surrogates or more to disagree; give more members."
            )

    def __call__(self, positions):
        positions = np.asarray(positions, dtype=float)
        answers = [member(positions) for member in self.members]
        energies = np.mean([energy for energy, _ in answers], axis=0)
        forces = np.mean([force for _, force in answers], axis=0) + self._push(positions)
        self.counts["calls"] += energies.size
        beyond = self._beyond(potentials.pair_distances(positions))
        for what, wrong in (
            ("energies not finite", ~np.isfinite(energies)),
            ("forces not finite", ~np.isfinite(forces).all(axis=(-2, -1))),
            ("calls beyond the range", (beyond != 0).any(axis=-1)),
        ):
            self.counts[what] += int(wrong.sum())
        return energies + WALL * (beyond**2).sum(axis=-1), forces

    def _beyond(self, distance):
        """How far a distance is above the range of training, or with a minus below it; 0 within."""
        return np.maximum(distance - self.farthest, 0.0) + np.minimum(distance - self.closest, 0.0)

    def _push(self, positions):
        apart = positions[..., :, None, :] - positions[..., None, :, :]
        distance = np.linalg.norm(apart, axis=-1)
        strength = -2 * WALL * self._beyond(distance) / np.maximum(distance, 1e-12)
        return (strength[..., None] * apart).sum(axis=-2)  # an atom is at no distance from itself, in no direction

    def objection(self, found: structures.Minimum) -> str:
        """Why a minimum is not to be trusted, or "" for no reason.

        "not finite", "too close", "too far apart" or "members disagree".
        """
        if not np.isfinite(found.energy):
            return "not finite"
        distances = potentials.pair_distances(found.positions)
        if distances.min(initial=np.inf) < self.closest:
            return "too close"
        if distances.max(initial=0.0) > self.farthest:
            return "too far apart"
        if np.isinf(self.spread):
            return ""
        return "" if self.disagreement(found.positions) <= self.spread else "members disagree"  # NaN is no agreement

    def disagreement(self, positions) -> float:
        """Standard deviation of the members' energies of one structure ``(atoms, 2)``."""
        self.counts["calls"] += 1
        return float(np.std([member(positions)[0] for member in self.members]))


@dataclass(frozen=True)
class Search:
    """What a search found.

    Attributes
    ----------
    best : Minimum
        The best structure, relaxed on the true potential; its energy is +inf where there was no candidate.
    candidates : pandas.DataFrame
        The distinct minima that were checked, best first: "learned" and "true" energy, "positions".
    counts : Counter
        "minima" of the surrogate that were visited, or for CMA-ES, which knows none, the structures better than all
        before; and of those that were looked at, from the lowest one up until there were candidates enough, the
        "candidates", the "duplicates" of these, and the others by objection.
    """

    best: structures.Minimum
    candidates: pd.DataFrame
    counts: Counter


def search(
    learned: Guarded,
    true: potentials.Counted,
    n_atoms: int,
    rng: np.random.Generator,
    method: structures.Hopping | structures.Evolution | None = None,
    starts: int = 2,
    hops: int = 300,
    keep: int = 5,
    relaxed: int = 2,
) -> Search:
    """Minimise a surrogate from random starts; its best distinct minima are checked, the best of these relaxed.

    Where the surrogate has forces, by basin hopping with so many ``hops`` from each start, and L-BFGS; where it has
    none, by CMA-ES: give an :class:`surrogates.search.structures.Evolution` as the ``method``.

    Each of the ``keep`` candidates costs one call of the true potential, each of the ``relaxed`` ones a few more; all
    are counted as of the search.
    """
    for name, value in (("starts", starts), ("hops", hops), ("keep", keep), ("relaxed", relaxed)):
        checks.integer(name, value, 1)
    method = method or structures.Hopping()
    visited = []
    for _ in range(starts):
        start = structures.random_start(n_atoms, rng)
        if isinstance(method, structures.Evolution):
            visited += structures.evolve(learned, start, method, rng)
        else:
            visited += structures.hop(learned, start, method, rng, hops)
    counts = Counter(minima=len(visited))
    chosen: list[structures.Minimum] = []
    for found in sorted(visited, key=lambda found: found.energy):
        if len(chosen) == keep:
            break
        objection = learned.objection(found)
        if not objection and any(_alike(found, other) for other in chosen):
            objection = "duplicates"
        counts[objection or "candidates"] += 1
        if not objection:
            chosen.append(found)
    energies = [float(true(found.positions)[0]) for found in chosen]
    order = np.argsort(energies)
    table = pd.DataFrame(
        {
            "learned": [chosen[i].energy for i in order],
            "true": [energies[i] for i in order],
            "positions": [chosen[i].positions for i in order],
        }
    )
    ends = [structures.relax(true, chosen[i].positions) for i in order[:relaxed]]
    return Search(min(ends, key=lambda end: end.energy, default=structures.NONE), table, counts)


def rounds(
    learn: Callable[[data.Structures], Guarded],
    known: data.Structures,
    true: potentials.Counted,
    n_atoms: int,
    rng: np.random.Generator,
    **options,
) -> Iterator[tuple[Search, data.Structures]]:
    """Search, add the candidates and their true energies to what is known, learn again, and so on without end.

    ``learn`` makes a surrogate of structures of ``n_atoms`` atoms and their energies; ``options`` are those of
    :func:`search`. A candidate whose true energy is NaN or infinite teaches nothing and is left out. Gives each search,
    and what is known after it.

    >>> for found, known in itertools.islice(search.rounds(learn, known, true, 32, rng), 3):
    ...     print(found.best.energy)
    """
    while True:
        found = search(learn(known), true, n_atoms, rng, **options)
        checked = found.candidates[np.isfinite(found.candidates.true.astype(float))]
        if len(checked):
            positions, energies = np.stack(checked.positions), checked.true.to_numpy()
            known = data.Structures(
                np.concatenate([known.positions, positions]), np.concatenate([known.energies, energies])
            )
        yield found, known


def _alike(one: structures.Minimum, other: structures.Minimum) -> bool:
    """Whether two structures are the same but for their place, their turn and the numbers of their atoms."""
    first, second = (np.sort(potentials.pair_distances(found.positions)) for found in (one, other))
    return bool(np.abs(first - second).max(initial=0.0) < SAME)
