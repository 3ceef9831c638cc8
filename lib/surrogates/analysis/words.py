"""Numbers and lists as the words of a sentence."""

from collections.abc import Sequence


def energy(value: float, digits: int = 2) -> str:
    """An energy for a title, a table or the prose.

    >>> energy(-82.9704, 1)
    '−83.0'
    """
    return (f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:.1e}").replace("-", "−")


def listed(words: Sequence[str], none: str = "") -> str:
    """Words one after the other, ``none`` where there are none.

    >>> listed(["7", "13", "19"])
    '7, 13 and 19'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or none
