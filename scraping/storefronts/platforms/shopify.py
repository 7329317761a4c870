"""Shopify's public list of a collection's products, `/collections/<name>/products.json`."""

import re
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from scraping.storefronts.base import Card, Page, Source, Unreadable
from scraping.storefronts.platforms.numbered_pages import (
    MOST_PICTURES,
    WANTED_WIDTH,
    line_of,
    load_list,
    no_picture,
    numbered_page,
    read_each,
    web_address,
)
from scraping.storefronts.prices.amounts import machine_price
from scraping.storefronts.profiles import Profile
from scraping.storefronts.urls import number_in, with_query

_A_PAGE: Final = 250  # the most that Shopify gives at once
_UNASKED: Final = frozenset({30, 50})  # what it gives where the limit is not heeded, so that such a list may go on
_LANGUAGE: Final = re.compile(r"/[a-z]{2}(?:-[a-z]{2,4})?", re.IGNORECASE)
_RESIZES: Final = re.compile(r"/cdn/shop/|/s/files/\d")


class ShopifyStorefront:
    """Reads products.json. Its prices name no currency: the collection's page or a profile does."""

    name = "shopify"
    looked_for = "Shopify's products.json"

    def first_url(self, url: str) -> str:
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        if not path.endswith("/products.json"):
            language = path if _LANGUAGE.fullmatch(path) else ""
            path = (path if "/collections/" in path else f"{language}/collections/all") + "/products.json"
        bare = urlunsplit(parts._replace(path=path))
        return with_query(bare, limit=number_in(bare, "limit", _A_PAGE), page=number_in(bare, "page", 1))

    def read(self, source: Source, profile: Profile) -> Page:
        """Read one page of products; a page that is not such a list has no cards and is not the last."""
        products = load_list(source.text, "products")
        if products is None:
            return Page(cards=())

        def read(product: dict[str, Any], identifier: str) -> Card | Unreadable:
            return _card(product, identifier, source.url, profile)

        more = len(products) >= number_in(source.url, "limit", _A_PAGE) or len(products) in _UNASKED
        cards = read_each(products, read, profile.id_prefix)
        return numbered_page(cards, source.url, number_in(source.url, "page", 1), more=more)


def _card(product: dict[str, Any], identifier: str, base_url: str, profile: Profile) -> Card | Unreadable:
    images = product.get("images") or []
    if not images:
        return no_picture(identifier)
    price, in_stock = _cheapest(product.get("variants") or [], profile.currency)
    return Card(
        item_id=identifier,
        title=line_of(product.get("title"), 500),
        url=web_address(base_url, f"/products/{product.get('handle') or product['id']}"),
        image_url=_sized(web_address(base_url, str(images[0]["src"])), images[0].get("width")),
        price=price,
        currency=profile.currency if price is not None else "",
        category=profile.category or line_of(product.get("product_type"), 200),
        in_stock=in_stock,
        brand=line_of(product.get("vendor"), 200),
        more_pictures=tuple(_more(images[1:], base_url))[:MOST_PICTURES],
    )


def _cheapest(variants: list[dict[str, Any]], currency: str) -> tuple[Decimal | None, bool | None]:
    """The price of the cheapest variant that can be bought, of all where none can, and whether any can (None: not stated)."""
    stated = [variant["available"] for variant in variants if isinstance(variant.get("available"), bool)]
    wanted = [variant for variant in variants if variant.get("available")] if any(stated) else variants
    prices = [price for price in (machine_price(variant.get("price"), currency) for variant in wanted) if price is not None]
    return min(prices) if prices else None, any(stated) if stated else None


def _more(images: list[Any], base_url: str) -> list[str]:
    urls = []
    for image in images:
        try:
            urls.append(_sized(web_address(base_url, str(image["src"])), image.get("width")))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue  # a further picture is no reason to lose the product
    return urls


def _sized(url: str, width: object) -> str:
    """The address of a picture at the width that previews need: Shopify's CDN resizes, other hosts may not."""
    is_small = isinstance(width, int) and width <= WANTED_WIDTH
    return url if is_small or not _RESIZES.search(url) else with_query(url, width=WANTED_WIDTH)
