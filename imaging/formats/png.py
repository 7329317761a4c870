"""PNG (W3C, third edition): its chunks, walked without reading one that is longer than the data."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from imaging.formats import exif
from imaging.formats.base import MOST_PARTS, CutOffError, Header, MalformedError

MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_GREY, _PALETTE = 0, 3
_NEEDED: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


class _Chunk(NamedTuple):
    """start and end: of the whole chunk, its length and checksum included; the body is from start + 8 to end - 4."""

    name: bytes
    start: int
    end: int


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """The chunks up to IEND, or up to the first that is longer than the data."""
    at = len(MAGIC)
    for _ in range(MOST_PARTS):
        if at + 12 > len(data):
            return
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            return
        chunk = _Chunk(data[at + 4 : at + 8], at, end)
        yield chunk
        if chunk.name == b"IEND":
            return
        at = end


def read(data: bytes) -> Header:
    """Raises MalformedError. Whole is a PNG that has every byte up to its IEND; what follows that is nothing to it."""
    if len(data) < 33:
        raise CutOffError("no header")
    if data[8:16] != b"\0\0\0\x0dIHDR":
        raise MalformedError("IHDR is not first")
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    orientation, frames, whole, transparent = 1, 1, False, colour >= 4
    for chunk in _chunks(data):
        if chunk.name == b"eXIf":
            orientation = exif.orientation(data[chunk.start + 8 : chunk.end - 4])
        elif chunk.name == b"acTL" and chunk.end - chunk.start == 20:
            frames = max(1, int.from_bytes(data[chunk.start + 8 : chunk.start + 12], "big"))
        elif chunk.name == b"tRNS":
            transparent = True
        whole = chunk.name == b"IEND"
    stored = {_GREY: 2 if depth == 16 else 1, _PALETTE: 1}.get(colour, 4)
    pixels = width * height
    memory, halved = (stored + 3) * pixels, stored * pixels + 3 * pixels // 4
    return Header("png", width, height, orientation, frames, whole, memory, halved, transparent=transparent)


def still(data: bytes) -> bytes:
    """The picture alone, as a PNG: no text, profile or animation, which a decoder would unpack, and nothing after its end."""
    needed = [data[chunk.start : chunk.end] for chunk in _chunks(data) if chunk.name in _NEEDED]
    return MAGIC + b"".join(needed)
