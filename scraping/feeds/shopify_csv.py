"""Shopify's product export: the rows of one handle are the variants and pictures of one product."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from urllib.parse import quote

from scraping.feeds.columns import Columns
from scraping.feeds.products import LeftOut, Product, ReadOptions, merged
from scraping.feeds.tables.rows import Row
from scraping.feeds.values import last_category, link_of, money, pictures_of, plain_text, stock_of
from scraping.storefronts.base import Card, Unreadable
from scraping.storefronts.identifiers import item_id

_NO: frozenset[str] = frozenset({"false", "no", "0"})


def read_shopify(rows: Iterator[Row], columns: Columns, options: ReadOptions) -> Iterator[Product]:
    """One product a handle. Drafts, archived and unpublished products are left out."""
    for handle, group in groupby(rows, key=lambda row: columns.value(row, "handle")):
        together = list(group)
        if not handle:
            yield from (Unreadable(f"row {row.number}", row.problem or "no handle") for row in together)
        else:
            yield _product(handle, together, columns, options)


def _product(handle: str, rows: list[Row], columns: Columns, options: ReadOptions) -> Product:
    first = rows[0]
    identifier = item_id(columns.value(first, "id"), options.id_prefix)
    title = plain_text(columns.value(first, "title"), 500)
    if not title:
        return Unreadable(identifier, "rows without a title: those of one handle must follow each other")
    status = columns.value(first, "status").casefold()
    if status and status != "active":
        return LeftOut(identifier, "draft" if status == "draft" else "archived" if status == "archived" else "not active")
    if columns.value(first, "published").casefold() in _NO:
        return LeftOut(identifier, "not published")
    pictures = _pictures(rows, columns, options)
    if not pictures:
        return Unreadable(identifier, "no picture", blocks_delisting=False)
    product = Card(
        item_id=identifier,
        title=title,
        url=_link(handle, first, columns, options),
        image_url=pictures[0],
        category=options.category or last_category(columns.value(first, "category")),
        brand=plain_text(columns.value(first, "brand"), 200),
        more_pictures=pictures[1:],
    )
    variants = [_variant(row, product, columns, options) for row in rows if columns.value(row, "price")]
    return merged(variants) if variants else product


def _variant(row: Row, product: Card, columns: Columns, options: ReadOptions) -> Card:
    price, currency = money(columns.value(row, "price"), columns.value(row, "currency"), options.currency)
    return replace(product, price=price, currency=currency, in_stock=_in_stock(row, columns))


def _in_stock(row: Row, columns: Columns) -> bool | None:
    """Whether a variant can be bought: what is not counted, or sold beyond its count, always can."""
    quantity = columns.value(row, "quantity")
    if columns.value(row, "policy").casefold() in {"continue", "true", "yes"}:
        return True
    if not columns.value(row, "tracker"):
        return True if columns.value(row, "policy") and not quantity else stock_of(quantity)
    return stock_of(quantity)


def _pictures(rows: list[Row], columns: Columns, options: ReadOptions) -> tuple[str, ...]:
    placed = []
    for at, row in enumerate(rows):
        position = columns.value(row, "position")
        order = int(position) if position.isascii() and position.isdecimal() else len(rows) + at
        placed += [
            (order, at, url) for url in pictures_of(columns.values(row, "picture"), options.base_url, local=options.local)
        ]
    variants = [
        url
        for row in rows
        for url in pictures_of(columns.values(row, "variant_picture"), options.base_url, local=options.local)
    ]
    return tuple(dict.fromkeys([*(url for _, _, url in sorted(placed)), *variants]))


def _link(handle: str, row: Row, columns: Columns, options: ReadOptions) -> str:
    link = link_of(columns.value(row, "link"), options.base_url)
    return link or (f"{options.shop_url.rstrip('/')}/products/{quote(handle)}" if options.shop_url else "")
