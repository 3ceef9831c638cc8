"""lib/install.py: what it accepts, what it refuses and how. Nothing is really installed here."""

import ast
import errno
import json
import os
import re
import shutil
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
    assert commands[-3].endswith(f"{into} --require-hashes -r requirements.lock")
    assert commands[-2].endswith(f"{into} --no-build-isolation -e .")
    assert commands[-1].endswith("install.py --verify")
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
        made = [command for command in commands if "--verify" not in command]
        return [command.split(" -r ")[-1] if " -r " in command else command[-4:] for command in made]

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


def test_packages_that_were_changed_later_are_installed_again(tmp_path, monkeypatch, commands, capsys):
    venv, whole = tmp_path / "venv", install.run
    install.main([str(venv)])
    commands.clear()
    failing(commands, monkeypatch, "--verify", install.Failed("numpy is 1.26.4, the lock has ==2.4.6."))
    assert "numpy is 1.26.4" in refusal(venv), "and it is not taken for done where that does not help"
    assert any("-r requirements.lock" in command for command in commands)
    monkeypatch.setattr(install, "run", whole)
    commands.clear()
    install.main([str(venv)])
    assert any("-r requirements.lock" in command for command in commands)


def test_what_is_installed_is_compared_with_the_lock(tmp_path, monkeypatch):
    assert not list(install.differing(install.LOCK))
    monkeypatch.setattr(install, "ROOT", str(tmp_path))
    lines = ["numpy==1.26.4 \\", "    --hash=sha256:0", "no-such-package==1", "pytest==1 ; sys_platform == 'other'"]
    (tmp_path / install.LOCK).write_text("\n".join(lines), encoding="utf-8")
    numpy, missing = install.differing(install.LOCK)
    assert re.match(rf"numpy is \d.* in .*site-packages, {install.LOCK} has ==1\.26\.4\.", numpy)
    assert missing == f"no-such-package is missing, {install.LOCK} has ==1."
    with pytest.raises(SystemExit, match=r"numpy is .*\nno-such-package is missing"):
        install.main(["--verify"])


def test_installers_inherit_the_way_to_an_index_and_nothing_else(tmp_path, monkeypatch):
    own = {"PIP_USER": "1", "PIP_TARGET": "/x", "UV_TARGET": "/x", "PYTHONPATH": "/x", "PIP_PROXY": "http://p:1"}
    for name, value in {**own, "UV_INDEX_URL": "http://u", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = http://a\n[install]\nprefix = /y\nindex-url = http://b\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    install.settings_of_pip.cache_clear()
    given = install.environment(sys.executable)
    install.settings_of_pip.cache_clear()
    assert (given["PIP_INDEX_URL"], given["PIP_PROXY"], given["UV_INDEX_URL"]) == ("http://b", "http://p:1", "http://u")
    assert not given.keys() & {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "UV_TARGET", "PYTHONPATH"}
    assert given["PIP_CONFIG_FILE"] == os.devnull and given["HOME"] == str(tmp_path)


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
