"""The animated structure: what is in it, and that it moves in a browser."""

import json
import re
import time

import numpy as np
import pytest
from bs4 import BeautifulSoup

from surrogates.analysis import animation

FRAMES = np.array([[[0.0, 0.0], [4.0, 0.0]], [[0.0, 0.0], [2.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]]])
CAPTIONS = ["V = 0", "V < 1", "the end </script>"]


def drawn():
    return animation.html("two-atoms", FRAMES, CAPTIONS, 'two "atoms" & more')


def test_the_last_frame_stands_there_without_scripts():
    page = BeautifulSoup(drawn(), "html.parser")
    circles = [(float(circle["cx"]), float(circle["cy"])) for circle in page.find_all("circle")]
    assert circles == [(-50, 50), (50, -50)], "centred, with y upwards"
    assert page.find("span").text == CAPTIONS[-1]
    assert page.find("svg")["aria-label"] == 'two "atoms" & more'
    left, _, width, height = map(float, page.find("svg")["viewbox"].split())
    assert left <= -200 - 50
    assert width == height >= 500
    assert len(page.find_all("script")) == 1
    assert not re.search(r"https?://", drawn())


def test_the_same_frames_give_the_same_text():
    assert drawn() == drawn()
    data = json.loads(re.search(r'"two-atoms", (\{.*\}), 500\)', drawn())[1])
    assert data["frames"][0] == [-200, 0, 200, 0]
    assert data["captions"] == CAPTIONS


def in_space():
    """Two atoms that pass each other along the line of sight, between four that lie far apart across it."""
    frames = np.zeros((2, 6, 3))
    frames[:, 2:4, 0], frames[:, 4:, 1] = [-5.0, 5.0], [-3.0, 3.0]
    frames[:, :2, 2] = [-1.0, 1.0], [1.0, -1.0]
    return animation.html("space", frames, CAPTIONS[:2], "in space")


def test_in_space_the_nearest_is_drawn_last_and_the_farthest_is_the_palest():
    page = BeautifulSoup(in_space(), "html.parser")
    opacities = [float(circle["fill-opacity"]) for circle in page.find_all("circle")]
    assert opacities == sorted(opacities)
    assert opacities[0] == animation.PALEST and opacities[-1] == animation.DARKEST
    assert sorted(abs(float(circle["cx"])) for circle in page.find_all("circle"))[-2:] == [500, 500]


def test_in_space_depths_follow_the_frames(browser, tmp_path):
    (tmp_path / "page.html").write_text(f"<!doctype html><html><body>{in_space()}</body></html>")
    browser.open(f"file://{tmp_path}/page.html", 800, 600)
    of_all = "Array.from(document.querySelectorAll('circle'), (circle) => +circle.getAttribute('fill-opacity')).join()"
    seen = set()
    for _ in range(40):
        shown = [float(value) for value in browser.evaluate(of_all).split(",")]
        assert shown == sorted(shown), "the nearest is drawn last at every moment"
        seen.add(tuple(shown))
        time.sleep(0.03)
    assert len(seen) > 3 and any(max(shown) < 0.85 for shown in seen), "the two pass each other"


def test_it_moves_until_it_is_paused(browser, tmp_path):
    (tmp_path / "page.html").write_text(f"<!doctype html><html><body>{drawn()}</body></html>")
    place = "document.querySelector('circle').getAttribute('cx')"
    caption, button = (f"document.querySelector('{name}').textContent" for name in ("span", "button"))
    browser.open(f"file://{tmp_path}/page.html", 800, 600)
    assert browser.evaluate(button) == "Pause"
    seen = set()
    for _ in range(300):
        seen.add((browser.evaluate(place), browser.evaluate(caption)))
        if {shown for _, shown in seen} == set(CAPTIONS):
            break
        time.sleep(0.05)
    assert {shown for _, shown in seen} == set(CAPTIONS), "every frame is shown"
    assert len({at for at, _ in seen}) > len(CAPTIONS), "and places between the frames"
    browser.evaluate("document.querySelector('button').click()")
    assert browser.evaluate(button) == "Play"
    time.sleep(0.2)  # for a frame that was asked for before
    stays = browser.evaluate(place)
    time.sleep(0.3)
    assert browser.evaluate(place) == stays


@pytest.mark.parametrize(
    ("frames", "captions"),
    [(FRAMES[:2], CAPTIONS), (FRAMES[0], CAPTIONS[:2]), (FRAMES * np.nan, CAPTIONS), (np.zeros((3, 2, 4)), CAPTIONS)],
)
def test_frames_that_cannot_be_drawn_are_refused(frames, captions):
    with pytest.raises(ValueError, match="frames of shape .* give finite positions"):
        animation.html("a", frames, captions, "")
    with pytest.raises(ValueError, match="^name = 'A b'"):
        animation.html("A b", FRAMES, CAPTIONS, "")
