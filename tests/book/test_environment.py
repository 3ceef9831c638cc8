"""pyproject.toml, requirements.lock, environment.yml and what is installed tell the same story."""

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "lib"))
import install  # noqa: E402

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())
LOCKS = ["requirements.lock", "benchmarks/requirements.lock"]


def entries(lock):
    """[(requirement, hashes)] of a lock."""
    lines = (ROOT / lock).read_text().replace("\\\n", " ").splitlines()
    pairs = [line.partition(" --hash=") for line in lines]
    return [(Requirement(requirement), re.findall(r"sha256:[0-9a-f]{64}\b", rest)) for requirement, _, rest in pairs]


def versions(lock):
    return {canonicalize_name(package.name): next(iter(package.specifier)).version for package, _ in entries(lock)}


def applies(package, **environment):
    return package.marker is None or package.marker.evaluate(environment)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_one_hashed_version_of_each_package(lock):
    names = [canonicalize_name(package.name) for package, _ in entries(lock)]
    assert len(names) > 3
    assert sorted(names) == sorted(set(names))
    for package, hashes in entries(lock):
        assert re.fullmatch(r"==[^*,]+", str(package.specifier)), f"{package} is not one version"
        assert hashes, f"{package} has no hash"


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_index(lock):
    assert not re.search(r"://|^-|file:| @ |index-url|find-links", (ROOT / lock).read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    ("lock", "declared"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements.lock", PROJECT["dependency-groups"]["dev"]),
        ("requirements.lock", PROJECT["build-system"]["requires"]),
        ("benchmarks/requirements.lock", PROJECT["dependency-groups"]["bench"]),
    ],
)
def test_lock_has_what_pyproject_declares(lock, declared):
    locked = {canonicalize_name(package.name): package for package, _ in entries(lock)}
    for wanted in map(Requirement, declared):
        package = locked[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(versions(lock)[canonicalize_name(wanted.name)]), f"{package}, not {wanted}"
        for minor in range(install.OLDEST[1], install.NEWEST[1] + 1):
            for platform, machine in [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64")]:
                python = {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"}
                assert applies(package, sys_platform=platform, platform_machine=machine, **python), package


def test_jupyter_book_is_version_1():
    assert Version(versions("requirements.lock")["jupyter-book"]) < Version("2")
    declared = {Requirement(text).name: Requirement(text) for text in PROJECT["project"]["dependencies"]}
    assert not declared["jupyter-book"].specifier.contains("2.0.0")


def test_accepted_pythons_agree():
    accepted = SpecifierSet(PROJECT["project"]["requires-python"])
    minors = {minor for minor in range(6, 30) if accepted.contains(f"3.{minor}.1")}
    assert minors == set(range(install.OLDEST[1], install.NEWEST[1] + 1))
    (conda,) = [package for package in CONDA["dependencies"] if package.startswith("python=")]
    assert accepted.contains(conda.removeprefix("python=") + ".0")
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "book.yml").read_text())
    (setup,) = [step["with"] for step in workflow["jobs"]["book"]["steps"] if "python-version" in step.get("with", {})]
    assert f"python={setup['python-version']}" == conda


def test_conda_leaves_the_packages_to_the_lock():
    assert all(isinstance(package, str) for package in CONDA["dependencies"]), "a pip section would bypass the lock"
    names = {re.split("[=<>]", package)[0] for package in CONDA["dependencies"]}
    assert {"python", "pip", "make", "git"} <= names
    assert not (names - {"python", "pip"}) & versions("requirements.lock").keys()


def test_post_build_installs_the_lock(tmp_path, monkeypatch):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$PWD" "$@" > {tmp_path}/called\n')
    python.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    subprocess.run([ROOT / "postBuild"], cwd=tmp_path, env={**os.environ, "PATH": path}, check=True)
    assert (tmp_path / "called").read_text().split() == [str(ROOT), "lib/install.py", "--here"]

    commands = []
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(install, "free_gb", lambda place: 100.0)
    monkeypatch.setattr(install, "check_modules", lambda names: None)
    monkeypatch.setattr(install, "run", lambda *command: commands.append(" ".join(command)))
    install.main(["--here"])
    into = f"-m uv pip install --python {sys.executable} --no-deps --compile-bytecode"
    assert any(command.endswith(f"{into} --require-hashes -r requirements.lock") for command in commands)
    assert any(command.endswith(f"{into} --no-build-isolation -e .") for command in commands)


def test_benchmarks_share_the_versions_of_the_lock():
    main, bench = (versions(lock) for lock in LOCKS)
    shared = main.keys() & bench.keys()
    assert "numpy" in shared
    assert {name: bench[name] for name in shared} == {name: main[name] for name in shared}


def test_installed_packages_are_the_locked_ones():
    wanted = {canonicalize_name(package.name) for package, _ in entries("requirements.lock") if applies(package)}
    locked = {name: version for name, version in versions("requirements.lock").items() if name in wanted}
    installed = {canonicalize_name(found.name): found.version for found in importlib.metadata.distributions()}
    differing = {name: (installed.get(name), version) for name, version in locked.items()}
    differing = {name: pair for name, pair in differing.items() if pair[0] != pair[1]}
    assert not differing, f"installed and locked versions differ (run `make install`): {differing}"


def test_lock_is_complete():
    """Nothing looks for missing dependencies during the installation (--no-deps), so it is done here."""
    stated = {entry["name"]: entry["requires-dist"] for entry in PROJECT["tool"]["uv"]["dependency-metadata"]}
    locked = versions("requirements.lock")
    for name in {canonicalize_name(package.name) for package, _ in entries("requirements.lock") if applies(package)}:
        for needed in map(Requirement, stated.get(name, importlib.metadata.requires(name) or [])):
            if applies(needed, extra=""):
                version = locked.get(canonicalize_name(needed.name))
                assert version and needed.specifier.contains(version, prereleases=True), f"{name} needs {needed}"


def test_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["project"]["version"]
    assert citation["license"] == PROJECT["project"]["license"]
    (report,) = citation["references"]
    assert [author["family-names"] for author in report["authors"]] == ["Chitturi", "Gui"]
    assert citation["authors"][0]["name"] in (ROOT / "LICENSE").read_text()
