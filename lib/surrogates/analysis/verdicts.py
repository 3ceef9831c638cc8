"""The verdict of a rule on a measured value with its spread.

A rule compares the measured value with a number, or with a share of the report's value where it ends in %:
``at least 2``, ``at most 110 %``, ``above 0``, ``below 1``, ``within 5`` (of the report's value), ``within 10 %``,
``between 1000 and 1000000``. Where the rule does not hold, the looser one of the column "partly" is asked.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from surrogates.analysis.formatting import MISSING, fixed, scientific, whole

VERDICTS = ("holds", "surpassed", "holds in part", "too close to call", "fails", "cannot be decided")
DECIMAL = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
RULE = re.compile(rf"(at least|at most|above|below|within) ({DECIMAL})( %)?|between ({DECIMAL}) and ({DECIMAL})")
COMPARE = {"at least": operator.ge, "at most": operator.le, "above": operator.gt, "below": operator.lt}
NOISE = 5e-4  # what is measured and below it differs from one processor to the next


class Measured(NamedTuple):
    """A measured value with its spread.

    Attributes
    ----------
    value : float
    spread : float
        Standard deviation of one seed, or of the value itself where it comes from a bootstrap; NaN where it is unknown.
    of : int
        How many seeds or data sets the value is the mean of; 0 where it is not a mean.
    """

    value: float
    spread: float = math.nan
    of: int = 0


Values = float | Sequence[float] | Measured
"""What a page gives for a quantity: a number, one for each seed, or a value with a spread from elsewhere."""


class Readings(NamedTuple):
    """A quantity that depends on how the report is read: ``main`` decides, ``others`` stand beside it by name."""

    main: Values
    others: Mapping[str, Values]


def with_spread(given: Values) -> Measured:
    """A number as it is; of several their mean and the standard deviation of one.

    >>> with_spread([5.0, 6.0, 7.0]), with_spread(6)
    (Measured(value=6.0, spread=1.0, of=3), Measured(value=6.0, spread=nan, of=0))
    """
    if isinstance(given, Measured):
        return given
    values = np.asarray(given, dtype=float)
    if values.ndim == 0:
        return Measured(float(values))
    if values.ndim > 1 or not values.size:
        raise ValueError(f"values of shape {values.shape}: give a number, or a sequence of numbers, one for each seed.")
    # Of what is not finite there is no spread.
    known = len(values) > 1 and np.isfinite(values).all()
    return Measured(float(values.mean()), float(values.std(ddof=1)) if known else math.nan, len(values))


def bootstrap(statistic: Callable[..., float], *arrays: np.ndarray, draws: int = 200, seed: int = 0) -> Measured:
    """A statistic of test structures, and how much it would change with other structures of the same kind.

    Parameters
    ----------
    statistic
        Called with the arrays.
    *arrays
        ``(structures, ...)``, all of the same length: structures are drawn with replacement, in all arrays the same.
    draws
        How many times, 2 or more.
    """
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1 or draws < 2:
        raise ValueError(
            f"arrays of lengths {sorted(lengths)}, draws = {draws}: give one length, and two draws or more."
        )
    rng, (length,) = np.random.default_rng(seed), lengths
    chosen = (rng.integers(length, size=length) for _ in range(draws))
    again = [statistic(*(np.asarray(array)[of] for array in arrays)) for of in chosen]
    return Measured(float(statistic(*arrays)), float(np.std(again, ddof=1)))


def band(rule: str, report: str = "") -> tuple[float, float]:
    """The limits of a rule, low and high; infinite where there is none.

    >>> band("within 1", "-7"), band("at least 50 %", "4")
    ((-8.0, -6.0), (2.0, inf))
    """
    kind, number, share, low, high = RULE.fullmatch(rule).groups()
    if kind is None:
        return float(low), float(high)
    limit = float(number)
    if share:
        limit = limit / 100 * abs(float(report))
    if kind == "within":
        return float(report) - limit, float(report) + limit
    return (limit, math.inf) if kind in ("at least", "above") else (-math.inf, limit)


def cannot_hold(rule: str, report: str = "") -> str | None:
    """Why a rule makes no sense, which may be for the report's value; None where it does.

    >>> cannot_hold("at least 90 %", "-6.6")
    "is a share of the report's value, and -6.6 is not above 0: give a number, or 'within'"
    >>> cannot_hold("between 5 and 1"), cannot_hold("within 1", "-7")
    ('holds for no value', None)
    """
    kind, _, share, *_ = RULE.fullmatch(rule).groups()
    if share and kind != "within" and not float(report) > 0:
        return f"is a share of the report's value, and {report} is not above 0: give a number, or 'within'"
    low, high = band(rule, report)
    return "holds for no value" if low > high else None


def covers(rule: str, other: str, report: str = "") -> bool:
    """Whether a rule holds for all values for which the other does."""
    (low, high), (inner_low, inner_high) = band(rule, report), band(other, report)
    strict = RULE.fullmatch(rule)[1] in ("above", "below") and RULE.fullmatch(other)[1] not in ("above", "below")
    return (low < inner_low or (low == inner_low and not strict) or low == -math.inf) and (
        high > inner_high or (high == inner_high and not strict) or high == math.inf
    )


def holds(rule: str, value: float, report: str = "") -> bool:
    """Whether a rule holds for a value. NaN fulfils no rule.

    >>> holds("within 10 %", 7.2, "6.6"), holds("at most 110 %", 7.2, "6.6"), holds("above 0", -1.0)
    (True, True, False)
    """
    low, high = band(rule, report)
    compare = COMPARE.get(RULE.fullmatch(rule)[1])
    if compare:
        return compare(value, low if math.isfinite(low) else high)
    # Written numbers are decimal: 0.1 from 0.343 to 0.243 must not fail by a rounding error.
    rounding = 1e-12 * (high - low)
    return low - rounding <= value <= high + rounding


def verdict(row, measured: Measured | float, profile: str) -> str:
    """One of ``VERDICTS`` for a row of :func:`surrogates.analysis.statements.statements` and what is measured.

    It is that of the value, if no other is found within its spread; otherwise it is too close to call. NaN cannot be
    decided.
    """
    value, spread, _ = with_spread(measured)
    if math.isnan(value) or (row.scale == "paper" and profile != "paper"):
        return "cannot be decided"
    found = _without_spread(row, value)
    if not spread > 0:
        return found
    ends = {_without_spread(row, value - spread), _without_spread(row, value + spread)}
    return found if ends == {found} and not margin(row, value) < spread else "too close to call"


def _without_spread(row, value: float) -> str:
    if holds(row.rule, value, row.report):
        return "holds"
    if row.better == "lower" and value < band(row.rule, row.report)[0]:
        return "surpassed"
    return "holds in part" if row.partly and holds(row.partly, value, row.report) else "fails"


def margin(row, value: float) -> float:
    """How far a value is from the nearest limit at which its verdict would be another; NaN where there is no value."""
    limits = {limit for rule in filter(None, (row.rule, row.partly)) for limit in band(rule, row.report)}
    return min((abs(value - limit) for limit in limits if _decides(row, limit)), default=math.nan)


def _decides(row, limit: float) -> bool:
    """Whether the verdicts below, at and above a limit differ."""
    if not math.isfinite(limit):
        return False
    step = 1e-9 * max(1.0, abs(limit))
    return len({_without_spread(row, limit + side * step) for side in (-1, 0, 1)}) > 1


def measured_text(value: float, spread: float = math.nan) -> str:
    """A number as the tables show it: whole ones in full, others with three decimals at the most.

    With a spread both have as many decimals as give the spread two digits, and four at the most.

    >>> measured_text(50000), measured_text(0.24812), measured_text(float("nan")), measured_text(6.3512, 0.4711)
    ('50,000', '0.248', '–', '6.35\\u00a0±\\u00a00.47')
    """
    if not math.isfinite(value):
        return MISSING
    if spread >= NOISE:
        decimals = min(4, max(0, 1 - math.floor(math.log10(spread))))
        return f"{fixed(value, decimals)}\u00a0±\u00a0{fixed(spread, decimals)}"
    if value == round(value):
        return whole(value)
    if abs(value) < NOISE:
        return "0"
    if abs(value) < 1e-3:
        return scientific(value, 1)
    return fixed(value, 3 if abs(value) < 10 else 1)
