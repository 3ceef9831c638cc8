"""The folds of a page: each says what it holds, read from its own code."""

import ast
from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag


def label_folds(page: BeautifulSoup):
    """Name the folded cells of a rendered page by their content, and fold the parameters."""
    captions = {
        caption.find_parent(id=True)["id"]: caption.get_text(strip=True) for caption in page.select(".caption-number")
    }
    for cell in page.select("div.cell.tag_parameters > div.cell_input"):
        fold = page.new_tag("details", attrs={"class": "admonition hide above-input"})
        cell.wrap(fold)
        fold.insert(0, page.new_tag("summary"))
    for fold in page.select("details.hide:has(> .cell_input)"):
        code = fold.select_one("pre").get_text()
        is_parameters = "tag_parameters" in fold.parent["class"]
        title = page.new_tag("p", attrs={"class": "admonition-title"})
        drawn = [number.get_text(strip=True) for number in fold.parent.select(".cell_output .caption-number")]
        title.string = parameters_label(code) if is_parameters else source_label(code, captions, drawn)
        _name(fold, title)


def _name(fold: Tag, title: Tag):
    """Exchange the head of a fold; its accessible name is what can be read."""
    summary = fold.select_one("summary")
    summary.attrs.pop("aria-label", None)
    summary.clear()
    summary.append(title)


def parameters_label(code: str) -> str:
    """How many parameters a cell gives."""
    number = sum(isinstance(node, ast.Assign) for node in ast.parse(code).body)
    return f"{number} parameter{'' if number == 1 else 's'}"


def source_label(code: str, captions: dict[str, str], drawn: Sequence[str] = ()) -> str:
    """What a cell gives to its page.

    Parameters
    ----------
    code
        The text of the cell.
    captions
        For the names that figures and tables of the page have, what their captions begin with, such as "Figure 4.2".
    drawn
        Such beginnings of figures that the cell shows itself.
    """
    tree = ast.parse(code)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    glued = [(call, call.func.attr) for call in calls if ast.unparse(call.func).startswith("glue.")]
    shown = [ast.literal_eval(call.args[0]) for call, kind in glued if kind in ("figure", "table")]
    parts = [captions[name] for name in shown if name in captions] + list(drawn)
    if names := [keyword.arg for call, kind in glued if kind == "numbers" for keyword in call.keywords]:
        counted = "numbers" if None in names else "a number" if len(names) == 1 else f"{len(names)} numbers"
        parts.append(f"{counted} in the text")
    if parts:
        return "Source of " + " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    imported = all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)
    if any(ast.unparse(call.func) == "parameters.of" for call in calls):
        return "How the parameters are read"
    lines = len(code.strip().splitlines())
    return "Imports" if imported else f"Source, {lines} line{'' if lines == 1 else 's'}"
