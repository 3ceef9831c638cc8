"""The rendered site: it builds without a warning, holds together, and needs nothing from the network."""

import base64
import itertools
import json
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
import yaml

from surrogates.book import pictures
from tests.book.conftest import ran
from tests.site.conftest import BOOK, PAGES, ROOT, build


def article(site, documents, page):
    return documents[site / f"{page}.html"].select_one("article")


# What the build says


def test_builds_without_a_warning(built):
    result = built[0]
    text = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)
    warnings = [line for line in text.splitlines() if "WARNING" in line or "ERROR" in line]
    assert not warnings, "\n".join(warnings)
    assert result.returncode == 0, text[-3000:]


def test_settings_beside_the_pages_are_those_of_the_root():
    for name in ("_config.yml", "_toc.yml"):
        assert (BOOK / name).samefile(ROOT / name), f"book/{name} must be a link to ../{name}"


def test_building_executes_nothing(tmp_path):
    """A page without outputs, built with the book's own settings, must stay as it is."""
    book, trace = tmp_path / "book", tmp_path / "executed"
    book.mkdir()
    shutil.copytree(BOOK / "_static", book / "_static")
    for name in ("_config.yml", "references.bib"):
        shutil.copy(BOOK / name, book / name)
    (book / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    heading = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Page"}
    code = {"cell_type": "code", "id": "b", "metadata": {}, "execution_count": None, "outputs": []}
    code["source"] = f"open({str(trace)!r}, 'w')"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": [heading, code], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (book / "page.ipynb").write_text(json.dumps(notebook))
    result = build(book, tmp_path / "out")
    assert (tmp_path / "out/_build/html/page.html").is_file(), result.stdout
    assert not trace.exists()


def test_the_first_page_has_the_picture_of_another(site, documents):
    image = article(site, documents, "intro").select_one("figure:not(:has(.atoms)) img")
    outputs = [o for cell in json.loads((BOOK / "claims.ipynb").read_text())["cells"] for o in cell.get("outputs", [])]
    glued = [o for o in outputs if o["metadata"].get("scrapbook", {}).get("name") == "fig-claims"]
    assert image.find_parent("figure").select_one("a.figure-data")["href"] == "_data/fig-claims.csv"
    assert (site / image["src"]).read_bytes() == pictures.light(base64.b64decode(glued[0]["data"]["image/png"]))


@pytest.mark.parametrize("asked", ["absent.ipynb::fig", "page.ipynb::absent"])
def test_a_picture_that_no_page_has_is_an_error(tmp_path, asked):
    (tmp_path / "page.ipynb").write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (tmp_path / "first.md").write_text(f"# First\n\n```{{figure-of}} {asked}\n```\n")
    (tmp_path / "conf.py").write_text("extensions = ['myst_nb', 'surrogates.book.site']\nmaster_doc = 'first'")
    result = ran(
        sys.executable, "-m", "sphinx", "-W", "-q", "-D", "exclude_patterns=*.ipynb", tmp_path, tmp_path / "out"
    )
    assert result.returncode
    assert "name a page and what it glues" in result.stderr


@pytest.mark.parametrize("page", PAGES)
def test_page_of_the_contents_is_there_and_linked(site, documents, page):
    assert (site / f"{page}.html").is_file()
    for other in PAGES:
        links = [a["href"] for a in documents[site / f"{other}.html"].select(".bd-sidebar-primary a[href]")]
        assert f"{page}.html" in links or (other == page and "#" in links), f"{other} does not link to {page}"


# Where its links lead and what it loads

LOADED = {
    "script": ["src"],
    "link": ["href"],
    "img": ["src", "srcset"],
    "iframe": ["src"],
    "source": ["src", "srcset"],
    "video": ["src", "poster"],
    "audio": ["src"],
    "track": ["src"],
    "embed": ["src"],
    "object": ["data"],
    "input": ["src"],
    "base": ["href"],
    "use": ["href", "xlink:href"],
    "image": ["href", "xlink:href"],
}
CSS_ADDRESS = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)|@import\s+["']([^"']+)""")


def css_addresses(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return [next(filter(None, groups), "") for groups in CSS_ADDRESS.findall(text)]


def loaded_addresses(document):
    """What a browser fetches for a page by itself, as (element, address)."""
    for name, attributes in LOADED.items():
        for element, attribute in itertools.product(document.find_all(name), attributes):
            value = element.get(attribute)
            if value is None:
                continue
            many = [part.split()[0] for part in value.split(",")] if attribute == "srcset" else [value]
            yield from ((f"<{name} {attribute}>", address) for address in many)
    for element in document.select("[style]"):
        yield from (("style attribute", address) for address in css_addresses(element["style"]))
    for element in document.find_all("style"):
        yield from (("<style>", address) for address in css_addresses(element.get_text()))


def is_remote(address):
    parts = urlsplit(address.strip())
    return bool(parts.netloc) or parts.scheme not in ("", "data", "mailto", "javascript")


def broken(base, address, site, documents):
    """Why an address on the page or style sheet `base` leads nowhere, or None."""
    if is_remote(address) or urlsplit(address).scheme:
        return None
    path, fragment = urldefrag(address)
    target = (base.parent / unquote(urlsplit(path).path)).resolve() if path.partition("?")[0] else base
    if not target.is_file():
        return "no such file"
    if not target.is_relative_to(site.resolve()):
        return "outside the site"
    if fragment and target in documents:
        anchor = unquote(fragment)
        if not documents[target].find(attrs={"id": anchor}) and not documents[target].find("a", attrs={"name": anchor}):
            return "no such anchor"
    return None


def test_internal_links_and_assets_resolve(site, documents):
    faults = []
    for path, document in documents.items():
        links = [("<a href>", a["href"]) for a in document.select("a[href]")]
        for where, address in itertools.chain(links, loaded_addresses(document)):
            if reason := broken(path, address, site, documents):
                faults.append(f"{path.name}: {where} {address}: {reason}")
    for path in site.rglob("*.css"):
        for address in css_addresses(path.read_text(encoding="utf8")):
            if reason := broken(path, address, site, documents):
                faults.append(f"{path.relative_to(site)}: url({address}): {reason}")
    assert not faults, "\n".join(sorted(set(faults)))


def test_nothing_is_loaded_from_another_host(site, documents):
    faults = []
    for path, document in documents.items():
        faults += [f"{path.name}: {where} {url}" for where, url in loaded_addresses(document) if is_remote(url)]
        for script in document.find_all("script", src=False):
            urls = re.findall(r"""["'`](?:https?:|wss?:)?//[^"'`]+""", script.get_text())
            faults += [f"{path.name}: inline script names {url}" for url in urls]
    for path in site.rglob("*.css"):
        addresses = css_addresses(path.read_text(encoding="utf8"))
        faults += [f"{path.relative_to(site)}: {url}" for url in addresses if is_remote(url)]
    assert not faults, "\n".join(sorted(set(faults)))


def test_mathjax_is_shipped_and_keeps_to_the_site(site, documents):
    """Its menu is off: the speech engine that it offers is fetched from another host."""
    pages = [path for path, document in documents.items() if document.select(".math")]
    assert pages, "no page holds an equation"
    for path in pages:
        scripts = documents[path].find_all("script")
        sources = [script["src"] for script in scripts if "mathjax" in script.get("src", "").lower()]
        assert len(sources) == 1 and not is_remote(sources[0]), f"{path.name}: {sources}"
        texts = [script.get_text() for script in scripts if "window.MathJax" in script.get_text()]
        assert len(texts) == 1, f"{path.name}: {len(texts)} MathJax configurations"
        config = json.loads(texts[0].partition("=")[2].strip().rstrip(";"))
        assert config["options"]["enableMenu"] is False
        assert "//" not in texts[0]
        missing = [part for part in config["loader"]["load"] if not (site / "_static/mathjax" / f"{part}.js").exists()]
        assert not missing, "they are left out by shipping"
    assert list(site.glob("_static/mathjax/output/chtml/fonts/**/*.woff"))


# What stands on the pages


def test_no_part_has_the_title_of_a_chapter(site, documents):
    parts = [part["caption"] for part in yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]]
    titles = [article(site, documents, page).h1.get_text() for page in PAGES]
    assert len(parts) > 2 and not [part for part in parts if any(part.lower() in title.lower() for title in titles)]


@pytest.mark.parametrize("page", PAGES)
def test_figures_have_caption_number_and_alternative_text(site, documents, page):
    body = article(site, documents, page)
    faults = [f"{figure.get('id')} has no number" for figure in body.select("figure:not(:has(.caption-number))")]
    for image in body.find_all("img"):
        alt, source = image.get("alt", "").strip(), image["src"]
        if not alt or Path(source).name in alt:
            faults.append(f"{source} has no alternative text")
        figure = image.find_parent("figure")
        if figure is None or not figure.select_one("figcaption .caption-text"):
            faults.append(f"{source} ({alt}) has no caption")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("page", PAGES)
def test_no_role_or_glue_key_is_left_unresolved(site, documents, page):
    body = article(site, documents, page)
    assert not body.select(".problematic, .system-message, .pending"), "an unresolved reference is on the page"
    prose = [str(text) for text in body.find_all(string=True) if not text.find_parent(["pre", "code"])]
    raw = [text for text in prose if re.search(r"\{(glue|numref|eq|ref|doc|cite|math)\b[^}\s]*\}", text)]
    assert not raw, f"unresolved role in: {raw}"
    empty = [element for element in body.select(".pasted-text") if not element.get_text(strip=True)]
    assert not empty, "a glued value is empty"


@pytest.mark.parametrize("page", [page for page in PAGES if (BOOK / f"{page}.ipynb").exists()])
def test_notebook_holds_no_error(page):
    notebook = json.loads((BOOK / f"{page}.ipynb").read_text(encoding="utf8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    errors = [f"{output['ename']}: {output['evalue']}" for output in outputs if output["output_type"] == "error"]
    assert not errors, errors


# In a browser that can reach nothing but the site

FINDINGS = """
(async () => {
  if (window.MathJax && window.MathJax.startup) await window.MathJax.startup.promise;
  await document.fonts.ready;
  for (const image of document.images) image.loading = "eager";
  await Promise.allSettled([...document.images].map(image => image.decode()));
  const scrolls = element => {
    for (let e = element.parentElement; e && !e.matches("article"); e = e.parentElement)
      if (getComputedStyle(e).overflowX !== "visible") return true;
    return false;
  };
  const beyond = [...document.querySelectorAll("article *")].filter(element => {
    const box = element.getBoundingClientRect();
    const outside = box.width > 1 && box.right > document.documentElement.clientWidth + 1;
    return outside && !element.closest("mjx-assistive-mml") && !scrolls(element);
  });
  return {
    width: document.documentElement.scrollWidth,
    viewport: document.documentElement.clientWidth,
    beyond: beyond.slice(0, 5).map(element => element.outerHTML.slice(0, 120)),
    equations: document.querySelectorAll(".math").length,
    typeset: document.querySelectorAll("mjx-container").length,
    untypeset: [...document.querySelectorAll(".math")].filter(e => !e.querySelector("mjx-container")).length,
    // An unknown command is no error to MathJax: it is set in red.
    errors: document.querySelectorAll("mjx-merror, merror, [data-mjx-error], mtext[mathcolor=red]").length,
    mathml: document.querySelectorAll("mjx-assistive-mml").length,
    brokenImages: [...document.images].filter(image => !image.naturalWidth).map(image => image.src),
  };
})()
"""


FAINT = """
(async theme => {
  document.documentElement.dataset.mode = document.documentElement.dataset.theme = theme;
  await new Promise(done => setTimeout(done, 300));  // colours fade over
  const parse = text => {
    const numbers = text.match(/[-.\\d]+(e-?\\d+)?/g).map(Number);
    return text.startsWith("color(") ? [...numbers.slice(0, 3).map(v => 255 * v), ...numbers.slice(3)] : numbers;
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0.5) return colour;
    }
    return [255, 255, 255];
  };
  const linear = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const faint = new Set(), article = document.querySelector("article");
  if (!article) return [];  // the page of the search, which is the theme's own
  const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest("script, style, svg, mjx-container, .headerlink") ||
        !element.checkVisibility()) continue;
    const both = [luminance(parse(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => b - a);
    const contrast = (both[0] + 0.05) / (both[1] + 0.05);
    if (contrast < 3) faint.add(contrast.toFixed(1) + ": " + element.outerHTML.slice(0, 120));
  }
  return [...faint].slice(0, 5);
})
"""


@pytest.mark.parametrize(
    ("width", "height", "mobile"), [(1280, 900, False), (390, 844, True)], ids=["desktop", "phone"]
)
@pytest.mark.parametrize("page", [*PAGES, "search"])
def test_page_in_a_browser_without_network(site, origin, browser, page, width, height, mobile):
    browser.open(f"{origin}{page}.html", width, height, mobile)
    found = browser.evaluate(FINDINGS)
    complaints = list(browser.complaints(origin))
    assert not complaints, "\n".join(complaints)
    assert found["brokenImages"] == []
    assert found["untypeset"] == 0, f"{found['untypeset']} of {found['equations']} equations are not typeset"
    assert found["typeset"] == found["mathml"] >= found["equations"], found
    assert found["errors"] == 0, "MathJax shows an error"
    assert found["beyond"] == [] and found["width"] <= found["viewport"], f"wider than the window: {found}"
    for theme in ("light", "dark"):
        assert browser.evaluate(f"{FAINT}({theme!r})") == [], f"text that is hard to read in the {theme} theme"
