"""From rows to products: Google Merchant feeds, plain CSV, JSON lines."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Final
from urllib.parse import urlsplit

from scraping.feeds.columns import Columns
from scraping.feeds.tables.rows import Row
from scraping.feeds.values import in_force, last_category, link_of, money, pictures_of, plain_text, stock_of
from scraping.storefronts.base import Card, Unreadable
from scraping.storefronts.identifiers import item_id

_TITLE: Final = 500
_NAME: Final = 200
_GROUP: Final = 200


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A product that the shop does not offer, by its own word."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How rows are read. now: aware. shop_url: the shop's address, for products whose row has no link; "" when not known.

    base_url: what relative addresses are relative to. local: pictures may be paths.
    """

    now: datetime
    currency: str = ""
    shop_url: str = ""
    base_url: str = ""
    id_prefix: str = ""
    category: str = ""
    local: bool = False


Product = Card | Unreadable | LeftOut


def read_plain(rows: Iterator[Row], columns: Columns, options: ReadOptions) -> Iterator[Product]:
    """One product a row; variants that share their picture (sizes) are one, at the price of the cheapest in stock."""
    products = (_product(row, columns, options) for row in rows)
    for _, variants in groupby(products, key=_shown_as):
        together = list(variants)
        cards = [product for product in together if isinstance(product, Card)]
        yield from [merged(cards)] if len(cards) > 1 else together


def merged(variants: list[Card]) -> Card:
    """One product of its variants: the first's name and picture, the price of the cheapest that can be bought."""
    priced = [card for card in variants if card.price is not None]
    sold = [card for card in priced if card.in_stock is not False] or priced
    cheapest = min(sold, key=lambda card: card.price or 0, default=variants[0])
    stock = {card.in_stock for card in variants}
    pictures = dict.fromkeys(url for card in variants for url in (card.image_url, *card.more_pictures))
    pictures.pop(variants[0].image_url, None)
    return replace(
        variants[0],
        price=cheapest.price,
        currency=cheapest.currency,
        in_stock=True if True in stock else None if None in stock else False,
        more_pictures=tuple(pictures),
    )


def _shown_as(product: Product) -> tuple[object, ...]:
    """What variants that look alike share; each other product is by itself."""
    if isinstance(product, Card) and product.group_id:
        return product.group_id, product.image_url
    return (id(product),)


def _product(row: Row, columns: Columns, options: ReadOptions) -> Product:
    if row.problem:
        return Unreadable(f"row {row.number}", row.problem)
    raw = columns.value(row, "id")
    title = plain_text(columns.value(row, "title"), _TITLE)
    link = link_of(columns.value(row, "link"), options.base_url)
    identifier = item_id(raw or _slug(link), options.id_prefix)
    if not identifier:
        return Unreadable(f"row {row.number}" + (f" ({title})" if title else ""), "no id")
    pictures = pictures_of(columns.values(row, "picture"), options.base_url, local=options.local)
    if not pictures:
        pictures = pictures_of(columns.all_values(row, "picture"), options.base_url, local=options.local)
    if not pictures:
        return Unreadable(identifier, "no picture", blocks_delisting=False)
    further = pictures_of(columns.all_values(row, "more_pictures"), options.base_url, local=options.local)
    default = options.currency
    price, currency = money(columns.value(row, "price"), columns.value(row, "currency"), default)
    sale, sale_currency = money(columns.value(row, "sale_price"), columns.value(row, "currency"), default)
    dates, first, last = (columns.value(row, field) for field in ("sale_dates", "sale_from", "sale_to"))
    if sale and (price is None or sale < price) and in_force(dates, first, last, options.now):
        price, currency = sale, sale_currency or currency
    return Card(
        item_id=identifier,
        title=title,
        url=link,
        image_url=pictures[0],
        price=price,
        currency=currency,
        category=options.category or _category(row, columns),
        in_stock=stock_of(columns.value(row, "availability")),
        brand=plain_text(columns.value(row, "brand"), _NAME),
        group_id=columns.value(row, "group_id")[:_GROUP],
        more_pictures=tuple(url for url in dict.fromkeys((*pictures, *further)) if url != pictures[0]),
    )


def _category(row: Row, columns: Columns) -> str:
    return next((found for text in columns.all_values(row, "category") if (found := last_category(text))), "")


def _slug(link: str) -> str:
    """The last part of a product's address, for feeds without ids."""
    return urlsplit(link).path.rstrip("/").rpartition("/")[2] if link else ""
