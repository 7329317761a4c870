# ruff: noqa: E501 (pages as shops send them)
"""A product's own page becomes that product or a refusal, never its related products."""

from decimal import Decimal

import pytest

from scraping.storefronts.base import Card, Page, Source
from scraping.storefronts.html import HtmlStorefront
from scraping.storefronts.profiles import Profile

URL = "https://s.example/p/bear-tee"
BUY = "<form action='/cart'><input name='quantity' value='1'><button>Add to cart</button></form>"
RELATED = (
    "<section>{heading}"
    + "".join(
        f"<div class='product' data-id='9{n}'><a href='/p/other-{n}'><img src='/o{n}.jpg'></a><h3>Other {n}</h3><b class='price'>{n}0 €</b></div>"
        for n in range(1, 6)
    )
    + "</section>"
)
JSON_LD = (
    (
        "<script type='application/ld+json'>{'@type':'Product','name':'Bear tee','image':['/b.jpg','/c.jpg'],'sku':'S1','brand':{'name':'ACME'},"
        "'offers':[{'price':'24.00','priceCurrency':'EUR','availability':'InStock'},{'price':'19.90','priceCurrency':'EUR','availability':'InStock'}]}"
        "</script>"
    )
    .replace("'", '"')
    .replace('type="application/ld+json"', "type='application/ld+json'")
)
MICRODATA = (
    "<div itemscope itemtype='https://schema.org/Product'><h1 itemprop='name'>Bear tee</h1><img itemprop='image' src='/b.jpg'><div itemprop='brand' "
    "itemscope itemtype='https://schema.org/Brand'><b itemprop='name'>ACME</b></div><div itemprop='offers' itemscope itemtype='https://schema.org/Offer'>"
    "<meta itemprop='price' content='19.90'><meta itemprop='priceCurrency' content='EUR'></div></div>"
)
OPEN_GRAPH = (
    "<meta property='og:type' content='product'><meta property='og:title' content='Bear tee | Shop'><meta property='og:site_name' content='Shop'>"
    "<meta property='og:image' content='/b.jpg'><meta property='product:price:amount' content='19.90'><meta property='product:price:currency' content='EUR'>"
)


def read(html: str, url: str = URL) -> Page:
    return HtmlStorefront().read(Source(url, html), Profile())


def essence(card: Card) -> tuple[str, str, str, str, Decimal | None, str]:
    return card.item_id, card.title, card.url, card.image_url, card.price, card.currency


@pytest.mark.parametrize("heading", ["", "<h2>Related products</h2>", "<h2>More from us</h2>"])
@pytest.mark.parametrize("data", [JSON_LD, MICRODATA, OPEN_GRAPH], ids=["json-ld", "microdata", "open-graph"])
def test_the_page_s_product_alone(data: str, heading: str) -> None:
    page = read(f"<title>Bear tee</title>{data}<h1>Bear tee</h1>{BUY}{RELATED.format(heading=heading)}")
    assert [essence(card) for card in page.cards] == [
        ("bear-tee", "Bear tee", URL, "https://s.example/b.jpg", Decimal("19.90"), "EUR")
    ]
    assert page.last


def test_what_json_ld_tells_beside() -> None:
    card = read(f"<title>Bear tee</title>{JSON_LD}<h1>Bear tee</h1>").cards[0]
    assert (card.brand, card.in_stock, card.more_pictures) == ("ACME", True, ("https://s.example/c.jpg",))


@pytest.mark.parametrize("heading", ["", "<h2>Related products</h2>"])
def test_a_product_s_page_without_data_is_refused(heading: str) -> None:
    page = read(f"<h1>Bear tee</h1><img src='/b.jpg'><b class='price'>19,90 €</b>{BUY}{RELATED.format(heading=heading)}")
    assert page.cards == ()
    assert "this is the page of one product (Bear tee)" in page.refusal


def test_a_product_without_a_picture_is_refused() -> None:
    page = read(f"{JSON_LD.replace('/b.jpg', '').replace('/c.jpg', '')}<title>Bear tee</title>{RELATED.format(heading='')}")
    assert page.cards == ()
    assert page.refusal == "bear-tee: no picture in the page's data on its product"


def test_broken_data_beside_good_does_not_matter() -> None:
    broken = '<script type=\'application/ld+json\'>{"@type": "Product", </script>'
    assert len(read(f"<title>Bear tee</title>{broken}{JSON_LD}").cards) == 1


def test_a_category_that_sums_itself_up_as_a_product_is_read_as_one() -> None:
    summed = JSON_LD.replace("Bear tee", "Tees").replace('"offers":[{', '"offers":[{"@type":"AggregateOffer",')
    page = read(f"<title>Tees</title>{summed}<h1>Tees</h1>{RELATED.format(heading='')}", "https://s.example/tees")
    assert len(page.cards) == 5


def test_a_list_of_one_product_is_not_its_page() -> None:
    card = "<li class='product'><a href='/p/bear-tee'><img src='/b.jpg'></a><h3>Bear tee</h3><b class='price'>19,90 €</b></li>"
    page = read(f"<title>Sale</title><h1>Sale</h1><ul>{card}</ul>{JSON_LD}", "https://s.example/sale")
    assert [card.url for card in page.cards] == [URL]


def test_woocommerce_s_number_is_that_of_its_cards() -> None:
    page = read(f"<title>Bear tee</title><body class='single-product postid-77'>{JSON_LD}<h1>Bear tee</h1></body>")
    assert page.cards[0].item_id == "77"


def test_shopify_s_handle_is_that_of_its_cards() -> None:
    page = read(
        f"<title>Bear tee</title><script>Shopify.shop = 'x'</script>{JSON_LD}",
        "https://s.example/collections/a/products/bear-tee",
    )
    assert page.cards[0].item_id == "bear-tee"
