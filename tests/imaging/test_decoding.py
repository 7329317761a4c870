"""From bytes to pixels, and what is refused before it is decoded."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from imaging.decoding import decode, refusal
from imaging.headers import read_header

BLUE_THEN_RED = np.array([[[255, 0, 0], [0, 0, 255]]], dtype=np.uint8)  # BGR


def encoded(picture: np.ndarray, kind: str = ".png") -> bytes:
    return bytes(cv2.imencode(kind, picture)[1])


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that say they are a huge picture."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with an EXIF segment that holds only its orientation."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\x00\x00MM\x00\x2a" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def test_decoding_gives_blue_first() -> None:
    picture = decode(encoded(BLUE_THEN_RED))
    assert picture is not None
    assert picture.tolist() == BLUE_THEN_RED.tolist()


def test_grey_and_transparent_pictures_have_three_channels() -> None:
    grey = decode(encoded(np.full((4, 4), 77, dtype=np.uint8)))
    clear = decode(encoded(np.full((4, 4, 4), (1, 2, 3, 0), dtype=np.uint8)))
    assert grey is not None
    assert clear is not None
    assert grey[0, 0].tolist() == [77, 77, 77]
    assert clear[0, 0].tolist() == [255, 255, 255]


def test_a_picture_is_turned_upright_by_its_exif() -> None:
    wide = np.zeros((8, 32, 3), dtype=np.uint8)
    wide[:, :16] = 255  # white at the left
    picture = decode(with_orientation(encoded(wide, ".jpg"), 6))  # 6: turn a quarter clockwise
    assert picture is not None
    assert picture.shape == (32, 8, 3)
    assert picture[2].mean() > 200  # left has become top
    assert picture[-3].mean() < 50


@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp", ".bmp", ".gif"])
def test_every_format_is_measured_and_decoded(kind: str) -> None:
    data = encoded(np.full((30, 50, 3), 128, dtype=np.uint8), kind)
    header = read_header(data)
    assert header is not None
    assert (header.width, header.height) == (50, 30)
    picture = decode(data)
    assert picture is not None
    assert picture.shape == (30, 50, 3)


def test_lossless_webp_is_measured() -> None:
    data = bytes(cv2.imencode(".webp", np.zeros((300, 17, 3), dtype=np.uint8), [cv2.IMWRITE_WEBP_QUALITY, 101])[1])
    assert data[12:16] == b"VP8L"
    header = read_header(data)
    assert header is not None
    assert header[:3] == ("webp", 17, 300)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b"<!doctype html><title>404</title>", "not a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF picture"),
        (png_claiming(100_000, 100_000), "100000 × 100000 pixels, more than 50 million"),
        (png_claiming(0, 5), "a picture without pixels"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "not a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF picture"),
    ],
)
def test_what_cannot_be_a_preview_is_refused_by_its_header(data: bytes, reason: str) -> None:
    assert refusal(data) == reason
    assert decode(data) is None


def test_a_sound_picture_is_not_refused() -> None:
    assert refusal(encoded(BLUE_THEN_RED)) is None


def test_opencv_keeps_its_words_to_itself(capfd: pytest.CaptureFixture[str]) -> None:
    assert decode(encoded(np.zeros((64, 64, 3), dtype=np.uint8), ".bmp")[:-50]) is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp", ".bmp"])
def test_a_picture_that_was_cut_off_decodes_to_none(kind: str) -> None:
    data = encoded(np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8), kind)
    assert decode(data) is not None
    assert decode(data[: len(data) * 9 // 10]) is None


def test_a_damaged_body_decodes_to_none() -> None:
    data = encoded(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    assert decode(data[:200]) is None
    assert refusal(data[:200]) is None  # its header is sound: the damage shows only when it is decoded


def test_random_bytes_after_a_sound_start_never_raise() -> None:
    random = np.random.default_rng(1)
    starts = [encoded(np.zeros((9, 9, 3), dtype=np.uint8), kind)[:40] for kind in (".jpg", ".png", ".webp", ".bmp", ".gif")]
    for start in starts:
        for _ in range(40):
            data = start[: random.integers(1, 40)] + random.bytes(60)
            header = read_header(data)
            if header is None or header.width * header.height < 10**6:
                decode(data)
