"""Numbers and lists as the text of a table or a sentence, rounded once, from full precision.

All have a true minus sign, separators of thousands, and powers of ten instead of ``e+27``; what is not finite is "–".

>>> fixed(-7.264, 1), fixed(1395.2), significant(0.00123, 2), scientific(2.71e27), energy(1e30)
('−7.3', '1,395', '0.0012', '2.7·10²⁷', '1.0·10³⁰')
"""

import math
from collections.abc import Sequence

import numpy as np

MISSING = "–"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LARGE = 1000  # from here on an energy is written with a power of ten
SMALL = 1e-3  # a change of a prediction below it is rounding, and its digits mean nothing


def _finite(value) -> bool:
    return value is not None and math.isfinite(value)


def _signed(text: str) -> str:
    """With a true minus sign, and without any for what is rounded to zero."""
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]
    return text.replace("-", "−")


def _power(text: str) -> str:
    """``2.7e+27`` as 2.7·10²⁷, and ``1e-06`` as 10⁻⁶."""
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return _signed(text)
    power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return power if mantissa == "1" else f"{_signed(mantissa)}·{power}"


def fixed(value: float, decimals: int = 0, plus: bool = False) -> str:
    """So many digits after the point; with ``plus`` a sign before all values, even those rounded to zero."""
    if not _finite(value):
        return MISSING
    text = f"{value:{'+' * plus},.{decimals}f}"
    return text.replace("-", "−") if plus else _signed(text)


def whole(value: float) -> str:
    """A whole number.

    >>> whole(50000), whole(-3), whole(float("inf"))
    ('50,000', '−3', '–')
    """
    return fixed(value)


def significant(value: float, digits: int = 3, zeros: bool = False) -> str:
    """So many digits in all, and a power of ten where there are not enough of them for a number of 1,000 or more.

    Zeros at the end are left out, but for ``zeros``, as what is measured has them.

    >>> significant(39.36), significant(0.1), significant(1e-6), significant(12345), significant(288, 2)
    ('39.4', '0.1', '10⁻⁶', '1.23·10⁴', '290')
    >>> significant(0.1803, zeros=True), significant(100.2, zeros=True)
    ('0.180', '100')
    """
    if not _finite(value):
        return MISSING
    text = f"{value:{'#' * zeros}.{digits}g}"
    if "e+" in text and abs(float(text)) < LARGE:
        text = f"{float(text):.0f}"
    return _power(text.rstrip("."))


def scientific(value: float, digits: int = 2) -> str:
    """So many digits and a power of ten, as in 2.7·10²⁷, or 10¹² of one digit."""
    return _power(f"{value:.{digits - 1}e}") if _finite(value) else MISSING


def energy(value: float, decimals: int = 2) -> str:
    """An energy: fixed decimals below 1,000, a power of ten above.

    >>> energy(-82.9704, 1), energy(25310.0)
    ('−83.0', '2.5·10⁴')
    """
    if not _finite(value):
        return MISSING
    return fixed(value, decimals) if abs(value) < LARGE else scientific(value)


def percent(share: float, decimals: int = 0, plus: bool = False) -> str:
    """A share in percent, its sign kept on the line.

    >>> percent(0.2517, 1).replace("\\u00a0", " ")
    '25.2 %'
    """
    return f"{fixed(100 * share, decimals, plus)}\u00a0%" if _finite(share) else MISSING


def minutes(seconds: float) -> str:
    """A time in whole minutes."""
    return f"{fixed(seconds / 60)}\u00a0min" if _finite(seconds) else MISSING


def change(value: float) -> str:
    """A change of a prediction: three digits, none below 0.001.

    >>> change(0.0), change(3e-6), change(3.2)
    ('0', '< 0.001', '3.20')
    """
    return "0" if value == 0 else f"< {SMALL:g}" if value < SMALL else significant(value, zeros=True)


def change_in_words(value: float) -> str:
    """The same in a sentence, as in "it changes by less than 0.001"."""
    return change(value).replace("<", "less than")


def spread(values: Sequence[float], decimals: int = 1) -> str:
    """Mean and, of several values, the standard deviation of one; with more decimals where it would be 0, two at most.

    >>> spread([5.0, 6.0, 7.0]).replace("\\u00a0", " "), spread([1.2, 1.25]).replace("\\u00a0", " ")
    ('6.0 ± 1.0', '1.23 ± 0.04')
    """
    if len(values) == 1:
        return fixed(values[0], decimals)
    deviation = np.std(values, ddof=1)
    if 0 < deviation < 0.5 * 10.0**-decimals:
        decimals = min(decimals + 2, -math.floor(math.log10(deviation)))
    return f"{fixed(np.mean(values), decimals)}\u00a0±\u00a0{fixed(deviation, decimals)}"


def counted(number: int, noun: str) -> str:
    """How many there are, as in "3 seeds" of a "seed"."""
    return f"{whole(number)} {noun}{'' if number == 1 else 's'}"


def none_or(number: int) -> str:
    """How many of them, as in "none of 16" and "3 of 16"."""
    return whole(number) if number else "none"


def are(number: int) -> str:
    """A number with its verb, as in "1 is" and "6 are"."""
    return f"{whole(number)} {'is' if number == 1 else 'are'}"


def listed(words: Sequence[str], none: str = "") -> str:
    """Words one after the other, ``none`` where there are none.

    >>> listed(["7", "13", "19"])
    '7, 13 and 19'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or none
