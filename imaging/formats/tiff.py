"""TIFF 6.0: its first page, how it is cut into strips or tiles, how many pages follow."""

import struct
from typing import Final, NamedTuple

from imaging.formats.base import MOST_PARTS, CutOffError, Header, MalformedError

MAGIC: Final = (b"II*\0", b"MM\0*")
_WIDTH, _HEIGHT, _BITS, _COMPRESSION = 256, 257, 258, 259
_STRIPS, _ORIENTATION, _SAMPLES, _STRIP_ROWS, _STRIP_BYTES, _PLANES = 273, 274, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_WANTED: Final = frozenset({
    _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _STRIPS, _ORIENTATION, _SAMPLES, _STRIP_ROWS, _STRIP_BYTES, _PLANES,
    _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES,
})  # fmt: skip
_CODES: Final = {1: "B", 3: "H", 4: "I"}
_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
# None, LZW, JPEG, Deflate (two numbers), PackBits. Others are for faxes and scientists, and their decoders are seldom tried.
_COMPRESSIONS: Final = frozenset({1, 5, 7, 8, 32773, 32946})
_MOST_FIELDS: Final = 1000
_MOST_PAGES: Final = 1000


class _Page(NamedTuple):
    """fields: the values that matter here, by tag; stated: bytes of all fields' values; following: the next page, or 0."""

    fields: dict[int, tuple[int, ...]]
    stated: int
    following: int


def read(data: bytes) -> Header:
    """Raises MalformedError."""
    order = "<" if data[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(order + "I", data, 4)
        page = _page(data, order, start)
    except struct.error:
        raise CutOffError("no first page") from None
    fields = page.fields
    width, height = _one(fields, _WIDTH, 0), _one(fields, _HEIGHT, 0)
    orientation = _one(fields, _ORIENTATION, 1)
    problem, block = _problem(fields, page.stated, width, height, len(data))
    ends = zip(*(fields.get(tag, ()) for tag in _blocks(fields)), strict=False)
    whole = all(at + length <= len(data) for at, length in ends)
    orientation = orientation if 1 <= orientation <= 8 else 1
    pixels = width * height
    stored = _pixel_bytes(fields) * pixels * (1 if orientation == 1 else 2) + block
    frames = 1 + _following_pages(data, order, page.following)
    memory, halved = stored + 3 * pixels, stored + 3 * pixels // 4
    return Header("tiff", width, height, orientation, frames, whole, memory, halved, problem)


def _page(data: bytes, order: str, start: int) -> _Page:
    (count,) = struct.unpack_from(order + "H", data, start)
    fields: dict[int, tuple[int, ...]] = {}
    stated = 0
    if count > _MOST_FIELDS:
        raise MalformedError("a page of too many fields")
    for number in range(count):
        at = start + 2 + 12 * number
        tag, kind, values = struct.unpack_from(order + "HHI", data, at)
        size = values * _BYTES.get(kind, 1)
        stated += size
        if tag in _WANTED and kind in _CODES and values <= MOST_PARTS:
            where = at + 8 if size <= 4 else struct.unpack_from(order + "I", data, at + 8)[0]
            fields[tag] = struct.unpack_from(f"{order}{values}{_CODES[kind]}", data, where)
    (following,) = struct.unpack_from(order + "I", data, start + 2 + 12 * count)
    return _Page(fields, stated, following)


def _problem(fields: dict[int, tuple[int, ...]], stated: int, width: int, height: int, length: int) -> tuple[str, int]:
    """Why it must not be decoded, or ""; and the bytes of one block (a strip or tile) when it is unpacked."""
    compression = _one(fields, _COMPRESSION, 1)
    if compression not in _COMPRESSIONS:
        return f"a TIFF compressed in way {compression}, which is not read", 0
    if stated > length:  # each field may point at the same bytes, and each is kept
        return "a TIFF whose fields are larger than the file", 0
    planes = _one(fields, _SAMPLES, 1) if _one(fields, _PLANES, 1) == 2 else 1
    if _TILES in fields:
        across, down = _one(fields, _TILE_WIDTH, 0), _one(fields, _TILE_HEIGHT, 0)
    else:
        across, down = width, min(height, _one(fields, _STRIP_ROWS, height))
    if across < 1 or down < 1:
        return "a TIFF of strips or tiles without pixels", 0
    blocks = -(-width // across) * -(-height // down) * planes
    if blocks > min(MOST_PARTS, len(fields.get(_blocks(fields)[0], ()))):
        return "a TIFF cut into more strips or tiles than it holds", 0
    return "", 0 if compression == 1 else across * down * _pixel_bytes(fields)


def _blocks(fields: dict[int, tuple[int, ...]]) -> tuple[int, int]:
    """The tags of the blocks' offsets and lengths."""
    return (_TILES, _TILE_BYTES) if _TILES in fields else (_STRIPS, _STRIP_BYTES)


def _pixel_bytes(fields: dict[int, tuple[int, ...]]) -> int:
    """Bytes of a pixel as decoders keep it: at least four where it has several samples."""
    bits, samples = max(fields.get(_BITS) or (1,)), _one(fields, _SAMPLES, 1)
    stored = -(-bits // 8) * samples
    return max(4, stored) if samples > 1 else stored


def _following_pages(data: bytes, order: str, start: int) -> int:
    seen: set[int] = set()
    try:
        while start and start not in seen and len(seen) < _MOST_PAGES:
            seen.add(start)
            (count,) = struct.unpack_from(order + "H", data, start)
            (start,) = struct.unpack_from(order + "I", data, start + 2 + 12 * count)
    except struct.error:
        pass
    return len(seen)


def _one(fields: dict[int, tuple[int, ...]], tag: int, otherwise: int) -> int:
    values = fields.get(tag)
    return values[0] if values else otherwise
