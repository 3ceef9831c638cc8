"""Verdicts as a reader sees them: a badge in each row, a strip on each page, and what ``verdicts.css`` and
``verdicts.js`` need to draw the rows as cards on a phone, and to filter and sort them."""

import re
from collections import Counter

from bs4 import BeautifulSoup, Tag

from surrogates.analysis.verdicts import VERDICTS

SIGNS = dict(zip(VERDICTS, "✓▲◐≈✗?", strict=True))
"""A sign for each verdict, so that it needs no colour."""


def mark_verdicts(page: BeautifulSoup):
    """Show the verdicts of a rendered page as badges, and count them below its answer."""
    tables = [table for table in page.select("table.statements") if _heads(table)[:1] == ["Verdict"]]
    counted = Counter()
    for table in tables:
        heads = _heads(table)
        table["class"] = [*table["class"], "verdicts"]
        _keep_roles(table)
        for row in table.select("tbody tr"):
            cells = dict(zip(heads, row.find_all("td"), strict=True))
            for head, cell in cells.items():
                cell["data-label"] = head
            _anchor(row, cells)
            if (word := row.select_one("td strong")) and word.get_text() in SIGNS:
                row["data-verdict"] = word.get_text()
                counted[word.get_text()] += 1
                word.replace_with(_badge(page, word.get_text()))
    answer = page.select_one("article .in-short")
    if counted and answer is not None:
        answer.append(_strip(page, counted, tables[0]))


def _anchor(row: Tag, cells: dict[str, Tag]):
    """Give the row of a statement an address on the page that decides it; elsewhere let its link lead there."""
    words = re.sub(r"[^a-z0-9]+", "-", cells["The report says"].get_text().lower())
    name = f"statement-{words.strip('-')}"
    if "Page" not in cells:
        row["id"] = name
    for link in cells["Page"].select("a[href*='#']") if "Page" in cells else ():
        link["href"] = f"{link['href'].partition('#')[0]}#{name}"


def _heads(table: Tag) -> list[str]:
    return [head.get_text(strip=True) for head in table.select("thead th")]


def _badge(page: BeautifulSoup, verdict: str, number: int | None = None) -> Tag:
    badge = page.new_tag("strong", attrs={"class": f"verdict verdict-{re.sub(' ', '-', verdict)}"})
    sign = page.new_tag("span", attrs={"aria-hidden": "true", "class": "sign"})
    sign.string = SIGNS[verdict]
    badge.append(sign)
    badge.append(verdict if number is None else f"{verdict} {number}")
    return badge


def _strip(page: BeautifulSoup, counted: Counter, table: Tag) -> Tag:
    """How many statements have which verdict, with a link to them."""
    strip = page.new_tag("p", attrs={"class": "verdict-strip"})
    link = page.new_tag("a", href=f"#{table['id']}")
    number = counted.total()
    link.string = f"{number} statement{'' if number == 1 else 's'} of the report decided here"
    strip.append(link)
    for verdict in filter(counted.get, SIGNS):
        strip.append(" ")
        strip.append(_badge(page, verdict, counted[verdict]))
    return strip


def _keep_roles(table: Tag):
    """Say what the parts of a table are: drawn as cards they would be none to a screen reader."""
    roles = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "th": "columnheader", "td": "cell"}
    table["role"] = "table"
    for name, role in roles.items():
        for part in table.find_all(name):
            part["role"] = role
