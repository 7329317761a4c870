"""The products that microdata marks in a page."""

import re
from collections.abc import Iterator
from typing import Final

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.dom import text_of
from scraping.storefronts.prices.amounts import machine_price
from scraping.storefronts.prices.currencies import currency_of
from scraping.storefronts.structured_data.product import Product, stock_of
from scraping.storefronts.urls import absolute

_MOST_SCOPES: Final = 2_000  # of a page
_MOST_PROPERTIES: Final = 300  # of a product, with those of its offers and reviews


def microdata_products(soup: BeautifulSoup, base_url: str) -> Iterator[Product]:
    """The products whose scopes stand in the page, in page order; not those that a product names as its relatives."""
    for scope in soup.find_all(
        attrs={"itemscope": True, "itemtype": re.compile(r"schema\.org/(?:Individual)?Product(?:Group|Model)?\b")},
        limit=_MOST_SCOPES,
    ):
        around = scope.find_parent(attrs={"itemtype": re.compile(r"schema\.org/(?:Individual)?Product")})
        prop = str(scope.get("itemprop") or "")
        if around is not None and re.search(r"related|similar|accessory|consumable", prop, re.IGNORECASE):
            continue
        yield _scoped(scope, base_url, main=around is None and prop in {"", "mainEntity", "mainEntityOfPage", "itemOffered"})


def _scoped(scope: Tag, base_url: str, *, main: bool) -> Product:
    own: dict[str, list[Tag]] = {}
    for part in scope.find_all(attrs={"itemprop": True}, limit=_MOST_PROPERTIES):
        holder = part.find_parent(attrs={"itemscope": True})
        if holder is not scope and "Product" in str(holder.get("itemtype") if holder else ""):
            continue  # another product within this one
        offered = holder is scope or "Offer" in str(holder.get("itemtype") if holder else "")
        for name in str(part["itemprop"]).lower().split():
            if offered or name in {"price", "lowprice", "pricecurrency"}:
                own.setdefault(name if holder is scope or name != "name" else "offer-name", []).append(part)

    def first(name: str) -> str:
        return next((value for part in own.get(name, []) for value in [_value(part)] if value), "")

    currency = currency_of(first("pricecurrency"))
    amounts = (machine_price(_value(part), currency) for part in [*own.get("price", []), *own.get("lowprice", [])])
    price = next((amount for amount in amounts if amount is not None), None)
    images = (absolute(_link(part), base_url) for part in own.get("image", []))
    stock = first("availability") or next((_link(part) for part in own.get("availability", [])), "")
    return Product(
        name=first("name")[:500],
        url=absolute(next((_link(part) for part in own.get("url", [])), ""), base_url) or "",
        images=tuple(dict.fromkeys(image for image in images if image))[:20],
        price=price,
        currency=currency or currency_of(first("price")),
        sku=(first("productid") or first("sku")).removeprefix("sku:"),
        brand=first("brand")[:200],
        category=first("category").rpartition(">")[2].strip()[:200],
        in_stock=stock_of(stock),
        syntax="microdata",
        main=main,
    )


def _value(part: Tag) -> str:
    return " ".join(str(part.get("content") or text_of(part)).split())


def _link(part: Tag) -> str:
    for name in ("href", "content", "src", "data-src", "srcset"):
        if part.get(name):
            return str(part[name]).split(" ")[0] if name == "srcset" else str(part[name])
    return ""
