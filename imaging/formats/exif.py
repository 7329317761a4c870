"""EXIF's orientation (CIPA DC-008, tag 0x0112), the one thing of it that changes how a picture is seen."""

import struct
from typing import Final

_ORIENTATION: Final = 0x0112
_SHORT: Final = 3
_PREFIX: Final = b"Exif\0\0"


def orientation(exif: bytes) -> int:
    """1 to 8 of an EXIF block, with or without the `Exif` mark before it; 1 where it says nothing that can be read."""
    tiff = exif.removeprefix(_PREFIX)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for number in range(count):
            tag, kind, values, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * number)
            if tag == _ORIENTATION:
                return int(value) if kind == _SHORT and values == 1 and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1
