"""A commit is named only where it is that of the code that runs."""

import subprocess

import pytest

from surrogates.store import provenance


def git(folder, *arguments):
    own = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The project, unpacked in a folder of somebody's repository, with the library that runs."""
    project = tmp_path / "theirs" / "companion"
    library = project / "lib" / "surrogates" / "store"
    library.mkdir(parents=True)
    (project / "_toc.yml").touch()
    (library / "provenance.py").touch()
    monkeypatch.setattr(provenance, "__file__", str(library / "provenance.py"))
    monkeypatch.chdir(project)
    git(project.parent, "init")
    git(project.parent, "add", ".")
    git(project.parent, "commit", "-m", "theirs")
    return project


def test_the_repository_around_the_project_is_not_its_own(project):
    assert provenance.commit() == "unknown"
    git(project, "init")
    git(project, "add", ".")
    git(project, "commit", "-m", "ours")
    head = provenance.commit()
    assert len(head) == 12
    git(project, "config", "status.showUntrackedFiles", "no")
    (project / "lib" / "surrogates" / "new.py").touch()
    assert provenance.commit() == f"{head} with changes"


def test_another_copy_of_the_library_has_no_commit_here(project, monkeypatch):
    git(project, "init")
    git(project, "add", ".")
    git(project, "commit", "-m", "ours")
    assert provenance.commit() != "unknown"
    with monkeypatch.context() as other:
        other.setenv("GIT_DIR", str(project.parent / ".git"))
        assert provenance.commit() != "unknown", "a variable names another repository"
    monkeypatch.setattr(provenance, "__file__", str(project.parent / "lib" / "surrogates" / "store" / "provenance.py"))
    assert provenance.commit() == "unknown"


def test_no_line_end_is_changed_on_the_way(tmp_path):
    attributes = (provenance.root() / ".gitattributes").read_text(encoding="utf-8")
    source, clone = tmp_path / "source", tmp_path / "clone"
    source.mkdir()
    (source / ".gitattributes").write_text(attributes, encoding="utf-8")
    (source / "config.json").write_bytes(b"{\n}\n")
    git(source, "init")
    git(source, "add", ".")
    git(source, "commit", "-m", "a run")
    git(tmp_path, "clone", "-c", "core.autocrlf=true", source, clone)
    assert (clone / "config.json").read_bytes() == b"{\n}\n"
