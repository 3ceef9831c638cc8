"""The pages as text: ``book/NAME.py`` in the percent format, in the order of the table of contents."""

import tomllib
from pathlib import Path


def in_order(book: Path) -> list[Path]:
    """The pages that are executed, in the order of the table of contents."""
    import yaml

    contents = yaml.safe_load((book / "_toc.yml").read_text())
    names = [contents["root"], *(chapter["file"] for chapter in contents["chapters"])]
    return [book / f"{name}.py" for name in names if (book / f"{name}.py").exists()]


def named(book: Path, name: str) -> Path:
    """The page of that name; RuntimeError where the table of contents has none."""
    pages = {path.stem: path for path in in_order(book)}
    if name not in pages:
        raise RuntimeError(f"page = {name!r}: give one of {', '.join(map(repr, pages))}, the pages in _toc.yml.")
    return pages[name]


def read(source: Path):
    """A page's source as a notebook, with cell names that do not change from one reading to the next."""
    import jupytext

    notebook = jupytext.read(source)
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"], **_pairing(source.parent)}
    return notebook


def _pairing(book: Path) -> dict:
    """What jupytext itself notes in a notebook that it has paired with its source."""
    path = book / "jupytext.toml"
    if not path.exists():
        return {}
    settings = tomllib.loads(path.read_text())
    return {"jupytext": {key: value for key, value in sorted(settings.items()) if key.endswith("_metadata_filter")}}
