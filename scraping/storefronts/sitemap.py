"""sitemap.xml (https://www.sitemaps.org/protocol.html): which of a shop's pages are products, and reading those."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from scraping.errors import FetchError
from scraping.fetching.decoding import DecodingError, decoder_for
from scraping.storefronts.html import HtmlStorefront

SITEMAP_BYTES: Final = 50 * 1024 * 1024  # what the protocol allows, unpacked
MOST_ADDRESSES: Final = 50_000  # in one file, by the protocol
_MOST_EVENTS: Final = 2_000_000  # beginnings and ends of elements: 20 elements for each address, its pictures included
_NAME: Final = re.compile(r"sitemap[^/]*\.xml(?:\.gz)?$|/sitemaps?/[^/]+\.xml(?:\.gz)?$", re.IGNORECASE)
_PRODUCT: Final = re.compile(
    r"/(?:products?|p|dp|items?|produk?te?|productos?|produits?|produtos?|prodotti|prodotto|produit|artikel|tovary?|goods)/[^/]",
    re.I,
)
_KINDS: Final = frozenset({"urlset", "sitemapindex"})
_FEEDS: Final = frozenset({"rss", "feed", "RDF"})


@dataclass(frozen=True, slots=True)
class Sitemap:
    """Addresses in the order in which they are listed: of pages, or of further sitemaps. is_complete: the file has its end."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    is_complete: bool = True


class SitemapStorefront(HtmlStorefront):
    """Reads the product pages that a sitemap lists, each by itself."""

    name = "sitemap"
    looked_for = "pages of one product each, in the sitemap"


def is_sitemap_address(url: str) -> bool:
    """Whether an address is that of a sitemap, by the end of its path."""
    return _NAME.search(urlsplit(url).path) is not None


def read_sitemap(body: bytes) -> Sitemap:
    """Read a sitemap or a sitemap index, gzipped or not. Raises FetchError for what is neither."""
    kind, addresses, is_complete = _parse(_unpacked(body).lstrip())
    if kind in _FEEDS:
        raise FetchError("it is a feed, not a sitemap", "bring its products in with import_products")
    if kind not in _KINDS:
        raise FetchError("it is no sitemap", f"its root is <{kind}>" if kind else "it is not XML")
    if kind == "urlset":
        return Sitemap(pages=addresses, is_complete=is_complete)
    return Sitemap(sitemaps=addresses, is_complete=is_complete)


def is_product_address(url: str) -> bool:
    """Whether an address calls itself a product's."""
    return _PRODUCT.search(url) is not None


def product_addresses(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Of a sitemap's pages those whose addresses call themselves products; all, where none does."""
    named = tuple(filter(is_product_address, addresses))
    return named or addresses


def product_sitemaps(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Of an index's sitemaps those that are named after products; all, where none is."""
    named = tuple(address for address in addresses if "product" in address.rsplit("/", 1)[-1].lower())
    return named or addresses


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    decoder = decoder_for("gzip")
    assert decoder is not None
    try:
        text = decoder.decode(body, SITEMAP_BYTES)
    except DecodingError as error:
        raise FetchError("cannot be decoded", str(error)) from None
    if len(text) > SITEMAP_BYTES:
        raise FetchError("too large", f"more than {SITEMAP_BYTES:,} bytes, unpacked")
    if not decoder.finished:
        raise FetchError("truncated", "the gzip stream has no end")
    return text


def _parse(text: bytes) -> tuple[str, tuple[str, ...], bool]:
    """The root's name, the addresses, and whether the file is well formed: of one that is not, what comes before the fault."""
    kind, addresses = "", dict[str, None]()
    events = etree.iterparse(BytesIO(text), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False)
    try:
        for count, (event, element) in enumerate(events):
            name, parent = etree.QName(element).localname, element.getparent()
            if event == "start":
                kind = kind or name
                if kind not in _KINDS or len(addresses) >= MOST_ADDRESSES or count > _MOST_EVENTS:
                    return kind, tuple(filter(None, addresses)), False
            elif name == "loc" and parent is not None and etree.QName(parent).localname in {"url", "sitemap"}:
                addresses["".join(element.itertext()).strip()] = None
            elif parent is not None and parent.getparent() is None:
                # An entry is over: forget it, as fifty thousand would take ten times the file.
                element.clear()
                while element.getprevious() is not None:
                    del parent[0]
    except (etree.XMLSyntaxError, ValueError):
        return kind, tuple(filter(None, addresses)), False
    return kind, tuple(filter(None, addresses)), True
