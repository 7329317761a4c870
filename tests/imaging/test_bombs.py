"""Small files that would take gigabytes or hours: refused with a reason, or decoded within bounds, in a measured process."""

import struct
import zlib
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from tests.imaging.child import MOST_MEMORY, Child, child
from tests.imaging.encoded import save, wide

HUGE = 30_000


@pytest.fixture(scope="module")
def looker() -> Iterator[Child]:
    """A process for every picture that must take no memory worth naming."""
    with child() as started:
        yield started


@pytest.fixture
def fresh() -> Iterator[Child]:
    """A process for one picture alone, so that its peak is this picture's."""
    with child() as started:
        yield started


def chunk(name: bytes, body: bytes, length: int | None = None) -> bytes:
    """A PNG's chunk; `length` where it is a lie."""
    return struct.pack(">I", len(body) if length is None else length) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks)


def small_png(*chunks: bytes) -> bytes:
    pixels = chunk(b"IDAT", zlib.compress((b"\0" + b"\x10\x20\x30" * 16) * 16))
    return png(16, 16, *chunks, pixels, chunk(b"IEND", b""))


def zeros(megabytes: int) -> bytes:
    return zlib.compress(bytes(megabytes * 1_000_000), 9)


def bmp(width: int, height: int, depth: int = 8, coding: int = 1, body: bytes = b"\0\1") -> bytes:
    header = struct.pack("<IiiHHIIIIII", 40, width, height, 1, depth, coding, len(body), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 1078 + len(body), 0, 0, 1078) + header + bytes(1024) + body


def tiff(fields: dict[int, tuple[int, list[int]]], tail: bytes = b"", repeated: int = 0) -> bytes:
    """A little-endian TIFF: tag → (type, values); `repeated` more fields that all point at the same bytes."""
    entries, data = b"", b""
    count = len(fields) + repeated
    after = 8 + 2 + 12 * count + 4
    for tag, (kind, values) in sorted(fields.items()):
        packed = struct.pack(f"<{len(values)}{'H' if kind == 3 else 'I'}", *values)
        where = packed.ljust(4, b"\0") if len(packed) <= 4 else struct.pack("<I", after + len(data))
        data += packed if len(packed) > 4 else b""
        entries += struct.pack("<HHI", tag, kind, len(values)) + where
    for number in range(repeated):
        entries += struct.pack("<HHII", 40_000 + number, 7, len(tail), after + len(data))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + entries + b"\0\0\0\0" + data + tail


def tiff_of(width: int, height: int, **changed: tuple[int, list[int]]) -> dict[int, tuple[int, list[int]]]:
    """The fields of an RGB TIFF in one strip; `changed` by their number (`t322=…`)."""
    fields = {256: (4, [width]), 257: (4, [height]), 258: (3, [8, 8, 8]), 259: (3, [8]), 262: (3, [2]), 273: (4, [8])}
    fields |= {277: (3, [3]), 278: (4, [height]), 279: (4, [8])}
    return fields | {int(name[1:]): value for name, value in changed.items()}


def webp(name: bytes, body: bytes) -> bytes:
    whole = b"WEBP" + name + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def vp8x(width: int, height: int, flags: int, *after: bytes) -> bytes:
    canvas = bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    data = webp(b"VP8X", canvas) + b"".join(after)
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def vp8l(width: int, height: int) -> bytes:
    return b"\x2f" + struct.pack("<I", width - 1 | height - 1 << 14) + bytes(21)


def flat(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), (60, 120, 180))


def avif_stating(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def avif_with_extents(count: int) -> bytes:
    """An AVIF whose only item is `count` times the same bytes."""
    data = save(wide(), "avif")
    at = data.index(b"iloc") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    extent = data[at + size - 8 : at + size]
    body = data[at + 8 : at + size - 10] + struct.pack(">H", count) + extent * count
    grown = len(body) + 8 - size
    data = data[:at] + struct.pack(">I", len(body) + 8) + b"iloc" + body + data[at + size :]
    meta = data.index(b"meta") - 4
    return data[:meta] + struct.pack(">I", int.from_bytes(data[meta : meta + 4], "big") + grown) + data[meta + 4 :]


def avif_with_empty_extents() -> bytes:
    """Each of 1,000 items states 65,535 extents whose offsets and lengths take no bytes."""
    iloc = b"\0\0\0\0" + b"\0\0" + struct.pack(">H", 1000) + struct.pack(">HHH", 1, 0, 65_535) * 1000
    meta = b"\0\0\0\0" + struct.pack(">I", len(iloc) + 8) + b"iloc" + iloc
    return b"\0\0\0\x14ftypavif\0\0\0\0mif1" + struct.pack(">I", len(meta) + 8) + b"meta" + meta


def jpeg_of_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    data = save(flat(2000, 2000), "jpeg", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def jpeg_claiming(width: int, height: int) -> bytes:
    data = save(flat(16, 16), "jpeg")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "png claims a size": (lambda: png(HUGE, HUGE), "30000 × 30000 pixels, more than 50 million"),
    "png of the largest size": (lambda: png(2**31 - 1, 2**31 - 1), "more than 50 million"),
    "bmp of run lengths": (lambda: bmp(23_000, 23_000), "23000 × 23000 pixels"),
    "bmp from the top": (lambda: bmp(23_000, -23_000), "23000 × 23000 pixels"),
    "bmp of the least height": (lambda: bmp(1, -(2**31)), "1 × 2147483648 pixels"),
    "tiff claims a size": (lambda: tiff(tiff_of(HUGE, HUGE)), "30000 × 30000 pixels"),
    "tiff of a huge tile": (
        lambda: tiff(tiff_of(64, 64, t322=(4, [60_000]), t323=(4, [60_000]), t324=(4, [8]), t325=(4, [8]))),
        "more than 240 MB",
    ),
    "tiff of tiles of one pixel": (
        lambda: tiff(tiff_of(7000, 7000, t322=(4, [1]), t323=(4, [1]), t324=(4, [8]), t325=(4, [8]))),
        "cut into more strips or tiles than it holds",
    ),
    "tiff of a strip for each row": (lambda: tiff(tiff_of(1, 40_000_000, t278=(4, [1]))), "than it holds"),
    "tiff whose fields share their bytes": (lambda: tiff(tiff_of(64, 64), bytes(400_000), 900), "fields are larger"),
    "tiff of more strips than are read": (
        lambda: tiff(tiff_of(1, 200_000, t273=(4, [8] * 200_000), t278=(4, [1]))),
        "cut into more strips or tiles than it holds",
    ),
    "tiff compressed by another library": (lambda: tiff(tiff_of(64, 64, t259=(3, [34925]))), "way 34925"),
    "webp claims a canvas": (lambda: vp8x(2**24, 2**24, 0), "16777216 × 16777216 pixels"),
    "lossless webp claims a size": (lambda: webp(b"VP8L", vp8l(16_384, 16_384)), "16384 × 16384 pixels"),
    "lossless webp under the limit": (
        lambda: webp(b"VP8L", vp8l(7000, 7000)),
        "7000 × 7000 pixels, which as this WEBP take more than 240 MB",
    ),
    "webp picture larger than its canvas": (
        lambda: vp8x(16, 16, 0, b"VP8L" + struct.pack("<I", 26) + vp8l(5000, 5000)),
        "larger than it states",
    ),
    "gif claims a screen": (lambda: b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0), "65535 × 65535 pixels"),
    "gif picture larger than its screen": (
        lambda: b"GIF89a" + struct.pack("<HHBBBsHHHHB", 9, 9, 0, 0, 0, b",", 0, 0, 65_535, 65_535, 0) + b"\2\0",
        "65535 × 65535 pixels",
    ),
    "avif states a size": (lambda: avif_stating(save(wide(), "avif"), HUGE, HUGE), "30000 × 30000 pixels"),
    "avif states less than it codes": (
        lambda: avif_stating(save(flat(4000, 3000), "avif", speed=10), 60, 40),
        "holds a larger picture than it states",
    ),
    "avif of one part many times": (lambda: avif_with_extents(9_000), "its parts are larger than the file"),
    "avif of extents in no bytes": (avif_with_empty_extents, "not a JPEG"),
    "jpeg claims a size": (lambda: jpeg_claiming(65_500, 65_500), "65500 × 65500 pixels"),
    "jpeg of many scans": (lambda: jpeg_of_scans(1000), "scans, more than any encoder writes"),
    "jpeg of coefficients": (
        lambda: save(flat(7000, 7000), "jpeg", progressive=True, subsampling=0),
        "7000 × 7000 pixels, which as this JPEG take more than 240 MB",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_before_it_is_decoded(looker: Child, name: str) -> None:
    make, reason = REFUSED[name]
    outcome = looker.decode(make())
    assert outcome.error == ""
    assert outcome.shape is None
    assert reason in (outcome.refused or "")
    assert outcome.peak < MOST_MEMORY / 2


HARMLESS: dict[str, Callable[[], bytes]] = {
    "png chunk longer than the data": lambda: png(4, 4, chunk(b"IDAT", b"", 2**31 - 1) + b"\0" * 4),
    "png text chunk longer than the data": lambda: png(4, 4, chunk(b"zTXt", b"a", 2**32 - 1)),
    "png palette longer than the data": lambda: png(4, 4, chunk(b"PLTE", b"", 2**31 - 1), colour=3),
    "png claims a size that it has no data for": lambda: png(7000, 7000, chunk(b"IDAT", zeros(1)), chunk(b"IEND", b"")),
    "png of transparent pixels": lambda: png(7000, 7000, chunk(b"IDAT", zeros(197)), chunk(b"IEND", b""), colour=6),
    "bmp that is cut": lambda: bmp(7000, 7000, 24, 0),
    "bmp of run lengths that end at once": lambda: bmp(7000, 7000),
    "bmp whose run lengths jump": lambda: bmp(20_000_000, 1, body=b"\0\2\0\xff" * 500 + b"\0\1"),
    "animated png that claims pictures": lambda: small_png(chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))),
    "webp of a large picture": lambda: save(flat(7000, 7000), "webp", method=0),
    "progressive jpeg of a large picture": lambda: save(flat(7000, 7000), "jpeg", progressive=True),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_stays_within_bounds(fresh: Child, name: str) -> None:
    outcome = fresh.decode(HARMLESS[name]())
    assert outcome.error == ""
    assert outcome.peak < MOST_MEMORY


def test_what_large_pictures_took_goes_back_to_the_system(fresh: Child) -> None:
    data = save(flat(6000, 6000), "tiff", compression="tiff_lzw")
    fresh.decode(data)
    assert fresh.decode(data).left < 130_000_000  # 62 million, 180 where it is kept


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"zTXt", b"Comment\0\0" + zeros(100))] * 3,
        [chunk(b"iTXt", b"Comment\0\1\0\0\0" + zeros(100))] * 3,
        [chunk(b"iCCP", b"profile\0\0" + zeros(300))],
        [chunk(b"tEXt", b"Comment\0" + b"x" * 100)] * 3,
        [chunk(b"acTL", struct.pack(">II", 1000, 0)), chunk(b"fcTL", struct.pack(">IIIIIHHH", 0, 2**31, 2**31, 0, 0, 1, 1, 0))],
    ],
    ids=["zTXt", "iTXt", "iCCP", "tEXt", "acTL"],
)  # fmt: skip
def test_what_a_png_carries_beside_its_pixels_is_not_unpacked(looker: Child, chunks: list[bytes]) -> None:
    outcome = looker.decode(small_png(*chunks))
    assert (outcome.error, outcome.shape) == ("", (16, 16, 3))
    assert outcome.peak < MOST_MEMORY / 2
