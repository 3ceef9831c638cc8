"""Render the executed pages with jupyter-book."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from surrogates.book import sources


def render(book: Path) -> Path:
    """Render the executed pages; a warning is an error. Returns the path of the site's entry."""
    print("rendering", flush=True)
    # A rendering that a full disk or a kill has ended leaves it half written, and Sphinx would warn of that.
    (book / "_build" / "html" / ".buildinfo").unlink(missing_ok=True)
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
    return book / "_build" / "html" / "index.html"


def copy_unexecuted(book: Path, target: Path, pages: Iterable[Path]):
    """Copy what a book consists of besides its ``pages``, which are executed: texts, notebooks, pictures."""
    left = {path for page in pages for path in (page, page.with_suffix(".ipynb"))}

    def ignored(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if name in ("_build", ".ipynb_checkpoints") or Path(folder, name) in left}

    shutil.copytree(book, target, dirs_exist_ok=True, ignore=ignored)
    for name in ("_toc.yml", "_config.yml"):
        shutil.copyfile(sources.contents_file(book, name), target / name)
