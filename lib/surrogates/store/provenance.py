"""Where a number comes from: the commit, the packages, the machine, the date."""

import hashlib
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

PACKAGES = ("numpy", "numba", "keras", "tensorflow", "stellargraph")
"""The packages whose versions can change a number."""

THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
"""The environment variables with the number of threads, by which the last digits of a training may differ."""


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
        **computed_with(),
    }


def computed_with() -> dict:
    """What this process computes with besides the packages, as it is and not as a variable or a file says.

    "keras_backend" and "floatx" are None where Keras is not loaded; "threads" has the numbers that are not the default.
    """
    keras = sys.modules.get("keras")
    return {
        "keras_backend": keras and keras.config.backend(),
        "floatx": keras and keras.config.floatx(),
        "threads": {name: os.environ[name] for name in THREADS if os.environ.get(name)},
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
    """The commit of the repository, marked where the library differs from it.

    "unknown" outside of git, where the project lies in the repository of another one, and where the library that runs
    is not that of the repository.
    """
    try:
        if Path(__file__).resolve().parents[2] != root().resolve() / "lib":
            return "unknown"
        head = git("rev-parse", "--short=12", "HEAD")
        changed = git("status", "--porcelain", "--untracked-files=all", "--", "lib", "book/*.py")
        return head + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def git(*arguments: str) -> str:
    """What git says of the repository, whatever repository a variable such as GIT_DIR names.

    Raises OSError or subprocess.CalledProcessError without git, outside of a repository, and in another project's.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    options = {"capture_output": True, "encoding": "utf-8", "check": True, "cwd": root(), "env": own}
    top = subprocess.run(["git", "rev-parse", "--show-toplevel"], **options).stdout.strip()
    if Path(top).resolve() != root().resolve():
        raise FileNotFoundError(f"{root()} lies in the repository {top}, and has none of its own.")
    return subprocess.run(["git", *arguments], **options).stdout.strip()
