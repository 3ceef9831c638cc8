"""Pictures of the pages: drawn with few colours, they are a third as large and look the same."""

import io

from PIL import Image, PngImagePlugin

COLOURS = 64


def light(png: bytes) -> bytes:
    """A picture with a palette, white and what fills an area in it; one that has so few colours is left."""
    picture = PngImagePlugin.PngImageFile(io.BytesIO(png))
    if picture.mode == "P" and len(picture.getcolors()) <= COLOURS:
        return png
    few = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return written.getvalue()
