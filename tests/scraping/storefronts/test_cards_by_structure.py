# ruff: noqa: E501 (pages as shops send them)
"""What misleads about where the cards are and what they say: one small page for each kind."""

from decimal import Decimal

import pytest

from scraping.storefronts.base import Card, Page, Source
from scraping.storefronts.html import HtmlStorefront
from scraping.storefronts.profiles import Profile

URL = "https://s.example/tees"


def read(html: str, url: str = URL) -> Page:
    return HtmlStorefront().read(Source(url, html), Profile())


def cards(build: str, count: int = 4) -> str:
    return "".join(build.replace("{n}", str(n)) for n in range(1, count + 1))


PLAIN = "<li><a href='/p/tee-{n}'><img src='/{n}.jpg'></a><h3><a href='/p/tee-{n}'>Tee no. {n}</a></h3><b class='price'>{n}5 €</b></li>"


def first(build: str) -> Card:
    return read(f"<main><ul>{cards(build)}</ul></main>").cards[0]


def test_rows_of_a_grid_are_one_family() -> None:
    rows = "".join(f"<div class='row'>{cards(PLAIN, 3).replace('tee-', f'tee-{row}')}</div>" for row in range(3))
    assert len(read(f"<main>{rows}</main>").cards) == 9


def test_extra_classes_on_the_first_and_last_card_do_not_matter() -> None:
    grid = cards(PLAIN).replace("<li>", "<li class='item'>").replace("'item'", "'item first'", 1)
    assert len(read(f"<ul>{grid}</ul>").cards) == 4


@pytest.mark.parametrize("heading", ["You may also like", "Recently viewed", "Похожие товары", "Das könnte dir auch gefallen"])
def test_other_products_are_not_the_category_s(heading: str) -> None:
    other = cards(PLAIN, 8).replace("tee-", "other-")
    page = read(f"<main><h1>Tees</h1><ul>{cards(PLAIN)}</ul><h2>{heading}</h2><ul>{other}</ul></main>")
    assert [card.item_id for card in page.cards] == ["tee-1", "tee-2", "tee-3", "tee-4"]


def test_a_smaller_row_of_bestsellers_is_not_the_category_s() -> None:
    best = cards(PLAIN, 3).replace("tee-", "best-")
    page = read(f"<main><h2>Bestsellers</h2><ul>{best}</ul><h1>Tees</h1><ul>{cards(PLAIN)}</ul></main>")
    assert [card.item_id for card in page.cards] == ["tee-1", "tee-2", "tee-3", "tee-4"]


def test_a_banner_between_the_cards_is_none() -> None:
    banner = "<li><a href='/summer'><img src='/banner.jpg'></a></li>"
    assert len(read(f"<ul>{cards(PLAIN)}{banner}</ul>").cards) == 4


def test_a_card_without_a_price_among_priced_ones_is_one() -> None:
    sold_out = PLAIN.replace("{n}", "9").replace("<b class='price'>95 €</b>", "<b class='price'></b>")
    assert read(f"<ul>{cards(PLAIN)}{sold_out}</ul>").cards[-1] == Card(
        "tee-9", "Tee no. 9", "https://s.example/p/tee-9", "https://s.example/9.jpg"
    )


def test_a_card_without_a_picture_is_counted() -> None:
    bare = PLAIN.replace("{n}", "9").replace("<img src='/9.jpg'>", "")
    page = read(f"<ul>{cards(PLAIN)}{bare}</ul>")
    assert len(page.cards) == 4
    # By its ItemID, so that a known product counts as met.
    assert [(unread.name, unread.reason) for unread in page.unreadable] == [("tee-9", "no picture on the card")]


def test_what_only_stands_beside_the_cards_is_no_unreadable_one() -> None:
    note = "<li class='note'>Get our <a href='/news'>newsletter</a> and <b class='price'>5 €</b> off</li>"
    assert read(f"<ul>{cards(PLAIN.replace('<li>', '<li class=card>'))}{note}</ul>").unreadable == ()


def test_a_catalogue_without_prices() -> None:
    page = read(f"<nav><a href='/'><img src='/l.png'></a></nav><ul>{cards(PLAIN.replace('{n}5 €', ''))}</ul>")
    assert [card.price for card in page.cards] == [None] * 4


@pytest.mark.parametrize(
    ("build", "title"),
    [
        ("<li><a href='/p/t-{n}' title='A long title no. {n}'><img src='/{n}.jpg'>A long ti...</a> {n}5 €</li>", "A long title no. 1"),
        ("<li><h4 class='brand'>ACME</h4><a href='/p/t-{n}'><img src='/{n}.jpg'><h5>Tee {n}</h5></a> {n}5 €</li>", "Tee 1"),
        ("<li><a href='/p/t-{n}'><img src='/{n}.jpg'></a><a href='/p/t-{n}'>Tee {n}<span class='sr-only'> (opens in a new window)</span></a> {n}5 €</li>", "Tee 1"),
        ("<li><a href='/p/t-{n}'><img src='/{n}.jpg'></a><a href='/p/t-{n}' aria-label='Tee {n}, opens in a new tab'></a> {n}5 €</li>", "Tee 1"),
        ("<li><a href='/p/t-{n}'><img src='/{n}.jpg'></a><span class='title'>Sale</span><p class='name'>Tee {n}</p><h6>Quick view</h6> {n}5 €</li>", "Tee 1"),
        ("<li><div class='title-box'><a href='/b/acme' class='vendor-name'>ACME</a><h3><a href='/p/t-{n}'><img src='/{n}.jpg'>Tee {n}</a></h3><i>(12)</i></div>{n}5 €</li>", "Tee 1"),
    ],
    ids=["cut", "brand", "window", "window-label", "sale", "wrapper"],
)  # fmt: skip
def test_the_title_is_the_product_s(build: str, title: str) -> None:
    assert first(build).title == title


@pytest.mark.parametrize(
    ("mark", "identifier"),
    [
        ("<i data-product_id='87{n}'></i>", "871"),
        ("<i data-id-product='87{n}'></i>", "871"),
        ("<i data-asin='B0{n}'></i>", "B01"),
        ("<i data-pid='A-{n}'></i>", "A-1"),
        ("<input type='hidden' name='product_id' value='87{n}'>", "871"),
        ("<b id='product-price-87{n}'></b>", "871"),
        ("<button onclick=\"cart.add('87{n}')\"></button>", "871"),
        ("<i data-product-id='5'></i>", "tee-1"),  # the same on every card: the list's, not the product's
        ("<i data-id='{n}'></i>", "tee-1"),  # it counts the cards
    ],
)
def test_the_shop_s_own_id_wherever_it_stands(mark: str, identifier: str) -> None:
    assert first(PLAIN.replace("</li>", f"{mark}</li>")).item_id == identifier


def test_an_id_in_the_card_s_class() -> None:
    assert first(PLAIN.replace("<li>", "<li class='product post-87{n}'>")).item_id == "871"


def test_the_slug_where_an_id_is_not_unique() -> None:
    build = PLAIN.replace("<li>", "<li data-product-id='7'>").replace("/p/tee-{n}", "/p/tee-{n}?")
    assert [card.item_id for card in read(f"<ul>{cards(build)}</ul>").cards] == ["tee-1", "tee-2", "tee-3", "tee-4"]


@pytest.mark.parametrize(
    ("picture", "path"),
    [
        ("<i class='badge'><img src='/sold-out.png'></i><img src='/{n}.jpg'>", "/1.jpg"),
        ("<img src='/soldout_1.png'><img src='/{n}.jpg'>", "/1.jpg"),  # the same on every card
        ("<img src='/s{n}.png' width='20' height='20'><img src='/{n}.jpg'>", "/1.jpg"),
        ("<div data-bgset='/{n}_180x.jpg 180w 225h, /{n}_720x.jpg 720w 900h'></div>", "/1_720x.jpg"),
        ("<img src='/grey-tee-{n}.jpg'>", "/grey-tee-1.jpg"),
        ("<img src='/grey.gif' data-src='/{n}.jpg'>", "/1.jpg"),
        ("<img data-src='/{n}_{width}x.jpg' data-widths='[180, 540, 900]'>", "/1_900x.jpg"),
        ("<img src='/wait.gif'><noscript><img src='/{n}.jpg'></noscript>", "/1.jpg"),
        ("<img data-mainimage='/{n}_big.png?v='>", "/1_big.png?v="),
        ("<img data-src='//[x]/{n}.jpg' src='/{n}.jpg'>", "/1.jpg"),
    ],
)
def test_the_picture_is_the_product_s(picture: str, path: str) -> None:
    assert first(PLAIN.replace("<img src='/{n}.jpg'>", picture)).image_url == f"https://s.example{path}"


@pytest.mark.parametrize("src", ["/no-image.png", "/placeholder.jpg"])
def test_a_placeholder_alone_is_no_picture(src: str) -> None:
    page = read(f"<ul>{cards(PLAIN)}{PLAIN.replace('{n}', '9').replace('/9.jpg', src)}</ul>")
    assert [(unread.name, unread.reason) for unread in page.unreadable] == [
        ("tee-9", "only a placeholder in place of its picture")
    ]


@pytest.mark.parametrize(
    "bad",
    ["<a href='//[x]/'>", "<img src='http://s.example:99x/9.jpg'>", "<base href='http://[::1'>", "<a rel='next' href='http://s.example:abc/'>n</a>"],
)  # fmt: skip
def test_a_malformed_address_costs_no_other_card(bad: str) -> None:
    assert len(read(f"{bad}<ul>{cards(PLAIN)}</ul>").cards) == 4


def test_links_follow_the_base_the_page_s_own_address_does_not() -> None:
    page = read(f"<base href='/'><ul>{cards(PLAIN)}</ul><a href='/tees?page=1'>1</a><a href='/tees?page=2'>2</a>")
    assert page.next_url == "https://s.example/tees?page=2"


def test_json_ld_fills_in_what_a_card_lacks() -> None:
    data = '{"@type":"ItemList","itemListElement":[{"@type":"ListItem","item":{"@type":"Product","name":"Tee one","url":"/p/tee-1",'
    data += '"brand":{"name":"ACME"},"offers":{"price":"12.50","priceCurrency":"EUR","availability":"https://schema.org/OutOfStock"}}}]}'
    card = read(f"<script type='application/ld+json'>{data}</script><ul>{cards(PLAIN).replace('15 €', '', 1)}</ul>").cards[0]
    assert (card.price, card.currency, card.brand, card.in_stock) == (Decimal("12.50"), "EUR", "ACME", False)


def test_a_list_that_scripts_draw_is_read_from_its_data() -> None:
    items = ",".join(
        f'{{"@type":"Product","name":"Tee {n}","url":"/p/tee-{n}","image":"/{n}.jpg","offers":{{"price":{n},"priceCurrency":"EUR"}}}}'
        for n in (1, 2)
    )
    page = read(
        f'<div id=\'app\'></div><script type=\'application/ld+json\'>{{"@type":"ItemList","itemListElement":[{items}]}}</script>'
    )
    assert [(card.item_id, card.title, card.price) for card in page.cards] == [
        ("tee-1", "Tee 1", Decimal(1)), ("tee-2", "Tee 2", Decimal(2)),
    ]  # fmt: skip
