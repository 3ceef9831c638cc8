"""Verdicts on the report's statements, by their rules and by what the pages measure.

The statements and their rules stand in ``data/claims.csv`` (:mod:`surrogates.analysis.statements`). The page that
measures a statement's quantity decides it (:func:`decide`) and keeps the numbers in its notebook; one page collects
them all (:func:`from_pages`).

>>> found = claims.decide("mlp", page.profile, page.seed, mlp_weights=result.weights)
>>> glue.record(claims.RECORD, found.record)
>>> glue.table("table-mlp-verdicts", found.table, text=True)

A quantity is a number, or a sequence of numbers, one for each seed; or ``claims.Measured(value, spread)``, such as
``claims.bootstrap`` gives. One that depends on how the report is read is
``claims.Readings(values, {"name of another reading": values})``.
"""

# ruff: noqa: F401 (the pages take all of it from here)

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from surrogates.analysis.claims_shown import bar, changes_table, claims_table, counts_table, whole_table
from surrogates.analysis.statements import SUCCESS, changed_rules, statements
from surrogates.analysis.verdicts import (
    NOISE,
    VERDICTS,
    Measured,
    Readings,
    Values,
    bootstrap,
    margin,
    measured_text,
    verdict,
    with_spread,
)
from surrogates.store import progress, provenance

RECORD = "claims"
PAGES_VARIABLE = "SURROGATES_PAGES"
"""Environment variable with another folder of executed pages to collect from than ``book``."""


class Decided(NamedTuple):
    """What a page has to glue: plain data for its notebook, under the name ``RECORD``, and the table of verdicts."""

    record: dict
    table: pd.DataFrame


def decide(name: str, profile: str, seed: int, **measured: Values | Readings) -> Decided:
    """Decide the statements that belong to the page ``name``.

    Parameters
    ----------
    name, profile, seed
        The page, and what it was executed with.
    **measured
        Every quantity that ``data/claims.csv`` asks of the page, by its name; NaN where there is none.

    Returns
    -------
    Decided
        The record has of each quantity the value "measured", its "spread", the number of values "of" which it is the
        mean, and the text "shown"; of one with other "readings" the same of each.

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
    wanted = set(rows.quantity)
    if wanted != measured.keys():
        raise ValueError(
            f"The page {name!r} measures {sorted(measured)}; data/claims.csv asks it for {sorted(wanted)}: "
            "give just these, NaN where the page has none."
        )
    given = {quantity: of if isinstance(of, Readings) else Readings(of, {}) for quantity, of in measured.items()}
    plain = pd.DataFrame({quantity: _plain(of.main) for quantity, of in given.items()}, dtype=object)
    readings = {
        quantity: {reading: _plain(values) for reading, values in of.others.items()}
        for quantity, of in given.items()
        if of.others
    }
    record = {"profile": profile, "seed": seed} | plain.T.to_dict() | {"readings": readings}
    return Decided(record, claims_table(_decided(rows, {name: record})).drop(columns=["Section", "Kind", "Page"]))


def _plain(values: Values) -> dict:
    """What the notebook keeps of a quantity."""
    measured = with_spread(values)
    return {
        "measured": _rounded(measured.value),
        "spread": _rounded(measured.spread),
        "of": measured.of,
        # As text from full precision: rounded twice, 0.12348 would be 0.124.
        "shown": measured_text(measured.value, measured.spread),
    }


def _rounded(value: float) -> float | None:
    """Four digits of a fraction, and nothing of noise: the rest differs from one processor to the next."""
    value = float(value)
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

    Returns
    -------
    DataFrame
        The rows of :func:`statements` with the value "ours", its "spread", the number of values "of" which it is the
        mean, "text", "verdict" and "margin" (to the nearest limit that decides), "readings" (of each other reading its
        name, text and verdict), and "why".
    """
    rows = statements()
    return _decided(rows, {name: _record(name, profile, seed, recorded) for name in set(rows.page)})


def counted_verdicts(decided: pd.DataFrame) -> dict[str, int]:
    """How many statements have each verdict, without those that are true by construction."""
    counts = decided.verdict[decided.kind.isin(SUCCESS)].value_counts()
    return {verdict: int(counts.get(verdict, 0)) for verdict in VERDICTS}


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
    found = [_judged(row, {"profile": ""} | records[row.page]) for row in rows.itertuples()]
    return rows.assign(**pd.DataFrame(found, index=rows.index))


def _judged(row, record: dict) -> dict:
    """What :func:`from_pages` adds to one row."""
    main = {field: record.get(field, {}).get(row.quantity) for field in ("measured", "spread", "of", "shown")}
    measured = _measured(main)
    found = verdict(row, measured, record["profile"])
    reason = record.get("why")
    if not reason and row.scale == "paper" and record["profile"] != "paper":
        reason = f"the profile {record['profile']} has too few structures for it"
    others = record.get("readings", {}).get(row.quantity, {})
    return {
        "ours": measured.value,
        "spread": measured.spread,
        "of": measured.of,
        "text": main["shown"] or measured_text(measured.value, measured.spread),
        "verdict": found,
        "margin": margin(row, measured.value),
        "readings": [
            (name, of["shown"], verdict(row, _measured(of), record["profile"])) for name, of in others.items()
        ],
        "why": (reason or "with its settings the page could not measure it") if found == VERDICTS[-1] else "",
    }


def _measured(plain: dict) -> Measured:
    """The value of a record, NaN for what is missing there."""
    value, spread = (math.nan if plain[field] is None else plain[field] for field in ("measured", "spread"))
    return Measured(value, spread, plain["of"] or 0)
