"""A potential about which nothing is known: labels from descents, and networks that learn them.

>>> problem = Problem(LennardJones() + AxilrodTeller(3.0), n_atoms=5, goal=-5.0742)
>>> learner = DescentLearner(models.GCN(pooling="atoms"), training.Fit(epochs=40), Descents(starts=1500))
>>> benchmark("search/mine", problem, OnSurrogate(learner), seeds=range(20))
"""

import dataclasses
from dataclasses import dataclass, field

import numpy as np

from surrogates import data, models, potentials, training
from surrogates.models import representations
from surrogates.search import minima
from surrogates.search.committee import Committee
from surrogates.search.learners import Learner
from surrogates.search.problem import Problem
from surrogates.search.students import Known
from surrogates.store import results


@dataclass
class Asked:
    """A counted potential that keeps what it is asked and what it says, as long as that is finite."""

    true: potentials.Counted
    positions: list = field(default_factory=list)
    energies: list = field(default_factory=list)
    forces: list = field(default_factory=list)

    @property
    def units(self) -> potentials.Units:
        return potentials.units_of(self.true)

    @property
    def gives_forces(self) -> bool:
        return potentials.forces_of(self.true)

    def __call__(self, positions):
        energy, forces = self.true(positions)
        if np.isfinite(energy) and np.isfinite(forces).all():
            self.positions.append(np.array(positions))
            self.energies.append(float(energy))
            self.forces.append(np.array(forces))
        return energy, forces

    @property
    def known(self) -> Known:
        """Raises ValueError where nothing was finite."""
        if not self.energies:
            raise ValueError(
                f"potential = {self.true.potential!r}: in {self.true.calls['search']} calls it gave no finite energy "
                "with finite forces; give one that does, or search with CMAES, which needs no forces."
            )
        return Known(data.Structures(np.array(self.positions), np.array(self.energies)), np.array(self.forces))


def at_most(potential, steps: int):
    """The potential until so many calls; then NaN, which ends a descent."""
    left = iter(range(steps))

    def limited(positions):
        return potential(positions) if next(left, None) is not None else (np.nan, np.zeros_like(positions))

    limited.units, limited.gives_forces = potentials.units_of(potential), potentials.forces_of(potential)
    return limited


@dataclass(frozen=True)
class Descents:
    """Descents from random atoms, of which every structure that the potential was asked for is a label.

    Attributes
    ----------
    starts, steps : int
        Descents (L-BFGS), and calls of the true potential for each at most.
    widest : float
        Structures with two atoms farther apart than that, in sigma of the potential, are left out.
    """

    starts: int
    steps: int = 10
    widest: float = 6.0

    def structures(self, problem: Problem, seed: int) -> tuple[data.Structures, int]:
        """The structures with their energies, and how many calls of the true potential they took."""
        asked = Asked(potentials.Counted(problem.potential))
        for number in range(self.starts):
            # Numbered from 1: NumPy takes [seed, n_atoms, 0] for [seed, n_atoms], which is the start of a search.
            start = problem.start(np.random.default_rng([seed, problem.n_atoms, number + 1]))
            minima.relax(at_most(asked, self.steps), start)
        positions, energies = asked.known.structures
        near = potentials.pair_distances(positions).max(axis=1) <= self.widest * asked.units.length
        return data.Structures(positions[near], energies[near]), asked.true.calls["search"]


@dataclass(frozen=True)
class DescentLearner(Learner):
    """A network trained on descents of the true potential, walled off outside of the distances it saw at V < 0.

    Attributes
    ----------
    model : Network
    fit : Fit
    descents : Descents
        What it is trained on.
    seed : int
        Of the descents.
    """

    model: models.Network
    fit: training.Fit
    descents: Descents
    seed: int = 0

    def __post_init__(self):
        if not isinstance(self.model, models.Network):
            raise ValueError(f"model = {self.model!r}: give a models.Network, such as GCN(pooling='atoms').")
        shown = (self.model.permutations, self.model.orientations)
        if self.fit.labels != "total" or shown != (0, 1):
            raise ValueError(
                f"labels = {self.fit.labels!r}, permutations = {shown[0]}, orientations = {shown[1]}: descents give "
                "the energies of structures as they are; give 'total', 0 and 1."
            )

    def labels(self, problem: Problem) -> int:
        return self._known(problem)[1]

    def learn(self, problem: Problem) -> Committee:
        known = self._known(problem)[0]
        low = known.energies < 0
        if not low.any():
            raise ValueError(
                f"potential = {problem.potential!r}: no structure of {self.descents} has V < 0, where a network is "
                "trusted; shift its energies so that far atoms have none, or give more descents."
            )
        distances = potentials.pair_distances(known.positions[low])
        network = self._trained(problem, known)
        units = potentials.units_of(problem.potential)
        learned = training.OfSurrogate(network, self.fit.target, type(self.model).__name__, units=units)
        return Committee((learned,), float(distances.min()), float(distances.max()))

    def errors(self, problem: Problem) -> dict[str, float]:
        """MAE of V over structures with V < 0, of "training" and, from a tenth as many other descents, "test"."""
        known, found = self._known(problem)[0], {}
        network = self._trained(problem, known)
        for split, (positions, energies) in (("training", known), ("test", self._unseen(problem))):
            predicted = data.TARGETS[self.fit.target].energy(training.predict(network, positions))
            found[split] = float(np.abs(predicted - energies)[energies < 0].mean())
        return found

    def _kept(self, problem: Problem) -> dict:
        return problem.kept.setdefault(self, {})

    def _known(self, problem: Problem) -> tuple[data.Structures, int]:
        key = (self.descents, self.seed)  # which other learners may share
        if key not in problem.kept:
            problem.kept[key] = self.descents.structures(problem, self.seed)
        return problem.kept[key]

    def _unseen(self, problem: Problem) -> data.Structures:
        few = dataclasses.replace(self.descents, starts=max(1, self.descents.starts // 10))
        return dataclasses.replace(self, descents=few, seed=self.seed + 10**6)._known(problem)[0]

    def _trained(self, problem: Problem, known: data.Structures):
        kept = self._kept(problem)
        if "network" not in kept:
            kept["network"] = self._train(problem, known)
        return kept["network"]

    def _train(self, problem: Problem, known: data.Structures):
        length = potentials.units_of(problem.potential).length
        box = self.descents.widest * length
        network = models.build(self.model, problem.n_atoms, box, self.fit.seed, problem.dimensions, length)
        examples = [
            training.Examples(
                representations.inputs_of(network, some.positions),
                data.TARGETS[self.fit.target].of_energy(some.energies),
            )
            for some in (known, self._unseen(problem))
        ]
        training.fit(network, *examples, self.fit, name=type(self.model).__name__)
        return network


def learning_errors(name: str, problem: Problem, learner: DescentLearner) -> dict[str, float]:
    """:meth:`DescentLearner.errors`, from the store, or learned and stored under this name."""
    given = {"potential": problem.potential, "n_atoms": problem.n_atoms, "learner": learner}
    if problem.dimensions != 2:
        given["dimensions"] = problem.dimensions
    return results.load_or_compute(name, given, lambda: learner.errors(problem))
