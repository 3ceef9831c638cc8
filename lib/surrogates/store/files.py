"""Files that are either whole or not there: every write goes to a neighbour and is moved into place."""

import contextlib
import hashlib
import json
import os
import zipfile
from pathlib import Path

import numpy as np


class DamagedFile(ValueError):
    """A file that cannot be what was once written: cut short, changed, or from elsewhere."""


@contextlib.contextmanager
def replacing(path: Path, durable: bool = True):
    """Give a binary file to write to; it takes the place of ``path`` once it is complete, and never otherwise.

    ``durable`` waits until the disk has it, so that it also outlasts a loss of power.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    neighbour = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with neighbour.open("wb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(neighbour, path)
    finally:
        neighbour.unlink(missing_ok=True)


def write_text(path: Path, text: str):
    with replacing(path) as file:
        file.write(text.encode())


def write_json(path: Path, content: dict):
    write_text(path, json.dumps(content, indent=2) + "\n")


def read_json(path: Path) -> dict:
    """Read a JSON file, or raise DamagedFile."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise DamagedFile(f"{path} is damaged ({error}). {_remedy(path)}") from None


def write_arrays(path: Path, arrays: dict[str, np.ndarray], durable: bool = True):
    """Write named arrays to one ``.npz`` file."""
    with replacing(path, durable) as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read named arrays, or raise DamagedFile. Each array has a checksum in the file, which is verified."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise DamagedFile(f"{path} is damaged ({error}). {_remedy(path)}") from None


def _remedy(path: Path) -> str:
    return f"Restore it, or delete the folder {Path(path).parent} to compute it again."


LINE_ENDS = (
    "it has other line ends than it was written with, as git gives them where core.autocrlf is set: clone again with "
    "`git clone -c core.autocrlf=false`"
)
"""What is to be said of such a file."""


def line_ends_changed(path: Path, checksum: str) -> bool:
    """Whether a text has this checksum but for its line ends."""
    return hashlib.sha256(Path(path).read_bytes().replace(b"\r\n", b"\n")).hexdigest() == checksum


def sha256(path: Path) -> str:
    """The checksum of a file's content, in hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
