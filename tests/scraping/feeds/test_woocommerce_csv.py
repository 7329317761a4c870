"""WooCommerce's product export."""

from decimal import Decimal
from pathlib import Path

import pytest

from scraping.storefronts.base import Card
from tests.scraping.feeds.helpers import cards_of, others_of

HEADER = (
    "ID,Type,SKU,Name,Published,Is featured?,Visibility in catalog,Date sale price starts,Date sale price ends,In stock?,Stock,"
    "Sale price,Regular price,Categories,Images,Parent,Brands\n"
)
SIMPLE = (
    '10,simple,S-10,"Cat, blue",1,0,visible,,,1,,15,20,"Clothes, Clothes > Hats","https://shop.example/1.jpg, '
    'https://shop.example/2.jpg",,Acme\n'
)
VARIABLE = (
    "22,variation,V-S,Dog - S,1,0,visible,,,0,,,10,,,id:20,\n"
    "20,variable,V,Dog,1,0,visible,,,1,,,,Clothes > Shirts,https://shop.example/d.jpg,,\n"
    "21,variation,V-M,Dog - M,1,0,visible,,,1,5,12,14,,https://shop.example/m.jpg,V,\n"
    "23,variation,V-L,Dog - L,1,0,visible,,,1,5,,13,,,id:20,\n"
    "24,variation,V-X,Dog - X,0,0,visible,,,1,5,,1,,,id:20,\n"
)


def test_a_simple_product(tmp_path: Path) -> None:
    assert cards_of(tmp_path, HEADER + SIMPLE, currency="EUR", shop_url="https://shop.example") == [
        Card(
            item_id="10",
            title="Cat, blue",
            url="https://shop.example/?post_type=product&p=10",
            image_url="https://shop.example/1.jpg",
            price=Decimal(15),
            currency="EUR",
            category="Hats",
            in_stock=True,
            brand="Acme",
            more_pictures=("https://shop.example/2.jpg",),
        )
    ]


def test_variations_belong_to_their_parent_wherever_they_stand(tmp_path: Path) -> None:
    (card,) = cards_of(tmp_path, HEADER + VARIABLE)
    assert (card.item_id, card.title, card.price, card.in_stock) == ("20", "Dog", Decimal(12), True)
    assert card.more_pictures == ("https://shop.example/m.jpg",)


def test_a_sale_that_has_not_begun_is_not_the_price(tmp_path: Path) -> None:
    assert cards_of(tmp_path, HEADER + SIMPLE.replace("visible,,,", "visible,2026-06-16,,"))[0].price == Decimal(20)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('blue",1,', 'blue",0,', "not published"),
        ('blue",1,', 'blue",-1,', "draft"),
        ("visible", "hidden", "hidden in the catalogue"),
    ],
)
def test_what_is_not_offered_is_left_out(tmp_path: Path, before: str, after: str, reason: str) -> None:
    assert others_of(tmp_path, HEADER + SIMPLE.replace(before, after)) == [("10", reason)]


def test_a_product_without_a_picture_is_named(tmp_path: Path) -> None:
    row = "10,simple,,Cat,1,0,visible,,,1,,,20,,,,\n"
    assert others_of(tmp_path, HEADER + row) == [("10", "no picture")]


def test_stock_by_number(tmp_path: Path) -> None:
    assert cards_of(tmp_path, HEADER + SIMPLE.replace("1,,15", ",0,15"))[0].in_stock is False


def test_a_german_shop(tmp_path: Path) -> None:
    content = (
        "ID,Typ,Artikelnummer,Name,Veröffentlicht,Vorrätig?,Angebotspreis,Regulärer Preis,Kategorien,Bilder,"
        "Übergeordnetes Produkt\n"
        '10,simple,S,Katze,1,1,,"19,90",Hüte,https://shop.example/1.jpg,\n'
    )
    (card,) = cards_of(tmp_path, content)
    assert (card.title, card.price, card.category, card.in_stock) == ("Katze", Decimal("19.90"), "Hüte", True)
