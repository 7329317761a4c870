"""One product of a list that cannot be read costs itself only, whatever is wrong with it."""

import json
from typing import Any

import pytest

from scraping.storefronts import STOREFRONTS
from scraping.storefronts.base import Source, Unreadable
from scraping.storefronts.profiles import Profile

SHOPIFY = "https://s.example/collections/shirts/products.json?limit=250&page=1"
WOO = "https://s.example/wp-json/wc/store/v1/products?per_page=100&page=1"
SHIRT = {"id": 2, "title": "b", "handle": "b", "variants": [], "images": [{"src": "/2.jpg"}]}
MUG = {"id": 2, "name": "b", "permalink": "/p/2", "images": [{"src": "/2.jpg"}], "prices": {"price": "100"}}

BAD: list[dict[str, Any]] = [
    {"images": [{"src": "https://[broken/1.jpg"}]},
    {"images": [{"src": "javascript:alert(1)"}]},
    {"images": [{"src": "/" + "x" * 3000}]},
    {"images": ["/1.jpg"]},
    {"images": [{}]},
    {"images": 7},
    {"variants": 7, "prices": 7},
    {"variants": ["x"], "prices": ["x"]},
    {"handle": "[", "permalink": "https://[x/"},
    {"prices": {"price": "1", "currency_minor_unit": "many"}, "variants": [7]},
]


@pytest.mark.parametrize("wrong", BAD)
@pytest.mark.parametrize(("name", "url", "good"), [("shopify", SHOPIFY, SHIRT), ("woocommerce", WOO, MUG)])
def test_the_others_are_read(name: str, url: str, good: dict[str, Any], wrong: dict[str, Any]) -> None:
    products = [{**good, "id": 1, **wrong}, good]
    text = "\ufeff" + json.dumps({"products": products} if name == "shopify" else products)
    page = STOREFRONTS[name].read(Source(url, text), Profile())
    assert "2" in [card.item_id for card in page.cards]
    assert len(page.cards) + len(page.unreadable) == 2
    assert page.last


@pytest.mark.parametrize("wrong", [None, True, {"a": 1}, [], ""])
def test_a_product_without_an_id_blocks_delisting(wrong: object) -> None:
    page = STOREFRONTS["shopify"].read(Source(SHOPIFY, json.dumps({"products": [{**SHIRT, "id": wrong}]})), Profile())
    assert page.unreadable == (Unreadable("a product", "malformed: it has no id"),)
    assert page.unreadable[0].blocks_delisting


def test_a_product_without_a_picture_is_known_all_the_same() -> None:
    page = STOREFRONTS["shopify"].read(Source(SHOPIFY, json.dumps({"products": [{**SHIRT, "images": []}]})), Profile())
    assert page.unreadable == (Unreadable("2", "no picture on the card"),)
    assert not page.unreadable[0].blocks_delisting


def test_a_list_as_long_as_a_shop_s_own_default_may_go_on() -> None:
    products = [{**SHIRT, "id": number} for number in range(30)]
    page = STOREFRONTS["shopify"].read(Source(SHOPIFY, json.dumps({"products": products})), Profile())
    assert page.next_url == SHOPIFY.replace("page=1", "page=2")


@pytest.mark.parametrize(
    ("src", "width", "asked"),
    [
        ("https://cdn.shopify.com/s/files/1/2/a.jpg?v=1", 2000, "https://cdn.shopify.com/s/files/1/2/a.jpg?v=1&width=600"),
        ("//s.example/cdn/shop/files/a.jpg", None, "https://s.example/cdn/shop/files/a.jpg?width=600"),
        ("https://cdn.shopify.com/s/files/1/2/a.jpg?v=1", 400, "https://cdn.shopify.com/s/files/1/2/a.jpg?v=1"),
        ("/media/a.jpg", 2000, "https://s.example/media/a.jpg"),
    ],
)
def test_a_preview_is_asked_for_at_its_size(src: str, width: int | None, asked: str) -> None:
    product = {**SHIRT, "images": [{"src": src, "width": width}]}
    page = STOREFRONTS["shopify"].read(Source(SHOPIFY, json.dumps({"products": [product]})), Profile())
    assert page.cards[0].image_url == asked


@pytest.mark.parametrize(
    ("variants", "price", "in_stock"),
    [
        ([{"price": "5.00", "available": False}, {"price": "9.00", "available": True}], "9.00", True),
        ([{"price": "9.00", "available": False}, {"price": "5.00", "available": False}], "5.00", False),
        ([{"price": "9.00"}, {"price": "5.00"}], "5.00", None),
        ([{"price": "19.990", "available": True}], "19.99", True),
        ([{"price": "1e99", "available": True}], "None", True),
    ],
)
def test_the_price_of_the_cheapest_that_can_be_bought(
    variants: list[dict[str, Any]], price: str, in_stock: bool | None
) -> None:
    product = {**SHIRT, "variants": variants}
    page = STOREFRONTS["shopify"].read(Source(SHOPIFY, json.dumps({"products": [product]})), Profile(currency="EUR"))
    assert (str(page.cards[0].price), page.cards[0].in_stock) == (price, in_stock)


@pytest.mark.parametrize(
    ("prices", "price", "currency"),
    [
        ({"price": "1990", "currency_code": "JPY", "currency_minor_unit": 0}, "1990.00", "JPY"),
        ({"price": "1250", "currency_code": "EUR", "currency_minor_unit": 2}, "12.50", "EUR"),
        ({"price": "1250", "currency_code": "KWD", "currency_minor_unit": 3}, "1.25", "KWD"),
        ({"price": "1250", "currency_code": "euros"}, "12.50", ""),
        ({"price": "", "currency_code": "EUR"}, "None", ""),
    ],
)
def test_woocommerce_s_smallest_units(prices: dict[str, Any], price: str, currency: str) -> None:
    page = STOREFRONTS["woocommerce"].read(Source(WOO, json.dumps([{**MUG, "prices": prices}])), Profile())
    assert (str(page.cards[0].price), page.cards[0].currency) == (price, currency)
