"""The prose of the pages for the excerpts of the search, in a script that a page opened from a disk can load."""

import json
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from surrogates.book.heads import text_of

SCRIPT = "_static/passages.js"


def prose(page: BeautifulSoup) -> list[tuple[str, str]]:
    """For each section of a rendered page its anchor and its text: paragraphs, lists and captions, no code."""
    sections = page.select("article section[id]")
    found = [(section["id"], " ".join(_own(section))) for section in sections]
    return [(anchor, text) for anchor, text in found if text]


def _own(section: Tag) -> list[str]:
    """The paragraphs that stand in a section and in none within it."""
    parts = section.select("p:not(.admonition-title), figcaption, caption")
    parts = [part for part in parts if not part.find_parent(["td", "th", "details", "figcaption", "caption"])]
    return [text_of(part) for part in parts if part.find_parent("section") is section]


def write(site: Path, pages: dict[str, BeautifulSoup]):
    """Put the prose of all pages, by their names, beside them, and let the page of the search load it."""
    text = json.dumps({name: prose(page) for name, page in pages.items()}, ensure_ascii=False, separators=(",", ":"))
    (site / SCRIPT).write_text(f"window.searchPassages = {text};\n", encoding="utf8")
    search = pages["search"]
    if not search.select(f"script[src^='{SCRIPT}']"):
        search.head.append(search.new_tag("script", src=SCRIPT))
