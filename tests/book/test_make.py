"""The Makefile and lib/install.py: what they accept, what they refuse and how. Nothing is really installed here."""

import ast
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "lib"))
import install  # noqa: E402

FILES = [install.LOCK, install.PROJECT, install.BENCH]


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
    inherited = {"MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "PROFILE", "SEED", "RUN", "PYTHON"}
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
        re.search(rf"^{name}=", done.stdout, re.MULTILINE) for name in ("PROFILE", "SEED", "RUN", "SCHEDULER", "PYTHON")
    )


def test_unknown_variable_is_refused_before_anything_is_done(folder):
    done = make(folder, "book", "SEDE=7")
    assert done.returncode != 0 and not calls(folder)
    assert all(word in done.stderr for word in ("SEDE", "PROFILE", "SEED", "RUN", "PYTHON"))


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


@pytest.mark.parametrize("given", [["RUN=gcn/paper/seed-0"], ["RUN=it's"], []])
def test_retrain_gets_the_run_as_it_was_given(folder, given):
    assert make(folder, "retrain", *given).returncode == 0
    name = given[0].removeprefix("RUN=") if given else ""
    assert calls(folder) == ["install .venv", f"-m|surrogates.book.retrain|{name}|"]


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
    assert make(folder, "install", PYTHON=sys.executable).returncode == 0
    assert make(folder, "bench").returncode == 0
    assert calls(folder) == [
        "install .venv --exact",
        "install .venv --exact",
        "install .venv",
        "install .venv --bench",
        "benchmarks/run.py|",
    ]


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


# lib/install.py


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Commands of an installation into a root of its own with room on the disk; each of them succeeds."""
    root = tmp_path / "root"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    ran = []

    def run(*command):
        ran.append(" ".join(command))
        if "venv" in command:
            executable(Path(command[-1]) / "bin" / "python", "")

    monkeypatch.setattr(install, "ROOT", str(root))
    monkeypatch.setattr(install, "run", run)
    monkeypatch.setattr(install, "free_gb", lambda place: 100.0)
    return ran


def failing(commands, monkeypatch, at, failure):
    succeed = install.run

    def run(*command):
        succeed(*command)
        if at in commands[-1]:
            raise failure

    monkeypatch.setattr(install, "run", run)


def refusal(*arguments):
    """The sentence with which the installation ends; sys.exit(sentence) prints it and exits with 1."""
    with pytest.raises(SystemExit) as end:
        install.main([str(argument) for argument in arguments])
    assert isinstance(end.value.code, str), "the exit code would be 0 or the message missing"
    return end.value.code


def old_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    monkeypatch.setattr(install.platform, "python_version", lambda: "3.9.18")


def test_old_python_can_read_the_installer():
    ast.parse((ROOT / "lib" / "install.py").read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 9, 18, "final", 0), (3, 10, 0, "final", 0), (3, 14, 0, "final", 0)])
def test_unaccepted_python_is_said(tmp_path, monkeypatch, commands, version):
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(install.platform, "python_version", lambda: "3.{}.{}".format(*version[1:3]))
    monkeypatch.setenv("PATH", str(tmp_path))
    said = refusal(tmp_path / "venv")
    assert "3.{}.{}".format(*version[1:3]) in said and "3.11 to 3.13" in said and "PYTHON=" in said
    assert not commands and not (tmp_path / "venv").exists()


def test_another_python_on_path_is_found(tmp_path, monkeypatch):
    old_python(monkeypatch)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    executable(tmp_path / "python3.13", "#!/bin/sh\necho not for this version >&2; exit 127\n")
    executable(tmp_path / "python3.12", "#!/bin/sh\nexit 0\n")
    assert install.find_python(exact=False) == str(tmp_path / "python3.12")
    with pytest.raises(SystemExit, match=r"3\.9\.18"):
        install.find_python(exact=True)


@pytest.mark.parametrize(("where", "module"), [("venv", "ensurepip"), ("venv", "venv"), ("--here", "pip")])
def test_missing_module_is_said(tmp_path, monkeypatch, commands, where, module):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None if name == module else object())
    said = refusal(tmp_path / where if where == "venv" else where)
    assert module in said and "apt install python3-venv" in said
    assert not commands and not (tmp_path / "venv").exists()


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "x86_64"), ("Windows", "AMD64")])
def test_platform_without_locked_packages_is_said(tmp_path, monkeypatch, commands, system, machine):
    monkeypatch.setattr(install.platform, "system", lambda: system)
    monkeypatch.setattr(install.platform, "machine", lambda: machine)
    said = refusal(tmp_path / "venv")
    assert system in said and machine in said and not commands


def test_disk_without_room_is_said_before_the_installation(tmp_path, monkeypatch, commands):
    monkeypatch.undo()
    monkeypatch.setattr(install, "run", lambda *command: pytest.fail("something was installed"))
    monkeypatch.setattr(install.shutil, "disk_usage", lambda place: SimpleNamespace(free=int(1.25e9)))
    said = refusal(tmp_path / "venv")
    assert "1.2 GB" in said and f"{install.NEEDED_GB} GB" in said and "free some space" in said


@pytest.mark.parametrize(
    ("at", "failure"),
    [
        ("venv", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
        ("-m pip install", install.Failed("ERROR: [Errno 28] No space left on device")),
        ("-m uv pip", install.Failed("Caused by: auf dem Geraet ist kein Platz mehr (os error 28)")),
        ("-m uv pip", install.Failed("failed to write: Disk quota exceeded (os error 122)")),
    ],
)
def test_disk_that_fills_up_is_said(tmp_path, monkeypatch, commands, at, failure):
    failing(commands, monkeypatch, at, failure)
    said = refusal(tmp_path / "venv")
    assert "GB free" in said and "free some space" in said
    assert at in commands[-1], "it went on after the disk was full"
    assert not (tmp_path / "venv").exists()


def test_pip_takes_over_where_uv_fails(tmp_path, monkeypatch, commands):
    failing(commands, monkeypatch, "-m uv pip", install.Failed("no index"))
    install.main([str(tmp_path / "venv")])
    into = "-m pip install --no-deps --ignore-requires-python"
    assert commands[-2].endswith(f"{into} --require-hashes -r requirements.lock")
    assert commands[-1].endswith(f"{into} --no-build-isolation -e .")
    assert install.read_stamp(tmp_path / "venv")


def test_failed_installation_shows_the_output_and_is_not_taken_for_done(tmp_path, monkeypatch, commands):
    failing(commands, monkeypatch, "-r requirements.lock", install.Failed("hash mismatch of numpy"))
    assert "hash mismatch of numpy" in refusal(tmp_path / "venv")
    assert not install.read_stamp(tmp_path / "venv")


def test_failed_command_raises_with_its_output():
    with pytest.raises(install.Failed, match="the reason"):
        install.run(sys.executable, "-c", "import sys; print('the', 'reason', file=sys.stderr); sys.exit(3)")


def test_uv_is_installed_by_its_hash(tmp_path, monkeypatch, commands):
    texts = []

    def run(*command):
        if command[-2] == "-r" and command[-1].endswith(".txt"):
            texts.append(Path(command[-1]).read_text())
            assert "--require-hashes" in command

    monkeypatch.setattr(install, "run", run)
    install.install_uv("python")
    (text,) = texts
    assert re.match(r"uv==[\d.]+", text) and "--hash=sha256:" in text
    assert len(re.findall(r"^\S", text, re.MULTILINE)) == 1


def test_second_call_does_nothing_and_changes_are_followed(tmp_path, monkeypatch, commands):
    venv, root = tmp_path / "venv", Path(install.ROOT)

    def ran(*more):
        commands.clear()
        install.main([str(venv), *more])
        return [command.split(" -r ")[-1] if " -r " in command else command[-4:] for command in commands]

    assert install.LOCK in ran()
    assert ran() == []
    assert ran("--bench")[-1] == install.BENCH and ran("--bench") == [] and ran() == []
    with (root / install.PROJECT).open("a") as file:
        file.write("# changed\n")
    with monkeypatch.context() as other:
        other.setattr(install.platform, "python_version", lambda: "3.13.99")
        assert install.LOCK not in ran()
    assert ran("--exact") == [] and ran("--bench") == [] and ran() == []
    (venv / "stale").touch()
    with (root / install.LOCK).open("a") as file:
        file.write("# changed\n")
    assert install.LOCK in ran() and not (venv / "stale").exists()
    (venv / "bin" / "python").unlink()
    assert install.LOCK in ran() and ran() == []


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), MemoryError()])
def test_interrupted_installation_starts_over(tmp_path, monkeypatch, commands, interruption):
    venv, whole = tmp_path / "venv", install.run
    failing(commands, monkeypatch, "-r requirements.lock", interruption)
    with pytest.raises((SystemExit, MemoryError)):
        install.main([str(venv)])
    (venv / "half").touch()
    monkeypatch.setattr(install, "run", whole)
    install.main([str(venv)])
    assert not (venv / "half").exists()
    assert json.loads((venv / install.STAMP).read_text())[install.LOCK]


def test_foreign_folder_is_left_alone(tmp_path, commands):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("precious")
    assert "thesis" in refusal(tmp_path / "thesis")
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter.tex"]
    assert not commands
