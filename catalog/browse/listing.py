"""A page of the catalogue, or of the index alone where there is no catalogue. The grid and the API ask here."""

from dataclasses import replace

from catalog.browse.facets import Facets
from catalog.browse.filters import PAGE, Filters, filtered
from catalog.browse.index_listing import index_only_page
from catalog.browse.keyset import GridPage, keyset_page
from catalog.browse.spelling import offered, respelled
from catalog.index_store import get_index
from indexing.errors import IndexFileError
from indexing.index.record import Index


def index_or_none() -> Index | None:
    """The index, or None when there is none to use: a list needs it only for the pictures' digests."""
    try:
        return get_index()
    except IndexFileError:
        return None


def grid_page(
    filters: Filters, facets: Facets, index: Index | None, size: int = PAGE, *, default_sort: str = "new"
) -> GridPage:
    """The page the filters ask for, from the catalogue; from the index when the catalogue is empty.

    Where a search finds nothing, the words that were probably meant are tried; where it finds little or odd things, they are
    offered.

    default_sort: the order of who asks for none. In it and newest first, without filters, the owner's pins stand first.
    """
    if not facets.total and index is not None:
        return index_only_page(index, filters, size)
    pinned_first = filters.sort in {"new", default_sort} and not filters.active
    found = keyset_page(filtered(filters, facets.new_since), filters, size, pinned_first=pinned_first)
    if not filters.query or filters.after or filters.before:
        return found
    if found.products:
        perhaps = offered(filters, facets, len(found.products))
        if perhaps is None:
            return found
        others = filtered(perhaps, facets.new_since).exclude(pk__in=[product.item_id for product in found.products])
        return replace(found, offered=perhaps.query) if others.exists() else found
    meant = respelled(filters, facets)
    if meant is None:
        return found
    other = keyset_page(filtered(meant, facets.new_since), meant, size)
    return replace(other, meant=meant.query) if other.products else found
