"""What a messenger shows of a shared link: a title, a line, a picture that every one of them can read."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.catalog.builders import MANIFEST, add_item, make_index, write_index, write_preview


@pytest.fixture
def shop(db: None) -> None:
    write_index(make_index({"a": (1, 0), "b": (2, 1)}, {**MANIFEST, "previews": {"a": "0123456789abcdef"}}))
    add_item("a", title='The "big" <cat>', price="19.90")
    add_item("b", title="No picture")
    write_preview("a", 900, 600)


def named(client: Client, address: str) -> dict[str, str]:
    html = client.get(address).content.decode()
    pairs = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', html)
    return {name: unescape(value) for name, value in pairs}


def test_an_item_has_its_title_price_and_picture(client: Client, shop: None) -> None:
    found = named(client, "/items/a/")
    assert found["og:title"] == 'The "big" <cat>'
    assert found["og:description"] == '€19.90. Products that look like The "big" <cat>.'
    assert found["og:type"] == "product"
    assert found["og:image"] == "http://testserver/items/a/preview.jpg?v=01234567&w=640&type=jpeg"
    assert found["twitter:card"] == "summary_large_image"
    assert (found["product:price:amount"], found["product:price:currency"]) == ("19.90", "EUR")


def test_its_picture_is_a_jpeg_whatever_is_taken(client: Client, shop: None) -> None:
    address = urlsplit(named(client, "/items/a/")["og:image"])
    answer = client.get(f"{address.path}?{address.query}", headers={"accept": "image/avif,image/webp,*/*"})
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")


def test_another_type_is_400(client: Client, shop: None) -> None:
    assert client.get("/items/a/preview.jpg?type=png").status_code == 400


def test_without_a_picture_none_is_named(client: Client, shop: None) -> None:
    found = named(client, "/items/b/")
    assert "og:image" not in found
    assert found["twitter:card"] == "summary"


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/items/?sort=id", "Catalogue · More like this"),
        ("/items/?sort=id&q=big", "“big” · Catalogue · More like this"),
        ("/taste/?like=a", "Favourites · More like this"),
    ],
)
def test_a_list_shows_its_first_item(client: Client, shop: None, address: str, title: str) -> None:
    found = named(client, address)
    assert (found["og:title"], found["og:type"]) == (title, "website")
    assert "/items/a/preview.jpg" in found["og:image"]
