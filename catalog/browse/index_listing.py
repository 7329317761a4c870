"""The grid of an index without a catalogue: someone indexed a folder of pictures and scraped nothing."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from catalog.browse.filters import PAGE, Filters
from catalog.browse.keyset import GridPage
from catalog.browse.search_text import words
from catalog.products import Product
from indexing.index.record import Index


def index_only_page(index: Index, filters: Filters, size: int = PAGE) -> GridPage:
    """A page of the index's ids in order, those that hold the query's words; other filters match nothing here."""
    if replace(filters, query="", in_stock=False).active:
        return GridPage([], "", "")
    wanted = words(filters.query)
    ids = sorted(item_id for item_id in index.item_ids if all(word in item_id.casefold() for word in wanted))
    start = _start(ids, filters, size)
    shown = ids[start : start + size]
    previous = f"~{shown[0]}" if shown and start > 0 else ""
    following = f"~{shown[-1]}" if shown and start + size < len(ids) else ""
    return GridPage([Product(item_id) for item_id in shown], previous, following)


def _start(ids: Sequence[str], filters: Filters, size: int) -> int:
    if filters.before:
        return max(0, bisect_left(ids, filters.before.rpartition("~")[2]) - size)
    return bisect_right(ids, filters.after.rpartition("~")[2]) if filters.after else 0
