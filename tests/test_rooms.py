"""The form of the library: rooms that stand on one another, modules to be read whole, names that mean one thing."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from surrogates.store.provenance import root

ROOMS = ("store", "potentials", "data", "models", "training", "search", "analysis", "book")
"""From low to high: a room may use itself, the rooms before it, and the modules beside the rooms."""

LIBRARY = root() / "lib" / "surrogates"
MODULES = sorted(LIBRARY.rglob("*.py"))
LONGEST = 310  # lines of a module: about 300
LONGEST_PAGE = 320  # lines of a page

SHARED = {
    "main": "the command of a module that is run as a program",
}
"""Public names that stand in two modules, and why they may."""


def name(path: Path) -> str:
    return path.relative_to(LIBRARY).as_posix()


def room(path: Path) -> str:
    """The room of a module, "" for one beside the rooms."""
    parts = path.relative_to(LIBRARY).parts
    return parts[0] if len(parts) > 1 else ""


def imported(path: Path) -> set[str]:
    """The rooms that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name(path)}: imports are written in full"
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        found |= {parts[1] for parts in (text.split(".") for text in names) if parts[0] == "surrogates" and parts[1:]}
    return found & set(ROOMS)


def test_the_rooms_are_there_and_few_modules_stand_beside_them():
    folders = {path.name for path in LIBRARY.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(ROOMS)
    assert len(list(LIBRARY.glob("*.py"))) <= 4


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_room_imports_only_rooms_below_it(path):
    allowed = ROOMS[: ROOMS.index(room(path)) + 1] if room(path) else ("store", "potentials")
    assert imported(path) <= set(allowed), f"{name(path)} may import {', '.join(allowed)}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_can_be_read_whole(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", sorted((root() / "book").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_can_be_read_whole(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_PAGE


def public(path: Path) -> set[str]:
    """What a module defines for others at its top: functions, classes, constants."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {name for name in names if not name.startswith("_")}


def test_a_public_name_means_one_thing():
    places = defaultdict(set)
    for path in MODULES:
        for defined in public(path):
            places[defined].add(name(path))
    twice = {defined: sorted(where) for defined, where in places.items() if len(where) > 1}
    assert set(twice) <= set(SHARED), {defined: where for defined, where in twice.items() if defined not in SHARED}
    assert set(SHARED) <= set(twice), "names that stand in one module only need no exception"


def as_the_locale_says(path: Path) -> list[str]:
    """The calls in a program that read or write text in whatever encoding the machine has."""
    found = []
    for call in (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)):
        called = ast.unparse(call.func)
        of_file = re.search(r"^open$|(?<!\bfiles)\.(open|read_text|write_text|NamedTemporaryFile)$", called)
        modes = [part.value for part in call.args if isinstance(part, ast.Constant)]
        binary = any(isinstance(mode, str) and re.fullmatch(r"[rwa+]*b[rwa+]*", mode) for mode in modes)
        keywords = {keyword.arg for keyword in call.keywords}
        if "encoding" not in keywords and ((of_file and not binary) or ("text" in keywords and "subprocess" in called)):
            found.append(f"line {call.lineno}: {ast.unparse(call)}")
    return found


PROGRAMS = sorted(path for folder in ("lib", "benchmarks", "book/examples") for path in (root() / folder).rglob("*.py"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.relative_to(root()).as_posix())
def test_every_text_is_utf_8_by_name(path):
    assert as_the_locale_says(path) == []


@pytest.mark.parametrize("name", ["store", "potentials", "data"])
def test_the_low_rooms_do_without_keras(name):
    code = f"import sys, surrogates.{name}; sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=root()).returncode == 0


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_gives_what_it_imports(name):
    """A room's ``__init__`` says what the room is for and imports its public names; there is no second list of them."""
    first, *rest = ast.parse((LIBRARY / name / "__init__.py").read_text(encoding="utf-8")).body
    assert isinstance(first.value, ast.Constant)
    assert all(isinstance(node, ast.ImportFrom) for node in rest)
