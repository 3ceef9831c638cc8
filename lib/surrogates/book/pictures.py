"""Pictures of the pages: with a palette they are a third as large and look the same."""

import io

import numpy as np
from PIL import Image, PngImagePlugin

_COLOURS, _EXACT = 256, 64


def light(png: bytes) -> bytes:
    """A picture with a palette: its most frequent colours as they are, near ones for the others.

    One that has a palette is left. A palette of averages alone would grey what is small and coloured, such as one
    orange atom among blue ones.
    """
    picture = PngImagePlugin.PngImageFile(io.BytesIO(png))
    if picture.mode == "P":
        return png
    plain = picture.convert("RGB")
    pixels = np.asarray(plain)
    packed = (pixels.astype(int) << (16, 8, 0)).sum(axis=-1).ravel()  # one number a colour: to sort rows takes seconds
    packed, places, numbers = np.unique(packed, return_inverse=True, return_counts=True)
    colours = packed[:, None] >> (16, 8, 0) & 255
    frequent = colours[np.argsort(-numbers, kind="stable")[:_EXACT]]
    others = plain.quantize(_COLOURS - _EXACT, Image.Quantize.FASTOCTREE).getpalette()
    palette = np.concatenate([frequent, np.reshape(others, (-1, 3))]).astype(int)
    nearest = [((palette - colour) ** 2).sum(axis=1).argmin() for colour in colours]
    few = Image.fromarray(np.array(nearest, dtype="uint8")[places.reshape(pixels.shape[:2])])
    few.putpalette(palette.ravel().tolist())
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


def half(png: bytes) -> bytes:
    """The picture at half its width and height, :func:`light`."""
    picture = PngImagePlugin.PngImageFile(io.BytesIO(png)).convert("RGB")
    written = io.BytesIO()
    picture.reduce(2).save(written, "PNG")
    return light(written.getvalue())
