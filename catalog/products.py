"""Items as pages show them, fetched for many ids in one query; an id without a row in the catalogue still has a name."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from django.utils.formats import number_format
from django.utils.translation import get_language

from catalog.models import Item

_SIGNS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "RUB": "₽", "JPY": "¥", "UAH": "₴", "PLN": "zł", "CHF": "CHF", "KZT": "₸"}
_SIGN_FIRST: Final = frozenset("€$£¥")


InStock = Literal["true", "any"]


class Product(NamedTuple):
    """The columns a card needs. Order: `COLUMNS`."""

    item_id: str
    title: str = ""
    price: Decimal | None = None
    currency: str = ""
    url: str = ""
    category: str = ""
    dominant_colour: str = ""
    delisted: bool = False
    width: int | None = None
    height: int | None = None
    in_stock: bool | None = None
    brand: str = ""
    group_id: str = ""
    more_pictures: tuple[str, ...] = ()
    hidden: bool = False
    style: str = ""

    def recommendable(self, in_stock: InStock = "true") -> bool:
        """Whether to recommend it: on sale, not hidden and, unless `in_stock` is "any", not known to be out of stock."""
        return not (self.delisted or self.hidden) and (in_stock == "any" or self.in_stock is not False)

    @property
    def name(self) -> str:
        """What to call it: the shop's title, else its ItemID."""
        return self.title or self.item_id


COLUMNS: Final = (
    "item_id", "title", "price", "currency", "url", "category", "dominant_colour", "delisted_at", "width", "height",
    "in_stock", "brand", "group_id", "more_pictures", "hidden", "style",
)  # fmt: skip


def from_row(row: Sequence[Any]) -> Product:
    """A Product from a row of `COLUMNS`. Links are http or https, or left out: a shop is not trusted."""
    item_id, title, price, currency, url, category, colour, delisted_at, *later = row
    width, height, in_stock, brand, group_id, pictures, hidden, style = later
    link = url if url.startswith(("https://", "http://")) else ""
    known = (item_id, title, price, currency, link, category, colour, delisted_at is not None)
    return Product(*known, width, height, in_stock, brand, group_id, tuple(pictures), hidden, style)


_ROWS: Final = Item.objects.order_by().values_list(*COLUMNS)  # a query not asked yet; each page narrows it down


def fetch(item_ids: Iterable[str]) -> dict[str, Product]:
    """A product for each id, by id, in one query. Ids unknown to the catalogue get a bare product."""
    wanted = list(dict.fromkeys(item_ids))
    if not wanted:
        return {}
    found = {row[0]: from_row(row) for row in _ROWS.filter(pk__in=wanted)}
    return {item_id: found.get(item_id) or Product(item_id) for item_id in wanted}


def price_text(price: Decimal | None, currency: str) -> str:
    """ "€19.90" in English, "19,90 €" in other languages, "" without a price."""
    return "" if price is None else _price_text(price, currency, get_language() or "en")


@lru_cache(maxsize=4096)  # shops have few prices, pages have many
def _price_text(price: Decimal, currency: str, language: str) -> str:
    number = number_format(price, decimal_pos=2)
    sign = _SIGNS.get(currency, currency)
    if sign in _SIGN_FIRST and language.startswith("en"):
        return f"{sign}{number}"
    return f"{number}\u00a0{sign}".rstrip()


def cheaper_than(price: Decimal | None) -> Decimal | None:
    """The highest price that is lower, to narrow by; None where there is none."""
    return price - Decimal("0.01") if price else None
