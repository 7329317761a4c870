"""PNG (W3C, third edition): its chunks, walked without reading one that is longer than the data."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from imaging.formats import exif
from imaging.formats.base import MOST_PARTS, CutOffError, Header, MalformedError

MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_GREY, _PALETTE, _GREY_ALPHA, _ALPHA = 0, 3, 4, 6
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
    orientation, frames, clear, whole = 1, 1, colour in (_GREY_ALPHA, _ALPHA), False
    for chunk in _chunks(data):
        if chunk.name == b"eXIf":
            orientation = exif.orientation(data[chunk.start + 8 : chunk.end - 4])
        elif chunk.name == b"acTL" and chunk.end - chunk.start == 20:
            frames = max(1, int.from_bytes(data[chunk.start + 8 : chunk.start + 12], "big"))
        elif chunk.name == b"tRNS":
            clear = True
        whole = chunk.name == b"IEND"
    samples = 4 * max(1, depth // 8) if clear else 3
    return Header("png", width, height, orientation, frames, whole, samples * width * height)


def still(data: bytes) -> bytes:
    """The picture alone, as a PNG: no text, profile or animation, which a decoder would unpack, and nothing after its end."""
    needed = [data[chunk.start : chunk.end] for chunk in _chunks(data) if chunk.name in _NEEDED]
    return MAGIC + b"".join(needed)


def clear_grey(data: bytes) -> int | None:
    """The one grey of a grey picture that is transparent, 0 to 255 (to 65,535 where samples have 16 bits); None without."""
    depth, colour = data[24], data[25]
    if colour != _GREY:
        return None
    for chunk in _chunks(data):
        if chunk.name == b"tRNS" and chunk.end - chunk.start == 14:
            grey = int.from_bytes(data[chunk.start + 8 : chunk.start + 10], "big")
            return grey if depth >= 8 else grey * 255 // ((1 << depth) - 1)
    return None


def is_clear(data: bytes) -> bool:
    """Whether any part of it may be transparent."""
    return data[25] in (_GREY_ALPHA, _ALPHA) or any(chunk.name == b"tRNS" for chunk in _chunks(data))
