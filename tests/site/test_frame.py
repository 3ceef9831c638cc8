"""What stands around the pages: their heads and feet, folds, verdicts, and how much the site weighs."""

import json
import re
import shutil
from urllib.parse import urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import PngImagePlugin

from surrogates.book import atoms, exercises, glue
from surrogates.book.scoreboard import SIGNS
from tests.site.conftest import BOOK, PAGES, ROOT, build

WHOLE = 12e6  # bytes
WITHOUT_FORMULAS = 600e3  # bytes of a page without formulas, before its figures

NOTEBOOKS = [page for page in PAGES if (BOOK / f"{page}.ipynb").exists()]
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


# Weight


def test_the_site_is_light(site):
    sizes = {path: path.stat().st_size for path in site.rglob("*") if path.is_file()}
    networks = list(site.glob(f"{atoms.FOLDER}/weights-*.js"))
    assert len(networks) == len(atoms.IN_BROWSER), "they count as well"
    largest = sorted(sizes, key=sizes.get)[-10:]
    assert sum(sizes.values()) <= WHOLE, {str(path.relative_to(site)): sizes[path] for path in largest}


def test_a_page_without_formulas_is_light(site, documents):
    plain = [path for path in documents if not documents[path].select(".math")]
    assert len(plain) > 3
    for path in plain:
        parts = [s["src"] for s in documents[path].select("script[src]")]
        parts += [s["href"] for s in documents[path].select("link[rel=stylesheet]")]
        weights = {part: (site / urlsplit(part).path).stat().st_size for part in {*parts, path.name}}
        assert sum(weights.values()) <= WITHOUT_FORMULAS, (path.name, weights)


def test_icons_that_are_used_are_there(site, documents):
    sheet = (site / "_static/styles/pydata-sphinx-theme.css").read_text(encoding="utf8")
    icons = {name for page in documents.values() for icon in page.select("i[class]") for name in icon["class"]}
    icons -= {"fas", "fa-solid", "fa-lg", "theme-switch"}
    assert "fa-sun" in icons
    assert [name for name in icons if f".{name}:before" not in sheet] == []
    fonts = list(site.glob("_static/vendor/fontawesome/webfonts/*"))
    assert fonts and all(font.suffix == ".woff" and font.stat().st_size < 20e3 for font in fonts)


# Heads


def metas(page):
    return {meta.get("name") or meta.get("property"): meta.get("content") for meta in page.select("meta")}


def test_a_page_says_once_what_it_is(site, documents):
    titles, descriptions = set(), set()
    pages = [site / f"{page}.html" for page in PAGES]
    for path in pages:
        page = documents[path]
        assert len(page.select("meta[name=viewport]")) == len(page.select("title")) == 1
        found = metas(page)
        titles.add(page.title.string)
        descriptions.add(found["description"])
        assert 20 < len(found["description"]) <= 170 and "\\" not in found["description"], found["description"]
        assert found["description"] == found["og:description"]
        assert (site / found["og:image"]).read_bytes().startswith(b"\x89PNG")
        assert found["citation_author"] and re.fullmatch(r"\d{4}/\d\d/\d\d", found["citation_publication_date"])
    assert len(titles) == len(descriptions) == len(pages)
    assert documents[site / "intro.html"].title.string.lower().count("surrogate models") == 1


def test_the_entry_has_a_title_and_a_link(site):
    page = BeautifulSoup((site / "index.html").read_bytes(), "html.parser")
    assert page.title.string and metas(page)["description"]
    assert page.a["href"] == "intro.html"
    assert not (site / "genindex.html").exists()


# Folds


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_a_fold_says_what_it_holds(site, documents, page):
    body = documents[site / f"{page}.html"].select_one("article")
    folds = body.select("details.hide > summary")
    assert folds and not any(fold.get("aria-label") for fold in folds), "its name is what can be read"
    labels = [fold.get_text(strip=True) for fold in folds]
    assert not [label for label in labels if not label or label.startswith(("Show", "Hide"))]
    drawn = "figure[id^=fig-]:not(:has(.atoms))"
    for caption in body.select(f"{drawn} .caption-number, table[id^=table-] .caption-number"):
        number = caption.get_text(strip=True)
        sources = [label for label in labels if re.search(rf"{re.escape(number)}(?!\d)", label)]
        assert len(sources) == 1, f"{number} is made by the one cell above it: {sources}"


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_parameters_are_folded_and_counted(site, documents, page):
    cells = json.loads((BOOK / f"{page}.ipynb").read_text())["cells"]
    source = next("".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    fold = documents[site / f"{page}.html"].select_one(".tag_parameters > details")
    number = len(re.findall(r"^\w+ = ", source, re.MULTILINE))
    assert fold.summary.get_text(strip=True) == f"{number} parameters"


# Figures


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_figures_have_their_full_size_and_their_numbers_at_hand(site, documents, page):
    notebook = json.loads((BOOK / f"{page}.ipynb").read_text())
    body = documents[site / f"{page}.html"].select_one("article")
    for picture in body.select("figure:not(:has(.atoms)) img"):
        assert picture.parent.name == "a" and picture.parent["href"] == picture["src"]
    figures = glue.figures(notebook)
    for name, about in figures.items():
        figure = body.select_one(f"figure#{name}")
        picture = figure.select_one("img")
        size = PngImagePlugin.PngImageFile(site / picture["src"]).size
        assert [round(side / 2) for side in size] == pytest.approx(
            [int(picture["width"]), int(picture["height"])], abs=1
        )
        links = figure.select("figcaption a.figure-data")
        assert len(links) == bool(about["csv"])
        assert [(site / link["href"]).read_text() for link in links] == [about["csv"]][: len(links)]
    files = [link["href"] for link in body.select("a.figure-data")]
    assert len(files) == len(set(files)) == sum(bool(about["csv"]) for about in figures.values())


def test_figures_come_with_numbers(site):
    assert len(list(site.glob("_data/fig-*.csv"))) > 5


def test_exercises_stand_at_the_foot_of_their_pages(site, documents):
    for page, tried in exercises.offered(BOOK).items():
        items = documents[site / f"{page}.html"].select("article .try-this li")
        assert [item.p.get_text() for item in items] == [exercise["expect"] for exercise in tried]
        assert [item.pre.get_text() for item in items] == [exercise["run"] for exercise in tried]


# Search


@pytest.mark.parametrize("from_disk", [True, False], ids=["file", "http"])
def test_the_search_shows_the_words_around_its_hits(site, origin, browser, from_disk):
    start = f"{site.as_uri()}/" if from_disk else origin
    browser.open(f"{start}search.html?q=permutations", 1280, 900)
    hits = browser.evaluate("""(async () => {
      for (let i = 0; i < 60 && !document.querySelector("#search-results li"); i++)
        await new Promise(done => setTimeout(done, 100));
      await new Promise(done => setTimeout(done, 1000));
      const found = [...document.querySelectorAll("#search-results li")];
      return found.map(item => item.querySelector(".context")?.textContent);
    })()""")
    assert len(hits) > 1 and all(hits), hits
    assert sum("permut" in hit.lower() for hit in hits) >= 3, "the others have the word in their code or tables"
    assert not [hit for hit in hits if "\\" in hit or "glue." in hit]
    assert list(browser.complaints(start)) == []


# Verdicts


def test_each_verdict_is_a_badge_and_counted_at_the_top(site, documents):
    seen = 0
    for page in PAGES:
        body = documents[site / f"{page}.html"].select_one("article")
        badges = [badge.get_text() for badge in body.select("table.verdicts tbody tr td:first-child .verdict")]
        seen += len(badges)
        assert all(badge[0] == SIGNS[badge[1:]] for badge in badges)
        assert len(badges) == len(body.select("tr[data-verdict]"))
        strip = body.select_one(".in-short .verdict-strip")
        if strip:
            counts = {
                b.get_text()[1:].rpartition(" ")[0]: int(b.get_text().split()[-1]) for b in strip.select("strong")
            }
            assert counts == {verdict: badges.count(SIGNS[verdict] + verdict) for verdict in counts}
            assert strip.a.get_text().startswith(f"{len(badges)} ")
            assert body.find(id=strip.a["href"][1:])
    assert seen > 50


def test_each_statement_leads_to_the_row_below_the_cell_that_decides_it(site, documents):
    rows = documents[site / "claims.html"].select("tr[data-verdict]")
    for row in rows:
        name, _, anchor = row.select_one("[data-label=Page] a")["href"].partition("#")
        there = documents[site / name].find("tr", id=anchor)
        assert there["data-verdict"] == row["data-verdict"]
        assert there.find_previous("pre").get_text().rstrip().count("verdicts") == 1, "its table is made there"


CHOOSE = """(() => {
  const button = [...document.querySelectorAll(".verdict-choice button")].find(b => b.textContent.includes("fails"));
  const shown = () => [...document.querySelectorAll("tr[data-verdict]")].filter(row => row.checkVisibility());
  const all = shown().length;
  button.click();
  const failing = shown(), pressed = button.getAttribute("aria-pressed");
  button.click();
  const input = document.querySelector(".verdict-filter input");
  input.value = "permut grid";
  input.dispatchEvent(new Event("input"));
  const found = shown().map(row => row.textContent.toLowerCase());
  const said = document.querySelector(".verdict-filter output").textContent;
  input.value = "";
  input.dispatchEvent(new Event("input"));
  const choose = word => {
    const select = document.querySelector(".verdict-filter select");
    select.value = word;
    select.dispatchEvent(new Event("change"));
    return shown().length;
  };
  const ofCauses = choose("cause");
  choose("");
  const table = document.querySelector("table.verdicts"), head = table.tHead.rows[0].cells[3];
  head.querySelector("button").click();
  const column = [...table.tBodies[0].rows].map(row => row.cells[3].textContent);
  const kinds = [...new Set(failing.map(row => row.dataset.verdict))];
  const sort = head.getAttribute("aria-sort"), back = shown().length;
  return {all, ofCauses, kinds, failing: failing.length, pressed, found, said, column, sort, back};
})()"""


def test_claims_are_filtered_and_sorted(site, documents, origin, browser):
    browser.open(f"{origin}claims.html", 1280, 900)
    did = browser.evaluate(CHOOSE)
    rows = documents[site / "claims.html"].select("tr[data-verdict]")
    assert did["all"] == did["back"] == len(rows)
    assert len(documents[site / "claims.html"].select("table.verdicts")) == 1
    assert did["ofCauses"] == len([r for r in rows if r.select_one("[data-label=Kind]").get_text() == "cause"]) > 3
    assert did["kinds"] == ["fails"] and did["pressed"] == "true"
    assert did["failing"] == len([row for row in rows if row["data-verdict"] == "fails"])
    wanted = [
        r.get_text().lower() for r in rows if {"permut", "grid"} <= set(re.findall("permut|grid", r.get_text().lower()))
    ]
    assert len(did["found"]) == len(wanted) and did["said"] == f"{len(wanted)} of {len(rows)} statements"
    assert did["sort"] == "ascending" and did["column"][0] == min(did["column"], key=str.lower)
    assert list(browser.complaints(origin)) == []


# Feet, and the address of the repository


@pytest.mark.parametrize("page", PAGES)
def test_a_foot_says_which_version_this_is(site, documents, page):
    foot = documents[site / f"{page}.html"].select_one(".colophon")
    version = yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"]
    assert f"Version {version}, 20" in foot.get_text() and "commit" in foot.get_text()
    assert "MIT licence" in [link.get_text() for link in foot.select("a")]


def a_book(folder, address):
    """A book of one page with the settings of this one and this address; returns its site."""
    book = folder / "book"
    book.mkdir()
    shutil.copytree(BOOK / "_static", book / "_static")
    shutil.copy(BOOK / "references.bib", book)
    settings = (BOOK / "_config.yml").read_text().replace('url: ""', f'url: "{address}"')
    (book / "_config.yml").write_text(settings)
    (book / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    text = "# Page\n\nWords.\n\n```{how-to-clone}\n```\n\n## How to cite\n\n```{how-to-cite}\n```\n\n## Run it\n\n"
    text += (
        ":::{admonition} Provenance\n:class: provenance\n\n| | |\n|-|-|\n| Commit | 0123456789ab with changes |\n:::\n"
    )
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text}
    notebook = {"cells": [cell], "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    (book / "page.ipynb").write_text(json.dumps(notebook))
    result = build(book, folder / "out")
    assert result.returncode == 0, result.stdout[-3000:]
    return BeautifulSoup((folder / "out/_build/html/page.html").read_bytes(), "html.parser")


def test_with_an_address_the_pages_lead_to_the_repository(tmp_path):
    address = "https://github.com/someone/surrogates"
    page = a_book(tmp_path, address)
    links = [link["href"] for link in page.select("a[href^=http]")]
    assert address in links and f"{address}/issues/new" in " ".join(links)
    assert f"{address}/commit/0123456789ab" in links
    assert any(link.startswith("https://mybinder.org/v2/gh/someone/surrogates/main?urlpath=") for link in links)
    assert f"git clone {address}\ncd surrogates\n" in page.get_text()
    assert f"{{{address}}}" in page.get_text()


def test_without_an_address_nothing_leads_to_one(site, documents):
    pages = [documents[site / f"{page}.html"] for page in PAGES if page != "references"]
    hosts = {urlsplit(link["href"]).netloc for page in pages for link in page.select("a[href]")}
    assert hosts - {""} == {"spdx.org"}, hosts
    assert not [link for page in pages for link in page.select("a[href='']")]
    assert "git clone" not in pages[0].get_text() and "url  " not in pages[0].select_one(".highlight-bibtex").get_text()


def test_each_reference_leads_to_its_work(site, documents):
    entries = documents[site / "references.html"].select(".citation")
    unlinked = [entry.get_text() for entry in entries if not entry.select("a[href^=https]")]
    assert len(entries) > 10
    assert len(unlinked) == 1 and "Chitturi" in unlinked[0], "the report has no address that we know"


def test_the_entry_for_bibtex_can_be_copied_and_read(site, documents):
    from pybtex.database import parse_string

    block = documents[site / "intro.html"].select_one(".highlight-bibtex pre").get_text()
    entries = parse_string(block, "bibtex").entries
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert entries["companion"].fields["title"].strip("{}") == cited["title"]
    assert [person.last_names for person in entries["chitturi-gui"].persons["author"]] == [["Chitturi"], ["Gui"]]
    assert cited["version"] in entries["companion"].fields["version"]
