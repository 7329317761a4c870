# ruff: noqa: E501 (pieces of pages)
"""Any text as a page, and any JSON as its data, is read without an error."""

import json
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraping.storefronts.base import Page, Source
from scraping.storefronts.html import MOST_DEEP, HtmlStorefront
from scraping.storefronts.markup import MOST_ATTRIBUTES, MOST_TAGS
from scraping.storefronts.profiles import Profile

URL: Final = "https://s.example/c?page=1"
BOUNDED: Final = settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)

PIECES: Final = (
    "<div class='product' data-id='1'>", "<a href='/p/1'>", "<a href='//[x]/'>", "<a href='http://s.example:abc/'>", "<img src='/1.jpg'>",
    "<img srcset='//[x]/ 1w, , 99999999999999999999w'>", "<img data-src='http://[::1' data-widths='[,]' src='{width}'>", "<base href='http://[::1'>",
    "<base href='?'>", "<link rel=next href='http://s.example:99999/'>", "<b class=price>", "$1e999", "9" * 40 + " €", "</div>", "</a>",
    "<h1>", "<h2>You may also like</h2>", "<li>", "<noscript>", "<template>", "<svg>", "<form method=get action='//[x]/'>", "<button>Next</button>",
    "<span itemprop=price content='NaN'>", "<div itemscope itemtype='https://schema.org/Product'>", "<b itemprop=name>", "<ul class=pagination>",
    "<a href='?page=99999999999999999999999'>2</a>", "<a href='?page=²'>²</a>", "<meta property=og:type content=product>",
    "<meta property=og:title content=A><meta property=og:image content='//[x]'>", "<!--", "-->", "<![CDATA[", "\x00", "\ud800", "&#0;", "&#x110000;",
    "<script type='application/ld+json'>", "</script>", '{"@type":"Product","name":"A","offers":{"price":"1e9999"},"image":[null,{}]}',
    "<input name=product_id value='1'>", "<a onclick=\"location='//[x]'\">", "<p style='background:url(//[x]'>",
)  # fmt: skip
KEYS: Final = st.sampled_from(
    ["@type", "@id", "@graph", "name", "url", "image", "offers", "price", "priceCurrency", "availability", "itemListElement", "item",
     "priceSpecification", "hasVariant", "brand", "category", "sku", "mainEntity", "position"]
)  # fmt: skip
VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["Product", "/p/1", "//[x]/", "1,2"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)  # fmt: skip


def read(html: str) -> Page:
    return HtmlStorefront().read(Source(URL, html), Profile())


@BOUNDED
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40))
def test_any_pieces_of_html(pieces: list[str]) -> None:
    page = read("".join(pieces))
    assert all(card.item_id and card.image_url.startswith(("http://", "https://")) for card in page.cards)


@BOUNDED
@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    assert isinstance(read(body.decode("utf-8", "replace")), Page)


@BOUNDED
@given(VALUES, st.booleans())
def test_any_json_as_data(value: object, typed: bool) -> None:
    data = {"@type": "Product", "name": "Bear tee", "url": URL, **value} if typed and isinstance(value, dict) else value
    page = read(f"<h1>Bear tee</h1><script type='application/ld+json'>{json.dumps(data)}</script>")
    assert all(card.image_url.startswith("https://") or card.image_url.startswith("http://") for card in page.cards)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * (MOST_DEEP + 2) + "<a href='/p/1'><img src='/1.jpg'>$5</a>",
        "<b>" * (2 * MOST_TAGS + 1),
        "<script type='application/ld+json'>" + "[" * 50_000 + "</script>",
        "<script type='application/ld+json'>" + '{"offers":' * 5_000 + "1" + "}" * 5_000 + "</script>",
        "<div data-id='1'><a href='/p/1'><img srcset='" + "a 1w," * 50_000 + "'></a></div>",
    ],
    ids=["deep", "many", "brackets", "objects", "srcset"],
)
def test_what_is_too_much_is_bounded(html: str) -> None:
    assert len(read(html).cards) <= 1


def test_a_page_that_is_not_read_says_why() -> None:
    assert "deep" in read("<div>" * (MOST_DEEP + 2)).refusal
    assert "elements" in read("<b>" * (2 * MOST_TAGS + 1)).refusal
    assert "attributes" in read("<b a b='x y' c>" * (MOST_ATTRIBUTES // 3 + 1)).refusal
    assert not read("<b a='b c d e f' g=\"'h i j'\">" * (MOST_ATTRIBUTES // 8)).refusal.count("attributes")
