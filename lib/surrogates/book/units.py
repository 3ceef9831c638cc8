"""A number and its unit stay on one line of a rendered page."""

import re

from bs4 import BeautifulSoup, NavigableString, Tag

SPACE = "\u00a0"
UNIT = r"(?:%|[εσ](?!\w)|eV\b|Å)"
FORMULA = re.compile(r"\s*\\\(\\(?:varepsilon|sigma)(?:\\\)|\^)")


def bind(page: BeautifulSoup):
    """Put a space that does not break between each number of the text and the unit after it, in place."""
    for text in page.select_one("article").find_all(string=True) if page.select_one("article") else ():
        if type(text) is not NavigableString or text.find_parent(["pre", "code", "script", "style", "svg"]):
            continue
        bound = re.sub(rf"(?<=\d)\s(?={UNIT})", SPACE, text)
        if _is(text.previous_sibling, "pasted-text"):
            bound = re.sub(rf"^\s(?={UNIT})", SPACE, bound)
        follows = text.next_sibling
        if _is(follows, "math") and FORMULA.match(follows.get_text()):
            after_number = bound[:-1][-1:].isdigit() or (
                not bound.strip() and _is(text.previous_sibling, "pasted-text")
            )
            bound = bound[:-1] + SPACE if after_number and bound[-1:].isspace() else bound
        if bound != text:
            text.replace_with(bound)


def _is(part, name: str) -> bool:
    return isinstance(part, Tag) and name in part.get("class", [])
