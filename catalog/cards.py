"""The one product card's content, ready for `templates/partials/_card.html`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.urls import get_script_prefix, reverse
from django.utils.formats import get_format
from django.utils.translation import gettext

from catalog.products import Product, price_text
from indexing.index.record import Index

PICTURE_WIDTH = 320


@dataclass(slots=True)
class Card:
    """What `_card.html` shows. distance_text, closer_than and why are "" where a card is not an answer to a comparison."""

    id: str
    title: str
    url: str
    picture: str
    price: str = ""
    shop_url: str = ""
    distance_text: str = ""
    closer_than: str = ""
    agreed: bool = False
    why: str = ""
    copies: list["Card"] = field(default_factory=list)

    def compared(self, distance_text: str, closer_than: str, agreed: bool, copies: "list[Card]") -> "Card":
        """The same product as an answer to a comparison. (copy.copy of a class with slots takes ten times as long.)"""
        return Card(
            self.id,
            self.title,
            self.url,
            self.picture,
            self.price,
            self.shop_url,
            distance_text,
            closer_than,
            agreed,
            self.why,
            copies,
        )


def preview_digest(manifest: Mapping[str, Any], item_id: str) -> str:
    """The first 8 hex digits of the preview's sha256 as the index saw it, or ""."""
    digests = manifest.get("previews")
    return str(digests.get(item_id, ""))[:8] if isinstance(digests, Mapping) else ""


def preview_url(item_id: str, index: Index | None, width: int | None = None) -> str:
    """The preview's address; with the picture's digest where it is known, so that a browser may keep it for ever."""
    return _preview_of(item_url(item_id), item_id, index, width)


def _preview_of(url: str, item_id: str, index: Index | None, width: int | None) -> str:
    digest = preview_digest(index.manifest, item_id) if index is not None else ""
    version, size = f"v={digest}" if digest else "", f"w={width}" if width else ""
    query = f"{version}&{size}" if version and size else version or size
    return f"{url}preview.jpg?{query}" if query else f"{url}preview.jpg"


def item_url(item_id: str) -> str:
    """`reverse("catalog:item", args=[item_id])`, for the hundreds on a page: an ItemID needs no quoting."""
    return f"{_items_url(get_script_prefix())}{item_id}/"


def compare_stem(first: str) -> str:
    """`reverse("catalog:compare", args=[first, second])` without `second` and the last slash: an ItemID needs no quoting."""
    return f"{_items_url(get_script_prefix()).removesuffix('items/')}compare/{first}/"


@lru_cache(maxsize=8)
def _items_url(_script_prefix: str) -> str:
    return reverse("catalog:grid")


def make_card(product: Product, index: Index | None) -> Card:
    """The card of a product that is not compared with anything."""
    url = item_url(product.item_id)
    return Card(
        id=product.item_id,
        title=product.name,
        url=url,
        picture=_preview_of(url, product.item_id, index, PICTURE_WIDTH),
        price=price_text(product.price, product.currency),
        shop_url=product.url,
    )


class Words:
    """How distances are said, in the language in force when this is made: one for each answer."""

    def __init__(self) -> None:
        self._point = get_format("DECIMAL_SEPARATOR")
        self._share = gettext("closer than %(share)s %% of pairs")

    def distance(self, distance: float) -> str:
        """A distance with four digits that matter: 0.1234, 12.34, 1234."""
        return self._number(distance, 4 if distance < 1 else 2 if distance < 100 else 0)

    def share(self, percent: float | None) -> str:
        """ "closer than 99.2 % of pairs", or ""; never above 99.9, for a sample cannot promise all of them."""
        return "" if percent is None else self._share % {"share": self._number(min(percent, 99.9), 1)}

    def _number(self, value: float, digits: int) -> str:
        return f"{value:.{digits}f}".replace(".", self._point)
