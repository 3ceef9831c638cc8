"""How a worker trains a run of a sweep: in the store that the sweep has, or in a folder of its own machine."""

import contextlib
import copyreg
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from surrogates.store import names, progress
from surrogates.store.workers import VERSION, with_environment
from surrogates.training import runs
from surrogates.training.config import Config

# In another process a run is the one of its name, in the store that is seen there.
copyreg.pickle(runs.Run, lambda run: (runs.load, (run.name,)))


def train(config: Config, name: str, shared: bool, tell: Callable[[int, int], None]) -> dict[str, bytes] | None:
    """Train a run, and return the contents of its files where the sweep does not see the store that it is in."""

    def listen(_, done, of):
        tell(done, of)

    with contextlib.ExitStack() as stack:
        if not shared:
            own = Path(tempfile.gettempdir()) / f"surrogates-{os.getuid()}-{VERSION}"
            stack.enter_context(with_environment({names.VARIABLE: str(own)}))
        progress.listeners.append(listen)
        stack.callback(progress.listeners.remove, listen)
        run = runs.fit_or_load(name, config)
        if shared:
            return None
        contents = {file: (run.path / file).read_bytes() for file in (*runs.FILES, runs.RANGE, "provenance.json")}
        shutil.rmtree(run.path)
        return contents
