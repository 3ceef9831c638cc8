"""What a worker of a cluster does: a part of some work, in the store of who asked for it, where it sees that one."""

import contextlib
import dataclasses
import functools
import os
import threading
from collections.abc import Callable
from pathlib import Path

from surrogates.store import names, plain, progress, provenance

VERSION = provenance.code_digest()
"""The code that this process has loaded, whatever happens to the files while it runs."""

REMEDY = "Install the commit of this machine there, and start them again."

_ONE_AT_A_TIME = threading.Lock()  # in a worker process that was started with several threads
_KEPT = 4  # things that a worker keeps, with what they have learned, for parts that ask for the same one


def version() -> str:
    return VERSION


def packed(do: Callable, thing) -> bytes:
    """A thing and the function that does parts of it, with classes that only the script has and their digests.

    As bytes, since Dask's scheduler would unpack them as well, and a class is registered when it is made.

    Parameters
    ----------
    do : callable
        Of a module; on a worker it is called as ``do(thing, *given, shared=..., tell=...)``. ``shared`` says whether
        the worker sees the store of who asks, which is then the store of the process; ``tell(done, of)`` reports steps.
    thing : object
        That :func:`surrogates.store.plain.described` takes.

    Raises
    ------
    ValueError
        For what cannot be sent to another process.
    """
    from distributed.protocol import pickle

    try:
        return pickle.dumps((do, thing, plain.sources(plain.described(thing))))
    except (TypeError, AttributeError, ImportError) as error:  # what pickle raises, and what objects make of it
        raise ValueError(
            f"{thing!r} cannot be sent to another process ({error}): give what is made of plain data, such as a run "
            "rather than its network, or no scheduler."
        ) from error


def work(part: str, content: bytes, given: tuple, steps: int, topic: str, mark: str, wanted: str):
    """On a worker: do a part of what was packed, in the store where it can be seen."""
    import distributed

    worker = distributed.get_worker()
    if wanted != VERSION:
        raise RuntimeError(f"The worker {worker.address} has another version of the library. {REMEDY}")

    def tell(done: int, of: int):
        worker.log_event(topic, {"part": part, "done": done, "of": of, "process": os.getpid()})

    shared = Path(mark).exists()
    settings = {progress.PROGRESS: os.devnull}  # who asks has lines of its own
    with _ONE_AT_A_TIME, with_environment(settings | ({names.VARIABLE: str(Path(mark).parent)} if shared else {})):
        do, thing, sources = _unpacked(content)
        with plain.with_sources(sources):
            _register(thing)
            tell(0, steps)
            return do(thing, *given, shared=shared, tell=tell)


@contextlib.contextmanager
def with_environment(settings: dict[str, str]):
    """Set variables of the environment in a block."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@functools.lru_cache(maxsize=_KEPT)
def _unpacked(content: bytes):
    from distributed.protocol import pickle

    return pickle.loads(content)


def _register(thing):
    """Make the classes of a thing those that are known by their names here, whoever else sent one of them."""
    if isinstance(thing, tuple):
        for part in thing:
            _register(part)
    elif dataclasses.is_dataclass(thing):
        if not type(thing).__module__.startswith("surrogates."):
            type(thing).__init_subclass__()
        for field in dataclasses.fields(thing):
            _register(getattr(thing, field.name))
