"""The report's statements, each with the rule that decides it, and the verdicts on what we measure.

The statements and their rules stand in ``data/claims.csv``. The page that measures a statement's quantity decides it
(:func:`decide`) and keeps the numbers in its notebook; one page collects them all (:func:`from_pages`).

>>> found = claims.decide("mlp", page.profile, page.seed, mlp_weights=result.weights)
>>> glue.record(claims.RECORD, found.record)
>>> glue.table("table-mlp-verdicts", found.table, text=True)

A rule compares the measured value with a number, or with a share of the report's value where it ends in %:
``at least 2``, ``at most 110 %``, ``above 0``, ``below 1``, ``within 5`` (of the report's value), ``within 10 %``,
``between 1000 and 1000000``. Where the rule does not hold, the looser one of the column "partly" is asked.
"""

import math
import operator
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from surrogates.analysis.formatting import MISSING, fixed, scientific, whole
from surrogates.store import files, progress, provenance

VERDICTS = ("holds", "holds in part", "fails", "cannot be decided")
SCALES = ("any", "paper")
COLUMNS = ["claim", "section", "statement", "report", "quantity", "measure", "rule", "partly", "scale", "page", "why"]
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
RULE = re.compile(rf"(at least|at most|above|below|within) ({_NUMBER})( %)?|between ({_NUMBER}) and ({_NUMBER})")
COMPARE = {"at least": operator.ge, "at most": operator.le, "above": operator.gt, "below": operator.lt}
RECORD = "claims"
PAGES_VARIABLE = "SURROGATES_PAGES"
"""Environment variable with another folder of executed pages to collect from than ``book``."""
NOISE = 5e-4  # what is measured and below it differs from one processor to the next


def statements() -> pd.DataFrame:
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
    if row.quantity and not _decides(row.page):
        return (
            f"page = {row.page!r} has no verdicts; let {_source(row.page).name} call claims.decide({row.page!r}, ...), "
            f"show its table, and stand the label (verdicts-{row.page})= above it, as mlp.py does"
        )
    if not row.quantity:
        bare = row.why and not (row.rule or row.partly or row.measure)
        return None if bare else "without a quantity it needs a reason in 'why', and neither measure nor rule"
    for name, rule in (("rule", row.rule), ("partly", row.partly)):
        match = RULE.fullmatch(rule)
        if not match and (rule or name == "rule"):
            return f"{name} = {rule!r} is none that is known"
        if match and (match[1] == "within" or match[3]) and not re.fullmatch(_NUMBER, row.report):
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
    """One of ``VERDICTS`` for a row of :func:`statements` and the measured value, NaN where there is none."""
    if math.isnan(value) or (row.scale == "paper" and profile != "paper"):
        return "cannot be decided"
    if holds(row.rule, value, row.report):
        return "holds"
    return "holds in part" if row.partly and holds(row.partly, value, row.report) else "fails"


class Decided(NamedTuple):
    """What a page has to glue: plain data for its notebook, under the name ``RECORD``, and the table of verdicts."""

    record: dict
    table: pd.DataFrame


def decide(name: str, profile: str, seed: int, **measured: float) -> Decided:
    """Decide the statements that belong to the page ``name``.

    Parameters
    ----------
    name, profile, seed
        The page, and what it was executed with.
    **measured
        Every quantity that ``data/claims.csv`` asks of the page, by its name; NaN where there is none.

    Raises
    ------
    ValueError
        Where no statement belongs to the page, where a quantity is missing, or one is given that no statement asks for.
    """
    rows = statements().query("page == @name")
    if rows.empty:
        raise ValueError(
            f"No statement in data/claims.csv has page = {name!r}: add a row there, or decide nothing here."
        )
    wanted = set(rows.quantity) - {""}
    if wanted != measured.keys():
        raise ValueError(
            f"The page {name!r} measures {sorted(measured)}; data/claims.csv asks it for {sorted(wanted)}: "
            "give just these, NaN where the page has none."
        )
    values = {quantity: _rounded(float(value)) for quantity, value in measured.items()}
    # As text from full precision: rounded twice, 0.12348 would be 0.124.
    shown = {quantity: measured_text(float(value)) for quantity, value in measured.items()}
    record = {"profile": profile, "seed": seed, "measured": values, "shown": shown}
    return Decided(record, claims_table(_decided(rows, {name: record})).drop(columns=["Section", "Page"]))


def _rounded(value: float) -> float | None:
    """Four digits of a fraction, and nothing of noise: the rest differs from one processor to the next."""
    if not math.isfinite(value):
        return None
    if value == round(value):
        return value
    return float(f"{value:.4g}") if abs(value) >= NOISE else 0.0


def from_pages(profile: str, seed: int, recorded: Callable[[str, Path], dict | None]) -> pd.DataFrame:
    """Every statement with what the executed pages measured for it, the verdict, and the reason where there is none.

    The pages are read from the folder in the environment variable ``SURROGATES_PAGES``, else from the book. What a
    page measured with another profile or seed does not count. ``recorded`` reads what one of them has kept under a
    name, as :func:`surrogates.book.glue.recorded` does.
    """
    rows = statements()
    return _decided(rows, {name: _record(name, profile, seed, recorded) for name in set(rows.page)})


def _record(name: str, profile: str, seed: int, recorded: Callable) -> dict:
    """What the executed page has recorded, or the reason why there is nothing."""
    path = Path(os.environ.get(PAGES_VARIABLE) or provenance.root() / "book") / f"{name}.ipynb"
    progress.used(path)
    if not path.exists():
        return {"why": "the page has not been executed"}
    record = recorded(RECORD, path) or {"why": "the page was executed before it had verdicts; execute it again"}
    if "measured" in record and (record["profile"], record["seed"]) != (profile, seed):
        other = f"the page shows the profile {record['profile']} and the seed {record['seed']}"
        return {"profile": profile, "why": other}
    return record


def _decided(rows: pd.DataFrame, records: dict) -> pd.DataFrame:
    decided = []
    for row in rows.itertuples():
        record = {"profile": "", "measured": {}} | records[row.page]
        value = record["measured"].get(row.quantity)
        value = math.nan if value is None else value
        found = verdict(row, value, record["profile"])
        reason = row.why or record.get("why")
        if not reason and row.scale == "paper" and record["profile"] != "paper":
            reason = f"the profile {record['profile']} has too few structures for it"
        reason = reason or "with its settings the page could not measure it"
        text = record.get("shown", {}).get(row.quantity, measured_text(value))
        why = reason if found == "cannot be decided" else ""
        decided.append({"ours": value, "text": text, "verdict": found, "why": why})
    return rows.assign(**pd.DataFrame(decided, index=rows.index))


def claims_table(decided: pd.DataFrame) -> pd.DataFrame:
    """The same as a table of text, with links to the pages that decide."""
    rows = list(decided.itertuples())
    return pd.DataFrame(
        {
            "Section": decided.section,
            "The report says": decided.statement,
            "We measure": [_measured(row) for row in rows],
            "It holds if": [_rules(row) for row in rows],
            "Verdict": [f"**{row.verdict}**" + (f": {row.why}" if row.why else "") for row in rows],
            "Page": [_link(row.page) for row in rows],
        }
    )


def verdict_table(decided: pd.DataFrame, verdict: str) -> pd.DataFrame:
    """The rows of :func:`claims_table` with one verdict, which is not repeated; dashes where there are none."""
    chosen = claims_table(decided)[decided.verdict == verdict]
    if verdict == "cannot be decided":
        chosen = chosen.assign(Why=decided.why).drop(columns="It holds if")
    chosen = chosen.drop(columns="Verdict")
    if chosen.empty:
        chosen.loc[0] = [MISSING, "none", *[MISSING] * (chosen.shape[1] - 2)]
    return chosen


def _decides(page: str) -> bool:
    """Whether a page has verdicts, by the label above them."""
    return f"(verdicts-{page})=" in _source(page).read_text()


def _link(page: str) -> str:
    """To the verdicts of a page, to the page where it has none."""
    return f"{{ref}}`{_title(page)} <verdicts-{page}>`" if _decides(page) else f"{{doc}}`{_title(page)} <{page}>`"


def _title(page: str) -> str:
    """The heading of a page."""
    return re.search(r"^# ([A-Z].+)$", _source(page).read_text(), re.MULTILINE)[1]


def _source(page: str) -> Path:
    return provenance.root() / "book" / f"{page}.py"


def _measured(row) -> str:
    if math.isnan(row.ours):
        return row.measure or MISSING
    return f"{row.measure}: **{row.text}**"


def _rules(row) -> str:
    """The rule in words, with the looser one after it."""
    words = []
    for rule in filter(None, (row.rule, row.partly)):
        against = f" of {row.report}" if rule.startswith("within") or rule.endswith("%") else ""
        text = re.sub(_NUMBER, _written, rule + against)
        words.append(text.replace("within 0 of", "equal to"))
    return "; in part if ".join(words) or MISSING


def _written(found: re.Match) -> str:
    """A number of the table of statements, in full and with a proper minus sign."""
    return whole(int(found[0])) if found[0].isdigit() else found[0].replace("-", "−")


def measured_text(value: float) -> str:
    """A number as the tables show it: whole ones in full, others with three decimals at the most.

    >>> measured_text(50000), measured_text(0.24812), measured_text(float("nan"))
    ('50,000', '0.248', '–')
    """
    if not math.isfinite(value):
        return MISSING
    if value == round(value):
        return whole(value)
    if abs(value) < NOISE:
        return "0"
    if abs(value) < 1e-3:
        return scientific(value, 1)
    return fixed(value, 3 if abs(value) < 10 else 1)
