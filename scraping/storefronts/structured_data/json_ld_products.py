"""The products that JSON-LD tells of, alone, in lists and in graphs."""

import html
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from bs4 import BeautifulSoup

from scraping.storefronts.prices.amounts import machine_price
from scraping.storefronts.prices.currencies import currency_of
from scraping.storefronts.structured_data.json_ld import Node, as_list, nodes_of
from scraping.storefronts.structured_data.product import Product, stock_of
from scraping.storefronts.urls import absolute

_PRODUCTS: Final = frozenset({"Product", "ProductGroup", "IndividualProduct", "ProductModel", "SomeProducts"})
_WITH_OFFERS: Final = frozenset({"Book", "Vehicle", "Car", "Movie", "MusicAlbum", "VideoGame", "CreativeWork", "VisualArtwork"})
_MAIN: Final = frozenset({"@graph", "mainEntity", "mainEntityOfPage", "about"})
_LIST: Final = frozenset({"itemListElement", "hasOfferCatalog", "itemOffered", "item", "offers", "makesOffer"})


def json_ld_products(soup: BeautifulSoup, base_url: str) -> Iterator[Product]:
    """The products of the page's JSON-LD, in page order; of a list's bare links the address and the name only."""
    return _of_json_ld(nodes_of(soup), base_url)


def breadcrumb_of(soup: BeautifulSoup) -> str:
    """The category that the page's breadcrumbs end in, before the page itself; empty where there are none."""
    for node in nodes_of(soup):
        if "BreadcrumbList" in node.types:
            names = [_name_of_step(step) for step in as_list(node.value.get("itemListElement"))]
            named = [name for name in names if name]
            return named[-2] if len(named) > 2 else ""
    return ""


def _name_of_step(step: Any) -> str:
    if not isinstance(step, dict):
        return ""
    item = step.get("item")
    return _text(step.get("name") or (item.get("name") if isinstance(item, dict) else ""))


def _of_json_ld(nodes: list[Node], base_url: str) -> Iterator[Product]:
    for node in nodes:
        if node.types & _PRODUCTS or (node.types & _WITH_OFFERS and "offers" in node.value):
            if _MAIN.issuperset(node.path) or (_LIST | _MAIN).issuperset(node.path):
                yield _product(node, base_url)
        elif "ListItem" in node.types and "BreadcrumbList" not in node.path and "itemListElement" in node.path:
            url, item = node.value.get("url"), node.value.get("item")
            named = absolute(str(url if isinstance(url, str) else item if isinstance(item, str) else ""), base_url)
            if named and not isinstance(item, dict):
                yield Product(_text(node.value.get("name")), named)


def _product(node: Node, base_url: str) -> Product:
    value = node.value
    offers = list(_offers(value.get("offers")))
    variants = [variant for variant in as_list(value.get("hasVariant")) if isinstance(variant, dict)]
    for variant in variants:
        offers += _offers(variant.get("offers"))
    priced = [offer for offer in offers if offer[0] is not None]
    for_sale = [offer for offer in priced if offer[2] is not False] or priced
    price, currency, _ = min(for_sale, key=lambda offer: offer[0] or 0, default=(None, "", None))
    stocks = {offer[2] for offer in offers}
    images = as_list(value.get("image")) or [image for variant in variants for image in as_list(variant.get("image"))]
    address = value.get("url") or next(
        (offer["url"] for offer in as_list(value.get("offers")) if isinstance(offer, dict) and offer.get("url")), ""
    )
    return Product(
        name=_text(value.get("name")),
        url=absolute(address, base_url) or "" if isinstance(address, str) else "",
        images=tuple(dict.fromkeys(_images(images, base_url)))[:20],
        price=price,
        currency=currency,
        sku=_text(value.get("productID") or value.get("productId") or value.get("sku")).removeprefix("sku:"),
        brand=_text(_named(value.get("brand")) or _named(value.get("manufacturer")))[:200],
        category=_text(_named(value.get("category"))).rpartition(">")[2].strip()[:200],
        group_id=_text(value.get("inProductGroupWithID") or value.get("productGroupID"))[:64],
        in_stock=True if True in stocks else False if False in stocks else None,
        main=_MAIN.issuperset(node.path),
        several=any(
            "AggregateOffer" in str(offer.get("@type")) for offer in as_list(value.get("offers")) if isinstance(offer, dict)
        ),
    )


def _offers(value: Any, depth: int = 0) -> Iterator[tuple[Decimal | None, str, bool | None]]:
    """(price, currency, in stock) of each offer."""
    for offer in as_list(value)[:500]:
        if not isinstance(offer, dict):
            continue
        inner = offer.get("offers")
        price, currency = _offer_price(offer)
        if price is None and inner is not None and depth < 3:
            yield from _offers(inner, depth + 1)
            continue
        stock = str(offer.get("availability") or "")
        yield price, currency, stock_of(stock)


def _offer_price(offer: dict[str, Any]) -> tuple[Decimal | None, str]:
    folded = {name.lower(): child for name, child in offer.items()}
    currency = currency_of(_text(folded.get("pricecurrency")))
    for name in ("price", "lowprice"):
        price = machine_price(_text(folded.get(name)), currency)
        if price is not None:
            return price, currency
    for stated in as_list(folded.get("pricespecification")):
        if isinstance(stated, dict) and not re.search(r"ListPrice|SRP|Strikethrough|MSRP", str(stated.get("priceType") or "")):
            price = machine_price(_text(stated.get("price") or stated.get("minPrice")), currency)
            if price is not None:
                return price, currency or currency_of(_text(stated.get("priceCurrency")))
    return None, currency


def _images(values: list[Any], base_url: str) -> Iterator[str]:
    for value in values[:100]:
        if isinstance(value, dict):
            value = next((value[name] for name in ("contentUrl", "url", "@id") if isinstance(value.get(name), str)), "")
        if isinstance(value, str):
            address = absolute(value, base_url)
            if address:
                yield address


def _named(value: Any) -> Any:
    first = next(iter(as_list(value)), "")
    return first.get("name") or first.get("@id") or "" if isinstance(first, dict) else first


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str | int | float)), "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(html.unescape(str(value)).split())[:500]
