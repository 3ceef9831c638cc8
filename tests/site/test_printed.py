"""The book as one PDF."""

import re
import shutil
import zlib

import pytest
from bs4 import BeautifulSoup

from surrogates.book import printed
from tests.site.conftest import PAGES

A_LITTLE = 200
"""Bytes of what is drawn on a page, below which it shows hardly more than its number."""


@pytest.fixture(scope="module")
def copied(site, tmp_path_factory):
    """A copy of the site, to print without changing the one that other tests look at."""
    return shutil.copytree(site, tmp_path_factory.mktemp("printed") / "html")


@pytest.fixture(scope="module")
def document(copied):
    return printed.one_document(copied)


def test_all_pages_are_in_one_in_their_order(document):
    articles = [article["id"] for article in document.select("body > article")]
    assert articles == [f"{page}--top" for page in PAGES]


def test_anchors_are_unique_and_links_within_the_book_stay_in_it(document):
    ids = [part["id"] for part in document.select("[id]")]
    assert len(ids) == len(set(ids))
    links = [link["href"] for link in document.select("article a[href]")]
    within = {link[1:] for link in links if link.startswith("#")}
    assert len(within) > 50 and within <= set(ids), within - set(ids)
    assert not [link for link in links if link.startswith(tuple(f"{page}.html" for page in PAGES))]


def test_a_chapter_begins_a_page(copied):
    sheet = (copied / "_static/print.css").read_text(encoding="utf8")
    assert re.search(r"body > article \+ article\s*\{\s*break-before: page", sheet), "the rule is shipped"


def test_nothing_is_left_that_only_a_screen_needs(document):
    assert not document.select("button, details.hide, .headerlink, article script")
    assert len(document.select("head script[src*=mathjax]")) == 1


@pytest.mark.usefixtures("browser")  # skipped where there is none
def test_the_book_is_printed_and_linked(copied):
    pdf = printed.print_book(copied)
    content = pdf.read_bytes()
    pages = re.findall(rb"/Type /Page\b", content)
    assert len(pages) > 3 * len(PAGES)
    assert content.count(b"/Outlines") >= 1
    drawn = []
    for stream in re.findall(rb"/Filter /FlateDecode\n/Length \d+>> stream\n(.*?)\nendstream", content, re.DOTALL):
        text = zlib.decompressobj().decompress(stream)
        if text.count(b"BT") or b" re\n" in text:
            drawn.append(len(text))
    assert len(drawn) >= len(pages) and min(drawn) > A_LITTLE, sorted(drawn)[:5]
    for page in PAGES:
        foot = BeautifulSoup((copied / f"{page}.html").read_bytes(), "html.parser").select_one(".colophon")
        assert [link["href"] for link in foot.select("a")].count(printed.NAME) == 1
    assert not (copied / "print.html").exists()


def test_without_a_site_or_a_browser_a_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(printed, "CHROMIUM", "/bin/true")
    with pytest.raises(RuntimeError, match="no rendered book in .*make book"):
        printed.print_book(tmp_path)
    monkeypatch.setattr(printed, "CHROMIUM", None)
    with pytest.raises(RuntimeError, match="apt-get install chromium"):
        printed.print_book(tmp_path)
