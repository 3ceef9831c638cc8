"""What the page on the simulation shows: the two data sets, a structure and its grid, and the energy of a pair."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates import data, models, potentials
from surrogates.analysis import claims, verdicts
from surrogates.analysis.formatting import fixed, percent, scientific, significant, whole
from surrogates.analysis.plots import BLACK, BLUE, GREEN, ORANGE, RED, blank
from surrogates.data import symmetry

HIGHEST, VALIDATION_HIGHEST = 1e50, 1e40  # energies of the report's structures, by its Sections 4.1 and 5.1
LOWEST, VALIDATION_LOWEST = -7, -32  # about
NEARLY = 1e-3  # of such a high energy, to have reached it


def splits_table(sets: Mapping[str, data.Splits]) -> pd.DataFrame:
    """Number of structures, range of the energies and share below 0 of each split, as text."""
    rows = []
    for label, splits in sets.items():
        for split, (positions, energies) in splits._asdict().items():
            ends = [fixed(energies.min(), 2), significant(energies.max(), 2)]
            rows.append([label, split, whole(len(positions)), *ends, percent(np.mean(energies < 0), 1)])
    return pd.DataFrame(rows, columns=["Set", "Split", "Structures", "Lowest V", "Highest V", "V < 0"])


def lattice_patch(n_atoms: int) -> np.ndarray:
    """So many atoms of a triangular lattice around a point, at the best distance of a pair: ``(n_atoms, 2)``."""
    i, j = np.meshgrid(np.arange(-20, 21), np.arange(-20, 21))
    lattice = 2 ** (1 / 6) * np.stack([i + j / 2, j * 3**0.5 / 2], axis=-1).reshape(-1, 2)
    return lattice[np.argsort(np.hypot(*(lattice - [0.3, 0.2]).T))[:n_atoms]]


def distance_of(energy: float) -> float:
    """The distance, in units of sigma, at which one pair alone has so high an energy: its repulsion, 4 / r^12."""
    return (4 / energy) ** (1 / 12)


def expected_pairs(distance: float, structures: int, n_atoms: int, box: float) -> float:
    """How many pairs closer than a distance, the box at the most, are expected among random structures in a square box.

    The first term is the area around an atom; the others take away what of it lies beyond edges and corners.
    """
    share = distance / box
    near = np.pi * share**2 - 8 / 3 * share**3 + share**4 / 2
    return structures * n_atoms * (n_atoms - 1) / 2 * near


def chance_of(energy: float, structures: int, n_atoms: int, box: float) -> float:
    """Chance, 0 to 1, that one of so many random structures in a square box has so high an energy, 1,000 or more.

    One close pair decides it, and close pairs are rare and independent: their number follows Poisson's law.
    """
    return float(-np.expm1(-expected_pairs(distance_of(energy), structures, n_atoms, box)))


def energy_range(splits: data.Splits) -> dict[str, float]:
    """Ends of the energies of a data set: "lowest" and the power of ten of the "highest", and those of validation."""
    energies, validation = all_energies(splits), splits.validation.energies
    return {
        "lowest": float(energies.min()),
        "highest": float(np.log10(energies.max())),
        "validation_lowest": float(validation.min()),
        "validation_highest": float(np.log10(validation.max())),
    }


def drawn_ranges(first: data.Data, draws: int) -> pd.DataFrame:
    """:func:`energy_range` of so many data sets, a row each, that differ from the first by their seeds, one by one."""
    sets = (replace(first, seed=first.seed + number) for number in range(draws))
    return pd.DataFrame([energy_range(data.simulate(of)) for of in sets])


def draws_table(ranges: pd.DataFrame) -> pd.DataFrame:
    """Median of :func:`drawn_ranges` and the range from 5 to 95 %, beside the report, as text."""
    shown = {
        "lowest": ("Lowest V", fixed(LOWEST), 1),
        "validation_lowest": ("Lowest V, validation", fixed(VALIDATION_LOWEST), 1),
        "highest": ("Highest V, power of ten", fixed(np.log10(HIGHEST)), 0),
        "validation_highest": ("Highest V, validation, power of ten", fixed(np.log10(VALIDATION_HIGHEST)), 0),
    }
    rows = []
    for end, (label, reported, decimals) in shown.items():
        low, median, high = (fixed(ranges[end].quantile(part), decimals) for part in (0.05, 0.5, 0.95))
        rows.append([label, reported, median, f"{low} to {high}"])
    return pd.DataFrame(rows, columns=["Energy", "Report", "Median", "5 to 95 %"])


def all_energies(splits: data.Splits) -> np.ndarray:
    """The energies of all splits ``(structures,)``."""
    return np.concatenate([part.energies for part in splits])


def range_numbers(full: data.Splits, n_atoms: int, box: float, report_sizes: Sequence[int]) -> dict[str, str]:
    """The range of the energies beside the report's as text, by their names on the page.

    ``report_sizes`` are the numbers of structures of the report's splits, among which a pair as close as its highest
    energy needs is expected.
    """
    energies = all_energies(full)
    lowest = energies.min()
    sums = {"the single sum": lowest, "the double sum": 2 * lowest}
    attained = distance_of(HIGHEST)
    expected = expected_pairs(attained, sum(report_sizes), n_atoms, box)
    return {
        "lowest": fixed(lowest, 2),
        "validation_lowest": fixed(full.validation.energies.min(), 2),
        "doubled": fixed(2 * lowest, 1),
        "nearer": min(sums, key=lambda label: abs(sums[label] - LOWEST)),
        "highest": scientific(energies.max()),
        "highest_power": scientific(10 ** round(np.log10(energies.max())), 1),
        "attained": fixed(1e5 * attained, 1),
        "expected": fixed(1e4 * expected, 1),
        "lattice": fixed(potentials.LennardJones().energy(lattice_patch(n_atoms))),
        "share_low": fixed(100 * np.mean(energies < 0)),
    }


def sets_measured(
    full: data.Splits,
    low: data.Splits,
    of: data.Data,
    ranges: pd.DataFrame,
    grid: models.OccupancyGrid,
    report_sizes: Sequence[int],
) -> dict[str, verdicts.Values]:
    """What ``data/claims.csv`` asks of the two data sets, by its names there.

    ``of`` says what the full-energy set is; the structures of the test split are renumbered with its seed. ``ranges``
    are from :func:`drawn_ranges`: the lowest energies are one for each data set.
    """
    test, validation = full.test, of.sizes[data.SPLITS.index("validation")]
    lattice = potentials.LennardJones().energy(lattice_patch(of.n_atoms))
    renumbered = symmetry.permuted(test.positions, of.box, np.random.default_rng(of.seed))
    before, after = (models.arrays(grid, positions) for positions in (test.positions, renumbered))
    return {
        "sizes": sum(len(part.energies) == given for part, given in zip(full, report_sizes, strict=True)),
        "lowest": ranges.lowest.to_numpy(),
        "highest_chance": 100 * chance_of(NEARLY * HIGHEST, sum(of.sizes), of.n_atoms, of.box),
        "validation_lowest": ranges.validation_lowest.to_numpy(),
        "validation_highest_chance": 100 * chance_of(NEARLY * VALIDATION_HIGHEST, validation, of.n_atoms, of.box),
        "offset": sum(lowest + data.OFFSET > 0 for lowest in (all_energies(full).min(), lattice)),
        "permuted_energy": 1e9 * np.max(np.abs(of.potential.energy(renumbered) / test.energies - 1)),
        "grid_changed": 100 * np.mean((before != after).any(axis=(1, 2, 3))),
        "local": share_of_near(low.test.positions, models.GCN().cutoff),
    }


def structure_and_grid(positions: np.ndarray, grid: np.ndarray, box: float, energy: float) -> Figure:
    """The report's Figure 1: a structure ``(atoms, 2)`` and its occupancy grid ``(cells, cells)``, rows along y."""
    figure, (left, right) = blank(2, height=3.9)
    left.scatter(*positions.T, s=28, color=BLUE, edgecolor="white", linewidth=0.5)
    left.set(title=f"(a) {len(positions)} atoms, V = {energy:.3g}")
    right.imshow(grid, origin="lower", extent=(0, box, 0, box), cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
    right.set(title=f"(b) {len(grid)} × {len(grid)} cells, {int(grid.sum())} occupied")
    for axes in (left, right):
        axes.set(xlim=(0, box), ylim=(0, box), aspect="equal", xlabel="x / σ")
        axes.spines[:].set_visible(True)
    left.set(ylabel="y / σ")
    return figure


def energy_distributions(full: np.ndarray, low: np.ndarray) -> Figure:
    """Energies of the full-energy set, as log(V + 32), and of the low-energy set, as V."""
    figure, (left, right) = blank(2)
    left.hist(data.log_energy(full), bins=60, color=BLUE)
    left.set(xlabel="log(V + 32)", ylabel="structures", title="(a) full-energy set", yscale="log")
    right.hist(low, bins=60, color=GREEN)
    right.set(xlabel="V / ε", title="(b) low-energy set, V < 0")
    return figure


def shared_cells_by_side(fractions: dict[int, float], marked: int) -> Figure:
    """Share of structures with two atoms in some cell, by the number of cells along a side."""
    figure, axes = blank(height=3.0)
    axes.plot(list(fractions), [100 * value for value in fractions.values()], "o-", clip_on=False)
    axes.plot(
        marked, 100 * fractions[marked], "s", color=RED, markersize=9, clip_on=False, label=f"{marked} × {marked}"
    )
    axes.set(xlabel="cells along each side", ylabel="structures with\na shared cell / %", xscale="log", ylim=(0, 100))
    axes.set_xticks(list(fractions), [str(cells) for cells in fractions])
    axes.minorticks_off()
    axes.legend()
    return figure


def pair_potential(cutoff: float) -> Figure:
    """The energy of one pair against its distance, with the graph's cutoff."""
    figure, axes = blank()
    distance = np.linspace(0.94, 3.2, 400)
    axes.plot(distance, potentials.LennardJones().pair_energy(distance))
    axes.axhline(0, color=BLACK, linewidth=0.6)
    axes.axvline(cutoff, color=RED, linestyle="--", linewidth=1.2, label=f"graph cutoff, {cutoff:g} σ")
    axes.plot(2 ** (1 / 6), -1, "o", color=ORANGE, label="minimum, $2^{1/6}$ σ")
    axes.set(xlabel="pair distance r / σ", ylabel="V(r) / ε", ylim=(-1.2, 2.0), xlim=(0.9, 3.2))
    axes.legend()
    return figure


def share_of_near(positions: np.ndarray, cutoff: float) -> claims.Measured:
    """Percentage of the summed absolute Lennard-Jones energies of all pairs that pairs closer than the cutoff have.

    positions: (structures, atoms, d) and cutoff in units of sigma. The spread is that of other structures of the kind.
    """
    distances = potentials.pair_distances(positions)
    energies = np.abs(potentials.LennardJones().pair_energy(distances))
    near, every = np.where(distances < cutoff, energies, 0).sum(axis=1), energies.sum(axis=1)
    return claims.bootstrap(lambda near, every: 100 * near.sum() / every.sum(), near, every)
