"""What shops that publish their products as numbered lists of JSON (Shopify, WooCommerce) have in common."""

import json
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urljoin

from scraping.storefronts.base import Card, Page, Unreadable
from scraping.storefronts.identifiers import item_id
from scraping.storefronts.urls import with_query

WANTED_WIDTH: Final = 600  # pixels of a preview, where the shop resizes
MOST_PICTURES: Final = 20  # of one product
MOST_VALUES: Final = 1_000_000  # in one JSON answer; 250 products of 100 variants have some 300,000
LONGEST_URL: Final = 2000
NO_PICTURE: Final = "no picture on the card"
_LIMIT: Final = Decimal(10) ** 10


def load_list(text: str, key: str = "") -> list[Any] | None:
    """The products in a JSON answer, under `key` where there is one; None where the text is no such list.

    Raises ValueError for one of more values than any list of products has, which would fill the memory.
    """
    if sum(map(text.count, ",[{")) > MOST_VALUES:
        raise ValueError(f"it holds more than {MOST_VALUES:,} values")
    try:
        data = json.loads(text.lstrip("\ufeff \t\r\n"))
    except (ValueError, RecursionError):
        return None
    if key:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, list) and all(isinstance(product, dict) for product in data) else None


def read_each(
    products: Iterable[dict[str, Any]], read: Callable[[dict[str, Any], str], Card | Unreadable], prefix: str
) -> list[Card | Unreadable]:
    """Read each product by `read(product, its ItemID)`; one that is malformed costs itself only."""
    cards: list[Card | Unreadable] = []
    for product in products:
        raw = product.get("id")
        identifier = item_id(str(raw), prefix) if isinstance(raw, int | str) and not isinstance(raw, bool) else ""
        try:
            if not identifier:
                raise ValueError("it has no id")
            cards.append(read(product, identifier))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
            cards.append(Unreadable(identifier or "a product", f"malformed: {error}"[:120]))
    return cards


def numbered_page(cards: Iterable[Card | Unreadable], url: str, page: int, *, more: bool) -> Page:
    """List number `page` at `url`; with `more`, the next one is the same address with `page` one higher."""
    cards = tuple(cards)
    return Page(
        cards=tuple(card for card in cards if isinstance(card, Card)),
        unreadable=tuple(card for card in cards if isinstance(card, Unreadable)),
        next_url=with_query(url, page=page + 1) if more else None,
        last=not more,
    )


def no_picture(identifier: str) -> Unreadable:
    """A product that the shop's own list names and shows no picture of: nothing else can be meant, so no doubt comes of it."""
    return Unreadable(identifier, NO_PICTURE, blocks_delisting=False)


def web_address(base_url: str, address: str) -> str:
    """An absolute http(s) address; raises ValueError for what is none."""
    url = urljoin(base_url, address.strip())
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST_URL:
        raise ValueError(f"not an address: {url[:60]}")
    return url


def amount(value: object) -> Decimal | None:
    """A price as data: a plain number, in a string or not; None where there is none."""
    try:
        price = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return price if price.is_finite() and 0 <= price < _LIMIT else None


def line_of(value: object, longest: int) -> str:
    """Text on one line, "" for what is no text."""
    return " ".join(value.split())[:longest].rstrip() if isinstance(value, str) else ""
