"""/items/<ItemID>/preview.jpg: sized, in a format the browser takes, cacheable, and never another file."""

import os
import stat

import pytest
from django.conf import settings
from django.test import Client

from catalog.cards import preview_url
from tests.catalog.builders import MANIFEST, make_index, write_preview

AVIF, WEBP, JPEG = b"ftypavif", b"WEBP", b"\xff\xd8\xff"


def size(data: bytes) -> tuple[int, int]:
    import cv2
    import numpy as np

    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.shape[1], picture.shape[0]


def test_is_the_stored_file_for_those_who_take_nothing_else(client: Client) -> None:
    path = write_preview("a")
    response = client.get("/items/a/preview.jpg")
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.content == path.read_bytes()


@pytest.mark.parametrize(
    ("accept", "content_type", "magic"),
    [
        ("image/avif,image/webp,*/*", "image/avif", AVIF),
        ("image/webp,*/*", "image/webp", WEBP),
        ("image/avif;q=0,image/webp", "image/webp", WEBP),
        ("*/*", "image/jpeg", JPEG),
    ],
)
def test_comes_in_the_best_format_the_browser_takes(client: Client, accept: str, content_type: str, magic: bytes) -> None:
    write_preview("a")
    response = client.get("/items/a/preview.jpg", headers={"accept": accept})
    assert response.headers["Content-Type"] == content_type
    assert magic in response.content[:16]
    assert "Accept" in response.headers["Vary"]


def test_comes_in_the_width_asked_for(client: Client) -> None:
    write_preview("a", width=800, height=400)
    assert size(client.get("/items/a/preview.jpg?w=320").content) == (320, 160)


def test_is_never_made_larger_than_it_is(client: Client) -> None:
    write_preview("a", width=250, height=250)
    assert size(client.get("/items/a/preview.jpg?w=640").content) == (250, 250)


@pytest.mark.parametrize("width", ["0", "321", "abc", "-160", "99999999999"])
def test_another_width_is_400(client: Client, width: str) -> None:
    write_preview("a")
    assert client.get(f"/items/a/preview.jpg?w={width}").status_code == 400


def test_is_kept_once_made(client: Client) -> None:
    write_preview("a", width=800)
    first = client.get("/items/a/preview.jpg?w=320").content
    (kept,) = [path for path in settings.CACHE_DIR.rglob("*") if path.is_file()]
    assert kept.read_bytes() == first
    kept.write_bytes(b"from the cache")
    assert client.get("/items/a/preview.jpg?w=320").content == b"from the cache"


def test_a_cache_that_cannot_be_written_costs_no_picture(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    write_preview("a", width=800)
    settings.CACHE_DIR.write_text("a file where a folder should be")
    assert size(client.get("/items/a/preview.jpg?w=320").content)[0] == 320


def test_with_a_digest_it_may_be_kept_for_ever(client: Client) -> None:
    write_preview("a")
    assert "immutable" in client.get("/items/a/preview.jpg?v=0123abcd").headers["Cache-Control"]


def test_without_a_digest_it_is_checked(client: Client) -> None:
    write_preview("a")
    assert client.get("/items/a/preview.jpg").headers["Cache-Control"] == "public, no-cache"


def test_unchanged_is_304_without_a_body(client: Client) -> None:
    write_preview("a")
    etag = client.get("/items/a/preview.jpg").headers["ETag"]
    response = client.get("/items/a/preview.jpg", headers={"if-none-match": etag})
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["ETag"] == etag


def test_a_changed_file_has_another_tag(client: Client) -> None:
    path = write_preview("a")
    etag = client.get("/items/a/preview.jpg").headers["ETag"]
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert client.get("/items/a/preview.jpg", headers={"if-none-match": etag}).status_code == 200


def test_formats_have_different_tags(client: Client) -> None:
    write_preview("a")
    tags = {client.get("/items/a/preview.jpg", headers={"accept": accept}).headers["ETag"] for accept in ("image/webp", "*/*")}
    assert len(tags) == 2


def test_a_missing_preview_is_404(client: Client, db: None) -> None:
    assert client.get("/items/a/preview.jpg").status_code == 404


@pytest.mark.parametrize("item_id", ["..%2Fsecret", "%2e%2e%2fsecret", "..", "%00", "a%0A"])
def test_nothing_outside_the_folder_is_served(client: Client, db: None, item_id: str) -> None:
    (settings.IMAGES_DIR.parent / "secret.jpg").write_bytes(b"secret")
    write_preview("a")
    assert client.get(f"/items/{item_id}/preview.jpg").status_code == 404


def test_a_large_preview_is_sent_as_it_is_where_no_width_is_asked_for(client: Client) -> None:
    path = write_preview("a", width=2500, height=2000)
    response = client.get("/items/a/preview.jpg", headers={"accept": "image/avif"})
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.content == path.read_bytes()


def test_a_preview_that_its_format_cannot_hold_is_sent_as_it_is(client: Client) -> None:
    path = write_preview("a", width=20, height=16_400)  # WebP ends at 16,383
    response = client.get("/items/a/preview.jpg?w=160", headers={"accept": "image/webp"})
    assert response.content == path.read_bytes()


def test_addresses_carry_the_digest_of_the_index(settings: object) -> None:
    index = make_index(manifest={**MANIFEST, "previews": {"a": "0123456789abcdef"}})
    assert preview_url("a", index, 320) == "/items/a/preview.jpg?v=01234567&w=320"
    assert preview_url("b", index, 320) == "/items/b/preview.jpg?w=320"
    assert preview_url("a", None) == "/items/a/preview.jpg"


def test_post_is_405(client: Client) -> None:
    write_preview("a")
    assert client.post("/items/a/preview.jpg").status_code == 405


def test_a_failed_write_leaves_nothing_in_the_cache(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    write_preview("7")
    monkeypatch.setattr(os, "fsync", full)
    response = client.get("/items/7/preview.jpg?w=160", headers={"Accept": "image/webp"})
    assert response.status_code == 200
    assert [path for path in settings.CACHE_DIR.rglob("*") if path.is_file()] == []


def test_what_is_kept_may_be_read_by_others(client: Client) -> None:
    write_preview("7")
    before = os.umask(0o022)
    try:
        client.get("/items/7/preview.jpg?w=160", headers={"Accept": "image/webp"})
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in settings.CACHE_DIR.rglob("*") if path.is_file()] == [0o644]


NO_PICTURES = {
    "empty": b"",
    "not quite a picture": b"BM" + b"\0" * 60,
    "text": b"<html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "png without a picture": b"\x89PNG\r\n\x1a\n",
    "a bomb": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\xff\xff\xff\x7f" * 2 + b"\x08\x06\0\0\0",
}


@pytest.mark.parametrize("name", NO_PICTURES)
@pytest.mark.parametrize("accept", ["*/*", "image/avif,image/webp"])
def test_a_file_that_is_no_picture_is_404_with_a_line(client: Client, db: None, name: str, accept: str) -> None:
    (settings.IMAGES_DIR / "a.jpg").write_bytes(NO_PICTURES[name])
    for query in ("", "?w=160", "?type=jpeg"):
        response = client.get(f"/items/a/preview.jpg{query}", headers={"accept": accept})
        assert response.status_code == 404, query
        assert "is no picture" in response.content.decode()


def test_a_file_of_impossible_size_is_not_read(client: Client, db: None) -> None:
    with (settings.IMAGES_DIR / "a.jpg").open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(10_000_000_000)  # sparse: it takes no room
    assert client.get("/items/a/preview.jpg").status_code == 404


def test_a_jpeg_that_is_cut_off_is_sent_as_it_is(client: Client) -> None:
    (settings.IMAGES_DIR / "a.jpg").write_bytes(b"\xff\xd8\xff")
    for query in ("", "?w=160"):
        response = client.get(f"/items/a/preview.jpg{query}", headers={"accept": "image/avif,image/webp"})
        assert (response.status_code, response.content) == (200, b"\xff\xd8\xff")
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_another_kind_of_picture_under_its_name_is_sent_as_a_jpeg(client: Client) -> None:
    import cv2
    import numpy as np

    (settings.IMAGES_DIR / "a.jpg").write_bytes(cv2.imencode(".png", np.zeros((40, 30, 3), np.uint8))[1].tobytes())
    response = client.get("/items/a/preview.jpg")
    assert response.headers["Content-Type"] == "image/jpeg"
    assert size(response.content) == (30, 40)


def test_pages_go_on_beside_previews_that_are_no_pictures(client: Client, catalogue: None) -> None:
    for item_id, data in zip("abcdef", NO_PICTURES.values(), strict=True):
        (settings.IMAGES_DIR / f"{item_id}.jpg").write_bytes(data)
    for address in ("/items/", "/items/a/", "/compare/a/b/", "/recent/?ids=a,b", "/taste/?like=a", "/api/v1/compare/a/b"):
        assert client.get(address).status_code == 200, address
    for address in ("/compare/a/b/heat-a.png", "/map/sheets/0/0.webp"):
        assert client.get(address).status_code in {404, 503}, address
