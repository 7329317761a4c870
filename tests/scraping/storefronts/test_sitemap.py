import gzip

import pytest

from scraping.errors import FetchError
from scraping.storefronts.sitemap import (
    MOST_ADDRESSES,
    Sitemap,
    is_sitemap_address,
    product_addresses,
    product_sitemaps,
    read_sitemap,
)

URLSET = (
    b"<?xml version='1.0' encoding='UTF-8'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
    b"xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'>"
    b"<url><loc> https://s.example/products/a?b=1&amp;c=2 </loc><image:image><image:loc>https://s.example/a.jpg</image:loc>"
    b"</image:image></url><url><loc>https://s.example/about</loc></url></urlset>"
)
PAGES = ("https://s.example/products/a?b=1&c=2", "https://s.example/about")


@pytest.mark.parametrize(
    "body", [URLSET, gzip.compress(URLSET, mtime=0), b"\n  " + URLSET, URLSET.replace(b"'UTF-8'", b"'utf-8'")]
)
def test_pages_of_a_sitemap_and_not_their_pictures(body: bytes) -> None:
    assert read_sitemap(body) == Sitemap(pages=PAGES)


def test_sitemaps_of_an_index() -> None:
    body = b"<sitemapindex><sitemap><loc>https://s.example/a.xml</loc></sitemap></sitemapindex>"
    assert read_sitemap(body) == Sitemap(sitemaps=("https://s.example/a.xml",))


def test_one_that_breaks_off_is_not_whole() -> None:
    assert read_sitemap(URLSET[:-40]) == Sitemap(pages=PAGES[:1], is_complete=False)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<rss><channel/></rss>", "feed, not a sitemap: .* import_products"),
        (b"<html><body>Not found</body></html>", "no sitemap: its root is <html>"),
        (b"User-agent: *", "it is not XML"),
        (b"", "it is not XML"),
        (gzip.compress(URLSET, mtime=0)[:40], "truncated"),
        (b"\x1f\x8b\xff\xff\xff", "cannot be decoded"),
    ],
)
def test_what_is_no_sitemap_is_named(body: bytes, told: str) -> None:
    with pytest.raises(FetchError, match=told):
        read_sitemap(body)


def test_entities_are_not_expanded() -> None:
    bomb = b"<!DOCTYPE u [<!ENTITY a '" + b"x" * 1000 + b"'><!ENTITY b '" + b"&a;" * 1000 + b"'>]>"
    body = bomb + b"<urlset><url><loc>https://s.example/" + b"&b;" * 1000 + b"</loc></url></urlset>"
    assert sum(map(len, read_sitemap(body).pages)) < 10_000


def test_no_more_addresses_than_the_protocol_allows() -> None:
    body = b"<urlset>" + b"".join(b"<url><loc>https://s.example/%d</loc></url>" % n for n in range(MOST_ADDRESSES + 5))
    sitemap = read_sitemap(body + b"</urlset>")
    assert (len(sitemap.pages), sitemap.is_complete) == (MOST_ADDRESSES, False)


@pytest.mark.parametrize(
    ("url", "is_sitemap"),
    [
        ("https://s.example/sitemap.xml", True),
        ("https://s.example/sitemap_products_1.xml?from=1&to=2", True),
        ("https://s.example/product-sitemap.xml.gz", True),
        ("https://s.example/sitemaps/products.xml", True),
        ("https://s.example/feed.xml", False),
        ("https://s.example/sitemap", False),
    ],
)
def test_the_address_of_a_sitemap(url: str, is_sitemap: bool) -> None:
    assert is_sitemap_address(url) is is_sitemap


def test_what_is_named_after_products_comes_alone() -> None:
    assert product_addresses(PAGES) == PAGES[:1]
    assert product_addresses(PAGES[1:]) == PAGES[1:]
    index = ("https://s.example/sitemap_pages_1.xml", "https://s.example/sitemap_products_1.xml?from=1")
    assert product_sitemaps(index) == index[1:]
    assert product_sitemaps(index[:1]) == index[:1]
