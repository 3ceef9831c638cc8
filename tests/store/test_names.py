"""Names of stored things: their places, locks, and the move into place."""

import errno
import os
import subprocess
import sys

import pytest

from surrogates.store import names
from surrogates.store.provenance import root


def test_a_name_is_a_place_in_the_folder(tmp_path):
    assert names.path_of(tmp_path, "gcn/paper/seed-0") == tmp_path / "gcn" / "paper" / "seed-0"
    assert names.path_of(tmp_path, "a.b/0.5-1e+06").name == "0.5-1e+06"


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "..", "gcn/../../store", "gcn//seed", "gcn/", "./gcn", "a/.", None]
)
def test_a_name_that_would_stand_elsewhere_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=r"name = .*: give parts separated by '/', such as 'gcn/mine/seed-0'"):
        names.path_of(tmp_path, name)


def test_the_results_stand_beside_the_runs(store):
    assert names.runs_folder() == store
    assert names.results_folder() == store.parent / "results"


def test_the_nearest_names_are_named():
    known = [f"gcn/paper/seed-{seed}" for seed in range(200)]
    assert names.nearest("gcn/papper/seed-7", known).startswith("The nearest of its 200 are gcn/paper/seed-7, ")
    assert len(names.nearest("gcn/papper/seed-7", known)) < 100
    assert names.nearest("nothing like it", ["mlp"]) == "It has mlp only."
    assert names.nearest("mlp", []) == "The store is empty."


HOLD = """
import sys
from surrogates.store import names
with names.locked(sys.argv[1]) as file:
    print("locked", flush=True)
    sys.stdin.read()
    file.write(b"first ")
"""


def test_a_file_system_without_locks_is_said(tmp_path, monkeypatch):
    def flock(file, operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(names.fcntl, "flock", flock)
    with pytest.raises(RuntimeError, match="keeps no locks .*SURROGATES_RUNS"), names.locked(tmp_path / "lock"):
        pass


def test_a_file_is_locked_against_other_processes(tmp_path):
    path = tmp_path / "lock"
    environment = {"PYTHONPATH": str(root() / "lib"), "PATH": ""}
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as holder:
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(BlockingIOError), names.locked(path, wait=False):
            pass
        holder.stdin.close()
        with names.locked(path) as file:  # waits
            file.write(b"second")
    assert path.read_text() == "first second"


def test_a_lock_without_a_folder_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError), names.locked(tmp_path / "missing" / "lock"):
        pass


def folder(path, content):
    path.mkdir()
    (path / "file").write_text(content)
    return path


def test_a_finished_folder_is_moved_into_place_once(tmp_path):
    path = tmp_path / "run"
    assert names.put(folder(names.partial(path), "first"), path)
    second = folder(names.partial(path), "second")
    assert not names.put(second, path), "another was first"
    assert (path / "file").read_text() == "first" and second.exists()
    assert names.put(second, path, again=True)
    assert (path / "file").read_text() == "second"
    assert [found.name for found in tmp_path.iterdir()] == ["run"]


def test_the_place_of_another_thing_of_the_same_name(tmp_path):
    assert names.suffixed(tmp_path / "seed-0", "0123456789abcdef").name == "seed-0-01234567"
