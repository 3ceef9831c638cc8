"""The rendered site, and its address in a browser."""

import functools
import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from bs4 import BeautifulSoup

from surrogates.store import files, names

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"


def toc_pages():
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf8"))
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


PAGES = toc_pages()


def build(book, output):
    program = Path(sys.executable).with_name("jupyter-book")
    return subprocess.run(
        [program, "build", book, "-W", "-n", "--keep-going", "--path-output", output],
        check=False,
        text=True,
        encoding="utf8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=400,
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """What the build of the book said and the folder of its pages: one for all processes of pytest-xdist."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    output, said = folder / "site", folder / "site.json"
    with names.locked(folder / "site.lock"):
        if not said.exists():
            done = build(BOOK, output)
            files.write_json(said, {"returncode": done.returncode, "stdout": done.stdout})
    return SimpleNamespace(**files.read_json(said)), output / "_build" / "html"


@pytest.fixture(scope="session")
def site(built):
    folder = built[1]
    assert (folder / "index.html").is_file(), f"the build wrote no site:\n{built[0].stdout[-3000:]}"
    return folder


@pytest.fixture(scope="session")
def documents(site):
    """Every HTML page of the site, parsed. The templates that themes leave in _static are no pages."""
    paths = [path for path in site.rglob("*.html") if "_static" not in path.relative_to(site).parts]
    return {path: BeautifulSoup(path.read_bytes(), "html.parser") for path in paths}


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def origin(site):
    """The site's address on this machine."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
