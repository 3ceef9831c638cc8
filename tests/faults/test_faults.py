"""Processes that are killed and disks that fill up, at random moments: a correct result, or a sentence.

`make test` tries each once, `make test-faults` as often as stands in ``IN_FULL``.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from surrogates.book import command
from surrogates.store import files
from surrogates.store.provenance import root
from tests.book.conftest import make, small_book  # noqa: F401 (a fixture)
from tests.training.test_training import ended, start

IN_FULL = {"kill": 20, "kill_build": 10, "fill": 20, "fill_build": 20}
IN_PART = dict.fromkeys(IN_FULL, 1)
KINDS = ("mlp", "cnn", "gcn", "pairs")
FULL_DISK = Path(__file__).parent / "full_disk"
BUILD = (sys.executable, "-m", "surrogates.book.pages", "book")


def pytest_generate_tests(metafunc):
    often = IN_FULL if metafunc.config.getoption("in_full") else IN_PART
    for name in often.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(name, range(often[name]))


def with_disk(folder, size):
    """An environment in which the disk that the folder lies on has room for so many more bytes."""
    path = os.pathsep.join([str(FULL_DISK), str(root()), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": path, "FULL_FOLDER": str(folder), "FULL_AFTER": str(size)}


def with_little_room(kind, folder, size):
    """A training in a new process, which is what it takes for a disk to be full; its exit status and what it says."""
    code = (
        "import sys, pathlib, tests.training.test_training as t; t.to_the_end(sys.argv[1], pathlib.Path(sys.argv[2]))"
    )
    given, environment = [sys.executable, "-c", code, kind, str(folder)], with_disk(folder, size)
    done = subprocess.run(given, env=environment, cwd=root(), capture_output=True, text=True)
    return done.returncode, done.stderr


def weights(folder):
    return files.read_arrays(folder / "weights.npz")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """By kind, the folder of a training that nothing happened to, and the seconds that it took."""
    found = {}

    def of(kind):
        if kind not in found:
            folder, began = tmp_path_factory.mktemp(kind), time.monotonic()
            assert ended(start(kind, folder)) == 0
            found[kind] = folder, time.monotonic() - began
        return found[kind]

    return of


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


def test_a_training_killed_at_any_moment_ends_with_the_same_bits(kill, whole, tmp_path):
    kind = KINDS[kill % len(KINDS)]
    expected, seconds = whole(kind)
    status = -signal.SIGKILL
    while status == -signal.SIGKILL:
        process = start(kind, tmp_path / "killed")
        process.join(random.uniform(0.2, 1.2) * seconds)
        process.kill()  # which a process that has ended does not notice
        status = ended(process)
    assert status == 0
    assert_same(weights(tmp_path / "killed"), weights(expected))


def test_a_training_on_a_disk_that_fills_up_goes_on_where_it_was(fill, whole, tmp_path):
    kind = KINDS[fill % len(KINDS)]
    expected, _ = whole(kind)
    room = random.randrange(30 * sum(path.stat().st_size for path in expected.iterdir()))
    (tmp_path / "full").mkdir()
    status, said = with_little_room(kind, tmp_path / "full", room)
    assert status == 0 or "No space left on device" in said, f"{room} bytes: {said}"
    assert ended(start(kind, tmp_path / "full")) == 0
    assert_same(weights(tmp_path / "full"), weights(expected))


def pages_of(book):
    return {path.name: path.read_text() for path in (book / "book").glob("*.ipynb")}


def changed(book):
    """A published book, whose pages are edited then; returns the pages as they were."""
    assert make(book).returncode == 0
    before = pages_of(book)
    for name in ("one", "two"):
        page = book / "book" / f"{name}.py"
        page.write_text(page.read_text().replace("seed)", "seed, 'changed')"))
    return before


def assert_whole(book, before):
    """Every published page is the old one or the new one, and the same command ends well."""
    for name, text in pages_of(book).items():
        assert text == before[name] or ("changed" in text and "error" not in text), name
    done = make(book)
    assert done.returncode == 0, done.stderr
    for name, text in pages_of(book).items():
        assert text.count("changed") == 2, f"{name}: once in the source and once in what it prints"
        assert "changed" in (book / "book/_build/html" / name.replace(".ipynb", ".html")).read_text()
    left = {path.name for path in (book / "book").iterdir()}
    assert not {name for name in left if name.startswith(".one") or "failed" in name}


def test_a_build_killed_at_any_moment_leaves_no_page_half_done(kill_build, small_book):  # noqa: F811
    before = changed(small_book)
    process = subprocess.Popen(BUILD, cwd=small_book, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(random.uniform(0.5, 12))
    process.kill()
    process.communicate()
    assert_whole(small_book, before)


def test_a_build_on_a_disk_that_fills_up_leaves_no_page_half_done(fill_build, small_book):  # noqa: F811
    before = changed(small_book)
    room = int(10 ** random.uniform(0, 6))
    environment = with_disk(small_book, room)
    done = subprocess.run(BUILD, cwd=small_book, env=environment, capture_output=True, text=True)
    if done.returncode:
        assert done.stderr.strip().splitlines()[-1] == command.FULL_DISK, f"{room} bytes: {done.stderr}"
    assert_whole(small_book, before)


def test_two_builds_at_once_do_not_disturb_each_other(small_book):  # noqa: F811
    before = changed(small_book)
    both = [subprocess.Popen(BUILD, cwd=small_book, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert_whole(small_book, before)


def test_a_rendering_that_ended_half_way_is_made_again(small_book):  # noqa: F811
    before = changed(small_book)
    (small_book / "book/_build/html/.buildinfo").write_text("# Sphinx build info\n")
    (small_book / "book/_build/.doctrees/environment.pickle").write_bytes(b"half")
    assert_whole(small_book, before)


def test_times_of_files_decide_nothing(small_book):  # noqa: F811
    """A clock that jumps, or a copy without times."""
    before = changed(small_book)
    for path in (small_book / "book").glob("*.py"):
        os.utime(path, (0, 0))
    for path in (small_book / "book").glob("*.ipynb"):
        os.utime(path, (4e9, 4e9))
    assert_whole(small_book, before)
