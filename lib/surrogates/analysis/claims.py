"""The report's statements, each with the rule that decides it, and the verdicts on what we measure.

The statements and their rules stand in ``data/claims.csv``. The page that measures a statement's quantity decides it
(:func:`decide`) and keeps the numbers in its notebook; one page collects them all (:func:`collect`).

A rule compares the measured value with a number, or with a share of the report's value where it ends in %:
``at least 2``, ``at most 110 %``, ``above 0``, ``below 1``, ``within 5`` (of the report's value), ``within 10 %``,
``between 1000 and 1000000``. Where the rule does not hold, the looser one of the column "partly" is asked.
"""

import math
import operator
import os
import re
from pathlib import Path

import pandas as pd

from surrogates.store import files, progress, provenance

VERDICTS = ("holds", "holds in part", "fails", "cannot be decided")
SCALES = ("any", "paper")
COLUMNS = ["claim", "section", "statement", "report", "quantity", "measure", "rule", "partly", "scale", "page", "why"]
NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
RULE = re.compile(rf"(at least|at most|above|below|within) ({NUMBER})( %)?|between ({NUMBER}) and ({NUMBER})")
COMPARE = {"at least": operator.ge, "at most": operator.le, "above": operator.gt, "below": operator.lt}
RECORD = "claims"
VARIABLE = "SURROGATES_PAGES"
"""Environment variable with another folder of executed pages to collect from than ``book``."""


def table() -> pd.DataFrame:
    """The statements of ``data/claims.csv``, by their names.

    "section" is that of the report, "report" its value ("" where it states none), "quantity" the name of what is
    measured and "measure" the same in words, "scale" whether a verdict needs the report's own number of structures
    ("paper") or not ("any"), "page" the page that decides, "why" the reason where nothing can be measured.

    Raises
    ------
    surrogates.store.files.DamagedFile
        Where a row has no meaning: an unknown rule, a rule that needs the report's value where there is none, a name
        that occurs twice.
    """
    path = provenance.root() / "data" / "claims.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    if list(rows.columns) != COLUMNS:
        raise files.DamagedFile(f"{path} has the columns {list(rows.columns)}; it needs {COLUMNS}.")
    for number, row in enumerate(rows.itertuples(), 2):
        problem = _problem(row)
        if problem or row.claim in set(rows.claim[: number - 2]):
            raise files.DamagedFile(f"{path}, line {number} ({row.claim}): {problem or 'the name occurs twice'}.")
    return rows.set_index("claim")


def _problem(row) -> str | None:
    if not _source(row.page).exists():
        return f"page = {row.page!r}, there is no {_source(row.page)}"
    if row.scale not in SCALES:
        return f"scale = {row.scale!r}, give one of {', '.join(SCALES)}"
    if not row.quantity:
        bare = row.why and not (row.rule or row.partly or row.measure)
        return None if bare else "without a quantity it needs a reason in 'why', and neither measure nor rule"
    for name, rule in (("rule", row.rule), ("partly", row.partly)):
        match = RULE.fullmatch(rule)
        if not match and (rule or name == "rule"):
            return f"{name} = {rule!r} is none that is known"
        if match and (match[1] == "within" or match[3]) and not re.fullmatch(NUMBER, row.report):
            return f"{name} = {rule!r} needs the report's value"
    return None


def holds(rule: str, value: float, report: str = "") -> bool:
    """Whether a rule holds for a value. NaN fulfils no rule.

    >>> holds("within 10 %", 7.2, "6.6"), holds("at most 110 %", 7.2, "6.6"), holds("above 0", -1.0)
    (True, True, False)
    """
    kind, number, share, low, high = RULE.fullmatch(rule).groups()
    if kind is None:
        return float(low) <= value <= float(high)
    limit = float(number)
    if share:
        limit = limit / 100 * abs(float(report))
    if kind == "within":
        # Written numbers are decimal: 0.1 from 0.343 to 0.243 must not fail by a rounding error.
        return abs(value - float(report)) <= limit * (1 + 1e-12)
    return COMPARE[kind](value, limit)


def verdict(row, value: float, profile: str) -> str:
    """One of ``VERDICTS`` for a row of :func:`table` and the measured value, NaN where there is none."""
    if math.isnan(value) or (row.scale == "paper" and profile != "paper"):
        return "cannot be decided"
    if holds(row.rule, value, row.report):
        return "holds"
    return "holds in part" if row.partly and holds(row.partly, value, row.report) else "fails"


def decide(name: str, profile: str, seed: int, **measured: float):
    """Decide the statements that belong to the page ``name``: glue them as the table "verdicts", record the numbers.

    Parameters
    ----------
    name, profile, seed
        The page, and what it was executed with.
    **measured
        Every quantity that ``data/claims.csv`` asks of the page, by its name; NaN where there is none.

    Raises
    ------
    ValueError
        Where a quantity is missing, or one is given that no statement asks for.
    """
    from surrogates.book import glue

    rows = table().query("page == @name")
    wanted = set(rows.quantity) - {""}
    if wanted != measured.keys():
        raise ValueError(
            f"The page {name!r} measures {sorted(measured)}; data/claims.csv asks it for {sorted(wanted)}."
        )
    values = {quantity: _rounded(float(value)) for quantity, value in measured.items()}
    record = {"profile": profile, "seed": seed, "measured": values}
    glue.record(RECORD, record)
    glue.table("verdicts", shown(_decided(rows, {name: record})).drop(columns=["Section", "Page"]), text=True)


def _rounded(value: float) -> float | None:
    """Four digits of a fraction, and nothing below 0.0005: the rest differs from one processor to the next."""
    if not math.isfinite(value):
        return None
    if value == round(value):
        return value
    return float(f"{value:.4g}") if abs(value) >= 5e-4 else 0.0


def collect(profile: str, seed: int) -> pd.DataFrame:
    """Every statement with what the executed pages measured for it, the verdict, and the reason where there is none.

    The pages are read from the folder in the environment variable ``SURROGATES_PAGES``, else from the book. What a
    page measured with another profile or seed does not count.
    """
    rows = table()
    records = {}
    for name in dict.fromkeys(rows.page):
        record = _record(name)
        records[name] = record
        if record is not None and (record["profile"], record["seed"]) != (profile, seed):
            other = f"the page shows the profile {record['profile']} and the seed {record['seed']}"
            records[name] = {"profile": profile, "seed": seed, "measured": {}, "why": other}
    return _decided(rows, records)


def _record(name: str) -> dict | None:
    path = Path(os.environ.get(VARIABLE) or provenance.root() / "book") / f"{name}.ipynb"
    progress.used(path)
    from surrogates.book import glue

    return glue.recorded(RECORD, path)


def _decided(rows: pd.DataFrame, records: dict) -> pd.DataFrame:
    rows = rows.copy()
    values, verdicts, reasons = [], [], []
    for row in rows.itertuples():
        record = records.get(row.page) or {"profile": "", "measured": {}, "why": "the page has not been executed"}
        value = record["measured"].get(row.quantity)
        value = math.nan if value is None else value
        found = verdict(row, value, record["profile"])
        reason = row.why or record.get("why")
        if not reason and row.scale == "paper" and record["profile"] != "paper":
            reason = f"the profile {record['profile']} has too few structures for it"
        reason = reason or "with its settings the page could not measure it"
        values.append(value)
        verdicts.append(found)
        reasons.append(reason if found == "cannot be decided" else "")
    return rows.assign(ours=values, verdict=verdicts, why=reasons)


def shown(decided: pd.DataFrame) -> pd.DataFrame:
    """The same as a table of text, with links to the pages that decide."""
    rows = list(decided.itertuples())
    return pd.DataFrame(
        {
            "Section": decided.section,
            "The report says": decided.statement,
            "We measure": [_measured(row) for row in rows],
            "It holds if": [_rules(row) for row in rows],
            "Verdict": [f"**{row.verdict}**" + (f": {row.why}" if row.why else "") for row in rows],
            "Page": [f"{{ref}}`{_title(row.page)} <verdicts-{row.page}>`" for row in rows],
        }
    )


def _title(page: str) -> str:
    """The heading of a page."""
    return re.search(r"^# ([A-Z].+)$", _source(page).read_text(), re.MULTILINE)[1]


def _source(page: str) -> Path:
    return provenance.root() / "book" / f"{page}.py"


def _measured(row) -> str:
    if math.isnan(row.ours):
        return row.measure or "–"
    return f"{row.measure}: **{number(row.ours)}**"


def _rules(row) -> str:
    """The rule in words, with the looser one after it."""
    words = []
    for rule in filter(None, (row.rule, row.partly)):
        against = f" of {row.report}" if rule.startswith("within") or rule.endswith("%") else ""
        text = re.sub(NUMBER, _written, rule + against)
        words.append(text.replace("within 0 of", "equal to"))
    return "; in part if ".join(words) or "–"


def _written(found: re.Match) -> str:
    """A number of the table of statements, in full and with a proper minus sign."""
    return found[0].replace("-", "−") if not found[0].isdigit() else f"{int(found[0]):,}"


def number(value: float) -> str:
    """A number as the tables show it: whole ones in full, others with three decimals at the most.

    >>> number(50000), number(0.24812), number(31.27), number(float("nan"))
    ('50,000', '0.248', '31.3', '–')
    """
    if math.isnan(value):
        return "–"
    if value == round(value):
        return f"{value:,.0f}".replace("-", "−")
    if abs(value) < 1e-3:
        return f"{value:.0e}"
    return (f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}").replace("-", "−")
