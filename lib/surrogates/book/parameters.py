"""A page's parameters: they stand once, in the cell tagged ``parameters``, with the values of the published page.

>>> page = parameters.of(globals(), "gcn")
>>> page.epochs  # what papermill was given, else what book/profiles.yml says for the profile, else what the cell says
200
"""

import ast
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

from IPython import get_ipython

from surrogates import checks
from surrogates.book import settings
from surrogates.book.settings import scheduler
from surrogates.store import progress

__all__ = ["EVERY", "Page", "check_profiles", "declared", "of", "profile_changes", "published", "scheduler"]

EVERY = "every page"
"""The key of ``book/profiles.yml`` for what a profile changes on each page that has the parameter."""

OF_PAPERMILL = ("PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH")
"""What papermill itself injects with ``--inject-paths`` and the like; no page has any use for it."""

Check = Callable[[str, object], object]


class Page(SimpleNamespace):
    """The parameters of a page as attributes; a list is a tuple."""

    def __getattr__(self, name):
        raise AttributeError(
            f"This page has no parameter {name!r}: write it into the cell tagged `parameters`. "
            f"It has: {', '.join(vars(self))}."
        )


def of(names: Mapping, name: str, **exceptions: Check) -> Page:
    """The parameters of the page that calls this, each checked.

    A value is what papermill was given, else what the profile says in ``book/profiles.yml``, else what the cell tagged
    ``parameters`` says. Where it has no check of its own it is checked by the type in that cell: a whole number is at
    least 1 (``seed`` at least 0), a fraction finite and above 0, a list has one value or more that are each like its
    first, None may become anything.

    Parameters
    ----------
    names
        The page's ``globals()``.
    name
        The page, such as "gcn": the name of its file.
    **exceptions
        Checks ``check(name, value)`` of some parameters, which return the value or raise ValueError.

    Raises
    ------
    ValueError
        For a value that is not accepted, and for a name that papermill was given and the page does not have:
        papermill itself only warns of it, and the page would silently run with its defaults.
    """
    cell, injected = _cells(name)
    for other in injected:
        if other not in cell and other not in OF_PAPERMILL:
            raise ValueError(f"This page has no parameter {other!r}. It accepts: {', '.join(cell)}.")
    given = {key: names[key] for key, value in cell.items() if key in injected or names.get(key, value) != value}
    return _resolved(name, cell, given, exceptions)


def published(name: str, profile: str | None = None, seed: int | None = None) -> Page:
    """The parameters of another page, at a profile and with a seed or else with those of its source."""
    given = {key: value for key, value in {"profile": profile, "seed": seed}.items() if value is not None}
    for path in (_source(name), settings.profiles_file()):
        progress.used(path)
    cell = declared(_source(name).read_text(encoding="utf-8"), name)
    return _resolved(name, cell, given, dict.fromkeys(cell, _unchanged))


def declared(text: str, name: str) -> dict:
    """Names and values in the cell tagged ``parameters`` of a page's percent text.

    Raises ValueError where there is no such cell, or where something else than plain values is assigned in it.
    """
    cells = re.split(r"^(?=# %%)", text, flags=re.MULTILINE)
    tagged = [cell for cell in cells if re.match(r'# %%.*\btags=\[[^]]*"parameters"', cell)]
    if len(tagged) != 1:
        raise ValueError(f"book/{name}.py has {len(tagged)} cells tagged `parameters`: give it one.")
    return _values(tagged[0], name)


def check_profiles(book: Path):
    """Raise ValueError where ``profiles.yml`` has a page or parameter that does not exist, or another type."""
    texts = {name: (book / f"{name}.py").read_text(encoding="utf-8") for name in settings.pages(book)}
    pages = {name: declared(text, name) for name, text in texts.items()}
    for profile, entries in _profiles().items():
        shared = entries.get(EVERY, {}).keys() - {parameter for cell in pages.values() for parameter in cell}
        if shared:
            raise ValueError(f"profiles.yml, {profile}, {EVERY}: no page has {', '.join(sorted(shared))}.")
        for name in entries.keys() - {EVERY}:
            if name not in pages:
                raise ValueError(f"profiles.yml, {profile}: there is no page {name!r}, only {', '.join(pages)}.")
        for name, cell in pages.items():
            for key, value in _profile_values(name, cell, profile).items():
                if cell[key] is not None and type(value) is not type(cell[key]):
                    raise ValueError(
                        f"profiles.yml, {profile}, {name}: {key} = {value!r}, where the page has {cell[key]!r}."
                    )


def profile_changes(name: str) -> dict[str, dict]:
    """What ``profiles.yml`` says about a page, by profile."""
    return {
        key: {page: entries[page] for page in (EVERY, name) if page in entries} for key, entries in _profiles().items()
    }


def _resolved(name: str, cell: dict, given: dict, exceptions: Mapping[str, Check]) -> Page:
    for other in exceptions:
        if other not in cell:
            raise ValueError(f"parameters.of is given a check for {other!r}; the cell tagged `parameters` has none.")
    profile = settings.profile("profile", given.get("profile", cell["profile"]))
    values = cell | _profile_values(name, cell, profile) | given | {"profile": profile}
    return Page(**{key: exceptions.get(key, _check_like(key, cell[key]))(key, values[key]) for key in cell})


def _profile_values(name: str, cell: dict, profile: str) -> dict:
    """What a profile changes on a page whose parameters stand in ``cell``."""
    if profile == settings.PUBLISHED:
        return {}
    entries = _profiles()[profile]
    own = entries.get(name, {})
    for parameter in own:
        if parameter not in cell:
            raise ValueError(
                f"profiles.yml, {profile}, {name}: the page has no parameter {parameter!r}, only {', '.join(cell)}."
            )
    return {key: value for key, value in entries.get(EVERY, {}).items() if key in cell} | own


def _profiles() -> dict[str, dict]:
    import yaml

    read = yaml.safe_load(settings.profiles_file().read_text(encoding="utf-8"))
    profiles = {key: value or {} for key, value in read.items()} if isinstance(read, Mapping) else {"all of it": read}
    for profile, entries in profiles.items():
        for name, changes in entries.items() if isinstance(entries, Mapping) else [(profile, entries)]:
            if not isinstance(changes, Mapping):
                raise ValueError(
                    f"profiles.yml, {profile}: {name} is {changes!r}: give pages with what changes on them, as in "
                    "`gcn: {epochs: 20}`."
                )
    return profiles


def _check_like(name: str, default) -> Check:
    """The check that the type of a default asks for."""
    if name == "seed":
        return checks.not_negative
    if default is None:
        return _unchanged
    if isinstance(default, float) and default == 0:
        return checks.zero_or_positive
    for kind, check in _CHECKS.items():
        if isinstance(default, kind):
            return check
    if not default:
        raise ValueError(f"{name} = []: the cell tagged `parameters` has to say what stands in the list.")
    item = _check_like(name, default[0])
    return lambda name, values: checks.several(name, _no_text(name, values, default), item)


def _no_text(name: str, values, default: list):
    """A list that papermill was given with ``-p`` arrives as text."""
    if isinstance(values, str):
        raise ValueError(
            f"{name} = {values!r}: give a list of one value or more. "
            f'Papermill takes a list with -y, as in -y "{name}: {default}"; what -p gives is text.'
        )
    return values


def _unchanged(name: str, value):
    return tuple(value) if isinstance(value, list) else value


_CHECKS = {bool: checks.true_or_false, int: checks.count, float: checks.positive, str: checks.text}


def _source(name: str) -> Path:
    path = settings.profiles_file().parent / f"{name}.py"
    if not path.exists():
        raise ValueError(f"There is no page {name!r}: {path} does not exist.")
    return path


def _values(cell: str, name: str) -> dict:
    try:
        return {node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(cell).body}
    except (AttributeError, ValueError):
        raise ValueError(
            f"The cell tagged `parameters` of the page {name!r} may hold lines such as `epochs = 200` only, "
            "with plain values; what depends on them is computed in a later cell."
        ) from None


def _cells(name: str) -> tuple[dict, list[str]]:
    """The values of the cell tagged ``parameters``, and the names that papermill assigned after it.

    In a notebook it is the executed cell that assigns ``profile``; papermill's own begins with a comment.
    """
    shell = get_ipython()
    found, injected = None, []
    for text in shell.user_ns.get("In", []) if shell else []:  # the cells that this notebook has executed
        assigned = _assigned(text)
        if text.startswith("# Parameters\n"):
            injected += assigned
        elif "profile" in assigned:
            found, injected = text, []
    if found is None:
        return declared(_source(name).read_text(encoding="utf-8"), name), []
    return _values(found, name), injected


def _assigned(text: str) -> list[str]:
    try:
        nodes = ast.parse(text).body
    except SyntaxError:  # a magic of IPython
        return []
    targets = [target for node in nodes if isinstance(node, ast.Assign) for target in node.targets]
    return [target.id for target in targets if isinstance(target, ast.Name)]
