"""Pictures in every format, made for a test."""

import io
from typing import Any, Final

from PIL import Image

KINDS: Final = ("jpeg", "png", "webp", "avif", "gif", "bmp", "tiff")
TURNABLE: Final = ("jpeg", "png", "webp", "avif", "tiff")


def save(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture in a format, by Pillow."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def wide(mode: str = "RGB") -> Image.Image:
    """60 × 40: the left half dark, the right half light, and a red upper left corner."""
    picture = Image.new("RGB", (60, 40), (40, 40, 40))
    picture.paste((220, 220, 220), (30, 0, 60, 40))
    picture.paste((250, 0, 0), (0, 0, 15, 10))
    return picture.convert(mode)
