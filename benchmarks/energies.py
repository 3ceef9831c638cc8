"""True energies at N = 32: structures per second against ASE, NumPy and JAX, on one thread and on all.

Then energies with forces, by pairs a second: in three dimensions against two, and against the energies alone.
"""

from statistics import median

from side_by_side import Row, alternate, in_own_process, note, rate, use_one_thread

ATOMS, BOX = 32, 32.0
STRUCTURES = 16_384
ROUNDS = 9
GOAL = 20  # times NumPy, on one thread

JAX_MISSING = (
    "JAX is not installed; `make bench` installs it, or "
    "`python -m uv pip install --no-deps --require-hashes -r benchmarks/requirements.lock`"
)


def rows() -> list[Row]:
    return in_own_process(measure, True) + in_own_process(measure, False) + in_own_process(measure_forces)


def measure(one_thread: bool) -> list[Row]:
    if one_thread:
        use_one_thread()
    import numpy as np

    from surrogates import potentials

    positions = np.random.default_rng(0).random((STRUCTURES, ATOMS, 2)) * BOX
    expected = potentials.LennardJones().energy(positions)
    peers = [
        ("ASE", ase_energies, 64, None),
        ("NumPy, batched", numpy_energies, 4096, GOAL),
        ("NumPy, batched and laid out for the cache", numpy_cached_energies, STRUCTURES, GOAL),
        ("JAX, laid out for the cache", jax_energies(), STRUCTURES, None),
    ]
    threads = "one thread" if one_thread else "all threads"

    def ours():
        return rate(STRUCTURES, lambda: potentials.LennardJones().energy(positions))

    result = []
    for name, function, count, goal in peers:
        what = f"true energies, N = {ATOMS}, {threads}, against {name}"
        note(what)
        if function is None:
            result.append(Row(what, shown(median(ours() for _ in range(ROUNDS))), JAX_MISSING))
            continue
        some = positions[:count]
        np.testing.assert_allclose(function(some), expected[:count], rtol=1e-9)
        rates = alternate(ours, lambda: rate(len(some), lambda: function(some)), ROUNDS)  # noqa: B023 (called now)
        result.append(Row(what, shown(rates[0]), shown(rates[1]), rates[2], goal if one_thread else None))
    return result


def measure_forces() -> list[Row]:
    use_one_thread()
    import numpy as np

    from surrogates import potentials

    true, rng = potentials.LennardJones(), np.random.default_rng(0)
    flat, solid = (rng.random((STRUCTURES, ATOMS, dimensions)) * BOX for dimensions in (2, 3))
    pairs = STRUCTURES * ATOMS * (ATOMS - 1) / 2
    told = {
        "energies with forces in three dimensions, against two": (lambda: true(solid), lambda: true(flat)),
        "in two dimensions energies with forces, against energies": (lambda: true(flat), lambda: true.energy(flat)),
    }
    result = []
    for what, (ours, peer) in told.items():
        note(what)
        rates = alternate(lambda: rate(pairs, ours), lambda: rate(pairs, peer), ROUNDS)  # noqa: B023 (called now)
        millions = [f"{value / 1e6:,.0f} million pairs/s" for value in rates[:2]]
        result.append(Row(f"{what}, N = {ATOMS}, one thread", *millions, rates[2]))
    return result


def shown(structures_per_second: float) -> str:
    return f"{structures_per_second:,.0f} structures/s"


def ase_energies(positions):
    import numpy as np
    from ase import Atoms
    from ase.calculators.lj import LennardJones

    calculator = LennardJones(rc=1e4)  # neither cut nor, to 1e-24, shifted
    energies = []
    for structure in np.pad(positions, ((0, 0), (0, 0), (0, 1))):
        energies.append(calculator.get_potential_energy(Atoms(f"Ar{len(structure)}", structure)))
    return energies


def numpy_energies(positions, block=64):
    """The formula over all pairs of a block of structures at a time."""
    import numpy as np

    i, j = np.triu_indices(positions.shape[1], 1)
    energies = np.empty(len(positions))
    for start in range(0, len(positions), block):
        x = positions[start : start + block]
        difference = x[:, i] - x[:, j]
        s2 = 1 / np.einsum("spx,spx->sp", difference, difference)
        s6 = s2 * s2 * s2
        energies[start : start + block] = 4 * (s6 * (s6 - 1)).sum(-1)
    return energies


def numpy_cached_energies(positions, block=128):
    """The fastest that we found: pairs first, structures last, in three buffers that fit the cache."""
    import numpy as np

    i, j = np.triu_indices(positions.shape[1], 1)
    energies = np.empty(len(positions))
    buffers = np.empty((3, len(i), block))
    for start in range(0, len(positions), block):
        x, y = np.ascontiguousarray(positions[start : start + block].transpose(2, 1, 0))
        dx, dy, other = buffers[:, :, : x.shape[1]]
        for coordinate, difference in ((x, dx), (y, dy)):
            coordinate.take(i, axis=0, out=difference, mode="clip")  # "raise" would make a copy
            difference -= coordinate.take(j, axis=0, out=other, mode="clip")
            difference *= difference
        dx += dy
        s2 = np.reciprocal(dx, out=dx)
        s6 = np.multiply(s2, s2, out=dy)
        s6 *= s2
        energies[start : start + block] = 4 * np.einsum("ps,ps->s", s6, np.subtract(s6, 1, out=other))
    return energies


def jax_energies(block=128):
    """Compiled by XLA; of the layouts that we tried the fastest. None where JAX is not installed."""
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)

    def block_energies(positions):
        x, y = positions.transpose(2, 1, 0)  # (atoms, block) each
        total = 0.0
        for i in range(1, len(x)):
            dx, dy = x[i] - x[:i], y[i] - y[:i]
            s2 = 1 / (dx * dx + dy * dy)
            s6 = s2 * s2 * s2
            total += (s6 * (s6 - 1)).sum(0)
        return 4 * total

    @jax.jit
    def energies(positions):
        blocks = positions.reshape(-1, block, *positions.shape[1:])
        return jax.lax.map(block_energies, blocks).ravel()

    return lambda positions: energies(positions).block_until_ready()
