"""The nearest items of an item, exact under a narrowing: from the stored neighbours, and by live search where they run out."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from catalog.products import Product, fetch
from catalog.similar.narrowing import EVERYTHING, Narrowing, admitted_rows
from catalog.similar.ranking import Hit, fold, nearest
from indexing.index.record import NEIGHBOURS_KEPT, Index
from indexing.nearest.metrics import Metric
from indexing.nearest.search import LiveSearch

Products = dict[str, Product]


class NearItem(NamedTuple):
    """A product and how far it is."""

    product: Product
    distance: float


class NearItems(NamedTuple):
    """Nearest first. more: whether others would follow."""

    items: list[NearItem]
    more: bool


def near_items(
    index: Index,
    item_id: str,
    metric: Metric,
    count: int,
    narrowing: Narrowing = EVERYTHING,
    *,
    folded: bool = True,
    known: Products | None = None,
) -> NearItems:
    """The `count` nearest of an item of the index that are admitted.

    folded: near-duplicates of a nearer one are left out. known: products fetched before, to which those met are added.
    """
    row = index.rows[item_id]
    known = {} if known is None else known
    stored = nearest(index, row, metric, NEIGHBOURS_KEPT)
    # Twice what is shown is nearly always enough to make up for those left out, in one query.
    for depth in (min(2 * count + 2, len(stored)), len(stored)):
        found = choose(index, stored[:depth], narrowing, known, folded=folded)
        if len(found) > count or depth == len(index) - 1:
            return NearItems(found[:count], len(found) > count)
    return _searched(index, row, metric, count, narrowing, known, folded=folded)


def _searched(
    index: Index, row: int, metric: Metric, count: int, narrowing: Narrowing, known: Products, *, folded: bool
) -> NearItems:
    """The same by live search among the admitted rows alone."""
    among = admitted_rows(index, narrowing)
    search, depth = LiveSearch(index.vectors), 2 * count + 2
    while True:
        near = search.query(index.vectors[row][None], depth, own=np.array([row]), among=among, metrics=[metric])[metric]
        hits = list(zip(near.rows[0].tolist(), near.distances[0].tolist(), strict=True))
        found = choose(index, hits, narrowing, known, folded=folded)
        if len(found) > count or len(hits) < depth:
            return NearItems(found[:count], len(found) > count)
        depth *= 4


def choose(index: Index, hits: Sequence[Hit], narrowing: Narrowing, known: Products, *, folded: bool = True) -> list[NearItem]:
    """The admitted of these hits, one of each group of near-duplicates; `known` gains their products."""
    fetch_missing(known, (index.item_ids[row] for row, _distance in hits))
    distances = {row: distance for row, distance in hits if narrowing.admits(known[index.item_ids[row]])}
    leaders = [group[0] for group in fold(list(distances), index.extras.get("duplicate_group") if folded else None)]
    return [NearItem(known[index.item_ids[row]], distances[row]) for row in leaders]


def fetch_missing(known: Products, item_ids: Iterable[str]) -> None:
    """Add to `known` the products that it lacks, in one query, or none."""
    known |= fetch(item_id for item_id in item_ids if item_id not in known)
