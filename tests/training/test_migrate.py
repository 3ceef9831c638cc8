"""Stored runs come to the present form: the configuration changes its form, and nothing else its bytes."""

import hashlib
import subprocess

import pytest

from surrogates import data, potentials
from surrogates.store import files
from surrogates.store.provenance import root
from surrogates.training import migrate, runs

BEFORE = "c6e82e3"  # the commit before the form changed
RENAMED = {  # runs by the names that they have now
    "structure_search/": "surrogate_search/",  # as its page now
    "mlp/paper/seed-0/": "mlp/paper/permuted-seed-0/",
    "gcn/paper/seed-": "gcn/paper/further-seed-",
    "open_choices/paper/cnn-long-seed-0/": "cnn/paper/few/our-network-seed-0/",
}
GONE = ("open_choices/paper/mlp-", "open_choices/paper/cnn-", "surrogate_search/")  # no page shows them any more


def as_before(run, **of_data):
    """Give a run the form of before."""
    content = files.read_json(run.path / "config.json")
    for name in ("potential", "dimensions"):
        del content["data"][name]
    content["data"] |= of_data
    content["model"]["kind"] = "gcn"
    del content["fit"]["decay"]
    files.write_json(run.path / "config.json", content)
    checksums = run.provenance["sha256"] | {"config.json": files.sha256(run.path / "config.json")}
    files.write_json(run.path / "provenance.json", run.provenance | {"sha256": checksums})
    return {path.name: path.read_bytes() for path in run.path.iterdir()}


@pytest.mark.parametrize("of_data", [{}, {"three_body": 0.0}], ids=["first form", "second form"])
def test_a_run_in_an_old_form_is_brought_to_the_present_one(of_data, run, config, capsys):
    before = as_before(run, **of_data)
    assert migrate.main() == 0
    assert "1 of 1 runs were brought" in capsys.readouterr().out
    again = runs.load("gcn/small/seed-3")
    assert again.config == config and files.read_json(run.path / "config.json") == config.to_dict()
    changed = {path.name for path in run.path.iterdir() if path.read_bytes() != before[path.name]}
    assert changed == {"config.json", "provenance.json"}
    checksum = files.sha256(run.path / "config.json")
    assert again.provenance == run.provenance | {"sha256": run.provenance["sha256"] | {"config.json": checksum}}
    after = {path.name: path.read_bytes() for path in run.path.iterdir()}
    migrate.main()
    assert "0 of 1 runs were brought" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == after


def test_three_body_energies_become_a_potential(run):
    as_before(run, three_body=2.0)
    assert migrate.migrate(run.path)
    true = runs.load("gcn/small/seed-3").config.data.potential
    assert true == potentials.LennardJones() + potentials.AxilrodTeller(2.0)


def test_a_damaged_run_is_left_as_it_is(run):
    as_before(run, three_body=0.0)
    (run.path / "weights.npz").write_bytes(b"")
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    with pytest.raises(files.DamagedFile, match=r"weights\.npz is damaged"):
        migrate.migrate(run.path)
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before
    (run.path / "config.json").write_text("{}")
    with pytest.raises(files.DamagedFile, match=r"config\.json is not the file that this run wrote"):
        migrate.migrate(run.path)


def test_every_stored_run_is_in_the_present_form(monkeypatch):
    folders = sorted(path.parent for path in (root() / "data" / "runs").rglob("config.json"))
    assert len(folders) >= 141
    for folder in folders:
        config = runs.Run(folder).config
        stored, complete = files.read_json(folder / "config.json"), config.to_dict()
        for part in stored:  # a setting that came later is at its default, and not in the file
            assert stored[part].items() <= complete[part].items(), folder
        assert type(config.data) is data.Data


def test_what_was_trained_is_what_it_was():
    """Weights, histories and metrics of every run are the same bytes as before, provenances but for one checksum."""
    git = ["git", "-C", str(root())]
    known = subprocess.run([*git, "cat-file", "-e", BEFORE], capture_output=True).returncode == 0
    if not known:
        pytest.skip("this copy of the repository has no history")
    listed = subprocess.run([*git, "ls-tree", "-rz", BEFORE, "data/runs/"], capture_output=True, text=True, check=True)
    found = 0
    for line in filter(None, listed.stdout.split("\0")):
        blob, name = line.split()[2], line.partition("\t")[2]
        run = name.removeprefix("data/runs/")
        for before, now in RENAMED.items():
            run = now + run.removeprefix(before) if run.startswith(before) else run
        path = root() / "data" / "runs" / run
        if path.name == "config.json" or run.startswith(GONE):
            continue
        if path.name == "weights.npz" and not path.exists():
            assert runs.Run(path.parent).provenance["weights"] == runs.NOT_KEPT
            continue
        if path.name == "provenance.json":
            text = subprocess.run([*git, "cat-file", "blob", blob], capture_output=True, text=True, check=True).stdout
            was = files.json.loads(text)
            checksum = files.sha256(path.with_name("config.json"))
            now = files.read_json(path)
            assert now.pop("weights", runs.NOT_KEPT) == runs.NOT_KEPT
            was.pop("weights", None)
            assert now == was | {"sha256": was["sha256"] | {"config.json": checksum}}, path
        else:
            content = path.read_bytes()
            assert hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest() == blob, path
        found += 1
    assert found >= 400
