"""Data sets: what is in them, and that a seed gives the same bytes everywhere."""

import hashlib

import numpy as np
import pytest

from surrogates import data, potentials
from surrogates.data import sampling

SIZES = (60, 20, 20)


def digest(splits) -> str:
    content = b"".join(array.tobytes() for structures in splits for array in structures)
    return hashlib.sha256(content).hexdigest()[:16]


@pytest.mark.parametrize(
    ("energies", "seed", "expected"),
    [
        ("full", 0, "69c913c7100dd4fe"),
        ("full", 7, "7aaf0f724cce9970"),
        ("low", 0, "efc0ae033be28075"),
        ("low", 7, "51184b0bba88cb78"),
        ("both", 7, "e8f6a508eda3b2ca"),
    ],
)
def test_a_seed_gives_the_same_bytes_on_every_machine(energies, seed, expected):
    assert digest(data.simulate(data.Data(energies, seed=seed, sizes=SIZES))) == expected


def test_more_structures_begin_with_the_same_ones():
    few, many = (data.simulate(data.Data("low", sizes=(n, 5, 5))).train for n in (50, 20_000))
    np.testing.assert_array_equal(few.positions, many.positions[:50])


@pytest.mark.parametrize("energies", data.REGIMES)
def test_structures_are_what_was_asked_for(energies):
    splits = data.simulate(data.Data(energies, n_atoms=9, box=11.0, seed=2, sizes=SIZES))
    for structures, size in zip(splits, SIZES, strict=True):
        assert structures.positions.shape == (size, 9, 2)
        assert structures.positions.min() >= 0
        assert structures.positions.max() < 11
        np.testing.assert_array_equal(structures.energies, potentials.LennardJones().energy(structures.positions))
        if energies == "low":
            assert (structures.energies < 0).all()
        else:
            assert (structures.energies > 0).any()


def test_splits_and_sets_are_independent():
    sets = [data.simulate(data.Data(energies, sizes=(20, 20, 20))) for energies in data.REGIMES]
    positions = np.concatenate([structures.positions for splits in sets for structures in splits])
    assert len(np.unique(positions[:, 0, 0])) == len(positions), "two splits share a structure"


def test_positions_are_uniform_in_the_box():
    positions = data.simulate(data.Data(sizes=(4000, 1, 1))).train.positions
    counts = np.histogram2d(*positions.reshape(-1, 2).T, bins=8, range=[(0, 32), (0, 32)])[0]
    expected = positions.shape[0] * positions.shape[1] / 64
    assert np.abs(counts / expected - 1).max() < 5 / np.sqrt(expected)


def test_the_report_s_range_of_energies():
    """The evidence for 32 atoms in a box of 32: a quarter of the structures below 0, the lowest of 50,000 near -7."""
    energies = data.simulate(data.Data(sizes=(50_000, 1, 1))).train.energies
    assert 0.24 < np.mean(energies < 0) < 0.27
    assert -9 < energies.min() < -6


def test_a_hopeless_box_is_refused():
    with pytest.raises(RuntimeError, match=r"Only 0 of \d+ .* of 32 atoms in a box of side 2 have V < 0.*larger box"):
        data.simulate(data.Data("low", box=2.0, sizes=SIZES))
    with pytest.raises(RuntimeError, match="of 1 atoms"):
        data.simulate(data.Data("low", n_atoms=1, sizes=SIZES))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("energies", "high"),
        ("n_atoms", 0),
        ("n_atoms", 3.0),
        ("box", 0),
        ("box", -1.0),
        ("box", float("nan")),
        ("seed", -3),
        ("seed", 1.5),
        ("seed", True),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} = {value!r}: give "):
        data.Data(**{name: value})


@pytest.mark.parametrize("sizes", [(10, 10), (10, 0, 10), (10, 2.5, 10)])
def test_sizes_are_three_whole_numbers(sizes):
    with pytest.raises(ValueError, match="^sizes = "):
        data.Data(sizes=sizes)


def test_both_sets_are_the_one_after_the_other():
    full, low, both = (data.simulate(data.Data(kind, seed=3, sizes=SIZES)) for kind in ("full", "low", "both"))
    for parts in zip(full, low, both, strict=True):
        for first, second, whole in zip(*parts, strict=True):
            np.testing.assert_array_equal(whole, np.concatenate([first, second]))


def ring(positions):
    """No potential of the library: each atom is held at distance 2 from the origin, in two dimensions or three."""
    radii = np.linalg.norm(positions, axis=-1, keepdims=True)
    return ((radii - 2) ** 2).sum(axis=(-1, -2)) - 3, -2 * (radii - 2) * positions / radii


def test_any_potential_gives_the_energies():
    more, less = (
        data.simulate(data.Data("full", 8, 8.0, 1, SIZES, given)).test for given in (ring, potentials.LennardJones())
    )
    np.testing.assert_array_equal(more.positions, less.positions)
    np.testing.assert_array_equal(more.energies, ring(more.positions)[0])
    low = data.simulate(data.Data("low", 2, 3.0, 1, SIZES, ring)).test
    assert (low.energies < 0).all()


def test_the_units_are_those_of_the_potential():
    ours, larger = (
        data.simulate(data.Data("full", 4, 4.0 * sigma, 1, SIZES, potentials.LennardJones(sigma, 2.0))).train
        for sigma in (1.0, 4.0)
    )
    np.testing.assert_allclose(4 * ours.positions, larger.positions)
    np.testing.assert_allclose(ours.energies, larger.energies, rtol=1e-9)


@pytest.mark.parametrize("given", [None, "lennard-jones", potentials.LennardJones])
def test_a_potential_is_a_function_of_positions(given):
    with pytest.raises(ValueError, match=r"^potential = .*: give a potential, such as LennardJones\(\)"):
        data.Data(potential=given)


def test_data_has_no_subclasses():
    with pytest.raises(TypeError, match=r"Mine: .*give it another energy as Data\(potential=\.\.\.\)"):
        type("Mine", (data.Data,), {})


def test_a_cube_of_structures():
    splits = data.simulate(data.Data("low", 3, 3.0, 1, SIZES, ring, dimensions=3))
    for structures, size in zip(splits, SIZES, strict=True):
        assert structures.positions.shape == (size, 3, 3)
        assert 2.5 < structures.positions.max() < 3
        np.testing.assert_array_equal(structures.energies, ring(structures.positions)[0])
        assert (structures.energies < 0).all()


def test_positions_of_other_dimensions_are_refused():
    positions = np.zeros((5, 3, 2))
    with pytest.raises(ValueError, match=r"positions of shape \(5, 3, 2\): .*\(\.\.\., atoms, 3\)"):
        data.Data(potential=ring, dimensions=3).energy(positions)
    with pytest.raises(ValueError, match="^dimensions = 4: give one of 2"):
        data.Data(dimensions=4)


def test_how_many_energies_the_labels_took():
    low = data.Data("low", n_atoms=6, box=6.0, seed=3, sizes=(50, 1, 1))
    needed = data.labels_needed(low, 50)
    drawn = sampling._random(low, "train").random((sampling._BLOCK, 6, 2)) * 6.0
    np.testing.assert_array_equal(drawn[needed - 1], data.simulate(low).train.positions[-1])
    assert (low.energy(drawn[:needed]) < 0).sum() == 50
    assert data.labels_needed(low, 10) < needed


@pytest.mark.parametrize(
    ("energies", "message"),
    [
        (lambda given: np.zeros((*given.shape[:-2], 3)), r"gives energies of shape \(2, 3\) for positions of shape"),
        (lambda given: np.full(given.shape[:-2], np.nan), "gives NaN for positions"),
    ],
)
def test_a_potential_that_gives_no_energies_is_refused(energies, message):
    strange = data.Data(n_atoms=3, sizes=(2, 2, 2), potential=lambda given: (energies(given), np.zeros_like(given)))
    with pytest.raises(ValueError, match=message):
        data.simulate(strange)
