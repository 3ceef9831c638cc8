"""Random structures in other boxes."""

import numpy as np
import pytest

from surrogates import potentials
from surrogates.analysis import open_choices


def test_other_boxes_have_half_and_twice_of_both():
    found = open_choices.energies_by_box(4, 6.0, 300, seed=1)
    assert [key[:2] for key in found if key[2] == "open"] == [(n, side) for n in (2, 4, 8) for side in (3.0, 6.0, 12.0)]
    assert (4, 6.0, "periodic") in found
    assert all(energies.shape == (300,) for energies in found.values())
    rng = np.random.default_rng((1, 4, 6))
    np.testing.assert_array_equal(
        found[4, 6.0, "open"], potentials.LennardJones().energy(rng.random((300, 4, 2)) * 6.0)
    )
    table = open_choices.boxes_table(found)
    assert len(table) == 10
    assert table.iloc[4].tolist()[:4] == ["4", "6", "open", f"{found[4, 6.0, 'open'].min():.1f}".replace("-", "−")]


def test_across_a_periodic_edge_atoms_are_near():
    positions = np.array([[[0.1, 1.0], [5.6, 1.0]], [[1.0, 1.0], [2.5, 1.0]]])
    expected = potentials.LennardJones().pair_energy(np.array([0.6, 1.5]))
    np.testing.assert_allclose(open_choices.periodic_energy(positions, 6.1), expected)


def test_the_mean_scores_nothing_where_there_is_no_logarithm():
    energies = np.array([0.0, 10.0])
    logs = np.log(energies + 32)
    expected = 100 * np.mean(np.abs(logs.mean() / logs - 1))
    assert open_choices.score_of_mean(energies) == pytest.approx(expected)
    assert np.isnan(open_choices.score_of_mean(np.array([-32.0, 1.0])))


def test_ranges_of_data_sets_and_of_their_validation_splits():
    found = open_choices.energy_ranges(3, 4.0, (20, 10, 5), seed=2, sets=3)
    energies = potentials.LennardJones().energy(np.random.default_rng((2, 1)).random((35, 3, 2)) * 4.0)
    expected = [energies.min(), np.log10(energies.max()), np.log10(energies[:10].max())]
    assert found.loc[1, ["lowest", "highest", "validation"]].tolist() == pytest.approx(expected)
    assert (found.validation <= found.highest).all() and len(found) == 3


def test_cells_are_shared_the_less_the_finer_the_grid():
    table = open_choices.shared_cells_table(np.random.default_rng(0), [2, 4], 8.0, [2, 8])
    assert table.columns.tolist() == ["Atoms", "2 × 2 cells", "8 × 8 cells"]
    shares = table.iloc[:, 1:].map(lambda cell: float(cell.split("\u00a0")[0])).to_numpy()
    assert abs(shares[0, 0] - 25) < 3 and abs(shares[0, 1] - 100 / 64) < 1
    assert (shares[1] > shares[0]).all()
