"""How loops are compiled: kept on disk where there is a place for that, on threads where a process may have them."""

import os

from numba import njit


def _probe():
    return 0


def _kept() -> bool:
    """Whether numba finds a folder for what it compiles; without a home, on a disk that is only read, there is none."""
    try:
        njit(cache=True)(_probe)
    except RuntimeError:  # "no locator available"
        return False
    return True


# Division by zero gives infinity, as IEEE 754 says, so coincident atoms need no branch.
OPTIONS = {"cache": _kept(), "error_model": "numpy"}

_forked = False


def threaded(wanted: bool) -> bool:
    """Whether a loop that would like to may run on threads: a forked process does not have those of its parent.

    The numbers are the same either way.
    """
    return wanted and not _forked


def _after_fork():
    global _forked
    _forked = True


os.register_at_fork(after_in_child=_after_fork)
