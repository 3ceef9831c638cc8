"""A disk that is full: once this process has written FULL_AFTER bytes below FULL_FOLDER, the rest fails."""

import builtins
import errno
import io
import os

FOLDER = os.environ.get("FULL_FOLDER")
_left = int(os.environ.get("FULL_AFTER", "0"))
_open = io.open


class Full(io.FileIO):
    def write(self, content):
        global _left
        size = memoryview(content).nbytes
        if size <= _left:
            _left -= size
            return super().write(content)
        super().write(bytes(content)[:_left])
        _left = 0
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def opened(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    if isinstance(file, int) or not set(mode) & set("wax+") or not os.path.abspath(file).startswith(FOLDER):
        return _open(file, mode, buffering, encoding, errors, newline, closefd, opener)
    raw = Full(file, mode.replace("b", "").replace("t", ""), closefd, opener)
    if buffering == 0:
        return raw
    binary = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
    return binary if "b" in mode else io.TextIOWrapper(binary, encoding, errors, newline)


if FOLDER:
    builtins.open = io.open = opened
