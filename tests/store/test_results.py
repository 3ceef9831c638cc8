"""The store of results: computed once, kept whole, read with pandas, refused where damaged."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from surrogates import models
from surrogates.store import files, names, plain, results
from surrogates.store.provenance import root


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Nothing is known of files that were read before."""
    monkeypatch.setattr(results, "_experiments", {})
    monkeypatch.setattr(results, "loaded", {})


def forget():
    """Become a process that has read nothing."""
    results._experiments.clear()


def counted(value):
    """A computation, and a list that grows with each of its calls."""
    calls = []
    return calls, lambda: calls.append(1) or value


def never():
    pytest.fail("it was computed again")


def rows(store, name):
    return (store.parent / f"results/{name}.jsonl").read_bytes().splitlines(keepends=True)


def fill(name="a", seeds=range(3), **settings):
    for seed in seeds:
        results.load_or_compute(name, settings, lambda seed=seed: {"energy": seed / 7, "steps": [seed]}, seed)


def test_a_result_is_computed_once(store):
    calls, compute = counted({"calls": [1, 2.5, None]})
    for _ in range(3):
        assert results.load_or_compute("search/small/a", {"seeds": 2}, compute) == {"calls": [1, 2.5, None]}
        forget()
    assert len(calls) == 1
    (row,) = map(json.loads, rows(store, "search/small/a"))
    sidecar = json.loads((store.parent / "results/search/small/a.json").read_text())
    assert sidecar["settings"] == {row["key"]: {"seeds": 2}}
    origin = sidecar["made"][row["made"]] | {"started": row["started"], "seconds": row["seconds"]}
    assert {"scipy", "cma", "numpy"} <= origin["packages"].keys()
    assert origin["seconds"] >= 0
    assert results.loaded == {("search/small/a", row["key"], None): origin}


def test_other_settings_and_seeds_are_other_rows_of_the_same_file(store):
    for _ in range(2):
        for number in (2, 3, 4):
            for seed in (None, 0, 1):
                value = [number, seed]
                _, compute = counted(value)
                assert results.load_or_compute("search/a", {"n_atoms": number}, compute, seed) == value
        forget()
    assert len(rows(store, "search/a")) == 9
    sidecar = json.loads((store.parent / "results/search/a.json").read_text())
    assert len(sidecar["settings"]) == 3 and len(sidecar["made"]) == 1, "many rows share their provenance"
    assert sorted(path.name for path in (store.parent / "results/search").iterdir()) == ["a.json", "a.jsonl"]


def test_a_tuple_is_a_list_and_a_dataclass_is_described(store):
    results.load_or_compute("a", {"sizes": (7, 13), "model": models.GCN(n_layers=3)}, lambda: 1)
    same = {"model": {"kind": "GCN", "n_layers": 3}, "sizes": [7.0, 13]}
    assert results.load_or_compute("a", same, never) == 1


def test_a_new_field_at_its_default_misses_nothing(store):
    fields = [("width", float, dataclasses.field(default=0.1))]
    more = [*fields, ("power", int, dataclasses.field(default=2))]
    old, new = (dataclasses.make_dataclass("Strategy", which, frozen=True) for which in (fields, more))
    old.__module__ = new.__module__ = "surrogates.search"
    results.load_or_compute("a", {"strategy": old(0.2)}, lambda: 1, seed=0)
    assert results.load_or_compute("a", {"strategy": new(0.2)}, never, seed=0) == 1
    assert results.load_or_compute("a", {"strategy": new(0.2, 3)}, lambda: 2, seed=0) == 2


@pytest.mark.parametrize(
    "value",
    [5, 0.1, None, "a", [], {}, [[1, 2.5], None], {"energy": -1.5, "steps": []}, {"result": 1}, {"seed": 3, "a": 1}],
    ids=repr,
)
def test_a_result_comes_back_as_it_was(value, store):
    results.load_or_compute("a", {}, lambda: value)
    forget()
    found = results.load_or_compute("a", {}, never)
    assert found == value and type(found) is type(value)
    if isinstance(value, dict) and value:
        assert list(found) == list(value)


def test_what_a_caller_does_to_a_result_stays_with_the_caller(store):
    fill()
    results.load_or_compute("a", {}, never, 0)["steps"].append(9)
    assert results.load_or_compute("a", {}, never, 0)["steps"] == [0]


def test_a_computation_that_fails_stores_nothing(store):
    def fail():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        results.load_or_compute("a", {}, fail)
    assert not list(store.parent.rglob("*.json*"))


@pytest.mark.parametrize("value", [float("nan"), {"a": float("inf")}, object()])
def test_what_is_no_plain_data_is_refused(value, store):
    with pytest.raises(ValueError, match="The result a cannot be stored .* give plain data, with None for NaN"):
        results.load_or_compute("a", {}, lambda: value)
    with pytest.raises(ValueError):
        results.load_or_compute("a", {"width": value}, never)
    assert not list(store.parent.rglob("*.json*"))


@pytest.mark.parametrize("name", ["", "..", "../a", "/a", "a//b"])
def test_a_name_that_would_stand_elsewhere_is_refused(name, store):
    with pytest.raises(ValueError, match="give parts separated by '/'"):
        results.load_or_compute(name, {}, never)


@pytest.mark.parametrize("line", [1, 2, 3])
@pytest.mark.parametrize(
    "damage",
    [
        lambda row: row.replace(b'"energy":0.', b'"energy":1.'),
        lambda row: row[:-20] + b"\n",
        lambda row: b"\n" + row,
        lambda row: b"{}\n",
        lambda row: b"\0" * (len(row) - 1) + b"\n",
        lambda row: row.replace(b'"seed":', b'"seed": '),
    ],
)
def test_a_damaged_row_is_refused_by_file_and_line(damage, line, store):
    fill(seeds=[1, 2, 3])
    whole = rows(store, "a")
    whole[line - 1] = damage(whole[line - 1])
    (store.parent / "results/a.jsonl").write_bytes(b"".join(whole))
    forget()
    for _ in range(2):  # also when it is asked again
        with pytest.raises(files.DamagedFile, match=rf"a\.jsonl, line {line}, is damaged.*delete the line"):
            results.load_or_compute("a", {}, never, 1)


def test_a_result_that_stands_twice_is_refused(store):
    fill()
    whole = rows(store, "a")
    (store.parent / "results/a.jsonl").write_bytes(b"".join([*whole, whole[1]]))
    forget()
    with pytest.raises(files.DamagedFile, match=r"a\.jsonl, line 4, has a result that stands above it"):
        results.load_or_compute("a", {}, never, 1)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-20],
        lambda text: text.replace('"n_atoms": 7', '"n_atoms": 8'),
        lambda text: text.replace('"python": "3', '"python": "4'),
        lambda text: "[]",
        lambda text: "{}",
    ],
)
def test_damaged_settings_are_refused(damage, store):
    fill(n_atoms=7)
    path = store.parent / "results/a.json"
    path.write_text(damage(path.read_text()))
    forget()
    with pytest.raises(files.DamagedFile, match=r"a\.json is damaged"):
        results.load_or_compute("a", {"n_atoms": 7}, never, 0)


def test_line_ends_that_were_changed_on_the_way_are_said(store):
    fill()
    path = store.parent / "results/a.jsonl"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    forget()
    with pytest.raises(files.DamagedFile, match=r"a\.jsonl .*other line ends.*core\.autocrlf"):
        results.load_or_compute("a", {}, never, 0)


def test_rows_without_their_settings_are_refused(store):
    fill()
    (store.parent / "results/a.json").unlink()
    forget()
    with pytest.raises(files.DamagedFile, match=r"a\.jsonl has results of which a\.json beside it says nothing"):
        results.load_or_compute("a", {}, never, 0)


def test_a_row_that_was_torn_at_any_byte_is_computed_again_and_no_other(store):
    fill(seeds=[1, 2, 3])
    path, whole = store.parent / "results/a.jsonl", b"".join(rows(store, "a"))
    last = len(rows(store, "a")[-1])
    for kept in range(len(whole) - last, len(whole)):
        path.write_bytes(whole[:kept])
        forget()
        assert results.load_or_compute("a", {}, never, 1)["energy"] == 1 / 7
        calls, compute = counted({"energy": 3 / 7, "steps": [3]})
        assert results.load_or_compute("a", {}, compute, 3) == {"energy": 3 / 7, "steps": [3]}
        assert len(calls) == 1 and len(rows(store, "a")) == 3
        forget()
        assert [results.load_or_compute("a", {}, never, seed)["steps"] for seed in (1, 2, 3)] == [[1], [2], [3]]


def test_what_another_process_stores_meanwhile_counts(store):
    def compute():
        forget_mine = results._experiments
        results._experiments = {}
        results.load_or_compute("a", {}, lambda: "first", seed=0)
        results._experiments = forget_mine
        return "second"

    assert results.load_or_compute("a", {}, compute, seed=0) == "first"
    assert len(rows(store, "a")) == 1


APPEND = """
import sys
from surrogates.store import results
who, number = int(sys.argv[1]), int(sys.argv[2])
print("begun", flush=True)
for seed in range(number):
    for own in (seed, 1000 * who + seed):  # the first is that of the others too
        results.load_or_compute("a", {"who": 1000 * (own // 1000)}, lambda: {"seed of": own, "long": "x" * 20_000}, own)
"""


def started(store, who, number):
    environment = {"PYTHONPATH": str(root() / "lib"), "PATH": os.environ["PATH"], names.VARIABLE: str(store)}
    command = [sys.executable, "-c", APPEND, str(who), str(number)]
    return subprocess.Popen(command, env=environment, cwd=root(), stdout=subprocess.PIPE)


def test_processes_that_append_at_once_lose_nothing(store):
    processes = [started(store, who, 10) for who in (1, 2, 3)]
    for process in processes:
        with process:
            process.communicate()
            assert process.returncode == 0
    stored = results.frame("a")
    assert sorted(stored["seed"]) == [*range(10), *(1000 * who + seed for who in (1, 2, 3) for seed in range(10))]
    assert (stored["seed of"] == stored["seed"]).all()
    assert (stored["settings.who"] == stored["seed"] // 1000 * 1000).all()


def test_a_process_that_is_killed_loses_one_row_at_most(store):
    path, before = store.parent / "results/a.jsonl", 0
    for pause in range(5):
        with started(store, 1, 10_000) as process:
            process.stdout.readline()
            while not path.exists() or path.stat().st_size < before + 100_000:  # a few rows
                time.sleep(0.001)
            time.sleep(pause / 500)
            process.send_signal(signal.SIGKILL)
        forget()
        found = results.frame("a")  # every line but the last is whole
        assert len(found) >= before // 20_100 + 4
        shared = found["seed"][found["seed"] < 1000]
        assert list(shared) == list(range(len(shared))) and abs(2 * len(shared) - len(found)) <= 1
        before = path.stat().st_size


def test_a_table_has_the_results_beside_their_settings(store):
    fill(n_atoms=7, strategy={"kind": "CMAES", "width": 0.5})
    fill(n_atoms=13, seeds=[5], strategy={"kind": "CMAES"})
    found = results.frame("a")
    assert list(found["seed"]) == [0, 1, 2, 5]
    assert list(found["energy"]) == [0.0, 1 / 7, 2 / 7, 5 / 7]
    assert list(found["settings.n_atoms"]) == [7, 7, 7, 13]
    assert found["settings.strategy.width"].isna().sum() == 1
    assert {"key", "made", "started", "seconds", "steps"} <= set(found.columns)
    with pytest.raises(FileNotFoundError, match="There is no experiment 'b'. It has a only"):
        results.frame("b")
    assert results.experiments() == ["a"]


def test_pandas_reads_the_rows(store):
    fill(seeds=range(20))
    found = pd.read_json(store.parent / "results/a.jsonl", lines=True)
    assert list(found["seed"]) == list(range(20))
    assert found["energy"].iloc[-1] == pytest.approx(19 / 7)


def test_ten_thousand_rows_are_read_within_seconds(store):
    """A page asks for each of them; a benchmark adds to them."""
    fill()
    row, number = json.loads(rows(store, "a")[0]), 10_000
    del row["sha256"]
    with (store.parent / "results/a.jsonl").open("wb") as file:
        for seed in range(number):
            sealed = json.dumps(row | {"seed": seed, "positions": [[0.1, 0.2]] * 38}, separators=(",", ":"))[
                :-1
            ].encode()
            file.write(sealed + results.SEAL + results._seal(sealed) + b"\n")
    forget()
    began = time.process_time()
    for seed in range(number):
        results.load_or_compute("a", {}, never, seed)
    assert time.process_time() - began < 10.0
    fill(seeds=[number])
    began = time.process_time()
    assert len(results._experiment("a").read()) == number + 1
    assert time.process_time() - began < 0.1, "all was read again"


def test_the_results_of_the_published_pages_are_whole():
    """And few: a file for the rows of each experiment, and one for their settings."""
    folder = root() / "data" / "results"
    for path in folder.rglob("*.jsonl"):
        experiment = results._Experiment(path)
        for row in map(json.loads, experiment.read().values()):
            origin = experiment.origin(row)
            assert {"commit", "started", "machine", "packages", "seconds"} <= origin.keys(), path
            assert plain.digest(experiment.sidecar()["settings"][row["key"]])[: results.DIGITS] == row["key"]
