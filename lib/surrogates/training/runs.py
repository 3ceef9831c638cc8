"""The store of trained surrogates: nothing is trained twice, nothing is lost. A run has a name, such as
``gcn/quick/seed-0``, and a folder of that name with its configuration, history, metrics, weights and provenance.

>>> from surrogates import data, models, training
>>> config = training.Config(data.Data(seed=7), models.GCN(), training.Fit(epochs=60, seed=7))
>>> run = training.fit_or_load("gcn/mine/seed-7", config)  # trained the first time, loaded ever after
>>> run.predict(positions)  # log(V + 32) of positions (structures, atoms, d)
"""

import contextlib
import itertools
import shutil
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from surrogates import data, models
from surrogates.models.backend import keras
from surrogates.store import files, names, plain, progress
from surrogates.training import metrics, ranges, train
from surrogates.training.config import Config
from surrogates.training.prediction import WhenAsked, predict
from surrogates.training.train import FILES, RANGE

NOT_KEPT = "not kept"
"""What the provenance of a run says of its weights after :func:`drop_weights`."""


class Foreign(files.DamagedFile):
    """A run whose configuration names a class that is not known in this process, or is another one now."""


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
    surrogate : keras.Model
    range : TrainedRange
    data : data.Splits
        The structures it was trained, validated and tested on, simulated anew.
    """

    def __init__(self, path: Path):
        self.path = Path(path)
        progress.used(self.path)
        self.provenance = self._whole()
        try:
            self.config = Config.from_dict(files.read_json(self.path / "config.json"))
        except plain.Unknown as error:
            raise Foreign(f"{self.path}: its config.json is no configuration of a run known here: {error}") from None
        except (KeyError, TypeError, ValueError) as error:
            message = f"{self.path}: its config.json is no configuration of a run ({error!r}). {self._remedy()}"
            raise files.DamagedFile(message) from None

    def _whole(self) -> dict:
        """The provenance, once every file has been found to be what this run wrote."""
        provenance = {}
        if (self.path / "provenance.json").exists():
            provenance = files.read_json(self.path / "provenance.json")
        checksums = provenance.get("sha256") if isinstance(provenance, dict) else None
        if not isinstance(checksums, dict) or checksums.keys() - {RANGE} != FILES:
            raise files.DamagedFile(f"{self.path / 'provenance.json'} is missing or damaged. {self._remedy()}")
        for name, checksum in checksums.items():
            file = self.path / name
            if name == "weights.npz" and provenance.get("weights") == NOT_KEPT:
                continue
            if not file.exists():
                raise files.DamagedFile(f"{file} is missing. {self._remedy()}")
            if files.sha256(file) != checksum and files.line_ends_changed(file, checksum):
                raise files.DamagedFile(f"{file} is not as it was written: {files.LINE_ENDS}.")
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

    def description(self) -> dict:
        return plain.described(self.config)

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
        surrogate = self.config.build()
        try:
            models.assign(surrogate.get_layer("core"), stored)
        except ValueError as error:
            raise files.DamagedFile(
                f"{file} does not hold the weights of this configuration: {error}. {self._remedy()}"
            ) from None
        return surrogate

    @cached_property
    def n_weights(self) -> int:
        """Number of trained weights, also where the store does not keep them."""
        return self.config.n_weights

    def predict(self, positions: np.ndarray, warn: bool = True) -> np.ndarray:
        """Predict the target of ``config.fit`` for positions ``(structures, atoms, d)``: float64 ``(structures,)``.

        Structures outside of what it was trained on are warned of, once for each run; :meth:`answers` says which.
        """
        predicted = predict(self.surrogate, positions)
        if warn:
            ranges.warn_once(self, positions, self.inverse(predicted))
        return predicted

    def predict_energy(self, positions: np.ndarray, warn: bool = True) -> np.ndarray:
        """The same of V, whatever the target."""
        return self.inverse(self.predict(positions, warn))

    def answers(self, positions: np.ndarray) -> pd.DataFrame:
        """The predicted "energy" of each structure, and why it is "outside" of what was trained; "" where it is not."""
        energies = self.predict_energy(positions, warn=False)
        return pd.DataFrame({"energy": energies, "outside": self.range.outside(positions, energies)})

    @cached_property
    def range(self) -> ranges.TrainedRange:
        stored = self.path / RANGE
        return ranges.trained_range(self.config, files.read_json(stored) if stored.exists() else None)

    def target(self, energies: np.ndarray) -> np.ndarray:
        """The target of true energies."""
        return data.TARGETS[self.config.fit.target].of_energy(energies)

    def inverse(self, targets: np.ndarray) -> np.ndarray:
        """The energies of targets."""
        return data.TARGETS[self.config.fit.target].energy(targets)

    @cached_property
    def targets(self) -> dict[str, np.ndarray]:
        return {split: self.target(structures.energies) for split, structures in self.data._asdict().items()}

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        """The predicted targets of every split, each computed from the weights when it is first asked for."""
        return WhenAsked(lambda split: self.predict(getattr(self.data, split).positions, warn=False))

    def evaluate(self) -> dict[str, dict[str, float]]:
        """Compute the metrics of every split anew from the weights and the simulated structures."""
        return {split: metrics.errors(self.targets[split], self.predictions[split]) for split in data.SPLITS}


def load(name: str) -> Run:
    """Load a stored run.

    Raises FileNotFoundError where there is none of that name, and :class:`surrogates.store.files.DamagedFile` where its
    files cannot be what was once written.
    """
    store = names.runs_folder()
    path = None
    with contextlib.suppress(ValueError):
        path = names.path_of(store, name)
    if path and any(file.is_file() for file in path.glob("*")):
        return Run(path)
    stored = sorted(file.parent.relative_to(store).as_posix() for file in store.rglob("config.json"))
    known = [other for other in stored if ".partial-" not in other]
    raise FileNotFoundError(f"There is no run {name!r} in {store}. {names.nearest(name, known)}")


def fit_or_load(name: str, config: Config) -> Run:
    """Load the run of this name and configuration, or train it.

    Where the name is taken by another configuration, the run is stored beside it, as the name with the digest of its
    configuration: a stored run is never overwritten. A training that was stopped goes on from its last epoch; one that
    another process is at is waited for.
    """
    path = folder(name, config)
    return Run(path if path.exists() else _train(name, config))


def fit_or_load_all(configs: Mapping[str, Config]) -> list[Run]:
    """:func:`fit_or_load` of several runs by their names, one after the other; a sweep trains them side by side."""
    return [fit_or_load(name, config) for name, config in configs.items()]


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


def folder(name: str, config: Config) -> Path:
    """The folder of the run of this name and configuration, whether it is there or not.

    Where the name is taken by another configuration, it is the name with the digest of this one. Raises ValueError for
    a name that would stand elsewhere.
    """
    path = names.path_of(names.runs_folder(), name)
    if path.exists() and not _holds(path, config):
        path = names.suffixed(path, config.digest)
        if path.exists() and not _holds(path, config):
            raise files.DamagedFile(f"{path} holds another configuration than its name says: delete the folder.")
    return path


def _holds(path: Path, config: Config) -> bool:
    try:
        return Run(path).config == config
    except Foreign:  # all that this configuration consists of is known
        return False


def receive(name: str, config: Config, contents: dict[str, bytes]) -> Run:
    """Store a run that was trained elsewhere, from the contents of its files; one that is there already is kept."""
    partial = names.partial(names.path_of(names.runs_folder(), name))
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
        path = folder(name, config)
        if names.put(partial, path, again):
            return path
        if _holds(path, config):
            shutil.rmtree(partial)
            return path


def _train(name: str, config: Config, again: bool = False) -> Path:
    """Train a run and store it, ``again`` also where it is there; returns its folder."""
    partial = names.partial(names.path_of(names.runs_folder(), name), config.digest)
    with _locked(partial):
        path = folder(name, config)
        if path.exists() and not again:  # another process finished it in the meantime
            return path
        train.into(partial, name, config)
        path = _put(partial, name, config, again)
        for file in train.OF_TRAINING:
            (path / file).unlink(missing_ok=True)
        return path


@contextlib.contextmanager
def _locked(partial: Path):
    """Keep a second process from training the same run, which waits; the folder is made, and removed if empty."""
    with contextlib.ExitStack() as stack:
        for wait in itertools.chain([False], itertools.repeat(True)):
            partial.mkdir(parents=True, exist_ok=True)
            try:
                stack.enter_context(names.locked(partial / "lock", wait))
                break
            except BlockingIOError:
                progress.say(f"Another process is training this run in {partial}: waiting for it.")
            except FileNotFoundError:  # that process has just finished
                continue
        try:
            yield
        finally:
            if [path.name for path in partial.glob("*")] == ["lock"]:
                with contextlib.suppress(OSError):  # another process has come for it
                    (partial / "lock").unlink()
                    partial.rmdir()
