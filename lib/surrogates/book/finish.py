"""The last step of a build: what the rendered pages get, and what the site then ships."""

import html
import re
from pathlib import Path

from bs4 import BeautifulSoup

from surrogates.book import (
    accessibility,
    card,
    cards,
    colophon,
    exercises,
    figure_links,
    folds,
    heads,
    passages,
    printed,
    scoreboard,
    shipping,
    units,
)

ENTRY = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="description" content="{description}"/>
<meta http-equiv="refresh" content="0; url={first}.html"/>
</head>
<body><p><a href="{first}.html">{title}</a></p></body>
</html>
"""
"""The page that leads to the first one."""


def finish(app, error):
    """Finish the pages of the site in place. A page that is finished already stays as it is."""
    if error is not None or app.builder.name != "html":
        return
    site, book = Path(app.outdir), app.config.colophon
    (site / printed.NAME).unlink(missing_ok=True)  # it shows another book
    pages, tried = {}, exercises.offered(Path(app.srcdir))
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).with_suffix("").as_posix()
        if name.startswith("_"):
            continue
        if name not in {*app.env.found_docs, "search"}:
            path.unlink()  # of an earlier build
            continue
        page = pages[name] = BeautifulSoup(path.read_bytes(), "html.parser")
        if "data-finished" not in page.html.attrs:
            page.html["data-finished"] = ""
            folds.label_folds(page)
            cards.mark(page)
            scoreboard.mark_verdicts(page)
            exercises.append(page, tried.get(name, []))
            colophon.link_commits(page, book)
            accessibility.mend(page)
            units.bind(page)
            heads.complete_head(page, name, app.config.html_title, book)
    passages.write(site, pages)
    for name, page in pages.items():
        figure_links.complete(page, Path(app.srcdir, f"{name}.ipynb"), site)
    card.draw(site / heads.CARD, app.config.html_title)
    for name, page in pages.items():
        (site / f"{name}.html").write_text(str(page), encoding="utf8")
    first, title = app.config.root_doc, html.escape(app.config.html_title)
    entry = ENTRY.format(first=first, title=title, description=html.escape(heads.description(pages[first])))
    (site / "index.html").write_text(entry, encoding="utf8")
    shipping.trim(site)
    for path in site.glob("*.html"):
        path.write_text(_dated(path.read_text(encoding="utf8"), site), encoding="utf8")


def _dated(text: str, site: Path) -> str:
    """A page whose scripts and styles are asked for by their present content."""

    def current(found: re.Match) -> str:
        return f'{found[1]}="{found[2]}?v={shipping.content_mark(site / found[2])}"'

    return re.sub(r'\b(href|src)="(_static/[^"?]+\.(?:css|js))(?:\?[^"]*)?"', current, text)
