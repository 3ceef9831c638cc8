"""Train many runs at once with Dask, on the cores of this machine or on any Dask cluster.

>>> from surrogates import training
>>> grid = training.grid(config, {"fit.learning_rate": (1e-3, 1e-4), "model.n_layers": (1, 2, 3)})
>>> if __name__ == "__main__":  # in a script: the worker processes import it as well
...     configs = {f"gcn/mine/rate-{rate:g}-layers-{n}": config for (rate, n), config in grid.items()}
...     trained = training.sweep(configs)
...     print(training.sweep_table(trained))  # one row for each

Every run is in the store as soon as it is trained, and the store decides what is left to do: a sweep that was stopped
goes on where it was. When a worker is lost, another one goes on with its run from the last epoch.

Where the workers see the store of this process, by a shared folder, they train in it. Where they do not, they train
in a folder of their own machine and send the files of each finished run; a lost machine then costs its whole run.
The shared folder has to keep the locks of files, as local and most network file systems do.

Networks and potentials that the script itself defines travel with the configurations; those of another file have to
be there on the workers.
"""

import concurrent.futures
import contextlib
import difflib
import itertools
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from surrogates.store import names, progress, provenance
from surrogates.training import runs, workers
from surrogates.training.config import Config

TOPIC = "surrogates"  # of Dask's events
LOOPBACK = "127.0.0.1"
LINE_EVERY = 30.0  # seconds between lines of progress
CONNECT = 10  # seconds to reach a scheduler
WAIT = 1.0  # seconds between two looks at what the workers do
ATTEMPTS = 3  # for a run whose workers are lost; Dask itself gives it to several of them each time


class Trained(dict):
    """The runs of a sweep by their names. A name that the sweep does not have is answered with those that it has."""

    def __missing__(self, name):
        near = difflib.get_close_matches(str(name), self, n=4, cutoff=0)
        raise KeyError(f"{name} is none of the {len(self)} runs of this sweep; nearest are {', '.join(sorted(near))}.")


def grid(base: Config, axes: Mapping[str, Sequence]) -> dict[tuple, Config]:
    """A configuration with every combination of other settings.

    Parameters
    ----------
    base : Config
    axes : mapping of str to sequence
        The values of each setting that is varied, by a name such as "fit.learning_rate" or "model.n_layers".

    Returns
    -------
    dict of tuple to Config
        By the values, in the order of the axes; the last axis varies fastest.

    Raises
    ------
    ValueError
        For a setting that the configuration does not have, or a value that it does not accept; for an axis without
        values, or with the same value twice.
    """
    axes = {
        setting: tuple(tuple(value) if isinstance(value, list) else value for value in values)
        for setting, values in axes.items()
    }
    for setting, values in axes.items():
        if len(values) == 0 or len(set(values)) < len(values):
            raise ValueError(f"{setting} = {values!r}: give one value or more, each of them once.")
    return {values: base.replace(dict(zip(axes, values, strict=True))) for values in itertools.product(*axes.values())}


def sweep(configs: Mapping[str, Config], scheduler: str | None = None) -> Trained:
    """Load the runs of these names and configurations, and train those that the store does not have.

    Parameters
    ----------
    configs : mapping of str to Config
        By the name that the run shall have, as for :func:`surrogates.training.runs.fit_or_load`.
    scheduler : str, optional
        Address of a Dask scheduler, such as "tcp://10.0.0.1:8786"; by default the one in the environment variable
        ``SURROGATES_SCHEDULER``. Without any the sweep makes a cluster on this machine, on the loopback interface,
        with one process for each core and one thread in each.

    Returns
    -------
    Trained
        The runs by their names, in the order that was given.

    Raises
    ------
    ValueError
        For no configuration at all.
    RuntimeError
        Where the scheduler cannot be reached or is lost, where a worker has another version of this library, and
        where runs could not be trained; all others are stored by then.
    """
    if not configs:
        raise ValueError("configs is empty: give at least one configuration.")
    places = {name: runs.folder(name, config) for name, config in configs.items()}
    missing = {name: config for name, config in configs.items() if not places[name].exists()}
    if missing:
        with _client(scheduler or os.environ.get(progress.SCHEDULER) or None, len(missing)) as client:
            _train(client, missing, len(configs))
    return Trained({name: runs.Run(runs.folder(name, config)) for name, config in configs.items()})


def sweep_table(trained: Mapping[str, runs.Run]) -> pd.DataFrame:
    """One row for each run: its settings that differ among them, its epochs, its training time and its stored metrics.

    Columns of metrics are named "validation mae" and the like. The test split has none here: it is no part of a choice.
    """
    flat = pd.json_normalize([run.config.to_dict() for run in trained.values()]).set_axis(list(trained))
    varied = [name for name in flat if flat[name].map(str).nunique() > 1]
    short = [name.split(".", 1)[1] for name in varied]
    rows = flat[varied].set_axis(
        [full if short.count(name) > 1 else name for full, name in zip(varied, short, strict=True)], axis="columns"
    )
    rows["epochs"] = [len(run.history) for run in trained.values()]
    rows["seconds"] = [run.provenance["training_seconds"] for run in trained.values()]
    for split in ("train", "validation"):
        for metric in ("mape", "mae", "mse"):
            rows[f"{split} {metric}"] = [run.metrics[split][metric] for run in trained.values()]
    return rows.rename_axis("run")


@contextlib.contextmanager
def _client(scheduler: str | None, wanted: int) -> Iterator:
    import distributed

    with contextlib.ExitStack() as stack:
        if scheduler is None:
            scheduler = stack.enter_context(_local_cluster(wanted))
        try:
            client = distributed.Client(scheduler, timeout=CONNECT)
        except (OSError, ValueError, RuntimeError) as error:
            raise RuntimeError(
                f"scheduler = {scheduler!r} cannot be reached ({error}): give the address that `dask scheduler` "
                "prints, or none for a cluster on this machine."
            ) from None
        yield stack.enter_context(client)


def _local_cluster(wanted: int):
    import dask
    import distributed
    from dask.system import CPU_COUNT

    try:
        return distributed.LocalCluster(
            n_workers=min(CPU_COUNT, wanted),
            threads_per_worker=1,
            host=LOOPBACK,
            dashboard_address=f"{LOOPBACK}:0",
            memory_limit=0,  # Dask would kill a training for memory that the machine has
            env=dict.fromkeys(provenance.THREADS, "1"),
        )
    except RuntimeError as error:
        if dask.config.get("distributed.comm.require-encryption", None):
            raise RuntimeError(
                "Dask's settings require encryption, and the processes of this machine speak to each other without, on "
                "the loopback interface: set distributed.comm.require-encryption to False for that, or give the "
                "address of a scheduler, such as 'tls://10.0.0.1:8786'."
            ) from error
        raise RuntimeError(
            f"The worker processes did not start ({error}). A script that sweeps has to do so under "
            "`if __name__ == '__main__':`, since each worker process imports it."
        ) from error


def _train(client, missing: Mapping[str, Config], total: int):
    """Train on the workers; one line of progress now and then."""
    import distributed

    _refuse_other_versions(client)
    topic = f"{TOPIC}-{uuid.uuid4().hex[:12]}"
    mark = names.runs_folder() / f".sweep-{topic}"  # a worker that sees it sees the store
    follower = _Follower(missing, total)
    lost = dict.fromkeys(missing, 0)  # how many times a run has lost its workers
    failed, waiting = {}, {}

    def submit(name: str):
        given = (name, workers.packed(missing[name]), topic, str(mark), workers.VERSION)
        waiting[client.submit(workers.work, *given, key=f"{name} {topic} {lost[name]}", pure=False)] = name

    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        client.subscribe_topic(topic, follower.heard)
        for name in missing:
            submit(name)
        progress.say(f"sweep: {len(missing)} of {total} to train, dashboard {client.dashboard_link}")
        while waiting:
            with contextlib.suppress(distributed.TimeoutError):
                distributed.wait(list(waiting), timeout=WAIT, return_when="FIRST_COMPLETED")
            for future in [future for future in waiting if future.done()]:
                name = waiting.pop(future)  # and forgotten, or Dask would train it again if it lost the result
                try:
                    contents = future.result()
                    if contents is not None:
                        runs.receive(name, missing[name], contents)
                except concurrent.futures.CancelledError:
                    raise
                except Exception as error:  # whatever it is, the other runs are not lost for it
                    lost[name] += 1
                    if isinstance(error, distributed.KilledWorker) and lost[name] < ATTEMPTS:
                        submit(name)
                        continue
                    failed[name] = error
                follower.ended(name, name not in failed)
            follower.report(lambda: _number_of_workers(client))
    except concurrent.futures.CancelledError:
        raise RuntimeError(
            f"The scheduler is gone, or the way to it; {total - follower.done} of {total} runs are missing yet. "
            "What is trained is stored: the same sweep again trains what is missing."
        ) from None
    finally:
        client.unsubscribe_topic(topic)
        client.cancel(list(waiting))
        mark.unlink(missing_ok=True)
    if failed:
        reasons = [f"{name}: {type(error).__name__}: {error}" for name, error in failed.items()]
        raise RuntimeError("\n".join([f"{len(failed)} of {total} runs could not be trained.", *reasons]))


def _number_of_workers(client) -> int:
    try:
        return len(client.scheduler_info(n_workers=-1)["workers"])
    except OSError:  # the scheduler has just been lost
        return 0


def _refuse_other_versions(client):
    """Before anything is trained; a worker that comes later refuses by itself (:func:`workers.work`)."""
    answers = client.run(workers.version, on_error="return")
    others = sorted(worker for worker, answer in answers.items() if answer != workers.VERSION)
    if others:
        raise RuntimeError(f"Workers without this version of the library: {', '.join(others)}. {workers.REMEDY}")


class _Follower:
    """Keeps count of a sweep by the events of its workers, and says how far it is."""

    def __init__(self, missing: Mapping[str, Config], total: int):
        self.total, self.failed, self.epochs = total, 0, 0
        self.left = {name: config.fit.epochs for name, config in missing.items()}  # epochs, at most
        self.running = set()
        self.began = self.printed = time.monotonic()
        self.lock = threading.Lock()  # events arrive in a thread of Dask's

    def heard(self, event):
        _, message = event
        with self.lock:
            if message["run"] in self.left:
                self.running.add(message["run"])
                self.left[message["run"]] = message["of"] - message["done"]
                self.epochs += message["done"] > 0

    def ended(self, name: str, success: bool):
        with self.lock:
            del self.left[name]
            self.running.discard(name)
            self.failed += not success

    @property
    def done(self) -> int:
        """How many runs of the sweep are stored."""
        return self.total - len(self.left) - self.failed

    def report(self, count: Callable[[], int]):
        """Print a line, unless the last one is from just now; ``count`` gives the number of workers."""
        now = time.monotonic()
        if self.left and now - self.printed < LINE_EVERY:
            return
        self.printed = now
        with self.lock:
            line = self._line(now - self.began)
        none = "" if not self.left or count() else ", no worker: start one, or stop this with Ctrl-C"
        progress.say(f"sweep: {line}{none}")

    def _line(self, seconds: float) -> str:
        running = len(self.running)
        parts = [f"{self.done} of {self.total} done", f"{running} running", f"{len(self.left) - running} left"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.epochs and running:
            left = sum(self.left.values()) * seconds / self.epochs
            parts.append(f"{progress.duration(left)} left at most")
        return ", ".join(parts)
