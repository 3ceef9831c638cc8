"""What a reader can try with a page: it stands at the foot of the rendered page, and in ``book/try_this.yml``."""

from pathlib import Path

import yaml
from bs4 import BeautifulSoup, Tag
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer


def offered(book: Path) -> dict[str, list[dict[str, str]]]:
    """For the names of pages what there is to "run", as Python, and what to "expect"; nothing without the file."""
    path = book / "try_this.yml"
    return yaml.safe_load(path.read_text(encoding="utf8")) if path.exists() else {}


def append(page: BeautifulSoup, exercises: list[dict[str, str]]):
    """Put the exercises of a rendered page before the origin of its numbers."""
    origin = page.select_one("article .provenance")
    if not exercises or origin is None or page.select_one(".try-this"):
        return
    box = _tag(page, "div", "admonition try-this", _tag(page, "p", "admonition-title", "Try this"))
    python = _tag(page, "code", "docutils literal notranslate", ".venv/bin/python")
    box.append(_tag(page, "p", "", "In ", python, ", in the folder of the repository:"))
    items = _tag(page, "ol", "")
    for exercise in exercises:
        code = highlight(exercise["run"], PythonLexer(), HtmlFormatter(cssclass="highlight", wrapcode=False))
        block = _tag(page, "div", "highlight-python notranslate", BeautifulSoup(code, "html.parser"))
        block.pre["tabindex"] = "0"  # it may scroll
        items.append(_tag(page, "li", "", _tag(page, "p", "", exercise["expect"]), block))
    box.append(items)
    origin.insert_before(box)


def _tag(page: BeautifulSoup, name: str, classes: str, *content) -> Tag:
    made = page.new_tag(name, attrs={"class": classes} if classes else {})
    made.extend(content)
    return made
