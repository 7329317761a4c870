"""WooCommerce's public Store API, `/wp-json/wc/store/v1/products`."""

import html
import re
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from scraping.storefronts.base import Card, Page, Source, Unreadable
from scraping.storefronts.pictures import split_srcset
from scraping.storefronts.platforms.numbered_pages import (
    MOST_PICTURES,
    WANTED_WIDTH,
    amount,
    line_of,
    load_list,
    no_picture,
    numbered_page,
    read_each,
    web_address,
)
from scraping.storefronts.prices.currencies import decimals_of
from scraping.storefronts.profiles import Profile
from scraping.storefronts.urls import number_in, with_query

_API: Final = "/wc/store/v1/products"
_A_PAGE: Final = 100  # the most that the API gives at once
_UNASKED: Final = 10  # what it gives where `per_page` is not heeded
_CENT: Final = Decimal("0.01")


class WooCommerceStorefront:
    """Reads the Store API's products; prices come in the currency's smallest unit."""

    name = "woocommerce"
    looked_for = "WooCommerce's Store API"

    def first_url(self, url: str) -> str:
        path = urlsplit(url).path
        if _API not in path and _API not in urlsplit(url).query.replace("%2F", "/"):
            _, base, below = path.partition("/product-category/")
            url = urljoin(url, f"/wp-json{_API}")
            if base:
                url = with_query(url, category=below.strip("/").rsplit("/", 1)[-1])
        return with_query(url, per_page=number_in(url, "per_page", _A_PAGE), page=number_in(url, "page", 1))

    def read(self, source: Source, profile: Profile) -> Page:
        """Read one page of products; a page that is not such a list has no cards and is not the last."""
        products = load_list(source.text)
        if products is None:
            return Page(cards=())

        def read(product: dict[str, Any], identifier: str) -> Card | Unreadable:
            return _card(product, identifier, source.url, profile)

        page, pages = number_in(source.url, "page", 1), source.headers.get("x-wp-totalpages", "")
        if pages.isascii() and pages.isdecimal():
            more = page < int(pages[:9])
        else:
            more = len(products) >= number_in(source.url, "per_page", _A_PAGE) or len(products) == _UNASKED
        return numbered_page(read_each(products, read, profile.id_prefix), source.url, page, more=more)


def _card(product: dict[str, Any], identifier: str, base_url: str, profile: Profile) -> Card | Unreadable:
    images = product.get("images") or []
    if not images:
        return no_picture(identifier)
    prices, in_stock = product.get("prices") or {}, product.get("is_in_stock")
    price = _price(prices)
    return Card(
        item_id=identifier,
        title=_text(product.get("name"), 500),
        url=web_address(base_url, str(product["permalink"])),
        image_url=web_address(base_url, _sized(images[0])),
        price=price,
        currency=_currency(prices, profile) if price is not None else "",
        category=profile.category or _name(product.get("categories")),
        in_stock=in_stock if isinstance(in_stock, bool) else None,
        brand=_name(product.get("brands")),
        more_pictures=tuple(_more(images[1:], base_url))[:MOST_PICTURES],
    )


def _price(prices: dict[str, Any]) -> Decimal | None:
    """The price, of a product with variations the lowest: a count of the currency's smallest unit, which for JPY is the yen."""
    price = amount(prices.get("price"))
    unit = prices.get("currency_minor_unit", decimals_of(line_of(prices.get("currency_code"), 8)))
    if price is None or isinstance(unit, bool) or not 0 <= int(unit) <= 4:
        return None
    return amount(price.scaleb(-int(unit)).quantize(_CENT))


def _currency(prices: dict[str, Any], profile: Profile) -> str:
    code = line_of(prices.get("currency_code"), 8)
    return code if re.fullmatch("[A-Z]{3}", code) else profile.currency


def _sized(image: dict[str, Any]) -> str:
    """The address of a picture at about the width that previews need: of WordPress's sizes the smallest that is enough."""
    sizes = []
    for url, descriptor in split_srcset(str(image.get("srcset") or "")):
        if descriptor.endswith("w") and descriptor[:-1].isdecimal():
            sizes.append((int(descriptor[:-1]), url))
    enough = [size for size in sizes if size[0] >= WANTED_WIDTH]
    if enough:
        return min(enough)[1]
    if sizes:
        return max(sizes)[1]
    return str(image.get("thumbnail") or image["src"])


def _more(images: list[Any], base_url: str) -> list[str]:
    urls = []
    for image in images:
        try:
            urls.append(web_address(base_url, _sized(image)))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue  # a further picture is no reason to lose the product
    return urls


def _name(terms: object) -> str:
    """The name of the first of a product's categories or brands."""
    first = terms[0] if isinstance(terms, list) and terms else None
    return _text(first.get("name"), 200) if isinstance(first, dict) else ""


def _text(value: object, longest: int) -> str:
    return line_of(html.unescape(value), longest) if isinstance(value, str) else ""
