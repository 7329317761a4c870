"""The nearest items of an item, exact under a narrowing: from the stored neighbours, and by live search where they run out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from catalog.owner.rules import RulesBeside, RuleSet, get_rules
from catalog.products import Product, fetch
from catalog.similar.narrowing import EVERYTHING, Narrowing
from catalog.similar.ranking import Hit, fold, nearest
from catalog.vector_stores.base import VectorStore
from catalog.vector_stores.selection import ask
from indexing.errors import IndexDamagedError
from indexing.index.record import NEIGHBOURS_KEPT, Index
from indexing.nearest.distances import distance
from indexing.nearest.metrics import Metric

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
    ranked: bool = False,
    rules: RuleSet | None = None,
) -> NearItems:
    """The `count` nearest of an item of the index that are admitted. Its own variants and copies are no neighbours.

    folded: variants and copies of a nearer one are left out, too.
    known: products fetched before, to which those met are added.
    ranked: by distance alone; else the owner's rules may pin items first, and put those in stock before others.
    rules: None for those in force.
    """
    known = {} if known is None else known
    fetch_missing(known, [item_id])
    beside = (get_rules() if rules is None else rules).beside(known[item_id])
    query = _Query(index, item_id, metric, count, narrowing, beside, known, folded)
    near = query.stored() or query.searched()
    return near if ranked else query.ordered(near)


@dataclass(frozen=True, slots=True)
class _Query:
    """What `near_items` was asked. known: gains the products that are met."""

    index: Index
    item_id: str
    metric: Metric
    count: int
    narrowing: Narrowing
    rules: RulesBeside
    known: Products
    folded: bool

    @property
    def row(self) -> int:
        return self.index.rows[self.item_id]

    def stored(self) -> NearItems | None:
        """By distance alone, from the stored neighbours; None where they run out."""
        stored = nearest(self.index, self.row, self.metric, NEIGHBOURS_KEPT)
        # Twice what is shown is nearly always enough to make up for those left out, in one query.
        for depth in (min(2 * self.count + 2, len(stored)), len(stored)):
            found = self._chosen(stored[:depth])
            if len(found) > self.count or depth == len(self.index) - 1:
                return NearItems(found[: self.count], len(found) > self.count)
        return None

    def searched(self) -> NearItems:
        """The same by live search among the admitted items alone."""
        return ask(self.index, self._searched_in)

    def _searched_in(self, store: VectorStore) -> NearItems:
        search, depth = store.search(self.narrowing, self.rules.excluded()), 2 * self.count + 2
        vector, own = self.index.vectors[self.row][None], np.array([self.row])
        if not np.isfinite(vector).all():
            raise IndexDamagedError(f"The vector of {self.item_id} is not finite: run build_index --rebuild.")
        while True:
            near = search.nearest(vector, depth, own=own, metrics=[self.metric])[self.metric]
            hits = list(zip(near.rows[0].tolist(), near.distances[0].tolist(), strict=True))
            found = self._chosen(hits)
            if len(found) > self.count or len(hits) < depth:
                return NearItems(found[: self.count], len(found) > self.count)
            depth *= 4

    def ordered(self, near: NearItems) -> NearItems:
        """What the rules pin, then the rest, those in stock first where a rule asks for it."""
        ids, rows, vectors = self.index.item_ids, self.index.rows, self.index.vectors
        pinned = [rows[name] for name in self.rules.pinned() if name in rows and rows[name] != self.row]
        fetch_missing(self.known, (ids[other] for other in pinned))
        admitted = [other for other in pinned if self.narrowing.admits(self.known[ids[other]])]
        first = [
            NearItem(self.known[ids[other]], float(distance(self.metric, vectors[self.row], vectors[other : other + 1])[0]))
            for other in admitted
        ]
        names = {item.product.item_id for item in first}
        rest = [item for item in near.items if item.product.item_id not in names]
        if self.rules.in_stock_first:
            rest.sort(key=lambda item: item.product.in_stock is not True)
        return NearItems([*first, *rest][: self.count], near.more or len(first) + len(rest) > self.count)

    def _chosen(self, hits: Sequence[Hit]) -> list[NearItem]:
        return choose(self.index, hits, self.narrowing, self.known, folded=self.folded, rules=self.rules, of=self.item_id)


def choose(
    index: Index,
    hits: Sequence[Hit],
    narrowing: Narrowing,
    known: Products,
    *,
    folded: bool = True,
    rules: RulesBeside | None = None,
    of: str = "",
) -> list[NearItem]:
    """The admitted of these hits, one of each group of variants; `known` gains their products.

    rules: those beside the item that was asked for; None: those that hold beside a photo or a list.
    of: an item of the index and of `known`, whose own variants and copies are left out.
    """
    rules = get_rules().beside(None) if rules is None else rules
    fetch_missing(known, (index.item_ids[row] for row, _distance in hits))
    admitted = (hit for hit in hits if narrowing.admits(product := known[index.item_ids[hit[0]]]) and rules.allows(product))
    distances = dict(admitted)
    if of:
        groups = _variant_groups(index, [index.rows[of], *distances], known)
        distances = {row: distance for row, distance in distances.items() if groups[row] != groups[index.rows[of]]}
    leaders = [group[0] for group in fold(list(distances), _variant_groups(index, distances, known) if folded else None)]
    return [NearItem(known[index.item_ids[row]], distances[row]) for row in leaders]


def _variant_groups(index: Index, rows: Iterable[int], known: Products) -> dict[int, int]:
    """A number for each row, shared by variants of one design: by the shop's word (`group_id`), else by looks."""
    duplicates = index.extras.get("duplicate_group")
    by_id: dict[str, int] = {}
    groups: dict[int, int] = {}
    for row in rows:
        by_looks = -1 - row if duplicates is None else int(duplicates[row])
        group_id = known[index.item_ids[row]].group_id
        groups[row] = by_id.setdefault(group_id, by_looks) if group_id else by_looks
    return groups


def fetch_missing(known: Products, item_ids: Iterable[str]) -> None:
    """Add to `known` the products that it lacks, in one query, or none."""
    known |= fetch(item_id for item_id in item_ids if item_id not in known)
