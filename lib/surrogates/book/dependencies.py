"""What an executed page depends on, so that only those pages are executed again that an edit can change.

That is the page's source with its parameters at the profile, the modules of the library that it reaches by its imports,
the files of ``data/``, the locked packages, and the runs, results and other pages that it has read.
"""

import ast
import hashlib
import json
from pathlib import Path

from surrogates.book import parameters, sources
from surrogates.store import files

PACKAGE = "surrogates"


def modules(text: str, library: Path) -> list[Path]:
    """The files in ``library``, the folder that holds the package, that this code imports, directly or through others.

    Of a room it imports, all that its ``__init__`` imports counts, as Python executes it. Imports inside of functions
    count as well.
    """
    found, waiting = set(), _imported(text, PACKAGE)
    while waiting:
        name = waiting.pop()
        for path in _files(name, library) - found:
            found.add(path)
            inside = path.relative_to(library).with_suffix("").parts
            package = ".".join(inside[:-1])  # of the module, or of the room whose __init__ this is
            waiting |= _imported(path.read_text(encoding="utf-8"), package)
    return sorted(found)


def key(source: Path, given: dict, root: Path) -> str:
    """Changes with all that a page depends on but what it has read when it was executed."""
    text = source.read_text(encoding="utf-8")
    changes = parameters.profile_changes(sources.name_of(source, root / "book"))
    digest = hashlib.sha256(json.dumps([given, text, changes], sort_keys=True).encode())
    tables = sorted(path for path in (root / "data").iterdir() if path.is_file())
    for path in [*modules(_code(text), root / "lib"), *tables, root / "requirements.lock"]:
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()


def imported(source: Path) -> set[str]:
    """What a page itself imports from the library, dotted; some may be names inside of a module."""
    return _imported(_code(source.read_text(encoding="utf-8")), PACKAGE)


def reads_pages(source: Path) -> bool:
    """Whether a page reads what other executed pages have recorded."""
    text = _code(source.read_text(encoding="utf-8"))
    return "claims.from_pages" in text or "claims.PAGES_VARIABLE" in text


def note(record: Path, key: str, used: list[str]):
    """Keep what a page was executed from."""
    files.write_json(record, {"key": key, "used": {path: _digest(path) for path in used}})


def up_to_date(record: Path, notebook: Path, key: str) -> bool:
    """Whether a page was executed from just what is there now."""
    if not (record.exists() and notebook.exists()):
        return False
    stored = files.read_json(record)
    return stored["key"] == key and all(_digest(path) == digest for path, digest in stored["used"].items())


def _digest(path: str) -> dict:
    """Checksums of a file, or of the files of a run."""
    path = Path(path)
    return {file.name: files.sha256(file) for file in sorted([path, *path.glob("*")]) if file.is_file()}


def _code(text: str) -> str:
    """A page's source as Python that can be parsed; a magic of IPython imports nothing."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(("%", "!")))


def _imported(text: str, package: str) -> set[str]:
    """Dotted names that a module of this package imports from the library; some may be names inside of a module."""
    names = set()
    try:
        tree = ast.parse(text)
    except SyntaxError:  # which the execution will report
        return names
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            start = ".".join([*parts, *filter(None, [node.module])])
            names |= {start, *(f"{start}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.split(".")[0] == PACKAGE}


def _files(name: str, library: Path) -> set[Path]:
    """The module of that name and the ``__init__`` of each package it lies in, as far as they are files."""
    parts = name.split(".")
    rooms = [library.joinpath(*parts[:i], "__init__.py") for i in range(1, len(parts) + 1)]
    return {path for path in [*rooms, library.joinpath(*parts).with_suffix(".py")] if path.exists()}
