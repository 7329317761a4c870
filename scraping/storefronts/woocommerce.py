"""WooCommerce's public Store API, `/wp-json/wc/store/v1/products`."""

import html
import json
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from scraping.storefronts.base import Card, Page, Source, Unreadable
from scraping.storefronts.identifiers import item_id
from scraping.storefronts.lists import numbered_page
from scraping.storefronts.profiles import Profile
from scraping.storefronts.urls import number_in, with_query

_API: Final = "/wp-json/wc/store/v1/products"
_A_PAGE: Final = 100  # the most that the API gives at once


class WooCommerceStorefront:
    """Reads the Store API's products; prices come in the currency's smallest unit."""

    name = "woocommerce"
    looked_for = "WooCommerce's Store API"

    def first_url(self, url: str) -> str:
        path = urlsplit(url).path
        if _API not in path:
            _, found, below = path.partition("/product-category/")
            url = urljoin(url, _API)
            if found:
                url = with_query(url, category=below.strip("/").rsplit("/", 1)[-1])
        return with_query(url, per_page=number_in(url, "per_page", _A_PAGE), page=number_in(url, "page", 1))

    def read(self, source: Source, profile: Profile) -> Page:
        """Read one page of products; a page that is not such a list has no cards and is not the last."""
        try:
            products = json.loads(source.text)
            cards = [_card(product, source.url, profile) for product in products]
        except (ValueError, TypeError, KeyError, AttributeError):
            return Page(cards=())
        page, pages = number_in(source.url, "page", 1), source.headers.get("x-wp-totalpages", "")
        more = page < int(pages) if pages.isdecimal() else len(products) >= number_in(source.url, "per_page", _A_PAGE)
        return numbered_page(cards, source.url, page, more=more)


def _card(product: dict[str, Any], base_url: str, profile: Profile) -> Card | Unreadable:
    identifier = item_id(str(product["id"]), profile.id_prefix)
    images = product.get("images") or []
    if not images:
        return Unreadable(identifier, "no picture on the card")
    prices, categories = product.get("prices") or {}, product.get("categories") or []
    amount = str(prices.get("price") or "")
    return Card(
        item_id=identifier,
        title=" ".join(html.unescape(str(product.get("name") or "")).split())[:500],
        url=urljoin(base_url, str(product["permalink"])),
        image_url=urljoin(base_url, str(images[0].get("thumbnail") or images[0]["src"])),
        price=Decimal(amount).scaleb(-int(prices.get("currency_minor_unit", 2))) if amount.isdecimal() else None,
        currency=str(prices.get("currency_code") or profile.currency),
        category=profile.category or html.unescape(str(categories[0]["name"]) if categories else "")[:200],
    )
