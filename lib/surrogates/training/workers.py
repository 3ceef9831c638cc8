"""What a sweep does on a worker: train a run, in the store that the sweep has or in a folder of the worker's own."""

import contextlib
import dataclasses
import os
import shutil
import tempfile
import threading
from pathlib import Path

from surrogates.store import names, plain, progress, provenance
from surrogates.training import runs
from surrogates.training.config import Config

VERSION = provenance.code_digest()
"""The code that this process has loaded, whatever happens to the files while it runs."""

REMEDY = "Install the commit of this machine there, and start them again."

_ONE_AT_A_TIME = threading.Lock()  # in a worker process that was started with several threads


def version() -> str:
    return VERSION


def packed(config: Config) -> bytes:
    """A configuration with the classes that only the script has, and the digests of their source.

    As bytes, since Dask's scheduler would unpack it as well, and a class is registered when it is made.
    """
    from distributed.protocol import pickle

    return pickle.dumps((config, plain.sources(plain.described(config))))


def work(name: str, content: bytes, topic: str, mark: str, wanted: str) -> dict[str, bytes] | None:
    """On a worker: train a run, in the store where it can be seen, else in a folder of this machine.

    Returns the contents of the run's files where the store cannot be seen.
    """
    import distributed
    from distributed.protocol import pickle

    worker = distributed.get_worker()
    if wanted != VERSION:
        raise RuntimeError(f"The worker {worker.address} has another version of the library. {REMEDY}")
    mark = Path(mark)
    shared = mark.exists()
    store = mark.parent if shared else Path(tempfile.gettempdir()) / f"surrogates-{os.getuid()}-{VERSION}"

    def tell(_, done, of):
        worker.log_event(topic, {"run": name, "done": done, "of": of, "process": os.getpid()})

    with _ONE_AT_A_TIME, contextlib.ExitStack() as stack:
        config, sources = pickle.loads(content)
        stack.enter_context(plain.with_sources(sources))
        _register(config)
        os.environ[names.VARIABLE] = str(store)
        os.environ[progress.PROGRESS] = os.devnull  # the sweep has a line of its own
        tell(name, 0, config.fit.epochs)
        progress.listeners.append(tell)
        try:
            run = runs.fit_or_load(name, config)
        finally:
            progress.listeners.remove(tell)
        if shared:
            return None
        contents = {file: (run.path / file).read_bytes() for file in (*runs.FILES, runs.RANGE, "provenance.json")}
        shutil.rmtree(run.path)
        return contents


def _register(thing):
    """Make the classes of a configuration those that are known by their names here, whoever else sent one of them."""
    if isinstance(thing, tuple):
        for part in thing:
            _register(part)
    elif dataclasses.is_dataclass(thing):
        if not type(thing).__module__.startswith("surrogates."):
            type(thing).__init_subclass__()
        for field in dataclasses.fields(thing):
            _register(getattr(thing, field.name))
