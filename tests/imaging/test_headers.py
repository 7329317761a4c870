"""What a picture states: its kind, its size as it is seen, its frames, whether its end is there."""

import struct

import pytest
from PIL import Image

from imaging.headers import CutOffError, examine, picture_kind, read_header, size
from tests.imaging.encoded import KINDS, TURNABLE, exif, save, wide


@pytest.mark.parametrize("kind", KINDS)
def test_the_size_and_the_kind_of_every_format(kind: str) -> None:
    data = save(wide(), kind)
    assert picture_kind(data) == kind
    assert size(data) == (60, 40)


@pytest.mark.parametrize("kind", TURNABLE)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_is_that_of_the_upright_picture(kind: str, orientation: int) -> None:
    data = save(wide(), kind, exif=exif(orientation))
    header = read_header(data)
    assert header is not None
    assert header.orientation == orientation
    assert size(data) == ((40, 60) if orientation >= 5 else (60, 40))


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}, {"quality": 50, "exif": exif(3)}])
def test_every_kind_of_webp(options: dict[str, object]) -> None:
    for mode in ("RGB", "RGBA"):
        assert size(save(wide(mode), "webp", **options)) == (60, 40)


def test_an_avif_may_call_itself_mif1() -> None:
    data = save(wide(), "avif")
    data = data[:8] + b"mif1" + data[12:]
    assert b"avif" in data[16:32]
    assert (picture_kind(data), size(data)) == ("avif", (60, 40))


def test_a_heic_is_no_avif() -> None:
    data = save(wide(), "avif").replace(b"avif", b"heic").replace(b"avis", b"heis")
    assert picture_kind(data) is None


@pytest.mark.parametrize("kind", ["png", "webp", "avif", "gif", "tiff"])
def test_frames_are_counted(kind: str) -> None:
    others = [Image.new("RGB", (60, 40), colour) for colour in ("green", "blue")]
    header = read_header(save(wide(), kind, save_all=True, append_images=others))
    assert header is not None
    assert header.frames == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_without_its_end_is_not_whole(kind: str) -> None:
    data = save(wide(), kind)
    for length in (len(data) - 12, len(data) * 2 // 3):
        header = read_header(data[:length])
        assert header is None or not header.whole


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_after_the_end_are_nothing_to_it(kind: str) -> None:
    header = read_header(save(wide(), kind) + b"\0" * 20 + b"<!-- served in 3 ms -->")
    assert header is not None
    assert (header.whole, header.problem, header.size) == (True, "", (60, 40))


def test_stray_bytes_between_a_jpeg_s_segments() -> None:
    data = save(wide(), "jpeg", exif=exif(6))
    stray = data.replace(b"\xff\xdb", b"\0\0\0\xff\xff\xdb", 1)
    header = read_header(stray)
    assert header is not None
    assert (header.whole, header.size) == (True, (40, 60))


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_header_is_told_from_no_picture(kind: str) -> None:
    with pytest.raises(CutOffError):
        examine(save(wide(), kind)[:12])
    assert size(save(wide(), kind)[:12]) is None


@pytest.mark.parametrize("data", [b"", b"GIF", b"<html>", b"RIFF\0\0\0\0WAVE", b"%PDF-1.7"])
def test_what_is_no_picture(data: bytes) -> None:
    assert picture_kind(data) is None
    assert examine(data) is None
    assert size(data) is None


def test_a_picture_without_pixels_has_no_size() -> None:
    data = save(wide(), "png")
    assert size(data[:16] + struct.pack(">II", 0, 40) + data[24:]) is None


def test_a_bmp_may_begin_at_its_top() -> None:
    data = bytearray(save(wide(), "bmp"))
    struct.pack_into("<i", data, 22, -40)
    assert size(bytes(data)) == (60, 40)
