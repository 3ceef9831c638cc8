"""Render the executed pages with jupyter-book, where the site is not up to date."""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from surrogates.book import colophon, sources
from surrogates.store import files, names, provenance

NO_SOURCE = {"_build", "__pycache__", ".ipynb_checkpoints"}
"""Folders that no site is made of."""


def render(book: Path) -> Path:
    """Render the executed pages; a warning is an error. Returns the path of the site's entry.

    Nothing is done where the site is still as it was made, and all that it was made of as well.
    """
    site, record, made_from = book / "_build" / "html", book / "_build" / "site.json", _made_from(book)
    if record.exists() and files.read_json(record) == {"made from": made_from, "site": _digest([site])}:
        print("site: up to date", flush=True)
        return site / "index.html"
    print("rendering", flush=True)
    record.unlink(missing_ok=True)
    # A rendering that a full disk or a kill has ended leaves both half written: Sphinx warns of the one, and
    # jupyter-book writes the other only where there is none.
    for name in (".buildinfo", "index.html"):
        (site / name).unlink(missing_ok=True)
    # --all, because Sphinx would not notice that only a style sheet or a picture has changed.
    command = [Path(sys.executable).with_name("jupyter-book"), "build", book, "--all", "-W", "-n", "--keep-going"]
    for option, name in (("--toc", "_toc.yml"), ("--config", "_config.yml")):
        command += [option, sources.contents_file(book, name)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=os.environ | {"PYTHONUTF8": "1"})
    if done.returncode:
        report = done.stdout + done.stderr
        if os.strerror(errno.ENOSPC) in report:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        print(report, file=sys.stderr)
        raise RuntimeError("jupyter-book could not render the pages without a warning; its report stands above.")
    files.write_json(record, {"made from": made_from, "site": _digest([site])})
    return site / "index.html"


def _made_from(book: Path) -> str:
    """Changes with the texts and executed pages, the library, runs and data, the packages, the settings, the commit."""
    root = provenance.root()
    folders = [book, root / "book", root / "lib", root / "data", names.runs_folder()]
    named = sorted(path for path in root.iterdir() if path.is_file())
    return hashlib.sha256(f"{_digest([*folders, *named])} {colophon.last_commit()}".encode()).hexdigest()


def _digest(places: Iterable[Path]) -> str:
    """Changes with the names and contents of these files, and of all files in these folders."""
    digest = hashlib.sha256()
    for place in places:
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in inside:
            if path.is_file() and NO_SOURCE.isdisjoint(path.relative_to(place).parts):
                digest.update(f"{path.name} {path.relative_to(place)} {files.sha256(path)}\n".encode())
    return digest.hexdigest()


def copy_unexecuted(book: Path, target: Path, pages: Iterable[Path]):
    """Copy what a book consists of besides its ``pages``, which are executed: texts, notebooks, pictures."""
    left = {path for page in pages for path in (page, page.with_suffix(".ipynb"))}

    def ignored(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if name in ("_build", ".ipynb_checkpoints") or Path(folder, name) in left}

    shutil.copytree(book, target, dirs_exist_ok=True, ignore=ignored)
    for name in ("_toc.yml", "_config.yml"):
        shutil.copyfile(sources.contents_file(book, name), target / name)
