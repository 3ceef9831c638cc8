"""What the texts tell a reader to write works as it stands there."""

import functools
import importlib
import inspect
import re
import subprocess
import sys
import textwrap

import pytest

from surrogates.book import sources
from surrogates.store.provenance import root

TEXTS = [root() / "README.md", *(root() / "book" / f"{name}.md" for name in ("reproduce", "clusters"))]
BLOCKS = [block for text in TEXTS for block in re.findall(r"```python\n(.*?)```", text.read_text(), re.DOTALL)]
ALONE = [
    block for block in BLOCKS if "scheduler=" not in block
]  # tests/training/test_clusters.py has those that need a cluster


def test_there_is_something_to_test():
    assert len(ALONE) >= 3


@pytest.mark.parametrize("text", sorted((root() / "book").glob("*.md")), ids=lambda path: path.stem)
def test_the_site_shows_the_lines_of_a_block_in_full(text):
    blocks = re.findall(r"^```\w+\n(.*?)^```", text.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert [line for block in blocks for line in block.splitlines() if len(line) > 88] == []


def test_the_site_shows_the_lines_of_the_library_in_full():
    for page in sources.in_order(root() / "book"):
        for module, name in re.findall(r"^```\{from-library\} (\S+) (\S+)$", page.read_text("utf-8"), re.MULTILINE):
            shown = functools.reduce(getattr, name.split("."), importlib.import_module(module))
            lines = textwrap.dedent(inspect.getsource(getattr(shown, "py_func", shown))).splitlines()
            assert [line for line in lines if len(line) > 89] == [], f"{module} {name}"


@pytest.mark.parametrize("block", ALONE)
def test_a_block_of_python_runs(block):
    done = subprocess.run([sys.executable, "-c", block], cwd=root(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
