"""What recommendations are narrowed down to: category, colour, price, stock. The same in pages, API and widget."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from catalog.browse.filters import parse_price
from catalog.models import Item
from catalog.products import InStock, Product
from indexing.index.record import Index


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Empty fields narrow nothing. Delisted and hidden items never pass; those out of stock do with in_stock "any"."""

    category: str = ""
    colour: str = ""
    style: str = ""
    price_max: Decimal | None = None
    in_stock: InStock = "true"

    @property
    def active(self) -> bool:
        """Whether category, colour, style or price narrow it down."""
        return self != Narrowing(in_stock=self.in_stock)

    def admits(self, product: Product) -> bool:
        """Whether to recommend this product."""
        return (
            product.recommendable(self.in_stock)
            and (not self.category or product.category == self.category)
            and (not self.colour or product.dominant_colour == self.colour)
            and (not self.style or product.style == self.style)
            and (self.price_max is None or (product.price is not None and product.price <= self.price_max))
        )

    def query_string(self, **changes: Any) -> str:
        """As a query string without defaults; `changes` replace fields."""
        narrowing = replace(self, **changes)
        pairs = {name: getattr(narrowing, name) for name in self.__dataclass_fields__}
        return urlencode({name: value for name, value in pairs.items() if value and value != "true"})


EVERYTHING: Final = Narrowing()


def parse_narrowing(params: Mapping[str, Any]) -> Narrowing:
    """From a query string's mapping; raises BadFilterError with one line for a price that cannot be read."""
    return Narrowing(
        category=str(params.get("category") or "")[:200],
        colour=str(params.get("colour") or "")[:16],
        style=str(params.get("style") or "")[:60],
        price_max=parse_price("price_max", params),
        in_stock="any" if params.get("in_stock") == "any" else "true",
    )


def admitted_rows(index: Index, narrowing: Narrowing, excluded: Q | None = None) -> NDArray[np.int64]:
    """The index's rows whose products are admitted, ascending. A picture without a product passes where nothing is asked.

    excluded: what the owner's rules leave out (`RuleSet.excluded`).
    """
    if narrowing.active:
        passing = Q(delisted_at__isnull=True, hidden=False)
        if narrowing.in_stock != "any":
            passing &= ~Q(in_stock=False)
        if narrowing.category:
            passing &= Q(category=narrowing.category)
        if narrowing.colour:
            passing &= Q(dominant_colour=narrowing.colour)
        if narrowing.style:
            passing &= Q(style=narrowing.style)
        if narrowing.price_max is not None:
            passing &= Q(price__lte=narrowing.price_max)
        if excluded is not None:
            passing &= ~excluded
        return np.array(sorted(_rows(index, passing)), np.int64)
    barred = Q(delisted_at__isnull=False) | Q(hidden=True)
    if narrowing.in_stock != "any":
        barred |= Q(in_stock=False)
    if excluded is not None:
        barred |= excluded
    return np.delete(np.arange(len(index)), _rows(index, barred))


def _rows(index: Index, condition: Q) -> list[int]:
    ids = Item.objects.filter(condition).order_by().values_list("pk", flat=True)
    return [index.rows[item_id] for item_id in ids.iterator(chunk_size=10_000) if item_id in index.rows]
