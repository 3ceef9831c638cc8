"""All results that were files of their own, until commit c6e82e3, are rows of the experiments now.

``results_before.csv`` has the name of each, the experiment it has come to, and the beginning of the sha256 of what it
held; ``tools/migrate_results.py`` wrote it.
"""

import dataclasses
import hashlib
import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from surrogates import search
from surrogates.store.provenance import root

BEFORE = pd.read_csv(Path(__file__).with_name("results_before.csv"))
OWN = ("key", "seed", "made", "started", "seconds", "sha256")


def trial(row):
    """As it was when it knew nothing of candidates."""
    content = dataclasses.asdict(search.Trial.restored(row))
    candidate = content.pop("candidate")
    return content, candidate


def as_before(kind, rows):
    """The results of an experiment as their files had them."""
    if kind == "tuning":  # a file had the outcomes of all seeds; those of the finalists are in another million
        groups = {}
        for row in rows:
            groups.setdefault((row["key"], row["seed"] // 10**6), []).append(row)
        return [[[row["found"], row["calls"], row["energy"]] for row in group] for group in groups.values()]
    contents = [{name: value for name, value in row.items() if name not in OWN} for row in rows]
    if kind == "rounds":
        return [[trial(one)[0] for one in content["result"]] for content in contents]
    if kind == "searches":
        return [trial(content)[0] for content in contents]
    if kind == "driven":
        nothing = {"learned": None, "true": None, "closest": None, "positions": []}
        ends = [trial(content) for content in contents]
        return [{**(candidate or nothing), "trial": end} for end, candidate in ends]
    return contents


def digest(result):
    return hashlib.sha256(json.dumps(result, sort_keys=True).encode()).hexdigest()[:16]


def test_none_is_missing_in_the_list():
    """Of 1,284; the score of a graph network that no page shows any more is gone."""
    assert len(BEFORE) == BEFORE.name.nunique() == 1283


@pytest.mark.parametrize("experiment", sorted(set(BEFORE.experiment)))
def test_every_result_is_what_it_was(experiment):
    path = root() / "data" / "results" / f"{experiment}.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    before = BEFORE[BEFORE.experiment == experiment]
    found = Counter(digest(result) for result in as_before(experiment.rpartition("/")[2], rows))
    assert not Counter(before.sha256) - found
    described = json.loads(path.with_suffix(".json").read_text())
    assert {row["key"] for row in rows} <= described["settings"].keys()
    assert {row["made"] for row in rows} <= described["made"].keys()


def test_there_are_few_files():
    files = [path for path in (root() / "data" / "results").rglob("*") if path.is_file()]
    assert len([path for path in files if not {"smoke", "quick"} & set(path.parts)]) <= 60
