"""Calculators of ASE: made from a path, asked in one voice, told from others, measured."""

import functools
import hashlib
import importlib
import inspect
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy import optimize

from surrogates.potentials.base import real_array
from surrogates.potentials.lennard_jones import LennardJones
from surrogates.store import plain

_LARGEST = 8.0  # Å: the distance of two atoms from which an icosahedron is drawn together
_STEP = 0.93  # from one distance to the next
_DIGITS = 3  # of what is measured: enough for a scale, and the same on every machine


def path(text: str) -> str:
    """Return the path of a class, such as "ase.calculators.emt.EMT", or raise ValueError for another text."""
    parts = text.split(".")
    if len(parts) < 2 or not all(part.isidentifier() for part in parts):
        raise ValueError(
            f"calculator = {text!r}: give the path of a class, its module and its name, such as "
            "'ase.calculators.emt.EMT'."
        )
    return text


def element(name: str, symbol) -> str:
    """Return the symbol of an element, or raise ValueError; "X" is one that has no number."""
    from ase.data import atomic_numbers

    if not isinstance(symbol, str) or symbol not in atomic_numbers:
        raise ValueError(f"{name}: {symbol!r} is no element; give names such as 'Cu', or 'X' for none in particular.")
    return symbol


def elements(symbols: str | Sequence[str]) -> list[str]:
    """The different elements among the symbols of atoms, of which there may be one for all."""
    return [symbols] if isinstance(symbols, str) else sorted(set(symbols))


def made(name: str, parameters: Mapping[str, object]):
    """The calculator of this class with these parameters.

    Raises ValueError where it cannot be imported, is no calculator, or does not take the parameters.
    """
    module, _, kind = path(name).rpartition(".")
    try:
        found = getattr(importlib.import_module(module), kind)
    except (ImportError, AttributeError) as error:
        raise ValueError(
            f"calculator = {name!r}: it cannot be imported ({error}); give the path of a class that is installed here, "
            "such as 'ase.calculators.emt.EMT'."
        ) from None
    from ase.calculators.abc import GetPropertiesMixin

    if not (isinstance(found, type) and issubclass(found, GetPropertiesMixin)):
        raise ValueError(f"calculator = {name!r}: this is no calculator of ASE; give the path of a subclass of one.")
    known = _parameters(found)
    strangers = sorted(parameters.keys() - known) if known else []
    if strangers:
        raise ValueError(
            f"parameters = {dict(parameters)!r}: {name} has none of the name {', '.join(strangers)}; it has "
            f"{', '.join(sorted(known))}."
        )
    try:
        return found(**parameters)
    except Exception as error:
        raise ValueError(f"parameters = {dict(parameters)!r}: {name} does not take them ({error}).") from error


def _parameters(kind: type) -> set[str]:
    """The names that a class of calculators takes; none where it takes any name and does not say which it uses."""
    if not getattr(kind, "default_parameters", {}):
        return set()
    made_by = (base.__init__ for base in kind.__mro__ if "__init__" in vars(base) and base is not object)
    signatures = [of for init in made_by for of in inspect.signature(init).parameters.values()]
    named = {of.name for of in signatures if of.kind not in (of.VAR_KEYWORD, of.VAR_POSITIONAL)}
    return named - {"self"} | set(kind.default_parameters)


def ask(calculator, atoms, forces: bool):
    """Energy, and forces ``(atoms, 3)`` or None where there are none, of atoms in free space.

    Raises ValueError for what the calculator raises, for a result that is no number or of another shape, for NaN, and
    for infinite forces where the energy is finite.
    """
    from ase.calculators.calculator import PropertyNotImplementedError

    of = f"{type(calculator).__name__}, asked about {len(atoms)} atoms of {atoms.get_chemical_formula()},"
    atoms.calc = calculator
    pulls = None
    try:
        energy = atoms.get_potential_energy()
        if forces:
            try:
                pulls = atoms.get_forces()
            except PropertyNotImplementedError:
                pulls = None
    except Exception as error:
        raise ValueError(
            f"{of} raises {type(error).__name__}: {error}. Give elements, numbers of atoms and distances that it takes."
        ) from error
    try:
        energy = real_array("the energy", energy)
        pulls = None if pulls is None else real_array("the forces", pulls)
    except ValueError as error:
        raise ValueError(f"{of} gives what is no number ({error}): mend the calculator.") from None
    if np.size(energy) != 1:
        raise ValueError(f"{of} gives an energy of shape {np.shape(energy)}: a calculator is to give one number.")
    if pulls is not None and pulls.shape != (len(atoms), 3):
        raise ValueError(f"{of} gives forces of shape {pulls.shape}: a calculator is to give {(len(atoms), 3)}.")
    energy = float(np.reshape(energy, ()))
    if np.isnan(energy) or (pulls is not None and np.isnan(pulls).any()):
        raise ValueError(
            f"{of} gives NaN; its result means nothing there. Give distances that it takes, or mend the calculator."
        )
    if np.isfinite(energy) and pulls is not None and not np.isfinite(pulls).all():
        raise ValueError(
            f"{of} gives infinite forces with the energy {energy:g}. Give distances that it takes, or mend the "
            "calculator."
        )
    return energy, pulls


def told(calculator, parameters: Mapping[str, object]) -> dict:
    """The path of a calculator's class, its parameters as plain data, and the digests of the files that these name.

    Raises ValueError for a calculator that keeps no parameters, and for some that are no plain data.
    """
    from ase.io import jsonio

    if isinstance(calculator, str):
        name = calculator
    else:
        kind = type(calculator)
        name, parameters = f"{kind.__module__}.{kind.__qualname__}", dict(getattr(calculator, "parameters", {}))
        if not parameters:
            raise ValueError(
                f"calculator = {calculator!r}: it has no parameters, and what is made with it is stored by them. Give "
                f"the path of its class, FromASE({name!r}, parameters=...), or a potential of your own that calls it, "
                "with a method description() that returns plain data."
            )
    try:
        words = json.loads(jsonio.encode(parameters))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"parameters = {parameters!r}: they are no plain data ({error}), by which results are named."
        ) from None
    files = {text: _digest(text) for text in texts(words) if os.path.isfile(text)}
    return {"calculator": name, "parameters": words} | ({"files": files} if files else {})


def texts(content):
    """All texts in plain data."""
    if isinstance(content, Mapping):
        content = list(content.values())
    if isinstance(content, list | tuple):
        for value in content:
            yield from texts(value)
    elif isinstance(content, str):
        yield content


def _digest(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]


def same_files(known: Mapping[str, str]):
    """Raise :class:`surrogates.store.plain.Unknown` where a file is missing, or its digest is another one now."""
    for file, wanted in known.items():
        if not Path(file).is_file() or _digest(file) != wanted:
            state = "has another content now" if Path(file).is_file() else "is not there"
            raise plain.Unknown(f"{file} {state}, and the parameters of a stored calculator name it: restore it.")


def measured_scales(energy: Callable) -> tuple[float, float]:
    """Length and energy that make thirteen atoms in an icosahedron look like Lennard-Jones, to three digits.

    ``energy`` gives that of positions ``(13, 3)``, of separate atoms 0. They are drawn together until they repel, and
    the best distance is looked for there. Raises ValueError where there is none.
    """
    shape, of_lj = icosahedron(), _of_lennard_jones()
    known = {}

    def at(distance):
        known[distance] = energy(distance * shape)
        return known[distance]

    distance, lowest = _LARGEST, np.inf
    while distance > 0.3:
        value = at(distance)
        lowest = min(lowest, value)
        if lowest < 0 and value > lowest + 0.5 * abs(lowest):
            break
        distance *= _STEP
    best = min(known, key=known.get)
    if not known[best] < 0 or best in (_LARGEST, min(known)):
        raise ValueError(
            "calculator: thirteen of these atoms have no best distance from 0.3 to 8 Å, so nothing says what is close "
            "and what is far; give scales=(length in Å, energy in eV), about sigma and epsilon of a pair."
        )
    found = optimize.minimize_scalar(at, bracket=(best / _STEP, best, best * _STEP), options={"xtol": 1e-4})
    return tuple(float(f"{value:.{_DIGITS}g}") for value in (found.x / of_lj[0], found.fun / of_lj[1]))


@functools.cache
def icosahedron() -> np.ndarray:
    """Thirteen positions ``(13, 3)``, twelve around one, at a distance of 1 from it."""
    golden = (1 + 5**0.5) / 2
    corners = [
        np.roll([0.0, first, second * golden], turn) for turn in range(3) for first in (-1, 1) for second in (-1, 1)
    ]
    return np.array([[0.0, 0.0, 0.0], *(np.array(corners) / np.hypot(1, golden))])


@functools.cache
def _of_lennard_jones() -> tuple[float, float]:
    """Best distance from the centre, and energy, of the icosahedron with Lennard-Jones."""
    energy = LennardJones().energy
    found = optimize.minimize_scalar(lambda distance: float(energy(distance * icosahedron())), bracket=(1.0, 1.1, 1.3))
    return found.x, found.fun
