"""What a surrogate has learned, as a potential: energies and forces at any positions, for any number of atoms.

>>> from surrogates import forces, runs, structures
>>> learned = forces.of(runs.load("pairs/mine/seed-0"), n_atoms=19)
>>> energies, slopes = learned(positions)  # positions of shape (..., 19, 2)
"""

import numpy as np

from surrogates import data, models, potentials
from surrogates.models.backend import keras
from surrogates.training import runs


def rebuilt(run: runs.Run, n_atoms: int | None = None) -> keras.Model:
    """The surrogate of a run, for another number of atoms than the one that it was trained on.

    Raises ValueError where its weights depend on that number.
    """
    trained_on = run.config.data
    if n_atoms in (None, trained_on.n_atoms):
        return run.surrogate
    surrogate = models.build(run.config.model, n_atoms, trained_on.box)
    trained = {variable.path: variable for variable in run.surrogate.get_layer("core").variables}
    for variable in surrogate.get_layer("core").variables:
        if variable.shape != trained[variable.path].shape:
            raise ValueError(f"n_atoms = {n_atoms}: the weights of {run.name} are for {trained_on.n_atoms} atoms only.")
        variable.assign(trained[variable.path])
    return surrogate


def of(run: runs.Run, n_atoms: int | None = None):
    """Energies and forces of a run's surrogate, by automatic differentiation: a :mod:`search.structures` potential.

    The surrogate computes with float32: an energy of -80 is known to some 1e-5. Where a representation counts, as the
    radial density does, the force lacks that part.

    Raises ValueError for a surrogate that has no slope at all, such as one on an occupancy grid, and, when it is asked,
    for positions of another shape.
    """
    # As one kernel: for a single structure the calls of many small ones take twice as long.
    fused = isinstance(run.config.model, models.Pairs)
    return of_surrogate(rebuilt(run, n_atoms), run.config.fit.target, "/".join(run.path.parts[-3:]), fused)


def of_surrogate(surrogate: keras.Model, target: str, name: str = "surrogate", fused: bool = False):
    """The same for a surrogate that is in no store, trained on a target such as "linear-log"."""
    import tensorflow as tf

    atoms, transform = surrogate.input_shape[1], data.TARGETS[target]

    @tf.function(input_signature=[tf.TensorSpec((None, atoms, 2), "float32")], jit_compile=fused)
    def targets_and_slopes(positions):
        with tf.GradientTape() as tape:
            tape.watch(positions)
            targets = surrogate(positions)
        slopes = tape.gradient(targets, positions)
        if slopes is None:
            raise ValueError(f"{name}: the energy of a {surrogate.name} has no slope, so there are no forces.")
        return targets, slopes

    def potential(positions):
        positions = np.asarray(positions, dtype=float)
        if positions.shape[-2:] != (atoms, 2):
            raise ValueError(f"positions of shape {positions.shape}: this surrogate takes (..., {atoms}, 2).")
        targets, slopes = targets_and_slopes(positions.reshape(-1, atoms, 2).astype("float32"))
        energies = transform.energy(targets.numpy())
        forces = -transform.slope(energies)[:, None, None] * slopes.numpy()
        return energies.reshape(positions.shape[:-2])[()], forces.reshape(positions.shape)

    return potential


def pair_energy(run: runs.Run, distance: np.ndarray) -> np.ndarray:
    """The energy of two atoms at distances ``(n,)``, as the surrogate of a run has learned it: float64 ``(n,)``."""
    return _pair(run, distance)[0]


def pair_table(run: runs.Run, closest: float) -> potentials.PairTable:
    """What a sum over pairs has learned, as a table: nearly the numbers of :func:`of`, many times as fast.

    It begins at ``closest``, in units of sigma, is a straight line below, and ends at ``potentials.CUTOFF``. Raises
    ValueError for another model.
    """
    if not isinstance(run.config.model, models.Pairs):
        raise ValueError(f"model = {run.config.model}: only a sum over pairs is known by the energy of a pair.")
    return potentials.tabulated(lambda distance: _pair(run, distance), closest)


def _pair(run: runs.Run, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Energy and its derivative, of two atoms at distances ``(n,)``."""
    positions = np.zeros((len(distance), 2, 2))
    positions[:, 1, 0] = distance
    energies, forces = of(run, 2)(positions)
    return energies, -forces[:, 1, 0]
