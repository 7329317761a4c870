"""The one product card's content, ready for `templates/partials/card.html`."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext

from catalog.previews import preview_path
from catalog.products import Product, price_text
from catalog.rendering.addresses import url
from indexing.index.record import Index

PICTURE_WIDTH = 320
SHARED_WIDTH = 640


class ProductCard(NamedTuple):
    """What `card.html` shows. width, height: the picture's, in pixels; shape: the class that keeps its place on a wall.

    gone: it cannot be bought now, and `state` says why; else `state` is "".
    """

    id: str
    title: str
    url: str
    picture: str
    width: int
    height: int
    shape: str
    price: str = ""
    gone: bool = False
    state: str = ""


def preview_digest(manifest: Mapping[str, Any], item_id: str) -> str:
    """The first 8 hex digits of the preview's sha256 as the index saw it, or ""."""
    digests = manifest.get("previews")
    return str(digests.get(item_id, ""))[:8] if isinstance(digests, Mapping) else ""


def preview_url(item_id: str, index: Index | None, width: int | None = None) -> str:
    """The preview's address; with the picture's digest where it is known, so that a browser may keep it for ever."""
    digest = preview_digest(index.manifest, item_id) if index is not None else ""
    asked = [f"v={digest}"] if digest else []
    if width:
        asked.append(f"w={width}")
    address = url("catalog:preview", item_id)
    return f"{address}?{'&'.join(asked)}" if asked else address


def shared_picture(request: HttpRequest, item_id: str, index: Index | None) -> str:
    """The absolute address of a JPEG of the item, at most 640 pixels wide, for links that are shared; "" without a preview."""
    if not _has_preview(item_id, index):
        return ""
    address = preview_url(item_id, index, SHARED_WIDTH)
    return request.build_absolute_uri(f"{address}&type=jpeg")


def _has_preview(item_id: str, index: Index | None) -> bool:
    return bool(index is not None and preview_digest(index.manifest, item_id)) or preview_path(item_id) is not None


def item_url(item_id: str) -> str:
    """The item's own page."""
    return url("catalog:item", item_id)


def make_card(product: Product, index: Index | None) -> ProductCard:
    """The card of a product."""
    state = state_text(product)
    return ProductCard(
        id=product.item_id,
        title=product.name,
        url=item_url(product.item_id),
        picture=preview_url(product.item_id, index, PICTURE_WIDTH),
        width=product.width or PICTURE_WIDTH,
        height=product.height or PICTURE_WIDTH,
        shape=shape_class(product.width, product.height),
        price=price_text(product.price, product.currency),
        gone=bool(state),
        state=state,
    )


def state_text(product: Product) -> str:
    """Why a product cannot be bought now, or ""."""
    if product.delisted or product.hidden:
        return gettext("No longer in the shop")
    return gettext("Out of stock") if product.in_stock is False else ""


def shape_class(width: int | None, height: int | None) -> str:
    """ "h-135" for 400 × 533: the height in per cent of the width, rounded up to a step of 5, from 50 to 200.

    The style sheet keeps that much room before the picture is there. A picture of unknown size gets a square.
    """
    if not width or not height:
        return "h-100"
    return f"h-{min(max(-(-20 * height // width) * 5, 50), 200)}"


def distance_text(distance: float) -> str:
    """A distance with four digits that matter, as the reader's language writes it: 0.1234, 12.34, 1234."""
    digits = 4 if distance < 1 else 2 if distance < 100 else 0
    return number_format(round(distance, digits), digits)  # number_format alone cuts digits off


def closer_than_text(percent: float | None) -> str:
    """ "closer than 99.2 % of pairs", or ""; never above 99.9, for a sample cannot promise all of them."""
    return "" if percent is None else _closer_than_text(round(min(percent, 99.9), 1), get_language())


@lru_cache(maxsize=2048)  # a thousand tenths of a per cent in each language
def _closer_than_text(percent: float, _language: str | None) -> str:
    return gettext("closer than %(share)s %% of pairs") % {"share": number_format(percent, 1)}
