"""Refusals in one voice: what was given, what is accepted."""

from numbers import Integral, Real


def _as_text(value) -> str:
    """What to add where a number was given as text, as YAML reads 3.2e1."""
    try:
        return f" It is text: write {float(value)!r}." if isinstance(value, str) else ""
    except ValueError:
        return ""


def integer(name: str, value, minimum: int) -> int:
    """Return ``value`` as an int, or raise ValueError if it is not a whole number of at least ``minimum``."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < minimum:
        raise ValueError(f"{name} = {value!r}: give a whole number, {minimum} or more.{_as_text(value)}")
    return int(value)


def positive(name: str, value) -> float:
    """Return ``value`` as a float, or raise ValueError if it is no number from 1e-150 to 1e150: squares are finite."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 1e-150 <= value <= 1e150:
        accepted = "give a finite number above 0. It may be from 1e-150 to 1e150."
        raise ValueError(f"{name} = {value!r}: {accepted}{_as_text(value)}")
    return float(value)


def zero_or_positive(name: str, value) -> float:
    """Return ``value`` as a float, or raise ValueError if it is neither 0 nor :func:`positive`."""
    if value == 0 and not isinstance(value, bool):
        return 0.0
    try:
        return positive(name, value)
    except ValueError as error:
        raise ValueError(f"{error} Or give 0.") from None


def one_of(name: str, value, accepted):
    """Return ``value``, or raise ValueError if it is none of ``accepted``."""
    if not any(value == known for known in accepted):  # as it may be no key of a dictionary
        raise ValueError(f"{name} = {value!r}: give one of {', '.join(map(repr, accepted))}.")
    return value


def several(name: str, values, check) -> tuple:
    """Return the values as a tuple, each checked by ``check(name, value)``, or raise ValueError if there are none."""
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{name} = {values!r}: give a list of one value or more. Papermill takes one with -y.")
    return tuple(check(name, value) for value in values)


def count(name: str, value) -> int:
    """A whole number of at least 1."""
    return integer(name, value, 1)


def not_negative(name: str, value) -> int:
    """A whole number of at least 0."""
    return integer(name, value, 0)


def text(name: str, value) -> str:
    """Return ``value``, or raise ValueError if it is no text."""
    if not isinstance(value, str):
        raise ValueError(f"{name} = {value!r}: give a word.")
    return value


def true_or_false(name: str, value) -> bool:
    """Return ``value``, or raise ValueError if it is neither True nor False."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} = {value!r}: give True or False.")
    return value
