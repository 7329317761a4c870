"""The grid's filters, order and pages: parsed from a query string, answered by keyset so that page 1,000 costs as page 1.

A cursor is `<sort value>~<ItemID>` of the last (or first) item seen; ids hold no "~".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from catalog.browse.search_text import words
from catalog.models import Item, is_item_id
from catalog.products import COLUMNS, Product, from_row

PAGE: Final = 48
MAX_QUERY: Final = 100
SORTS: Final[Mapping[str, tuple[str, bool]]] = {
    # name: (column, descending)
    "new": ("first_seen", True),
    "price": ("price", False),
    "-price": ("price", True),
    "id": ("item_id", False),
}
_PRICE = re.compile(r"\d{1,10}(?:[.,]\d{1,2})?")


class BadFilterError(ValueError):
    """A filter that cannot be read: one line that names it and what it may be."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the grid is asked for. Empty means not filtered; `new` keeps what the last scrape found first."""

    query: str = ""
    category: str = ""
    colour: str = ""
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    new: bool = False
    sort: str = "new"
    after: str = ""
    before: str = ""

    @property
    def active(self) -> bool:
        """Whether anything is filtered away."""
        return self != Filters(sort=self.sort, after=self.after, before=self.before)

    def query_string(self, **changes: Any) -> str:
        """The filters as a query string without defaults; `changes` replace fields."""
        filters = replace(self, **changes)
        names = {"query": "q"}
        pairs = [(names.get(name, name), getattr(filters, name)) for name in self.__dataclass_fields__]
        shown = [(key, "1" if value is True else value) for key, value in pairs if value and (key, value) != ("sort", "new")]
        return urlencode(shown)


def parse_filters(params: Mapping[str, Any]) -> Filters:
    """Filters from a query string's mapping; raises BadFilterError with one line for what cannot be read."""
    sort = str(params.get("sort") or "new")
    if sort not in SORTS:
        raise BadFilterError(f"sort is {sort[:20]!r}: use one of {', '.join(SORTS)}.")
    return Filters(
        query=str(params.get("q") or "").strip()[:MAX_QUERY],
        category=str(params.get("category") or "")[:200],
        colour=str(params.get("colour") or "")[:16],
        price_min=_price("price_min", params),
        price_max=_price("price_max", params),
        new=str(params.get("new") or "") in {"1", "true", "True", "on"},
        sort=sort,
        after=_cursor("after", sort, params),
        before=_cursor("before", sort, params),
    )


def _price(name: str, params: Mapping[str, Any]) -> Decimal | None:
    text = str(params.get(name) or "").strip()
    if not text:
        return None
    if not _PRICE.fullmatch(text):
        raise BadFilterError(f"{name} is {text[:20]!r}: use a number such as 19.90.")
    return Decimal(text.replace(",", "."))


def _cursor(name: str, sort: str, params: Mapping[str, Any]) -> str:
    text = str(params.get(name) or "")
    if text and _position(text, sort) is None:
        raise BadFilterError(f"{name} is not a page of this list: start again without it.")
    return text


def _position(cursor: str, sort: str) -> tuple[Any, str] | None:
    """(sort value, ItemID) of a cursor; None when it is not one of this sort's. A price may be missing: (None, id)."""
    text, tilde, item_id = cursor.rpartition("~")
    if not tilde or not is_item_id(item_id):
        return None
    column = SORTS[sort][0]
    try:
        if column == "item_id":
            return item_id, item_id
        if column == "price":
            return (Decimal(text) if text else None), item_id
        moment = parse_datetime(text)
        return (moment, item_id) if moment is not None and moment.tzinfo is not None else None
    except (InvalidOperation, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Page:
    """Products of one page, and the cursors of its neighbours ("" where there is none)."""

    products: list[Product]
    previous: str
    next: str


def filtered(filters: Filters, new_since: datetime | None) -> QuerySet[Item]:
    """The items on sale that pass the filters, in no order. new_since: when the last scrape began."""
    items = Item.objects.filter(delisted_at__isnull=True)
    for word in words(filters.query):
        items = items.filter(search_text__contains=word)
    if filters.category:
        items = items.filter(category=filters.category)
    if filters.colour:
        items = items.filter(dominant_colour=filters.colour)
    if filters.price_min is not None:
        items = items.filter(price__gte=filters.price_min)
    if filters.price_max is not None:
        items = items.filter(price__lte=filters.price_max)
    if filters.new:
        items = items.filter(first_seen__gte=new_since) if new_since else items.none()
    return items


def page(items: QuerySet[Item], filters: Filters, size: int = PAGE) -> Page:
    """The page of `items` after or before the filters' cursor. Items without a price come last, whichever way prices run."""
    backwards = bool(filters.before)
    rows = _take(items, filters.sort, filters.before or filters.after, size + 1, backwards)
    more = len(rows) > size
    rows = rows[:size][::-1] if backwards else rows[:size]
    if not rows:
        return Page([], "", "")
    first, last = (_write_cursor(row, filters.sort) for row in (rows[0], rows[-1]))
    has_previous = more if backwards else bool(filters.after)
    has_next = True if backwards else more
    products = [from_row(row[:-1]) for row in rows]
    return Page(products, first if has_previous else "", last if has_next else "")


def _take(items: QuerySet[Item], sort: str, cursor: str, wanted: int, backwards: bool) -> list[tuple[Any, ...]]:
    """Up to `wanted` rows of COLUMNS + the sort column from the cursor on, in the direction walked."""
    column, descending = SORTS[sort]
    position = _position(cursor, sort) if cursor else None
    parts: list[tuple[QuerySet[Item], str, bool]] = [(items, column, descending)]
    if column == "price":
        # Two runs, each along one index: the priced by (price, id), then the unpriced by id.
        parts = [(items.filter(price__isnull=False), "price", descending), (items.filter(price__isnull=True), "item_id", False)]
        if backwards:
            parts.reverse()
        if position is not None:
            in_unpriced = position[0] is None
            if in_unpriced != backwards:
                parts = parts[-1:]
    rows: list[tuple[Any, ...]] = []
    for part, (queryset, key, falling) in enumerate(parts):
        start = position if part == 0 else None
        if start is not None and key == "item_id":
            start = (start[1], start[1])
        rows += _walk(queryset, key, falling != backwards, start, wanted - len(rows), column)
        if len(rows) >= wanted:
            break
    return rows


def _walk(
    items: QuerySet[Item], key: str, falling: bool, start: tuple[Any, str] | None, wanted: int, column: str
) -> list[tuple[Any, ...]]:
    if start is not None:
        way = "lt" if falling else "gt"
        value, item_id = start
        if key == "item_id":
            items = items.filter(**{f"item_id__{way}": item_id})
        else:
            # The first condition lets the database start in the index; the second breaks ties by id.
            beyond = Q(**{f"{key}__{way}": value}) | Q(**{key: value, f"item_id__{way}": item_id})
            items = items.filter(beyond, **{f"{key}__{way}e": value})
    sign = "-" if falling else ""
    order = [f"{sign}{key}"] if key == "item_id" else [f"{sign}{key}", f"{sign}item_id"]
    return list(items.order_by(*order).values_list(*COLUMNS, column)[:wanted])


def _write_cursor(row: tuple[Any, ...], sort: str) -> str:
    value = row[-1]
    text = (
        "" if SORTS[sort][0] == "item_id" or value is None else value.isoformat() if isinstance(value, datetime) else str(value)
    )
    return f"{text}~{row[0]}"
