"""AVIF (AV1 Image File Format 1.1 over ISO/IEC 14496-12 and 23008-12): the primary picture and all that is decoded for it."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from imaging.formats import av1
from imaging.formats.base import CutOffError, Header, MalformedError

_BRANDS: Final = frozenset({b"avif", b"avis"})
_MOST_BOXES: Final = 5_000
_MOST_ITEMS: Final = 1_000
_MOST_EXTENTS: Final = 10_000  # they may be stated in no bytes at all
# (irot, imir) → EXIF's orientation. irot turns anticlockwise, by quarters; imir mirrors after it, 0 top to bottom, 1 left to
# right. By MIAF these two alone decide: an EXIF block's orientation is not looked at, and browsers do the same.
_ORIENTATIONS: Final = {
    (0, None): 1, (1, None): 8, (2, None): 3, (3, None): 6,
    (0, 0): 4, (1, 0): 5, (2, 0): 2, (3, 0): 7,
    (0, 1): 2, (1, 1): 7, (2, 1): 4, (3, 1): 5,
}  # fmt: skip


class _Property(NamedTuple):
    name: bytes
    body: bytes


class _Meta(NamedTuple):
    """types, extents (whether in `idat`, (offset, length) each) and properties by the item's number."""

    primary: int
    types: dict[int, bytes]
    extents: dict[int, tuple[int, list[tuple[int, int]]]]
    properties: dict[int, list[_Property]]
    idat: bytes


def is_avif(data: bytes) -> bool:
    """Whether `ftyp` names an AVIF brand, as the major one or among the compatible ones (`mif1` is a frequent major one)."""
    if data[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(data[:4], "big"), len(data), 512)
    return any(data[at : at + 4] in _BRANDS for at in (8, *range(16, end, 4)))


def read(data: bytes) -> Header:
    """Raises MalformedError. `memory` adds up every AV1 picture in the file, as coded: what `ispe` states may be a lie."""
    frames, at, box = 1, 0, None
    for name, start, at in _boxes(data, 0, len(data)):
        if name == b"meta" and box is None:
            box = (start + 4, at)
        elif name == b"moov":
            frames = max(frames, _samples(data, start, at))
    if box is None:
        if at < len(data):
            raise CutOffError("a box is cut off")
        raise MalformedError("no picture beside the film")
    try:
        meta = _meta(data, *box)
        properties = {item.name: item.body for item in meta.properties.get(meta.primary, [])}
        width, height = struct.unpack_from(">II", properties.get(b"ispe", b""), 4)
    except (struct.error, IndexError):
        raise MalformedError("no size") from None
    orientation = _orientation(properties)
    try:
        planes, whole = _coded(data, meta, 4 * width * height)
    except MalformedError as error:
        return Header("avif", width, height, orientation, frames, problem=f"an AVIF that cannot be measured: {error}")
    memory = planes + 6 * width * height
    stated = [entry for entries in meta.properties.values() for entry in entries]
    transparent = any(entry.name == b"auxC" and b"alpha" in entry.body for entry in stated)
    return Header("avif", width, height, orientation, frames, whole, memory, transparent=transparent)


def _coded(data: bytes, meta: _Meta, most: int) -> tuple[int, bool]:
    """Bytes of the planes of all AV1 pictures, and whether their data is there. Raises MalformedError.

    No picture may have more than `most` pixels, unless it is small.
    """
    needed, whole, length_of_all = 0.0, True, 0
    copies = 2 if meta.types.get(meta.primary) == b"grid" else 1  # tiles are copied into one picture
    for item, (inside, extents) in meta.extents.items():
        source = meta.idat if inside else data
        length_of_all += sum(length for _, length in extents)
        if length_of_all > len(data):  # items may share bytes, and each is read
            raise MalformedError("its parts are larger than the file")
        if any(begin + length > len(source) for begin, length in extents):
            whole = False
        elif meta.types.get(item) == b"av01":
            own = {entry.name: entry.body for entry in meta.properties.get(item, [])}
            try:
                stated = struct.unpack_from(">II", own.get(b"ispe", b""), 4)
            except struct.error:
                raise MalformedError("a part without a size") from None
            coded = av1.largest(b"".join(source[begin : begin + length] for begin, length in extents))
            pixels = max(stated[0] * stated[1], coded[0] * coded[1])
            if pixels > max(most, 1_000_000):
                raise MalformedError("it holds a larger picture than it states")
            needed += (copies * _plane_bytes(own.get(b"av1C", b"")) + 1) * pixels
    return int(needed), whole


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of each box's body that is there as a whole."""
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        size, start = int.from_bytes(data[at : at + 4], "big"), at + 8
        if size == 1:
            size, start = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        stop = end if size == 0 else at + size
        if stop < start or stop > end:
            return
        yield data[at + 4 : at + 8], start, stop
        at = stop


def _meta(data: bytes, start: int, end: int) -> _Meta:
    primary, idat = 0, b""
    types: dict[int, bytes] = {}
    extents: dict[int, tuple[int, list[tuple[int, int]]]] = {}
    properties: dict[int, list[_Property]] = {}
    for name, at, stop in _boxes(data, start, end):
        if name == b"pitm":
            primary = int.from_bytes(data[at + 4 : at + (8 if data[at] else 6)], "big")
        elif name == b"iinf":
            types = _item_types(data, at, stop)
        elif name == b"iloc":
            extents = _locations(data[at:stop])
        elif name == b"iprp":
            properties = _item_properties(data, at, stop)
        elif name == b"idat":
            idat = data[at:stop]
    return _Meta(primary, types, extents, properties, idat)


def _item_types(data: bytes, at: int, end: int) -> dict[int, bytes]:
    types: dict[int, bytes] = {}
    for name, start, _ in _boxes(data, at + (8 if data[at] else 6), end):
        if name == b"infe" and data[start] >= 2:
            wide = 4 if data[start] >= 3 else 2
            number = int.from_bytes(data[start + 4 : start + 4 + wide], "big")
            types[number] = data[start + 6 + wide : start + 10 + wide]
    return types


def _locations(body: bytes) -> dict[int, tuple[int, list[tuple[int, int]]]]:
    """`iloc`: where each item's bytes lie."""
    version = body[0]
    sizes = [body[4] >> 4, body[4] & 15, body[5] >> 4, body[5] & 15 if version else 0]  # offset, length, base, index
    wide = 4 if version == 2 else 2
    count, at = int.from_bytes(body[6 : 6 + wide], "big"), 6 + wide
    if count > _MOST_ITEMS:
        raise MalformedError("too many items")
    located: dict[int, tuple[int, list[tuple[int, int]]]] = {}
    extents = 0

    def take(size: int) -> int:
        nonlocal at
        if at + size > len(body):
            raise IndexError
        at += size
        return int.from_bytes(body[at - size : at], "big")

    for _ in range(count):
        number = take(wide)
        inside = take(2) & 15 if version else 0
        take(2)  # data_reference_index
        base = take(sizes[2])
        spans: list[tuple[int, int]] = []
        extents += (stated := take(2))
        if extents > _MOST_EXTENTS:
            raise MalformedError("too many extents")
        for _ in range(stated):
            take(sizes[3])
            spans.append((base + take(sizes[0]), take(sizes[1])))
        located[number] = (inside, spans)
    return located


def _item_properties(data: bytes, start: int, end: int) -> dict[int, list[_Property]]:
    """`iprp`: the properties that `ipma` gives each item out of `ipco`."""
    known: list[_Property] = []
    given: dict[int, list[_Property]] = {}
    for name, at, stop in _boxes(data, start, end):
        if name == b"ipco":
            known = [_Property(kind, data[begin:until]) for kind, begin, until in _boxes(data, at, stop)]
        elif name == b"ipma":
            body = data[at:stop]
            wide, index_size = (4 if body[0] else 2), (2 if body[3] & 1 else 1)
            count, at = int.from_bytes(body[4:8], "big"), 8
            if count > _MOST_ITEMS:
                raise MalformedError("too many items")
            for _ in range(count):
                number = int.from_bytes(body[at : at + wide], "big")
                entries, at = body[at + wide], at + wide + 1
                indexes = [int.from_bytes(body[at + n * index_size : at + (n + 1) * index_size], "big") for n in range(entries)]
                at += entries * index_size
                mask = 0x7FFF if index_size == 2 else 0x7F
                given[number] = [known[(index & mask) - 1] for index in indexes if 1 <= index & mask <= len(known)]
    return given


def _orientation(properties: dict[bytes, bytes]) -> int:
    turn, mirror = properties.get(b"irot", b"\0")[:1], properties.get(b"imir", b"")[:1]
    return _ORIENTATIONS[(turn[0] & 3 if turn else 0, mirror[0] & 1 if mirror else None)]


def _plane_bytes(av1_config: bytes) -> float:
    """Bytes a pixel of AV1's planes, by `av1C`'s depth and subsampling, and half as much again for the decoder's own use."""
    flags = av1_config[2] if len(av1_config) > 2 else 0
    planes = 1.0 if flags & 0x10 else 1.0 + 2.0 / ((2 if flags & 8 else 1) * (2 if flags & 4 else 1))
    return 1.6 * planes * (2 if flags & 0x40 else 1)


def _samples(data: bytes, start: int, end: int) -> int:
    """Pictures of the first film in a `moov` box, as its `stsz` counts them."""
    path = [b"trak", b"mdia", b"minf", b"stbl", b"stsz"]
    while path:
        inner = next(((at, stop) for name, at, stop in _boxes(data, start, end) if name == path[0]), None)
        if inner is None:
            return 1
        start, end = inner
        path.pop(0)
    return int.from_bytes(data[start + 8 : start + 12], "big") if start + 12 <= end else 1
