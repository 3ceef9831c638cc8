"""The comparison of the page on finding structures: many searches by number of atoms, and what is shown of them.

>>> settings = {n: structures.Hopping() for n in (7, 13)}
>>> found = searching.by_hopping("search/mine/hopping", settings, most=20_000, seeds=range(20))
>>> found[13]  # the trials from all seeds, of surrogates.trials; stored as soon as each is done
"""

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import (
    beyond,
    datasets,
    forces,
    models,
    potential,
    representations,
    results,
    runs,
    search,
    structures,
    training,
    trials,
)  # fmt: skip
from surrogates.figures import BLACK, COLOURS, LINES, MARKERS, blank

LENNARD_JONES = potential.energy_and_forces
LARGEST = 1e300  # stands for an infinite energy, which no file of plain data holds

REASONS = {
    "minima": "Minima",
    "candidates": "Candidates",
    "duplicates": "Seen before",
    "too close": "Too close",
    "too far apart": "Too far apart",
    "members disagree": "Disagreement",
    "not finite": "Not finite",
}
"""What a search with a surrogate counts, and how it is headed in :func:`refused`."""


@dataclasses.dataclass(frozen=True)
class Options:
    """How :func:`surrogates.search.search` goes about it, on any surrogate."""

    starts: int = 2
    hops: int = 300
    keep: int = 5
    relaxed: int = 2


def goal(n_atoms: int) -> float:
    """The energy below which a search has found the lowest known structure."""
    return trials.known(n_atoms) + trials.TOLERANCE


def by_hopping(
    name: str,
    settings: Mapping[int, structures.Hopping],
    most: int,
    seeds: Sequence[int],
    goals: Mapping[int, float] | None = None,
    true: structures.Potential = LENNARD_JONES,
) -> dict[int, list[trials.Trial]]:
    """Basin hopping on the true potential, with settings for each number of atoms."""
    found = {}
    for n, hopping in settings.items():
        aim = goal(n) if goals is None else goals[n]

        def search_from(seed, n=n, hopping=hopping, aim=aim):
            return trials.hopping(n, seed, hopping, aim, most, true)

        given = dataclasses.asdict(hopping) | {"n_atoms": n, "most": most, "goal": aim}
        found[n] = trials.stored(f"{name}/{n}-atoms", given, search_from, seeds)
    return found


def by_evolution(
    name: str, sizes: Sequence[int], width: float, most: int, seeds: Sequence[int]
) -> dict[int, list[trials.Trial]]:
    """CMA-ES on the true Lennard-Jones potential."""
    found = {}
    for n in sizes:

        def search_from(seed, n=n):
            return trials.evolution(n, seed, width, goal(n), most)

        given = {"n_atoms": n, "most": most, "goal": goal(n), "width": width}
        found[n] = trials.stored(f"{name}/{n}-atoms", given, search_from, seeds)
    return found


def by_surrogate(
    name: str,
    learn: Callable[[], search.Guarded],
    origin: dict,
    labels: int,
    settings: Mapping[int, structures.Hopping],
    options: Options,
    seeds: Sequence[int],
    goals: Mapping[int, float] | None = None,
    true: structures.Potential = LENNARD_JONES,
) -> dict[int, list[trials.Trial]]:
    """:func:`surrogates.trials.with_surrogate`, with the basin hopping that suits each number of atoms.

    ``learn`` is called only where a trial is missing; ``origin`` says, as plain data, what the surrogate was learned
    from, and ``labels`` how many true energies that took.
    """
    found, once = {}, functools.cache(learn)
    for n, hopping in settings.items():
        aim = goal(n) if goals is None else goals[n]
        chosen = dataclasses.asdict(options)

        def search_from(seed, n=n, hopping=hopping, aim=aim, chosen=chosen):
            return trials.with_surrogate(n, seed, once(), labels, aim, true, hopping=hopping, **chosen)

        given = dataclasses.asdict(hopping) | chosen | {"n_atoms": n, "goal": aim, "labels": labels, "learned": origin}
        found[n] = trials.stored(f"{name}/{n}-atoms", given, search_from, seeds)
    return found


def energies_of(run: runs.Run) -> structures.Potential:
    """What a surrogate predicts, for optimisers that need no forces: those that come with the energies are NaN."""
    import tensorflow as tf

    shape = run.surrogate.input_shape[1:]
    predict = tf.function(run.surrogate, input_signature=[tf.TensorSpec((None, *shape), "float32")])

    def learned(positions):
        positions = np.asarray(positions, dtype=float)
        targets = predict(positions.reshape(-1, *shape).astype("float32")).numpy()
        return run.inverse(targets).reshape(positions.shape[:-2])[()], np.full(positions.shape, np.nan)

    return learned


@dataclasses.dataclass(frozen=True)
class Driven:
    """Where a black-box optimiser drove a surrogate.

    Attributes
    ----------
    learned, true : float
        Energy of the structure, as predicted, and as it is.
    closest : float
        Its closest pair of atoms, in units of sigma.
    positions : list
        The structure, ``[[x, y], ...]``.
    trial : Trial
        With the relaxation of the structure on the true potential, if its energy is finite.
    """

    learned: float
    true: float
    closest: float
    positions: list
    trial: trials.Trial


def drive(
    learned: structures.Potential,
    n_atoms: int,
    seed: int,
    width: float,
    calls: int,
    labels: int = 0,
    closest: float | None = None,
    true: structures.Potential = LENNARD_JONES,
) -> Driven:
    """CMA-ES on a surrogate from random atoms, until it has converged or taken so many calls.

    With ``closest``, structures are walled off that have two atoms closer than that. The true potential is asked about
    the end alone, which is then relaxed on it.
    """
    rng = np.random.default_rng([seed, n_atoms])
    start = structures.random_start(n_atoms, rng)
    asked = structures.Counted(learned if closest is None else search.Guarded([learned], closest))
    end = structures.evolve(asked, start, int(rng.integers(2**31)), calls, width)
    counted = structures.Counted(true)
    energy = float(counted(end.positions)[0])
    if np.isfinite(energy):
        structures.relax(counted, end.positions)
    trial = trials.Trial.of(counted, goal(n_atoms), labels=labels, counts={"calls": asked.calls["search"]})
    predicted = float(learned(end.positions)[0])
    near = float(potential.pair_distances(end.positions).min())
    return Driven(predicted, min(energy, LARGEST), near, end.positions.round(6).tolist(), trial)


def relaxed_starts(
    n_atoms: int, seeds: Sequence[int], true: structures.Potential = LENNARD_JONES
) -> list[structures.Minimum]:
    """Where the random atoms of each seed come to if they are relaxed on the true potential at once."""
    starts = (structures.random_start(n_atoms, np.random.default_rng([seed, n_atoms])) for seed in seeds)
    return [structures.relax(true, start) for start in starts]


def driven(name: str, learn: Callable[[], structures.Potential], given: dict, seeds: Sequence[int]) -> list[Driven]:
    """:func:`drive` from each seed, stored as soon as it is done; ``given`` are its other arguments.

    ``learn`` is called only where one is missing.
    """
    learned, found = functools.cache(learn), []
    for seed in seeds:

        def compute(seed=seed):
            return dataclasses.asdict(drive(learned(), seed=seed, **{k: v for k, v in given.items() if k != "learned"}))

        stored = results.load_or_compute(f"{name}/seed-{seed}", given | {"seed": seed}, compute)
        found.append(Driven(**{**stored, "trial": trials.of_plain(stored["trial"])}))
    return found


def becoming(
    learned: structures.Potential,
    n_atoms: int,
    seed: int,
    hopping: structures.Hopping,
    hops: int,
    true: structures.Potential = LENNARD_JONES,
) -> dict:
    """Random atoms on their way to a minimum of a surrogate, and at last to one of the true potential.

    Returns
    -------
    dict
        "frames" ``[[[x, y], ...], ...]``: some steps of the first relaxation, each minimum that was lower than all
        before, and the end; "captions", with the true energy of each; "calls" of the true potential for the last step.
    """
    rng = np.random.default_rng([seed, n_atoms])
    start = structures.random_start(n_atoms, rng)
    path = structures.Counted(learned)
    first = structures.relax(path, start)
    downhill = [found.positions for _, found in path.best]
    frames = [start, *(downhill[k] for k in np.unique(np.linspace(0, len(downhill) - 1, 12).astype(int)))]
    captions = ["random atoms"] + ["first relaxation"] * (len(frames) - 1)
    lowest = first
    for number, found in enumerate(structures.hop(learned, first.positions, hopping, rng, hops)):
        if found.energy < lowest.energy - 1e-3:
            lowest = found
            frames.append(found.positions)
            captions.append(f"hop {number}")
    counted = structures.Counted(true)
    end = structures.relax(counted, lowest.positions)
    frames.append(end.positions)
    captions.append("relaxed on the true potential")
    energies = [float(true(frame)[0]) for frame in frames]
    return {
        "frames": [np.round(frame, 2).tolist() for frame in frames],
        "captions": [f"{text}: V = {short(energy)}" for text, energy in zip(captions, energies, strict=True)],
        "calls": counted.calls["search"],
        "energy": end.energy,
    }


def short(energy: float, digits: int = 2) -> str:
    """An energy for a title, a table or the prose."""
    return (f"{energy:.{digits}f}" if abs(energy) < 1000 else f"{energy:.1e}").replace("-", "−")


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

    def __call__(self, true: structures.Potential, n_atoms: int, seed: int) -> tuple[datasets.Structures, int]:
        """The structures with their energies, and how many calls of the true potential they took."""
        asked = []
        for number in range(self.starts):
            start = structures.random_start(n_atoms, np.random.default_rng([seed, n_atoms, number]))
            counted, path = structures.Counted(true), []

            def recorded(positions, counted=counted, path=path):
                if len(path) == self.steps:
                    return np.nan, np.zeros_like(positions)  # which ends the descent
                energy, forces = counted(positions)
                path.append((positions.copy(), float(energy)))
                return energy, forces

            structures.relax(recorded, start)
            asked += path
        positions = np.array([structure for structure, _ in asked])
        energies = np.array([energy for _, energy in asked])
        near = np.isfinite(energies) & (potential.pair_distances(positions).max(axis=1) <= self.widest)
        return datasets.Structures(positions[near], energies[near]), len(asked)


@dataclasses.dataclass(frozen=True)
class Task:
    """A potential that surrogates are to learn from descents, and how they are to be tried on it."""

    true: structures.Potential
    n_atoms: int
    descents: Descents
    seed: int

    @functools.cached_property
    def known(self) -> tuple[datasets.Structures, int]:
        return self.descents(self.true, self.n_atoms, self.seed)

    @functools.cached_property
    def unseen(self) -> datasets.Structures:
        """A tenth as many, from other starts, to measure errors."""
        few = dataclasses.replace(self.descents, starts=max(1, self.descents.starts // 10))
        return few(self.true, self.n_atoms, self.seed + 10**6)[0]

    def teach(self, model, fit: training.Fit) -> tuple[search.Guarded, dict]:
        """A surrogate trained on the descents, walled off outside of the distances of structures with V < 0; errors.

        Its errors are the MAE of V over structures with V < 0, of "training" and "test".
        """
        surrogate = models.build(model, self.n_atoms, self.descents.widest, fit.seed)
        representation = surrogate.get_layer("representation")
        examples = [
            training.Examples(
                representations.arrays(representation, some.positions),
                datasets.TARGETS[fit.target].of_energy(some.energies),
            )
            for some in (self.known[0], self.unseen)
        ]
        training.fit(surrogate, *examples, fit, name=type(model).__name__)
        errors = {}
        for split, (positions, energies) in (("training", self.known[0]), ("test", self.unseen)):
            predicted = datasets.TARGETS[fit.target].energy(runs.predict(surrogate, positions))
            errors[split] = float(np.abs(predicted - energies)[energies < 0].mean())
        distances = potential.pair_distances(self.known[0].positions[self.known[0].energies < 0])
        learned = forces.of_surrogate(surrogate, fit.target, type(model).__name__)
        return search.Guarded([learned], float(distances.min()), farthest=float(distances.max())), errors


def by_task(
    name: str,
    task: Callable[[], Task],
    model,
    fit: training.Fit,
    origin: dict,
    hopping: structures.Hopping,
    options: Options,
    seeds: Sequence[int],
    aim: float,
) -> tuple[list[trials.Trial], dict]:
    """:func:`surrogates.trials.with_surrogate` on what a model has learned of a task, and :meth:`Task.teach`'s errors.

    The model is trained only where a trial or the errors are missing; ``origin`` says what determines the task.
    """
    kind = {"kind": type(model).__name__.lower(), **dataclasses.asdict(model)}
    given = {"task": origin, "model": kind, "fit": dataclasses.asdict(fit)}
    taught = functools.cache(lambda: task().teach(model, fit))
    errors = results.load_or_compute(f"{name}/errors", given, lambda: taught()[1])
    given |= dataclasses.asdict(hopping) | dataclasses.asdict(options) | {"goal": aim}

    def search_from(seed):
        chosen = dataclasses.asdict(options) | {"hopping": hopping}
        labels = task().known[1]
        return trials.with_surrogate(task().n_atoms, seed, taught()[0], labels, aim, task().true, **chosen)

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
        rng = np.random.default_rng([seed, n_atoms])
        visited = structures.hop(true, structures.random_start(n_atoms, rng), structures.Hopping(), rng, hops)
        ends.append(min(visited, key=lambda found: found.energy))
    best = min(ends, key=lambda found: found.energy)
    agreed = sum(end.energy <= best.energy + trials.TOLERANCE for end in ends)
    return {"energy": best.energy, "positions": best.positions.round(6).tolist(), "seeds": agreed}


def table(found: Mapping[str, Mapping[int, Sequence[trials.Trial]]]) -> pd.DataFrame:
    """:func:`surrogates.beyond.trials_table` for each number of atoms, one below the other."""
    sizes = sorted({n for of_size in found.values() for n in of_size})
    parts = []
    for n in sizes:
        part = beyond.trials_table({name: of_size[n] for name, of_size in found.items() if n in of_size})
        part.insert(1, "Atoms", [str(n)] * len(part))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def refused(found: Mapping[str, Mapping[int, Sequence[trials.Trial]]]) -> pd.DataFrame:
    """What became of the minima of surrogates: how many were looked at, and why others were not, as text."""
    rows = []
    for name, of_size in found.items():
        for n, tried in of_size.items():
            counts = sum((Counter(trial.counts) for trial in tried), Counter())
            rows.append([name, str(n)] + [f"{counts[reason]:,}" for reason in REASONS])
    return pd.DataFrame(rows, columns=["Surrogate", "Atoms", *REASONS.values()])


def objections(*searches: Mapping[int, Sequence[trials.Trial]]) -> int:
    """How many minima were looked at and not asked of the true potential, other than duplicates."""
    counts = sum(
        (Counter(trial.counts) for found in searches for tried in found.values() for trial in tried), Counter()
    )
    return sum(counts[reason] for reason in REASONS if reason not in ("minima", "candidates", "duplicates"))


def worth(
    found: Mapping[str, Mapping[int, Sequence[trials.Trial]]], plain: Sequence[str], learned: Sequence[str]
) -> pd.DataFrame:
    """Whether a surrogate is worth its labels, by number of atoms.

    Parameters
    ----------
    found : mapping
        Trials by search and number of atoms.
    plain : sequence of str
        Searches without a surrogate; the one with the fewest calls for a success is the rival.
    learned : sequence of str

    Returns
    -------
    DataFrame
        "search", "atoms", "rival" (calls for one success), "calls", "labels", "share" (calls over the rival's), "one"
        (whether labels and calls together are fewer than the rival's calls), "pays" (the number of structures from
        which on one set of labels is worth it; inf where it never is).
    """
    rows = []
    for name in learned:
        for n, tried in found[name].items():
            rival = min(trials.summary(found[other][n])["made"] for other in plain)
            calls, labels = trials.summary(tried)["made"], max(trial.labels for trial in tried)
            pays = np.ceil(labels / (rival - calls)) if calls < rival < np.inf else 1.0 if calls < rival else np.inf
            rows.append([name, n, rival, calls, labels, calls / rival, labels + calls < rival, pays])
    return pd.DataFrame(rows, columns=["search", "atoms", "rival", "calls", "labels", "share", "one", "pays"])


def worth_table(table: pd.DataFrame) -> pd.DataFrame:
    """The same as text."""
    return pd.DataFrame(
        {
            "Surrogate": table.search,
            "Atoms": table.atoms.astype(str),
            "Basin hopping": [_number(value) for value in table.rival],
            "With it": [_number(value) for value in table.calls],
            "Labels": [f"{value:,}" for value in table.labels],
            "Worth it once": np.where(table.one, "yes", "no"),
            "Worth it from": [_from(value) for value in table.pays],
        }
    )


def _from(searches: float) -> str:
    if not np.isfinite(searches):
        return "never"
    return f"{searches:,.0f} searches" if searches > 1 else "the first"


def worth_said(table: pd.DataFrame) -> str:
    """The same as sentences: at which numbers of atoms a single search is worth the labels."""
    said = []
    for name, part in table.groupby("search", sort=False):
        yes, no = (_and([str(n) for n in part.atoms[part.one == value]]) for value in (True, False))
        what = f"The labels of the {name} are"
        if not yes:
            said.append(f"{what} not worth it for a single search of {no} atoms.")
        elif not no:
            said.append(f"{what} worth it even for a single search of {yes} atoms.")
        else:
            said.append(f"{what} worth it for a single search of {yes} atoms, not of {no}.")
    return " ".join(said)


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def verdicts(goals: Sequence[tuple[str, str, bool]]) -> pd.DataFrame:
    """Goals, what was measured, and whether they are reached."""
    rows = [[goal, measured, "reached" if holds else "missed"] for goal, measured, holds in goals]
    return pd.DataFrame(rows, columns=["Goal", "Measured", "Verdict"])


def settings_table(tuned: Mapping[str, Mapping[int, structures.Hopping]]) -> pd.DataFrame:
    """The settings of basin hopping that were found best, as text."""
    rows = []
    for variant, by_size in tuned.items():
        for n, chosen in by_size.items():
            over = chosen.surface == 1
            step = f"1 to {chosen.atoms} atoms moved" if over else f"shifts up to {chosen.shake:g} σ"
            rows.append([variant, str(n), f"{chosen.temperature:g}", step.replace("1 to 1 atoms", "1 atom")])
    return pd.DataFrame(rows, columns=["Variant", "Atoms", "Temperature / ε", "Step"])


def _number(value: float) -> str:
    return f"{value:,.0f}" if np.isfinite(value) else "–"


def lowest(searches: Mapping[str, Sequence[trials.Trial]]) -> trials.Trial | None:
    """The trial with the lowest energy of several searches, None where none of them was worth a call."""
    seen = [trial for tried in searches.values() for trial in tried if trial.energy is not None]
    return min(seen, key=lambda trial: trial.energy, default=None)


def fooled(panels: Mapping[str, Sequence[Driven]], known: float) -> Figure:
    """The energy that a surrogate predicts for the structures it was driven to, against their true energy.

    The true energy is on an axis that is linear up to 100 epsilon, then logarithmic; energies above 10^12 are drawn
    there. A line stands where both are equal, another at the lowest ``known`` energy.
    """
    figure, axes = blank(height=4.2)
    predicted = []
    for i, (label, found) in enumerate(panels.items()):
        true = np.minimum([end.true for end in found], 1e12)
        predicted += [end.learned for end in found]
        style = {"color": COLOURS[i], "marker": MARKERS[i], "linestyle": "none"}
        axes.plot(true, [end.learned for end in found], label=label, **style)
    bottom = min([*predicted, known]) * 1.05
    axes.plot([bottom, 0], [bottom, 0], LINES[0], color=BLACK, linewidth=1.0, label="as predicted")
    axes.axvline(known, color="#777777", linestyle=LINES[1], linewidth=1.0, label="lowest known V")
    axes.set_xscale("symlog", linthresh=100)
    axes.set_xticks([-100, 0, 100, 1e4, 1e6, 1e8, 1e10, 1e12])
    axes.set_xticks([], minor=True)
    axes.set(xlim=(min(-150, 1.2 * known), 3e12), ylim=(1.05 * bottom, None))
    axes.set(xlabel="true V / ε", ylabel="predicted V / ε")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def fooled_table(panels: Mapping[str, Sequence[Driven]]) -> pd.DataFrame:
    """The structure with the lowest predicted energy of each, as text."""
    rows = []
    for label, found in panels.items():
        worst = min(found, key=lambda end: end.learned)
        ends = [end.trial.energy for end in found if end.trial.energy is not None]
        reached = sum(end.trial.found is not None for end in found)
        lowest = short(min(ends)) if ends else "–"
        cells = [
            short(worst.learned),
            short(worst.true),
            f"{worst.closest:.2g}",
            lowest,
            f"{reached} of {len(found)}",
        ]
        rows.append([label, *cells])
    header = ["Search", "Predicted V", "True V", "Closest pair", "Lowest after relaxing", "Successes"]
    return pd.DataFrame(rows, columns=header)
