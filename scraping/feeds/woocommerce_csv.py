"""WooCommerce's product export: variations belong to their parent."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

from scraping.feeds.columns import Columns
from scraping.feeds.products import LeftOut, Product, ReadOptions, merged
from scraping.feeds.tables.rows import Row
from scraping.feeds.values import in_force, last_category, link_of, money, pictures_of, plain_text, stock_of
from scraping.storefronts.base import Card, Unreadable
from scraping.storefronts.identifiers import item_id

_VARIATION = "variation"
Offers = dict[str, list[Card]]


def read_woocommerce(read: Callable[[], Iterator[Row]], columns: Columns, options: ReadOptions) -> Iterator[Product]:
    """One product a row that is no variation. Drafts, private and hidden products are left out.

    read: gives the rows from the start; they are read twice, since variations need not stand beside their parent.
    """
    offers: Offers = defaultdict(list)
    for row in read():
        if _is_variation(row, columns) and columns.value(row, "published") in {"1", ""}:
            parent = columns.value(row, "parent").replace(" ", "")
            if parent:
                offers[parent].append(_offer(row, columns, options))
    for row in read():
        if row.problem:
            yield Unreadable(f"row {row.number}", row.problem)
        elif not _is_variation(row, columns):
            yield _product(row, offers, columns, options)


def _is_variation(row: Row, columns: Columns) -> bool:
    return columns.value(row, "type").casefold().startswith(_VARIATION)


def _product(row: Row, offers: Offers, columns: Columns, options: ReadOptions) -> Product:
    own, sku = columns.value(row, "id"), columns.value(row, "sku")
    title = plain_text(columns.value(row, "title"), 500)
    identifier = item_id(own or sku, options.id_prefix)
    if not identifier:
        return Unreadable(f"row {row.number}" + (f" ({title})" if title else ""), "no id and no SKU")
    published = columns.value(row, "published").casefold()
    if published not in {"1", "true", "yes", ""}:
        return LeftOut(identifier, "draft" if published == "-1" else "not published")
    if columns.value(row, "visibility").casefold() == "hidden":
        return LeftOut(identifier, "hidden in the catalogue")
    variants = [*offers.get(f"id:{own}", ()), *offers.get(sku.replace(" ", ""), ())]  # a parent is named by either
    pictures = pictures_of(columns.values(row, "picture"), options.base_url, local=options.local)
    pictures = tuple(dict.fromkeys([*pictures, *(card.image_url for card in variants if card.image_url)]))
    if not pictures:
        return Unreadable(identifier, "no picture", blocks_delisting=False)
    product = replace(
        _offer(row, columns, options),
        item_id=identifier,
        title=title,
        url=_link(own, row, columns, options),
        image_url=pictures[0],
        category=options.category or last_category(columns.value(row, "category"), is_list=True),
        brand=plain_text(columns.value(row, "brand").split(",")[0], 200),
        more_pictures=pictures[1:],
    )
    if not variants:
        return product
    best = merged(variants)
    price = (best.price, best.currency) if best.price is not None else (product.price, product.currency)
    return replace(product, price=price[0], currency=price[1], in_stock=best.in_stock)


def _offer(row: Row, columns: Columns, options: ReadOptions) -> Card:
    """A row's price, stock and picture."""
    named = columns.value(row, "currency")
    price, currency = money(columns.value(row, "price"), named, options.currency)
    sale, sale_currency = money(columns.value(row, "sale_price"), named, options.currency)
    if sale is not None and in_force("", columns.value(row, "sale_from"), columns.value(row, "sale_to"), options.now):
        price, currency = sale, sale_currency
    pictures = pictures_of(columns.values(row, "picture"), options.base_url, local=options.local)
    stock = stock_of(columns.value(row, "availability"))
    return Card(
        item_id="",
        title="",
        url="",
        image_url=pictures[0] if pictures else "",
        price=price,
        currency=currency,
        in_stock=stock_of(columns.value(row, "quantity")) if stock is None else stock,
    )


def _link(own: str, row: Row, columns: Columns, options: ReadOptions) -> str:
    """WooCommerce leads `?p=<id>` on to a product's page."""
    link = link_of(columns.value(row, "link"), options.base_url)
    return link or (f"{options.shop_url.rstrip('/')}/?post_type=product&p={own}" if own and options.shop_url else "")
