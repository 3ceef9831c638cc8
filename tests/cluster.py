"""A Dask cluster of a test's own: a scheduler and worker processes on this machine."""

import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time

import distributed

from surrogates.store import cluster, provenance

# Copies of one process that has imported this and done nothing else, so that they need not.
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["distributed.cli.dask_worker", "surrogates.search", "tests.conftest"])


@contextlib.contextmanager
def scheduling(folder, *arguments, **environment):
    command = [sys.executable, "-m", "dask", "scheduler", *arguments]
    environment = os.environ | {"TMPDIR": str(folder)} | environment
    started = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
    try:
        yield
    finally:
        started.kill()
        started.wait()


def work(folder, arguments, environment):
    """Be a worker, as `dask worker` is one."""
    from distributed.cli.dask_worker import main

    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = str(folder)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    main(arguments)


@contextlib.contextmanager
def working(folder, *arguments):
    environment = os.environ | dict.fromkeys(provenance.THREADS, "1")
    process = FORKED.Process(target=work, args=(folder, arguments, environment))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


@contextlib.contextmanager
def started(folder, workers=2, **environment):
    """Address of a scheduler, and its worker processes."""
    file = folder / "scheduler.json"
    here = ("--host", cluster.LOOPBACK, "--scheduler-file", str(file))
    with contextlib.ExitStack() as stack:
        dashboard = ("--dashboard-address", f"{cluster.LOOPBACK}:0")
        stack.enter_context(scheduling(folder, *here, "--port", "0", *dashboard, **environment))
        options = (*here, "--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
        running = [stack.enter_context(working(folder, *options)) for _ in range(workers)]
        with distributed.Client(address(file)) as client:
            client.wait_for_workers(workers)
        yield address(file), running


def address(file, seconds=60):
    """What the scheduler has written, once it is there and whole."""
    for _ in range(10 * seconds):
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return json.loads(file.read_text())["address"]
        time.sleep(0.1)
    raise TimeoutError(f"no scheduler has written {file}")
