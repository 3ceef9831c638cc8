"""How a command ends: with its result and exit code 0, or with one sentence and another."""

import errno
import sys
from collections.abc import Callable

from surrogates.store import files

FULL_DISK = "The disk is full: free some space (a gigabyte is plenty), then give the same command again; it goes on."


def ended(action: Callable[[], None]) -> int:
    """Do the work of a command, and return the exit code; whatever may be expected to fail is said on stderr."""
    try:
        action()
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on from here.", file=sys.stderr)
        return 130
    except (RuntimeError, FileNotFoundError, files.DamagedFile) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(FULL_DISK, file=sys.stderr)
        return 1
    return 0
