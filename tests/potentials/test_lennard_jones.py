"""The true energy and forces: against ASE, the formula, its symmetries and the refusal of bad input."""

import hashlib

import numba
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.lj import LennardJones
from hypothesis import given
from hypothesis import strategies as st

from surrogates import potentials

LJ = potentials.LennardJones()

BEST = 2 ** (1 / 6)  # distance of the lowest pair energy, in units of sigma


def random_structures(atoms, count=5, seed=0):
    """Half uniform in a box (very high energies among them), half a jittered lattice (bound)."""
    rng = np.random.default_rng([seed, atoms])
    uniform = rng.uniform(0, 1.2 * atoms, (count, atoms, 2))
    side = int(np.ceil(np.sqrt(atoms)))
    lattice = 1.15 * np.stack(np.divmod(np.arange(atoms), side), axis=-1)
    return np.concatenate([uniform, lattice + rng.normal(0, 0.05, (count, atoms, 2))])


def ase_energy_and_forces(positions, sigma, epsilon):
    # ASE subtracts the value at the cutoff from each pair: at 10,000 sigma that is 4e-24 epsilon.
    atoms = Atoms(["Ar"] * len(positions), np.pad(positions, ((0, 0), (0, 1))))
    atoms.calc = LennardJones(sigma=sigma, epsilon=epsilon, rc=1e4 * sigma)
    return atoms.get_potential_energy(), atoms.get_forces()[:, :2]


@pytest.mark.parametrize("atoms", [2, 3, 7, 16, 32, 45])
@pytest.mark.parametrize("sigma, epsilon", [(1.0, 1.0), (1.3, 0.4)])
def test_energies_and_forces_equal_those_of_ase(atoms, sigma, epsilon):
    positions = random_structures(atoms)
    energies, forces = potentials.LennardJones(sigma, epsilon)(positions)
    for x, v, f in zip(positions, energies, forces, strict=True):
        expected_energy, expected_forces = ase_energy_and_forces(x, sigma, epsilon)
        assert v == pytest.approx(expected_energy, rel=1e-10, abs=0)
        np.testing.assert_allclose(f, expected_forces, rtol=1e-10, atol=1e-10 * abs(f).max())


@pytest.mark.parametrize("sigma, epsilon", [(1.0, 1.0), (0.7, 3.0)])
def test_known_values(sigma, epsilon):
    pair = sigma * np.array([[[0.0, 0.0], [0.0, BEST]], [[0.0, 0.0], [1.0, 0.0]]])
    energies, forces = potentials.LennardJones(sigma, epsilon)(pair)
    np.testing.assert_allclose(energies, [-epsilon, 0.0], rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(forces[0], 0.0, atol=1e-13 * epsilon / sigma)
    np.testing.assert_allclose(forces[1] * sigma / epsilon, [[-24, 0], [24, 0]], rtol=1e-14)

    triangle = BEST * sigma * np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
    assert potentials.LennardJones(sigma, epsilon).energy(triangle) == pytest.approx(-3 * epsilon, rel=1e-14)


def test_pair_energy_is_the_energy_of_two_atoms():
    distance = np.array([[0.0, 1e-40, 0.5], [1.0, BEST, 7.0]])
    positions = np.zeros((2, 3, 2, 2))
    positions[..., 1, 0] = distance
    pair = potentials.LennardJones(1.1, 2.0).pair_energy(distance)
    np.testing.assert_array_equal(pair, potentials.LennardJones(1.1, 2.0).energy(positions))
    assert pair[0, 0] == pair[0, 1] == np.inf
    assert LJ.pair_energy(np.inf) == 0
    assert np.ndim(LJ.pair_energy(1)) == 0


def test_lengths_scale_with_sigma_and_energies_with_epsilon():
    positions = random_structures(12)
    energies, forces = LJ(positions)
    for length, depth in [(4.0, 0.125), (0.37, 5.3)]:
        scaled = potentials.LennardJones(length, depth)(length * positions)
        np.testing.assert_allclose(scaled[0], depth * energies, rtol=1e-12)
        np.testing.assert_allclose(scaled[1], depth / length * forces, rtol=1e-9)


def test_forces_are_the_numerical_gradient():
    positions = random_structures(9, seed=1)[5:]
    step = 1e-5
    shifts = step * np.eye(18).reshape(18, 9, 2)
    around = positions[:, None] + np.stack([shifts, -shifts])[:, None]  # (2, structures, 18, 9, 2)
    plus, minus = LJ.energy(around)
    _, forces = LJ(positions)
    np.testing.assert_allclose(forces, ((minus - plus) / (2 * step)).reshape(forces.shape), rtol=1e-6, atol=1e-6)


# Sixteenths: differences, squares and their sums are then exact, so moving a structure by sixteenths,
# reflecting it or turning it by right angles must not change one bit.
sixteenths = st.integers(-128, 128).map(lambda n: n / 16)
atom = st.tuples(sixteenths, sixteenths)
structures = st.lists(atom, min_size=1, max_size=12, unique=True).map(np.array)
exact_symmetries = [np.diag([a, b])[order] for a in (1, -1) for b in (1, -1) for order in ([0, 1], [1, 0])]


def assert_equal_but_for_rounding(energy, positions):
    i, j = np.triu_indices(len(positions), 1)
    scale = abs(LJ.pair_energy(np.hypot(*(positions[i] - positions[j]).T))).sum()
    assert abs(energy - LJ.energy(positions)) <= 1e-10 * scale


@given(structures, st.randoms(use_true_random=False))
def test_energy_is_invariant_under_permutation(positions, random):
    order = random.sample(range(len(positions)), len(positions))
    energies, forces = LJ(np.stack([positions, positions[order]]))
    assert_equal_but_for_rounding(energies[1], positions)
    np.testing.assert_allclose(forces[1], forces[0][order], rtol=1e-9, atol=1e-9 * abs(forces).max())


@given(structures, atom)
def test_energy_is_invariant_under_translation(positions, shift):
    assert LJ.energy(positions + np.array(shift)) == LJ.energy(positions)


@given(structures, st.sampled_from(exact_symmetries))
def test_energy_is_invariant_under_reflection_and_right_angles(positions, matrix):
    assert LJ.energy(positions @ matrix) == LJ.energy(positions)


@given(structures, st.floats(-np.pi, np.pi), st.booleans())
def test_energy_is_invariant_under_rotation_and_any_reflection(positions, angle, reflect):
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, sin], [sin, -cos]] if reflect else [[cos, sin], [-sin, cos]])
    assert_equal_but_for_rounding(LJ.energy(positions @ matrix), positions)


def test_coincident_atoms_give_infinity_and_never_nan():
    positions = np.array([[[0, 0], [0, 0], [3, 0]], [[1, 1], [1, 1], [1, 1]], [[0, 0], [1e-30, 0], [3, 0]]])
    energies, forces = LJ(positions)
    assert (energies == np.inf).all()
    assert not np.isnan(forces).any()
    assert (forces[0, :2] == np.inf).all() and np.isfinite(forces[0, 2]).all()
    assert (forces[1] == np.inf).all()
    assert forces[2, 0, 0] == -np.inf and forces[2, 1, 0] == np.inf


def test_the_largest_and_smallest_accepted_numbers_give_no_nan():
    for scale in (1e150, 1e-150, 1.0):
        for sigma in (1e150, 1e-150, 1.0):
            for epsilon in (1e150, 1e-150):
                positions = scale * np.array([[-1.0, -1.0], [1.0, 1.0], [0.0, 1.0]])
                energy, forces = potentials.LennardJones(sigma, epsilon)(positions)
                assert not np.isnan(energy) and not np.isnan(forces).any()
    energy, forces = LJ([[-1e150, 0], [1e150, 0]])
    assert energy == 0 and (forces == 0).all()


def test_shapes():
    assert isinstance(LJ.energy([[0, 0], [1, 2]]), float)
    assert LJ.energy([[5, 5]]) == 0
    energies, forces = LJ(np.zeros((0, 4, 2)))
    assert energies.shape == (0,) and forces.shape == (0, 4, 2)
    positions = random_structures(5, count=12).reshape(2, 3, 4, 5, 2)
    energies, forces = LJ(positions)
    assert energies.shape == (2, 3, 4) and forces.shape == (2, 3, 4, 5, 2)
    assert energies[1, 2, 3] == LJ.energy(positions[1, 2, 3])


def test_any_layout_and_number_type_is_converted():
    whole = np.random.default_rng(3).permutation(400)[:320].reshape(20, 8, 2)
    expected = LJ(whole.astype(np.float64))
    wide = np.zeros((20, 16, 4))
    wide[:, ::2, 1:3] = whole
    same = [
        whole,
        whole.astype(np.float32),
        np.asfortranarray(whole, float),
        wide[:, ::2, 1:3],
        whole.tolist(),
    ]
    for positions in same:
        for result, right in zip(LJ(positions), expected, strict=True):
            assert result.dtype == np.float64
            np.testing.assert_array_equal(result, right)


def test_a_structure_has_the_same_bits_in_a_batch_of_any_size():
    positions = random_structures(32, count=25)  # 50: three full blocks and a rest
    energies, forces = LJ(positions)
    np.testing.assert_array_equal(LJ.energy(positions), energies)
    for size in (1, 2, 15, 16, 17, 31, 33):
        for first in range(0, 50 - size, 7):
            part = slice(first, first + size)
            v, f = LJ(positions[part])
            np.testing.assert_array_equal(v, energies[part])
            np.testing.assert_array_equal(f, forces[part])


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="needs two threads")
def test_the_number_of_threads_does_not_change_one_bit():
    positions = random_structures(32, count=500)
    results, threads = [], numba.get_num_threads()
    try:
        for count in (1, 2):
            numba.set_num_threads(count)
            results.append(LJ(positions))
    finally:
        numba.set_num_threads(threads)
    for one, two in zip(*results, strict=True):
        assert one.tobytes() == two.tobytes()


def test_every_machine_gives_the_same_bits():
    n = np.arange(20 * 13 * 2).reshape(20, 13, 2)
    positions = (n * n * 31 + 17 * n) % 409 / 64  # needs no generator of random numbers
    energies, forces = potentials.LennardJones(1.1, 0.9)(positions)
    assert np.isfinite(energies).all()
    digest = hashlib.sha256(energies.astype("<f8").tobytes() + forces.astype("<f8").tobytes())
    assert digest.hexdigest() == "0d1aeaf70728c112e3b2e1c4dfc550e22b36700d1e227afccf99ee923f38cf1c"


@pytest.mark.parametrize(
    "positions, message",
    [
        ([1.0, 2.0], r"shape \(\.\.\., atoms, 2\) or \(\.\.\., atoms, 3\), one atom or more, but \(2,\) was given"),
        (3.0, r"shape \(\.\.\., atoms, 2\) or \(\.\.\., atoms, 3\), one atom or more, but \(\) was given"),
        (
            np.zeros((4, 4)),
            r"shape \(\.\.\., atoms, 2\) or \(\.\.\., atoms, 3\), one atom or more, but \(4, 4\) was given",
        ),
        (np.zeros((5, 0, 2)), r"one atom or more, but \(5, 0, 2\) was given"),
        ([["a", "b"]], "positions must be an array of real numbers, but its type is <U1"),
        ([[1j, 0]], "real numbers, but its type is complex128"),
        (None, "real numbers, but its type is object"),
        ([[1.0, 2.0], [3.0]], "real numbers, but it has no shape"),
        ([[[0, 0]], [[0, np.nan]]], r"finite, at most 1e\+150, but positions\[1, 0, 1\] is nan"),
        ([[0, 0], [-np.inf, 0]], r"finite, at most 1e\+150, but positions\[1, 0\] is -inf"),
        ([[0, 2e150]], r"at most 1e\+150, but positions\[0, 1\] is 2e\+150"),
    ],
)
def test_bad_positions_are_refused(positions, message):
    true = LJ
    for function in (true, true.energy, true.atom_energies):
        with pytest.raises(ValueError, match=message):
            function(positions)


@pytest.mark.parametrize("value", [0, 0.0, -1.0, np.nan, np.inf, -np.inf, "1", None, [1.0, 2.0], 1j, 1e-151])
@pytest.mark.parametrize("name", ["sigma", "epsilon"])
def test_bad_sigma_and_epsilon_are_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} = .*: give a finite .* from 1e-150 to 1e150") as error:
        potentials.LennardJones(**{name: value})
    assert repr(value) in str(error.value)


@pytest.mark.parametrize("distance, given_value", [(-0.5, "-0.5"), ([1.0, np.nan], "nan")])
def test_bad_distances_are_refused(distance, given_value):
    with pytest.raises(ValueError, match=f"distance must be 0 or more, but {given_value} was given"):
        LJ.pair_energy(distance)
    with pytest.raises(ValueError, match="distance must be an array of real numbers"):
        LJ.pair_energy("near")


@pytest.mark.parametrize("atoms", [1, 2, 7, 32])
def test_energies_of_atoms_add_up_and_are_halves_of_pairs(atoms):
    positions = random_structures(atoms)
    energies = LJ.atom_energies(positions)
    assert energies.shape == (10, atoms)
    np.testing.assert_allclose(energies.sum(axis=1), LJ.energy(positions), rtol=1e-10, atol=1e-12)
    for i in range(atoms):
        rest = np.delete(positions, i, axis=1)
        without = LJ.energy(rest) if atoms > 1 else 0.0
        apart = LJ.energy(positions) - without  # all pairs of atom i
        scale = np.abs(LJ.energy(positions))
        np.testing.assert_allclose(2 * energies[:, i], apart, rtol=1e-9, atol=1e-9 * scale.max() + 1e-12)
