"""What the page on the report's open choices shows: other boxes, ranges of energies, shared cells."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from surrogates import data, potentials
from surrogates.analysis.formatting import fixed, percent, significant
from surrogates.models import representations
from surrogates.training import metrics

DRAWS = 10_000  # structures, where a share of them is asked for


def random_structures(rng: np.random.Generator, number: int, n_atoms: int, box: float) -> np.ndarray:
    """Atoms placed uniformly in a square box: ``(number, n_atoms, 2)``."""
    return rng.random((number, n_atoms, 2)) * box


def periodic_energy(positions: np.ndarray, box: float) -> np.ndarray:
    """Energy with the nearest periodic image of every pair, of positions ``(structures, atoms, 2)``."""
    parts = np.array_split(positions, 1 + len(positions) // 5_000)
    distances = (potentials.pair_distances(part, period=box) for part in parts)
    return np.concatenate([potentials.LennardJones().pair_energy(distance).sum(axis=-1) for distance in distances])


def score_of_mean(energies: np.ndarray) -> float:
    """MAPE in percent of the mean of log(V + 32) as a prediction; NaN where the logarithm is not defined."""
    if energies.min() <= -data.OFFSET:
        return np.nan
    targets = data.log_energy(energies)
    return metrics.of_constants(targets, {"all": targets})["mean"]["all"]


def energies_by_box(n_atoms: int, box: float, number: int, seed: int) -> dict[tuple[int, float, str], np.ndarray]:
    """Energies of random structures with half, once and twice the number of atoms and the side of the box.

    Returns
    -------
    dict
        By number of atoms, side and edges ("open", and "periodic" for the first two as given) energies ``(number,)``.
    """
    found = {}
    for atoms, side in itertools.product([max(2, n_atoms // 2), n_atoms, 2 * n_atoms], [box / 2, box, 2 * box]):
        rng = np.random.default_rng((seed, atoms, int(side)))
        found[atoms, side, "open"] = potentials.LennardJones().energy(random_structures(rng, number, atoms, side))
    structures = random_structures(np.random.default_rng(seed), number, n_atoms, box)
    return found | {(n_atoms, box, "periodic"): periodic_energy(structures, box)}


def boxes_table(found: Mapping[tuple[int, float, str], np.ndarray]) -> pd.DataFrame:
    """Range of the energies, share below 0 and :func:`score_of_mean` of each box, as text."""
    rows = []
    for (atoms, side, edges), energies in found.items():
        ends = [fixed(energies.min(), 1), fixed(np.log10(energies.max()))]
        score = fixed(score_of_mean(energies))
        rows.append([str(atoms), significant(side, 6), edges, *ends, percent(np.mean(energies < 0)), score])
    header = ["Atoms", "Side / σ", "Edges", "Lowest V", "Highest V, log10", "V < 0", "MAPE of the mean"]
    return pd.DataFrame(rows, columns=header)


def energy_ranges(n_atoms: int, box: float, sizes: Sequence[int], seed: int, sets: int = 20) -> pd.DataFrame:
    """Range of the energies of data sets of the same sizes (of training, validation and test) with other seeds.

    Returns
    -------
    DataFrame
        For each set its "lowest" energy, and the powers of ten of the "highest" one of all and of "validation".
    """
    rows = []
    for number in range(sets):
        rng = np.random.default_rng((seed, number))
        energies = potentials.LennardJones().energy(random_structures(rng, sum(sizes), n_atoms, box))
        # The first structures of a set stand for its validation split.
        highest = {"highest": energies.max(), "validation": energies[: sizes[1]].max()}
        rows.append({"lowest": energies.min()} | {name: np.log10(value) for name, value in highest.items()})
    return pd.DataFrame(rows)


def shared_cells_table(
    rng: np.random.Generator, numbers: Sequence[int], box: float, cells: Sequence[int]
) -> pd.DataFrame:
    """Share of random structures in which a cell holds two atoms, by numbers of atoms and of cells along a side."""
    rows = []
    for atoms in numbers:
        structures = random_structures(rng, DRAWS, atoms, box)
        shares = [representations.shared_cells(structures, box, side).mean() for side in cells]
        rows.append([str(atoms), *(percent(share, 1) for share in shares)])
    return pd.DataFrame(rows, columns=["Atoms", *(f"{side} × {side} cells" for side in cells)])
