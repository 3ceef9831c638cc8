"""Execute one page with papermill, and write the notebook in the form in which jupytext keeps it beside its source."""

import contextlib
import errno
import functools
import os
import sys
import tempfile
import threading
from pathlib import Path

from surrogates.book import kernels, sources
from surrogates.store import files, progress

LAUNCH = ("-m", "ipykernel_launcher", "-f", "{connection_file}")

_HUSHED = threading.Event()


def hush():
    """Show nothing more of pages that are still being executed: a sentence that ends the command is to stand last.

    Called in the main thread, which ends next. It takes the lock of all bars and keeps it: a thread that ended with the
    process while it held the lock would keep the main thread from closing the bars, for ever.
    """
    import tqdm

    _HUSHED.set()
    tqdm.tqdm.get_lock().acquire()


class _Shown:
    """The standard error stream until :func:`hush`."""

    def write(self, text: str):
        if not _HUSHED.is_set():
            sys.stderr.write(text)

    def flush(self):
        sys.stderr.flush()


def execute(source: Path, output: Path, given: dict, folder: Path | None = None) -> list[str]:
    """Execute a page and write the notebook, without times and paths, once it is complete.

    Parameters
    ----------
    source, output
        The page, executed in its own folder, and where the notebook is put.
    folder
        Where other executed pages are read from; by default where the output is put.
    given
        Parameters as papermill takes them.

    Returns
    -------
    list of str
        Paths of all that the page has read besides its source: runs, results, other pages.

    Raises
    ------
    RuntimeError
        Where a cell fails, or a name is glued twice; what was executed until then stands in ``NAME.failed.ipynb``.
    """
    # A second of imports, for nothing where all is up to date.
    import papermill
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    from surrogates.analysis import claims
    from surrogates.book import glue

    folder = folder or output.parent
    name, failed = sources.name_of(output, folder), output.with_suffix(".failed.ipynb")
    with contextlib.ExitStack() as stack:
        # The log takes what a kernel says of itself, such as when it is interrupted.
        log = stack.enter_context(output.with_suffix(".log").open("w", encoding="utf-8"))
        profile = stack.enter_context(tempfile.TemporaryDirectory())
        listening, used = stack.enter_context(_listening(Path(profile)))
        own = {"IPYTHONDIR": profile, claims.PAGES_VARIABLE: str(folder)}  # an empty profile
        environment = os.environ | listening | own

        class Kernel(AsyncKernelManager):
            kernel_spec = KernelSpec(argv=[sys.executable, *LAUNCH], display_name="Python 3", language="python")

            async def _async_start_kernel(self, **options):
                self.provisioner = kernels.Forked(kernel_spec=self.kernel_spec, parent=self)
                # The folder is the kernel's: papermill would change that of this process, in which other pages run.
                of_page = {"cwd": str(source.parent), "stderr": log, "env": environment}
                await super()._async_start_kernel(**options | of_page)

            start_kernel = _async_start_kernel

        options = {"progress_bar": _bar(name), "kernel_manager_class": Kernel}
        try:
            notebook = papermill.execute_notebook(sources.read(source), failed, given, **options)
            glue.glued(notebook, source)
            read = used()
        except papermill.PapermillExecutionError as error:
            if os.strerror(errno.ENOSPC) in error.evalue:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
            message = f"{name}, cell {error.exec_count} failed with {error.ename}: {error.evalue}"
            raise RuntimeError(f"{message}\nThe page as far as it came: {failed}") from None
        except ValueError as error:
            raise RuntimeError(str(error)) from None
    files.write_text(output, _normalized(notebook))
    failed.unlink()
    return read


def _bar(name: str) -> dict:
    """Settings of tqdm: a bar that moves on a terminal, a line now and then in a log."""
    if sys.stderr.isatty():
        return {"desc": name, "unit": "cell", "leave": False, "file": _Shown()}
    return {"bar_format": f"    {name}: cell {{n}} of {{total}}\n", "mininterval": 10, "position": 0, "file": _Shown()}


def _normalized(notebook) -> str:
    """The notebook as text, the same for the same results: no times, no paths, no random cell names."""
    import nbformat

    keep = notebook.metadata
    language = {key: value for key, value in keep.get("language_info", {}).items() if key != "version"}
    pairing = {"jupytext": keep["jupytext"]} if "jupytext" in keep else {}
    notebook.metadata = {**pairing, "kernelspec": keep["kernelspec"], "language_info": language}
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
    return nbformat.writes(notebook) + "\n"


@contextlib.contextmanager
def _listening(folder: Path):
    """Print what trainings in the page's kernel report, by way of a file in the ``folder``.

    Gives the variables that the kernel's environment needs for it, and a function that lists what the page has read.
    """
    import tqdm

    report, used = folder / "progress.txt", folder / "used.txt"
    for path in (report, used):
        path.write_text("", encoding="utf-8")
    stop = threading.Event()
    write = tqdm.tqdm.write if sys.stderr.isatty() else functools.partial(print, flush=True)  # clear of the bar

    def follow():
        with report.open(encoding="utf-8") as lines:
            while not stop.is_set() or lines.tell() < report.stat().st_size:
                line = lines.readline()
                if line and not _HUSHED.is_set():
                    write(f"    {line.rstrip()}")
                elif not line:
                    stop.wait(0.5)

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    variables = {progress.PROGRESS: str(report), progress.USED: str(used)}
    try:
        yield variables, lambda: sorted(set(used.read_text(encoding="utf-8").split("\n")) - {""})
    finally:
        stop.set()
        follower.join()
