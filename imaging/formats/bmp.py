"""BMP, with OS/2's short header and Windows's long ones."""

import struct
from typing import Final

from imaging.formats.base import CutOffError, Header, MalformedError

MAGIC: Final = b"BM"
_PLAIN, _RLE8, _RLE4, _MASKS = 0, 1, 2, 3
_DEPTHS: Final = (1, 4, 8, 16, 24, 32)


def read(data: bytes) -> Header:
    """Raises MalformedError. Rows that are stored plainly must all be there; of run lengths the decoder must find out."""
    try:
        pixels_at, length = struct.unpack_from("<II", data, 10)
        if length == 12:
            (width, height, _, depth), coding = struct.unpack_from("<HHHH", data, 18), _PLAIN
        else:
            width, height, _, depth, coding = struct.unpack_from("<iiHHI", data, 18)
    except struct.error:
        raise CutOffError("no size") from None
    width, height = abs(width), abs(height)  # a negative height means rows from the top
    if depth not in _DEPTHS or coding not in (_PLAIN, _RLE8, _RLE4, _MASKS):
        raise MalformedError("an unknown kind of BMP")
    row = (width * depth + 31) // 32 * 4
    whole = len(data) >= pixels_at + row * height if coding in (_PLAIN, _MASKS) else len(data) > pixels_at
    pixels = width * height
    if _states_alpha(data):
        return Header("bmp", width, height, 1, 1, whole, 8 * pixels, transparent=True)
    return Header("bmp", width, height, 1, 1, whole, 6 * pixels, 9 * pixels // 2)


def _states_alpha(data: bytes) -> bool:
    """Whether it states which bits of a pixel are its alpha."""
    if len(data) < 70:
        return False
    length, depth, coding = *struct.unpack_from("<I", data, 14), *struct.unpack_from("<HI", data, 28)
    return bool(length >= 56 and depth == 32 and coding == _MASKS and data[66:70] != b"\0\0\0\0")
