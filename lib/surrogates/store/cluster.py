"""Work that is handed out in parts with Dask, to the cores of this machine or to any Dask cluster.

Each part is stored by who asked for it, or by the worker in the same store, as soon as it is done. When a worker is
lost, another one does its part; when all is lost, what is stored says what is left to do.
"""

import concurrent.futures
import contextlib
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from surrogates.store import names, progress, provenance, workers

TOPIC = "surrogates"  # of Dask's events
LOOPBACK = "127.0.0.1"
LINE_EVERY = 30.0  # seconds between lines of progress
CONNECT = 10  # seconds to reach a scheduler
WAIT = 1.0  # seconds between two looks at what the workers do
ATTEMPTS = 3  # for a part whose workers are lost; Dask itself gives it to several of them each time


class Part(NamedTuple):
    """A part of some work.

    Attributes
    ----------
    content : bytes
        What is done, as :func:`surrogates.store.workers.packed` has it.
    given : tuple
        What it is called with besides, for this part.
    steps : int
        It has at most.
    """

    content: bytes
    given: tuple = ()
    steps: int = 1


def address(scheduler: str | None) -> str | None:
    """That of the scheduler which is given, or stands in the environment variable ``SURROGATES_SCHEDULER``."""
    return scheduler or os.environ.get(progress.SCHEDULER) or None


@contextlib.contextmanager
def connected(scheduler: str | None, wanted: int) -> Iterator:
    """Dask's client of a scheduler, or without one of a cluster on this machine for so many parts.

    Raises RuntimeError where it cannot be had.
    """
    import distributed

    with contextlib.ExitStack() as stack:
        if scheduler is None:
            scheduler = stack.enter_context(_local_cluster(wanted))
        try:
            client = distributed.Client(scheduler, timeout=CONNECT)
        except (OSError, ValueError, RuntimeError) as error:
            raise RuntimeError(
                f"scheduler = {scheduler!r} cannot be reached ({error}): give the address that `dask scheduler` "
                "prints, or none for this machine alone."
            ) from None
        yield stack.enter_context(client)


def _local_cluster(wanted: int):
    import dask
    import distributed
    from dask.system import CPU_COUNT

    settings = {
        "n_workers": min(CPU_COUNT, wanted),
        "threads_per_worker": 1,
        "host": LOOPBACK,
        "dashboard_address": f"{LOOPBACK}:0",
        "memory_limit": 0,  # Dask would kill a training for memory that the machine has
        "env": dict.fromkeys(provenance.THREADS, "1"),
    }
    try:
        try:
            return distributed.LocalCluster(**settings)
        except AssertionError:  # a thread of Dask's has not begun within ten seconds: the machine stood still
            return distributed.LocalCluster(**settings)
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


def hand_out(
    client, title: str, parts: Mapping[str, Part], receive: Callable[[str, object], None], total: int, kind: str
):
    """Have the workers do all parts; one line of progress now and then.

    Parameters
    ----------
    client : distributed.Client
    title : str
        Of the lines of progress.
    parts : mapping of str to Part
    receive : callable
        Given a part's name and what a worker returned for it, stores that.
    total : int
        Parts with those that are stored already.
    kind : str
        What a part is, in the plural, such as "runs".

    Raises
    ------
    RuntimeError
        Where the scheduler is lost, where a worker has another version of this library, and where parts failed; all
        others are stored by then.
    """
    import distributed

    _refuse_other_versions(client)
    topic = f"{TOPIC}-{uuid.uuid4().hex[:12]}"
    mark = names.runs_folder() / f".sweep-{topic}"  # a worker that sees it sees the store
    follower = Follower(title, {name: part.steps for name, part in parts.items()}, total)
    lost = dict.fromkeys(parts, 0)  # how many times a part has lost its workers
    failed, waiting = {}, {}

    def submit(name: str):
        given = (name, *parts[name], topic, str(mark), workers.VERSION)
        waiting[client.submit(workers.work, *given, key=f"{name} {topic} {lost[name]}", pure=False)] = name

    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        client.subscribe_topic(topic, follower.heard)
        for name in parts:
            submit(name)
        progress.say(f"{title}: {len(parts)} of {total} {kind} to do, dashboard {client.dashboard_link}")
        while waiting:
            with contextlib.suppress(distributed.TimeoutError):
                distributed.wait(list(waiting), timeout=WAIT, return_when="FIRST_COMPLETED")
            for future in [future for future in waiting if future.done()]:
                name = waiting.pop(future)  # and forgotten, or Dask would do it again if it lost the result
                try:
                    receive(name, future.result())
                except concurrent.futures.CancelledError:
                    raise
                except Exception as error:  # whatever it is, the other parts are not lost for it
                    lost[name] += 1
                    if isinstance(error, distributed.KilledWorker) and lost[name] < ATTEMPTS:
                        submit(name)
                        continue
                    failed[name] = error
                follower.ended(name, name not in failed)
            follower.report(lambda: _number_of_workers(client))
    except concurrent.futures.CancelledError:
        raise RuntimeError(
            f"The scheduler is gone, or the way to it; {total - follower.done} of {total} {kind} are missing yet. "
            "What is done is stored: the same again does what is missing."
        ) from None
    finally:
        client.unsubscribe_topic(topic)
        client.cancel(list(waiting))
        mark.unlink(missing_ok=True)
    if failed:
        reasons = [f"{name}: {type(failed[name]).__name__}: {failed[name]}" for name in parts if name in failed]
        raise RuntimeError("\n".join([f"{title}: {len(failed)} of {total} {kind} failed.", *reasons]))


def _number_of_workers(client) -> int:
    try:
        return len(client.scheduler_info(n_workers=-1)["workers"])
    except OSError:  # the scheduler has just been lost
        return 0


def _refuse_other_versions(client):
    """Before anything is done; a worker that comes later refuses by itself (:func:`workers.work`)."""
    answers = client.run(workers.version, on_error="return")
    others = sorted(worker for worker, answer in answers.items() if answer != workers.VERSION)
    if others:
        raise RuntimeError(f"Workers without this version of the library: {', '.join(others)}. {workers.REMEDY}")


class Follower:
    """Keeps count of parts by the events of the workers, and says how far it is.

    Parameters
    ----------
    title : str
    left : mapping of str to int
        The steps of each part, at most.
    total : int
    """

    def __init__(self, title: str, left: Mapping[str, int], total: int):
        self.title, self.total, self.failed, self.steps = title, total, 0, 0
        self.left = dict(left)
        self.running = set()
        self.began = self.printed = time.monotonic()
        self.lock = threading.Lock()  # events arrive in a thread of Dask's

    def heard(self, event):
        _, message = event
        with self.lock:
            if message["part"] in self.left:
                self.running.add(message["part"])
                self.left[message["part"]] = message["of"] - message["done"]
                self.steps += message["done"] > 0

    def ended(self, name: str, success: bool):
        with self.lock:
            del self.left[name]
            self.running.discard(name)
            self.failed += not success

    @property
    def done(self) -> int:
        """How many parts are stored."""
        return self.total - len(self.left) - self.failed

    def report(self, count: Callable[[], int]):
        """Print a line, unless the last one is from just now; ``count`` gives the number of workers."""
        now = time.monotonic()
        if self.left and now - self.printed < LINE_EVERY:
            return
        self.printed = now
        with self.lock:
            line = self.line(now - self.began)
        none = "" if not self.left or count() else ", no worker: start one, or stop this with Ctrl-C"
        progress.say(f"{self.title}: {line}{none}")

    def line(self, seconds: float) -> str:
        """How far it is after so many seconds."""
        running = len(self.running)
        parts = [f"{self.done} of {self.total} done", f"{running} running", f"{len(self.left) - running} left"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.steps and running:
            left = sum(self.left.values()) * seconds / self.steps
            parts.append(f"{progress.duration(left)} left at most")
        return ", ".join(parts)
