"""What a surrogate was trained on, in a few numbers, and which structures lie outside of it.

A network answers any question; outside of what it was trained on its answer means little, and may be wrong by many
powers of ten.

>>> known = run.range
>>> known.outside(positions, energies)  # a text for each structure, "" where it lies inside
"""

import warnings
from dataclasses import dataclass

import numpy as np

from surrogates import data, models
from surrogates.potentials import Units, pair_distances

_NEAR = 1.5  # sigma: atoms closer than that are counted
_BLOCK = 2**22  # pairs at a time
_WARNED = set()  # the folders of runs that a warning was given for


class OutsideRange(UserWarning):
    """A surrogate was asked about structures that lie outside of what it was trained on."""


@dataclass(frozen=True)
class TrainedRange:
    """The lowest and the highest value of each quantity over the training structures.

    Attributes
    ----------
    values : dict
        By quantity, (lowest, highest): "closest" pair and "farthest" pair of a structure, "neighbours" of an atom
        within 1.5 sigma (the mean over the atoms), "energy"; and the "coordinates", for a network that sees where in
        the box a structure lies.
    units : Units
    """

    values: dict[str, tuple[float, float]]
    units: Units

    def outside(self, positions: np.ndarray, energies: np.ndarray) -> list[str]:
        """Why each structure ``(structures, atoms, d)`` of these predicted energies is outside; "" where it is not."""
        found = quantities(positions, energies, self.units)
        reasons = [[] for _ in range(len(energies))]
        for name, (low, high) in self.values.items():
            lowest, highest = found[name]
            for k in np.flatnonzero(~((lowest >= low) & (highest <= high))):
                value = lowest[k] if lowest[k] < low else highest[k]
                unit = {"energy": self.units.of_energy, "neighbours": ""}.get(name, self.units.of_length)
                reasons[k].append(f"{name} {value:.3g} (trained: {low:.3g} to {high:.3g}{unit and ' ' + unit})")
        return [", ".join(said) for said in reasons]


def quantities(positions: np.ndarray, energies: np.ndarray, units: Units) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The quantities of :class:`TrainedRange` of each structure: lowest and highest value, ``(structures,)`` each."""
    positions = np.asarray(positions, dtype=float)
    count, atoms = positions.shape[:2]
    closest, farthest, neighbours = np.full(count, np.inf), np.zeros(count), np.zeros(count)
    step = max(1, _BLOCK // max(1, atoms * (atoms - 1) // 2))
    for start in range(0, count if atoms > 1 else 0, step):
        distances = pair_distances(positions[start : start + step])
        rows = slice(start, start + step)
        closest[rows], farthest[rows] = distances.min(axis=1), distances.max(axis=1)
        neighbours[rows] = 2 / atoms * (distances < _NEAR * units.length).sum(axis=1)
    return {
        "closest": (closest, closest),
        "farthest": (farthest, farthest),
        "neighbours": (neighbours, neighbours),
        "energy": (energies, energies),
        "coordinates": (positions.min(axis=(1, 2)), positions.max(axis=(1, 2))),
    }


def measured_range(known: data.Structures, units: Units) -> dict[str, list[float]]:
    """The lowest and the highest value of each quantity over structures, as plain data."""
    found = quantities(known.positions, known.energies, units)
    return {name: [float(low.min()), float(high.max())] for name, (low, high) in found.items()}


def trained_range(config, stored: dict | None = None) -> TrainedRange:
    """That of a configuration, from what its run has ``stored``, or else from its training structures."""
    units = config.data.units
    values = stored or measured_range(data.simulate(config.data).train, units)
    placed = models.sees_place(config.model, config.data.box)
    return TrainedRange({name: tuple(ends) for name, ends in values.items() if placed or name != "coordinates"}, units)


def warn_once(run, positions: np.ndarray, energies: np.ndarray):
    """Warn of structures outside of the range of a run, where that was not done before in this process."""
    if run.path in _WARNED:
        return
    reasons = run.range.outside(positions, energies)
    some = [reason for reason in reasons if reason]
    if some:
        _WARNED.add(run.path)
        of = f"{len(some)} of {len(reasons)} structures lie" if len(reasons) > 1 else "this structure lies"
        name = "/".join(run.path.parts[-3:])
        warnings.warn(
            f"{name}: {of} outside of what it was trained on, where its answers mean little: {some[0]}. "
            "run.answers(positions) says it of each structure; this warning is given once.",
            OutsideRange,
            stacklevel=4,
        )
