"""What a reader sees of a page: its first screen, and its plots on a dark one."""

import base64
import io

import pytest
from PIL import Image, ImageColor

from tests.site.conftest import BOOK, PAGES

COLOURS = {"#ffffff": "#121212", "#000000": "#ffffff", "#e69f00": "#e8a612", "#0072b2": "#4fb9f5"}
"""Of a plot, and on the dark ground of the site: black and white change places, orange stays and is no brown."""

DARK = """(async source => {
  document.documentElement.dataset.mode = document.documentElement.dataset.theme = "dark";
  const picture = document.querySelector("article figure img");
  picture.src = source;
  await picture.decode();
  picture.scrollIntoView({block: "center"});
  await new Promise(done => setTimeout(done, 1000));
  const { x, y, width, height } = picture.getBoundingClientRect();
  return [x, y + height / 2, width];
})"""


def test_a_dark_screen_turns_the_lightness_of_plots_and_keeps_their_hues(origin, browser):
    drawn = Image.new("RGB", (len(COLOURS), 1))
    drawn.putdata([ImageColor.getrgb(colour) for colour in COLOURS])
    file = io.BytesIO()
    drawn.resize((400, 100), Image.Resampling.NEAREST).save(file, "PNG")
    browser.open(f"{origin}simulation.html", 1280, 900)
    source = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    x, y, width = browser.evaluate(f"{DARK}({source!r})")
    taken = browser.call("Page.captureScreenshot", format="png")["data"]
    screen = Image.open(io.BytesIO(base64.b64decode(taken))).convert("RGB")
    for i, shown in enumerate(COLOURS.values()):
        found = screen.getpixel((x + width * (i + 0.5) / len(COLOURS), y))
        assert found == pytest.approx(ImageColor.getrgb(shown), abs=4), list(COLOURS)[i]


FIRST_SCREEN = """(async () => {
  if (window.MathJax && window.MathJax.startup) await window.MathJax.startup.promise;
  const below = selector => document.querySelector(selector)?.getBoundingClientRect();
  const shows = "article :is(figure, table.table):not(.in-short *)";
  const picture = document.querySelector(shows).querySelector("img");
  if (picture) { picture.loading = "eager"; await picture.decode(); }
  return [below(".in-short").bottom, below(shows).top, picture ? picture.getBoundingClientRect().bottom : 0];
})()"""


@pytest.mark.parametrize("page", [page for page in PAGES if (BOOK / f"{page}.ipynb").exists()])
def test_the_first_screen_has_the_answer_and_what_shows_it(origin, browser, page):
    browser.open(f"{origin}{page}.html", 1440, 900)
    answer, begins, picture = browser.evaluate(FIRST_SCREEN)
    assert answer < begins < 600 and picture < 920
