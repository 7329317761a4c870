"""What is made of an uploaded file before the network sees it."""

import struct

import cv2
import numpy as np
import pytest

from catalog.errors import BadParameterError
from catalog.photo.search import LONGEST_SIDE, Crop, PhotoError, parse_crop, prepare


def encoded(picture: np.ndarray, kind: str = ".png") -> bytes:
    done, data = cv2.imencode(kind, picture)
    assert done
    return bytes(data.tobytes())


def quarters(side: int = 100) -> np.ndarray:
    """Black, red / green, blue (BGR)."""
    picture = np.zeros((side, side, 3), np.uint8)
    half = side // 2
    picture[:half, half:, 2] = picture[half:, :half, 1] = picture[half:, half:, 0] = 255
    return picture


def test_the_whole_picture_stays_as_it_is() -> None:
    np.testing.assert_array_equal(prepare(encoded(quarters()), None), quarters())


def test_a_crop_takes_its_share() -> None:
    np.testing.assert_array_equal(prepare(encoded(quarters()), Crop(0.5, 0.0, 1.0, 0.5)), quarters()[:50, 50:])


def test_a_large_one_is_shrunk_and_keeps_its_shape() -> None:
    large = np.zeros((1000, 2000, 3), np.uint8)
    assert prepare(encoded(large, ".jpg"), None).shape == (LONGEST_SIDE // 2, LONGEST_SIDE, 3)


def test_a_photo_is_turned_upright_before_it_is_cropped() -> None:
    jpeg = encoded(quarters(), ".jpg")
    # EXIF with one entry: Orientation (0x0112), SHORT, 6: turn by 90 degrees clockwise to view.
    tiff = b"MM\x00*\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    exif = b"Exif\x00\x00" + tiff
    turned = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]
    upper_left = prepare(turned, Crop(0.0, 0.0, 0.5, 0.5))
    assert upper_left[10:40, 10:40].mean(axis=(0, 1)).argmax() == 1  # green was lower left


@pytest.mark.parametrize("data", [b"", b"<html>not a picture</html>", b"\xff\xd8\xff\xe0 cut", b"GIF89a"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PhotoError):
        prepare(data, None)


def test_a_small_file_that_claims_to_be_huge_is_refused_by_its_header() -> None:
    png = bytearray(encoded(np.zeros((8, 8, 3), np.uint8)))
    png[16:24] = struct.pack(">II", 60_000, 60_000)
    with pytest.raises(PhotoError, match="60000 × 60000"):
        prepare(bytes(png), None)


def test_a_sliver_is_too_small_to_compare() -> None:
    with pytest.raises(PhotoError, match="too small"):
        prepare(encoded(quarters()), Crop(0.5, 0.5, 0.5001, 0.5001))


def test_crop_is_read_from_text() -> None:
    assert parse_crop("") is None
    assert parse_crop("0.25,0,1,0.5") == Crop(0.25, 0.0, 1.0, 0.5)


@pytest.mark.parametrize("text", ["x", "0,0,1", "0,0,1,1,1", "0.5,0,0.5,1", "-1,0,1,1", "0,0,1,2", "nan,0,1,1", "0,0,inf,1"])
def test_a_crop_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadParameterError, match="crop"):
        parse_crop(text)
