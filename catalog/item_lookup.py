"""Is an id known? Asked of the index first, then of the catalogue; views and API ask here."""

from catalog.errors import NoVectorError, UnknownItemError
from catalog.models import Item
from catalog.products import COLUMNS, Product, from_row
from indexing.index.item_ids import is_item_id
from indexing.index.record import Index


def catalogue_product(item_id: str) -> Product:
    """The catalogue's row of an item. Raises UnknownItemError, for one that the owner hides too."""
    row = Item.objects.filter(pk=item_id).values_list(*COLUMNS).first() if is_item_id(item_id) else None
    product = None if row is None else from_row(row)
    if product is None or product.hidden:
        raise UnknownItemError(item_id)
    return product


def require_item(index: Index | None, item_id: str) -> None:
    """Raise UnknownItemError unless the index or the catalogue has the item."""
    if index is None or item_id not in index.rows:
        catalogue_product(item_id)


def require_vector(index: Index, item_id: str) -> None:
    """Raise UnknownItemError, or NoVectorError for an item that only the catalogue has."""
    if item_id not in index.rows:
        catalogue_product(item_id)
        raise NoVectorError(item_id)
