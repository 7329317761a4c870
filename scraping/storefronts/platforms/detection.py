"""The shop system that a page shows, and where that system publishes the same products as data."""

import json
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit, urlunsplit

from bs4 import Tag

from scraping.storefronts.base import Source
from scraping.storefronts.markup import parse
from scraping.storefronts.prices.shop_locale import read_locale
from scraping.storefronts.urls import with_query

_SHOPIFY: Final = re.compile(
    r"\bShopify\.shop\s*=|id=[\"']shopify-features|cdn\.shopify\.com/s/files/|/cdn/shop/(?:t|files|products)/"
)
_SHOPIFY_HEADERS: Final = ("x-shopid", "x-shopify-stage", "x-sorting-hat-shopid")
_SHOPIFY_CURRENCY: Final = re.compile(r"\bShopify\.currency\s*=\s*(\{[^{}]{1,200}\})")
_WOOCOMMERCE: Final = re.compile(
    r"/plugins/woocommerce/|<meta[^>]+generator[^>]+WooCommerce|class=[\"'][^\"']*\b(?:woocommerce-page|tax-product_cat|wc-block-product|"
    r"woocommerce-loop-product__(?:link|title)|wp-block-woocommerce-product-(?:collection|template))\b"
)
_COLLECTION: Final = re.compile(r"^(?:/[a-z]{2}(?:-[a-z]{2,4})?)?(?:/collections/[^/]+)?/?$", re.IGNORECASE)
_CATEGORY_ID: Final = re.compile(r"^term-(\d+)$")
_CODE: Final = re.compile(r"[A-Z]{3}")
_LINKS_OF_A_DOOR: Final = 12
_STORE_API: Final = "wc/store/v1/products"
_HARMLESS_KEYS: Final = frozenset({"page", "sort_by", "orderby", "grid_list", "view"})
_TRACKING: Final = re.compile(r"^(?:utm_\w+|gclid|fbclid|srsltid|_\w+)$")


@dataclass(frozen=True, slots=True)
class Platform:
    """A shop system. name: of its reader. url: of the page's products as data, "" where the page's address does not say which
    products are meant. currency: the shop's, ISO 4217, if it says so.
    """

    name: str
    url: str
    currency: str = ""


def platform_of(source: Source) -> Platform | None:
    """The shop system that a page shows, None where it shows none."""
    if is_shopify(source):
        is_list = _is_unfiltered(source.url) and _COLLECTION.match(urlsplit(source.url).path)
        return Platform("shopify", _bare(source.url) if is_list else "", shopify_currency(source))
    if _WOOCOMMERCE.search(source.text):
        return Platform("woocommerce", (_store_api(source) if _is_unfiltered(source.url) else None) or "")
    return None


def _is_unfiltered(url: str) -> bool:
    """Whether an address is that of a whole category from its first page on, not of a search or a filter in it."""
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    if any(key not in _HARMLESS_KEYS and not _TRACKING.match(key) for key, _ in query):
        return False
    return all(value in {"", "1"} for key, value in query if key == "page")


def _bare(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def is_shopify(source: Source) -> bool:
    """Whether Shopify made a page, so that what follows "/products/" in its links is the product's handle."""
    return _SHOPIFY.search(source.text) is not None or any(name in source.headers for name in _SHOPIFY_HEADERS)


def shopify_currency(source: Source) -> str:
    """The ISO 4217 code that a Shopify page names for its prices, "" where it shows them converted or says nothing."""
    match = _SHOPIFY_CURRENCY.search(source.text)
    if match is None:
        return read_locale(parse(source.text), source.text, source.url).currency
    try:
        stated = json.loads(match.group(1))
        rate, code = float(stated.get("rate", 1)), str(stated.get("active", ""))
    except (ValueError, TypeError):
        return ""
    # products.json has the shop's own prices, the page those of the visitor's country: the two agree at a rate of 1.
    return code if rate == 1 and _CODE.fullmatch(code) else ""


def is_password_page(source: Source) -> bool:
    """Whether a page is the door of a shop that is closed to the public: it asks for a password and little else."""
    if urlsplit(source.url).path.rstrip("/").endswith("/password"):
        return True
    soup = parse(source.text)
    if soup.select_one("form[action$='/password'] input[type=password], input[type=password][name=post_password]"):
        return True
    # Many a shop has a log-in form in its menu: alone on the page it is a door.
    return soup.select_one("input[type=password]") is not None and len(soup.find_all("a", href=True)) <= _LINKS_OF_A_DOOR


def _store_api(source: Source) -> str | None:
    """The Store API's address of the category that a WooCommerce page shows; None where it shows another kind of page."""
    soup = parse(source.text)
    body = soup.find("body")
    classes = [str(name) for name in body.get_attribute_list("class") if name] if isinstance(body, Tag) else []
    link = soup.select_one("link[rel='https://api.w.org/'][href]")
    root = urljoin(source.url, str(link["href"]) if link else "/wp-json/")
    if urlsplit(root).hostname != urlsplit(source.url).hostname:
        return None
    if "rest_route=" in urlsplit(root).query:
        api = with_query(root, rest_route=f"/{_STORE_API}")
    else:
        api = f"{root.rstrip('/')}/{_STORE_API}"
    path = urlsplit(source.url).path
    if "tax-product_cat" in classes or "/product-category/" in path:
        ids = [match.group(1) for match in map(_CATEGORY_ID.match, classes) if match]
        slug = path.strip("/").partition("/page/")[0].rsplit("/", 1)[-1]
        return with_query(api, category=ids[0] if ids else slug)
    is_shop = "post-type-archive-product" in classes or path.strip("/") in {"", "shop"} or "home" in classes
    return api if is_shop else None
