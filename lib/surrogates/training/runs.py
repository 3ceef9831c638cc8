"""The store of trained surrogates: nothing is trained twice, nothing is lost.

A run has a name for people, such as ``gcn/quick/seed-0``, and a folder of that name in the store with its complete
configuration, its history, its metrics on every split, its weights and its provenance.

>>> from surrogates import data, models, runs, training
>>> config = runs.Config(data.Data(seed=7), models.GCN(), training.Fit(epochs=60, seed=7))
>>> run = runs.fit_or_load("gcn/mine/seed-7", config)  # trained the first time, loaded ever after
>>> run.predict(positions)  # log(V + 32) of positions (structures, atoms, 2)
"""

import contextlib
import fcntl
import os
import shutil
import time
import uuid
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from surrogates import data, models, potentials, training
from surrogates.models import representations
from surrogates.models.backend import keras
from surrogates.store import files, names, progress, provenance
from surrogates.training import metrics
from surrogates.training.configs import Config

NOT_KEPT = "not kept"
"""What the provenance of a run says of its weights after :func:`drop_weights`."""

FILES = {"config.json", "history.csv", "metrics.json", "weights.npz"}
"""What a run consists of, besides its provenance, which holds their checksums."""


class Run:
    """A trained surrogate in the store. Nothing is read before it is asked for, and everything read is checked.

    Attributes
    ----------
    path : Path
    config : Config
    history : pandas.DataFrame
        One row per epoch.
    metrics : dict
        For each split, "mape" (in %), "mae" and "mse" of the target.
    provenance : dict
    surrogate : keras.Model
        With the trained weights.
    data : data.Splits
        The structures it was trained, validated and tested on, simulated anew.
    """

    def __init__(self, path: Path):
        self.path = Path(path)
        progress.used(self.path)
        self.provenance = self._whole()
        try:
            self.config = Config.from_dict(files.read_json(self.path / "config.json"))
        except (KeyError, TypeError, ValueError) as error:
            raise files.DamagedFile(
                f"{self.path / 'config.json'} is no configuration of a run ({error!r}). {self._remedy()}"
            ) from None

    def _whole(self) -> dict:
        """The provenance, once every file has been found to be what this run wrote."""
        provenance = {}
        if (self.path / "provenance.json").exists():
            provenance = files.read_json(self.path / "provenance.json")
        checksums = provenance.get("sha256") if isinstance(provenance, dict) else None
        if not isinstance(checksums, dict) or checksums.keys() != FILES:
            raise files.DamagedFile(f"{self.path / 'provenance.json'} is missing or damaged. {self._remedy()}")
        for name, checksum in checksums.items():
            file = self.path / name
            if name == "weights.npz" and provenance.get("weights") == NOT_KEPT:
                continue
            if not file.exists():
                raise files.DamagedFile(f"{file} is missing. {self._remedy()}")
            if files.sha256(file) != checksum:
                raise files.DamagedFile(
                    f"{file} is damaged or not the file that this run wrote: its checksum is another than the one in "
                    f"provenance.json. {self._remedy()}"
                )
        return provenance

    def _remedy(self) -> str:
        return f"Restore it, or delete the folder {self.path} to train the run again."

    @property
    def name(self) -> str:
        return self.path.relative_to(names.runs_folder()).as_posix()

    @cached_property
    def metrics(self) -> dict:
        return files.read_json(self.path / "metrics.json")

    @cached_property
    def history(self) -> pd.DataFrame:
        return pd.read_csv(self.path / "history.csv", index_col="epoch")

    @cached_property
    def data(self) -> data.Splits:
        return data.simulate(self.config.data)

    @cached_property
    def surrogate(self) -> keras.Model:
        file = self.path / "weights.npz"
        if self.provenance.get("weights") == NOT_KEPT:
            raise FileNotFoundError(
                f"The store keeps no weights of the run {self.name}, only its history and metrics: "
                "runs.with_weights(run) trains it again."
            )
        stored = files.read_arrays(file)
        surrogate = _build(self.config)
        wanted = {variable.path: tuple(variable.shape) for variable in surrogate.get_layer("core").variables}
        given = {name: value.shape for name, value in stored.items()}
        if given != wanted:
            wrong = sorted(name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name))
            raise files.DamagedFile(
                f"{file} does not hold the weights of this configuration: {wrong[0]} has the shape "
                f"{given.get(wrong[0])} there and {wanted.get(wrong[0])} in the model. {self._remedy()}"
            )
        for variable in surrogate.get_layer("core").variables:
            variable.assign(stored[variable.path])
        return surrogate

    @cached_property
    def n_weights(self) -> int:
        """Number of trained weights, also where the store does not keep them."""
        return models.count_weights(_build(self.config))

    def predict(self, positions: np.ndarray) -> np.ndarray:
        """Predict the target of ``config.fit`` for positions ``(structures, atoms, 2)``: float64 ``(structures,)``."""
        return predict(self.surrogate, positions)

    def predict_energy(self, positions: np.ndarray) -> np.ndarray:
        """Predict V, whatever the target, for positions ``(structures, atoms, 2)``: float64 ``(structures,)``."""
        return self.inverse(self.predict(positions))

    def target(self, energies: np.ndarray) -> np.ndarray:
        """The target of true energies."""
        return data.TARGETS[self.config.fit.target].of_energy(energies)

    def inverse(self, targets: np.ndarray) -> np.ndarray:
        """The energies of targets."""
        return data.TARGETS[self.config.fit.target].energy(targets)

    @cached_property
    def targets(self) -> dict[str, np.ndarray]:
        """The true targets of every split."""
        return {split: self.target(structures.energies) for split, structures in self.data._asdict().items()}

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        """The predicted targets of every split, computed from the weights when they are first asked for."""
        return {split: self.predict(structures.positions) for split, structures in self.data._asdict().items()}

    def evaluate(self) -> dict[str, dict[str, float]]:
        """Compute the metrics of every split anew from the weights and the simulated structures."""
        return {split: metrics.errors(self.targets[split], self.predictions[split]) for split in data.SPLITS}


def predict(surrogate: keras.Model, positions: np.ndarray) -> np.ndarray:
    """Predict for positions ``(structures, atoms, 2)``: float64 ``(structures,)``; see :func:`outputs`."""
    return outputs(surrogate, positions)[:, 0]


def outputs(surrogate: keras.Model, positions: np.ndarray, layer: str | None = None) -> np.ndarray:
    """What a layer of the core gives, by default the last one: float64 ``(structures, ...)``.

    The representation is computed as it is for training (:func:`models.representations.arrays`), which for graphs
    takes a fraction of the time that the layer takes. Raises ValueError for positions of another shape, and for those
    that are not finite.
    """
    positions = np.asarray(positions, dtype=float)
    atoms = surrogate.input_shape[1]
    if positions.ndim != 3 or positions.shape[1:] != (atoms, 2):
        raise ValueError(f"positions of shape {positions.shape}: this surrogate takes (structures, {atoms}, 2).")
    if not np.isfinite(positions).all():
        raise ValueError("positions hold NaN or infinity: a surrogate takes finite ones only.")
    representation, core = surrogate.get_layer("representation"), surrogate.get_layer("core")
    if layer is not None:
        core = keras.Model(core.inputs, core.get_layer(layer).output)
    parts = [np.empty((0, *core.output_shape[1:]))]
    for start in range(0, len(positions), training.EVALUATION_BATCH):
        inputs = representations.arrays(representation, positions[start : start + training.EVALUATION_BATCH])
        predicted = core([np.asarray(part) for part in (inputs if isinstance(inputs, tuple) else (inputs,))])
        parts.append(np.asarray(predicted, dtype=float))
    return np.concatenate(parts)


def load(name: str) -> Run:
    """Load a stored run.

    Raises
    ------
    FileNotFoundError
        Where the store has no run of that name.
    surrogates.store.files.DamagedFile
        Where its files cannot be what was once written.
    """
    store = names.runs_folder()
    path = store / name
    if ".." in Path(name).parts or not any(file.is_file() for file in path.glob("*")):
        there = sorted(file.parent.relative_to(store).as_posix() for file in store.glob("*/*/*/config.json"))
        raise FileNotFoundError(f"There is no run {name!r} in {store}; there are: {', '.join(there) or 'none'}.")
    return Run(path)


def fit_or_load(name: str, config: Config) -> Run:
    """Load the run of this name and configuration, or train it.

    Where the name is taken by another configuration, the run is stored beside it, as the name with the digest of its
    configuration: a stored run is never overwritten. A training that was stopped goes on from its last epoch.
    """
    path = place(name, config)
    return Run(path if path.exists() else _train(name, config))


def with_weights(run: Run) -> Run:
    """The run itself, or the same one trained again where the store does not keep its weights.

    It then takes the place of the stored one. On another processor its last digits may differ.
    """
    if run.provenance.get("weights") != NOT_KEPT:
        return run
    return Run(_train(run.name, run.config, again=True))


def drop_weights(run: Run) -> Run:
    """Delete the weights of a stored run, for the space; history and metrics stay, and the provenance says so."""
    files.write_json(run.path / "provenance.json", run.provenance | {"weights": NOT_KEPT})
    (run.path / "weights.npz").unlink(missing_ok=True)
    return Run(run.path)


def place(name: str, config: Config) -> Path:
    """The folder of the run of this name and configuration, whether it is there or not.

    Where the name is taken by another configuration, it is the name with the digest of this one.
    """
    path = names.runs_folder() / name
    if path.exists() and Run(path).config != config:
        path = path.with_name(f"{path.name}-{config.digest}")
        if path.exists() and Run(path).config != config:
            raise files.DamagedFile(f"{path} holds another configuration than its name says: delete the folder.")
    return path


def adopt(name: str, config: Config, contents: dict[str, bytes]) -> Run:
    """Store a run that was trained elsewhere, from the contents of its files; one that is there already is kept."""
    partial = (names.runs_folder() / name).with_name(f"{Path(name).name}.partial-{uuid.uuid4().hex[:8]}")
    partial.mkdir(parents=True)
    try:
        for file, content in contents.items():
            with files.replacing(partial / file) as opened:
                opened.write(content)
        if Run(partial).config != config:  # which also refuses what is not whole
            raise files.DamagedFile(f"The run {name} that was sent has another configuration than the one asked for.")
        return Run(_put(partial, name, config))
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _put(partial: Path, name: str, config: Config, again: bool = False) -> Path:
    """Give a finished run its name in the store. Where another process was first, its run stays."""
    while True:
        path = place(name, config)
        if again and path.exists():
            old = path.with_name(f"{path.name}.partial-{uuid.uuid4().hex[:8]}")
            path.rename(old)
            shutil.rmtree(old)
        try:
            partial.rename(path)
            return path
        except OSError:
            if not path.exists():
                raise
            if Run(path).config == config:
                shutil.rmtree(partial)
                return path


class Busy(RuntimeError):
    """Another process is training the run that was asked for."""


def _train(name: str, config: Config, again: bool = False) -> Path:
    """Train a run and store it, ``again`` also where it is there; returns its folder."""
    partial = (names.runs_folder() / name).with_name(f"{Path(name).name}.partial-{config.digest}")
    with _locked(partial):
        path = place(name, config)
        if path.exists() and not again:  # another process finished it in the meantime
            return path
        splits = data.simulate(config.data)  # first: where it is impossible, nothing is left behind
        began = partial / "began.json"  # by the first of the processes that trained it
        if not began.exists():
            files.write_json(began, {"commit": provenance.commit(), "time": time.time()})
        surrogate = _build(config)
        transform = data.TARGETS[config.fit.target].of_energy
        history = training.fit(
            surrogate,
            _examples(surrogate, splits.train, config, extra=getattr(config.model, "permutations", 0)),
            _examples(surrogate, splits.validation, config),
            config.fit,
            checkpoint=partial / "checkpoint.npz",
            name=name,
        )
        weights = {v.path: np.asarray(v.value) for v in surrogate.get_layer("core").variables}
        files.write_arrays(partial / "weights.npz", weights)
        files.write_json(partial / "config.json", config.to_dict())
        table = pd.DataFrame(history).rename_axis("epoch").set_axis(range(1, len(history["loss"]) + 1))
        files.write_text(partial / "history.csv", table.to_csv(index_label="epoch"))
        files.write_json(partial / "metrics.json", _evaluate(surrogate, splits, transform))
        origin = provenance.collect(files.read_json(began), history["seconds"])
        origin["sha256"] = {name: files.sha256(partial / name) for name in sorted(FILES)}
        files.write_json(partial / "provenance.json", origin)
        path = _put(partial, name, config, again)  # until here the checkpoint stays, for a kill at any moment
        for file in ("checkpoint.npz", "lock", "began.json"):
            (path / file).unlink(missing_ok=True)
        return path


@contextlib.contextmanager
def _locked(partial: Path):
    """Keep a second process from training the same run into the same folder, which is made, and removed if empty."""
    partial.mkdir(parents=True, exist_ok=True)
    busy = Busy(f"Another process is training this run in {partial}: wait for it, then ask again.")
    try:
        lock = (partial / "lock").open("w")
    except FileNotFoundError:  # that process has just finished
        raise busy from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(lock.fileno()), os.stat(partial / "lock")):
                raise BlockingIOError
        except (BlockingIOError, FileNotFoundError):
            raise busy from None
        try:
            yield
        finally:
            if [path.name for path in partial.glob("*")] == ["lock"]:
                with contextlib.suppress(OSError):  # another process has come for it
                    (partial / "lock").unlink()
                    partial.rmdir()


def _build(config: Config) -> keras.Model:
    return models.build(config.model, config.data.n_atoms, config.data.box, config.fit.seed)


def _examples(surrogate, structures, config, extra: int = 0) -> training.Examples:
    positions, energies = structures
    if config.fit.labels == "atoms":
        energies = potentials.LennardJones().atom_energies(positions)
    if extra:
        positions = representations.with_permutations(positions, extra, config.fit.seed)
        energies = np.repeat(energies, 1 + extra, axis=0)
    inputs = representations.arrays(surrogate.get_layer("representation"), positions)
    return training.Examples(inputs, data.TARGETS[config.fit.target].of_energy(energies))


def _evaluate(surrogate, splits, transform) -> dict:
    return {
        split: metrics.errors(transform(structures.energies), predict(surrogate, structures.positions))
        for split, structures in splits._asdict().items()
    }
