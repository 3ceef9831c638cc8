"""The form of a page's source: what the site leaves out, and where the cells stand that each page has."""

import ast
import itertools
import re

import pytest

from surrogates.book import sources
from surrogates.store.provenance import root

SOURCES = sources.in_order(root() / "book")
LABELLED = re.compile(r"^:name: (\S+)$", re.MULTILINE)
GLUED = re.compile(r"glue\.(?:table|figure)\(\s*\"([^\"]+)\"")
ATOMS = re.compile(r"^:::\{movable-atoms\}$.*?^:::$", re.MULTILINE | re.DOTALL)
SHOWING = re.compile(r"\bglue\.(table|figure)\(")


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem)
def cells(request):
    return sources.read(request.param).cells


def tags(cell):
    return cell.metadata.get("tags", [])


def test_the_first_cell_says_to_the_reader_of_the_notebook_how_to_run_it(cells):
    first = sources.read(SOURCES[0]).cells[0]
    assert (cells[0].source, tags(cells[0])) == (first.source, ["remove-cell"]), "it is the same on every page"
    assert cells[0].cell_type == "markdown" and "`make install`" in cells[0].source
    assert cells[1].source.startswith("# ")


def test_the_last_cell_lists_the_numbers(cells):
    assert tags(cells[-1]) == ["remove-cell"] and cells[-1].source.splitlines()[-1] == "glue.listing()"
    calls = [cell for cell in cells[:-1] if cell.cell_type == "code" and "glue.provenance(" in cell.source]
    assert not calls, "the provenance is that of the whole page, and known in its last cell"


def test_what_stands_in_the_text_is_not_shown_below_its_cell_as_well(cells):
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.source for cell in code if SHOWING.search(cell.source) and "remove-output" not in tags(cell)] == []
    for cell in code:
        if "remove-output" in tags(cell):
            last = ast.parse(cell.source).body[-1]
            if isinstance(last, ast.Expr):
                assert ast.unparse(last).startswith("glue."), "the site would not show this"


def test_a_label_is_the_name_of_what_the_cell_above_glues(cells):
    """So a search for the address of a figure or table finds its call. Docutils has no underscores there."""
    glued = []
    for above, cell in itertools.pairwise(cells):
        # The figure of atoms is made by no cell.
        labels = LABELLED.findall(ATOMS.sub("", cell.source)) if cell.cell_type == "markdown" else []
        if labels:
            assert above.cell_type == "code", f"{labels}: the cell that makes it stands above"
            assert labels == GLUED.findall(above.source)
            glued += labels
    assert glued == [name for cell in cells for name in GLUED.findall(cell.source)], "what is glued stands in the text"
    assert all(re.fullmatch("(fig|table)-[a-z0-9-]+", label) for label in glued)


def test_a_label_is_used_once_in_the_book():
    text = "\n".join(source.read_text(encoding="utf-8") for source in SOURCES)
    labels = LABELLED.findall(text)
    assert sorted(labels) == sorted(set(labels))
