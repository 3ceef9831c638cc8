"""The whole book as one PDF, which ``make pdf`` prints from the rendered site with Chromium."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from bs4 import BeautifulSoup, Tag

NAME = "companion.pdf"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
NO_CHROMIUM = "no Chromium is installed (looked for chromium, google-chrome, chromium-browser)"

LEFT_OUT = "script, noscript, button, .headerlink, .toggle-button, .figure-data, details.hide, form"
"""Of an article, what only a screen needs; folded code stands on the site and in the notebooks."""


def print_book(site: Path) -> Path:
    """Print the book beside its pages, and let the foot of each page lead to it. Returns the path of the PDF.

    Raises
    ------
    RuntimeError
        Where there is no Chromium, no site, or no PDF after the printing.
    """
    if CHROMIUM is None:
        raise RuntimeError(f"The book cannot be printed: {NO_CHROMIUM}. Debian: apt-get install chromium.")
    if not (site / "intro.html").exists():
        raise RuntimeError(f"There is no rendered book in {site}: `make book` makes it.")
    together, target = site / "print.html", site / NAME
    together.write_text(str(one_document(site)), encoding="utf8")
    target.unlink(missing_ok=True)
    flags = ["headless", "no-sandbox", "disable-gpu", "no-pdf-header-footer", "generate-pdf-document-outline"]
    flags += ["virtual-time-budget=120000", f"print-to-pdf={target.resolve()}"]
    try:
        with tempfile.TemporaryDirectory(prefix="print-", ignore_cleanup_errors=True) as folder:
            options = [f"--{flag}" for flag in (*flags, f"user-data-dir={folder}")]
            done = subprocess.run(
                [CHROMIUM, *options, together.resolve().as_uri()], capture_output=True, encoding="utf-8"
            )
    finally:
        together.unlink()
    if not target.exists():
        raise RuntimeError(f"{CHROMIUM} has printed nothing:\n{done.stderr[-2000:]}")
    for path in site.glob("*.html"):
        link_print(path)
    return target


def link_print(path: Path):
    """Let the foot of a rendered page lead to the PDF beside it."""
    page = BeautifulSoup(path.read_bytes(), "html.parser")
    foot = page.select_one("ul.colophon")
    if foot is not None and not foot.select_one(f"a[href='{NAME}']"):
        foot.append(BeautifulSoup(f'<li><a href="{NAME}">The book as PDF</a></li>', "html.parser"))
        path.write_text(str(page), encoding="utf8")


def one_document(site: Path) -> BeautifulSoup:
    """All pages of a rendered site in one, in their order, without what only a screen needs."""
    first = BeautifulSoup((site / "intro.html").read_bytes(), "html.parser")
    links = [link["href"].partition("#")[0] or "intro.html" for link in first.select(".bd-docs-nav a[href]")]
    names = dict.fromkeys(link.removesuffix(".html") for link in links)
    document = BeautifulSoup('<!DOCTYPE html><html lang="en" data-theme="light"><head></head></html>', "html.parser")
    document.head.extend(first.select("head > meta[charset], head > title, head > link[rel=stylesheet]"))
    pages = {name: BeautifulSoup((site / f"{name}.html").read_bytes(), "html.parser") for name in names}
    scripts = next(found for page in pages.values() if (found := _mathjax(page)))
    document.head.extend(scripts)
    body = document.new_tag("body")
    document.html.append(body)
    body.extend(_article(name, page, names) for name, page in pages.items())
    foot = first.select_one("ul.colophon")
    if foot is not None:
        for link in foot.select("a[href]"):
            link["href"] = _within(link["href"], "intro", names)
        body.article.section.h1.insert_after(foot)
    return document


def _mathjax(page: BeautifulSoup) -> list[Tag]:
    return [tag for tag in page.select("head script") if "mathjax" in (tag.get("src", "") + tag.get_text()).lower()]


def _article(name: str, page: BeautifulSoup, names) -> Tag:
    """The article of a page, its anchors made those of this page, and links between pages made links within."""
    article = page.select_one("article")
    article["id"] = "top"
    for part in article.select(LEFT_OUT):
        part.decompose()
    for cell in article.select("div.cell"):
        if not cell.get_text(strip=True) and not cell.select("img, svg"):
            cell.decompose()  # or a heading would keep to it, not to what follows
    for part in article.select("[id]"):
        part["id"] = f"{name}--{part['id']}"
    article["id"] = f"{name}--top"
    for link in article.select("a.full-size"):
        link.unwrap()
    for picture in article.select("img[loading]"):
        del picture["loading"]
    for part in article.select("[href], [clip-path]"):
        for key in {"href", "clip-path"} & set(part.attrs):
            part[key] = re.sub(r"^url\(#", f"url(#{name}--", _within(part[key], name, names))
    return article


def _within(address: str, name: str, names) -> str:
    """An address on the page of this name, as it is where all pages are one."""
    path, _, anchor = address.partition("#")
    page = path.removesuffix(".html") if path else name
    return f"#{page}--{anchor or 'top'}" if page in names and (path or anchor) else address
