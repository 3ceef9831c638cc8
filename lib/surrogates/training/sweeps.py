"""Train many runs at once with Dask, on the cores of this machine or on any Dask cluster.

>>> from surrogates import sweeps
>>> grid = sweeps.grid(config, {"fit.learning_rate": (1e-3, 1e-4), "model.n_layers": (1, 2, 3)})
>>> if __name__ == "__main__":  # in a script: the worker processes import it as well
...     names = {f"gcn/mine/rate-{rate:g}-layers-{n}": config for (rate, n), config in grid.items()}
...     trained = sweeps.train(names)
...     print(sweeps.table(trained))  # one row for each

Every run is in the store as soon as it is trained, and the store decides what is left to do: a sweep that was stopped
goes on where it was. When a worker is lost, another one goes on with its run from the last epoch.

Where the workers see the store of this process, by a shared folder, they train in it. Where they do not, they train
in a folder of their own machine and send the files of each finished run; a lost machine then costs its whole run.
The shared folder has to keep the locks of files, as local and most network file systems do.
"""

import concurrent.futures
import contextlib
import difflib
import itertools
import os
import shutil
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from surrogates.store import names, progress, provenance
from surrogates.training import runs

SCHEDULER = "SURROGATES_SCHEDULER"
"""Environment variable with the address of a Dask scheduler."""

TOPIC = "surrogates-sweep"
LOOPBACK = "127.0.0.1"
WAIT = 1.0  # seconds between two looks at what others do
INTERVAL = 30.0  # seconds between lines of progress
CONNECT = 10  # seconds to reach a scheduler
TRIES = 3  # for a run whose workers are lost; Dask itself gives it to several of them each time
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
"""What has to be 1 in the environment of each worker process that is to use one core."""

LIBRARY = provenance.library()
"""The code that this process has loaded, whatever happens to the files while it runs."""

_ONE_AT_A_TIME = threading.Lock()  # in a worker process that was started with several threads


class Trained(dict):
    """The runs of a sweep by their names. A name that the sweep does not have is answered with those that it has."""

    def __missing__(self, name):
        near = difflib.get_close_matches(str(name), self, n=4, cutoff=0)
        raise KeyError(f"{name} is none of the {len(self)} runs of this sweep; nearest are {', '.join(sorted(near))}.")


def grid(base: runs.Config, axes: Mapping[str, Sequence]) -> dict[tuple, runs.Config]:
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


def train(configs: Mapping[str, runs.Config], scheduler: str | None = None) -> Trained:
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
    places = {name: runs.place(name, config) for name, config in configs.items()}
    missing = {name: config for name, config in configs.items() if not places[name].exists()}
    if missing:
        with _client(scheduler or os.environ.get(SCHEDULER) or None, len(missing)) as client:
            _train(client, missing, len(configs))
    return Trained({name: runs.Run(runs.place(name, config)) for name, config in configs.items()})


def table(trained: Mapping[str, runs.Run]) -> pd.DataFrame:
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
        except (OSError, ValueError) as error:
            raise RuntimeError(
                f"scheduler = {scheduler!r} cannot be reached ({error}): give the address that `dask scheduler` "
                "prints, or none for a cluster on this machine."
            ) from None
        yield stack.enter_context(client)


def _local_cluster(wanted: int):
    import distributed
    from dask.system import CPU_COUNT

    try:
        return distributed.LocalCluster(
            n_workers=min(CPU_COUNT, wanted),
            threads_per_worker=1,
            host=LOOPBACK,
            dashboard_address=f"{LOOPBACK}:0",
            memory_limit=0,  # Dask would kill a training for memory that the machine has
            env=dict.fromkeys(THREADS, "1"),
        )
    except RuntimeError as error:
        raise RuntimeError(
            f"The worker processes did not start ({error}). A script that sweeps has to do so under "
            "`if __name__ == '__main__':`, since each worker process imports it."
        ) from error


def _train(client, missing: Mapping[str, runs.Config], total: int):
    """Train on the workers; one line of progress now and then."""
    import distributed

    _refuse_other_versions(client)
    sweep = uuid.uuid4().hex[:12]
    mark = names.runs_folder() / f".sweep-{sweep}"  # a worker that sees it sees the store
    follower = _Follower(sweep, missing, total)
    lost = dict.fromkeys(missing, 0)  # how many times a run has lost its workers
    failed, waiting = {}, {}

    def submit(name: str):
        given = (name, missing[name].to_dict(), str(mark), LIBRARY)
        waiting[client.submit(_work, *given, key=f"{name} {sweep} {lost[name]}", pure=False)] = name

    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        client.subscribe_topic(TOPIC, follower.heard)
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
                        runs.adopt(name, missing[name], contents)
                    follower.ended_with(name, True)
                except concurrent.futures.CancelledError:
                    raise
                except distributed.KilledWorker as error:
                    lost[name] += 1
                    if lost[name] < TRIES:
                        submit(name)
                    else:
                        failed[name] = error
                        follower.ended_with(name, False)
                except Exception as error:  # whatever it is, the other runs are not lost for it
                    failed[name] = error
                    follower.ended_with(name, False)
            follower.report(lambda: _workers(client))
    except concurrent.futures.CancelledError:
        raise RuntimeError(
            f"The scheduler is gone, or the way to it; {total - follower.done} of {total} runs are missing yet. "
            "What is trained is stored: the same sweep again trains what is missing."
        ) from None
    finally:
        client.unsubscribe_topic(TOPIC)
        client.cancel(list(waiting))
        mark.unlink(missing_ok=True)
    if failed:
        reasons = [f"{name}: {type(error).__name__}: {error}" for name, error in failed.items()]
        raise RuntimeError("\n".join([f"{len(failed)} of {total} runs could not be trained.", *reasons]))


def _workers(client) -> int:
    try:
        return len(client.scheduler_info(n_workers=-1)["workers"])
    except OSError:  # the scheduler has just been lost
        return 0


def _refuse_other_versions(client):
    """Before anything is trained; a worker that comes later refuses by itself (:func:`_work`)."""
    answers = client.run(_library, on_error="return")
    others = sorted(worker for worker, answer in answers.items() if answer != LIBRARY)
    if others:
        raise RuntimeError(f"Workers without this version of the library: {', '.join(others)}. {_REMEDY}")


_REMEDY = "Install the commit of this machine there, and start them again."


def _library() -> str:
    return LIBRARY


def _work(name: str, content: dict, mark: str, library: str) -> dict[str, bytes] | None:
    """On a worker: train a run, in the store where it can be seen, else in a folder of this machine.

    Returns the contents of the run's files where the store cannot be seen.
    """
    import distributed

    worker = distributed.get_worker()
    if library != LIBRARY:
        raise RuntimeError(f"The worker {worker.address} has another version of the library. {_REMEDY}")
    mark = Path(mark)
    shared = mark.exists()
    store = mark.parent if shared else Path(tempfile.gettempdir()) / f"surrogates-{os.getuid()}-{LIBRARY}"
    sweep = mark.name.removeprefix(".sweep-")

    def tell(_, done, of):  # Dask adds the address of the worker
        worker.log_event(TOPIC, {"sweep": sweep, "run": name, "done": done, "of": of, "process": os.getpid()})

    config = runs.Config.from_dict(content)
    with _ONE_AT_A_TIME:
        os.environ[names.VARIABLE] = str(store)
        os.environ[progress.VARIABLE] = os.devnull  # the sweep has a line of its own
        tell(name, 0, config.fit.epochs)
        progress.listeners.append(tell)
        try:
            run = _fit_when_free(name, config)
        finally:
            progress.listeners.remove(tell)
        if shared:
            return None
        contents = {file: (run.path / file).read_bytes() for file in (*runs.FILES, "provenance.json")}
        shutil.rmtree(run.path)
        return contents


def _fit_when_free(name: str, config: runs.Config) -> runs.Run:
    while True:
        try:
            return runs.fit_or_load(name, config)
        except runs.Busy:  # another sweep on the same store, or a worker that is not as dead as it seemed
            time.sleep(WAIT)


class _Follower:
    """Keeps count of a sweep, and says how far it is."""

    def __init__(self, sweep: str, missing: Mapping[str, runs.Config], total: int):
        self.sweep, self.total = sweep, total
        self.done_before = total - len(missing)
        self.epochs = {name: (0, config.fit.epochs) for name, config in missing.items()}  # done, at most
        self.running: dict[str, str] = {}  # run to worker
        self.ended: dict[str, bool] = {}
        self.seconds: dict[str, list[float]] = {}  # of the epochs seen, by run
        self.last: dict[str, float] = {}
        self.printed = time.monotonic()
        self.lock = threading.Lock()  # events arrive in a thread of Dask's

    def heard(self, event):
        _, message = event
        if message["sweep"] != self.sweep:
            return
        with self.lock:
            name, now = message["run"], time.monotonic()
            if name in self.ended:
                return
            if message["done"] > 0 and name in self.last and self.running.get(name) == message["worker"]:
                self.seconds.setdefault(name, []).append(now - self.last[name])
            self.last[name], self.running[name] = now, message["worker"]
            self.epochs[name] = (max(self.epochs[name][0], message["done"]), message["of"])

    def ended_with(self, name: str, success: bool):
        with self.lock:
            self.ended[name] = success
            self.running.pop(name, None)

    @property
    def done(self) -> int:
        """How many runs of the sweep are stored."""
        return self.done_before + sum(self.ended.values())

    def report(self, workers: Callable[[], int]):
        """Print a line, unless the last one is from just now; ``workers`` counts those that the sweep has."""
        everything = len(self.ended) == len(self.epochs)
        if not everything and time.monotonic() - self.printed < INTERVAL:
            return
        self.printed = time.monotonic()
        with self.lock:
            line = self._line()
        none = "" if everything or workers() else ", no worker: start one, or stop this with Ctrl-C"
        progress.say(f"sweep: {line}{none}")

    def _line(self) -> str:
        done = self.done
        failed = len(self.ended) - sum(self.ended.values())
        running = len(self.running)
        parts = [f"{done} of {self.total} done", f"{running} running", f"{self.total - done - failed - running} left"]
        if failed:
            parts.append(f"{failed} failed")
        if self.seconds and self.running:
            typical = {name: statistics.mean(seconds) for name, seconds in self.seconds.items()}
            unknown = statistics.mean(typical.values())  # of runs that have not begun
            left = {name: of - at for name, (at, of) in self.epochs.items() if name not in self.ended}
            seconds = sum(epochs * typical.get(name, unknown) for name, epochs in left.items())
            parts.append(f"about {progress.duration(seconds / len(self.running))} left")
        return ", ".join(parts)
