"""What the site ships: light pictures, and of the scripts, styles, icons and fonts of themes those that pages use."""

import base64
import json
import logging
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from surrogates.book import glue, pictures
from surrogates.store import files

UNUSED = (
    "_static/**/*.map",  # for the debugger of a browser
    "_static/locales",
    "_static/*webpack-macros.html",
    "_static/scripts/fontawesome.js*",  # draws icons that the style sheet has as well
    "_static/vendor/fontawesome/webfonts/*.woff2",
    *(f"_static/mathjax/**/MathJax_{letters}.woff" for letters in ("Fraktur-*", "SansSerif-*", "Script-*", "*-Bold*")),
)
"""What no page loads, whatever stands on it; letters of formulas that none has. A page that asks for them fails in the
test that opens it in a browser."""

MATHJAX = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "output/chtml.js",
    "output/chtml/fonts",
    "a11y/assistive-mml.js",
    "LICENSE",
)
"""The parts of MathJax that the pages load (``loader`` in ``_config.yml``), and its fonts: the one file that has them
all has a menu and a speech engine too. A macro of another part fails in a browser."""

ICON_FONTS = "_static/vendor/fontawesome/webfonts"
ICON = re.compile(r'\.fa-[\w-]+:{1,2}before\{content:"\\([0-9a-f]+)"\}')
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*?([\w-]+)\.ttf[^}]*\}")

# What braces and semicolons may stand in besides rules, or one of them.
_MARK = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|url\((?:\\.|[^)"'\\])*\)|[{};]""", re.DOTALL)
_CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")


def trim(site: Path):
    """Delete what no page of a rendered site uses, in place, and make its pictures light.

    A site that is trimmed already stays as it is.
    """
    for path in [*site.glob("_images/*.png"), *site.glob("_static/*.png")]:
        path.write_bytes(pictures.light(path.read_bytes()))
    for path in site.glob("_sources/**/*.ipynb"):
        _lighten(path)
    for pattern in UNUSED:
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    mathjax = site / "_static" / "mathjax"
    kept = [mathjax / name for name in MATHJAX]
    for path in sorted(mathjax.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif not any(path.is_relative_to(part) for part in kept):
            path.unlink()
    words = _words(site)
    sheets = {path: used_rules(path.read_text(encoding="utf8"), words) for path in site.glob("_static/**/*.css")}
    glyphs = {int(code, 16) for text in sheets.values() for code in ICON.findall(text)}
    fonts = {path.stem for path in site.glob(f"{ICON_FONTS}/*.ttf") if _subset(path, glyphs)}
    fonts |= {path.stem for path in site.glob(f"{ICON_FONTS}/*.woff")}
    for path, text in sheets.items():
        text = FONT_FACE.sub(lambda face: _font_face(face[0], face[1], face[1] in fonts), text)
        path.write_text(text, encoding="utf8")


def _lighten(notebook: Path):
    """Of the figures in a notebook to download keep small pictures; whole ones, and their numbers, are on the site."""
    content = files.read_json(notebook)
    for output in (output for cell in content["cells"] for output in cell.get("outputs", ())):
        whole = output.get("metadata", {}).get(glue.PICTURED, {}).pop("csv", None) is not None
        if "image/png" in (shown := output.get("data", {})):
            smaller = pictures.half if whole else pictures.light
            picture = smaller(base64.b64decode("".join(shown["image/png"])))
            shown["image/png"] = base64.b64encode(picture).decode()
    files.write_text(notebook, json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")


def content_mark(path: Path) -> str:
    """What the address of a file ends with, so that a browser does not show an old one."""
    return f"{zlib.crc32(path.read_bytes()):08x}"


def used_rules(sheet: str, words: Iterable[str]) -> str:
    """The rules of a style sheet whose classes are all among these words, or begin with one that ends in a hyphen."""
    words = set(words)
    stems = tuple(word for word in words if word.endswith("-") and len(word) > 2)

    def used(selector: str) -> bool:
        while selector != (selector := re.sub(r"\([^()]*\)|\[[^\]]*\]", "", selector)):
            pass
        names = [re.sub(r"\\(.)", r"\1", name) for name in _CLASS.findall(selector)]
        return all(name in words or name.startswith(stems) for name in names)

    parts = []
    for prelude, body in _statements(sheet):
        head = re.sub(r"/\*.*?\*/", "", prelude, flags=re.DOTALL).strip()
        if body is None or head.startswith(("@font-face", "@keyframes", "@page", "@property", "@-")):
            parts.append(prelude if body is None else f"{head}{{{body}}}")
        elif head.startswith("@"):
            inner = used_rules(body, words)
            parts.append(f"{head}{{{inner}}}" if inner.strip() else "")
        elif chosen := [selector for selector in _split(head) if used(selector)]:
            parts.append(f"{','.join(chosen)}{{{body}}}")
    return "".join(part + "\n" for part in parts if part.strip())


def _statements(sheet: str) -> Iterator[tuple[str, str | None]]:
    """Selector (or at-rule) and body of each statement of a style sheet; no body where it ends in a semicolon."""
    start, opened, depth = 0, 0, 0
    for found in _MARK.finditer(sheet):
        if found[0] == "{":
            depth += 1
            if depth == 1:
                opened = found.start()
        elif found[0] == "}":
            depth -= 1
            if depth == 0:
                yield sheet[start:opened], sheet[opened + 1 : found.start()]
                start = found.end()
        elif found[0] == ";" and depth == 0:
            yield sheet[start : found.end()], None
            start = found.end()


def _split(selectors: str) -> list[str]:
    """The selectors of a list, at the commas that stand in no brackets."""
    parts, depth = [""], 0
    for sign in selectors:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _words(site: Path) -> set[str]:
    """Everything that may be a class: the words of the pages' attributes, and those of all scripts."""
    words = set()
    for path in site.glob("*.html"):
        for classes in re.findall(r'class="([^"]*)"', path.read_text(encoding="utf8")):
            words |= set(classes.split())
    scripts = [path for path in site.glob("_static/**/*.js") if "mathjax" not in path.parts]
    for text in [path.read_text(encoding="utf8") for path in scripts if path.stat().st_size < 100_000]:  # larger: data
        words |= set(re.findall(r"[A-Za-z_][\w-]*", text))
    return words


def _subset(font: Path, glyphs: set[int]) -> bool:
    """Exchange a font of icons for one of these glyphs alone, as .woff; False where it has none of them."""
    from fontTools import subset, ttLib

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    loaded = ttLib.TTFont(font)
    font.unlink()
    if not glyphs & set(loaded.getBestCmap()):
        return False
    options = subset.Options(flavor="woff", layout_features=[], notdef_outline=False, recalc_timestamp=False)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=glyphs)
    chosen.subset(loaded)
    loaded.flavor = "woff"
    loaded.save(font.with_suffix(".woff"))
    return True


def _font_face(rule: str, font: str, there: bool) -> str:
    """The rule of a font as its subset has it, none for a font without a used icon."""
    address = f'url(../vendor/fontawesome/webfonts/{font}.woff) format("woff")'
    return re.sub(r"src:[^;}]*", lambda _: f"src:{address}", rule) if there else ""
