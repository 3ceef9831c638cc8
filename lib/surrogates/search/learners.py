"""What a search on a surrogate learns, from which labels, and how many these are.

A learner is a frozen dataclass of plain data, or of what says what it is; it learns when it is first asked to, once in
a process. One of your own is a subclass of :class:`Learner` with :meth:`~Learner.labels` and :meth:`~Learner.learn`.
"""

import dataclasses
import functools
from dataclasses import dataclass

from surrogates import checks, data, potentials, training
from surrogates.search.committee import Committee
from surrogates.search.problem import Problem
from surrogates.search.students import one_element
from surrogates.training import runs


class Learner:
    """Base class of learners, which are frozen dataclasses.

    Attributes
    ----------
    taken : int
        How many true energies its labels took, where that does not depend on the problem.
    """

    def labels(self, problem: Problem) -> int:
        """How many true energies the labels took."""
        return self.taken

    def learn(self, problem: Problem) -> Committee:
        """What is learned from the labels."""
        raise NotImplementedError

    def committee(self, problem: Problem) -> Committee:
        """The same, but learned only once."""
        kept = self._kept(problem)
        if "committee" not in kept:
            kept["committee"] = self.learn(problem)
        return kept["committee"]

    def _kept(self, problem: Problem) -> dict:
        return vars(self).setdefault("_learned", {})  # what is learned does not depend on the problem


@dataclass(frozen=True)
class Given(Learner):
    """A committee as it is, learned elsewhere, from so many true energies."""

    members: Committee
    taken: int = 0

    def committee(self, problem: Problem) -> Committee:
        return self.members


@dataclass(frozen=True)
class SplineFit(Learner):
    """A sum over pairs, fitted to the first structures of a low-energy data set: a linear problem, and a yardstick.

    It is walled off below the closest pair that it was told of.

    Attributes
    ----------
    data : Data
    structures : int
        So many of its training structures.
    """

    data: data.Data
    structures: int

    def __post_init__(self):
        checks.integer("structures", self.structures, 1)
        if self.structures > self.data.sizes[0]:
            raise ValueError(
                f"structures = {self.structures}: the data set has {self.data.sizes[0]} for training; give as many or "
                "fewer, or a larger data set."
            )

    @functools.cached_property
    def taken(self) -> int:
        return labels_of(self.data, "train", self.structures)

    def learn(self, problem: Problem) -> Committee:
        one_element(problem)
        known = data.Structures(*(part[: self.structures] for part in data.simulate(self.data).train))
        fitted = potentials.fit_spline(known, units=self.data.units)
        return Committee((fitted,), fitted.closest)


@dataclass(frozen=True)
class NetworkEnergies(Learner):
    """The energies that one run predicts, as a black box without forces for CMA-ES, or with its gradients.

    Attributes
    ----------
    run : Run
    bounded : bool
        Whether it is walled off below the closest pair of its training structures.
    forces : bool
        Whether it gives the slopes of its energies; without, they are NaN, and an energy takes less time.
    """

    run: runs.Run
    bounded: bool = True
    forces: bool = False

    @functools.cached_property
    def taken(self) -> int:
        return labels_of_run(self.run)

    def learn(self, problem: Problem) -> Committee:
        closest = closest_in_training(self.run) if self.bounded else 0.0
        run = runs.with_weights(self.run)
        # A search leaves the range of training, which is what its page is about.
        learned = training.Learned(run, warn=False) if self.forces else training.EnergiesOnly(run, warn=False)
        return Committee((learned,), closest)


def labels_of(described: data.Data, split: str, structures: int) -> int:
    """How many true energies it takes to have the first structures of a split of a data set.

    Where these are to have V < 0, the energies of those that have not are counted.
    """
    if described.energies == "full":
        return structures
    low = data.labels_needed(dataclasses.replace(described, energies="low"), structures, split)
    return low + structures if described.energies == data.BOTH else low


def labels_of_run(run: runs.Run) -> int:
    """How many true energies a run was trained with, validation included where that ends the training."""
    splits = ("train",) if run.config.fit.patience is None else ("train", "validation")
    return sum(labels_of(run.config.data, split, run.config.data.sizes[data.SPLITS.index(split)]) for split in splits)


def closest_in_training(run: runs.Run) -> float:
    """The distance of the two closest atoms of all training structures of a run, in units of sigma."""
    return float(potentials.closest_pair(run.data.train.positions).min())
