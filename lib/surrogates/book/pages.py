"""Execute the pages with papermill and render the book: what ``make book`` runs.

    python -m surrogates.book.pages book [--profile NAME] [--seed N] [--scheduler ADDRESS]

Without a profile and a seed it makes the published book, with each page's own defaults, in ``book/``. With them it
makes another one in ``reruns/`` and leaves the published one alone. A page that is up to date is not executed again,
so that an interrupted command goes on where it was. New pages take the place of old ones when all are executed.
"""

import contextlib
import errno
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from surrogates.analysis import claims
from surrogates.book import command, parameters, settings
from surrogates.store import files, progress, provenance


def sources(book: Path) -> list[Path]:
    """The pages that are executed, in the order of the table of contents."""
    import yaml

    contents = yaml.safe_load((book / "_toc.yml").read_text())
    names = [contents["root"], *(chapter["file"] for chapter in contents["chapters"])]
    return [book / f"{name}.py" for name in names if (book / f"{name}.py").exists()]


def read(source: Path):
    """Read a page's percent text as a notebook, with cell names that do not change from one reading to the next."""
    import jupytext

    notebook = jupytext.read(source)
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    return notebook


def execute(source: Path, output: Path, given: dict, cwd: Path):
    """Execute a page with papermill and write the notebook, without times and paths, once it is complete.

    Raises ``papermill.PapermillExecutionError`` where a cell fails; what was executed until then stands in
    ``NAME.failed.ipynb`` beside the output.
    """
    import papermill
    from jupyter_client.manager import AsyncKernelManager

    failed = _failed(output)
    with output.with_suffix(".log").open("w") as log:  # what a kernel says of itself, such as when it is interrupted

        class Kernel(AsyncKernelManager):
            async def _async_start_kernel(self, **options):
                await super()._async_start_kernel(stderr=log, **options)

            start_kernel = _async_start_kernel

        notebook = papermill.execute_notebook(
            read(source),
            failed,
            given,
            cwd=cwd,
            progress_bar=_bar(source.stem),
            kernel_manager_class=Kernel,
        )
    files.write_text(output, _normalized(notebook))
    failed.unlink()


def _failed(output: Path) -> Path:
    return output.with_name(f"{output.stem}.failed.ipynb")


def _bar(name: str) -> dict:
    """Settings of tqdm: a bar that moves on a terminal, a line now and then in a log."""
    if sys.stderr.isatty():
        return {"desc": name, "unit": "cell", "leave": False}
    return {"bar_format": f"    {name}: cell {{n}} of {{total}}\n", "mininterval": 10}


def _normalized(notebook) -> str:
    """The notebook as text, the same for the same results: no times, no paths, no random cell names."""
    import nbformat

    keep = notebook.metadata
    language = {key: value for key, value in keep.get("language_info", {}).items() if key != "version"}
    notebook.metadata = {"kernelspec": keep["kernelspec"], "language_info": language}
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
    return nbformat.writes(notebook) + "\n"


def run_of(page: str, profile: str, seed: int):
    """The run of a page such as "gcn" with its own settings, loaded or trained just as the page does it."""
    return value_of(page, "run", profile, seed)


def value_of(page: str, name: str, profile: str, seed: int):
    """What a page calls by a name, such as "run", "sweep" or "best", at a profile and with a seed.

    The page's cells are executed up to the one that assigns it, so that its settings stand in one place.
    """
    namespace = {}
    for cell in read(provenance.root() / "book" / f"{page}.py").cells:
        if cell.cell_type == "code":
            with parameters.of_another_page():
                exec(cell.source, namespace)
            if "parameters" in cell.metadata.get("tags", []):
                namespace |= {"profile": profile, "seed": seed}
        if name in namespace:
            return namespace[name]
    raise ValueError(f"The page {page!r} has no {name!r}: give another page, or another name that it assigns.")


def make_book(profile: str | None = None, seed: int | None = None) -> Path:
    """Execute what is not up to date, put the pages in place, render. Returns the path of the site's entry."""
    import papermill

    root = provenance.root()
    book = root / "book"
    if profile is None and seed is None:
        given, target, staging = {}, book, book / "_build" / "pages"
    else:
        own = parameters.published(sources(book)[0].stem)
        given = {"profile": profile or own.profile, "seed": own.seed if seed is None else seed}
        target = root / "reruns" / f"{given['profile']}-seed-{given['seed']}"
        staging = target / "_build" / "pages"
        _copy_unexecuted(book, target)
    staging.mkdir(parents=True, exist_ok=True)

    pages = sources(book)
    parameters.check_profiles(book)
    common = _library_digest(root) + json.dumps(given, sort_keys=True)
    for number, source in enumerate(pages, 1):
        label = f"[{number}/{len(pages)}] {source.stem}"
        record, notebook = staging / f"{source.stem}.json", staging / f"{source.stem}.ipynb"
        key = hashlib.sha256((common + source.read_text()).encode()).hexdigest()
        if _up_to_date(record, notebook, key):
            print(f"{label}: up to date", flush=True)
            continue
        started = time.monotonic()
        print(f"{label}: executing", flush=True)
        record.unlink(missing_ok=True)
        with _listening(staging) as used:
            try:
                execute(source, notebook, given, cwd=book)
            except papermill.PapermillExecutionError as error:
                if os.strerror(errno.ENOSPC) in error.evalue:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
                message = f"{source.stem}, cell {error.exec_count} failed with {error.ename}: {error.evalue}"
                raise RuntimeError(f"{message}\nThe page as far as it came: {_failed(notebook)}") from None
        files.write_json(record, {"key": key, "used": {path: _digest(path) for path in used()}})
        print(f"{label}: done in {progress.duration(time.monotonic() - started)}", flush=True)
    for source in pages:
        text = (staging / f"{source.stem}.ipynb").read_text()
        published = target / f"{source.stem}.ipynb"
        if not published.exists() or published.read_text() != text:
            files.write_text(published, text)
    return render(target)


def render(book: Path) -> Path:
    """Render the executed pages with jupyter-book; a warning is an error."""
    print("rendering", flush=True)
    # --all, because Sphinx would not notice that only a style sheet or a picture has changed.
    command = [Path(sys.executable).with_name("jupyter-book"), "build", book, "--all", "-W", "-n", "--keep-going"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        report = done.stdout + done.stderr
        if os.strerror(errno.ENOSPC) in report:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        print(report, file=sys.stderr)
        raise RuntimeError("jupyter-book could not render the pages without a warning; its report stands above.")
    return book / "_build" / "html" / "index.html"


def _copy_unexecuted(book: Path, target: Path):
    """Copy what a book consists of besides its executed pages."""
    target.mkdir(parents=True, exist_ok=True)
    for path in book.iterdir():
        if path.suffix in (".md", ".bib", ".yml"):
            shutil.copyfile(path, target / path.name)
    shutil.copytree(book / "_static", target / "_static", dirs_exist_ok=True)


def _library_digest(root: Path) -> str:
    """Changes with anything that the results of a page can depend on besides its own text and the runs."""
    digest = hashlib.sha256()
    given = [*(root / "lib" / "surrogates").rglob("*.py"), *(root / "data").glob("*.csv"), root / "requirements.lock"]
    for path in sorted(given):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _digest(path: str) -> dict:
    """Checksums of a run's files, or of an executed page."""
    path = Path(path)
    return {file.name: files.sha256(file) for file in sorted([path, *path.glob("*")]) if file.is_file()}


def _up_to_date(record: Path, notebook: Path, key: str) -> bool:
    if not (record.exists() and notebook.exists()):
        return False
    stored = files.read_json(record)
    return stored["key"] == key and all(_digest(path) == digest for path, digest in stored["used"].items())


@contextlib.contextmanager
def _listening(staging: Path):
    """Print what trainings in the page's kernel report, and give a function that lists what the page has read."""
    import tqdm

    report, used = staging / "progress.txt", staging / "used.txt"
    for path in (report, used):
        path.write_text("")
    given = {progress.VARIABLE: str(report), progress.USED: str(used), claims.VARIABLE: str(staging)}
    os.environ |= given
    stop = threading.Event()
    write = tqdm.tqdm.write if sys.stderr.isatty() else functools.partial(print, flush=True)  # clear of the bar

    def follow():
        with report.open() as lines:
            while not stop.is_set() or lines.tell() < report.stat().st_size:
                line = lines.readline()
                if line:
                    write(f"    {line.rstrip()}")
                else:
                    stop.wait(0.5)

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    try:
        yield lambda: sorted(set(used.read_text().split("\n")) - {""})
    finally:
        stop.set()
        follower.join()
        for name in given:
            os.environ.pop(name)


def main(given: list[str] | None = None) -> int:
    arguments = settings.arguments(sys.argv[1:] if given is None else given)
    started = time.monotonic()

    def book():
        if arguments.scheduler:  # not as a parameter, which would stand in the pages: results do not depend on it
            os.environ[settings.SCHEDULER] = arguments.scheduler
        site = make_book(arguments.profile, arguments.seed)
        print(f"{os.path.relpath(site)}, made in {progress.duration(time.monotonic() - started)}")

    return command.ended(book)


if __name__ == "__main__":
    sys.exit(main())
