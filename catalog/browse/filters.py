"""The grid's filters and order, parsed from a query string.

A cursor is `<sort value>~<ItemID>` of the last (or first) item seen, `pin<n>~<ItemID>` of one that the owner pinned to
place n; ids hold no "~".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from catalog.browse.search_text import words
from catalog.errors import BadParameterError
from catalog.models import Item, is_item_id

PAGE: Final = 48
MAX_QUERY: Final = 100
SORTS: Final[Mapping[str, tuple[str, bool]]] = {
    # name: (column, descending)
    "new": ("first_seen", True),
    "price": ("price", False),
    "-price": ("price", True),
    "id": ("item_id", False),
}
PINNED_SORTS: Final = frozenset({"new", "id"})  # by price, a pin would be a lie
_PIN: Final = re.compile(r"pin([0-9]{1,5})")
_YES: Final = frozenset({"1", "true", "True", "on"})
_PRICE = re.compile(r"[0-9]{1,10}(?:[.,][0-9]{1,2})?")
_PRICE_SEEN: Final = re.compile(r"-?[0-9]{1,10}(?:\.[0-9]{1,2})?")  # as the database has it


class Position(NamedTuple):
    """Where a page starts: beyond this sort value, or place at the front, and this ItemID."""

    value: Any
    item_id: str
    pinned: bool = False


class BadFilterError(BadParameterError):
    """A filter that cannot be read: one line that names it and what it may be."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the grid is asked for. Empty means not filtered; `new` keeps what the last scrape found first, `in_stock` what is
    not known to be out of stock; `exact` forgives no typing errors in the query."""

    query: str = ""
    category: str = ""
    colour: str = ""
    style: str = ""
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    new: bool = False
    in_stock: bool = False
    exact: bool = False
    sort: str = "new"
    after: str = ""
    before: str = ""

    @property
    def active(self) -> bool:
        """Whether anything is filtered away."""
        return self != Filters(exact=self.exact, sort=self.sort, after=self.after, before=self.before)

    def query_string(self, **changes: Any) -> str:
        """The filters as a query string without defaults; `changes` replace fields."""
        return urlencode(self.fields(**changes))

    def first_page(self, **changes: Any) -> str:
        """The same for the first page."""
        return self.query_string(after="", before="", **changes)

    def fields(self, **changes: Any) -> list[tuple[str, Any]]:
        """The query string's names and values."""
        filters = replace(self, **changes)
        names = {"query": "q"}
        pairs = [(names.get(name, name), getattr(filters, name)) for name in self.__dataclass_fields__]
        return [(key, "1" if value is True else value) for key, value in pairs if value and (key, value) != ("sort", "new")]


def parse_filters(params: Mapping[str, Any]) -> Filters:
    """Filters from a query string's mapping; raises BadFilterError with one line for what cannot be read."""
    sort = str(params.get("sort") or "new")
    if sort not in SORTS:
        raise BadFilterError(f"sort is {sort[:20]!r}: use one of {', '.join(SORTS)}.")
    return Filters(
        query=str(params.get("q") or "").strip()[:MAX_QUERY],
        category=str(params.get("category") or "")[:200],
        colour=str(params.get("colour") or "")[:16],
        style=str(params.get("style") or "")[:60],
        price_min=parse_price("price_min", params),
        price_max=parse_price("price_max", params),
        new=str(params.get("new") or "") in _YES,
        in_stock=str(params.get("in_stock") or "") in _YES,
        exact=str(params.get("exact") or "") in _YES,
        sort=sort,
        after=_cursor("after", sort, params),
        before=_cursor("before", sort, params),
    )


def parse_price(name: str, params: Mapping[str, Any]) -> Decimal | None:
    """The price that `params` has under `name`, None where it has none; raises BadFilterError for what is no number."""
    text = str(params.get(name) or "").strip()
    if not text:
        return None
    if not _PRICE.fullmatch(text):
        problem = gettext("%(name)s is %(value)r: use a number such as 19.90.")
        raise BadFilterError(problem % {"name": name, "value": text[:20]})
    return Decimal(text.replace(",", "."))


def _cursor(name: str, sort: str, params: Mapping[str, Any]) -> str:
    text = str(params.get(name) or "")
    if text and cursor_position(text, sort) is None:
        raise BadFilterError(f"{name} is not a page of this list: start again without it.")
    return text


def cursor_position(cursor: str, sort: str) -> Position | None:
    """What a cursor names; None when it is not one of this sort's. A price may be missing: its value is None."""
    text, tilde, item_id = cursor.rpartition("~")
    if not tilde or not is_item_id(item_id):
        return None
    pin = _PIN.fullmatch(text) if sort in PINNED_SORTS else None
    if pin is not None:
        return Position(int(pin[1]), item_id, pinned=True)
    column = SORTS[sort][0]
    if column == "item_id":
        return Position(item_id, item_id)
    if column == "price":
        if not text:
            return Position(None, item_id)
        return Position(Decimal(text), item_id) if _PRICE_SEEN.fullmatch(text) else None
    moment = _moment(text)
    return None if moment is None else Position(moment, item_id)


def _moment(text: str) -> datetime | None:
    """A moment with its offset, in UTC; None for what is none, or is one of no year that the database has."""
    try:
        moment = parse_datetime(text)
        return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def filtered(filters: Filters, new_since: datetime | None) -> QuerySet[Item]:
    """The items on sale that pass the filters, in no order. new_since: when the last scrape began."""
    items = Item.objects.on_sale()
    for word in words(filters.query):
        items = items.filter(search_text__contains=word)
    if filters.category:
        items = items.filter(category=filters.category)
    if filters.colour:
        items = items.filter(dominant_colour=filters.colour)
    if filters.style:
        items = items.filter(style=filters.style)
    if filters.price_min is not None:
        items = items.filter(price__gte=filters.price_min)
    if filters.price_max is not None:
        items = items.filter(price__lte=filters.price_max)
    if filters.in_stock:
        items = items.exclude(in_stock=False)
    if filters.new:
        items = items.filter(first_seen__gte=new_since) if new_since else items.none()
    return items
