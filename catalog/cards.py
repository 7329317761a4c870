"""The one product card's content, ready for `templates/catalog/_card.html`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.urls import get_script_prefix, reverse
from django.utils.formats import get_format
from django.utils.translation import gettext

from catalog.products import Product, price_text
from indexing.index_file import Index

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
    digest = preview_digest(index.manifest, item_id) if index is not None else ""
    query = "&".join(part for part in (f"v={digest}" if digest else "", f"w={width}" if width else "") if part)
    url = f"{item_url(item_id)}preview.jpg"
    return f"{url}?{query}" if query else url


def item_url(item_id: str) -> str:
    """`reverse("catalog:item", args=[item_id])`, for the hundreds on a page: an ItemID needs no quoting."""
    return f"{_items_url(get_script_prefix())}{item_id}/"


def compare_url(first: str, second: str) -> str:
    """`reverse("catalog:compare", args=[first, second])`, as cheap as `item_url`."""
    return f"{_items_url(get_script_prefix()).removesuffix('items/')}compare/{first}/{second}/"


@lru_cache(maxsize=8)
def _items_url(_script_prefix: str) -> str:
    return reverse("catalog:grid")


def make_card(product: Product, index: Index | None) -> Card:
    """The card of a product that is not compared with anything."""
    return Card(
        id=product.item_id,
        title=product.name,
        url=item_url(product.item_id),
        picture=preview_url(product.item_id, index, PICTURE_WIDTH),
        price=price_text(product.price, product.currency),
        shop_url=product.url,
    )


def distance_words(distance: float) -> str:
    """A distance with four digits that matter: 0.1234, 12.34, 1234."""
    digits = 4 if distance < 1 else 2 if distance < 100 else 0
    return _number(distance, digits)


def share_words(percent: float | None) -> str:
    """ "closer than 99.2 % of pairs", or ""; never above 99.9, for a sample cannot promise all of them."""
    if percent is None:
        return ""
    return gettext("closer than %(share)s %% of pairs") % {"share": _number(min(percent, 99.9), 1)}


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", get_format("DECIMAL_SEPARATOR"))
