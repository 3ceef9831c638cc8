"""Lines that tell how far a training is: the epoch, the loss, the time left."""

import os
import sys
import time
from pathlib import Path

PROGRESS = "SURROGATES_PROGRESS"
"""Environment variable with the path of a file to append to. Without it the lines go to the standard error stream."""

USED = "SURROGATES_USED"
"""Environment variable with the path of a file to append the path of every run and page to that is read."""

SCHEDULER = "SURROGATES_SCHEDULER"
"""Environment variable with the address of a Dask scheduler, for sweeps and searches that are given none."""

_INTERVAL = 5.0  # seconds between lines, so that fast epochs do not flood a log

listeners = []
"""Functions that are called after each epoch with the name of the training, the epochs done and the most there are."""


class Progress:
    """Follows one training.

    >>> progress = Progress("gcn/quick/seed-0")
    >>> progress.epoch(1, 60, {"loss": 0.5})
    """

    def __init__(self, name: str):
        self.name = name
        self.started = self.printed = time.monotonic()
        self.first_epoch = None

    def epoch(self, done: int, of: int, values: dict[str, float]):
        """Report that ``done`` epochs of at most ``of`` are finished."""
        for listener in listeners:
            listener(self.name, done, of)
        now = time.monotonic()
        if self.first_epoch is None:
            self.first_epoch = done - 1  # a resumed training starts in the middle
        if done < of and self.first_epoch < done - 1 and now - self.printed < _INTERVAL:
            return
        self.printed = now
        left = (now - self.started) / (done - self.first_epoch) * (of - done)
        shown = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        say(f"{self.name}: epoch {done} of {of}, {shown}, {duration(left)} left at most")


def say(line: str):
    """Write a line to where progress is followed."""
    path = os.environ.get(PROGRESS)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    else:
        print(line, file=sys.stderr, flush=True)


def used(path: Path):
    """Note that a run's folder, or an executed page, is read, where someone wants to know."""
    if os.environ.get(USED):
        with Path(os.environ[USED]).open("a", encoding="utf-8") as file:
            file.write(f"{path}\n")


def duration(seconds: float) -> str:
    """Say a length of time in words: 42 s, 3 min 5 s, 2 h 10 min."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"
