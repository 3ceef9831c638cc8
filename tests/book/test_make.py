"""The Makefile: what it accepts, what it refuses and how. Nothing is really installed here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def folder(tmp_path):
    """The Makefile beside an installer and a .venv that only write down how they are called, in `calls`."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "install.py").write_text(
        "import sys\nprint('install', *sys.argv[1:], file=open('calls', 'a'))\n"
    )
    executable(tmp_path / ".venv/bin/python", "#!/bin/sh\nprintf '%s|' \"$@\" >> calls; echo >> calls\n")
    return tmp_path


def make(folder, *arguments, **environment):
    """Call make as a user would, without what a make around the tests passes on."""
    inherited = {
        "MAKEFLAGS",
        "MFLAGS",
        "MAKEOVERRIDES",
        "MAKELEVEL",
        "PROFILE",
        "SEED",
        "PAGE",
        "RUN",
        "RERUN",
        "PYTHON",
    }
    clean = {name: value for name, value in os.environ.items() if name not in inherited}
    # Nor an activated environment, whose Python would check the settings that a bare machine's cannot.
    here = str(Path(sys.executable).parent)
    clean["PATH"] = os.pathsep.join(place for place in clean["PATH"].split(os.pathsep) if place != here)
    return subprocess.run(
        ["make", *arguments], cwd=folder, env={**clean, **environment}, capture_output=True, text=True, timeout=60
    )


def calls(folder):
    path = folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_plain_make_lists_every_target_and_variable(folder):
    (targets,) = re.findall(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"help", "book", "test", "lint", "bench", "lock", "clean"} <= set(targets.split())
    done = make(folder)
    assert done.returncode == 0 and not calls(folder)
    for target in targets.split():
        assert re.search(rf"^make {target} +\S", done.stdout, re.MULTILINE), target
    assert all(
        re.search(rf"^{name}=", done.stdout, re.MULTILINE)
        for name in ("PROFILE", "SEED", "PAGE", "RUN", "RERUN", "SCHEDULER", "PYTHON")
    )


def test_unknown_variable_is_refused_before_anything_is_done(folder):
    done = make(folder, "book", "SEDE=7")
    assert done.returncode != 0 and not calls(folder)
    assert all(word in done.stderr for word in ("SEDE", "PROFILE", "SEED", "PAGE", "RUN", "RERUN", "PYTHON"))


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ([], "-m|surrogates.book.pages|book|"),
        (["PROFILE=quick", "SEED=7"], "-m|surrogates.book.pages|book|--profile=quick|--seed=7|"),
        (["SEED="], "-m|surrogates.book.pages|book|--seed=|"),
        (["SCHEDULER=tcp://h:1"], "-m|surrogates.book.pages|book|--scheduler=tcp://h:1|"),
        (["PROFILE=it's", "SEED=1 --help"], "-m|surrogates.book.pages|book|--profile=it's|--seed=1 --help|"),
    ],
)
def test_profile_seed_and_scheduler_reach_the_pages_as_they_were_given(folder, given, passed):
    assert make(folder, "book", *given).returncode == 0
    assert calls(folder) == ["install .venv", passed]


def test_what_the_shell_exports_under_these_names_does_not_count(folder):
    exported = {
        "PROFILE": "quick",
        "SEED": "42",
        "SCHEDULER": "x",
        "PYTHON": "x",
        "PAGE": "x",
        "RUN": "x",
        "RERUN": "x",
    }
    for target in ("book", "page", "retrain", "compare"):
        assert make(folder, target, **exported).returncode == 0
    assert calls(folder)[1::2] == [
        "-m|surrogates.book.pages|book|",
        "-m|surrogates.book.pages|page||",
        "-m|surrogates.book.retrain||",
        "-m|surrogates.book.compare||",
    ]
    assert calls(folder)[::2] == ["install .venv"] * 4


@pytest.mark.parametrize("given", [["RUN=gcn/paper/seed-0"], ["RUN=it's"], []])
def test_retrain_gets_the_run_as_it_was_given(folder, given):
    assert make(folder, "retrain", *given).returncode == 0
    name = given[0].removeprefix("RUN=") if given else ""
    assert calls(folder) == ["install .venv", f"-m|surrogates.book.retrain|{name}|"]


@pytest.mark.parametrize("value", ["gcn", "it's", ""])
def test_page_and_rerun_are_passed_on_as_they_were_given(folder, value):
    assert make(folder, "page", f"PAGE={value}").returncode == 0
    assert make(folder, "compare", f"RERUN={value}").returncode == 0
    assert calls(folder) == [
        *("install .venv", f"-m|surrogates.book.pages|page|{value}|"),
        *("install .venv", f"-m|surrogates.book.compare|{value}|"),
    ]


def test_a_page_that_is_none_is_refused_before_the_installation(folder):
    shutil.copytree(ROOT / "lib/surrogates", folder / "lib/surrogates")
    (folder / "book").mkdir()
    (folder / "book/profiles.yml").write_text("quick: {}\n")
    for name in ("one", "two"):
        (folder / f"book/{name}.py").touch()
    for given in (["PAGE=three"], []):
        done = make(folder, "page", *given)
        assert done.returncode != 0 and not calls(folder)
        assert f"page = {given[0][5:] if given else ''!r}: give one of 'one', 'two'." in done.stderr
    done = make(folder, "book", "PROFILE=smoke")
    assert done.returncode != 0 and not calls(folder)
    assert "profile = 'smoke': give one of 'paper', 'quick'." in done.stderr


@pytest.mark.parametrize(
    "given", ["PROFILE=qiuck", "PROFILE=", "SEED=-1", "SEED=1.5", "SEED=seven", "SEED=", "SCHEDULER=h", "SCHEDULER="]
)
def test_bad_profile_seed_and_scheduler_are_refused_with_their_value(folder, given):
    executable(folder / ".venv/bin/python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    name, _, value = given.partition("=")
    done = make(folder, "book", given)
    assert done.returncode != 0
    assert name.lower() in done.stderr and repr(value) in done.stderr
    accepted = {"PROFILE": "'quick'", "SEED": "whole number", "SCHEDULER": "'tcp://10.0.0.1:8786'"}
    assert accepted[name] in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "reruns").exists() and not (folder / "book").exists()


def test_missing_python_is_said(folder):
    done = make(folder, "book", "PYTHON=no-such-python3")
    assert done.returncode != 0 and not calls(folder)
    assert "no-such-python3" in done.stderr and "3.11 to 3.13" in done.stderr and "PYTHON=" in done.stderr


def test_named_python_is_not_exchanged(folder):
    assert make(folder, "install", f"PYTHON={sys.executable}").returncode == 0
    assert make(folder, "bench").returncode == 0
    assert calls(folder) == [
        "install .venv --exact",
        "install .venv",
        "install .venv --bench",
        "benchmarks/run.py|",
    ]


def test_the_quick_test_says_what_it_leaves_and_fails_where_a_part_does(folder):
    for name in ("test_rooms.py", "store/test_names.py", "book/test_reruns.py"):
        (folder / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tests" / name).touch()
    done = make(folder, "test-quick")
    assert done.returncode == 0, done.stderr
    library, page = calls(folder)[-2:]
    assert "|tests/test_rooms.py|tests/store/test_names.py|" in library and "reruns" not in library
    assert page == "-m|pytest|--nbval|book/open_choices.ipynb|" and (ROOT / "book/open_choices.ipynb").exists()
    left, how = done.stdout.splitlines()[-2:]
    assert left == "Not run: the other pages, and tests/book/test_reruns.py." and "make test" in how
    executable(folder / ".venv/bin/python", "#!/bin/sh\ntest $2 != pytest\n")
    assert make(folder, "test-quick").returncode != 0


def test_test_stops_at_bad_style(folder):
    assert make(folder, "test").returncode == 0
    assert [call.split("|")[1] for call in calls(folder)[1:]] == ["ruff", "ruff", "pytest"]
    executable(folder / ".venv/bin/python", "#!/bin/sh\nexit 1\n")
    assert make(folder, "test").returncode != 0


def test_clean_keeps_runs_and_environment(folder):
    gone = ["book/_build/html/index.html", "reruns/quick-seed-7/gcn.ipynb", "lib/surrogates/__pycache__/runs.pyc"]
    kept = ["data/runs/gcn/quick/seed-0/config.json", "book/gcn.ipynb", ".venv/bin/python"]
    for name in [*gone, *kept]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "tests").mkdir()
    (folder / "benchmarks").mkdir()
    done = make(folder, "clean")
    assert done.returncode == 0, done.stderr
    assert not any((folder / name).exists() for name in gone)
    assert all((folder / name).exists() for name in kept)


@pytest.mark.parametrize(
    ("outcome", "changed"), [("resolved", True), ("cannot resolve", False), ("names https://index.example", False)]
)
def test_lock_is_replaced_only_by_a_good_one(folder, outcome, changed):
    for name in ("requirements.lock", "benchmarks/requirements.lock"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("old")
    executable(
        folder / ".venv/bin/python",
        f"""#!/bin/sh
        test "$3" != lock || {{ test "{outcome}" != "cannot resolve"; exit; }}
        for last; do :; done
        echo "{outcome}" > "$last"
        """,
    )
    (folder / "uv.lock").touch()
    assert (make(folder, "lock").returncode == 0) == changed
    for name in ("requirements.lock", "benchmarks/requirements.lock"):
        assert (folder / name).read_text() == ("resolved\n" if changed else "old")
    assert not (folder / "uv.lock").exists() and not (folder / ".lock").exists()
