"""Where a number comes from: the commit, the packages, the machine, the date."""

import hashlib
import importlib.metadata
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

PACKAGES = ("numpy", "numba", "keras", "tensorflow", "stellargraph")
"""The packages whose versions can change a number."""


def root() -> Path:
    """The repository that the working directory lies in, so that a page runs from any of its folders.

    Raises
    ------
    FileNotFoundError
        Outside of a copy of the repository.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "_toc.yml").exists() and (folder / "lib" / "surrogates").is_dir():
            return folder
    raise FileNotFoundError(
        f"{here} does not lie in a copy of the companion's repository: change into one, "
        "or name a folder for the runs in the environment variable SURROGATES_RUNS."
    )


def collect(began: dict, seconds: list[float]) -> dict:
    """Describe a training that ends now, and this machine.

    Parameters
    ----------
    began : dict
        "time" (seconds since the epoch) and "commit" when the training began. Where the commit is another one now,
        as after an interruption, both are named.
    seconds : list of float
        Time that each epoch took. The training time is their number times their median, so that an epoch in which the
        machine slept, or did something else, does not count.
    """
    now = commit()
    return {
        "commit": now if now == began["commit"] else f"{began['commit']} to {now}",
        "started": date(began["time"]),
        "training_seconds": round(len(seconds) * statistics.median(seconds), 1),
        **environment(PACKAGES),
    }


def environment(packages: Sequence[str]) -> dict:
    """This machine and the versions of these packages; no name of the machine or its user is taken."""
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in packages},
        "keras_backend": os.environ.get("KERAS_BACKEND", "tensorflow"),
    }


def date(seconds: float) -> str:
    """A time, in seconds since the epoch, as a file has it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def code_digest() -> str:
    """Twelve hexadecimal digits that differ where the code of the library does."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def commit() -> str:
    """The commit of the repository, marked where the library differs from it; "unknown" outside of git."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + (" with changes" if _git("status", "--porcelain", "--", "lib", "book/*.py") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, cwd=root())
    return done.stdout.strip()
