"""Whatever bytes come as a picture: nothing but our own errors, no dead process, and bounded memory."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.imaging.child import MOST_MEMORY, Child, child
from tests.imaging.encoded import KINDS, exif, save, wide

STARTS = (
    b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"GIF89a", b"BM", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08",
    b"RIFF\0\1\0\0WEBPVP8 ", b"RIFF\0\1\0\0WEBPVP8L", b"RIFF\0\1\0\0WEBPVP8X\x0a\0\0\0", b"\0\0\0\x14ftypavif\0\0\0\0mif1",
)  # fmt: skip


def _valid() -> dict[str, list[bytes]]:
    """A few pictures of each format that differ in how they are stored."""
    clear, palette = Image.new("RGBA", (20, 16), (9, 90, 200, 100)), wide().resize((20, 16)).quantize(8)
    small, turned = wide().resize((20, 16)), exif(6)
    moving = {"save_all": True, "append_images": [clear]}
    made: list[tuple[str, Image.Image, dict[str, object]]] = [
        ("jpeg", small, {"exif": turned}),
        ("jpeg", small, {"progressive": True}),
        ("jpeg", small.convert("CMYK"), {}),
        ("png", small, {"exif": turned}),
        ("png", clear, {}),
        ("png", palette, {"transparency": 1, "bits": 4}),
        ("webp", small, {"exif": turned}),
        ("webp", clear, {}),
        ("webp", clear, {"lossless": True}),
        ("webp", small, moving),
        ("avif", small, {"exif": turned}),
        ("avif", clear, {}),
        ("avif", small, moving),
        ("gif", palette, {}),
        ("gif", small, moving),
        ("bmp", small, {}),
        ("bmp", palette, {}),
        ("tiff", small, {"compression": "tiff_lzw"}),
        ("tiff", clear, {"compression": "tiff_adobe_deflate"}),
        ("tiff", small, {"compression": "jpeg"}),
        ("tiff", palette, {"compression": "packbits"}),
    ]
    return {kind: [save(picture, name, **options) for name, picture, options in made if name == kind] for kind in KINDS}


VALID = _valid()


@pytest.fixture(scope="module")
def looker() -> Iterator[Child]:
    with child() as started:
        yield started


def check(looker: Child, data: bytes) -> None:
    outcome = looker.decode(data)
    assert outcome.error == ""
    assert outcome.peak < MOST_MEMORY


@settings(max_examples=400, derandomize=True, database=None, deadline=None)
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=300))
def test_any_bytes(looker: Child, start: bytes, rest: bytes) -> None:
    check(looker, start + rest)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, derandomize=True, database=None, deadline=None)
@given(data=st.data())
def test_valid_pictures_with_bytes_changed(looker: Child, kind: str, data: st.DataObject) -> None:
    picture = bytearray(data.draw(st.sampled_from(VALID[kind]), label="picture"))
    # Headers are short and stand in front: half of the changes go there.
    places = st.one_of(st.integers(0, min(120, len(picture) - 1)), st.integers(0, len(picture) - 1))
    for place, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8), label="changes"):
        picture[place] = byte
    length = data.draw(st.one_of(st.just(len(picture)), st.integers(0, len(picture))), label="length")
    check(looker, bytes(picture[:length]))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, derandomize=True, database=None, deadline=None)
@given(data=st.data())
def test_valid_pictures_with_large_numbers_in_them(looker: Child, kind: str, data: st.DataObject) -> None:
    """Lengths, counts and sizes are two or four bytes in every format."""
    picture = bytearray(data.draw(st.sampled_from(VALID[kind]), label="picture"))
    number = data.draw(
        st.sampled_from((b"\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\xff\xff\0\0", b"\0\0\0\0", b"\x40\0"))
    )
    place = data.draw(st.integers(0, len(picture) - len(number)), label="place")
    picture[place : place + len(number)] = number
    check(looker, bytes(picture))


@pytest.mark.parametrize("kind", KINDS)
def test_the_pictures_that_are_changed_are_sound(looker: Child, kind: str) -> None:
    for picture in VALID[kind]:
        outcome = looker.decode(picture)
        assert (outcome.error, outcome.refused) == ("", None)
        assert outcome.shape in ((16, 20, 3), (20, 16, 3))
