"""Pixels are what a browser shows on a white page: upright, white behind what is transparent, 8 bits of whatever depth."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from imaging import decoding
from imaging.decoding import decode, decode_as_preview, encode_jpeg
from imaging.formats import webp
from scraping.previews import preview_jpeg
from tests.imaging.encoded import KINDS, TURNABLE, exif, save, wide


def shown(picture: Image.Image) -> NDArray[np.uint8]:
    """Pillow's own pixels as uint8 BGR."""
    return np.asarray(picture.convert("RGB"))[:, :, ::-1]


def pixels(data: bytes) -> NDArray[np.uint8]:
    decoded = decode(data)
    assert decoded is not None
    return decoded


def far(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    """The mean difference of two pictures' samples, 0 to 255; lossy formats differ by a few at edges."""
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other.astype(int)).mean())


def half_clear(mode: str = "RGBA") -> Image.Image:
    """60 × 40: the left half black and opaque, the right half black and wholly transparent."""
    picture = Image.new("RGBA", (60, 40), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (30, 0, 60, 40))
    return picture.convert(mode)


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """A PNG made by hand: `rows` each with their filter byte, `extra` chunks before them."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)), *extra]
    chunks += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    parts = [struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("kind", TURNABLE)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_every_format(kind: str, orientation: int) -> None:
    data = save(wide(), kind, exif=exif(orientation))
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert far(pixels(data), shown(expected)) <= 2


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"mode": "L"}, {"mode": "CMYK"}])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_s_pixels_are_opencv_s_to_the_byte(options: dict[str, object], orientation: int) -> None:
    noise = Image.effect_noise((61, 43), 60).convert(str(options.get("mode", "RGB")))
    data = save(noise, "jpeg", exif=exif(orientation), **{key: value for key, value in options.items() if key != "mode"})
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert expected is not None
    np.testing.assert_array_equal(pixels(data), expected)


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff", "gif"])
def test_lossless_formats_give_the_very_pixels(kind: str) -> None:
    np.testing.assert_array_equal(pixels(save(wide(), kind)), shown(wide()))


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("png", "RGBA", {}),
        ("png", "LA", {}),
        ("png", "P", {}),
        ("webp", "RGBA", {}),
        ("webp", "RGBA", {"lossless": True, "exact": True}),
        ("avif", "RGBA", {}),
        ("avif", "LA", {}),
        ("gif", "RGBA", {}),
        ("tiff", "RGBA", {}),
    ],
)
def test_transparent_parts_are_white(kind: str, mode: str, options: dict[str, object]) -> None:
    seen = pixels(save(half_clear(mode), kind, **options))
    assert seen[5, 5].max() < 12
    assert seen[5, 55].min() > 243


def test_half_transparent_is_half_white() -> None:
    data = save(Image.new("RGBA", (20, 20), (0, 0, 100, 51)), "png")  # a fifth of it
    assert pixels(data)[0, 0].tolist() == [224, 204, 204]


@pytest.mark.parametrize(
    ("depth", "grey", "rows"), [(8, 7, b"\0\x07\x63"), (16, 700, b"\0\x02\xbc\x63\x00"), (2, 1, b"\0\x60")]
)
def test_one_grey_of_a_grey_png_may_be_transparent(depth: int, grey: int, rows: bytes) -> None:
    data = png(2, 1, depth, 0, rows, (b"tRNS", struct.pack(">H", grey)))
    left, right = pixels(data)[0]
    assert left.tolist() == [255, 255, 255]
    assert right[0] in (0x63, 2 * 85)


def test_one_colour_of_a_png_may_be_transparent() -> None:
    data = png(2, 1, 8, 2, b"\0\x01\x02\x03\x04\x05\x06", (b"tRNS", struct.pack(">HHH", 1, 2, 3)))
    assert pixels(data)[0].tolist() == [[255, 255, 255], [6, 5, 4]]


def test_a_bmp_s_alpha_counts_where_it_is_stated() -> None:
    body = bytes([1, 2, 3, 255, 9, 9, 9, 0])  # BGRA, opaque and transparent
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, 2, 1, 1, 32, 3, 8, 2835, 2835, 0, 0) + masks + b"\0" * 52
    data = b"BM" + struct.pack("<IHHI", 14 + len(header) + 8, 0, 0, 14 + len(header)) + header + body
    assert pixels(data)[0].tolist() == [[1, 2, 3], [255, 255, 255]]
    no_alpha = data.replace(masks, masks[:12] + b"\0\0\0\0")
    assert pixels(no_alpha)[0].tolist() == [[1, 2, 3], [9, 9, 9]]


@pytest.mark.parametrize("kind", [".png", ".tiff"])
@pytest.mark.parametrize("shape", [(30, 40), (30, 40, 3)])
def test_sixteen_bits_are_scaled_to_eight(kind: str, shape: tuple[int, ...]) -> None:
    deep = np.full(shape, 0x8CFF, np.uint16)
    assert set(pixels(bytes(cv2.imencode(kind, deep)[1])).ravel().tolist()) == {0x8C}


def test_sixteen_bits_with_alpha() -> None:
    deep = np.full((20, 20, 4), 0x8CFF, np.uint16)
    deep[:, 10:, 3], deep[:, :10, 3] = 0, 0xFFFF
    seen = pixels(bytes(cv2.imencode(".png", deep)[1]))
    assert seen[0, 0].tolist() == [0x8C] * 3
    assert seen[0, 19].tolist() == [255] * 3


@pytest.mark.parametrize("depth", [8, 10, 12])
def test_a_deep_avif_is_as_bright_as_a_shallow_one(depth: int) -> None:
    light = np.full((40, 60, 3), 140 << depth - 8, np.uint8 if depth == 8 else np.uint16)
    data = bytes(cv2.imencode(".avif", light, [cv2.IMWRITE_AVIF_DEPTH, depth])[1])
    assert abs(int(pixels(data).mean()) - 140) <= 2


def test_an_avif_that_calls_itself_mif1_is_decoded() -> None:
    data = save(wide(), "avif")
    np.testing.assert_array_equal(pixels(data[:8] + b"mif1" + data[12:]), pixels(data))


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_after_the_end_change_nothing(kind: str) -> None:
    data = save(wide(), kind)
    np.testing.assert_array_equal(pixels(data + b"\r\n<!-- cached -->"), pixels(data))


@pytest.mark.parametrize("kind", ["png", "webp", "avif", "gif", "tiff"])
def test_an_animation_is_its_first_picture(kind: str) -> None:
    others = [Image.new("RGB", (60, 40), colour) for colour in ("green", "blue")]
    assert far(pixels(save(wide(), kind, save_all=True, append_images=others)), shown(wide())) <= 3


def test_the_first_picture_of_a_webp_may_be_smaller_than_its_canvas() -> None:
    small = save(Image.new("RGB", (10, 10), (200, 0, 0)), "webp", lossless=True)
    (name, start, end) = next(webp._chunks(small, 12, len(small)))
    frame = b"\x0a\0\0\x05\0\0" + (9).to_bytes(3, "little") * 2 + b"\x64\0\0\0"  # at (20, 10)
    body = webp._chunk(b"VP8X", b"\x02\0\0\0" + (59).to_bytes(3, "little") + (39).to_bytes(3, "little"))
    body += webp._chunk(b"ANIM", b"\0" * 6) + webp._chunk(b"ANMF", frame + webp._chunk(name, small[start:end]))
    seen = pixels(b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body)
    assert seen.shape == (40, 60, 3)
    assert seen[15, 25].tolist() == [0, 0, 200]
    assert seen[5, 5].tolist() == [255, 255, 255]


@pytest.mark.parametrize("kind", ["png", "webp", "avif"])
def test_a_cut_out_is_compared_as_its_preview_would_be(kind: str) -> None:
    data = save(half_clear(), kind)
    compared = decode_as_preview(data)
    assert compared is not None
    np.testing.assert_array_equal(compared, pixels(preview_jpeg(data)))


@pytest.mark.parametrize("kind", KINDS)
def test_other_pictures_are_compared_as_they_are(kind: str) -> None:
    data = save(wide(), kind)
    compared = decode_as_preview(data)
    assert compared is not None
    np.testing.assert_array_equal(compared, pixels(data))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif", "bmp", "tiff"])
@pytest.mark.parametrize("size", [(60, 40), (61, 41)])
def test_a_picture_that_would_take_too_much_memory_comes_at_half_size(
    kind: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = save(wide().resize(size), kind)
    monkeypatch.setattr(decoding, "MAX_MEMORY", 60 * 40 * 59 // 10 if kind in ("jpeg", "webp", "bmp") else 60 * 40 * 39 // 10)
    if kind in ("png", "tiff"):
        monkeypatch.setattr(decoding, "MAX_MEMORY", 60 * 40 * 60 // 10)
    seen = pixels(data)
    height, width = seen.shape[:2]
    assert {width - size[0] // 2, height - size[1] // 2} <= {0, 1}
    assert far(seen, shown(wide().resize(size).resize((width, height), Image.Resampling.BOX))) <= 4


def test_fast_is_half_of_a_jpeg_and_all_of_the_rest() -> None:
    shapes = [getattr(decode(save(wide(), kind), fast=True), "shape", None) for kind in ("jpeg", "png")]
    assert shapes == [(20, 30, 3), (40, 60, 3)]


def test_a_jpeg_has_sides_of_65500_at_most() -> None:
    assert encode_jpeg(np.zeros((65_600, 1, 3), np.uint8)) is None
