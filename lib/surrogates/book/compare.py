"""Set a page that was executed again beside the published one: each number, text and table that it hands to its prose.

    python -m surrogates.book.compare RERUN [PUBLISHED]

RERUN is a notebook such as papermill writes, PUBLISHED the notebook of the same page in ``book/`` unless it is given.
"""

import argparse
import ast
import json
import math
import re
import sys
from pathlib import Path

import pandas as pd

from surrogates.book import command, glue
from surrogates.book.foot import BAR
from surrogates.store import files, provenance

PAGE = re.compile(r"""parameters\.of\(\s*globals\(\),\s*["']([\w/-]+)["']""")
NUMBER = re.compile(r"(?P<mantissa>[-+]?\d*\.?\d+(e[-+]?\d+)?)(·10(?P<power>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?(?P<rest>[ %].*)?")
POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def compare(rerun: Path, published: Path | None = None) -> pd.DataFrame:
    """All that differs or not between two executions of a page.

    Returns
    -------
    DataFrame
        "name" (of a table with row and column), "rerun", "published" and "difference": "=" for the same text; for
        numbers how far the rerun is from the published one, in percent of that or as it is where that is 0; else "".

    Raises
    ------
    surrogates.store.files.DamagedFile
        Where one of the two is no notebook.
    RuntimeError
        Where one is no page of the book, or the two are not the same page.
    """
    name, again = _read(rerun)
    path = provenance.root() / "book" / f"{name}.ipynb" if published is None else published
    other, known = _read(path)
    if other != name:
        raise RuntimeError(f"{rerun} is the page {name!r} and {path} the page {other!r}: give two of the same page.")
    names = list(dict.fromkeys([*known, *again]))
    rows = [(name, again.get(name, ""), known.get(name, "")) for name in names]
    found = pd.DataFrame(rows, columns=["name", "rerun", "published"])
    return found.assign(difference=[difference(row.rerun, row.published) for row in found.itertuples()])


def difference(rerun: str, published: str) -> str:
    """How far two texts are from each other, as numbers.

    >>> difference("4.66", "2.33"), difference("2.7·10²⁷", "−2.7·10²⁷"), difference("50,000", "50,000")
    ('+100 %', '+200 %', '=')
    >>> difference("0.5", "0"), difference("better", "worse")
    ('+0.5', '')
    """
    if rerun == published:
        return "="
    (one, unit), (two, other) = number(rerun), number(published)
    if math.isnan(one - two) or unit != other:
        return ""
    text = f"{one - two:+.3g}" if two == 0 else f"{100 * (one - two) / abs(two):+.3g} %"
    return text.replace("-", "−")


def number(text: str) -> tuple[float, str]:
    """The number that a text begins with, and its unit; NaN where it begins with none.

    >>> number("−1,234.5"), number("2.7·10²⁷"), number("10⁻⁶"), number("25.2 %"), number("6.0 ± 1.0"), number("none")
    ((-1234.5, ''), (2.7e+27, ''), (1e-06, ''), (25.2, '%'), (6.0, ''), (nan, ''))
    """
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text.strip("* ").replace("−", "-").replace("\u00a0", " "))
    found = NUMBER.fullmatch(re.sub(r"^10(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", "1·10", plain))
    if not found:
        return math.nan, ""
    power = (found["power"] or "0").translate(POWERS)
    value = found["mantissa"] if power == "0" else f"{found['mantissa']}e{power}"
    return float(value), re.sub(r"±.*", "", found["rest"] or "").strip()


def _read(path: Path) -> tuple[str, dict[str, str]]:
    """The name of a page and the texts that it hands to its prose: numbers as they are, a table cell by cell."""
    if not path.exists():
        raise FileNotFoundError(f"There is no {path}: give a notebook that papermill has written.")
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise files.DamagedFile(f"{path} is no notebook: give one that papermill has written.") from None
    things = glue.glued(notebook, path)
    calls = [PAGE.search("".join(cell["source"])) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names = [call[1] for call in calls if call]
    if not names:
        raise RuntimeError(f"{path} is no page of the book: none of its cells calls parameters.of.")
    if not things:
        raise RuntimeError(f"{path} has no results: it was never executed, or stopped at an error before it had any.")
    texts = {}
    for name, forms in things.items():
        table = forms.get("text/markdown", "")
        if table.startswith("|") and name != "provenance":
            texts |= {f"{name}: {cell}": text for cell, text in _cells(table).items()}
        elif forms.keys() == {"text/plain"}:
            texts[name] = str(ast.literal_eval(forms["text/plain"]))
    return names[0], texts


def _cells(table: str) -> dict[str, str]:
    """The cells of a Markdown table by row and column; a row is named by its first cell, or by its number as well."""
    rows = [[cell.strip() for cell in BAR.split(BAR.sub("", line, 1))[:-1]] for line in table.splitlines()]
    header, body = rows[0], rows[2:]
    firsts = [row[0] for row in body]
    cells = {}
    for i, row in enumerate(body):
        label = row[0] if firsts.count(row[0]) == 1 else f"{row[0]} ({i + 1})"
        cells |= {f"{label}, {column}": cell for column, cell in zip(header[1:], row[1:], strict=False)}
    return cells


def _report(found: pd.DataFrame):
    """Print a comparison: all numbers, and what differs in tables."""
    shown = found[(found.difference != "=") | ~found.name.str.contains(": ")]
    print(shown.to_string(index=False, max_colwidth=40))
    differ = (found.difference != "=").sum()
    print(f"\n{differ} of {len(found)} numbers, texts and cells of tables differ; pictures are not compared.")


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="surrogates.book.compare",
        description="Set a page executed again beside the published one.",
        allow_abbrev=False,
    )
    parser.add_argument("rerun", type=Path, help="a notebook that papermill has written")
    parser.add_argument("published", type=Path, nargs="?", help="what to set it beside; else the page in book/")
    arguments = parser.parse_args(given)
    return command.ended(lambda: _report(compare(arguments.rerun, arguments.published)))


if __name__ == "__main__":
    sys.exit(main())
