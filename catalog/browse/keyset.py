"""Pages of the grid by keyset: page 1,000 costs as page 1."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from catalog.browse.filters import PAGE, SORTS, Filters, cursor_position
from catalog.models import Item
from catalog.products import COLUMNS, Product, from_row


@dataclass(frozen=True, slots=True)
class GridPage:
    """Products of one page, and the cursors of its neighbours ("" where there is none)."""

    products: list[Product]
    previous: str
    next: str


def keyset_page(items: QuerySet[Item], filters: Filters, size: int = PAGE) -> GridPage:
    """The page of `items` after or before the filters' cursor. Items without a price come last, whichever way prices run."""
    backwards = bool(filters.before)
    rows = _take(items, filters.sort, filters.before or filters.after, size + 1, backwards)
    more = len(rows) > size
    rows = rows[:size][::-1] if backwards else rows[:size]
    if not rows:
        return GridPage([], "", "")
    first, last = (_write_cursor(row, filters.sort) for row in (rows[0], rows[-1]))
    has_previous = more if backwards else bool(filters.after)
    has_next = True if backwards else more
    products = [from_row(row[:-1]) for row in rows]
    return GridPage(products, first if has_previous else "", last if has_next else "")


def _take(items: QuerySet[Item], sort: str, cursor: str, wanted: int, backwards: bool) -> list[tuple[Any, ...]]:
    """Up to `wanted` rows of COLUMNS + the sort column from the cursor on, in the direction walked."""
    column, descending = SORTS[sort]
    position = cursor_position(cursor, sort) if cursor else None
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
