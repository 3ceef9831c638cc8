"""Execute the pages and render the book: what ``make book``, ``make pdf`` and ``make page`` run.

    python -m surrogates.book.pages book|pdf [--profile NAME] [--seed N] [--scheduler ADDRESS]
    python -m surrogates.book.pages page NAME

Without a profile and a seed it makes the published book, with each page's own parameters, in ``book/``. With them it
makes another one in ``reruns/`` and leaves the published one alone. A page that is up to date is not executed again,
so that an interrupted command goes on where it was. Pages are executed side by side, one for each core; those that
read other pages come last. New pages take the place of old ones when all are executed.
"""

import os
import queue
import shutil
import sys
import threading
import time
from pathlib import Path

from surrogates.book import command, dependencies, execution, kernels, parameters, printed, rendering, settings, sources
from surrogates.store import files, progress, provenance

AT_A_TIME = 4
"""Pages that are executed side by side at most: each takes up to 2 GB of memory."""

OF_THE_USER = ("IPYTHONDIR", "MPLBACKEND", "MATPLOTLIBRC", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHONWARNINGS")
"""Environment variables by which the user's settings would reach what a page shows."""


def make_book(profile: str | None = None, seed: int | None = None) -> Path:
    """Execute what is not up to date, put the pages in place, render. Returns the path of the site's entry."""
    root = provenance.root()
    book = root / "book"
    try:
        parameters.check_profiles(book)
    except ValueError as error:
        raise RuntimeError(str(error)) from None
    pages = sources.in_order(book)
    if profile is None and seed is None:
        given, target = {}, book
    else:
        own = parameters.published(sources.name_of(pages[0], book))
        given = {"profile": profile or own.profile, "seed": own.seed if seed is None else seed}
        target = root / "reruns" / f"{given['profile']}-seed-{given['seed']}"
        rendering.copy_unexecuted(book, target, pages)
    staging = target / "_build" / "pages"
    staging.mkdir(parents=True, exist_ok=True)
    jobs = [(sources.name_of(source, book), dependencies.reads_pages(source)) for source in pages]
    to_do = [source for source in pages if not _at_hand(sources.name_of(source, book), staging, given)[0]]
    kernels.imports.update(*map(dependencies.imported, to_do))
    for last in (False, True):
        _side_by_side(
            [
                (name, staging, given, f"[{number}/{len(pages)}] {name}")
                for number, (name, reads) in enumerate(jobs, 1)
                if reads == last
            ]
        )
    for source in pages:
        _publish(sources.name_of(source, book), staging, target)
    return rendering.render(target)


def make_page(name: str) -> Path:
    """Execute one page of the published book where it is not up to date, and put it in place. Renders nothing."""
    book = provenance.root() / "book"
    names = [sources.name_of(path, book) for path in sources.in_order(book)]
    if name not in names:
        raise RuntimeError(f"page = {name!r}: give one of {', '.join(map(repr, names))}, the pages in _toc.yml.")
    staging = book / "_build" / "pages"
    staging.mkdir(parents=True, exist_ok=True)
    for other in names:  # which the page may read: as it is published, unless it was executed from what is there now
        published, (done, _, record) = book / f"{other}.ipynb", _at_hand(other, staging, {})
        if published.exists() and not done:
            record.parent.mkdir(parents=True, exist_ok=True)
            record.unlink(missing_ok=True)
            shutil.copyfile(published, staging / f"{other}.ipynb")
    _execute(name, staging, {}, name)
    return _publish(name, staging, book)


def _side_by_side(jobs: list[tuple]):
    """Call :func:`_execute` with each of these, as many at a time as there are cores; the first error ends it.

    Then, as at Ctrl-C, pages that are still being executed end with this process; what they have trained is kept.
    """
    from dask.system import CPU_COUNT  # as far as a container may use them

    waiting, ended = queue.SimpleQueue(), queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)

    def work():
        try:
            while True:
                _execute(*waiting.get_nowait())
        except queue.Empty:
            ended.put(None)
        except BaseException as error:
            ended.put(error)

    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(CPU_COUNT, AT_A_TIME, len(jobs)))]
    for worker in workers:
        worker.start()
    try:
        for _ in workers:
            if error := ended.get():
                raise error
    except BaseException:
        execution.hush()
        raise


def _execute(name: str, staging: Path, given: dict, label: str):
    """Execute a page into the staging folder where it is not up to date there."""
    done, key, record = _at_hand(name, staging, given)
    if done:
        print(f"{label}: up to date", flush=True)
        return
    started = time.monotonic()
    print(f"{label}: executing", flush=True)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.unlink(missing_ok=True)
    source = provenance.root() / "book" / f"{name}.py"
    used = execution.execute(source, staging / f"{name}.ipynb", given, staging)
    dependencies.note(record, key, used)
    print(f"{label}: done in {progress.duration(time.monotonic() - started)}", flush=True)


def _at_hand(name: str, staging: Path, given: dict) -> tuple[bool, str, Path]:
    """Whether a page is up to date in the staging folder, its key, and the record of what it was executed from."""
    root, record = provenance.root(), staging / f"{name}.json"
    key = dependencies.key(root / "book" / f"{name}.py", given, root)
    return dependencies.up_to_date(record, staging / f"{name}.ipynb", key), key, record


def _publish(name: str, staging: Path, target: Path) -> Path:
    notebook, published = (folder / f"{name}.ipynb" for folder in (staging, target))
    text = notebook.read_text(encoding="utf-8")
    if not published.exists() or published.read_text(encoding="utf-8") != text:
        files.write_text(published, text)
    return published


def main(given: list[str] | None = None) -> int:
    arguments = settings.arguments(given)
    for name in OF_THE_USER:
        os.environ.pop(name, None)
    os.environ["PYTHONUTF8"] = "1"  # of the kernels
    started = time.monotonic()

    def made():
        if arguments.action == "page":
            done = make_page(arguments.page)
        else:
            if arguments.scheduler:  # not as a parameter, which would stand in the pages: results do not depend on it
                os.environ[progress.SCHEDULER] = arguments.scheduler
            done = make_book(arguments.profile, arguments.seed)
            if arguments.action == "pdf":
                done = printed.print_book(done.parent)
        print(f"{os.path.relpath(done)}, made in {progress.duration(time.monotonic() - started)}")

    return command.ended(made)


if __name__ == "__main__":
    sys.exit(main())
