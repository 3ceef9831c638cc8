"""Books that are made, interrupted, made again; published pages are never half done."""

import re
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from dask.system import CPU_COUNT

from surrogates.book import command, sources
from surrogates.store import progress
from tests.book.conftest import SHORT_PAGE, make, ran


def test_a_book_is_made_and_then_up_to_date(small_book):
    done = make(small_book)
    assert done.returncode == 0, done.stderr
    assert "[1/2] one: executing" in done.stdout
    assert "[2/2] two: executing" in done.stdout
    site = small_book / "book/_build/html/index.html"
    assert re.search(r"book/_build/html/index\.html, made in \d+ s\n$", done.stdout)
    assert site.exists()
    again = make(small_book)
    assert again.stdout.count("up to date") == 3 and "rendering" not in again.stdout, "two pages and the site"
    (small_book / "book/_static/more.css").write_text("p { color: #123456; }")
    assert "rendering" in make(small_book).stdout
    site.write_text("half")
    assert "rendering" in make(small_book).stdout
    assert "one.html" in site.read_text()


WAITS_FOR = """
import time
from pathlib import Path

Path("NAME").touch()
began = time.monotonic()
while not Path("OTHER").exists():
    assert time.monotonic() - began < 60, "OTHER is not executed meanwhile"
    time.sleep(0.1)
print(Path.cwd().name)
"""


@pytest.mark.skipif(CPU_COUNT < 2, reason="needs two cores")
def test_pages_are_executed_side_by_side_each_in_its_own_folder(small_book):
    book = small_book / "book"
    (book / "mine").mkdir()
    (book / "two.py").rename(book / "mine/two.py")
    for folder in (small_book, book):
        (folder / "_toc.yml").write_text("format: jb-book\nroot: one\nchapters:\n  - file: mine/two\n")
    for name, other in (("one", "mine/two"), ("mine/two", "../one")):
        page = book / f"{name}.py"
        waits = WAITS_FOR.replace("NAME", f"{page.stem}.began").replace("OTHER", f"{other}.began")
        page.write_text(page.read_text() + waits)
    done = ran(sys.executable, "-m", "surrogates.book.pages", "book", cwd=small_book)
    assert done.returncode == 0, done.stderr
    for name in ("one", "mine/two"):
        assert f'"{(book / name).parent.name}\\n"' in (book / f"{name}.ipynb").read_text()


OF_THE_USER = {"MPLBACKEND": "Agg", "SEED": "42", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_nothing_of_the_user_s_settings_reaches_a_page(small_book, tmp_path):
    kernel, startup = tmp_path / "kernels/python3/kernel.json", tmp_path / "ipython/profile_default/startup/a.py"
    for path, text in (
        (kernel, '{"argv": ["/bin/false"], "display_name": "another", "language": "python"}'),
        (startup, "raise SystemExit('of the user')"),
        (tmp_path / "matplotlibrc", "lines.linewidth: 9\n"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    drawn = (
        "\nimport sys\nimport matplotlib.pyplot as plt\nfrom surrogates.book import glue\n\n"
        "figure, axes = plt.subplots()\nglue.figure('fig', figure)\n"
        "print(sys.executable, plt.rcParams['lines.linewidth'], '10 × 10')\n"
    )
    page = small_book / "book/two.py"
    page.write_text(page.read_text(encoding="utf-8") + drawn, encoding="utf-8")
    given = {"JUPYTER_PATH": str(tmp_path), "IPYTHONDIR": str(startup.parents[2]), "MATPLOTLIBRC": str(tmp_path)}
    command = (sys.executable, "-m", "surrogates.book.pages", "page", "two")
    done = ran(*command, cwd=small_book, **OF_THE_USER, **given)
    assert done.returncode == 0, done.stderr
    text = (small_book / "book/two.ipynb").read_text(encoding="utf-8")
    assert f"{sys.executable} 1.5 10 × 10" in text and "image/png" in text and "two 0" in text


def test_a_table_of_contents_may_have_all_that_jupyter_book_accepts(small_book):
    book = small_book / "book"
    (book / "mine").mkdir()
    (book / "mine/two.py").write_text((book / "two.py").read_text(encoding="utf-8"), encoding="utf-8")
    (book / "two.py").unlink()
    (book / "mine/text.md").write_text("# A text\n", encoding="utf-8")
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# As it is")]), book / "mine/as_is.ipynb"
    )
    contents = (
        "format: jb-book\nroot: one\nparts:\n  - caption: Mine\n    chapters:\n      - file: mine/text.md\n"
        "        sections:\n          - file: mine/two\n      - file: mine/as_is.ipynb\n      - url: https://example.org\n"
    )
    (small_book / "_toc.yml").write_text(contents, encoding="utf-8")
    (book / "_toc.yml").write_text("../_toc.yml", encoding="utf-8")  # as git writes a link where it makes none
    assert [sources.name_of(path, book) for path in sources.in_order(book)] == ["one", "mine/two"]
    done = make(small_book, "--seed", "7")
    assert done.returncode == 0, done.stderr
    target = small_book / "reruns/quick-seed-7"
    assert "two 7" in (target / "mine/two.ipynb").read_text(encoding="utf-8")
    assert {"two.html", "text.html", "as_is.html"} <= {path.name for path in (target / "_build/html/mine").iterdir()}
    assert make(small_book, "--seed", "7").stdout.count(": up to date") == 3
    (small_book / "_toc.yml").write_text("format: jb-book\nchapters: []\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"_toc\.yml is no table of contents of jupyter-book: .*root"):
        sources.in_order(book)


def test_a_scheduler_reaches_the_pages_and_is_no_parameter_of_theirs(small_book):
    page = small_book / "book/two.py"
    page.write_text(
        page.read_text() + f"\nimport os\n\nassert os.environ[{progress.SCHEDULER!r}] == 'tcp://127.0.0.1:1'\n"
    )
    done = make(small_book, "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 0, done.stderr
    assert "injected-parameters" not in (small_book / "book/two.ipynb").read_text()


def test_a_page_that_reads_another_is_executed_again_when_that_changes(small_book):
    one, two = small_book / "book/one.py", small_book / "book/two.py"
    two.write_text(
        two.read_text()
        + "\nimport os\nfrom pathlib import Path\n\nfrom surrogates.analysis import claims\n"
        + "from surrogates.store import progress\n"
        + "page = Path(os.environ[claims.PAGES_VARIABLE]) / 'one.ipynb'\n"
        + "progress.used(page)\nprint('one 7' in page.read_text())\n"
    )
    done = make(small_book, "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert "True" in (small_book / "reruns/quick-seed-7/two.ipynb").read_text(), "it read the published page"
    assert make(small_book, "--seed", "7").stdout.count(": up to date") == 3
    one.write_text(one.read_text().replace("seed)", "seed, 'changed')"))
    assert "two: executing" in make(small_book, "--seed", "7").stdout


def test_an_interrupted_book_goes_on_and_publishes_nothing_half_done(small_book):
    two = small_book / "book/two.py"
    whole = two.read_text()
    assert make(small_book).returncode == 0
    before = {path.name: path.read_bytes() for path in (small_book / "book").glob("*.ipynb")}

    for path in (small_book / "book/one.py", two):
        path.write_text(path.read_text().replace("seed)", "seed, 'changed')"))
    one_is_done = small_book / "book/_build/pages/one.json"
    one_is_done.unlink()
    two.write_text(
        two.read_text()
        + f"\nimport pathlib, time\nwhile not pathlib.Path({str(one_is_done)!r}).exists():\n    time.sleep(0.1)\n"
        + "raise RuntimeError('half way')\n"
    )
    done = make(small_book)
    assert done.returncode == 1
    assert "two, cell 2 failed with RuntimeError: half way" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_bytes() for path in (small_book / "book").glob("*.ipynb")} == before

    two.write_text(whole)
    done = make(small_book)
    assert done.returncode == 0
    assert "[1/2] one: up to date" in done.stdout
    assert "[2/2] two: executing" in done.stdout
    assert "changed" in (small_book / "book/one.ipynb").read_text()


def test_ctrl_c_ends_with_one_sentence_and_goes_on(small_book):
    page = small_book / "book/two.py"
    page.write_text(
        page.read_text() + "\nimport time\n\nif not __import__('pathlib').Path('go').exists():\n    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "surrogates.book.pages", "book"],
        cwd=small_book,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts its background jobs deaf to Ctrl-C, and the tests may be one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    said = ""
    while not ("two: executing" in said and "one: done" in said):  # side by side, in either order
        assert process.poll() is None
        said += process.stdout.readline()
    time.sleep(4)  # into the sleeping cell
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "ERROR" not in errors
    assert errors.strip().splitlines()[-1] == "Interrupted. The same command goes on from here."
    assert not list((small_book / "book").glob("*.ipynb"))

    (small_book / "book/go").touch()
    done = make(small_book)
    assert done.returncode == 0, done.stderr
    assert "[1/2] one: up to date" in done.stdout


BUSY_BARS = """
import threading, time
import tqdm
from surrogates.book import execution

def draw():
    while True:
        with tqdm.tqdm.get_lock():
            time.sleep(0.05)

class Open:
    def __init__(self):
        self.bar = tqdm.tqdm(total=2)
    def __del__(self):  # as papermill closes its own
        self.bar.close()

left = Open()
left.itself = left
del left  # it is closed when the process ends
threading.Thread(target=draw, daemon=True).start()
time.sleep(0.2)
execution.hush()
"""


def test_a_bar_that_is_drawn_when_the_command_ends_does_not_hold_it():
    """A thread that ends with the process may hold the lock of the bars; the process is not to wait for it."""
    done = subprocess.run([sys.executable, "-c", BUSY_BARS], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_book_with_a_new_seed_leaves_the_published_one_alone(small_book):
    assert make(small_book).returncode == 0
    before = {path: path.read_bytes() for path in (small_book / "book").rglob("*") if path.is_file()}
    done = make(small_book, "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert "reruns/quick-seed-7/_build/html/index.html, made in" in done.stdout
    assert "one 7" in (small_book / "reruns/quick-seed-7/one.ipynb").read_text()
    assert {path: path.read_bytes() for path in (small_book / "book").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seed", "-1"], "seed = '-1': give a whole number, 0 or more"),
        (["--seed", "seven"], "seed = 'seven': give a whole number"),
        (["--profile", "fast"], "profile = 'fast': give one of 'paper', 'quick', 'smoke'"),
        (["--sead", "7"], "unrecognized arguments: --sead"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_runs(small_book, arguments, message):
    done = make(small_book, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (small_book / "reruns").exists()
    assert not (small_book / "book/_build").exists()


def test_a_full_disk_ends_with_one_sentence(small_book):
    path = small_book / "book/two.py"
    path.write_text(path.read_text().replace("print('two', seed)", "open('/dev/full', 'w').write('x' * 100_000)"))
    done = make(small_book)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == command.FULL_DISK
    assert not list((small_book / "book").glob("*.ipynb"))


def test_outside_of_the_repository_it_says_so(tmp_path):
    done = make(tmp_path)
    assert done.returncode == 1
    assert "does not lie in a copy of the companion's repository" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_page_is_executed_into_its_place_and_nothing_is_rendered(small_book):
    two = small_book / "book/two.py"
    two.write_text(
        two.read_text()
        + "\nimport os\nfrom pathlib import Path\n\nfrom surrogates.analysis import claims\n\n"
        + "print('one 7' in (Path(os.environ[claims.PAGES_VARIABLE]) / 'one.ipynb').read_text())\n"
    )
    (small_book / "book/one.ipynb").write_text("one 7")
    staging = small_book / "book/_build/pages"
    staging.mkdir(parents=True)
    (staging / "one.ipynb").write_text("of another source, before the page was published as it is now")
    done = ran(sys.executable, "-m", "surrogates.book.pages", "page", "two", cwd=small_book)
    assert done.returncode == 0, done.stderr
    assert "two: executing" in done.stdout
    assert re.search(r"^book/two\.ipynb, made in \d+ s\n$", done.stdout, re.MULTILINE)
    assert "two 0" in (small_book / "book/two.ipynb").read_text()
    assert "True" in (small_book / "book/two.ipynb").read_text(), "it reads the published pages"
    assert (small_book / "book/one.ipynb").read_text() == "one 7"
    assert not (small_book / "book/_build/html").exists()
    again = ran(sys.executable, "-m", "surrogates.book.pages", "page", "two", cwd=small_book)
    assert "two: up to date" in again.stdout


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("three", 2, "page = 'three': give one of 'one', 'two'."),
        ("draft", 1, "give one of 'one', 'two', the pages in _toc.yml"),
    ],
)
def test_a_page_that_the_book_does_not_have_is_refused(small_book, name, code, message):
    if name == "draft":
        shutil.copy(small_book / "book/one.py", small_book / "book/draft.py")
        message = f"page = 'draft': {message}"
    done = ran(sys.executable, "-m", "surrogates.book.pages", "page", name, cwd=small_book)
    assert done.returncode == code
    assert message in done.stderr and "Traceback" not in done.stderr


def test_a_name_that_is_glued_twice_stops_the_page(small_book):
    page = small_book / "book/two.py"
    glued = "\n# %%\nfrom surrogates.book import glue\n\nglue.numbers(score=1)\n\n# %%\nglue.numbers(score=2)\n"
    page.write_text(page.read_text() + glued)
    done = make(small_book)
    assert done.returncode == 1
    assert "two.py glues the name 'score' twice: give one of the two another name." in done.stderr
    assert not list((small_book / "book").glob("*.ipynb"))


def test_a_profile_with_a_page_that_does_not_exist_stops_the_book(small_book):
    (small_book / "book/profiles.yml").write_text("quick:\n  three: {seed: 1}\n")
    done = make(small_book)
    assert done.returncode == 1
    assert "profiles.yml, quick: there is no page 'three', only one, two." in done.stderr
    assert "Traceback" not in done.stderr


FORM = """
# %% [markdown] tags=["remove-cell"]
\"\"\"
How to install.
\"\"\"

# %% [markdown]
\"\"\"
# A page
\"\"\"

# %% tags=["hide-input", "remove-output"]
import pandas as pd
from surrogates.book import glue

glue.numbers(score="−4.66")
glue.table("table-page", pd.DataFrame({"MAPE": ["ours"], "value": [str(999 / 100)]}))

# %% [markdown]
r\"\"\"
The score is {glue:text}`score`.

::::{table} A table.
:name: table-page

```{glue:md} table-page
:format: myst
```
::::
\"\"\"

# %% tags=["remove-cell"]
glue.listing()
"""


def test_the_site_shows_each_table_once_and_nothing_that_is_for_readers_of_the_notebook(small_book):
    page = small_book / "book/two.py"
    page.write_text(
        SHORT_PAGE.partition("# %% [markdown]")[0]
        + FORM.lstrip()
        + "\n"
        + '# %% tags=["parameters"]\nprofile = "quick"\nseed = 0\n'
    )
    done = make(small_book)
    assert done.returncode == 0, done.stderr
    text = (small_book / "book/_build/html/two.html").read_text()
    assert text.count("9.99") == 1 and "The score is −4.66." in re.sub(r"<[^>]*>", "", text)
    assert "How to install" not in text and "Name in the text" not in text
    assert "<title>A page" in text
    notebook = (small_book / "book/two.ipynb").read_text()
    assert "9.99" in notebook and "How to install" in notebook and "Name in the text" in notebook
