"""What a page accepts: its parameters, checked before anything slow begins.

A parameter may be a dictionary with one value per profile; papermill can replace it by a plain value.

>>> page = parameters.check(profile=profile, seed=seed, epochs={"paper": 500, "quick": 40, "smoke": 2})
>>> page.epochs  # with profile = "quick"
40
"""

import argparse
import ast
import contextlib
import contextvars
import re
import sys
from types import SimpleNamespace

from surrogates import checks

PROFILES = {
    "paper": (50_000, 10_000, 10_000),
    "quick": (5_000, 1_000, 1_000),
    "smoke": (300, 100, 100),
}
"""Structures for training, validation and test: the report's own, a tenth of them, and what merely runs every cell."""

SCHEDULER = "SURROGATES_SCHEDULER"
"""Environment variable with the address of a Dask scheduler, for pages that are given none."""

CHECKS = {
    "n_atoms": checks.count,
    "box": checks.positive,
    "cells": checks.count,
    "configurations": checks.count,
    "structures": checks.count,
    "gcn_structures": checks.count,
    "mlp_epochs": checks.count,
    "cnn_epochs": checks.count,
    "gcn_epochs": checks.count,
    "mlp_seeds": checks.count,
    "cnn_seeds": checks.count,
    "gcn_seeds": checks.count,
    "learning_rates": lambda name, values: checks.several(name, values, checks.positive),
    "layers": lambda name, values: checks.several(name, values, checks.count),
    "nodes": lambda name, values: checks.several(name, values, checks.count),
    "further_seeds": lambda name, value: checks.integer(name, value, 0),
    "seeds": checks.count,
    "mlp_sizes": lambda name, values: checks.several(name, values, checks.count),
    "low_weights": lambda name, values: checks.several(name, values, checks.positive),
    "pair_epochs": checks.count,
    "label_structures": lambda name, values: checks.several(name, values, checks.count),
    "label_examples": checks.count,
    "gcn_label_examples": checks.count,
    "other_atoms": lambda name, values: checks.several(name, values, checks.count),
    "search_atoms": lambda name, values: checks.several(name, values, checks.count),
    "search_seeds": checks.count,
    "most_calls": checks.count,
    "tuning_seeds": checks.count,
    "tuning_calls": checks.count,
    "finalists": checks.count,
    "final_seeds": checks.count,
    "temperatures": lambda name, values: checks.several(name, values, checks.positive),
    "shakes": lambda name, values: checks.several(name, values, checks.positive),
    "moved_atoms": lambda name, values: checks.several(name, values, checks.count),
    "widths": lambda name, values: checks.several(name, values, checks.positive),
    "tolerances": lambda name, values: checks.several(name, values, checks.positive),
    "round_structures": lambda name, values: checks.several(name, values, checks.count),
    "rounds": checks.count,
    "trainings": checks.count,
    "three_hops": checks.count,
    "training_structures": checks.count,
    "few_structures": checks.count,
    "members": checks.count,
    "film_hops": checks.count,
    "drive_calls": checks.count,
    "drive_seeds": checks.count,
    "three_atoms": checks.count,
    "descents": checks.count,
    "reference_seeds": checks.count,
    "scheduler": lambda name, value: scheduler(value),
}
"""What is used by a page itself; what a page only hands on is checked by what receives it."""


_ELSEWHERE = contextvars.ContextVar("elsewhere", default=False)


def profile(value) -> str:
    return checks.one_of("profile", value, PROFILES)


def seed(value) -> int:
    return checks.integer("seed", value, 0)


def scheduler(value) -> str | None:
    """The address of a Dask scheduler such as "tcp://10.0.0.1:8786", or None."""
    if value is not None and not (isinstance(value, str) and re.fullmatch(r"([a-z]+://)?[^\s/]+:\d+/?", value)):
        raise ValueError(
            f"scheduler = {value!r}: give the address of a Dask scheduler, such as 'tcp://10.0.0.1:8786', "
            "or none at all for the cores of this machine."
        )
    return value


def check(**given) -> SimpleNamespace:
    """Check a page's parameters and resolve those that depend on the profile.

    Parameters
    ----------
    **given
        Every parameter of the page, by its name. ``profile`` and ``seed`` are among them.

    Returns
    -------
    SimpleNamespace
        The parameters, and ``sizes``, the numbers of structures of the profile.

    Raises
    ------
    ValueError
        For a value that is not accepted, and for a name that papermill was given and the page does not have:
        papermill itself only warns of it, and the page would silently run with its defaults.
    """
    for name in _injected():
        if name not in given:
            raise ValueError(f"This page has no parameter {name!r}. It accepts: {', '.join(given)}.")
    page = SimpleNamespace(**{name: _of_profile(value, profile(given["profile"])) for name, value in given.items()})
    page.seed = seed(page.seed)
    page.sizes = PROFILES[page.profile]
    for name, value in vars(page).items():
        if name in CHECKS:
            setattr(page, name, CHECKS[name](name, value))
    return page


def _of_profile(value, name: str):
    return value[name] if isinstance(value, dict) and value.keys() == PROFILES.keys() else value


@contextlib.contextmanager
def of_another_page():
    """While cells of another page are executed in this kernel: what papermill injected is not meant for that page."""
    token = _ELSEWHERE.set(True)
    try:
        yield
    finally:
        _ELSEWHERE.reset(token)


def _injected() -> list:
    """Names that papermill assigned: it puts a cell that begins with this comment after the parameters."""
    if _ELSEWHERE.get():
        return []
    try:
        from IPython import get_ipython
    except ImportError:
        return []
    shell = get_ipython()
    cells = shell.user_ns.get("In", []) if shell else []
    trees = [ast.parse(cell) for cell in cells if cell.startswith("# Parameters\n")]
    assignments = [node for tree in trees for node in tree.body if isinstance(node, ast.Assign)]
    return [target.id for assignment in assignments for target in assignment.targets]


def arguments(given):
    """Parse what ``python -m book.pages`` is given; what it does not accept ends the program with exit code 2.

    This module needs the standard library only, so that ``make`` can ask it before anything is installed.
    """

    def seed_number(text):
        try:
            return seed(int(text))
        except ValueError:
            raise argparse.ArgumentTypeError(f"seed = {text!r}: give a whole number, 0 or more.") from None

    def refusing(check):
        def checked(text):
            try:
                return check(text)
            except ValueError as error:
                raise argparse.ArgumentTypeError(str(error)) from None

        return checked

    parser = argparse.ArgumentParser(
        prog="surrogates.book.pages", description="Execute the pages and render the book.", allow_abbrev=False
    )
    parser.add_argument("action", choices=["book"])
    parser.add_argument("--profile", type=refusing(profile), help=f"one of {', '.join(PROFILES)}")
    parser.add_argument("--seed", type=seed_number, help="whole number, 0 or more")
    parser.add_argument("--scheduler", type=refusing(scheduler), help="address of a Dask scheduler to train sweeps on")
    return parser.parse_args(given)


if __name__ == "__main__":
    arguments(sys.argv[1:])
