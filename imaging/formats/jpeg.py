"""JPEG (ITU-T T.81): its frame, its scans, its end."""

import re
import struct
from typing import Final

from imaging.formats import exif
from imaging.formats.base import MOST_PARTS, CutOffError, Header, MalformedError

MAGIC: Final = b"\xff\xd8\xff"
_MARKER: Final = re.compile(rb"\xff[^\x00\xff]")  # 0xFF 0x00 is a stuffed byte, 0xFF 0xFF a fill; stray bytes are stepped over
_END, _SCAN, _APP1 = 0xD9, 0xDA, 0xE1
_PROGRESSIVE: Final = (0xC2, 0xC6, 0xCA, 0xCE)
# Encoders write about ten scans. Each one goes over the whole picture, so a small file could keep a processor busy for hours.
_MOST_SCANS: Final = 100
_MOST_SCANNED: Final = 1_000_000_000  # scans × pixels


def read(data: bytes) -> Header:
    """Raises MalformedError. Memory: OpenCV's result is copied once; several scans are kept as coefficients until the last."""
    frame: tuple[int, int, int, float] | None = None  # height, width, components, coefficients a pixel
    at, orientation, scans, whole, buffered, problem = 2, 0, 0, False, False, ""
    for _ in range(MOST_PARTS):
        found = _MARKER.search(data, at)
        if found is None:
            break
        marker, at = found.group()[1], found.end()
        if marker == _END:
            whole = scans > 0
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # these stand alone
            continue
        if at + 2 > len(data):
            break
        (length,) = struct.unpack_from(">H", data, at)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            frame = frame or _frame(data, at)
            buffered = buffered or marker in _PROGRESSIVE
        elif marker == _SCAN:
            if frame is None:
                raise MalformedError("a scan before the frame")
            scans += 1
            buffered = buffered or data[at + 2 : at + 3] < bytes([frame[2]])
        elif marker == _APP1 and not scans and not orientation and data[at + 2 : at + 8] == b"Exif\0\0":
            orientation = exif.orientation(data[at + 2 : at + length])
        at += length
    else:
        problem = "a JPEG of more segments than any encoder writes"
    if frame is None:
        raise CutOffError("no frame")
    height, width, _, coefficients = frame
    pixels = height * width
    if scans > _MOST_SCANS or scans * pixels > max(_MOST_SCANNED, pixels):
        problem = f"a JPEG of {scans} scans, more than any encoder writes"
    kept = int(2 * coefficients * pixels) if buffered else 0
    memory, halved = max(6 * pixels, 3 * pixels + kept), max(6 * pixels // 4, 3 * pixels // 4 + kept)
    return Header("jpeg", width, height, orientation or 1, 1, whole, memory, halved, problem)


def _frame(data: bytes, at: int) -> tuple[int, int, int, float]:
    try:
        _, height, width, components = struct.unpack_from(">BHHB", data, at + 2)
        factors = [(data[at + 9 + 3 * number] >> 4) * (data[at + 9 + 3 * number] & 15) for number in range(components)]
    except (struct.error, IndexError):
        raise CutOffError("the frame is cut off") from None
    if not factors or min(factors) < 1:
        raise MalformedError("a frame without components")
    return height, width, components, sum(factors) / max(factors)
