"""An item's own picture as the photo to search with: by its print, its sleeve, whatever part somebody chooses."""

from pathlib import Path
from typing import Any, Final, NamedTuple

from catalog.cards import make_card, preview_url
from catalog.errors import UnknownItemError
from catalog.index_store import Loaded
from catalog.item_lookup import catalogue_product
from catalog.previews import preview_path
from catalog.products import Product, fetch

PICTURE_WIDTH: Final = 640


class StartItem(NamedTuple):
    """An item that is shown, and its preview's file."""

    product: Product
    path: Path

    def read(self) -> bytes:
        """The encoded preview."""
        return self.path.read_bytes()


def find_item(loaded: Loaded, item_id: str) -> StartItem:
    """The item whose picture to begin with. Raises UnknownItemError for one that is not shown, or has no preview."""
    product = fetch([item_id])[item_id] if item_id in loaded.index.rows else catalogue_product(item_id)
    path = preview_path(item_id)
    if product.hidden or path is None:
        raise UnknownItemError(item_id)
    return StartItem(product, path)


def item_context(loaded: Loaded, start: StartItem | None) -> dict[str, Any]:
    """`start`: the card of the item to begin with; `start_picture`: its address. Nothing without one."""
    if start is None:
        return {}
    item_id = start.product.item_id
    return {"start": make_card(start.product, loaded.index), "start_picture": preview_url(item_id, loaded.index, PICTURE_WIDTH)}
