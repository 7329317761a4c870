"""Favourites as a list: its orders, and as a file to take along. Pure: products in, products or text out."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.products import Product

ORDERS: Final[Mapping[str, Promise]] = {"new": _("Newest first"), "old": _("Oldest first"), "price": _("Cheapest first")}
DEFAULT_ORDER: Final = "new"
COLUMNS: Final = ("id", "title", "price", "currency", "category", "shop", "page")
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def ordered(products: Sequence[Product], order: str) -> list[Product]:
    """`products`, oldest favourite first, in one of ORDERS; an order that is none counts as newest first.

    By price: those without one last, equal prices newest first.
    """
    newest = list(reversed(products))
    if order == "old":
        return list(products)
    if order == "price":
        return sorted(newest, key=lambda product: (product.price is None, product.price or 0))
    return newest


def favourites_csv(products: Iterable[Product], page: Callable[[str], str]) -> str:
    """The list as a table: COLUMNS, prices with a point, addresses of the shop's page and of ours (`page` of an ItemID).

    A cell that a spreadsheet would take for a formula gets an apostrophe before it: titles come from shops.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for product in products:
        price = "" if product.price is None else f"{product.price:.2f}"
        title, category = _plain(product.title), _plain(product.category)
        writer.writerow([product.item_id, title, price, product.currency, category, product.url, page(product.item_id)])
    return file.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
