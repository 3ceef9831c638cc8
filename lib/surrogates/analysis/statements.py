"""The report's statements, each with the rule that decides it, and how these rules have changed.

They stand in ``data/claims.csv`` and ``data/claims_changes.csv``; :mod:`surrogates.analysis.claims` decides them.
"""

import re
from pathlib import Path

import pandas as pd

from surrogates.analysis import verdicts
from surrogates.store import files, provenance

KINDS = {
    "number": "Numbers of the report",
    "statement": "Statements",
    "cause": "Causes",
    "construction": "True by construction",
}
"""What a statement is: these are counted apart, and what is true by construction is no success."""
SUCCESS = ("number", "statement", "cause")
"""The kinds that count."""
SCALES = ("any", "paper")
SIDES = ("", "lower")
COLUMNS = [
    "claim", "kind", "section", "statement", "report", "quantity", "measure", "rule", "partly", "better", "scale",
    "page", "note",
]  # fmt: skip
CHANGES = ["date", "claim", "old", "new", "known", "effect"]
_VALUE = re.compile(verdicts.DECIMAL)


def statements() -> pd.DataFrame:
    """The statements of ``data/claims.csv``, by their names.

    "kind" is one of ``KINDS``, "section" that of the report, "report" its value ("" where it states none), "quantity"
    the name of what is measured and "measure" the same in words, "better" the side on which a number that leaves the
    band of its rule is surpassed ("lower" or ""), "scale" whether a verdict needs the report's own number of structures
    ("paper") or not ("any"), "page" the page that decides, "note" what is said with the verdict.

    Raises
    ------
    surrogates.store.files.DamagedFile
        Where a row has no meaning: an unknown kind or rule, a rule that needs the report's value where there is none, a
        name that occurs twice.
    """
    path, rows = _read("claims.csv", COLUMNS)
    for number, row in enumerate(rows.itertuples(), 2):
        problem = _problem(row)
        if problem or row.claim in set(rows.claim[: number - 2]):
            raise files.DamagedFile(f"{path}, line {number} ({row.claim}): {problem or 'the name occurs twice'}.")
    return rows.set_index("claim")


def changed_rules() -> pd.DataFrame:
    """The changes of rules, measures and wordings in ``data/claims_changes.csv``, oldest first.

    "old" and "new" are the rule, with "; in part" before the looser one, or "not judged" where there was none; before
    it the measure or the statement and a colon where that has changed. "known" is what was known by then of the
    results, "effect" what the change does.
    """
    _, rows = _read("claims_changes.csv", CHANGES)
    return rows


def _read(name: str, columns: list[str]) -> tuple[Path, pd.DataFrame]:
    path = provenance.root() / "data" / name
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    if list(rows.columns) != columns:
        raise files.DamagedFile(f"{path} has the columns {list(rows.columns)}; it needs {columns}.")
    return path, rows


def _problem(row) -> str | None:
    for name, accepted in (("kind", tuple(KINDS)), ("scale", SCALES), ("better", SIDES)):
        given = getattr(row, name)
        if given not in accepted:
            return f"{name} = {given!r}, give one of {', '.join(word or 'nothing' for word in accepted)}"
    if not source(row.page).exists():
        return f"page = {row.page!r}, there is no {source(row.page)}"
    if not decides(row.page):
        return (
            f"page = {row.page!r} has no verdicts; let {source(row.page).name} call claims.decide({row.page!r}, ...), "
            f"show its table, and stand the label (verdicts-{row.page})= above it, as mlp.py does"
        )
    for name in ("quantity", "measure"):
        if not getattr(row, name):
            return f"{name} is empty: name what the page measures, and say in words what it is"
    for name, rule in (("rule", row.rule), ("partly", row.partly)):
        match = verdicts.RULE.fullmatch(rule)
        if not match and (rule or name == "rule"):
            return f"{name} = {rule!r} is none that is known"
        if match and (match[1] == "within" or match[3]) and not _VALUE.fullmatch(row.report):
            return f"{name} = {rule!r} needs the report's value"
        if match and (problem := verdicts.cannot_hold(rule, row.report)):
            return f"{name} = {rule!r} {problem}"
    if row.rule and row.partly and verdicts.covers(row.rule, row.partly, row.report):
        return f"partly = {row.partly!r} holds only where the rule {row.rule!r} does: give a looser one"
    if row.better and not (row.kind == "number" and row.rule.startswith("within")):
        return f"better = {row.better!r} is for a number whose rule says how near it has to come, as in 'within 10 %'"
    return None


def source(page: str) -> Path:
    """Where the text of a page stands."""
    return provenance.root() / "book" / f"{page}.py"


def decides(page: str) -> bool:
    """Whether a page has verdicts, by the label above them."""
    return f"(verdicts-{page})=" in source(page).read_text(encoding="utf-8")
