"""What a run has learned, as a potential: energies and forces at any positions.

>>> from surrogates import training
>>> learned = training.Learned(training.load("one_surrogate/paper/pairs-seed-0"), n_atoms=19)
>>> energies, forces = learned(positions)  # positions of shape (..., 19, 2)
"""

import warnings
from typing import ClassVar

import numpy as np

from surrogates import data, models
from surrogates.models.backend import check_process, keras, settled
from surrogates.potentials import PairTable, Potential, Units, tabulated
from surrogates.training import compiled, ranges, runs

_WARNED, _WITHOUT_FORCES = set(), set()  # the folders of runs that a warning was given for


class OfSurrogate(Potential, registered=False):
    """Energies and forces of a Keras surrogate, by automatic differentiation.

    It computes in float32: an energy of -80 is known to some 1e-5. It says nothing of itself that could be stored.

    Parameters
    ----------
    surrogate : keras.Model
        From positions ``(batch, atoms, d)`` to targets ``(batch,)``, with the weights that it has now.
    target : {"log", "energy", "linear-log", "scaled-log"}
        What it was trained on.
    name : str
        For messages.
    fused : bool
        Compile it as one kernel, which takes half the time for a single structure where it has many small operations.
    units : Units
        Those of the potential that it was trained on.

    Raises
    ------
    ValueError
        For a surrogate without a slope, such as one on an occupancy grid; when it is asked, for positions of another
        number of atoms or dimensions.
    """

    @settled()
    def __init__(
        self,
        surrogate: keras.Model,
        target: str,
        name: str = "surrogate",
        fused: bool = False,
        units: Units = Units(),  # noqa: B008
    ):
        self.name, self.shape, self.target = name, surrogate.input_shape[1:], data.TARGETS[target]
        self.dimensions, self.units = self.shape[-1:], units
        if surrogate.output_shape != (None,):
            raise ValueError(
                f"{name}: this network gives the shape {surrogate.output_shape} for a batch of structures, and a "
                "potential has one energy for each, (None,): let it end in keras.ops.squeeze(..., axis=-1), as "
                "models.build does."
            )
        self._targets_and_slopes = compiled.targets_and_slopes(surrogate, fused)
        self._weights = compiled.weights(surrogate)
        if self._targets_and_slopes.structured_outputs[1] is None:
            raise ValueError(
                f"{name}: the energy of a {surrogate.name} has no slope, so there are no forces. Give another network, "
                "or EnergiesOnly(run) to an optimiser that needs none."
            )

    def compute(self, structures):
        check_process()
        targets, slopes = self._targets_and_slopes(self._weights, structures.astype("float32"))
        energies = self.target.energy(targets.numpy())
        return energies, -self.target.slope(energies)[:, None, None] * slopes.numpy()

    def _structures(self, positions):
        if np.shape(positions)[-2:] != self.shape:
            accepted = ", ".join(map(str, self.shape))
            raise ValueError(f"positions of shape {np.shape(positions)}: this surrogate takes (..., {accepted}).")
        return super()._structures(positions)


class Learned(OfSurrogate, registered=False):
    """The surrogate of a run as a potential, :class:`OfSurrogate`.

    Where a representation counts, as the radial density of a graph does, the forces lack that part, and a warning says
    so, once for each run.

    Parameters
    ----------
    run : Run
    n_atoms : int, optional
        Another number of atoms than the one that it was trained on; see :func:`rebuilt`.
    warn : bool
        Whether structures outside of what it was trained on are warned of, once for each run, and such forces.
    """

    def __init__(self, run: runs.Run, n_atoms: int | None = None, warn: bool = True):
        # As one kernel: for a single structure the calls of many small ones take twice as long.
        fused = isinstance(run.config.model, models.Pairs | models.Messages)
        known = run.config
        super().__init__(
            rebuilt(run, n_atoms), known.fit.target, "/".join(run.path.parts[-3:]), fused, known.data.units
        )
        self.config, self.run, self.warn = run.config, run, warn
        if warn and "radial" in getattr(run.config.model, "features", ()) and run.path not in _WARNED:
            _WARNED.add(run.path)
            warnings.warn(
                f"{self.name}: the radial density counts atoms and has no slope, so forces are not those of V: "
                "give features=('sorted',), or a sum over pairs, where forces matter.",
                stacklevel=2,
            )

    def compute(self, structures):
        energies, forces = super().compute(structures)
        if self.warn:
            ranges.warn_once(self.run, structures, energies)
        return energies, forces

    def outside(self, positions: np.ndarray, energies: np.ndarray) -> list[str]:
        """Why structures of these energies lie outside of what it was trained on: :class:`TrainedRange`."""
        return self.run.range.outside(positions, energies)

    def description(self) -> dict:
        """What tells this potential from others: the configuration of its run, and the number of atoms."""
        return {"kind": "Learned", "run": self.config.digest, "n_atoms": self.shape[0]}


class EnergiesOnly(OfSurrogate, registered=False):
    """The surrogate of a run for optimisers without forces: those that come with the energies are NaN.

    Where they are asked for, it is said once for each run, unless ``warn`` is false.
    """

    gives_forces: ClassVar[bool] = False

    def __init__(self, run: runs.Run, warn: bool = True):
        self.run, self.warn, self.shape = run, warn, run.surrogate.input_shape[1:]
        self.dimensions, self.units = self.shape[-1:], run.config.data.units
        self._targets, self._weights = compiled.targets(run.surrogate), compiled.weights(run.surrogate)

    def compute(self, structures):
        if self.warn and self.run.path not in _WITHOUT_FORCES:
            _WITHOUT_FORCES.add(self.run.path)
            warnings.warn(
                f"EnergiesOnly of {self.run.name}: its forces are NaN. Ask it for energies, with .energy(positions), "
                "or give Learned(run), which has forces where the network has a slope.",
                stacklevel=3,
            )
        return self.compute_energy(structures), np.full(structures.shape, np.nan)

    def compute_energy(self, structures):
        check_process()
        return self.run.inverse(self._targets(self._weights, structures.astype("float32")).numpy())

    def description(self) -> dict:
        return {"kind": "EnergiesOnly", "run": self.run.config.digest}


def rebuilt(run: runs.Run, n_atoms: int | None = None) -> keras.Model:
    """The surrogate of a run, for another number of atoms than the one that it was trained on.

    Raises ValueError where its weights depend on that number.
    """
    trained_on = run.config.data
    if n_atoms in (None, trained_on.n_atoms):
        return run.surrogate
    given = {"dimensions": trained_on.dimensions, "length": trained_on.units.length}
    surrogate = models.build(run.config.model, n_atoms, trained_on.box, **given)
    trained = {variable.path: variable for variable in run.surrogate.get_layer("core").variables}
    try:
        models.assign(surrogate.get_layer("core"), trained)
    except ValueError:
        raise ValueError(
            f"n_atoms = {n_atoms}: the weights of {run.name} are for {trained_on.n_atoms} atoms only."
        ) from None
    return surrogate


def pair_energy(run: runs.Run, distance: np.ndarray) -> np.ndarray:
    """The energy of two atoms at distances ``(n,)``, as the surrogate of a run has learned it: float64 ``(n,)``."""
    return _pair(run, distance)[0]


def pair_table(run: runs.Run, closest: float) -> PairTable:
    """What a sum over pairs has learned, as a table: nearly the numbers of :class:`Learned`, many times as fast.

    It begins at ``closest``, is a straight line below, and ends at ``potentials.CUTOFF`` sigma. Raises ValueError
    for another model.
    """
    if not isinstance(run.config.model, models.Pairs):
        raise ValueError(f"model = {run.config.model}: only a sum over pairs is known by the energy of a pair.")
    return tabulated(lambda distance: _pair(run, distance), closest, run.config.data.units)


def _pair(run: runs.Run, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Energy and its derivative, of two atoms at distances ``(n,)``."""
    positions = np.zeros((len(distance), 2, run.config.data.dimensions))
    positions[:, 1, 0] = distance
    energies, forces = Learned(run, 2, warn=False)(positions)
    return energies, -forces[:, 1, 0]
