"""The one product card's content, ready for `templates/partials/_card.html`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.formats import number_format
from django.utils.translation import gettext

from catalog.addresses import url
from catalog.products import Product, price_text
from indexing.index.record import Index

PICTURE_WIDTH = 320


@dataclass(frozen=True, slots=True)
class ProductCard:
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
    copies: "list[ProductCard]" = field(default_factory=list)


def preview_digest(manifest: Mapping[str, Any], item_id: str) -> str:
    """The first 8 hex digits of the preview's sha256 as the index saw it, or ""."""
    digests = manifest.get("previews")
    return str(digests.get(item_id, ""))[:8] if isinstance(digests, Mapping) else ""


def preview_url(item_id: str, index: Index | None, width: int | None = None) -> str:
    """The preview's address; with the picture's digest where it is known, so that a browser may keep it for ever."""
    digest = preview_digest(index.manifest, item_id) if index is not None else ""
    asked = {name: value for name, value in (("v", digest), ("w", width)) if value}
    address = url("catalog:preview", item_id)
    return f"{address}?{urlencode(asked)}" if asked else address


def item_url(item_id: str) -> str:
    """The item's own page."""
    return url("catalog:item", item_id)


def make_card(product: Product, index: Index | None, **more: Any) -> ProductCard:
    """The card of a product; `more`: fields of ProductCard that an answer to a comparison has."""
    return ProductCard(
        id=product.item_id,
        title=product.name,
        url=item_url(product.item_id),
        picture=preview_url(product.item_id, index, PICTURE_WIDTH),
        price=price_text(product.price, product.currency),
        shop_url=product.url,
        **more,
    )


def distance_text(distance: float) -> str:
    """A distance with four digits that matter, as the reader's language writes it: 0.1234, 12.34, 1234."""
    digits = 4 if distance < 1 else 2 if distance < 100 else 0
    return number_format(round(distance, digits), digits)  # number_format alone cuts digits off


def closer_than_text(percent: float | None) -> str:
    """ "closer than 99.2 % of pairs", or ""; never above 99.9, for a sample cannot promise all of them."""
    if percent is None:
        return ""
    return gettext("closer than %(share)s %% of pairs") % {"share": number_format(round(min(percent, 99.9), 1), 1)}
