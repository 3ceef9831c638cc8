"""Train a stored run again from nothing, in a store of its own, and set the two side by side.

    python -m surrogates.book.retrain gcn/paper/seed-0

The stored run stays as it is. A training that was stopped goes on from its last epoch, and the result of one that ended
is shown again until its folder is deleted.
"""

import argparse
import contextlib
import os
import sys

from surrogates.book import command
from surrogates.store import names, progress, provenance
from surrogates.training import runs


def retrain(name: str) -> tuple[runs.Run, runs.Run]:
    """The stored run, and one of the same configuration that was trained from nothing in ``reruns/runs``."""
    stored = runs.load(name)
    kept, again = os.environ.get(names.VARIABLE), provenance.root() / "reruns" / "runs"
    if again.resolve() == names.runs_folder().resolve():
        raise RuntimeError(
            f"{again}, where a run is trained again, is the store itself, and the run would be compared with itself: "
            f"unset {names.VARIABLE}, or remove a link."
        )
    os.environ[names.VARIABLE] = str(again)
    try:
        with contextlib.suppress(FileNotFoundError):
            if runs.load(name).config == stored.config:
                print("It has been trained again before; the result of that follows.", file=sys.stderr)
        again = runs.fit_or_load(name, stored.config)
    finally:
        del os.environ[names.VARIABLE]
        if kept is not None:
            os.environ[names.VARIABLE] = kept
    return stored, again


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="surrogates.book.retrain", description=__doc__.splitlines()[0], allow_abbrev=False
    )
    parser.add_argument("run", help="name of a run in data/runs, such as gcn/paper/seed-0")
    name = parser.parse_args(given).run
    return command.ended(lambda: _report(*retrain(name)))


def _report(stored: runs.Run, again: runs.Run):
    """Print the scores of the two side by side."""
    metric = stored.config.fit.metric
    print(f"{metric.upper()} on      stored  trained again")
    for split, values in stored.metrics.items():
        print(f"{split:<10}  {values[metric]:8.4g}  {again.metrics[split][metric]:13.4g}")
    seconds = progress.duration(again.provenance["training_seconds"])
    print(f"Trained in {seconds} at {again.provenance['started']}: {os.path.relpath(again.path)}")
    print("To train it once more, delete that folder.")


if __name__ == "__main__":
    sys.exit(main())
