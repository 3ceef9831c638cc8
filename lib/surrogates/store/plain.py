"""What tells one thing from another, as plain data: what names, digests and keys of stored things are made from.

>>> from surrogates import models
>>> plain.described(models.GCN(n_layers=3))
{'kind': 'GCN', 'n_layers': 3}

**A setting at its default does not enter a description.** So a field that is added later, with a default, never makes
a stored thing be missed. A class or function from outside the library is described with a digest of its source, so that
an edited formula is another thing.
"""

import ast
import contextlib
import dataclasses
import hashlib
import inspect
import json
import math
import textwrap
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np

_SOURCES: dict[str, str] = {}  # digests of what came from another process, by kind


class Unknown(ValueError):
    """A class that a description names is not known in this process, or is another one now."""


def described(thing, complete: bool = False):
    """What tells ``thing`` from others: dictionaries, lists, numbers, strings, None.

    ============================ ==============================================================================
    frozen dataclass             ``{"kind": name of its class, **the fields that differ from their default}``, and
                                 ``"source"``, eight digits of its source, where its class is not of this library
    with ``description()``       what that returns, described
    function of a module         ``{"kind": name}``; ``module.name`` and ``"source"`` from outside the library
    array                        ``{"sha256": digest, "shape": [...]}``
    dict, list, tuple            its values, described; a tuple is a list
    ============================ ==============================================================================

    Parameters
    ----------
    complete : bool
        Also the fields that are at their default, as a file for readers has them.

    Raises
    ------
    ValueError
        For a lambda or a class or function made inside another, whose name does not say what it computes; for a class
        or function whose source cannot be had, as in a notebook; for NaN and infinity; for anything else.
    """
    if thing is None or isinstance(thing, str | bool):
        return thing
    if isinstance(thing, np.bool_):
        return bool(thing)
    if isinstance(thing, Integral):
        return int(thing)
    if isinstance(thing, Real):
        if not math.isfinite(thing):
            raise ValueError(f"{thing} is no plain number: give a finite one, or None.")
        return float(thing)
    if isinstance(thing, np.ndarray):
        return _array(thing)
    if isinstance(thing, Mapping):
        if not all(isinstance(key, str) for key in thing):
            raise ValueError(f"The keys {list(thing)} are not all strings: give strings.")
        return {key: described(value, complete) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [described(value, complete) for value in thing]
    kind = type(thing)
    if callable(getattr(thing, "description", None)) and not isinstance(thing, type):
        return described(thing.description(), complete)
    if dataclasses.is_dataclass(kind) and kind.__dataclass_params__.frozen:
        fields = {field.name: getattr(thing, field.name) for field in _settings(kind, thing, complete)}
        return {"kind": kind.__name__, **described(fields, complete), **_sourced(kind, kind.__name__)}
    function = getattr(thing, "py_func", thing)  # what numba has compiled
    if inspect.isfunction(function):
        module = function.__module__.replace("__mp_main__", "__main__")  # the script in a process that it started
        name = function.__qualname__ if _of_library(function) else f"{module}.{function.__qualname__}"
        return {"kind": name, **_sourced(function, name)}
    raise ValueError(
        f"{thing!r} does not say what it is, and stored things are named by that. Give plain data, a frozen dataclass "
        "or a function of a module, or an object with a method description() that returns plain data."
    )


def restored(content, kinds: Mapping[str, type]):
    """The inverse of :func:`described` for dataclasses; a list becomes a tuple, a missing field has its default.

    Parameters
    ----------
    kinds : mapping
        The classes that may occur, by the name that a description has for them.

    Raises
    ------
    Unknown
        For a kind that is not known, and for a class whose source is another one now.
    ValueError
        For a field that is not known, and for an array, of which a description keeps the digest only.
    """
    if isinstance(content, list | tuple):
        return tuple(restored(value, kinds) for value in content)
    if not isinstance(content, Mapping):
        return content
    if set(content) == {"sha256", "shape"}:
        raise ValueError(
            f"An array of shape {tuple(content['shape'])} is not restored: its digest is all that is stored."
        )
    if "kind" not in content:
        return {key: restored(value, kinds) for key, value in content.items()}
    if content["kind"] not in kinds:
        accepted = ", ".join(map(repr, kinds))
        raise Unknown(f"kind = {content['kind']!r}: give one of {accepted}, or import the file that defines it first.")
    kind = kinds[content["kind"]]
    fields = {key: value for key, value in content.items() if key not in ("kind", "source")}
    accepted = [field.name for field in dataclasses.fields(kind) if field.init]
    for name in fields:
        if name not in accepted:
            raise ValueError(f"{name} = {fields[name]!r}: {content['kind']} has {', '.join(accepted) or 'no fields'}.")
    now = _sourced(kind, content["kind"]).get("source")
    if content.get("source", now) != now:
        raise Unknown(
            f"The source of {content['kind']} is {now} now, and was {content['source']} when it was stored: "
            "restore the class as it was, or give the changed one another name."
        )
    return kind(**{name: restored(value, kinds) for name, value in fields.items()})


def bare(thing):
    """A copy of frozen dataclasses, and of tuples of them, with their settings alone: without what they keep."""
    if isinstance(thing, tuple):
        return tuple(map(bare, thing)) if type(thing) is tuple else thing
    if not dataclasses.is_dataclass(type(thing)) or not type(thing).__dataclass_params__.frozen:
        return thing
    settings = {field.name: bare(getattr(thing, field.name)) for field in dataclasses.fields(thing) if field.init}
    return type(thing)(**settings)


def digest(content) -> str:
    """64 hexadecimal digits that differ where the plain data does; 2 and 2.0 are the same number."""
    text = json.dumps(_canonical(content), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def sources(content) -> dict[str, str]:
    """The digests of source in a description, by the kinds that have them."""
    if isinstance(content, list):
        content = dict(enumerate(content))
    if not isinstance(content, dict):
        return {}
    found = {content["kind"]: content["source"]} if {"kind", "source"} <= content.keys() else {}
    for value in content.values():
        found |= sources(value)
    return found


@contextlib.contextmanager
def with_sources(known: Mapping[str, str]):
    """Take the digests of these kinds as given: classes that came from another process have no source in this one."""
    before = dict(_SOURCES)
    _SOURCES.update(known)
    try:
        yield
    finally:
        _SOURCES.clear()
        _SOURCES.update(before)


def _canonical(content):
    if isinstance(content, Mapping):
        return {key: _canonical(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_canonical(value) for value in content]
    if isinstance(content, float) and content.is_integer() and abs(content) < 2**53:
        return int(content)
    return content


def _array(array: np.ndarray) -> dict:
    if array.dtype.kind not in "biuf":
        raise ValueError(f"An array of {array.dtype} is no plain data: give numbers.")
    ordered = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    content = f"{ordered.dtype.str}{array.shape}".encode() + ordered.tobytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "shape": list(array.shape)}


def _settings(kind: type, thing, complete: bool) -> list[dataclasses.Field]:
    """The fields that tell a dataclass from others of its class."""
    fields = [field for field in dataclasses.fields(kind) if field.init and field.compare]
    return fields if complete else [field for field in fields if not _is_default(field, getattr(thing, field.name))]


def _is_default(field: dataclasses.Field, value) -> bool:
    # By type: a class that was sent to another process has a mark of its own there for what is missing.
    missing = type(dataclasses.MISSING)
    if isinstance(field.default, missing) and isinstance(field.default_factory, missing):
        return False
    default = field.default_factory() if isinstance(field.default, missing) else field.default
    return described(value) == described(default)


def register(kinds: dict[str, type], name: str, kind: type, what: str):
    """Make a class known by a name; one from outside the library may not take that of one of the library's.

    Raises ValueError where it would, which names ``what`` the classes are.
    """
    if name in kinds and _of_library(kinds[name]) and not _of_library(kind):
        raise ValueError(f"class {kind.__name__}: the library has a {what} of this name, give it another one.")
    kinds[name] = kind


def _of_library(thing) -> bool:
    return thing.__module__.partition(".")[0] == "surrogates"


def _sourced(thing, name: str) -> dict[str, str]:
    """The digest of the source of a class or function, where it is not of this library."""
    if "<" in thing.__qualname__:
        raise ValueError(
            f"{thing.__qualname__} is made inside a function, so that its name does not say what it computes: "
            "define it at the top of a file."
        )
    if _of_library(thing):
        return {}
    if name in _SOURCES:
        return {"source": _SOURCES[name]}
    texts = {}
    _collect(thing, texts)
    content = "\n".join(texts[name] for name in sorted(texts))
    return {"source": hashlib.sha256(content.encode()).hexdigest()[:8]}


def _collect(thing, texts: dict[str, str]):
    """Add the source of a class or function, and of what it names of its own module: functions, classes, constants."""
    if thing.__qualname__ in texts:
        return
    try:
        texts[thing.__qualname__] = source = textwrap.dedent(inspect.getsource(thing))
    except (OSError, TypeError):
        raise ValueError(
            f"The source of {thing.__qualname__} cannot be had, and stored things are named by it: "
            "put it in a file of its own and import it."
        ) from None
    module = vars(inspect.getmodule(thing))
    for name in {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}:
        if name in texts or name not in module:
            continue
        value = getattr(module[name], "py_func", module[name])
        if all(isinstance(part, int | float | str) for part in (value if isinstance(value, tuple) else (value,))):
            texts[name] = f"{name} = {value!r}"
        elif (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__ == thing.__module__:
            _collect(value, texts)
