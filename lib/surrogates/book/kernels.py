"""Kernels that are copies of one process, which has imported what the pages import: TensorFlow takes seconds.

That process is this module as a program. It ends with the one that has started it, and all kernels end with it.
"""

import atexit
import contextlib
import functools
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings

from jupyter_client.provisioning import LocalProvisioner


def _can_copy() -> bool:
    """Whether a copy can be followed: on Linux, but for some containers. Libraries of macOS are unsafe in one."""
    try:
        os.close(os.pidfd_open(os.getpid()))
        return True
    except (AttributeError, OSError):
        return False


CAN_COPY = _can_copy()

STARTS_THREADS = "stellargraph"
"""It computes when it is imported, in threads of TensorFlow that a copy would lack and wait for."""

LONGEST = 2**20  # bytes of what is asked: a command, a folder, an environment

ONE_AT_A_TIME = threading.Lock()

imports: set[str] = set()
"""Modules that are imported before the first kernel starts, as far as they can be."""


class Forked(LocalProvisioner):
    """Starts a kernel for ``jupyter_client`` as a copy, or as a process of its own where that cannot be."""

    async def launch_kernel(self, cmd, **options):
        log = options.get("stderr") or sys.stderr
        asked = {"arguments": cmd[cmd.index("-f") :], "cwd": str(options["cwd"]), "environment": dict(options["env"])}
        try:
            with ONE_AT_A_TIME:
                self.process = _Kernel(_original(frozenset(imports)).copy(asked, log.fileno()))
        except OSError:  # no copies here, or no longer
            return await super().launch_kernel(cmd, **options)
        self.pid = self.pgid = self.process.pid  # it leads a group of its own as soon as it runs
        self.cwd = options["cwd"]
        return self.connection_info


class _Kernel:
    """What ``jupyter_client`` asks of a process that it has opened."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int):
        self.pid, self.handle = pid, None
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            self.handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        if self.handle is not None and select.select([self.handle], [], [], 0)[0]:
            os.close(self.handle)
            self.handle = None
        return 0 if self.handle is None else None

    def wait(self) -> int:
        while self.poll() is None:
            time.sleep(0.05)
        return 0

    def send_signal(self, number: int):
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, number)


class _Original:
    """The process that kernels are copies of, on the other end of a socket."""

    def __init__(self, modules: frozenset[str]):
        if not CAN_COPY:
            raise OSError("no copies on this system")
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        atexit.register(self.socket.close)
        with theirs:
            command = [sys.executable, "-m", __name__, str(theirs.fileno()), *sorted(modules)]
            subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True)

    def copy(self, asked: dict, log: int) -> int:
        """The process number of a new kernel, which writes errors into ``log``, the number of an open file."""
        socket.send_fds(self.socket, [json.dumps(asked).encode()], [log])
        number = self.socket.recv(LONGEST)
        if not number:
            raise OSError("the process that kernels are copies of has ended")
        return int(number)


_original = functools.cache(_Original)


def _serve(end: socket.socket):
    """Make a copy of this process for each message that comes in; return in the copy."""
    while True:
        message, (*files,), *_ = socket.recv_fds(end, LONGEST, 1)
        if not message:
            sys.exit()
        if not (pid := os.fork()):
            end.close()
            return json.loads(message), files[0]
        os.close(files[0])
        end.send(str(pid).encode())


def _be_kernel(arguments: list[str], cwd: str, environment: dict[str, str], log: int):
    """As ``python -m ipykernel_launcher``."""
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    os.dup2(log, sys.stderr.fileno())
    os.environ.clear()
    os.environ.update(_harmless(environment))
    os.chdir(cwd)
    sys.argv = ["ipykernel_launcher", *arguments]
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(arguments)
    if "matplotlib" in sys.modules:  # imported before there was a notebook to show figures in
        importlib.import_module("surrogates.book.glue").settle_figures()
    app.start()


def _harmless(environment: dict[str, str]) -> dict[str, str]:
    """Without variables that change numbers where TensorFlow is imported; a process that imports it takes them out."""
    backend = sys.modules.get("surrogates.models.backend")
    return {name: value for name, value in environment.items() if not backend or name not in backend.CHANGING}


def main(number: str, *modules: str):
    sys.path.pop(0)  # the folder that the command was given in
    sys.modules[STARTS_THREADS] = None  # whatever imports it fails
    for name in ("ipykernel.kernelapp", *modules):
        with contextlib.suppress(Exception):  # a copy that imports it will say so
            importlib.import_module(name)
    del sys.modules[STARTS_THREADS]
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)  # in what NumPy minds
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # copies that have ended are gone
    asked, log = _serve(socket.socket(fileno=int(number)))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _be_kernel(**asked, log=log)


if __name__ == "__main__":
    main(*sys.argv[1:])
