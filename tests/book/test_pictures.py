"""Pictures are made light, and look as before."""

import io

import numpy as np
import pytest
from matplotlib import colors
from PIL import PngImagePlugin

from surrogates.analysis import plots
from surrogates.book import pictures


@pytest.fixture(scope="module")
def drawn():
    figure, axes = plots.blank()
    points = np.random.default_rng(0).normal(size=(2, 2000))
    axes.scatter(*points, alpha=0.35, color=plots.BLUE)
    axes.axhspan(0, 1, color=plots.ORANGE)
    axes.scatter([0], [3], s=20, color=plots.RED)
    written = io.BytesIO()
    figure.savefig(written)
    return written.getvalue()


def pixels(png):
    return np.asarray(PngImagePlugin.PngImageFile(io.BytesIO(png)).convert("RGB")).astype(int)


def test_a_light_picture_is_smaller_and_looks_the_same(drawn):
    before, light = pixels(drawn), pictures.light(drawn)
    after = pixels(light)
    assert len(light) < 0.5 * len(drawn)
    assert after.shape == before.shape and np.abs(after - before).mean() < 0.5
    white = (before == 255).all(axis=-1)
    assert white.mean() > 0.3 and (after[white] == 255).all(), "a dark page turns it into its own ground"


def test_what_is_small_keeps_its_colour(drawn):
    found = {tuple(colour) for colour in pixels(pictures.light(drawn)).reshape(-1, 3).tolist()}
    assert tuple(round(255 * part) for part in colors.to_rgb(plots.RED)) in found


def test_a_light_picture_stays_as_it_is(drawn):
    light = pictures.light(drawn)
    assert pictures.light(light) is light


def test_half_a_picture_has_a_quarter_of_its_pixels(drawn):
    before, after = pixels(drawn), pixels(pictures.half(drawn))
    assert [round(size / 2) for size in before.shape[:2]] == pytest.approx(list(after.shape[:2]), abs=1)
    of_four = before[:200, :200].reshape(100, 2, 100, 2, -1).mean(axis=(1, 3))
    assert np.abs(after[:100, :100] - of_four).mean() < 0.5
    assert len(pictures.half(drawn)) < 0.5 * len(pictures.light(drawn))
