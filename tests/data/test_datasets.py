"""The two data sets: what is in them, and that a seed gives the same bytes everywhere."""

import hashlib

import numpy as np
import pytest

from surrogates.data import datasets
from surrogates.potentials import potential, three_body

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
    assert digest(datasets.simulate(datasets.Data(energies, seed=seed, sizes=SIZES))) == expected


def test_more_structures_begin_with_the_same_ones():
    few, many = (datasets.simulate(datasets.Data("low", sizes=(n, 5, 5))).train for n in (50, 20_000))
    np.testing.assert_array_equal(few.positions, many.positions[:50])


@pytest.mark.parametrize("energies", datasets.KINDS)
def test_structures_are_what_was_asked_for(energies):
    data = datasets.simulate(datasets.Data(energies, n_atoms=9, box=11.0, seed=2, sizes=SIZES))
    for structures, size in zip(data, SIZES, strict=True):
        assert structures.positions.shape == (size, 9, 2)
        assert structures.positions.min() >= 0
        assert structures.positions.max() < 11
        np.testing.assert_array_equal(structures.energies, potential.energy(structures.positions))
        if energies == "low":
            assert (structures.energies < 0).all()
        else:
            assert (structures.energies > 0).any()


def test_splits_and_sets_are_independent():
    sets = [datasets.simulate(datasets.Data(energies, sizes=(20, 20, 20))) for energies in datasets.KINDS]
    positions = np.concatenate([structures.positions for splits in sets for structures in splits])
    assert len(np.unique(positions[:, 0, 0])) == len(positions), "two splits share a structure"


def test_positions_are_uniform_in_the_box():
    positions = datasets.simulate(datasets.Data(sizes=(4000, 1, 1))).train.positions
    counts = np.histogram2d(*positions.reshape(-1, 2).T, bins=8, range=[(0, 32), (0, 32)])[0]
    expected = positions.shape[0] * positions.shape[1] / 64
    assert np.abs(counts / expected - 1).max() < 5 / np.sqrt(expected)


def test_the_report_s_range_of_energies():
    """The evidence for 32 atoms in a box of 32: a quarter of the structures below 0, the lowest of 50,000 near -7."""
    energies = datasets.simulate(datasets.Data(sizes=(50_000, 1, 1))).train.energies
    assert 0.24 < np.mean(energies < 0) < 0.27
    assert -9 < energies.min() < -6


def test_a_hopeless_box_is_refused():
    with pytest.raises(RuntimeError, match=r"Only 0 of \d+ .* of 32 atoms in a box of side 2 have V < 0.*larger box"):
        datasets.simulate(datasets.Data("low", box=2.0, sizes=SIZES))
    with pytest.raises(RuntimeError, match="of 1 atoms"):
        datasets.simulate(datasets.Data("low", n_atoms=1, sizes=SIZES))


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
        datasets.Data(**{name: value})


@pytest.mark.parametrize("sizes", [(10, 10), (10, 0, 10), (10, 2.5, 10)])
def test_sizes_are_three_whole_numbers(sizes):
    with pytest.raises(ValueError, match="^sizes = "):
        datasets.Data(sizes=sizes)


def test_the_target_and_its_inverse():
    energies = np.array([-31.0, -7.25, 0.0, 1e3, 1e30, np.inf])
    targets = datasets.log_energy(energies)
    assert targets[0] == 0
    assert targets[2] == pytest.approx(np.log(32))
    np.testing.assert_allclose(datasets.energy_from_log(targets), energies, rtol=1e-13)
    for bad in (-32.0, -100.0, np.nan):
        with pytest.raises(ValueError, match="needs V > -32"):
            datasets.log_energy(np.array([1.0, bad]))


def test_the_inverse_does_not_overflow_in_float32():
    assert datasets.energy_from_log(np.array([200.0], dtype="float32"))[0] == pytest.approx(np.exp(200.0))


def test_both_sets_are_the_one_after_the_other():
    full, low, both = (datasets.simulate(datasets.Data(kind, seed=3, sizes=SIZES)) for kind in ("full", "low", "both"))
    for parts in zip(full, low, both, strict=True):
        for first, second, whole in zip(*parts, strict=True):
            np.testing.assert_array_equal(whole, np.concatenate([first, second]))


def test_the_target_of_both_regimes_and_its_inverse():
    energies = np.array([-83.0, -1.0, -1e-9, 0.0, 1e-9, 1.0, 1e30, np.inf])
    targets = datasets.linear_log(energies)
    np.testing.assert_array_equal(targets[:4], energies[:4])
    np.testing.assert_allclose(targets[4:], np.log1p(energies[4:]), rtol=1e-15)
    assert (np.diff(targets) > 0).all()
    np.testing.assert_allclose(datasets.energy_from_linear_log(targets), energies, rtol=1e-13)
    step = 1e-6
    slopes = np.diff(datasets.linear_log(np.array([-step, 0.0, step]))) / step
    np.testing.assert_allclose(slopes, 1.0, rtol=1e-5)


def test_a_three_body_energy_is_added():
    with_it, without = (datasets.Data("full", 8, 8.0, 1, SIZES, three_body) for three_body in (0.5, 0.0))
    more, less = datasets.simulate(with_it).test, datasets.simulate(without).test
    np.testing.assert_array_equal(more.positions, less.positions)
    np.testing.assert_array_equal(more.energies, three_body.AxilrodTeller(0.5)(more.positions)[0])
    assert (more.energies != less.energies).all()
    low = datasets.simulate(datasets.Data("low", 8, 8.0, 1, SIZES, 0.5)).test
    assert (low.energies < 0).all()
    with pytest.raises(ValueError, match="^three_body = -1: give"):
        datasets.Data(three_body=-1)


def test_how_many_energies_the_labels_took():
    data = datasets.Data("low", n_atoms=6, box=6.0, seed=3, sizes=(50, 1, 1))
    asked = datasets.asked(data, 50)
    drawn = datasets._random(data, "train").random((datasets.BLOCK, 6, 2)) * 6.0
    np.testing.assert_array_equal(drawn[asked - 1], datasets.simulate(data).train.positions[-1])
    assert (data.energy(drawn[:asked]) < 0).sum() == 50
    assert datasets.asked(data, 10) < asked
