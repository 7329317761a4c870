import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from imaging.headers import picture_kind, read_header
from scraping.errors import PictureError
from scraping.previews import preview_jpeg, write_preview
from tests.scraping.local_shop import picture


def decoded(body: bytes) -> NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


def reason(body: bytes, kind: str = "image/jpeg") -> str:
    with pytest.raises(PictureError) as caught:
        preview_jpeg(body, kind)
    return caught.value.reason


def test_a_jpeg_stays_as_the_shop_made_it() -> None:
    body = picture()
    assert preview_jpeg(body) == body


@pytest.mark.parametrize("ending", [".png", ".webp", ".gif", ".bmp", ".avif"])
def test_other_formats_become_jpeg(ending: str) -> None:
    made = preview_jpeg(picture(100, ending=ending))
    assert picture_kind(made) == "jpeg"
    pixels = decoded(made)
    assert pixels.shape == (40, 40, 3)
    assert abs(int(pixels[5, 5, 1]) - 100) <= 20  # GIF has few colours


def test_transparent_parts_become_white() -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:20, :, 3] = 255
    made = preview_jpeg(bytes(cv2.imencode(".png", pixels)[1]))
    assert decoded(made)[5, 5].max() < 8
    assert decoded(made)[35, 5].min() > 247


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_a_picture_without_its_end_is_truncated(ending: str) -> None:
    body = picture(side=200, ending=ending)
    assert reason(body[:-20]) == "truncated"


def test_a_thumbnail_s_end_is_not_the_picture_s() -> None:
    body = picture(side=200)
    thumbnail = b"\xff\xe1\x00\x08\xff\xd8\xff\xd9ab"
    whole, cut = read_header(body[:2] + thumbnail + body[2:]), read_header(body[:2] + thumbnail + body[2:-20])
    assert whole is not None
    assert whole.whole
    assert cut is not None
    assert not cut.whole


@pytest.mark.parametrize("body", [b"<html>sign in first</html>", b"", b"hello", b"<svg xmlns='x'/>"])
def test_what_is_no_picture(body: bytes) -> None:
    assert reason(body) == "not a picture"


def test_a_tracking_dot_is_too_small() -> None:
    assert reason(picture(side=8)) == "too small"


def test_a_bomb_is_refused_by_its_header() -> None:
    body = bytearray(picture(ending=".png"))
    body[16:24] = (100_000).to_bytes(4, "big") * 2
    assert reason(bytes(body)) == "too large"


@pytest.mark.parametrize("ending", [".jpg", ".png", ".gif"])
def test_the_size_in_the_header(ending: str) -> None:
    body = bytes(cv2.imencode(ending, np.zeros((30, 50, 3), np.uint8))[1])
    header = read_header(body)
    assert header is not None
    assert header.size == (50, 30)


def test_damaged_inside() -> None:
    assert reason(b"\x89PNG\r\n\x1a\n" + b"\0" * 50 + b"IEND") == "cannot be decoded"


def test_writing_leaves_only_the_preview(tmp_path: Path) -> None:
    write_preview(tmp_path, "7", b"old")
    write_preview(tmp_path, "7", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("7.jpg", b"new")]


def test_what_is_too_large_is_refused_before_it_is_decoded() -> None:
    body = b"BM" + struct.pack("<IHHIIiiHHIIIIII", 1080, 0, 0, 1078, 40, 23_000, -23_000, 1, 8, 1, 0, 0, 0, 0, 0) + b"\0" * 1026
    with pytest.raises(PictureError, match="too large: 23000 × 23000 pixels"):
        preview_jpeg(body)


def test_bytes_after_the_end_are_nothing_to_a_preview() -> None:
    body = picture(ending=".png")
    assert preview_jpeg(body + b"\0" * 100) == preview_jpeg(body)
    assert preview_jpeg(picture() + b"\r\n") == picture() + b"\r\n"
