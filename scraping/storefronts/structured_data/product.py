"""One type for what all syntaxes tell of a product."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_IN_STOCK: Final = re.compile(
    r"InStock|LimitedAvailability|OnlineOnly|PreOrder|PreSale|BackOrder|InStoreOnly|MadeToOrder", re.IGNORECASE
)
_OUT_OF_STOCK: Final = re.compile(r"OutOfStock|SoldOut|Discontinued", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the page's data tells of it; what it does not tell is empty or None. URLs are absolute.

    syntax: where it stands. main: not in a list nor as another product's relative, so that the page may be this product's own.
    several: the price is the lowest of several offers.
    """

    name: str
    url: str = ""
    images: tuple[str, ...] = ()
    price: Decimal | None = None
    currency: str = ""
    sku: str = ""
    brand: str = ""
    category: str = ""
    group_id: str = ""
    in_stock: bool | None = None
    syntax: str = "JSON-LD"
    main: bool = False
    several: bool = False


def stock_of(availability: str) -> bool | None:
    """Whether a schema.org availability means that the product can be bought; None where it says nothing."""
    return True if _IN_STOCK.search(availability) else False if _OUT_OF_STOCK.search(availability) else None
