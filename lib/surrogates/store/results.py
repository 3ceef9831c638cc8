"""The store of what takes long and is no training, such as searches: computed once, loaded ever after.

>>> from surrogates.store import results
>>> trial = results.load_or_compute("search/mine/hopping", {"n_atoms": 7}, compute, seed=0)

``compute()`` is called the first time only, and gives plain dictionaries, lists, numbers, strings.

An experiment is two files of its name. ``NAME.jsonl`` has a line for each result, a row: the "key" of its settings, its
"seed", what it was "made" with, when ("started") and how long ("seconds"), the columns of the result, and the "sha256"
of the line before it. ``NAME.json`` has the settings by key, and the provenances by what the rows call them. A row is
appended at once: whoever is killed loses no more than the one that was being written. With pandas, :func:`frame` or

>>> pandas.read_json("data/results/search/mine/hopping.jsonl", lines=True)
"""

import functools
import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from surrogates.store import files, names, plain, progress, provenance

OWN = ("key", "seed", "made", "started", "seconds", "result", "sha256")
"""The columns that a row has beside those of a result."""

_PACKAGES = (*provenance.PACKAGES, "scipy", "cma")
DIGITS = 12
SEAL = b',"sha256":"'

loaded: dict[tuple[str, str, int | None], dict] = {}
"""The provenance of each result that this process has asked for, by name, key and seed: what a page was made from."""


def load_or_compute(name: str, settings: dict, compute: Callable[[], object], seed: int | None = None):
    """The result of this name, these settings and this seed, from the store, or computed and stored.

    Parameters
    ----------
    name : str
        Of the experiment, ``data/results/NAME.jsonl``.
    settings : dict
        All that determines the result besides the seed, as :func:`surrogates.store.plain.described` takes it: frozen
        dataclasses are welcome. They say nothing of the library's code: what computes a result in another way has to
        have another name.
    compute : callable
        Gives the result, as plain data. Where another process stores the same one meanwhile, that one counts.
    seed : int, optional

    Raises
    ------
    ValueError
        For a result or settings that are no plain data.
    surrogates.store.files.DamagedFile
        For a file that is not what was once written; it names the line.
    """
    experiment = _experiment(name)
    settings, seed = plain.described(settings), plain.described(seed)
    key = plain.digest(settings)[:DIGITS]
    if (key, seed) not in experiment.read():
        result, origin = computed(compute)
        experiment.append(key, seed, settings, _plain(name, result), origin)
    progress.used(experiment.path)
    row = json.loads(experiment.read()[key, seed])
    loaded[name, key, seed] = experiment.origin(row)
    return _result(row)


def computed(compute: Callable[[], object]) -> tuple[object, dict]:
    """What it gives, and its provenance, as :func:`add` takes it."""
    commit, clock = _commit(), time.monotonic()  # before it, as the files may change meanwhile
    origin = {"commit": commit, "started": provenance.date(time.time())}
    result = compute()
    seconds = round(time.monotonic() - clock, 1)
    return result, origin | {"seconds": seconds, **provenance.environment(_PACKAGES)}


def has(name: str, settings: dict, seed: int | None = None) -> bool:
    """Whether the store has the result of this name, these settings and this seed."""
    key = plain.digest(plain.described(settings))[:DIGITS]
    return (key, plain.described(seed)) in _experiment(name).read()


def add(name: str, settings: dict, result, origin: dict, seed: int | None = None):
    """Store a result that another process has :func:`computed`, unless the store has one: that one counts."""
    settings, seed = plain.described(settings), plain.described(seed)
    key = plain.digest(settings)[:DIGITS]
    _experiment(name).append(key, seed, settings, _plain(name, result), origin)


def frame(name: str) -> pd.DataFrame:
    """All results of an experiment, a row each, with its settings beside it.

    The columns are "key", "seed", "made", "started", "seconds", the columns of the result (or "result"), and the
    settings as ``settings.NAME``, with dots for settings within settings. Raises FileNotFoundError where there is none.
    """
    experiment = _experiment(name)
    if not experiment.path.exists():
        raise FileNotFoundError(f"There is no experiment {name!r}. {names.nearest(name, experiments())}")
    rows = [json.loads(line) for line in experiment.read().values()]
    described = experiment.sidecar()["settings"]
    settings = pd.json_normalize([{"settings": described[row["key"]]} for row in rows])
    return pd.concat([pd.DataFrame(rows).drop(columns="sha256", errors="ignore"), settings], axis=1)


def experiments() -> list[str]:
    """The names of all experiments in the store."""
    folder = names.results_folder()
    return sorted(path.relative_to(folder).as_posix().removesuffix(".jsonl") for path in folder.rglob("*.jsonl"))


class _State(NamedTuple):
    """Of a file, another one wherever it was written to."""

    inode: int
    size: int
    changed: int


class _Experiment:
    """The two files of an experiment, and what this process has read of them."""

    def __init__(self, path: Path):
        self.path = path
        self.beside = path.with_name(f"{path.name.removesuffix('.jsonl')}.json")
        self.lines: dict[tuple[str, int | None], bytes] = {}
        self.end = 0  # of the last whole line that was read
        self.state: _State | None = None
        self.seen: tuple[_State, dict] | None = None  # of the sidecar

    def read(self) -> dict[tuple[str, int | None], bytes]:
        """Every row as it stands in the file, by key and seed. Only what is new is read and checked."""
        state = _state(self.path)
        if state and state == self.state:
            return self.lines
        kept, self.state = self.state, None  # until what is read has been found whole
        if not (state and kept and state.inode == kept.inode and state.size > kept.size):
            self.lines, self.end = {}, 0
        if state:
            with self.path.open("rb") as file:
                file.seek(self.end)
                whole, newline, _ = file.read().rpartition(b"\n")  # a torn last line counts for nothing
            for line in whole.split(b"\n") if newline else ():
                self._add(line)
            self.end += len(whole + newline)
            self.state = state
        return self.lines

    def _add(self, line: bytes):
        number = len(self.lines) + 1
        sealed, _, seal = line.rpartition(SEAL)
        if line.endswith(b"\r"):
            raise files.DamagedFile(f"{self.path} is not as it was written: {files.LINE_ENDS}.")
        if seal != _seal(sealed):
            raise files.DamagedFile(
                f"{self.path}, line {number}, is damaged or was changed: its checksum is another. Restore the file, or "
                "delete the line to compute its result again."
            )
        row = json.loads(line)
        if (row["key"], row["seed"]) in self.lines:
            raise files.DamagedFile(f"{self.path}, line {number}, has a result that stands above it: delete the line.")
        self.lines[row["key"], row["seed"]] = line

    def sidecar(self) -> dict:
        """The settings by key and the provenances by what rows call them."""
        state = _state(self.beside)
        if state is None:
            return {"settings": {}, "made": {}}
        if self.seen is None or self.seen[0] != state:
            content = files.read_json(self.beside)
            whole = isinstance(content, dict) and content.keys() == {"settings", "made"}
            if not whole or any(plain.digest(v)[:DIGITS] != k for part in content.values() for k, v in part.items()):
                raise files.DamagedFile(f"{self.beside} is damaged or was changed: restore it.")
            self.seen = state, content
        return self.seen[1]

    def origin(self, row: dict) -> dict:
        """The provenance of a row."""
        sidecar = self.sidecar()
        if row["key"] not in sidecar["settings"] or row["made"] not in sidecar["made"]:
            raise files.DamagedFile(
                f"{self.path} has results of which {self.beside.name} beside it says nothing: restore both files."
            )
        return sidecar["made"][row["made"]] | {"started": row["started"], "seconds": row["seconds"]}

    def append(self, key: str, seed: int | None, settings: dict, result, origin: dict):
        """Store a row, unless another process was first; what it refers to is written before it."""
        when = {"started": origin["started"], "seconds": origin["seconds"]}
        made = {name: value for name, value in origin.items() if name not in when}
        row = {"key": key, "seed": seed, "made": plain.digest(made)[:DIGITS], **when}
        row |= result if isinstance(result, dict) and not result.keys() & set(OWN) else {"result": result}
        sealed = json.dumps(row, allow_nan=False, separators=(",", ":"))[:-1].encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with names.locked(self.path) as file:
            if (key, seed) in self.read():
                return
            sidecar = self.sidecar()
            if key not in sidecar["settings"] or row["made"] not in sidecar["made"]:
                more = {"settings": {key: settings}, "made": {row["made"]: made}}
                files.write_json(self.beside, {part: sidecar[part] | more[part] for part in more})
            file.truncate(self.end)  # of a row that was torn
            line = sealed + SEAL + _seal(sealed) + b"\n"
            if os.write(file.fileno(), line) < len(line):
                raise OSError(f"{self.path}: the disk has no space for a row of {len(line)} bytes.")
            os.fsync(file.fileno())


_experiments: dict[Path, _Experiment] = {}


def _experiment(name: str) -> _Experiment:
    path = names.path_of(names.results_folder(), name)
    path = path.with_name(f"{path.name}.jsonl")
    return _experiments.setdefault(path, _Experiment(path))


@functools.cache
def _commit() -> str:
    """The code that this process has loaded stays the same, so that it asks once."""
    return provenance.commit()


def _state(path: Path) -> _State | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return _State(found.st_ino, found.st_size, found.st_mtime_ns)


def _seal(sealed: bytes) -> bytes:
    """What ends a row: a checksum of what stands before it."""
    return hashlib.sha256(sealed).hexdigest()[:DIGITS].encode() + b'"}'


def _result(row: dict):
    return row["result"] if "result" in row else {name: value for name, value in row.items() if name not in OWN}


def _plain(name: str, result):
    """The result as a file keeps it."""
    try:
        return json.loads(json.dumps(result, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"The result {name} cannot be stored ({error}): give plain data, with None for NaN.") from None
