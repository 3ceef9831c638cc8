"""Kernels that are copies of one process: each on its own, under the hand of who has started it, and gone with it."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from surrogates.book import kernels
from surrogates.book.execution import LAUNCH
from surrogates.models import backend
from tests import forked

SPEC = KernelSpec(argv=[sys.executable, *LAUNCH], metadata={"kernel_provisioner": {"provisioner_name": "forked"}})


def started(folder, **environment):
    """A kernel in a folder, and what executes code in it and gives its last output or error."""
    manager = KernelManager(kernel_name="python3")
    manager._kernel_spec = SPEC
    with (folder / "log.txt").open("w") as log:
        manager.start_kernel(cwd=str(folder), env=os.environ | environment, stderr=log)
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)

    def execute(code):
        found = []
        reply = client.execute_interactive(code, timeout=60, output_hook=lambda given: found.append(given["content"]))
        return found[-2].get("text", "") if reply["content"]["status"] == "ok" else reply["content"]["ename"]

    return manager, client, execute


@pytest.fixture
def two(tmp_path):
    forked.offer()
    kernels.imports.clear()
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    pair = [started(folder, MINE=folder.name) for folder in folders]
    yield pair
    for manager, client, _ in pair:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.skipif(not kernels.CAN_COPY, reason="each kernel is a process of its own here")
def test_each_copy_has_its_own_folder_variables_and_names_and_both_end_when_they_are_told_to(two, tmp_path):
    (one, _, in_one), (other, client, in_other) = two
    where = "import os, sys; a = globals().get('a', 0) + 1; print(os.path.basename(os.getcwd()), os.environ['MINE'], a)"
    assert [in_one(where), in_one(where), in_other(where)] == ["one one 1\n", "one one 2\n", "other other 1\n"]
    parents = {in_kernel("print(os.getppid())") for in_kernel in (in_one, in_other)}
    assert len(parents) == 1, "not copies of the same process"
    assert in_one("print('' in sys.path, os.getcwd() in sys.path)") == "True False\n"

    client.execute("import time; time.sleep(60)")
    time.sleep(0.5)
    other.interrupt_kernel()
    assert client.get_shell_msg(timeout=20)["content"]["ename"] == "KeyboardInterrupt"
    assert one.is_alive() and other.is_alive()
    os.kill(one.provisioner.pid, signal.SIGKILL)
    for _ in range(100):
        if not one.is_alive():
            break
        time.sleep(0.1)
    assert not one.is_alive() and other.is_alive()

    original = psutil.Process(int(parents.pop()))
    original.kill()
    assert psutil.wait_procs([original], timeout=20)[1] == []
    third, client, in_third = started(tmp_path)
    assert in_third("import os; print(os.getppid())") == f"{os.getpid()}\n", "not by itself"
    client.stop_channels()
    third.shutdown_kernel(now=True)


ALONE = """
import pathlib, sys, time
from tests.book import test_kernels
from tests import forked

forked.offer()
manager, _, execute = test_kernels.started(pathlib.Path(sys.argv[1]))
print(manager.provisioner.pid, execute("import os; print(os.getppid())"), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not kernels.CAN_COPY, reason="each kernel is a process of its own here")
def test_a_process_that_is_killed_takes_its_kernels_with_it(tmp_path):
    script = subprocess.Popen([sys.executable, "-c", ALONE, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    left = [psutil.Process(int(number)) for number in script.stdout.readline().split()]
    assert len(left) == 2, "a kernel, and what it is a copy of"
    script.kill()
    script.wait()
    assert psutil.wait_procs(left, timeout=20)[1] == []


def test_where_a_copy_cannot_be_followed_there_is_none(monkeypatch, tmp_path):
    def refused(pid):
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(os, "pidfd_open", refused, raising=False)
        monkeypatch.setattr(kernels, "CAN_COPY", kernels._can_copy())
    monkeypatch.setattr(kernels, "_original", kernels._Original)
    forked.offer()
    manager, client, execute = started(tmp_path)
    assert execute("import os; print(os.getppid())") == f"{os.getpid()}\n"
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_variables_that_change_numbers_do_not_come_back(monkeypatch):
    given = {"HOME": "here", backend.CHANGING[0]: "1"}
    assert kernels._harmless(given) == {"HOME": "here"}
    monkeypatch.delitem(sys.modules, backend.__name__)
    assert kernels._harmless(given) == given, "its import takes them out, or refuses them"
