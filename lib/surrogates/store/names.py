"""Names of stored things: where they stand, how one of them is locked, how it comes into place whole.

A name is for people, such as ``gcn/quick/seed-0``; its parts are folders of the store.
"""

import contextlib
import difflib
import errno
import fcntl
import os
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

from surrogates.store import provenance

VARIABLE = "SURROGATES_RUNS"
"""Environment variable with another folder for the runs than ``data/runs``; results are in ``results`` beside it."""


def runs_folder() -> Path:
    """The folder of all runs: ``data/runs`` of the repository that the working directory lies in."""
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE]).resolve()
    return provenance.root() / "data" / "runs"


def results_folder() -> Path:
    """The folder of all results, beside that of the runs."""
    return runs_folder().parent / "results"


def path_of(folder: Path, name: str) -> Path:
    """Where the thing of a name stands in a folder.

    Raises ValueError for a name that would stand elsewhere, or that is spelt in more than one way.
    """
    if not isinstance(name, str) or any(part in ("", ".", "..") for part in name.split("/")):
        raise ValueError(
            f"name = {name!r}: give parts separated by '/', such as 'gcn/mine/seed-0', none of them empty, '.' or '..'."
        )
    return Path(folder) / name


def nearest(name: str, known: Sequence[str]) -> str:
    """A sentence with the few names that are most like one that is not known."""
    if not known:
        return "The store is empty."
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.0)
    return (
        f"The nearest of its {len(known):,} are {', '.join(close)}." if len(known) > 1 else f"It has {close[0]} only."
    )


def suffixed(path: Path, digest: str) -> Path:
    """The place beside ``path`` for a thing of the same name that is another one."""
    return path.with_name(f"{path.name}-{digest[:8]}")


def partial(path: Path, suffix: str | None = None) -> Path:
    """A place beside ``path`` for what is not whole yet; of nobody else's, unless a ``suffix`` is given."""
    return path.with_name(f"{path.name}.partial-{suffix or uuid.uuid4().hex[:8]}")


@contextlib.contextmanager
def locked(path: Path, wait: bool = True):
    """Keep other processes from the file ``path``, made where it is missing; gives it, open to read and append.

    Raises BlockingIOError where another process has it and ``wait`` is False, FileNotFoundError where its folder is
    missing.
    """
    while True:
        with Path(path).open("a+b", buffering=0) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except OSError as error:
                if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL):
                    raise
                raise RuntimeError(
                    f"The file system of {path} keeps no locks ({error.strerror}), which protect a store from two "
                    f"processes at once: name a folder on another one in the environment variable {VARIABLE}."
                ) from None
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                    yield file
                    return
        if not wait:
            raise BlockingIOError(f"{path} was moved while it was locked.")


def _move(folder: Path, to: Path):
    """Rename a folder, or copy it where its file system cannot, as that of an image for what is part of the image."""
    try:
        folder.rename(to)
    except OSError as error:
        if error.errno != errno.EXDEV or to.exists():
            raise
        whole = partial(to)
        shutil.copytree(folder, whole)
        whole.rename(to)
        shutil.rmtree(folder)


def put(finished: Path, path: Path, again: bool = False) -> bool:
    """Give a finished folder its place. False where another process was first, whose folder then stays.

    With ``again`` it takes the place of the one that is there.
    """
    if again and path.exists():
        old = partial(path)
        _move(path, old)
        shutil.rmtree(old)
    try:
        _move(finished, path)
    except OSError:
        if not path.exists():
            raise
        return False
    return True
