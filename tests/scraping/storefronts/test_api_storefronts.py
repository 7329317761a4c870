import json
from decimal import Decimal

import pytest

from scraping.storefronts import STOREFRONTS
from scraping.storefronts.base import Card, Page, Source, Unreadable
from scraping.storefronts.profiles import Profile

SHOPIFY = "https://s.example/collections/shirts/products.json?limit=2&page=1"
WOO = "https://s.example/wp-json/wc/store/v1/products?per_page=2&page=1"


@pytest.mark.parametrize(
    ("name", "known_as", "first"),
    [
        (
            "shopify",
            "https://s.example/collections/shirts",
            "https://s.example/collections/shirts/products.json?limit=250&page=1",
        ),
        ("shopify", "https://s.example/", "https://s.example/collections/all/products.json?limit=250&page=1"),
        ("shopify", SHOPIFY, SHOPIFY),
        ("woocommerce", "https://s.example/shop/", "https://s.example/wp-json/wc/store/v1/products?per_page=100&page=1"),
        (
            "woocommerce",
            "https://s.example/product-category/men/shirts/",
            "https://s.example/wp-json/wc/store/v1/products?category=shirts&per_page=100&page=1",
        ),
        ("woocommerce", WOO, WOO),
    ],
)
def test_where_reading_begins(name: str, known_as: str, first: str) -> None:
    assert STOREFRONTS[name].first_url(known_as) == first


def test_shopify() -> None:
    shirt = {
        "id": 7, "title": "A  shirt", "handle": "a-shirt", "product_type": "Shirts", "variants": [{"price": "12.50"}],
        "images": [{"src": "/cdn/7.jpg?v=1"}],
    }  # fmt: skip
    page = STOREFRONTS["shopify"].read(Source(SHOPIFY, json.dumps({"products": [shirt, {"id": 8}]})), Profile(currency="EUR"))
    url, image = "https://s.example/products/a-shirt", "https://s.example/cdn/7.jpg?v=1"
    assert page == Page(
        cards=(Card("7", "A shirt", url, image, Decimal("12.50"), "EUR", "Shirts"),),
        unreadable=(Unreadable("8", "no picture on the card"),),
        next_url="https://s.example/collections/shirts/products.json?limit=2&page=2",
    )


def test_woocommerce() -> None:
    shirt = {
        "id": 7, "name": "Cat &amp; dog", "permalink": "https://s.example/product/7/",
        "images": [{"src": "/b.jpg", "thumbnail": "/t.jpg"}],
        "prices": {"price": "1250", "currency_code": "EUR", "currency_minor_unit": 2}, "categories": [{"name": "Shirts"}],
    }  # fmt: skip
    page = STOREFRONTS["woocommerce"].read(Source(WOO, json.dumps([shirt]), {"x-wp-totalpages": "2"}), Profile())
    url, image = "https://s.example/product/7/", "https://s.example/t.jpg"
    assert page.cards == (Card("7", "Cat & dog", url, image, Decimal("12.50"), "EUR", "Shirts"),)
    assert page.next_url == "https://s.example/wp-json/wc/store/v1/products?per_page=2&page=2"


@pytest.mark.parametrize(
    ("name", "url", "empty", "headers"),
    [("shopify", SHOPIFY, '{"products": []}', {}), ("woocommerce", WOO, "[]", {"x-wp-totalpages": "1"})],
)
def test_the_end_is_told(name: str, url: str, empty: str, headers: dict[str, str]) -> None:
    assert STOREFRONTS[name].read(Source(url, empty, headers), Profile()) == Page(cards=(), last=True)


@pytest.mark.parametrize("name", ["shopify", "woocommerce"])
@pytest.mark.parametrize("text", ["", "<html>sign in", "7", '{"code": "rest_no_route"}', '{"products": 7}', "[7]"])
def test_what_is_no_list_of_products_has_no_cards(name: str, text: str) -> None:
    page = STOREFRONTS[name].read(Source(SHOPIFY, text), Profile())
    assert (page.cards, page.next_url, page.last) == ((), None, False)
