"""Pages of the grid by keyset: page 1,000 costs as page 1."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from catalog.browse.filters import PAGE, SORTS, Filters, Position, cursor_position
from catalog.models import Item
from catalog.products import COLUMNS, Product, from_row


@dataclass(frozen=True, slots=True)
class GridPage:
    """Products of one page, and the cursors of its neighbours ("" where there is none).

    meant: the words that were searched for, where nothing was found for those asked for; else "".
    offered: words that were perhaps meant, where something was found; else "".
    """

    products: list[Product]
    previous: str
    next: str
    meant: str = ""
    offered: str = ""


class _Run(NamedTuple):
    """Items that stand together, walked along one index: by `key`, then by id. column: what their cursors name."""

    items: QuerySet[Item]
    key: str
    descending: bool
    column: str


def keyset_page(items: QuerySet[Item], filters: Filters, size: int = PAGE, *, pinned_first: bool = False) -> GridPage:
    """The page of `items` after or before the filters' cursor. Items without a price come last, whichever way prices run.

    pinned_first: what the owner pinned stands at the front, 1 first, and not again among the rest; not when sorted by price.
    """
    backwards = bool(filters.before)
    cursor = filters.before or filters.after
    position = cursor_position(cursor, filters.sort) if cursor else None
    rows = _take(_runs(items, filters.sort, pinned_first), position, size + 1, backwards)
    more = len(rows) > size
    rows = rows[:size][::-1] if backwards else rows[:size]
    if not rows:
        return GridPage([], "", "")
    first, last = rows[0][1], rows[-1][1]
    has_previous = more if backwards else bool(filters.after)
    has_next = True if backwards else more
    products = [from_row(row) for row, _cursor in rows]
    return GridPage(products, first if has_previous else "", last if has_next else "")


def _runs(items: QuerySet[Item], sort: str, pinned_first: bool) -> list[_Run]:
    """What follows one after another in this order."""
    column, descending = SORTS[sort]
    if column == "price":
        unpriced = _Run(items.filter(price__isnull=True), "item_id", False, column)
        return [_Run(items.filter(price__isnull=False), column, descending, column), unpriced]
    if not pinned_first:
        return [_Run(items, column, descending, column)]
    pinned = _Run(items.filter(pinned__isnull=False), "pinned", False, "pinned")
    return [pinned, _Run(items.filter(pinned__isnull=True), column, descending, column)]


def _run_of(position: Position, runs: list[_Run]) -> int | None:
    """Which run a cursor lies in; None when it lies in none: pins are not at the front of this list."""
    if runs[0].key == "pinned":
        return 0 if position.pinned else 1
    if position.pinned:
        return None
    return 1 if position.value is None else 0


def _take(runs: list[_Run], position: Position | None, wanted: int, backwards: bool) -> list[tuple[tuple[Any, ...], str]]:
    """Up to `wanted` rows of COLUMNS with their cursors from the position on, in the direction walked."""
    at = None if position is None else _run_of(position, runs)
    if at is not None:
        runs = runs[: at + 1] if backwards else runs[at:]
    rows: list[tuple[tuple[Any, ...], str]] = []
    for part, run in enumerate(runs[::-1] if backwards else runs):
        start = position if part == 0 and at is not None else None
        rows += _walk(run, run.descending != backwards, start, wanted - len(rows))
        if len(rows) >= wanted:
            break
    return rows


def _walk(run: _Run, falling: bool, start: Position | None, wanted: int) -> list[tuple[tuple[Any, ...], str]]:
    items, key = run.items, run.key
    if start is not None:
        way = "lt" if falling else "gt"
        if key == "item_id":
            items = items.filter(**{f"item_id__{way}": start.item_id})
        else:
            # The first condition lets the database start in the index; the second breaks ties by id.
            beyond = Q(**{f"{key}__{way}": start.value}) | Q(**{key: start.value, f"item_id__{way}": start.item_id})
            items = items.filter(beyond, **{f"{key}__{way}e": start.value})
    sign = "-" if falling else ""
    order = [f"{sign}{key}"] if key == "item_id" else [f"{sign}{key}", f"{sign}item_id"]
    rows = items.order_by(*order).values_list(*COLUMNS, run.column)[:wanted]
    return [(row[:-1], _write_cursor(run.column, row[-1], row[0])) for row in rows]


def _write_cursor(column: str, value: Any, item_id: str) -> str:
    if column == "pinned":
        return f"pin{value}~{item_id}"
    if column == "item_id" or value is None:
        return f"~{item_id}"
    return f"{value.isoformat() if isinstance(value, datetime) else value}~{item_id}"
