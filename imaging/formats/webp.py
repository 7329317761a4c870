"""WebP (RFC 9649): lossy (VP8), lossless (VP8L) and extended (VP8X: alpha, EXIF, animation)."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from imaging.formats import exif
from imaging.formats.base import MOST_PARTS, CutOffError, Header, MalformedError

_ALPHA_FLAG: Final = 0x10
_ALPHA_IS_USED: Final = 0x10  # the same bit by chance, in the fifth byte of VP8L


class Still(NamedTuple):
    """One picture of a WebP: where it lies on the canvas, its size, its alpha and pixel chunks with their names."""

    left: int
    top: int
    width: int
    height: int
    alpha: bytes | None
    name: bytes
    body: bytes

    @property
    def transparent(self) -> bool:
        """Whether parts of it may be transparent."""
        return self.alpha is not None or (self.name == b"VP8L" and self.body[4] & _ALPHA_IS_USED != 0)


def is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of each chunk's body that is there as a whole."""
    for _ in range(MOST_PARTS):
        if at + 8 > end:
            return
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            return
        yield data[at : at + 4], at + 8, at + 8 + size
        at += 8 + size + size % 2


def _still(data: bytes, at: int, end: int) -> Still | None:
    """The first picture among the chunks from `at`; None when it is not there as a whole."""
    alpha = None
    for name, start, stop in _chunks(data, at, end):
        if name == b"ALPH":
            alpha = data[start:stop]
        elif name in (b"VP8 ", b"VP8L"):
            width, height = _bitstream_size(data, start - 8)
            return Still(0, 0, width, height, alpha, name, data[start:stop])
        elif name == b"ANMF" and stop - start > 16:
            left, top = (2 * int.from_bytes(data[start + part : start + part + 3], "little") for part in (0, 3))
            still = _still(data, start + 16, stop)
            return still and still._replace(left=left, top=top)
    return None


def _bitstream_size(data: bytes, at: int) -> tuple[int, int]:
    """The size in a VP8 or VP8L chunk that begins at `at`."""
    try:
        if data[at : at + 4] == b"VP8L":
            (bits,) = struct.unpack_from("<I", data, at + 9)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        width, height = struct.unpack_from("<HH", data, at + 14)
    except struct.error:
        raise CutOffError("no size") from None
    return width & 0x3FFF, height & 0x3FFF


def read(data: bytes) -> Header:
    """Raises MalformedError. Of an animation, `memory` is that of its first picture on the whole canvas."""
    name = data[12:16]
    if len(name) < 4:
        raise CutOffError("no size")
    if name in (b"VP8 ", b"VP8L"):
        width, height = _bitstream_size(data, 12)
    elif name == b"VP8X":
        if len(data) < 30:
            raise CutOffError("no size")
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    else:
        raise MalformedError("no picture comes first")
    orientation, frames = 1, 0
    for name, start, stop in _chunks(data, 12, len(data)):
        frames += name == b"ANMF"
        if name == b"EXIF":
            orientation = exif.orientation(data[start:stop])
    still = _still(data, 12, len(data))
    stated = int.from_bytes(data[4:8], "little")
    if still is None or len(data) + 1 < 8 + stated:  # the last chunk's padding is not missed
        return Header("webp", width, height, orientation, max(1, frames), whole=False)
    problem = ""
    if still.left + still.width > width or still.top + still.height > height:
        problem = f"a WebP whose picture of {still.width} × {still.height} pixels is larger than it states"
    elif not frames and (still.width, still.height) != (width, height):
        problem = f"a WebP whose picture of {still.width} × {still.height} pixels is smaller than it states"
    own, canvas = still.width * still.height, 3 * width * height if frames else 0
    if still.transparent:
        return Header("webp", width, height, orientation, max(1, frames), True, 9 * own + canvas, 0, problem, True)
    memory, halved = (8 * own, 8 * own) if still.name == b"VP8L" else (6 * own, 9 * own // 2)
    return Header("webp", width, height, orientation, max(1, frames), True, memory + canvas, 0 if frames else halved, problem)


def first_still(data: bytes) -> Still | None:
    """The picture, or an animation's first; None when it is not there as a whole."""
    return _still(data, 12, len(data))


def encode(still: Still) -> bytes:
    """The picture as a WebP of its own, with nothing else in it."""
    chunks = b""
    if still.alpha is not None:
        size = (still.width - 1).to_bytes(3, "little") + (still.height - 1).to_bytes(3, "little")
        chunks = _chunk(b"VP8X", bytes([_ALPHA_FLAG, 0, 0, 0]) + size) + _chunk(b"ALPH", still.alpha)
    body = b"WEBP" + chunks + _chunk(still.name, still.body)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)
