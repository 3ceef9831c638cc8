"""The foot of a page: what its numbers come from."""

import re
from types import SimpleNamespace

from surrogates.book import foot


def test_the_table_of_provenance_names_the_runs_and_how_to_train_them(run):
    rows = dict(re.findall(r"^\| ([A-Z][a-z ]+) \| (.+) \|$", foot.provenance_table(run), re.MULTILINE))
    assert rows["Runs"] == "`gcn/small/seed-3`"
    assert rows["Train again"] == "`make retrain RUN=gcn/small/seed-3`"
    assert rows["Seeds"] == "3"
    assert rows["Commit"] == run.provenance["commit"]
    assert f"keras {run.provenance['packages']['keras']}" in rows["Packages"]
    assert "Results" not in rows
    made = {("search/paper/a", "0abc", n): run.provenance | {"seconds": 30.0, "commit": "fff"} for n in range(4)}
    text = foot.provenance_table(run, results=made | {("regimes/gcn", "0abc", None): run.provenance | {"seconds": 1.0}})
    assert "| 4 in `data/results/search/`, 1 in `data/results/regimes/`; each says" in text
    assert "| Time of results | 2 min 1 s |" in text
    assert ", fff |" in text
    assert "likewise each of the others" in foot.provenance_table(run, run)
    many = SimpleNamespace(name="gcn/other/seed-1", config=run.config, provenance=run.provenance)
    assert "| `gcn/small/seed-3`, 9 in `gcn/other/`, from `seed-1` on |" in foot.provenance_table(run, *[many] * 9)


def test_each_commit_is_named_once():
    commits = ("bbb", "aaa to bbb", "ccc with changes", "bbb to ddd")
    made = {
        ("a", "0abc", n): {
            "commit": commit,
            "machine": "m",
            "python": "3",
            "packages": {},
            "started": "2026-11-22",
            "seconds": 1.0,
        }
        for n, commit in enumerate(commits)
    }
    assert "| Commit | aaa, bbb, ccc with changes, ddd |" in foot.provenance_table(results=made)


def test_what_would_end_a_cell_is_escaped():
    assert foot.cell("|V - W|\nin words") == r"\|V - W\| in words" and foot.cell(foot.cell("a|b")) == r"a\|b"


def test_a_page_without_runs_has_results_only(run):
    text = foot.provenance_table(results={("search/paper/a", "0abc", 0): run.provenance | {"seconds": 30.0}})
    assert "| Results | 1 in `data/results/search/`; it says" in text
    assert "Runs" not in text
    assert "Training time" not in text
