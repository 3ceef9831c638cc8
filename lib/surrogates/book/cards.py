"""Tables of sentences as cards: on a phone, where their columns would be a word wide, each row stands for itself."""

from bs4 import BeautifulSoup, Tag

ROLES = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "th": "columnheader", "td": "cell"}
"""What the parts of a table are: drawn as cards they would be none to a screen reader."""


def mark(page: BeautifulSoup):
    """Mark the tables of a rendered page that ``verdicts.css`` draws as cards, and give their cells their headings.

    These are the tables of three columns or more without numbers, which would stand to the right.
    """
    for table in page.select("article table.table:not(:has(td.text-right))"):
        names = headings(table)
        if len(names) < 3:
            continue
        table["class"] = [*table["class"], "cards"]
        for row in table.select("tbody tr"):
            for name, cell in zip(names, row.find_all("td"), strict=True):
                cell["data-label"] = name
        table["role"] = "table"
        for kind, role in ROLES.items():
            for part in table.find_all(kind):
                part["role"] = role


def headings(table: Tag) -> list[str]:
    """What stands at the heads of the columns of a table."""
    return [head.get_text(strip=True) for head in table.select("thead th")]
