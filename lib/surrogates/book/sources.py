"""The pages as text: ``book/NAME.py`` in the percent format, in the order of the table of contents."""

import tomllib
from pathlib import Path


def in_order(book: Path) -> list[Path]:
    """The pages that are executed, in the order of the table of contents: those whose text is a ``.py`` file.

    All others are shown as they are. RuntimeError where jupyter-book does not accept the table.
    """
    from sphinx_external_toc import parsing

    try:
        contents = parsing.parse_toc_yaml(contents_file(book))
    except (OSError, parsing.MalformedError) as error:
        raise RuntimeError(f"{contents_file(book)} is no table of contents of jupyter-book: {error}") from None
    found = {}

    def add(name: str):
        document = contents.get(name)
        for suffix in ("", ".md", ".ipynb"):  # which an entry may have
            source = book / f"{name.removesuffix(suffix)}.py"
            if source.exists():
                found[source] = None
        for tree in document.subtrees if document else ():
            for item in tree.items:
                if isinstance(item, parsing.GlobItem):
                    for path in sorted(book.glob(f"{item}.py")):
                        found[path] = None
                elif isinstance(item, parsing.FileItem):
                    add(str(item))

    add(contents.root.docname)
    return list(found)


def contents_file(book: Path, name: str = "_toc.yml") -> Path:
    """The table of contents of a book, or its other file of settings.

    In ``book/`` it is a link to that of the repository; where git makes no links, it is a text that names it.
    """
    path = book / name
    return path.parent / path.name if not _is_text_of_link(path) else book / path.read_text(encoding="utf-8").strip()


def _is_text_of_link(path: Path) -> bool:
    return path.is_file() and path.stat().st_size < 100 and (path.parent / path.read_text(encoding="utf-8")).is_file()


def name_of(source: Path, book: Path) -> str:
    """The name of a page: its place in the book without the suffix, such as "gcn" or "mine/gcn"."""
    return source.relative_to(book).with_suffix("").as_posix()


def read(source: Path):
    """A page's source as a notebook, with cell names that do not change from one reading to the next."""
    import jupytext

    notebook = jupytext.read(source)
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"], **_pairing(source)}
    return notebook


def _pairing(source: Path) -> dict:
    """What jupytext itself notes in a notebook that it has paired with its source."""
    places = (folder / "jupytext.toml" for folder in source.parents)
    path = next((place for place in places if place.exists()), None)
    if path is None:
        return {}
    settings = tomllib.loads(path.read_text(encoding="utf-8"))
    return {"jupytext": {key: value for key, value in sorted(settings.items()) if key.endswith("_metadata_filter")}}
