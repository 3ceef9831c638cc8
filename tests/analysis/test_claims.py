"""The report's statements: that their table means something, and that verdicts follow from rules and numbers alone."""

import json
import math
import re
from types import SimpleNamespace

import nbformat
import pytest

from surrogates.analysis import claims, report
from surrogates.book import glue, sources
from surrogates.store import files
from surrogates.store.provenance import root

TABLE = claims.statements()
BOOK = root() / "book"
NAMES = [source.stem for source in sources.in_order(BOOK)]


def row(**given):
    values = {"report": "", "quantity": "q", "rule": "above 0", "partly": "", "scale": "any", "why": "", "page": "p"}
    return SimpleNamespace(**values | given)


def test_there_are_more_than_twenty_and_each_is_decided_on_a_page():
    assert len(TABLE) > 20
    assert set(TABLE.page) < set(NAMES)
    assert all(TABLE.statement) and all(TABLE.section)
    assert all(measure for measure, quantity in zip(TABLE.measure, TABLE.quantity, strict=True) if quantity)


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


@pytest.mark.parametrize(
    ("rule", "report", "yes", "no"),
    [
        ("at least 2", "", [2, 3.5, math.inf], [1.999, -math.inf]),
        ("at most 2", "", [2, -1], [2.001]),
        ("above 0", "", [1e-9], [0, -1]),
        ("below 1e-9", "", [0, -2], [1e-9]),
        ("within 1", "-7", [-7, -8, -6], [-5.99, -8.01, 7]),
        ("within 0", "4", [4], [4.001]),
        ("within 10 %", "78", [78, 70.2, 85.8], [70.1, 85.9]),
        ("within 10 %", "-10", [-11, -9], [-11.1, 10]),
        ("at most 110 %", "0.248", [0.1, 0.2728], [0.2729]),
        ("at least 50 %", "4", [2, 9], [1.99]),
        ("between 1000 and 1000000", "", [1000, 210497, 1e6], [999, 1000001]),
    ],
)
def test_rules(rule, report, yes, no):
    assert all(claims.holds(rule, value, report) for value in yes)
    assert not any(claims.holds(rule, value, report) for value in [*no, math.nan])


def test_a_verdict_follows_from_the_rules():
    two = row(rule="at most 1", partly="at most 2")
    assert [claims.verdict(two, value, "quick") for value in (1, 2, 3)] == ["holds", "holds in part", "fails"]
    assert claims.verdict(two, math.nan, "paper") == "cannot be decided"
    assert claims.verdict(row(), -1, "quick") == "fails"
    large = row(scale="paper")
    assert claims.verdict(large, 1, "quick") == "cannot be decided"
    assert claims.verdict(large, 1, "paper") == "holds"


HEADER = ",".join(claims.COLUMNS)
GOOD = "a,3,It is so,1,q,the thing,within 1,,any,simulation,"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([GOOD, GOOD], r"line 3 \(a\): the name occurs twice"),
        ([GOOD.replace("within 1", "about 1")], r"line 2 \(a\): rule = 'about 1' is none that is known"),
        ([GOOD.replace("within 1,", "within 1,roughly")], r"partly = 'roughly' is none"),
        ([GOOD.replace("It is so,1", "It is so,")], r"rule = 'within 1' needs the report's value"),
        ([GOOD.replace("any", "all")], r"scale = 'all', give one of any, paper"),
        ([GOOD.replace(",q,", ",,")], r"without a quantity it needs a reason in 'why', and neither"),
        ([GOOD.replace("within 1", "")], r"rule = '' is none that is known"),
        ([GOOD.replace("simulation", "elsewhere")], r"page = 'elsewhere', there is no .*elsewhere.py"),
        (
            [GOOD.replace("simulation", "gcn")],
            r"page = 'gcn' has no verdicts; let gcn.py call claims.decide\('gcn', ...\)",
        ),
    ],
)
def test_a_row_without_meaning_is_refused_by_its_line(tmp_path, monkeypatch, rows, message):
    for folder in ("data", "book"):
        (tmp_path / folder).mkdir()
    (tmp_path / "book" / "simulation.py").write_text("(verdicts-simulation)=")
    (tmp_path / "book" / "gcn.py").write_text("# Graph network")
    (tmp_path / "data" / "claims.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    monkeypatch.setattr(claims.provenance, "root", lambda: tmp_path)
    with pytest.raises(files.DamagedFile, match=message):
        claims.statements()


def test_another_table_is_refused(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "claims.csv").write_text("claim,verdict\na,holds\n")
    monkeypatch.setattr(claims.provenance, "root", lambda: tmp_path)
    with pytest.raises(files.DamagedFile, match="has the columns"):
        claims.statements()


def test_a_page_measures_what_it_is_asked_and_nothing_else():
    with pytest.raises(ValueError, match=r"'mlp' measures \['weights'\]; .* asks it for \['mlp_weights'\]: give just"):
        claims.decide("mlp", "paper", 0, weights=1.0)
    with pytest.raises(ValueError, match="No statement in data/claims.csv has page = 'ablations': add a row there, or"):
        claims.decide("ablations", "paper", 0)


def test_what_was_measured_is_rounded_once():
    found = claims.decide("mlp", "paper", 0, mlp_weights=0.12348)
    assert found.record["measured"] == {"mlp_weights": 0.1235}
    assert found.record["shown"] == {"mlp_weights": "0.123"}
    assert found.table["We measure"].str.endswith(": **0.123**").any()
    assert "Page" not in found.table


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
    page_with(tmp_path, "low_energy", profile="paper", seed=0, measured={"spread": 0.15, "depth": None, "fifth": 0.9})
    found = claims.from_pages("paper", 0, glue.recorded)
    assert found.verdict["mlp-weights"] == "holds"
    assert found.ours["mlp-weights"] == 210_497
    assert found.verdict[["spread", "depth", "top-five"]].tolist() == ["holds in part", "cannot be decided", "fails"]
    assert found.verdict["lowest"] == "cannot be decided"
    assert found.why["lowest"] == "the page shows the profile quick and the seed 0"
    assert found.why["depth"] == "with its settings the page could not measure it"
    assert found.why["low-energy"] == "the page has not been executed"
    assert found.why["mlp-why"] == TABLE.why["mlp-why"]
    assert found.text["mlp-weights"] == "210,497"
    assert (claims.from_pages("paper", 1, glue.recorded).verdict == "cannot be decided").all()
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "simulation.ipynb")
    why = claims.from_pages("paper", 0, glue.recorded).why["lowest"]
    assert why == "the page was executed before it had verdicts; execute it again"


def test_every_row_is_shown_with_its_numbers():
    decided = TABLE.assign(ours=1234.5, text="1,234.5", verdict="fails", why="")
    shown = claims.claims_table(decided)
    assert len(shown) == len(TABLE)
    assert shown.Verdict.unique() == ["**fails**"]
    assert shown["We measure"]["lowest"].endswith(": **1,234.5**")
    assert shown["It holds if"]["lowest"] == "within 1 of −7; in part if within 2 of −7"
    assert shown["It holds if"]["top-rates"] == "equal to 4; in part if at least 3"
    assert shown["It holds if"]["mlp-weights"] == "between 1,000 and 1,000,000"
    assert claims._link("gcn") == "{doc}`Graph convolutional network <gcn>`", "a page without verdicts"
    assert shown.Page["low-energy"] == "{ref}`Error analysis <verdicts-error_analysis>`"


@pytest.mark.parametrize("name", sorted(set(TABLE.page)))
def test_published_verdicts_follow_from_the_published_numbers(name):
    """The record of each page, judged again, gives the table that the page shows."""
    path = BOOK / f"{name}.ipynb"
    glued = glue.glued(files.read_json(path), path)
    assert claims.RECORD in glued, f"{name}.ipynb has no verdicts: glue what claims.decide gives, and execute it"
    record = json.loads(glued[claims.RECORD]["text/markdown"])
    rows = TABLE[TABLE.page == name]
    values = [record["measured"].get(quantity) for quantity in rows.quantity]
    values = [math.nan if value is None else value for value in values]
    expected = [
        claims.verdict(row, value, record["profile"]) for row, value in zip(rows.itertuples(), values, strict=True)
    ]
    found = re.findall(
        r"\*\*([a-z ]+)\*\*[^|]*\|$", glued[f"table-{name.replace('_', '-')}-verdicts"]["text/markdown"], re.MULTILINE
    )
    assert found == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [(50000, "50,000"), (0.24812, "0.248"), (-31.27, "−31.3"), (1234.56, "1,234.6"), (6e-4, "6·10⁻⁴"), (1e-9, "0")],
)
def test_numbers_of_the_tables(value, text):
    assert claims.measured_text(value) == text
