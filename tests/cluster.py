"""A Dask cluster of a test's own: a scheduler and worker processes on this machine."""

import contextlib
import json
import os
import subprocess
import sys
import time

from surrogates.store import cluster, provenance


@contextlib.contextmanager
def process(folder, *arguments, **environment):
    command = [sys.executable, "-m", "dask", *arguments]
    environment = os.environ | dict.fromkeys(provenance.THREADS, "1") | {"TMPDIR": str(folder)} | environment
    started = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@contextlib.contextmanager
def started(folder, workers=2, **environment):
    """Address of a scheduler, and its worker processes."""
    file = folder / "scheduler.json"
    here = ("--host", cluster.LOOPBACK, "--scheduler-file", file)
    with contextlib.ExitStack() as stack:
        dashboard = ("--dashboard-address", f"{cluster.LOOPBACK}:0")
        stack.enter_context(process(folder, "scheduler", *here, "--port", "0", *dashboard, **environment))
        options = (*here, "--nthreads", "1", "--no-nanny", "--local-directory", folder)
        running = [stack.enter_context(process(folder, "worker", *options)) for _ in range(workers)]
        yield address(file), running


def address(file, seconds=60):
    """What the scheduler has written, once it is there and whole."""
    for _ in range(10 * seconds):
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return json.loads(file.read_text())["address"]
        time.sleep(0.1)
    raise TimeoutError(f"no scheduler has written {file}")
