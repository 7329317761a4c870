"""The nearest items of an item, exact under a narrowing: from the stored neighbours, and by live search where they run out."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from catalog.owner.rules import RulesBeside, RuleSet, get_rules
from catalog.products import Product, fetch
from catalog.similar.narrowing import EVERYTHING, Narrowing, admitted_rows
from catalog.similar.ranking import Hit, fold, nearest
from indexing.index.record import NEIGHBOURS_KEPT, Index
from indexing.nearest.distances import distance
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
    ranked: bool = False,
    rules: RuleSet | None = None,
) -> NearItems:
    """The `count` nearest of an item of the index that are admitted. Its own variants and copies are no neighbours.

    folded: variants and copies of a nearer one are left out, too.
    known: products fetched before, to which those met are added.
    ranked: by distance alone; else the owner's rules may pin items first, and put those in stock before others.
    rules: None for those in force.
    """
    row = index.rows[item_id]
    known = {} if known is None else known
    fetch_missing(known, [item_id])
    beside = (get_rules() if rules is None else rules).beside(known[item_id])
    near = _allowed_items(index, row, metric, count, narrowing, beside, known, folded=folded)
    return near if ranked else _ordered(index, row, metric, count, narrowing, beside, known, near)


def _allowed_items(
    index: Index,
    row: int,
    metric: Metric,
    count: int,
    narrowing: Narrowing,
    rules: RulesBeside,
    known: Products,
    *,
    folded: bool,
) -> NearItems:
    """By distance alone: from the stored neighbours, and by live search where they run out."""
    stored = nearest(index, row, metric, NEIGHBOURS_KEPT)
    # Twice what is shown is nearly always enough to make up for those left out, in one query.
    for depth in (min(2 * count + 2, len(stored)), len(stored)):
        found = choose(index, stored[:depth], narrowing, known, folded=folded, rules=rules, of=index.item_ids[row])
        if len(found) > count or depth == len(index) - 1:
            return NearItems(found[:count], len(found) > count)
    return _searched(index, row, metric, count, narrowing, rules, known, folded=folded)


def _ordered(
    index: Index,
    row: int,
    metric: Metric,
    count: int,
    narrowing: Narrowing,
    rules: RulesBeside,
    known: Products,
    near: NearItems,
) -> NearItems:
    """What the rules pin, then the rest, those in stock first where a rule asks for it."""
    pinned = [index.rows[item_id] for item_id in rules.pinned() if item_id in index.rows and index.rows[item_id] != row]
    fetch_missing(known, (index.item_ids[other] for other in pinned))
    first = [
        NearItem(known[index.item_ids[other]], float(distance(metric, index.vectors[row], index.vectors[other : other + 1])[0]))
        for other in pinned
        if narrowing.admits(known[index.item_ids[other]])
    ]
    names = {item.product.item_id for item in first}
    rest = [item for item in near.items if item.product.item_id not in names]
    if rules.in_stock_first:
        rest.sort(key=lambda item: item.product.in_stock is not True)
    return NearItems([*first, *rest][:count], near.more or len(first) + len(rest) > count)


def _searched(
    index: Index,
    row: int,
    metric: Metric,
    count: int,
    narrowing: Narrowing,
    rules: RulesBeside,
    known: Products,
    *,
    folded: bool,
) -> NearItems:
    """The same by live search among the admitted rows alone."""
    among = admitted_rows(index, narrowing, rules.excluded())
    search, depth = LiveSearch(index.vectors), 2 * count + 2
    while True:
        near = search.query(index.vectors[row][None], depth, own=np.array([row]), among=among, metrics=[metric])[metric]
        hits = list(zip(near.rows[0].tolist(), near.distances[0].tolist(), strict=True))
        found = choose(index, hits, narrowing, known, folded=folded, rules=rules, of=index.item_ids[row])
        if len(found) > count or len(hits) < depth:
            return NearItems(found[:count], len(found) > count)
        depth *= 4


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
