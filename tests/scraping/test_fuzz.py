"""Whatever a shop sends as robots.txt, list of products, sitemap or headers: our own errors or none."""

import json
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraping.errors import FetchError
from scraping.fetching.client import Fetcher, Limits
from scraping.fetching.decoding import DecodingError, decode_text, decoder_for
from scraping.fetching.pacing import retry_after
from scraping.fetching.robots import parse_robots
from scraping.storefronts import STOREFRONTS
from scraping.storefronts.base import Source
from scraping.storefronts.platforms.detection import is_password_page, platform_of
from scraping.storefronts.profiles import Profile
from scraping.storefronts.sitemap import read_sitemap
from tests.scraping.raw_server import raw_server

SHOPIFY = "https://s.example/collections/shirts/products.json?limit=250&page=1"
WOO = "https://s.example/wp-json/wc/store/v1/products?per_page=100&page=1"
bounded = settings(derandomize=True, max_examples=150, deadline=None, database=None)

KEYS = st.sampled_from(
    ["id", "title", "handle", "vendor", "variants", "images", "src", "width", "price", "available", "products", "name",
     "permalink", "prices", "currency_code", "currency_minor_unit", "srcset", "thumbnail", "categories", "brands",
     "is_in_stock"]
)  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["//[x]/", "http://s.example:port/", "/1.jpg", "12.50", "1e999", "-1", "\ud800", "\0", "1.jpg 600w, ,"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=12
)
PRODUCTS = st.lists(st.dictionaries(KEYS, VALUES, max_size=8), max_size=4)
ROBOTS_LINES = st.lists(
    st.tuples(
        st.sampled_from(["User-agent:", "Disallow:", "Allow:", "Crawl-delay:", "Sitemap:", "Request-rate:", "Visit-time:", ""]),
        st.text(max_size=30) | st.sampled_from(["*", "//[x]/", "http://[/", "%zz", "/*$*", "nan", "1/0", "1e999", "\ufeff"]),
    ),
    max_size=12,
)


@bounded
@given(
    st.binary(max_size=300) | ROBOTS_LINES.map(lambda lines: "\n".join(f"{a} {b}" for a, b in lines).encode("utf-8", "replace"))
)
def test_any_robots_txt(body: bytes) -> None:
    robots = parse_robots(body)
    assert robots.allows("https://s.example/cat?a=[") in {True, False}
    assert robots.crawl_delay >= 0


@bounded
@given(st.binary(max_size=300))
@pytest.mark.parametrize(("name", "url"), [("shopify", SHOPIFY), ("woocommerce", WOO)])
def test_any_bytes_as_a_list_of_products(name: str, url: str, body: bytes) -> None:
    STOREFRONTS[name].read(Source(url, decode_text(body)), Profile())


@bounded
@given(PRODUCTS)
@pytest.mark.parametrize(("name", "url"), [("shopify", SHOPIFY), ("woocommerce", WOO)])
def test_any_products(name: str, url: str, products: list[dict[str, Any]]) -> None:
    text = json.dumps({"products": products} if name == "shopify" else products)
    page = STOREFRONTS[name].read(Source(url, text, {"x-wp-totalpages": "²"}), Profile())
    assert len(page.cards) + len(page.unreadable) == len(products)


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"products":' * 100_000, '[{"id": ' + "9" * 10_000 + "}]", "[NaN]", "[1e99999]"]
)
@pytest.mark.parametrize(("name", "url"), [("shopify", SHOPIFY), ("woocommerce", WOO)])
def test_json_that_hurts(name: str, url: str, text: str) -> None:
    assert STOREFRONTS[name].read(Source(url, text), Profile()).cards == ()


@bounded
@given(
    st.binary(max_size=300), st.text(max_size=40) | st.sampled_from(["utf-16", "undefined", "idna", "hex", "x-user-defined"])
)
def test_any_text(body: bytes, charset: str) -> None:
    text = decode_text(body, f"text/html; charset={charset}")
    source = Source("https://s.example/collections/a", text)
    platform_of(source)
    is_password_page(source)


@bounded
@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "gzip, br"]))
def test_any_compressed_bytes(body: bytes, encoding: str) -> None:
    decoder = decoder_for(encoding)
    assert decoder is not None
    try:
        decoder.decode(body, 10_000)
    except DecodingError:
        return


@bounded
@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: f"<urlset><url><loc>{text}</loc></url>".encode("utf-8", "replace"))
)
def test_any_sitemap(body: bytes) -> None:
    try:
        read_sitemap(body)
    except FetchError:
        return


@bounded
@given(st.text(max_size=60))
def test_any_retry_after(header: str) -> None:
    seconds = retry_after(header)
    assert seconds is None or seconds >= 0


def test_any_headers() -> None:
    """Header lines of any bytes: an answer or a FetchError."""
    sent = [b""]

    def answer(connected: socket.socket) -> None:
        connected.sendall(sent[0])

    names = st.sampled_from(
        [b"Content-Length", b"Transfer-Encoding", b"Content-Encoding", b"Location", b"Content-Type", b"Retry-After",
         b"Set-Cookie", b"Connection", b"X"]
    )  # fmt: skip
    values = st.binary(max_size=30) | st.sampled_from(
        [b"chunked", b"gzip", b"br", b"5", b"-5", b"5, 5", b"9" * 400, b"//[x]/", b"http://127.0.0.1:port/", b"a=b; Expires=x"]
    )
    with raw_server(answer) as url:
        limits = Limits(read=2, request=5, tries=1, patience=0, first_wait=0, failures=10**6)
        fetcher = Fetcher(url, user_agent="t", delay=0, limits=limits)

        @settings(derandomize=True, max_examples=120, deadline=None, database=None)
        @given(
            st.sampled_from([b"200", b"302", b"304", b"429", b"430", b"999", b"x"]),
            st.lists(st.tuples(names, values), max_size=4),
        )
        def exchange(status: bytes, headers: list[tuple[bytes, bytes]]) -> None:
            lines = b"".join(b"%b: %b\r\n" % header for header in headers)
            sent[0] = b"HTTP/1.1 %b OK\r\n%b\r\nhello" % (status, lines)
            try:
                fetcher.get(f"{url}/a", max_bytes=1000)
            except FetchError:
                return

        exchange()
        fetcher.close()
