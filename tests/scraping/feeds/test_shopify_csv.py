"""Shopify's product export."""

from decimal import Decimal
from pathlib import Path

import pytest

from scraping.storefronts.base import Card
from tests.scraping.feeds.helpers import cards_of, others_of

HEADER = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,"
    "Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Image Src,"
    "Image Position,Variant Image,Status\n"
)
CAT = (
    'cat,Cat shirt,"<p>Soft,\n<b>warm</b></p>",Acme,Apparel > Shirts,Shirts,"a, b",true,Size,S,C-S,shopify,0,deny,15.00,20.00,'
    "https://cdn.example/2.jpg,2,,active\n"
    "cat,,,,,,,,,M,C-M,shopify,3,deny,18.00,,https://cdn.example/1.jpg,1,,\n"
    "cat,,,,,,,,,L,C-L,shopify,5,deny,19.00,,,,https://cdn.example/l.jpg,\n"
    "cat,,,,,,,,,,,,,,,,https://cdn.example/3.jpg,3,,\n"
)
DOG = "dog,Dog shirt,,Acme,,Shirts,,true,Title,Default Title,,,,deny,9.00,,https://cdn.example/d.jpg,1,,active\n"


def test_rows_of_one_handle_are_one_product(tmp_path: Path) -> None:
    assert cards_of(tmp_path, HEADER + CAT, currency="EUR", shop_url="https://shop.example/") == [
        Card(
            item_id="cat",
            title="Cat shirt",
            url="https://shop.example/products/cat",
            image_url="https://cdn.example/1.jpg",
            price=Decimal("18.00"),
            currency="EUR",
            category="Shirts",
            in_stock=True,
            brand="Acme",
            more_pictures=("https://cdn.example/2.jpg", "https://cdn.example/3.jpg", "https://cdn.example/l.jpg"),
        )
    ]


def test_when_nothing_is_in_stock_the_cheapest_of_all_is_the_price(tmp_path: Path) -> None:
    (card,) = cards_of(tmp_path, HEADER + CAT.replace(",3,deny", ",0,deny").replace(",5,deny", ",0,deny"))
    assert (card.price, card.in_stock) == (Decimal("15.00"), False)


def test_what_is_sold_beyond_its_count_is_in_stock(tmp_path: Path) -> None:
    (card,) = cards_of(tmp_path, HEADER + CAT.replace(",0,deny", ",-2,continue"))
    assert (card.price, card.in_stock) == (Decimal("15.00"), True)


def test_what_is_not_counted_is_in_stock(tmp_path: Path) -> None:
    assert cards_of(tmp_path, HEADER + DOG)[0].in_stock is True


def test_an_export_without_counts_does_not_say(tmp_path: Path) -> None:
    content = "Handle,Title,Variant Price,Image Src\ncat,Cat,5,https://cdn.example/1.jpg\n"
    assert cards_of(tmp_path, content)[0].in_stock is None


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [(",active", ",draft", "draft"), (",active", ",archived", "archived"), (",true,", ",FALSE,", "not published")],
)
def test_what_is_not_offered_is_left_out(tmp_path: Path, before: str, after: str, reason: str) -> None:
    assert others_of(tmp_path, HEADER + CAT.replace(before, after) + DOG) == [("cat", reason)]


def test_products_without_a_picture_and_scattered_rows_are_named(tmp_path: Path) -> None:
    content = HEADER + DOG.replace("https://cdn.example/d.jpg", "") + CAT + "dog,,,,,,,,,,,,,,,,https://cdn.example/9.jpg,3,,\n"
    assert [name for name, _ in others_of(tmp_path, content)] == ["dog", "dog"]
    assert [card.item_id for card in cards_of(tmp_path, content)] == ["cat"]


def test_the_newer_header(tmp_path: Path) -> None:
    content = (
        "Title,URL handle,Vendor,Type,Published on online store,Status,SKU,Option1 value,Price,Inventory tracker,"
        "Inventory quantity,Continue selling when out of stock,Product image URL,Image position\n"
        "Cat,cat,Acme,Shirts,TRUE,Active,C-S,S,15,shopify,0,DENY,https://cdn.example/1.jpg,1\n"
        ",cat,,,,,C-M,M,18,shopify,2,DENY,,\n"
    )
    (card,) = cards_of(tmp_path, content)
    assert (card.item_id, card.price, card.in_stock, card.brand) == ("cat", Decimal(18), True, "Acme")
