"""Fit a surrogate's core, so that a training that is stopped goes on to the same weights, bit for bit.

Everything a training depends on is a function of its configuration: the initial weights of the seed, the order of the
examples of (seed, epoch). After each epoch the whole state is written to one file, in one step.

>>> from surrogates import training
>>> fit = training.Fit(batch_size=256, learning_rate=1e-3, epochs=60)
>>> history = training.fit(surrogate, train, validation, fit, checkpoint="checkpoint.npz")
"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from surrogates import checks, data, models
from surrogates.models.backend import keras, settled
from surrogates.models.representations import Standardize, inputs_of
from surrogates.store import files
from surrogates.store.progress import Progress
from surrogates.training.batches import Batches, Examples, columns
from surrogates.training.held import HeldToForces
from surrogates.training.metrics import check_finite

LOSSES = ("mean_squared_error", "mean_absolute_error")
DECAYS = ("none", "cosine")
LABELS = ("total", "atoms", "forces")
METRICS = {"mape": keras.metrics.MeanAbsolutePercentageError, "mae": keras.metrics.MeanAbsoluteError}
EVALUATION_BATCH = 1_000
STEPS_PER_EXECUTION = 50  # batches per call into the compiled step: for small networks the call itself is the cost


@dataclass(frozen=True)
class Fit:
    """How a surrogate is trained.

    Attributes
    ----------
    target : {"log", "energy", "linear-log", "scaled-log"}
        What the surrogate predicts: log(V + 32), V itself, :func:`surrogates.data.linear_log` of it, or
        :func:`surrogates.data.scaled_log`.
    loss : {"mean_squared_error", "mean_absolute_error"}
    low_weight : float
        How many times a structure with V < 0 counts in the training loss; the validation loss and the metric are
        those without.
    labels : {"total", "atoms", "forces"}
        What is known of a training structure: its energy; that of each atom, half of every pair it is in; or its
        energy and the forces on its atoms. The last two are for models that are sums over atoms. With forces the loss
        is their own, :class:`surrogates.training.held.HeldToForces`.
    metric : {"mape", "mae"}
        Followed on the validation split; decides when to stop early.
    batch_size : int
    learning_rate : float
        Of Adam.
    decay : {"none", "cosine"}
        Whether the learning rate falls to 0 over all epochs, as half a cosine.
    epochs : int
        At most.
    patience : int or None
        Stop after this many epochs without a better validation metric, and keep the weights of the best epoch.
        None: run all epochs and keep the last weights.
    seed : int
        Determines the initial weights, the permutations of the MLP and the order of the examples.
    """

    target: str = "log"
    loss: str = "mean_squared_error"
    low_weight: float = 1.0
    labels: str = "total"
    metric: str = "mape"
    batch_size: int = 256
    learning_rate: float = 1e-3
    decay: str = "none"
    epochs: int = 100
    patience: int | None = None
    seed: int = 0

    def __post_init__(self):
        checks.one_of("target", self.target, data.TARGETS)
        checks.one_of("loss", self.loss, LOSSES)
        checks.one_of("labels", self.labels, LABELS)
        checks.one_of("decay", self.decay, DECAYS)
        object.__setattr__(self, "low_weight", checks.positive("low_weight", self.low_weight))
        if self.low_weight != 1 and (self.target == "log" or self.labels != "total"):
            raise ValueError(
                f"low_weight = {self.low_weight}: give a target whose sign is that of V, 'energy', 'linear-log' or "
                f"'scaled-log', and total energies as labels; target = {self.target!r} and labels = {self.labels!r} "
                "were given."
            )
        checks.one_of("metric", self.metric, METRICS)
        for name in ("batch_size", "epochs"):
            checks.integer(name, getattr(self, name), 1)
        checks.positive("learning_rate", self.learning_rate)
        checks.integer("seed", self.seed, 0)
        if self.patience is not None:
            checks.integer("patience", self.patience, 1)


class _State(keras.callbacks.Callback):
    """What a training carries from one epoch to the next, and the file that it is kept in."""

    def __init__(self, fit: Fit, batches: Batches, checkpoint: Path | None, progress: Progress):
        super().__init__()
        self.fit, self.batches, self.checkpoint, self.progress = fit, batches, checkpoint, progress
        self.history: dict[str, list[float]] = {}
        self.best: list[np.ndarray] | None = None

    @property
    def epoch(self) -> int:
        """Number of epochs done."""
        return len(self.history.get("loss", ()))

    @property
    def finished(self) -> bool:
        patience = self.fit.patience
        impatient = patience is not None and self.epoch > 0 and self.epoch - self.best_epoch >= patience
        return self.epoch >= self.fit.epochs or impatient

    @property
    def best_epoch(self) -> int:
        """The epoch with the best score so far, counted from 1."""
        return early_stop(self.history[f"val_{self.fit.metric}"], self.fit.patience)[1]

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.monotonic()
        self.batches.start_epoch(epoch)

    def on_epoch_end(self, epoch, logs=None):
        check_finite(logs, f"{self.progress.name}: after epoch {epoch + 1}", self.fit.learning_rate)
        for name, value in {**logs, "seconds": round(time.monotonic() - self.began, 3)}.items():
            self.history.setdefault(name, []).append(float(value))
        if self.fit.patience is not None and self.best_epoch == self.epoch:
            self.best = self.model.get_weights()
        if self.checkpoint is not None:
            self.save()
        self.progress.epoch(self.epoch, self.fit.epochs, logs)
        self.model.stop_training = self.finished

    def save(self):
        arrays = {f"weights/{i}": value for i, value in enumerate(self.model.get_weights())}
        arrays |= {f"optimizer/{i}": np.asarray(v) for i, v in enumerate(self.model.optimizer.variables)}
        arrays |= {f"best/{i}": value for i, value in enumerate(self.best or ())}
        arrays |= {f"history/{name}": np.array(values) for name, values in self.history.items()}
        files.write_arrays(self.checkpoint, arrays, durable=False)

    def load(self, core: keras.Model):
        arrays = files.read_arrays(self.checkpoint)

        def numbered(prefix):
            return [arrays[f"{prefix}/{i}"] for i in range(sum(key.startswith(prefix + "/") for key in arrays))]

        core.set_weights(numbered("weights"))
        for variable, value in zip(core.optimizer.variables, numbered("optimizer"), strict=True):
            variable.assign(value)
        self.best = numbered("best") or None
        past = [key for key in arrays if key.startswith("history/")]
        self.history = {key.removeprefix("history/"): arrays[key].tolist() for key in past}


def early_stop(followed, patience: int) -> tuple[int, int]:
    """Where a training with this patience ends, and which of its epochs it keeps, both counted from 1.

    ``followed`` is the validation score of each epoch; where it never stops for so long, the training ends with it.
    """
    best, lowest = 0, float("inf")
    for epoch, value in enumerate(followed, 1):
        if value <= lowest:
            best, lowest = epoch, value
        if epoch - best >= patience:
            return epoch, best
    return len(followed), best


@settled()
def fit(
    surrogate: keras.Model,
    train: Examples,
    validation: Examples,
    fit: Fit,
    checkpoint: Path | str | None = None,
    name: str = "training",
) -> dict[str, list[float]]:
    """Train the core of a surrogate in place.

    Parameters
    ----------
    surrogate : keras.Model
        From :func:`surrogates.models.build`, with fresh weights.
    train, validation : Examples
        Inputs of the core, as :func:`surrogates.models.representations.arrays` gives them, and targets. Where the
        labels are forces: positions, and :meth:`surrogates.training.held.HeldToForces.rows`.
    fit : Fit
    checkpoint : path, optional
        File for the state after each epoch. Where it exists, the training goes on from it.
    name : str
        Shown with the progress.

    Returns
    -------
    dict of list of float
        One value per epoch: "loss" and the metric, for training and (names that begin with "val") validation, and
        the "seconds" that the epoch took.
    """
    core = surrogate.get_layer("core")
    if fit.labels == "atoms":  # the part of it that ends with them, with the same weights
        core = keras.Model(core.inputs, core.get_layer(models.ATOMS).output)
    forces = fit.labels == "forces"
    if forces:
        core = HeldToForces(surrogate)
    batches = Batches(train, fit.batch_size, fit.seed, fit.low_weight)
    rate = fit.learning_rate
    if fit.decay == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, fit.epochs * len(batches))
    core.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=core.loss_of if forces else fit.loss,
        metrics=[(core.of_energy(METRICS[fit.metric]) if forces else METRICS[fit.metric])(name=fit.metric)],
        jit_compile=False,  # compiling made the convolutions two to three times slower on a CPU
        steps_per_execution=min(STEPS_PER_EXECUTION, len(batches)),
    )
    core.optimizer.build(core.trainable_variables)  # made by the first step, its variables would have it compiled twice
    state = _State(fit, batches, Path(checkpoint) if checkpoint else None, Progress(name))
    if state.checkpoint is not None and state.checkpoint.exists():
        state.load(core)
    else:
        inputs = inputs_of(surrogate, train.inputs) if forces else train.inputs
        first = inputs[0] if isinstance(inputs, tuple) else inputs
        for layer in surrogate.get_layer("core").layers:
            if isinstance(layer, Standardize):
                layer.adapt(first)
    if not state.finished:
        core.fit(
            batches.compiled(),
            epochs=fit.epochs,
            initial_epoch=state.epoch,
            validation_data=(
                keras.tree.map_structure(np.asarray, validation.inputs),
                columns(validation.targets),
            ),
            validation_batch_size=EVALUATION_BATCH,
            callbacks=[state],
            shuffle=False,  # Keras would take the batches in an order of its own, which no checkpoint holds
            verbose=0,
        )
    if state.best is not None:
        core.set_weights(state.best)
    return state.history
