"""Shopify's public list of a collection's products, `/collections/<name>/products.json`."""

import json
from typing import Any, Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from scraping.storefronts.base import Card, Page, Source, Unreadable
from scraping.storefronts.identifiers import item_id
from scraping.storefronts.lists import numbered_page
from scraping.storefronts.prices import machine_price
from scraping.storefronts.profiles import Profile
from scraping.storefronts.urls import number_in, with_query

_A_PAGE: Final = 250  # the most that Shopify gives at once


class ShopifyStorefront:
    """Reads products.json. Its prices name no currency: a profile does."""

    name = "shopify"
    looked_for = "Shopify's products.json"

    def first_url(self, url: str) -> str:
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        if not path.endswith("/products.json"):
            path = (path if "/collections/" in path else "/collections/all") + "/products.json"
        bare = urlunsplit(parts._replace(path=path))
        return with_query(bare, limit=number_in(bare, "limit", _A_PAGE), page=number_in(bare, "page", 1))

    def read(self, source: Source, profile: Profile) -> Page:
        """Read one page of products; a page that is not such a list has no cards and is not the last."""
        try:
            products = json.loads(source.text)["products"]
            cards = [_card(product, source.url, profile) for product in products]
        except (ValueError, TypeError, KeyError, AttributeError):
            return Page(cards=())
        page = number_in(source.url, "page", 1)
        more = len(products) >= number_in(source.url, "limit", _A_PAGE)
        return numbered_page(cards, source.url, page, more=more)


def _card(product: dict[str, Any], base_url: str, profile: Profile) -> Card | Unreadable:
    identifier = item_id(str(product["id"]), profile.id_prefix)
    images = product.get("images") or []
    if not images:
        return Unreadable(identifier, "no picture on the card")
    variants = product.get("variants") or [{}]
    price = machine_price(variants[0].get("price"), profile.currency)
    return Card(
        item_id=identifier,
        title=" ".join(str(product.get("title") or "").split())[:500],
        url=urljoin(base_url, f"/products/{product.get('handle') or product['id']}"),
        image_url=urljoin(base_url, str(images[0]["src"])),
        price=price,
        currency=profile.currency if price is not None else "",
        category=profile.category or str(product.get("product_type") or "")[:200],
    )
