"""The store of what takes long and is no training, such as searches: computed once, loaded ever after.

A result has a name for people, and a file of that name with the settings that determine it, the result itself and its
provenance.

>>> from surrogates import results
>>> counts = results.load_or_compute("search/mine/hopping-7", {"n_atoms": 7, "seeds": 20}, compute)

``compute()`` is called the first time only, and gives plain dictionaries, lists, numbers, strings.
"""

import hashlib
import importlib.metadata
import json
import time
from collections.abc import Callable
from pathlib import Path

from surrogates.store import files, progress, provenance
from surrogates.training import runs

PACKAGES = ("scipy", "cma")
"""The packages, beside those of a training, whose versions can change a result."""


loaded: dict[Path, dict] = {}
"""The provenance of each result that this process has asked for, by file: what a page says it was made from."""


def store() -> Path:
    """The folder of all results, ``data/results``, beside that of the runs."""
    return runs.store().parent / "results"


def load_or_compute(name: str, settings: dict, compute: Callable[[], object]):
    """The result of this name and these settings, from the store, or computed and stored.

    Where the name is taken by other settings, the result is stored beside it, as the name with a digest of these. The
    settings say nothing of the code: what computes a result in another way has to have another name.

    Raises ValueError for a result that is no plain data, and :class:`store.files.DamagedFile` for a file that is
    not what was once written.
    """
    settings = json.loads(json.dumps(settings))
    path = store() / f"{name}.json"
    if path.exists() and _read(path)["settings"] != settings:
        path = path.with_stem(f"{path.stem}-{_digest(settings)[:8]}")
    if not path.exists():
        began = {"commit": provenance.commit(), "time": time.time()}
        clock = time.monotonic()
        content = {"settings": settings, "result": _plain(name, compute())}
        origin = provenance.collect(began, [time.monotonic() - clock])
        origin["seconds"] = origin.pop("training_seconds")
        origin["packages"] |= {package: importlib.metadata.version(package) for package in PACKAGES}
        files.write_json(path, content | {"provenance": origin, "sha256": _digest(content)})
    progress.used(path)
    content = _read(path)
    if content["settings"] != settings:
        raise files.DamagedFile(f"{path} holds other settings than its name says: delete the file.")
    loaded[path] = content["provenance"]
    return content["result"]


def _plain(name: str, result):
    """The result as a file keeps it."""
    try:
        return json.loads(json.dumps(result, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"The result {name} cannot be stored ({error}): give plain data, with None for NaN.") from None


def _read(path: Path) -> dict:
    content = files.read_json(path)
    parts = {key: content.get(key) for key in ("settings", "result")} if isinstance(content, dict) else {}
    if not parts or content.get("sha256") != _digest(parts):
        raise files.DamagedFile(
            f"{path} is damaged or was changed: its checksum is another. Restore it, or delete it to compute it again."
        )
    return content


def _digest(content: dict) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
