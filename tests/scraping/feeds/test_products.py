"""Products of Merchant feeds and of any list with a header."""

from decimal import Decimal
from pathlib import Path

import pytest

from scraping.errors import FeedError
from scraping.storefronts.base import Card
from tests.scraping.feeds.helpers import cards_of, others_of, products_of

ROW = {
    "id": "s-1",
    "title": "Cat shirt",
    "link": "https://shop.example/s",
    "image_link": "https://shop.example/1.jpg",
    "additional_image_link": "https://shop.example/2.jpg,https://shop.example/3.jpg",
    "availability": "in stock",
    "price": "25.00 EUR",
    "sale_price": "19.90 EUR",
    "sale_price_effective_date": "2026-06-01T00:00+0000/2026-07-01T00:00+0000",
    "google_product_category": "1604",
    "product_type": "Clothes > Shirts",
    "brand": "Acme",
    "item_group_id": "s",
}
TSV = "\t".join(ROW) + "\n" + "\t".join(ROW.values()) + "\n"


def test_a_merchant_feed(tmp_path: Path) -> None:
    assert cards_of(tmp_path, TSV) == [
        Card(
            item_id="s-1",
            title="Cat shirt",
            url="https://shop.example/s",
            image_url="https://shop.example/1.jpg",
            price=Decimal("19.90"),
            currency="EUR",
            category="Shirts",
            in_stock=True,
            brand="Acme",
            group_id="s",
            more_pictures=("https://shop.example/2.jpg", "https://shop.example/3.jpg"),
        )
    ]


def test_a_sale_that_is_over_is_not_the_price(tmp_path: Path) -> None:
    assert cards_of(tmp_path, TSV.replace("2026-07-01", "2026-06-02"))[0].price == Decimal("25.00")


def test_a_sale_price_above_the_price_is_not_the_price(tmp_path: Path) -> None:
    assert cards_of(tmp_path, TSV.replace("19.90", "29.90"))[0].price == Decimal("25.00")


def test_the_same_in_xml(tmp_path: Path) -> None:
    cells = "".join(f"<g:{name}>{cell.replace('>', '&gt;')}</g:{name}>" for name, cell in ROW.items())
    xml = f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item>{cells}</item></channel></rss>'
    assert cards_of(tmp_path, xml) == cards_of(tmp_path, TSV)


LIST = "Product;Art. no;Photo;Cost\nCat;A 1;https://shop.example/1.jpg;1.299,00 €\n"
CHOSEN = {"title": "Product", "id": "Art. no", "picture": "Photo", "price": "Cost"}


def test_columns_that_the_owner_names(tmp_path: Path) -> None:
    (card,) = products_of(tmp_path, LIST, CHOSEN)
    assert isinstance(card, Card)
    assert (card.item_id, card.title, card.price, card.currency) == ("A-1-937bb40e", "Cat", Decimal("1299.00"), "EUR")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"picture": "Foto"}, "no column 'Foto'; there are: Product, Art. no, Photo, Cost"),
        ({"colour": "Cost"}, "'colour' is no field"),
    ],
)
def test_a_wrong_choice_is_one_line(tmp_path: Path, chosen: dict[str, str], words: str) -> None:
    with pytest.raises(FeedError, match=words):
        products_of(tmp_path, LIST, chosen)


def test_a_list_without_pictures_says_how_to_name_them(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="--column picture=COLUMN"):
        products_of(tmp_path, "id,title\n1,Cat\n")


def test_a_list_without_ids_and_links_says_how_to_name_them(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"No column of ids .*: bestellcode, title, image\. Name it: --column id=COLUMN"):
        products_of(tmp_path, "bestellcode,title,image\n1,Cat,https://shop.example/1.jpg\n")


def test_rows_that_lack_something_are_named(tmp_path: Path) -> None:
    content = "id,title,image\n1,Cat,\n,Dog,https://shop.example/2.jpg\n3,Fox,x y z\n"
    assert others_of(tmp_path, content) == [("1", "no picture"), ("row 3 (Dog)", "no id"), ("3", "no picture")]


def test_without_ids_the_address_tells_products_apart(tmp_path: Path) -> None:
    content = "name,url,image\nCat,https://shop.example/p/cat-shirt/,https://shop.example/2.jpg\n"
    assert cards_of(tmp_path, content)[0].item_id == "cat-shirt"


SIZES = """id,item_group_id,title,image_link,price,availability
1-S,1,Cat,https://shop.example/1.jpg,30 EUR,in stock
1-M,1,Cat,https://shop.example/1.jpg,20 EUR,out of stock
1-L,1,Cat,https://shop.example/1.jpg,25 EUR,in stock
1-B,1,Cat blue,https://shop.example/b.jpg,40 EUR,out of stock
2,,Dog,https://shop.example/1.jpg,5 EUR,
"""


def test_variants_that_look_alike_are_one_product(tmp_path: Path) -> None:
    cards = cards_of(tmp_path, SIZES)
    assert [(card.item_id, card.price, card.in_stock, card.group_id) for card in cards] == [
        ("1-S", Decimal(25), True, "1"),
        ("1-B", Decimal(40), False, "1"),
        ("2", Decimal(5), None, ""),
    ]


def test_options_of_the_owner(tmp_path: Path) -> None:
    content = "id,image,price\n1,https://shop.example/2.jpg,5\n"
    (card,) = cards_of(tmp_path, content, currency="EUR", id_prefix="x-", category="Hats")
    assert (card.item_id, card.currency, card.category) == ("x-1", "EUR", "Hats")
