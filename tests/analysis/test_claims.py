"""The report's statements: that their table means something, and that verdicts follow from rules and numbers alone."""

import json
import math
import re

import nbformat
import numpy as np
import pandas as pd
import pytest

from surrogates.analysis import claims, claims_shown, report, statements, verdicts
from surrogates.book import glue, sources
from surrogates.store import files
from surrogates.store.provenance import root

TABLE = claims.statements()
BOOK = root() / "book"
NAMES = [source.stem for source in sources.in_order(BOOK)]


def test_there_are_more_than_twenty_and_each_is_decided_on_a_page():
    assert len(TABLE) > 20
    assert set(TABLE.page) < set(NAMES)
    for column in ("statement", "section", "quantity", "measure", "rule"):
        assert all(TABLE[column])


def test_what_follows_from_how_a_model_is_made_is_no_success():
    made = TABLE[TABLE.kind == "construction"]
    assert {"sizes", "cnn-permutation", "gcn-rotation"} < set(made.index)
    decided = judged(TABLE, verdict="holds")
    assert claims.counted_verdicts(decided) == dict.fromkeys(claims.VERDICTS, 0) | {"holds": len(TABLE) - len(made)}


def test_numbers_of_the_report_s_tables_are_those_of_the_other_files():
    table1, table2 = report.table1(), report.table2()
    for model in table1.index:
        for split in ("training", "validation"):
            assert float(TABLE.report[f"{model}-{split}"]) == table1.loc[model, split]
        gap = table1.validation[model] / table1.training[model]
        name = {"mlp": "mlp-overfits", "cnn": "cnn-overfits", "gcn": "gcn-generalises"}[model]
        assert float(TABLE.report[name]) == pytest.approx(gap, rel=5e-3)
    best = table1.validation["gcn"] / table1.validation[["mlp", "cnn"]].min()
    assert float(TABLE.report["gcn-best"]) == pytest.approx(best, rel=5e-3)
    for split in ("validation", "test"):
        assert float(TABLE.report[f"best-{split}"]) == table2.loc[1, split]
    assert float(TABLE.report["spread"]) == pytest.approx(table2.validation[5] - table2.validation[1])
    assert float(TABLE.report["top-rates"]) == (table2.learning_rate == 0.001).sum()


HEADER = ",".join(statements.COLUMNS)
GOOD = "a,number,3,It is so,1,q,the thing,within 1,,lower,any,simulation,"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([GOOD, GOOD], r"line 3 \(a\): the name occurs twice"),
        ([GOOD.replace("within 1", "about 1")], r"line 2 \(a\): rule = 'about 1' is none that is known"),
        ([GOOD.replace("within 1,", "within 1,roughly")], r"partly = 'roughly' is none"),
        ([GOOD.replace("It is so,1", "It is so,")], r"rule = 'within 1' needs the report's value"),
        ([GOOD.replace("any", "all")], r"scale = 'all', give one of any, paper"),
        ([GOOD.replace("number", "opinion")], r"kind = 'opinion', give one of number, statement, cause, construction"),
        ([GOOD.replace("lower", "higher")], r"better = 'higher', give one of nothing, lower"),
        ([GOOD.replace("number", "statement")], r"better = 'lower' is for a number whose rule says how near"),
        ([GOOD.replace("within 1", "at most 1")], r"better = 'lower' is for a number whose rule says how near"),
        (
            [GOOD.replace("so,1", "so,-1").replace("within 1", "at least 90 %").replace("lower", "")],
            "-1 is not above 0",
        ),
        ([GOOD.replace("within 1", "between 5 and 1").replace("lower", "")], "'between 5 and 1' holds for no value"),
        ([GOOD.replace("within 1,", "within 1,within 0.5")], "'within 0.5' holds only where the rule 'within 1' does"),
        ([GOOD.replace(",q,", ",,")], r"quantity is empty: name what the page measures"),
        ([GOOD.replace(",the thing,", ",,")], r"measure is empty: name what the page measures, and say in words"),
        ([GOOD.replace("within 1", "")], r"rule = '' is none that is known"),
        ([GOOD.replace("simulation", "elsewhere")], r"page = 'elsewhere', there is no .*elsewhere.py"),
        (
            [GOOD.replace("simulation", "gcn")],
            r"page = 'gcn' has no verdicts; let gcn.py call claims.decide\('gcn', ...\)",
        ),
    ],
)
def test_a_row_without_meaning_is_refused_by_its_line(tmp_path, monkeypatch, rows, message):
    written(tmp_path, monkeypatch, rows)
    with pytest.raises(files.DamagedFile, match=message):
        claims.statements()


def written(folder, monkeypatch, rows):
    """A repository with this table of statements."""
    for name in ("data", "book"):
        (folder / name).mkdir()
    (folder / "book" / "simulation.py").write_text("# Simulation\n(verdicts-simulation)=")
    (folder / "book" / "gcn.py").write_text("# Graph network")
    (folder / "data" / "claims.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    monkeypatch.setattr(statements.provenance, "root", lambda: folder)


def test_another_table_is_refused(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "claims.csv").write_text("claim,verdict\na,holds\n")
    monkeypatch.setattr(statements.provenance, "root", lambda: tmp_path)
    with pytest.raises(files.DamagedFile, match="has the columns"):
        claims.statements()


def test_the_newest_change_of_a_rule_is_the_rule():
    """A rule that is changed without a row in claims_changes.csv is found, if an earlier change of it stands there."""
    changes = claims.changed_rules()
    assert len(changes) > 20 and list(changes.date) == sorted(changes.date)
    assert all(changes[column].all() for column in changes)
    same = changes.effect.str.contains(
        "a lower value surpasses the report|a spread that is larger than the margin decides"
    )
    assert not (changes.old == changes.new)[~same].any()
    for claim, new in changes.groupby("claim").new.last().items():
        if claim not in TABLE.index:
            assert new == "not judged", f"{claim} stands in claims_changes.csv with a rule"
            continue
        row = TABLE.loc[claim]
        said, _, rule = new.rpartition(": ")
        assert rule == "; in part ".join(filter(None, (row.rule, row.partly))), (
            f"{claim}: add its last change to claims_changes.csv"
        )
        assert said in ("", row.measure, row.statement), f"{claim}: add its last change to claims_changes.csv"


def test_changes_of_one_statement_follow_each_other():
    """A rule that a change began with is the one that the change before ended with."""
    for claim, of_claim in claims.changed_rules().groupby("claim"):
        for before, after in zip(of_claim.new[:-1], of_claim.old[1:], strict=True):
            assert before.rpartition(": ")[2] == after.rpartition(": ")[2], claim


def test_a_page_measures_what_it_is_asked_and_nothing_else():
    with pytest.raises(ValueError, match=r"'mlp' measures \['weights'\]; .* asks it for \['mlp_weights'\]: give just"):
        claims.decide("mlp", "paper", 0, weights=1.0)
    with pytest.raises(ValueError, match="No statement in data/claims.csv has page = 'ablations': add a row there, or"):
        claims.decide("ablations", "paper", 0)


def test_what_was_measured_is_rounded_once():
    found = claims.decide("mlp", "paper", 0, mlp_weights=0.12348)
    assert found.record == {
        "profile": "paper", "seed": 0, "measured": {"mlp_weights": 0.1235}, "spread": {"mlp_weights": None},
        "of": {"mlp_weights": 0}, "shown": {"mlp_weights": "0.123"}, "readings": {},
    }  # fmt: skip
    assert found.table["We measure"].str.startswith("**0.123**, margin ").any()
    assert not {"Page", "Section"} & set(found.table)


def test_the_record_of_seeds_is_plain_and_has_their_spread(tmp_path, monkeypatch):
    written(tmp_path, monkeypatch, [GOOD])
    found = claims.decide("simulation", "paper", 0, q=np.array([1.8, 2.2, 1.1]))
    assert json.loads(json.dumps(found.record)) == found.record
    assert found.record["measured"] == {"q": 1.7} and found.record["of"] == {"q": 3}
    assert found.record["spread"] == {"q": 0.5568}
    assert found.record["shown"] == {"q": "1.70\u00a0±\u00a00.56"}
    assert found.table.loc["a"].tolist() == [
        "**too close to call**",
        "**1.70\u00a0±\u00a00.56** (of 3), margin 0.3: the thing",
        "within 1 of 1; surpassed if lower",
        "It is so",
    ]
    assert claims.decide("simulation", "paper", 0, q=1.7).table.Verdict["a"] == "**holds**"
    assert claims.decide("simulation", "paper", 0, q=claims.Measured(-0.5, 0.2)).table.Verdict["a"] == "**surpassed**"


def test_other_readings_stand_beside_the_one_that_decides(tmp_path, monkeypatch):
    written(tmp_path, monkeypatch, [GOOD + "as it is read"])
    found = claims.decide("simulation", "paper", 0, q=claims.Readings([1.0, 1.2], {"read otherwise": [4.0, 4.2]}))
    assert found.record["measured"] == {"q": 1.1}
    other = {"measured": 4.1, "spread": 0.1414, "of": 2, "shown": "4.10\u00a0±\u00a00.14"}
    assert found.record["readings"] == {"q": {"read otherwise": other}}
    (shown,) = found.table.itertuples(index=False)
    assert shown.Verdict == "**holds** (as it is read)"
    assert shown[1].endswith(": the thing; read otherwise: 4.10\u00a0±\u00a00.14, fails")
    monkeypatch.setenv(claims.PAGES_VARIABLE, str(tmp_path))
    page_with(tmp_path, "simulation", **found.record)
    again = claims.from_pages("paper", 0, glue.recorded)
    assert again.readings["a"] == [("read otherwise", other["shown"], "fails")]
    assert claims.claims_table(again)["We measure"]["a"] == shown[1]


def page_with(folder, name, **record):
    output = nbformat.v4.new_output(
        "display_data",
        data={"application/papermill.record/text/markdown": json.dumps(record)},
        metadata={"scrapbook": {"name": claims.RECORD, "mime_prefix": "application/papermill.record/"}},
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    nbformat.write(notebook, folder / f"{name}.ipynb")


def test_numbers_are_kept_to_four_digits_and_what_is_no_number_not_at_all():
    given = [210_497, 0.123456, 0.0004, -7.26449, math.nan, math.inf]
    assert [claims._rounded(value) for value in given] == [210_497, 0.1235, 0, -7.264, None, None]


def test_what_the_pages_measured_is_collected(tmp_path, monkeypatch):
    monkeypatch.setenv(claims.PAGES_VARIABLE, str(tmp_path))
    page_with(tmp_path, "mlp", profile="paper", seed=0, measured={"mlp_weights": 210_497})
    page_with(tmp_path, "simulation", profile="quick", seed=0, measured={"lowest": -7.1})
    measured = {"spread": 0.15, "depth": None, "fifth": 0.9}
    page_with(tmp_path, "low_energy", profile="paper", seed=0, measured=measured, spread={"spread": 0.01, "fifth": 0.2})
    found = claims.from_pages("paper", 0, glue.recorded)
    assert found.verdict["mlp-weights"] == "holds"
    assert found.ours["mlp-weights"] == 210_497 and math.isnan(found.spread["mlp-weights"])
    close = ["holds in part", "cannot be decided", "too close to call"]
    assert found.verdict[["spread", "depth", "top-five"]].tolist() == close
    assert (found.spread["spread"], found.margin["spread"]) == (0.01, pytest.approx(0.05))
    assert found.verdict["lowest"] == "cannot be decided"
    assert found.why["lowest"] == "the page shows the profile quick and the seed 0"
    assert found.why["depth"] == "with its settings the page could not measure it"
    assert found.why["low-energy"] == "the page has not been executed"
    assert found.text["mlp-weights"] == "210,497"
    assert (claims.from_pages("paper", 1, glue.recorded).verdict == "cannot be decided").all()
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "simulation.ipynb")
    why = claims.from_pages("paper", 0, glue.recorded).why["lowest"]
    assert why == "the page was executed before it had verdicts; execute it again"


def judged(rows, **given):
    values = {
        "ours": 1234.5,
        "spread": math.nan,
        "of": 0,
        "text": "1,234.5",
        "verdict": "fails",
        "margin": 2.0,
        "why": "",
    }
    return rows.assign(**values | given, readings=[[] for _ in range(len(rows))])


def test_every_row_is_shown_with_its_numbers():
    shown = claims.claims_table(judged(TABLE))
    assert len(shown) == len(TABLE)
    assert list(shown) == ["Verdict", "We measure", "It holds if", "The report says", "Section", "Kind", "Page"]
    assert shown.Verdict["depth"] == "**fails**"
    assert shown.Verdict["lowest"] == "**fails** (if atoms and box are as we read them)"
    assert shown.Verdict["both-regimes"] == "**fails** (of the report's training; {doc}`one_surrogate` lifts it)"
    assert shown["We measure"]["lowest"].startswith("**1,234.5**, margin 2: lowest energy")
    assert shown["It holds if"]["lowest"] == "within 1 of −7; in part if within 2 of −7"
    assert shown["It holds if"]["top-rates"] == "equal to 4; in part if at least 3"
    assert shown["It holds if"]["mlp-weights"] == "between 1,000 and 1,000,000"
    assert shown["It holds if"]["gcn-training"].endswith("within 25 % of 6.3; surpassed if lower")
    assert claims_shown._link("gcn") == "{doc}`Graph network <gcn>`", "a page without verdicts"
    assert shown.Page["low-energy"] == "{ref}`Error analysis <verdicts-error_analysis>`"
    missing = claims.claims_table(judged(TABLE, ours=math.nan, margin=math.nan, verdict="cannot be decided", why="so"))
    assert missing.loc["depth"].tolist()[:2] == ["**cannot be decided**: so", TABLE.measure["depth"]]


SOME = judged(TABLE.loc[["sizes", "lowest", "highest", "offset", "depth"]]).assign(
    verdict=["holds", "fails", "holds", "fails", "too close to call"]
)


def test_all_are_shown_by_kind_and_then_by_verdict():
    shown = claims.whole_table(SOME)
    assert shown.Verdict.str.extract(r"\*\*(.+)\*\*")[0].tolist() == [
        "holds",
        "fails",
        "too close to call",
        "fails",
        "holds",
    ]
    assert shown.Kind.tolist() == ["number", "number", "statement", "statement", "by construction"]


def test_kinds_are_counted_apart():
    table = claims.counts_table(SOME).set_index("Kind")
    assert list(table) == ["holds", "too close to call", "fails", "all"], "a verdict that is nowhere has no column"
    assert table.loc["Numbers of the report"].tolist() == ["1", "0", "1", "2"]
    assert table.loc["Causes", "all"] == "0" and table.loc["True by construction", "holds"] == "1"
    assert claims.counted_verdicts(SOME) == {
        "holds": 1, "surpassed": 0, "holds in part": 0, "too close to call": 1, "fails": 2, "cannot be decided": 0,
    }  # fmt: skip


def test_the_bar_has_a_part_for_each_kind_and_verdict():
    (axes,) = claims.bar(SOME).axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == list(statements.KINDS.values())
    widths = {bars.get_label(): [part.get_width() for part in bars] for bars in axes.containers}
    assert list(widths) == ["holds", "too close to call", "fails"], "a verdict that is nowhere is not in the legend"
    assert widths["holds"] == [1, 0, 0, 1] and widths["fails"] == [1, 1, 0, 0]
    assert [part.get_x() for part in axes.containers[-1]] == [1, 1, 0, 1], "one after the other"
    assert [text.get_text() for text in axes.texts] == ["1"] * 5
    assert len({(bars[0].get_facecolor(), bars[0].get_hatch()) for bars in axes.containers}) == 3


def test_changes_name_their_statement():
    changes = pd.DataFrame(
        [["2026-01-01", "depth", "at least 1", "at least -2", "all", "looser"], ["2026-01-02", "gone", *"wxyz"]],
        columns=statements.CHANGES,
    )
    shown = claims.changes_table(changes, TABLE)
    assert shown["The report says"].tolist() == [TABLE.statement["depth"], "`gone`"]
    assert shown.After.tolist() == ["at least −2", "x"]


@pytest.mark.parametrize("name", sorted(set(TABLE.page)))
def test_published_verdicts_follow_from_the_published_numbers(name):
    """The record of each page, judged again, gives the table that the page shows."""
    path = BOOK / f"{name}.ipynb"
    glued = glue.glued(files.read_json(path), path)
    assert claims.RECORD in glued, f"{name}.ipynb has no verdicts: glue what claims.decide gives, and execute it"
    record = json.loads(glued[claims.RECORD]["text/markdown"])
    expected = []
    for row in TABLE[TABLE.page == name].itertuples():
        value, spread = (record[field][row.quantity] for field in ("measured", "spread"))
        measured = verdicts.Measured(*(math.nan if given is None else given for given in (value, spread)))
        expected.append(verdicts.verdict(row, measured, record["profile"]))
    found = re.findall(
        r"^\| \*\*([a-z ]+)\*\*", glued[f"table-{name.replace('_', '-')}-verdicts"]["text/markdown"], re.MULTILINE
    )
    assert found == expected


def test_the_published_bar_and_tables_are_of_the_published_verdicts():
    decided = claims.from_pages("paper", 0, glue.recorded)
    path = BOOK / "claims.ipynb"
    glued = glue.glued(files.read_json(path), path)
    assert "image/png" in glued["fig-claims"]
    shown = re.findall(r"^\| \*\*([a-z ]+)\*\*", glued["table-claims"]["text/markdown"], re.MULTILINE)
    order = [
        decided.verdict[decided.kind == kind].sort_values(key=lambda v: v.map(verdicts.VERDICTS.index))
        for kind in statements.KINDS
    ]
    assert shown == [verdict for of in order for verdict in of]
