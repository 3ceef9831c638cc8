"""What a reader gets with a figure of the site: its numbers, and the picture at its full size."""

from pathlib import Path

from bs4 import BeautifulSoup

from surrogates.book import glue
from surrogates.store import files


def complete(page: BeautifulSoup, notebook: Path, site: Path):
    """Give the figures of a rendered page their size and links, and write their numbers beside the pages."""
    for picture in page.select("article figure:not(:has(.atoms)) > img"):
        picture.wrap(page.new_tag("a", href=picture["src"], attrs={"class": "full-size"}))
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
