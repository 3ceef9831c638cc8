"""What a build does to its pages at the end: labels of folds, heads, style sheets."""

import pytest
from bs4 import BeautifulSoup

from surrogates.book import accessibility, cards, folds, heads, scoreboard, shipping, units

CAPTIONS = {"fig-a": "Figure 4.2", "table-b": "Table 4.1"}


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ('glue.figure("fig-a", drawn)', "Source of Figure 4.2"),
        ('glue.figure("fig-a", drawn)\nglue.table("table-b", frame)', "Source of Figure 4.2 and Table 4.1"),
        ("glue.numbers(a=1, b=2)", "Source of 2 numbers in the text"),
        ("glue.numbers(a=1, **others)", "Source of numbers in the text"),
        ('glue.numbers(a=1)\nglue.table(\n    "table-b", x)', "Source of Table 4.1 and a number in the text"),
        ('glue.figure("fig-unknown", drawn)\nx = 1', "Source, 2 lines"),
        ("import a\nfrom b import c", "Imports"),
        ('from b import c\npage = parameters.of(globals(), "mlp")', "How the parameters are read"),
    ],
)
def test_a_label_says_what_the_cell_gives(code, label):
    assert folds.source_label(code, CAPTIONS) == label


def test_a_figure_that_a_cell_shows_itself_is_named():
    assert folds.source_label("glue.numbers(a=1)\nx", CAPTIONS, ["Figure 4.3"]) == (
        "Source of Figure 4.3 and a number in the text"
    )


def test_parameters_are_counted_and_not_their_lines():
    assert folds.parameters_label("a = 1\nb = [\n  1,\n  2,\n]\n# c = 3") == "2 parameters"
    assert folds.parameters_label("a = 1") == "1 parameter"


SHEET = """@charset "UTF-8";
/* .kept { } */
.kept, .lost > p, a.kept:not(.lost) { content: "}{.lost"; }
.lost { color: red }
.bs-tooltip-auto[data-x=".lost"] { color: blue }
@media print { .lost { a: b } .kept { c: d } }
@media screen { .lost { a: b } }
@font-face { font-family: X; src: url(data:font/woff;base64,AA{}) }
"""


def test_rules_of_classes_that_no_page_has_are_left_out():
    used = shipping.used_rules(SHEET, {"kept", "bs-tooltip-"})
    assert used.startswith('@charset "UTF-8";')
    assert '.kept,a.kept:not(.lost){ content: "}{.lost"; }' in used
    assert "bs-tooltip-auto" in used and "@media print{" in used and "screen" not in used and "@font-face" in used
    assert "red" not in used and ".lost > p" not in used
    assert shipping.used_rules(used, {"kept", "bs-tooltip-"}).split() == used.split()


def page(body):
    return BeautifulSoup(
        f"<html><head><title>x</title></head><body><article>{body}</article></body></html>", "html.parser"
    )


def test_a_description_is_whole_sentences_of_the_answer():
    text = "First of all \\(\\log(V+32)\\) is in \\(\\varepsilon\\)."
    body = (
        f"<section><p>Not this.</p><div class='in-short'><p class='admonition-title'>In short</p><p>{text} %s</p></div>"
    )
    body = body.replace("\\(", "<span class='math'>\\(").replace("\\)", "\\)</span>")
    assert (
        heads.description(page(body.replace("%s", "More. " + "Long " * 40))) == "First of all log(V+32) is in ε. More."
    )
    assert heads.description(page("<section><p>Short.</p></section>")) == "Short."
    long = heads.description(page(f"<section><p>{'word ' * 60}</p></section>"))
    assert long.endswith("word …") and len(long) <= heads.LENGTH + 2
    assert heads.description(page("")) == ""


def test_a_table_of_other_statements_gets_no_badges():
    row = "<tr><td><strong>holds</strong></td></tr>"
    document = page(f"<table class='statements'><thead><tr><th>Case</th></tr></thead><tbody>{row}</tbody></table>")
    scoreboard.mark_verdicts(document)
    assert not document.select(".verdict")


def test_a_statement_leads_to_its_row_on_the_page_that_decides_it():
    def table(heads, cells):
        parts = ["".join(f"<{tag}>{text}</{tag}>" for text in row) for tag, row in (("th", heads), ("td", cells))]
        rows = f"<thead><tr>{parts[0]}</tr></thead><tbody><tr>{parts[1]}</tr></tbody>"
        return page(f"<table class='statements'>{rows}</table>")

    heads, cells = ["Verdict", "The report says"], ["<strong>holds</strong>", "It is “10 %”, at most"]
    deciding = table(heads, cells)
    collecting = table([*heads, "Page"], [*cells, "<a href='one.html#verdicts'>One</a><a href='two.html'>Two</a>"])
    for document in (deciding, collecting):
        scoreboard.mark_verdicts(document)
    links = [link["href"] for link in collecting.select("a")]
    assert links == [f"one.html#{deciding.tbody.tr['id']}", "two.html"]
    assert "id" not in collecting.tbody.tr.attrs


def test_what_themes_leave_undone_is_mended():
    body = """<i class="fa-solid fa-sun" title="Light"></i>
        <button class="search-button-field" aria-label="Search">Search Ctrl+K</button>
        <div class="math">x</div><div class="citation-list" role="list"><div class="citation"
        role="doc-biblioentry"></div></div><table><tr><th></th><th>a</th></tr></table>"""
    document = page(body)
    accessibility.mend(document)
    assert document.i.attrs["aria-hidden"] == "true" and "title" not in document.i.attrs
    assert "aria-label" not in document.button.attrs
    assert document.select_one(".math")["tabindex"] == "0"
    assert document.select_one(".citation")["role"] == "listitem"
    assert [cell.name for cell in document.tr.find_all(["th", "td"])] == ["td", "th"]


def test_a_table_of_sentences_names_its_cells_and_one_of_numbers_does_not():
    def table(kind):
        heads, cells = (
            "<th>Goal</th><th>Measured</th><th>Verdict</th>",
            f"<td>a</td><td class='{kind}'>b</td><td>c</td>",
        )
        return f"<table class='table'><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"

    document = page(table("text-left") + table("text-right"))
    cards.mark(document)
    assert [cell.get("data-label") for cell in document.select("td")] == [
        "Goal",
        "Measured",
        "Verdict",
        None,
        None,
        None,
    ]
    assert [found.get("role") for found in document.select("table")] == ["table", None]
    assert len(document.select("table.cards")) == 1


def test_a_number_and_its_unit_stay_on_one_line():
    glued, formula = "<span class='pasted-text'>%s</span>", "<span class='math'>\\(\\varepsilon\\)</span>"
    body = f"<p>{glued % '7.5'} % of 20 %, {glued % '3'} {formula}, 4 {formula}, 5 σ and 6 % 7; so {formula} is</p>"
    document = page(f"{body}<pre>1 % 2</pre>")
    units.bind(document)
    said = document.p.get_text().replace("\u00a0", "_")
    assert said == "7.5_% of 20_%, 3_\\(\\varepsilon\\), 4_\\(\\varepsilon\\), 5_σ and 6_% 7; so \\(\\varepsilon\\) is"
    assert document.pre.get_text() == "1 % 2"
