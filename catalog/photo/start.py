"""An item's own picture as the photo to search with: by its print, its sleeve, whatever part somebody chooses."""

from pathlib import Path
from typing import Any, Final

from catalog.cards import make_card, preview_url
from catalog.errors import UnknownItemError
from catalog.index_store import Loaded
from catalog.item_lookup import catalogue_product
from catalog.previews import preview_path
from catalog.products import Product, fetch

PICTURE_WIDTH: Final = 640


def item_context(loaded: Loaded, item_id: str) -> dict[str, Any]:
    """`start`: the card of the item to begin with; `start_picture`: its address. Nothing for "".

    Raises UnknownItemError.
    """
    if not item_id:
        return {}
    product, _path = _item_and_preview(loaded, item_id)
    return {"start": make_card(product, loaded.index), "start_picture": preview_url(item_id, loaded.index, PICTURE_WIDTH)}


def read_preview(loaded: Loaded, item_id: str) -> bytes:
    """The encoded preview of an item. Raises UnknownItemError for an item that is not shown, or has none."""
    return _item_and_preview(loaded, item_id)[1].read_bytes()


def _item_and_preview(loaded: Loaded, item_id: str) -> tuple[Product, Path]:
    product = fetch([item_id])[item_id] if item_id in loaded.index.rows else catalogue_product(item_id)
    path = preview_path(item_id)
    if product.hidden or path is None:
        raise UnknownItemError(item_id)
    return product, path
