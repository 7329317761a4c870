"""A picture's kind, size and cost from its bytes, so that what would hurt is refused before anything decodes it."""

import struct
from typing import Final

from imaging.formats import avif, bmp, gif, jpeg, png, tiff, webp
from imaging.formats.base import CutOffError, Header, MalformedError

__all__ = ["CutOffError", "Header", "MalformedError", "examine", "picture_kind", "read_header", "size"]

_READERS: Final = {
    "jpeg": jpeg.read,
    "png": png.read,
    "webp": webp.read,
    "avif": avif.read,
    "gif": gif.read,
    "bmp": bmp.read,
    "tiff": tiff.read,
}


def picture_kind(data: bytes) -> str | None:
    """`jpeg`, `png`, `webp`, `avif`, `gif`, `bmp` or `tiff` by the first bytes, whatever a server says; None for no picture."""
    starts = ((jpeg.MAGIC, "jpeg"), (png.MAGIC, "png"), (gif.MAGIC, "gif"), (tiff.MAGIC, "tiff"), (bmp.MAGIC, "bmp"))
    for magic, kind in starts:
        if data.startswith(magic):
            return kind
    if webp.is_webp(data):
        return "webp"
    return "avif" if avif.is_avif(data) else None


def examine(data: bytes) -> Header | None:
    """What the picture states; None for no picture. Raises MalformedError, of which CutOffError for data that ends too soon."""
    kind = picture_kind(data)
    if kind is None:
        return None
    try:
        return _READERS[kind](data)
    except (struct.error, IndexError):
        raise CutOffError("its header is cut off") from None


def read_header(data: bytes) -> Header | None:
    """What the picture states; None for no picture and for a header that cannot be read."""
    try:
        return examine(data)
    except MalformedError:
        return None


def size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels of the picture turned upright; None where it cannot be told. Nothing is decoded."""
    header = read_header(data)
    return None if header is None or header.width < 1 or header.height < 1 else header.size
