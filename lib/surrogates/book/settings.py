"""What ``make`` is given, checked before anything is installed: this module needs the standard library only.

python -m surrogates.book.settings book --profile=quick --seed=7
"""

import argparse
import re
from pathlib import Path

from surrogates import checks

PUBLISHED = "paper"
"""The profile of the published pages, whose values stand in the pages themselves."""


def profiles_file() -> Path:
    """``book/profiles.yml`` of the repository that the working directory lies in, else of this library's own."""
    here = Path.cwd()
    repositories = (here, *here.parents, Path(__file__).parents[3])
    files = [folder / "book" / "profiles.yml" for folder in repositories]
    return next((file for file in files if file.exists()), files[-1])


def profiles() -> list[str]:
    """The names of all profiles: that of the published pages, and the topmost keys of ``book/profiles.yml``."""
    return [PUBLISHED, *re.findall(r"^(\w+):", profiles_file().read_text(encoding="utf-8"), re.MULTILINE)]


def profile(name: str, value) -> str:
    return checks.one_of(name, value, profiles())


def scheduler(name: str, value) -> str | None:
    """The address of a Dask scheduler such as "tcp://10.0.0.1:8786", or None."""
    if value is not None and not (isinstance(value, str) and re.fullmatch(r"([a-z]+://)?[^\s/]+:\d+/?", value)):
        raise ValueError(
            f"{name} = {value!r}: give the address of a Dask scheduler, such as 'tcp://10.0.0.1:8786', "
            "or none at all for the cores of this machine."
        )
    return value


def pages(book: Path | None = None) -> list[str]:
    """The names of the pages that may be executed, such as "gcn" or, in a folder of the book, "mine/gcn"."""
    book = book or profiles_file().parent
    names = {path: path.relative_to(book).with_suffix("").as_posix() for path in book.rglob("*.py")}
    inside = [path for path, name in names.items() if "/" not in name or "\n# %%" in path.read_text(encoding="utf-8")]
    return sorted(names[path] for path in inside if not names[path].startswith(("_build/", "examples/")))


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Parse what ``python -m surrogates.book.pages`` is given; what it does not accept ends it with exit code 2."""

    def whole(name, text):
        if not text.isascii() or not text.isdigit():
            raise ValueError(f"{name} = {text!r}: give a whole number, 0 or more.")
        return int(text)

    def checked(name, check):
        def convert(text):
            try:
                return check(name, text)
            except ValueError as error:
                raise argparse.ArgumentTypeError(str(error)) from None

        return convert

    parser = argparse.ArgumentParser(
        prog="surrogates.book.pages", description="Execute the pages and render the book.", allow_abbrev=False
    )
    actions = parser.add_subparsers(dest="action", required=True)
    for action, does in {"book": "execute all pages and render them", "pdf": "the same, and print them"}.items():
        book = actions.add_parser(action, help=does, allow_abbrev=False)
        book.add_argument("--profile", type=checked("profile", profile), help=f"one of {', '.join(profiles())}")
        book.add_argument("--seed", type=checked("seed", whole), help="whole number, 0 or more")
        book.add_argument(
            "--scheduler",
            type=checked("scheduler", scheduler),
            help="address of a Dask scheduler for sweeps and searches",
        )
    one = actions.add_parser("page", help="execute one published page into its place", allow_abbrev=False)
    one.add_argument("page", type=checked("page", lambda name, text: checks.one_of(name, text, pages())))
    return parser.parse_args(given)


if __name__ == "__main__":
    arguments()
