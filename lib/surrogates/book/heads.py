"""The head of a page: its title, and what search engines, link previews and reference managers read."""

import re

from bs4 import BeautifulSoup, Tag

from surrogates.book.colophon import Colophon

CARD = "_static/card.png"
LENGTH = 160
"""Characters of a description, about what is shown of it."""


def complete_head(page: BeautifulSoup, name: str, title: str, book: Colophon):
    """Give a rendered page one title, one viewport, a description, a card and its data for citation.

    Parameters
    ----------
    page, name
        The page and its name, as in ``_toc.yml``.
    title
        The title of the book.
    """
    head, heading = page.head, page.select_one("article h1, h1")
    own = text_of(heading) if heading else name.capitalize()
    for other in head.select("meta[name=viewport]")[1:]:
        other.decompose()
    for other in head.select("meta[name='docsearch:version'], script[src*=fontawesome], [property], [data-head]"):
        other.decompose()
    if name != "search":  # the page of the search alone searches
        for script in head.select("script[src*=searchtools], script[src*=language_data], script[src*=searchindex]"):
            script.decompose()
    page.title.string = own if title.startswith(own) or own.startswith(title) else f"{own} — {title}"
    described = description(page)
    tags = [("name", "description", described), ("name", "twitter:card", "summary_large_image")]
    tags += [("property", "og:type", "article"), ("property", "og:site_name", title), ("property", "og:title", own)]
    tags += [("property", "og:description", described), ("property", "og:image", CARD)]
    tags += [("name", "citation_title", own), ("name", "citation_inbook_title", title)]
    tags += [("name", "citation_author", author.strip("{}")) for author in book.authors]
    tags += [("name", "citation_publication_date", book.date.replace("-", "/")), ("name", "citation_language", "en")]
    for kind, key, content in tags:
        if content:
            head.append(page.new_tag("meta", attrs={kind: key, "content": content, "data-head": ""}))


def description(page: BeautifulSoup) -> str:
    """The first sentences of a page, those of its answer where it has one; "" where it has no text."""
    answer = page.select_one("article .in-short > p:not(.admonition-title)")
    first = answer or page.select_one("article section > p")
    if first is None:
        return ""
    text = text_of(first)
    if len(text) <= LENGTH:
        return text
    ends = [found.end() for found in re.finditer(r"[.!?](?= )", text[: LENGTH + 1])]
    return text[: ends[-1]] if ends else text[: text.rindex(" ", 0, LENGTH)] + " …"


def text_of(element: Tag) -> str:
    """The words of an element, its formulas as plain as they can be."""
    copy = BeautifulSoup(str(element), "html.parser")
    for part in copy.select(".headerlink, .section-number, .toggle-button"):
        part.decompose()
    for formula in copy.select(".math"):
        formula.string = _plain(formula.get_text())
    return re.sub(r"\s+", " ", copy.get_text()).strip()


def _plain(formula: str) -> str:
    text = re.sub(r"\\[()\[\]]", "", formula)
    for name, sign in {"varepsilon": "ε", "epsilon": "ε", "sigma": "σ", "pm": "±", "cdot": "·", "times": "×"}.items():
        text = re.sub(rf"\\{name}\b", sign, text)
    return re.sub(r"\\[,;!]|[\\{}]", "", text)
