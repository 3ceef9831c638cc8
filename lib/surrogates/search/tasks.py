"""A potential about which nothing is known: labels from descents, surrogates of these, and searches with them.

>>> true, descents = (potentials.LennardJones() + potentials.AxilrodTeller(3.0)), tasks.Descents(starts=1500)
>>> task = tasks.Task(true, n_atoms=5, descents=descents, seed=0)
>>> learned, errors = task.teach(models.GCN(pooling="atoms"), training.Fit(epochs=40))
"""

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np

from surrogates import data, models, potentials, search, training
from surrogates.models import representations
from surrogates.search import structures, trials
from surrogates.search.searching import Options
from surrogates.store import results
from surrogates.training import learned as forces
from surrogates.training import runs


@dataclasses.dataclass(frozen=True)
class Descents:
    """Labels for a potential about which nothing is known: the structures of some descents from random atoms.

    Attributes
    ----------
    starts, steps : int
        Descents (L-BFGS), and calls of the true potential for each at most.
    widest : float
        Structures with two atoms farther apart than that, in units of sigma, are left out.
    """

    starts: int
    steps: int = 10
    widest: float = 6.0

    def __call__(self, true: structures.Potential, n_atoms: int, seed: int) -> tuple[data.Structures, int]:
        """The structures with their energies, and how many calls of the true potential they took."""
        asked, counted = [], potentials.Counted(true)
        for number in range(self.starts):
            # Numbered from 1: NumPy takes [seed, n_atoms, 0] for [seed, n_atoms], which is the start of a search.
            start = structures.random_start(n_atoms, np.random.default_rng([seed, n_atoms, number + 1]))
            path = []

            def recorded(positions, path=path):
                if len(path) == self.steps:
                    return np.nan, np.zeros_like(positions)  # which ends the descent
                energy, forces = counted(positions)
                path.append((positions.copy(), float(energy)))
                return energy, forces

            with counted.counting("labels"):
                structures.relax(recorded, start)
            asked += path
        positions = np.array([structure for structure, _ in asked])
        energies = np.array([energy for _, energy in asked])
        near = np.isfinite(energies) & (potentials.pair_distances(positions).max(axis=1) <= self.widest)
        return data.Structures(positions[near], energies[near]), counted.calls["labels"]


@dataclasses.dataclass(frozen=True)
class Task:
    """A potential that surrogates are to learn from descents; these are made when they are first asked for.

    Attributes
    ----------
    true : Potential
        One that :func:`surrogates.search.structures.described` has words for.
    n_atoms : int
    descents : Descents
    seed : int
        Of the descents.
    """

    true: structures.Potential
    n_atoms: int
    descents: Descents
    seed: int

    @functools.cached_property
    def known(self) -> tuple[data.Structures, int]:
        """The structures of the descents with their energies, and how many calls of the true potential they took."""
        return self.descents(self.true, self.n_atoms, self.seed)

    @functools.cached_property
    def unseen(self) -> data.Structures:
        """A tenth as many, from other starts, to measure errors."""
        few = dataclasses.replace(self.descents, starts=max(1, self.descents.starts // 10))
        return few(self.true, self.n_atoms, self.seed + 10**6)[0]

    def description(self) -> dict:
        """What determines the task, as plain data."""
        true = structures.described(self.true)
        return {"true": true, "n_atoms": self.n_atoms, "seed": self.seed, **dataclasses.asdict(self.descents)}

    def teach(self, model, fit: training.Fit) -> tuple[search.Guarded, dict]:
        """A surrogate trained on the descents, walled off outside of the distances of structures with V < 0; errors.

        Its errors are the MAE of V over structures with V < 0, of "training" and "test".
        """
        surrogate = models.build(model, self.n_atoms, self.descents.widest, fit.seed)
        representation = surrogate.get_layer("representation")
        examples = [
            training.Examples(
                representations.arrays(representation, some.positions),
                data.TARGETS[fit.target].of_energy(some.energies),
            )
            for some in (self.known[0], self.unseen)
        ]
        training.fit(surrogate, *examples, fit, name=type(model).__name__)
        errors = {}
        for split, (positions, energies) in (("training", self.known[0]), ("test", self.unseen)):
            predicted = data.TARGETS[fit.target].energy(runs.predict(surrogate, positions))
            errors[split] = float(np.abs(predicted - energies)[energies < 0].mean())
        distances = potentials.pair_distances(self.known[0].positions[self.known[0].energies < 0])
        learned = forces.OfSurrogate(surrogate, fit.target, type(model).__name__)
        return search.Guarded([learned], float(distances.min()), farthest=float(distances.max())), errors


def by_task(
    name: str,
    task: Task,
    model,
    fit: training.Fit,
    method: trials.Method,
    options: Options,
    seeds: Sequence[int],
    aim: float,
) -> tuple[list[trials.Trial], dict]:
    """:func:`search.trials.with_surrogate` on what a model has learned of a task, and :meth:`Task.teach`'s errors.

    The model is trained only where a trial or the errors are missing. ``aim`` is the energy to be found, in units of
    epsilon.
    """
    kind = {"kind": type(model).__name__.lower(), **dataclasses.asdict(model)}
    given = {"task": task.description(), "model": kind, "fit": dataclasses.asdict(fit)}
    taught = functools.cache(lambda: task.teach(model, fit))
    errors = results.load_or_compute(f"{name}/errors", given, lambda: taught()[1])
    chosen = dataclasses.asdict(options)
    given |= dataclasses.asdict(method) | chosen | {"goal": aim}

    def search_from(seed):
        labels, learned = task.known[1], taught()[0]
        return trials.with_surrogate(task.n_atoms, seed, learned, labels, aim, task.true, method=method, **chosen)

    return trials.stored(name, given, search_from, seeds), errors


def reference(true: structures.Potential, n_atoms: int, seeds: Sequence[int], hops: int) -> dict:
    """The lowest structure from basin hopping with several seeds.

    Returns
    -------
    dict
        "energy", "positions" ``[[x, y], ...]``, and "seeds", how many of the searches ended within the tolerance.
    """
    ends = []
    for seed in seeds:
        start, rng = structures.seeded_start(n_atoms, seed)
        visited = structures.hop(true, start, structures.Hopping(), rng, hops)
        ends.append(min(visited, key=lambda found: found.energy))
    best = min(ends, key=lambda found: found.energy)
    agreed = sum(end.energy <= best.energy + trials.TOLERANCE for end in ends)
    return {"energy": best.energy, "positions": best.positions.round(6).tolist(), "seeds": agreed}
