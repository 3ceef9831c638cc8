"""The training of one run: from its configuration to the files that it consists of."""

import time
from pathlib import Path

import numpy as np
import pandas as pd

from surrogates import data
from surrogates.models import representations
from surrogates.models.backend import keras, settled
from surrogates.store import files, provenance
from surrogates.training import fitting, metrics, ranges
from surrogates.training.batches import Examples
from surrogates.training.config import Config
from surrogates.training.held import HeldToForces
from surrogates.training.prediction import predict

FILES = {"config.json", "history.csv", "metrics.json", "weights.npz"}
"""What a run consists of, besides its provenance, which holds their checksums."""

RANGE = "range.json"
"""What it was trained on, in a few numbers; runs of before have no such file, and measure it when it is needed."""

OF_TRAINING = ("checkpoint.npz", "lock", "began.json")
"""What lies beside them until the run has its place in the store, so that a kill at any moment loses nothing."""


@settled()
def into(folder: Path, name: str, config: Config):
    """Train a surrogate and write the files of its run into a folder; goes on where that was stopped before.

    Raises RuntimeError where the data set cannot be made, ValueError where it has no forces to be trained on, and
    :class:`metrics.Diverged`; none of them leaves anything behind.
    """
    splits = data.simulate(config.data)  # all that can be refused comes first, so that nothing is left behind
    surrogate = config.build()
    known = [_examples(surrogate, getattr(splits, split), split, config) for split in ("train", "validation")]
    began = folder / "began.json"  # by the first of the processes that trained it
    if not began.exists():
        files.write_json(began, {"commit": provenance.commit(), "time": time.time()})
    try:
        history = fitting.fit(
            surrogate,
            *known,
            config.fit,
            checkpoint=folder / "checkpoint.npz",
            name=name,
        )
        errors = _errors(surrogate, splits, config, name)
    except metrics.Diverged:
        for file in (began, folder / "checkpoint.npz"):
            file.unlink(missing_ok=True)
        raise
    weights = {v.path: np.asarray(v.value) for v in surrogate.get_layer("core").variables}
    files.write_arrays(folder / "weights.npz", weights)
    files.write_json(folder / "config.json", config.to_dict())
    table = pd.DataFrame(history).rename_axis("epoch").set_axis(range(1, len(history["loss"]) + 1))
    files.write_text(folder / "history.csv", table.to_csv(index_label="epoch"))
    files.write_json(folder / "metrics.json", errors)
    files.write_json(folder / RANGE, ranges.measured_range(splits.train, config.data.units))
    origin = provenance.collect(files.read_json(began), history["seconds"])
    origin["sha256"] = {file: files.sha256(folder / file) for file in sorted(FILES | {RANGE})}
    files.write_json(folder / "provenance.json", origin)


def _errors(surrogate: keras.Model, splits: data.Splits, config: Config, name: str) -> dict[str, dict[str, float]]:
    of_energy = data.TARGETS[config.fit.target].of_energy
    errors = {
        split: metrics.errors(of_energy(structures.energies), predict(surrogate, structures.positions))
        for split, structures in splits._asdict().items()
    }
    for split, values in errors.items():
        finite = {metric: values[metric] for metric in ("mae", "mse")}  # MAPE is infinite where a target is 0
        metrics.check_finite(finite, f"{name}: on the {split} split", config.fit.learning_rate)
    return errors


def _examples(surrogate: keras.Model, structures: data.Structures, split: str, config: Config) -> Examples:
    """What a core is trained on: of the structures of a split, and in training of all that its network is shown."""
    positions, energies = structures
    if config.fit.labels == "forces":
        rows = HeldToForces.rows(structures, config.data.forces(split, structures), config.data.units)
        return Examples(positions.astype("float32"), rows)
    if config.fit.labels == "atoms":
        energies = config.atom_energies(positions)
    if split == "train":
        positions, copies = config.model.copies(positions, config.data.box, config.fit.seed)
        energies = np.repeat(energies, copies, axis=0)
    inputs = representations.inputs_of(surrogate, positions)
    return Examples(inputs, data.TARGETS[config.fit.target].of_energy(energies))
