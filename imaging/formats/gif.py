"""GIF (GIF89a): its screen, its first picture, how many follow."""

import struct
from typing import Final

from imaging.formats.base import MOST_PARTS, CutOffError, Header

MAGIC: Final = (b"GIF87a", b"GIF89a")
_EXTENSION, _IMAGE = 0x21, 0x2C


def read(data: bytes) -> Header:
    """Raises MalformedError. Its size holds the screen and the first picture, which may reach beyond it."""
    if len(data) < 13:
        raise CutOffError("no screen")
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _colours(flags)
    frames, whole = 0, False
    for _ in range(MOST_PARTS):
        if data[at : at + 1] == bytes([_IMAGE]) and at + 10 < len(data):
            left, top, across, down, flags = struct.unpack_from("<HHHHB", data, at + 1)
            if not frames:
                width, height = max(width, left + across), max(height, top + down)
            end = _after_blocks(data, at + 11 + _colours(flags))
        elif data[at : at + 1] == bytes([_EXTENSION]):
            end = _after_blocks(data, at + 2)
        else:
            break
        if end is None:
            break
        frames += data[at] == _IMAGE
        whole, at = frames > 0, end
    pixels = width * height
    return Header("gif", width, height, 1, max(1, frames), whole, 5 * pixels, 3 * pixels)


def _colours(flags: int) -> int:
    """Bytes of the colour table that `flags` announces."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int | None:
    """Where a run of data blocks ends; None when it does not."""
    for _ in range(10 * MOST_PARTS):
        if at >= len(data):
            return None
        length = data[at]
        at += 1 + length
        if not length:
            return at
    return None
