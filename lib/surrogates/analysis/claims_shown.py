"""What the page on the claims shows: verdicts as tables and as one figure, and how the rules have changed."""

import math
import re

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surrogates.analysis import verdicts
from surrogates.analysis.formatting import significant, whole
from surrogates.analysis.plots import BLACK, BLUE, GREEN, ORANGE, RED, SKY, WIDTH, blank
from surrogates.analysis.statements import KINDS, decides, source

LOOK = {
    "holds": (GREEN, ""),
    "surpassed": (BLUE, "++"),
    "holds in part": (SKY, "//"),
    "too close to call": (ORANGE, ".."),
    "fails": (RED, "xx"),
    "cannot be decided": ("#bbbbbb", "--"),
}
"""Colour and hatch of each verdict."""

SHORT = dict(zip(KINDS, ("number", "statement", "cause", "by construction"), strict=True))
"""A word for each kind, in a row."""


def claims_table(decided: pd.DataFrame) -> pd.DataFrame:
    """What :func:`surrogates.analysis.claims.from_pages` gives as text, with links to the pages that decide."""
    rows = list(decided.itertuples())
    return pd.DataFrame(
        {
            "Verdict": [_verdict(row) for row in rows],
            "We measure": [_measured(row) for row in rows],
            "It holds if": [_rules(row) for row in rows],
            "The report says": decided.statement,
            "Section": decided.section,
            "Kind": decided.kind.map(SHORT),
            "Page": [_link(row.page) for row in rows],
        }
    )


def whole_table(decided: pd.DataFrame) -> pd.DataFrame:
    """All rows of :func:`claims_table`, by kind and then by verdict."""
    order = pd.DataFrame({"kind": decided.kind.map(list(KINDS).index)})
    order["verdict"] = decided.verdict.map(verdicts.VERDICTS.index)
    return claims_table(decided.loc[order.sort_values(["kind", "verdict"], kind="stable").index])


def counts(decided: pd.DataFrame) -> pd.DataFrame:
    """How many statements of each kind have each verdict; kinds are the rows, all verdicts the columns."""
    table = pd.crosstab(decided.kind, decided.verdict)
    return table.reindex(index=list(KINDS), columns=list(verdicts.VERDICTS), fill_value=0)


def counts_table(decided: pd.DataFrame) -> pd.DataFrame:
    """The same as text, with the sums of the rows. There is none of the columns: not all kinds are a success.

    A verdict that no statement has is left out.
    """
    table = counts(decided)
    table = table.loc[:, table.any()]
    table = table.assign(all=table.sum(axis=1)).map(whole)
    table.insert(0, "Kind", [KINDS[kind] for kind in table.index])
    return table


def bar(decided: pd.DataFrame) -> Figure:
    """All statements, a bar for each kind, by verdict."""
    figure, axes = blank(height=2.9)
    figure.set_figwidth(WIDTH)
    table = counts(decided)
    rows, left = np.arange(len(table)), np.zeros(len(table))
    for verdict, (colour, hatch) in LOOK.items():
        numbers = table[verdict].to_numpy()
        if not numbers.any():
            continue
        axes.barh(rows, numbers, left=left, color=colour, hatch=hatch, edgecolor="white", label=verdict)
        for row in rows[numbers > 0]:
            middle = left[row] + numbers[row] / 2
            style = {"ha": "center", "va": "center", "color": BLACK}
            axes.text(
                middle, row, whole(numbers[row]), **style, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1}
            )
        left += numbers
    axes.set_yticks(rows, [KINDS[kind] for kind in table.index])
    axes.set(xlabel="statements", xlim=(0, max(1, left.max())))
    axes.invert_yaxis()
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def changes_table(changes: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """How the rules have changed, as text, oldest first: one row for each change of one statement."""
    said = [statements.statement.get(claim, f"`{claim}`") for claim in changes.claim]
    table = changes.assign(claim=said)
    for column in ("old", "new"):
        table[column] = [re.sub(r"-(?=\d)", "−", text) for text in table[column]]
    names = ["Date", "The report says", "Before", "After", "Known by then", "Effect"]
    return table.set_axis(names, axis="columns")


def _verdict(row) -> str:
    words = f"**{row.verdict}**" + (f": {row.why}" if row.why else "")
    return f"{words} ({row.note})" if row.note else words


def _measured(row) -> str:
    """The value first, then what it is, then what other readings make of it."""
    if math.isnan(row.ours):
        return row.measure
    of = f" (of {row.of})" if row.of else ""
    margin = "" if math.isnan(row.margin) else f", margin {significant(row.margin, 2)}"
    others = [f"{name}: {text}, {verdict}" for name, text, verdict in row.readings]
    return "; ".join([f"**{row.text}**{of}{margin}: {row.measure}", *others])


def _rules(row) -> str:
    """The rule in words, with the looser one after it."""
    words = []
    for rule in filter(None, (row.rule, row.partly)):
        against = f" of {row.report}" if rule.startswith("within") or rule.endswith("%") else ""
        text = re.sub(verdicts.DECIMAL, _written, rule + against)
        words.append(text.replace("within 0 of", "equal to"))
    return "; in part if ".join(words) + ("; surpassed if lower" if row.better == "lower" else "")


def _written(found: re.Match) -> str:
    """A number of the table of statements, in full and with a proper minus sign."""
    return whole(int(found[0])) if found[0].isdigit() else found[0].replace("-", "−")


def _link(page: str) -> str:
    """To the verdicts of a page, to the page where it has none."""
    return f"{{ref}}`{_title(page)} <verdicts-{page}>`" if decides(page) else f"{{doc}}`{_title(page)} <{page}>`"


def _title(page: str) -> str:
    """The heading of a page."""
    return re.search(r"^# ([A-Z].+)$", source(page).read_text(encoding="utf-8"), re.MULTILINE)[1]
