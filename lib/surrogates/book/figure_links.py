"""What a reader gets with a figure of the site: its numbers, and the picture at its full size."""

from pathlib import Path

from bs4 import BeautifulSoup

from surrogates.book import glue
from surrogates.store import files

DARK = """
<svg aria-hidden="true" class="dark-figures" height="0" width="0">
<filter color-interpolation-filters="sRGB" id="dark-figures">
<feColorMatrix in="SourceGraphic" result="turned" values="0.574 -1.43 -0.144 0 1
 -0.426 -0.43 -0.144 0 1  -0.426 -1.43 0.856 0 1  0 0 0 1 0"></feColorMatrix>
<feColorMatrix in="SourceGraphic" result="warm" values="1 0 -1 0 0  0 1 -1 0 0  0 0 0 0 0  0 0 0 1 0"></feColorMatrix>
<feBlend in="turned" in2="warm" mode="lighten"></feBlend>
</filter>
</svg>
"""
"""What the style sheet turns plots with for a dark screen: their lightness is turned and their hues kept, but orange
stays as it is, because a dark orange is a brown."""


def complete(page: BeautifulSoup, notebook: Path, site: Path):
    """Give the figures of a rendered page their size and links, and write their numbers beside the pages."""
    for picture in page.select("article figure:not(:has(.atoms)) > img"):
        picture.wrap(page.new_tag("a", href=picture["src"], attrs={"class": "full-size"}))
    if page.select_one("article img") and not page.select_one("svg.dark-figures"):
        page.body.append(BeautifulSoup(DARK, "html.parser"))
    for name, about in glue.figures(files.read_json(notebook)).items() if notebook.exists() else ():
        figure = page.select_one(f"figure[id='{name}']")
        if figure is None or figure.select_one(".figure-data"):
            continue
        picture = figure.select_one("img")
        picture["width"], picture["height"] = about["width"], about["height"]
        if about["csv"]:
            path = f"_data/{name}.csv"
            files.write_text(site / path, about["csv"])
            link = page.new_tag("a", href=path, attrs={"class": "figure-data", "download": ""})
            link.string = "Its numbers (CSV)"
            figure.select_one("figcaption p").extend([" ", link])
