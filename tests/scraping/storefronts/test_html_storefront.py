import re
from decimal import Decimal

import pytest

from scraping.storefronts.base import Card, Page, Source
from scraping.storefronts.html import HtmlStorefront
from scraping.storefronts.profiles import Profile, Selector

URL = "https://s.example/category/all"


def read(html: str, profile: Profile | None = None, url: str = URL) -> Page:
    return HtmlStorefront().read(Source(url, html), profile or Profile())


def test_a_lazy_card() -> None:
    page = read(
        "<title>Shirts</title><div class='product' data-id='7'><a href='/product/7/'><img src='/static/blank.gif' "
        "data-src='/cdn/7.jpg' srcset='/cdn/7.jpg 250w' alt='Shirt'></a><span class='title'>Shirt No. 7</span>"
        "<span class='price'>12.30 €</span></div><link rel='next' href='?page=2'>"
    )
    assert page == Page(
        cards=(
            Card("7", "Shirt No. 7", "https://s.example/product/7/", "https://s.example/cdn/7.jpg", Decimal("12.30"), "EUR"),
        ),
        next_url="https://s.example/category/all?page=2",
        heading="Shirts",
    )


CARD = "<{tag}><a href='/p/red-{n}00{n}'><img src='/{n}.jpg'></a><h3>Red {n}</h3><b class='price'>$1{n}</b></{end}>"


@pytest.mark.parametrize(
    ("tag", "end"),
    [
        ("li class='product type-product'", "li"),
        ("div data-product-id='{n}00{n}'", "div"),
        ("article", "article"),
        ("div itemscope itemtype='https://schema.org/Product'", "div"),
        ("div class='x1y2'", "div"),  # nothing to go by but that it repeats
    ],
)
def test_cards_are_found_without_a_profile(tag: str, end: str) -> None:
    html = "".join(CARD.replace("{tag}", tag).replace("{end}", end).replace("{n}", str(n)) for n in (1, 2, 3))
    page = read(f"<nav><a href='/'><img src='/logo.png'></a></nav><section>{html}</section>")
    assert [(card.item_id, card.title, card.price) for card in page.cards] == [
        ("1001", "Red 1", Decimal(11)),
        ("2002", "Red 2", Decimal(12)),
        ("3003", "Red 3", Decimal(13)),
    ]


def test_a_wrapper_that_looks_like_a_card_is_none() -> None:
    cards = "".join(f"<div class='product'><a href='/p/{n}'><img src='/{n}.jpg'></a></div>" for n in (1, 2))
    assert [card.item_id for card in read(f"<div class='product'>{cards}</div>").cards] == ["1", "2"]


@pytest.mark.parametrize(
    "price",
    [
        "<span class='price'><del>20 €</del> <ins>15 €</ins></span>",
        "<span class='old-price'>20 €</span><span class='price'>15 €</span>",
        "<span class='price'>20 €</span><span class='sale-price'>15 €</span>",
        "<span class='price'><s>20 €</s> 15 €</span>",
        "<meta itemprop='price' content='15.00'><meta itemprop='priceCurrency' content='EUR'>",
        "<span class='price__regular'>15 €</span>",
    ],
)
def test_the_price_asked_now(price: str) -> None:
    card = read(f"<div class='product' data-id='7'><a href='/p/7'><img src='/7.jpg'></a>{price}</div>").cards[0]
    assert (card.price, card.currency) == (Decimal(15), "EUR")


def test_the_title_falls_back_to_the_picture_and_the_link() -> None:
    by_alt = read("<div data-id='7'><a href='/p/7'><img src='/7.jpg' alt='A  shirt'></a></div>")
    by_text = read("<div data-id='7'><a href='/p/7'><img src='/7.jpg' alt=''>A shirt</a></div>")
    assert by_alt.cards[0].title == by_text.cards[0].title == "A shirt"


def test_a_card_s_own_category() -> None:
    card = "<li class='product product_cat-long-sleeve' data-id='7'><a href='/p/7'><img src='/7.jpg'></a></li>"
    assert read(card).cards[0].category == "Long sleeve"


def test_base_href() -> None:
    page = read("<base href='https://cdn.example/x/'><div data-id='7'><a href='p/7'><img src='7.jpg'></a></div>")
    assert page.cards[0].image_url == "https://cdn.example/x/7.jpg"


def test_a_profile_s_selectors_win() -> None:
    html = "<p class='k' data-sku='Q7'><i data-big='/b/7.jpg'></i><a class='go' href='/go/7'>x</a><u>Tee</u>"
    html += "<em>9,50</em></p><a id='n' href='/2'>+</a>"
    selectors = {
        "card": Selector(".k"), "link": Selector("a.go"), "image": Selector("i", "data-big"), "title": Selector("u"),
        "price": Selector("em"), "next": Selector("#n"), "id": Selector("", "data-sku"),
    }  # fmt: skip
    page = read(html, Profile(select=selectors, currency="EUR", id_prefix="acme-", category="Tees"))
    expected = Card("acme-Q7", "Tee", "https://s.example/go/7", "https://s.example/b/7.jpg", Decimal("9.50"), "EUR", "Tees")
    assert (page.cards, page.next_url) == ((expected,), "https://s.example/2")


def test_id_pattern() -> None:
    html = "<div class='product'><a href='/p/red-shirt_c9'><img src='/7.jpg'></a></div>"
    assert read(html, Profile(id_pattern=re.compile(r"_c(\d+)"))).cards[0].item_id == "9"


def test_a_chosen_card_without_a_picture_is_told() -> None:
    page = read("<div class='k' data-id='7'><a href='/p/7'>x</a></div>", Profile(select={"card": Selector(".k")}))
    assert page.cards == ()
    assert [(card.name, card.reason) for card in page.unreadable] == [("7", "no picture on the card")]


@pytest.mark.parametrize("html", ["", "<p>hello", "\x00<<<", "<a href='http://[bad'><img src='http://[bad'></a>", "{}"])
def test_a_page_that_is_no_category_has_no_cards(html: str) -> None:
    assert read(html).cards == ()
