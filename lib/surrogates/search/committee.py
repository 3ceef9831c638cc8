"""A committee of surrogates and the region in which it is trusted.

A surrogate knows the structures it was trained on, and a minimiser finds the places where it is wrong. So it is held to
where the surrogate was trained: no two atoms closer, or farther apart, than there, and several surrogates agreeing.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from surrogates import data, potentials
from surrogates.potentials import Minimum

ROUNDING = 1e-12  # of a distance, more than that of its computation
WALL = 1000.0  # in epsilon / sigma^2 of the members: steeper than the true energy of a pair at its minimum, 57


@dataclass(frozen=True)
class Committee(potentials.Potential):
    """The mean of several surrogates, walled off outside of its trust region.

    Attributes
    ----------
    members : sequence of Potential
        One surrogate or more.
    closest : float
        The closest pair of atoms in training. Below it a steep parabola is added for each pair. With
        0 there is no such wall.
    farthest : float or None
        The largest distance of two atoms in training, walled off as well; for surrogates that do not know by themselves
        that atoms far from each other have no energy.
    spread : float or None
        The largest standard deviation of the members' energies that :meth:`objection` accepts.
    counts : Counter
        How many structures the members were asked for ("calls"), each of them as many times as there are members; in
        how many of these two atoms were at a distance beyond the range of training ("calls beyond the range"); and for
        how many the mean energy, or a mean force, was NaN or infinite ("energies not finite", "forces not finite").
    """

    members: tuple
    closest: float = 0.0
    farthest: float | None = None
    spread: float | None = None
    counts: Counter = field(default_factory=Counter, init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "members", tuple(self.members))
        if not 0 <= self.closest < np.inf:
            raise ValueError(f"closest = {self.closest!r}: give a distance, or 0 for no bound.")
        if self.farthest is not None and not self.closest < self.farthest < np.inf:
            raise ValueError(f"farthest = {self.farthest!r}: give a distance above closest, {self.closest:g}, or None.")
        if not self.members:
            raise ValueError("members = (): give one surrogate or more.")
        if self.spread is not None and not 0 < self.spread < np.inf:
            raise ValueError(f"spread = {self.spread!r}: give a finite number above 0, or None for no bound.")
        if self.spread is not None and len(self.members) < 2:
            raise ValueError(
                f"spread = {self.spread!r}: it takes two surrogates or more to disagree; give more members."
            )

    def __call__(self, positions):
        positions = np.asarray(positions, dtype=float)
        answers = [member(positions) for member in self.members]
        if len(answers) == 1:  # its own mean, in less time
            energies, forces = map(np.asarray, answers[0])
        else:
            energies, forces = (np.mean(part, axis=0) for part in zip(*answers, strict=True))
        self.counts["calls"] += energies.size
        outside = self._perhaps_outside(positions)
        if outside.any():  # nearly always not, and then all distances would take longer than the members do
            beyond = self._beyond(potentials.pair_distances(positions))
            outside = (beyond != 0).any(axis=-1)
            forces = forces + self._push(positions)
        for what, wrong in (
            ("energies not finite", ~np.isfinite(energies)),
            ("forces not finite", ~np.isfinite(forces).all(axis=(-2, -1))),
            ("calls beyond the range", outside),
        ):
            self.counts[what] += int(np.count_nonzero(wrong))
        return energies + (self._steep * (beyond**2).sum(axis=-1) if outside.any() else 0.0), forces

    def compute(self, structures):
        return self(structures)

    @property
    def units(self) -> potentials.Units:
        """Those of the first member."""
        return potentials.units_of(self.members[0])

    @property
    def gives_forces(self) -> bool:
        return all(map(potentials.forces_of, self.members))

    @property
    def _steep(self) -> float:
        return WALL * self.units.energy / self.units.length**2

    def _perhaps_outside(self, positions) -> np.ndarray:
        """Whether structures (..., atoms, d) have distances outside of the range of training, or at its ends."""
        least, most = potentials.pair_range(positions)
        farthest = np.inf if self.farthest is None else self.farthest
        return ~((least > self.closest * (1 + ROUNDING)) & (most < farthest * (1 - ROUNDING)))

    def _beyond(self, distance):
        """How far a distance is above the range of training, or with a minus below it; 0 within."""
        farthest = np.inf if self.farthest is None else self.farthest
        return np.maximum(distance - farthest, 0.0) + np.minimum(distance - self.closest, 0.0)

    def _push(self, positions):
        apart = positions[..., :, None, :] - positions[..., None, :, :]
        distance = np.linalg.norm(apart, axis=-1)
        strength = -2 * self._steep * self._beyond(distance) / np.maximum(distance, 1e-12)
        return (strength[..., None] * apart).sum(axis=-2)  # an atom is at no distance from itself, in no direction

    def objection(self, found: Minimum) -> str:
        """Why a minimum is outside of the trust region, or "" where it is within.

        "not finite", "too close", "too far apart" or "members disagree".
        """
        if not np.isfinite(found.energy):
            return "not finite"
        distances = potentials.pair_distances(found.positions)
        if distances.min(initial=np.inf) < self.closest:
            return "too close"
        if self.farthest is not None and distances.max(initial=0.0) > self.farthest:
            return "too far apart"
        if self.spread is None:
            return ""
        return "" if self.disagreement(found.positions) <= self.spread else "members disagree"  # NaN is no agreement

    def disagreement(self, positions) -> np.ndarray:
        """Standard deviation of the members' energies, (...) of positions (..., atoms, d)."""
        found = np.std([member(positions)[0] for member in self.members], axis=0)
        self.counts["calls"] += found.size
        return found


def calibration(committee: Committee, known: data.Structures, asked: data.Structures) -> pd.DataFrame:
    """How far the spread of a committee tells its error, within what it has learned from and outside.

    Within are the structures ``asked`` whose closest pair, farthest pair and energy lie among those of the ``known``.

    Returns
    -------
    DataFrame
        Of the structures "within" and "outside": their number "structures", the mean absolute "error" of the energy,
        the mean "spread", and "within", the share of the errors that are no larger than two spreads.
    """
    wrong = np.abs(committee.energy(asked.positions) - asked.energies)
    spread = committee.disagreement(asked.positions)
    inside = np.ones(len(wrong), dtype=bool)
    for of in (
        lambda some: potentials.pair_distances(some.positions).min(axis=1),
        lambda some: potentials.pair_distances(some.positions).max(axis=1),
        lambda some: some.energies,
    ):
        low, high, values = of(known).min(), of(known).max(), of(asked)
        inside &= (values >= low) & (values <= high)
    rows = {
        name: [int(some.sum()), wrong[some].mean(), spread[some].mean(), (wrong[some] <= 2 * spread[some]).mean()]
        for name, some in (("within", inside), ("outside", ~inside))
        if some.any()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["structures", "error", "spread", "within"])
