"""The store of results: computed once, kept whole, refused where damaged."""

import json

import pytest

from surrogates.store import files, results
from surrogates.store.provenance import root


def counted(value):
    """A computation, and a list that grows with each of its calls."""
    calls = []
    return calls, lambda: calls.append(1) or value


def test_a_result_is_computed_once(store):
    calls, compute = counted({"calls": [1, 2.5, None]})
    for _ in range(3):
        assert results.load_or_compute("search/small/a", {"seeds": 2}, compute) == {"calls": [1, 2.5, None]}
    assert len(calls) == 1
    content = json.loads((store.parent / "results/search/small/a.json").read_text())
    origin = content["provenance"]
    assert {"scipy", "cma", "numpy"} <= origin["packages"].keys()
    assert origin["seconds"] >= 0
    assert content["settings"] == {"seeds": 2}
    assert results.loaded[results.store() / "search/small/a.json"] == origin


def test_other_settings_get_a_file_of_their_own(store):
    for _ in range(2):
        for seeds in (2, 3, 4):
            _, compute = counted(seeds)
            assert results.load_or_compute("search/a", {"seeds": seeds}, compute) == seeds
    assert len(list((store.parent / "results/search").glob("*.json"))) == 3


def test_a_tuple_is_a_list(store):
    calls, compute = counted(1)
    results.load_or_compute("a", {"sizes": (7, 13)}, compute)
    results.load_or_compute("a", {"sizes": [7, 13]}, compute)
    assert len(calls) == 1


def test_a_computation_that_fails_stores_nothing(store):
    def fail():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        results.load_or_compute("a", {}, fail)
    assert not list(store.parent.rglob("*.json"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-20],
        lambda text: text.replace('"result": 5', '"result": 6'),
        lambda text: text.replace('"seeds": 2', '"seeds": 3'),
        lambda text: "[]",
        lambda text: "{}",
    ],
)
def test_a_damaged_file_is_refused(damage, store):
    _, compute = counted(5)
    results.load_or_compute("a", {"seeds": 2}, compute)
    path = store.parent / "results/a.json"
    path.write_text(damage(path.read_text()))
    with pytest.raises(files.DamagedFile, match=r"a\.json is damaged"):
        results.load_or_compute("a", {"seeds": 2}, compute)


@pytest.mark.parametrize("value", [float("nan"), {"a": float("inf")}, object()])
def test_what_is_no_plain_data_is_refused(value, store):
    with pytest.raises(ValueError, match="The result a cannot be stored .* give plain data"):
        results.load_or_compute("a", {}, lambda: value)
    assert not list(store.parent.rglob("*.json"))


def test_the_results_of_the_published_pages_are_whole():
    """And small: a file for each search, of which there are many."""
    paths = list((root() / "data" / "results").rglob("*.json"))
    assert paths
    for path in paths:
        origin = results._read(path)["provenance"]
        assert {"commit", "started", "machine", "packages", "seconds"} <= origin.keys(), path
        assert path.stat().st_size < 1e6, path
