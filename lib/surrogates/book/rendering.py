"""Render the executed pages with jupyter-book."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path


def render(book: Path) -> Path:
    """Render the executed pages; a warning is an error. Returns the path of the site's entry."""
    print("rendering", flush=True)
    # --all, because Sphinx would not notice that only a style sheet or a picture has changed.
    command = [Path(sys.executable).with_name("jupyter-book"), "build", book, "--all", "-W", "-n", "--keep-going"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        report = done.stdout + done.stderr
        if os.strerror(errno.ENOSPC) in report:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        print(report, file=sys.stderr)
        raise RuntimeError("jupyter-book could not render the pages without a warning; its report stands above.")
    return book / "_build" / "html" / "index.html"


def copy_unexecuted(book: Path, target: Path):
    """Copy what a book consists of besides its executed pages."""
    target.mkdir(parents=True, exist_ok=True)
    for path in book.iterdir():
        if path.suffix in (".md", ".bib", ".yml"):
            shutil.copyfile(path, target / path.name)
    for folder in ("_static", "examples"):
        shutil.copytree(book / folder, target / folder, dirs_exist_ok=True)
