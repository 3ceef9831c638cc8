"""Where a number comes from: the commit, the packages, the machine, the date."""

import hashlib
import importlib.metadata
import os
import platform
import statistics
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from surrogates.store.progress import duration

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
    """Describe a training that ends now, and this machine; no name of the machine or its user is taken.

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
        "started": datetime.fromtimestamp(began["time"], UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "training_seconds": round(len(seconds) * statistics.median(seconds), 1),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "keras_backend": os.environ.get("KERAS_BACKEND", "tensorflow"),
    }


def library() -> str:
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


MANY = 8  # runs of one folder, for which the folder is named instead


def _names(names: list[str]) -> str:
    """The names of runs, or their number and folder where they are many."""
    folders = {}
    for name in names:
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    parts = []
    for folder, members in folders.items():
        if len(members) > MANY:
            parts.append(f"{len(members)} in `{folder}/`, from `{members[0].rpartition('/')[2]}` on")
        else:
            parts += [f"`{name}`" for name in members]
    return ", ".join(parts)


def _counts(names: Iterable[str]) -> str:
    """How many results there are in each of the topmost folders of their store."""
    folders = Counter(name.partition("/")[0] for name in names)
    return ", ".join(f"{number:,} in `data/results/{folder}/`" for folder, number in folders.items())


def table(*runs, results: Mapping[str, dict] | None = None) -> str:
    """Markdown table of the runs that a page shows: their names, seeds, when and on what they were trained.

    ``results`` are the provenances of what it has from the store of :mod:`surrogates.store.results`, by name.
    """
    rows = [("Runs", _names([run.name for run in runs]))]
    others = ", likewise each of the others" if len(runs) > 1 else ""
    rows += [("Train again", f"`make retrain RUN={runs[0].name}`{others}")]
    rows += [("Seeds", ", ".join(sorted({str(run.config.fit.seed) for run in runs})))]
    trained = [run.provenance for run in runs]
    rows.append(("Trained", _dates(trained)))
    made = list((results or {}).values())
    if made:
        rows += [("Results", f"{_counts(results)}; each file says what it was made from"), ("Made", _dates(made))]
    origins = trained + made
    for label, key in (("Commit", "commit"), ("Machine", "machine"), ("Python", "python")):
        rows.append((label, ", ".join(sorted({origin[key] for origin in origins}))))
    packages = sorted({f"{name} {version}" for origin in origins for name, version in origin["packages"].items()})
    rows += [("Packages", ", ".join(packages))]
    rows += [("Training time", duration(sum(origin["training_seconds"] for origin in trained)))]
    if made:
        rows += [("Time of results", duration(sum(origin["seconds"] for origin in made)))]
    return "\n".join(["| | |", "|---|---|", *(f"| {label} | {text} |" for label, text in rows)])


def _dates(origins: Iterable[dict]) -> str:
    dates = sorted(origin["started"] for origin in origins)
    return dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
