"""What single cells mean."""

from decimal import Decimal

import pytest

from scraping.feeds.values import in_force, last_category, link_of, money, pictures_of, plain_text, stock_of
from tests.scraping.feeds.helpers import NOW


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  a\n b ", "a b"),
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("<b>Cat</b> &lt;3", "Cat <3"),
        ("5 < 6 > 4", "5 < 6 > 4"),
    ],
)
def test_plain_text(text: str, plain: str) -> None:
    assert plain_text(text, 100) == plain


def test_plain_text_is_cut() -> None:
    assert plain_text("abcdef", 3) == "abc"


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Shirts", "Shirts"),
        ("Clothes > Shirts &amp; Tops", "Shirts & Tops"),
        ("Home, Garden & Tools", "Home, Garden & Tools"),
        ("1604", ""),
        ("", ""),
    ],
)
def test_category(text: str, category: str) -> None:
    assert last_category(text) == category


@pytest.mark.parametrize(
    ("text", "category"),
    [("Clothing, Clothing > Hoodies", "Hoodies"), ("A, B", "A"), (r"Home\, Garden", "Home, Garden"), ("", "")],
)
def test_category_of_several(text: str, category: str) -> None:
    assert last_category(text, is_list=True) == category


@pytest.mark.parametrize(
    ("text", "stock"),
    [
        ("in stock", True), ("in_stock", True), ("https://schema.org/InStock", True), ("1", True), ("12.0", True),
        ("backorder", True), ("да", True), ("auf Lager", True), ("out of stock", False), ("OutOfStock", False), ("0", False),
        ("-2", False), ("sold out", False), ("нет в наличии", False), ("", None), ("perhaps", None),
    ],
)  # fmt: skip
def test_stock(text: str, stock: bool | None) -> None:
    assert stock_of(text) is stock


@pytest.mark.parametrize(
    ("text", "column", "default", "price"),
    [
        ("19.99 EUR", "", "", ("19.99", "EUR")),
        ("19.990 EUR", "", "", ("19.99", "EUR")),
        ("1.299,00 €", "", "", ("1299", "EUR")),
        ("19.99", "usd", "EUR", ("19.99", "USD")),
        ("19.99", "", "EUR", ("19.99", "EUR")),
        ("$19.99", "", "CAD", ("19.99", "CAD")),
        ("19.990", "CLP", "", ("19990", "CLP")),
    ],
)
def test_money(text: str, column: str, default: str, price: tuple[str, str]) -> None:
    assert money(text, column, default) == (Decimal(price[0]), price[1])


@pytest.mark.parametrize("text", ["", "free", "-3"])
def test_no_money(text: str) -> None:
    assert money(text, "EUR", "EUR") == (None, "")


@pytest.mark.parametrize(
    ("dates", "first", "last", "holds"),
    [
        ("", "", "", True),
        ("2026-06-01T00:00+0100/2026-06-30T23:59+0100", "", "", True),
        ("2026-06-01/2026-06-15", "", "", True),
        ("2026-05-01/2026-06-14", "", "", False),
        ("2026-07-01T00:00:00Z/2026-07-30T00:00:00Z", "", "", False),
        ("", "2026-06-15", "", True),
        ("", "2026-06-16", "", False),
        ("", "", "2026-06-15 11:59:00", False),
        ("", "01.06.2026", "", True),
        ("soon", "", "", False),
        ("", "", "99.99.2026", False),
    ],
)
def test_when_a_sale_holds(dates: str, first: str, last: str, holds: bool) -> None:
    assert in_force(dates, first, last, NOW) is holds


A, B = "https://shop.example/a.jpg", "https://shop.example/b,c.jpg?x=1,2"


@pytest.mark.parametrize(
    ("values", "pictures"),
    [
        ((A,), (A,)),
        ((f"{A}, {B}",), (A, B)),
        ((f"{A},{A}",), (A,)),
        ((f"{A}|{B}", A), (A, B)),
        (("//shop.example/a.jpg",), (A,)),
        (("https://shop.example/a.jpg?x=1&amp;y=2",), ("https://shop.example/a.jpg?x=1&y=2",)),
        (("javascript:alert(1)", "data:image/png;base64,AA", "https://[x/", "https://", "ftp://a/b.jpg", "x" * 3000), ()),
    ],
)
def test_addresses_of_pictures(values: tuple[str, ...], pictures: tuple[str, ...]) -> None:
    assert pictures_of(values, "", local=False) == pictures


def test_relative_addresses_need_a_base() -> None:
    assert pictures_of(("/a.jpg",), "https://shop.example/feeds/x.xml", local=False) == (A,)
    assert pictures_of(("/a.jpg",), "", local=False) == ()


def test_paths_stay_paths_where_the_feed_is_a_file() -> None:
    assert pictures_of((r"red shirts\a.jpg; b.jpg",), "", local=True) == ("file:red%20shirts/a.jpg", "file:b.jpg")
    assert pictures_of(("/a.jpg",), "https://shop.example/", local=True) == (A,)


@pytest.mark.parametrize(
    ("text", "link"), [(" https://shop.example/1 ", "https://shop.example/1"), ("/1", ""), ("mailto:x@y", "")]
)
def test_links(text: str, link: str) -> None:
    assert link_of(text, "") == link
