"""A book of two short pages, and how commands are run in it."""

import os
import shutil
import subprocess
import sys

import pytest

from surrogates.store.provenance import root


def ran(*command, cwd=None, **environment):
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd or root(),
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
    )


SHORT_PAGE = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Page NAME

# %% tags=["parameters"]
profile = "quick"
seed = 0

# %%
print('NAME', seed)
"""


@pytest.fixture
def small_book(tmp_path):
    """A repository with two short pages, to make books of."""
    for folder in ("lib/surrogates", "book/_static", "book/examples", "data/runs"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(root() / "requirements.lock", tmp_path)
    contents = "format: jb-book\nroot: one\nchapters:\n  - file: two\n"
    for folder in (tmp_path, tmp_path / "book"):
        (folder / "_toc.yml").write_text(contents)
        (folder / "_config.yml").write_text("title: Two pages\nexecute:\n  execute_notebooks: 'off'\n")
    (tmp_path / "book" / "profiles.yml").write_text("quick: {}\nsmoke: {}\n")
    for name in ("one", "two"):
        (tmp_path / "book" / f"{name}.py").write_text(SHORT_PAGE.replace("NAME", name))
    return tmp_path


def make(folder, *arguments):
    return ran(sys.executable, "-m", "surrogates.book.pages", "book", *arguments, cwd=folder)
