"""What every comparison needs: rows of the table, alternating measurements, a process of one's own."""

import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median


@dataclass(frozen=True)
class Row:
    """One comparison. `ratio` is ours to the peer's, in the sense that the goal is stated in.

    goal : the ratio to reach; none where nothing was promised
    at_most : the goal is an upper bound
    """

    what: str
    ours: str
    peer: str
    ratio: float | None = None
    goal: float | None = None
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        if self.ratio is None or self.goal is None:
            return None
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal


def alternate(ours: Callable[[], float], peer: Callable[[], float], rounds: int) -> tuple[float, float, float]:
    """Medians of what `ours` and `peer` return, and of ours / peer, over rounds run A B A B after a warm-up.

    The ratio is taken round by round: whatever else the machine does, it does to both.
    """
    ours(), peer()
    pairs = [(ours(), peer()) for _ in range(rounds)]
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs)


def rate(work: float, function: Callable[[], object]) -> float:
    """Work done a second."""
    start = time.perf_counter()
    function()
    return work / (time.perf_counter() - start)


def in_own_process(function: Callable, *arguments):
    """Result of a module's function, called in a new process that has imported nothing yet."""
    os.environ["SURROGATES_PROGRESS"] = os.devnull  # a training's own lines would drown the notes
    os.environ["PYTHONWARNINGS"] = "ignore"  # StellarGraph's are known
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def use_one_thread():
    """Keep this process to one thread. To be called before NumPy, numba or JAX is imported."""
    os.environ["NUMBA_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    if hasattr(os, "sched_setaffinity"):  # Linux only
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def peak_memory() -> int:
    """Largest memory that this process has held so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def note(text: str):
    """Say on the error stream what is being measured, so that the table alone is the output."""
    print(text, file=sys.stderr, flush=True)
