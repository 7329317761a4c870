"""What every storefront reader takes and gives. Readers are pure: a page's text in, product cards out."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from scraping.storefronts.profiles import Profile


@dataclass(frozen=True, slots=True)
class Source:
    """A fetched page: its final URL (after redirects), text, and headers by lower-case name."""

    url: str
    text: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """A product as a shop shows it. URLs are absolute; currency is ISO 4217 or empty.

    in_stock: whether it can be bought now, None when the shop does not say. group_id: what the variants of one product share.
    """

    item_id: str
    title: str
    url: str
    image_url: str
    price: Decimal | None = None
    currency: str = ""
    category: str = ""
    in_stock: bool | None = None
    brand: str = ""
    group_id: str = ""
    more_pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A card that was seen and lacks something that an item needs; `name` is its ItemID or what else tells it apart.

    blocks_delisting: false where the shop's own list gives a certain ItemID, so that no other product can be meant.
    """

    name: str
    reason: str
    blocks_delisting: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a category, and where it goes on.

    last: the shop itself says that this is the end, so that a page without cards is no sign of trouble.
    refusal: why a page without cards has none, where the reader knows more than that it saw none: one line, no full stop.
    """

    cards: tuple[Card, ...]
    next_url: str | None = None
    unreadable: tuple[Unreadable, ...] = ()
    heading: str = ""
    last: bool = False
    refusal: str = ""


class Storefront(Protocol):
    """One way in which shops publish a category."""

    name: str
    looked_for: str  # told when a page shows no products

    def first_url(self, url: str) -> str:
        """Where to begin reading the category that a person knows as `url`."""
        ...

    def read(self, source: Source, profile: Profile) -> Page:
        """Read one page; a page that is not understood has no cards."""
        ...
