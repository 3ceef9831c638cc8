"""The data sets in numbers and pictures."""

import numpy as np
import pandas as pd
import pytest

from surrogates import data, models, potentials
from surrogates.analysis import formatting, simulation


def test_the_two_sets_in_numbers():
    low = data.simulate(data.Data("low", 6, 6.0, 0, (20, 10, 10)))
    table = simulation.splits_table({"low-energy": low})
    assert table.Split.tolist() == ["train", "validation", "test"]
    assert table.iloc[0].tolist()[2:4] == ["20", f"{low.train.energies.min():.2f}".replace("-", "−")]
    assert table["V < 0"].tolist() == ["100.0\u00a0%"] * 3
    assert not table["Highest V"].str.contains("e|-").any()


def test_a_patch_of_the_lattice_has_its_neighbours_at_the_best_distance():
    patch = simulation.lattice_patch(32)
    assert patch.shape == (32, 2)
    assert potentials.closest_pair(patch[None])[0] == pytest.approx(2 ** (1 / 6))
    assert potentials.LennardJones().energy(patch) < -80


def test_pairs_that_are_expected_at_a_distance():
    assert potentials.LennardJones().pair_energy(np.array(simulation.distance_of(1e30))) == pytest.approx(
        1e30, rel=1e-3
    )
    close = potentials.closest_pair(np.random.default_rng(0).random((20_000, 3, 2)) * 5) < 0.1
    assert close.sum() == pytest.approx(simulation.expected_pairs(0.1, 20_000, 3, 5.0), rel=0.25)


def test_pairs_near_the_edges_of_the_box_have_fewer_neighbours():
    positions = np.random.default_rng(0).random((20_000, 6, 2)) * 5
    for distance in (1.0, 2.0, 4.0):
        close = (potentials.pair_distances(positions) < distance).sum()
        assert close == pytest.approx(simulation.expected_pairs(distance, 20_000, 6, 5.0), rel=0.02)


def test_the_chance_of_a_high_energy_is_the_share_of_data_sets_that_reach_it():
    energies = potentials.LennardJones().energy(np.random.default_rng(1).random((2_000, 20, 6, 2)) * 6)
    highest = energies.max(axis=1)
    for energy in (1e8, 1e9, 1e11):
        chance = simulation.chance_of(energy, 20, 6, 6.0)
        assert np.mean(highest >= energy) == pytest.approx(chance, abs=0.035), energy
        assert 0.1 < chance < 0.9
    rare, expected = (
        simulation.chance_of(1e47, 70, 6, 6.0),
        simulation.expected_pairs(simulation.distance_of(1e47), 70, 6, 6.0),
    )
    assert rare == pytest.approx(expected, rel=1e-3), "the chance of what is rare is its expected number"


def test_data_sets_are_drawn_with_a_seed_each():
    first = data.Data("full", 6, 6.0, 3, (20, 10, 40))
    ranges = simulation.drawn_ranges(first, 3)
    assert len(ranges) == 3 and ranges.lowest.nunique() == 3
    splits = data.simulate(data.Data("full", 6, 6.0, 4, (20, 10, 40)))
    assert ranges.iloc[1].to_dict() == simulation.energy_range(splits)
    assert ranges.lowest[1] == simulation.all_energies(splits).min() <= ranges.validation_lowest[1]
    assert ranges.validation_highest[1] == np.log10(splits.validation.energies.max()) <= ranges.highest[1]


def test_the_ends_of_drawn_energies_stand_beside_the_report_s():
    ranges = pd.DataFrame({"lowest": np.linspace(-9, -5, 101), "highest": np.linspace(20, 30, 101)})
    ranges = ranges.assign(validation_lowest=-4.0, validation_highest=18.4)
    table = simulation.draws_table(ranges)
    assert table.iloc[0].tolist() == ["Lowest V", "−7", "−7.0", "−8.8 to −5.2"]
    assert table.iloc[1].tolist()[1:] == ["−32", "−4.0", "−4.0 to −4.0"]
    assert table.iloc[2].tolist()[1:] == ["50", "25", "20 to 30"]
    assert table.iloc[3].tolist()[1:] == ["40", "18", "18 to 18"]


def test_a_structure_and_its_grid():
    positions = np.array([[0.5, 1.5], [1.5, 0.5]])
    left, right = simulation.structure_and_grid(positions, np.eye(2)[::-1], 2.0, -1.234).axes
    np.testing.assert_array_equal(left.collections[0].get_offsets(), positions)
    assert right.get_title() == "(b) 2 × 2 cells, 2 occupied"
    np.testing.assert_array_equal(right.images[0].get_array(), np.eye(2)[::-1])


def test_the_share_of_near_pairs():
    line = np.array([[[0.0, 0.0], [1.5, 0.0], [4.0, 0.0]]])
    near, middle, far = np.abs(potentials.LennardJones().pair_energy([1.5, 2.5, 4.0]))
    assert simulation.share_of_near(line, 2.0).value == pytest.approx(100 * near / (near + middle + far))
    assert simulation.share_of_near(line, 5.0) == (100.0, 0.0, 0), "the same structure, whichever are drawn"


def test_what_the_claims_ask_of_the_two_sets():
    full, low = (data.Data(kind, 6, 6.0, 3, (20, 10, 40)) for kind in ("full", "low"))
    splits = data.simulate(full)
    energies = simulation.all_energies(splits)
    assert len(energies) == 70
    grid = models.OccupancyGrid(6.0, 8)
    ranges = pd.DataFrame({"lowest": [-7.0, -8.0], "validation_lowest": [-6.0, -5.0]})
    found = simulation.sets_measured(splits, data.simulate(low), full, ranges, grid, (20, 11, 40))
    assert (found["sizes"], found["offset"]) == (2, 2)
    assert list(found["lowest"]) == [-7.0, -8.0] and list(found["validation_lowest"]) == [-6.0, -5.0]
    assert found["grid_changed"] == 0
    assert found["highest_chance"] == 100 * simulation.chance_of(1e47, 70, 6, 6.0)
    assert found["validation_highest_chance"] == pytest.approx(100 * simulation.chance_of(1e37, 10, 6, 6.0))
    assert 0 <= found["permuted_energy"] < 1e-3
    assert 0 < found["local"].value < 100


def test_the_range_beside_the_report_s():
    splits = data.simulate(data.Data("full", 6, 6.0, 3, (20, 10, 40)))
    numbers = simulation.range_numbers(splits, 32, 32.0, (50_000, 10_000, 10_000))
    energies = simulation.all_energies(splits)
    assert numbers["highest"] == formatting.scientific(energies.max())
    assert numbers["highest_power"] == f"10{str(round(np.log10(energies.max()))).translate(formatting.SUPERSCRIPTS)}"
    assert numbers["nearer"] == f"the {'single' if energies.min() < -14 / 3 else 'double'} sum"
    assert (numbers["attained"], numbers["expected"]) == ("7.6", "6.2")
