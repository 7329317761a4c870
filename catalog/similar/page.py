"""What stands below an item: variants, one wall of what is like it, three measures side by side. No HTML, no request."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from django.urls import reverse

from catalog.cards import ProductCard, closer_than_text, distance_text, make_card
from catalog.models import Item
from catalog.products import COLUMNS, Product, fetch, from_row
from catalog.similar.metric_names import METRIC_NAMES, MetricName
from catalog.similar.narrowing import Narrowing
from catalog.similar.neighbours import NearItem, NearItems, Products, fetch_missing, near_items
from catalog.similar.ranking import is_close, nearest, shares_farther
from indexing.index.record import NEIGHBOURS_KEPT, Index
from indexing.nearest.metrics import METRICS, Metric

# Of the three alone and of their fusion it ranks best by labels: benchmarks/README.md.
RANKING: Final[Metric] = "cosine"
SHOWN: Final = 12
MOST: Final = 96
MEASURED: Final = 5
VARIANTS: Final = 8

_OTHER: Final = "~"  # no ItemID holds it


class MeasureRow(NamedTuple):
    """One of the nearest under one measure. only: no other measure has it. why: the page that compares the two, or ""."""

    card: ProductCard
    distance: str
    closer_than: str
    only: bool
    why: str


@dataclass(frozen=True, slots=True)
class Measure:
    """The nearest under one measure."""

    metric: Metric
    heading: MetricName
    rows: list[MeasureRow]


@dataclass(frozen=True, slots=True)
class Wall:
    """Cards, best first. more: whether others would follow; close: whether the first is like what was asked for."""

    cards: list[ProductCard]
    more: bool = False
    close: bool = True


@dataclass(frozen=True, slots=True)
class ItemPage:
    """An item and what stands below it."""

    product: Product
    variants: list[ProductCard]
    wall: Wall
    measures: list[Measure]


def item_page(index: Index, item_id: str, narrowing: Narrowing, shown: int, *, folded: bool = True) -> ItemPage:
    """The page of an item that has a vector. shown: cards on the wall."""
    known: Products = {}
    row, duplicates = index.rows[item_id], duplicates_of(index, item_id)
    depths: Mapping[Metric, int] = {metric: 2 * (shown if metric == RANKING else MEASURED) + 2 for metric in METRICS}
    hits = [hit for metric in METRICS for hit in nearest(index, row, metric, min(depths[metric], NEIGHBOURS_KEPT))]
    # All that the page needs as a rule, in one query.
    fetch_missing(known, dict.fromkeys([item_id, *duplicates, *(index.item_ids[hit] for hit, _distance in hits)]))
    near = near_items(index, item_id, RANKING, shown, narrowing, folded=folded, known=known)
    by_metric = {
        metric: near_items(index, item_id, metric, MEASURED, folded=folded, known=known, ranked=True).items
        for metric in METRICS
    }
    product = known[item_id]
    variants = [make_card(other, index) for other in variants_of(product, [known[other] for other in duplicates])]
    wall = wall_of(index, near)
    return ItemPage(product, variants, wall, measures_of(index, by_metric, wall, item_id))


def wall_of(index: Index, near: NearItems, metric: Metric = RANKING) -> Wall:
    """The wall of these items."""
    close = not near.items or is_close(index, metric, near.items[0].distance)
    return Wall([make_card(item.product, index) for item in near.items], near.more, close)


def measures_of(
    index: Index, by_metric: Mapping[Metric, Sequence[NearItem]], wall: Wall, compared_with: str = ""
) -> list[Measure]:
    """The measures side by side, with what only one of them has marked.

    wall: whose cards are used again; compared_with: the item whose page it is, "" for a picture that is no item.
    """
    times = Counter(item.product.item_id for items in by_metric.values() for item in items)
    cards = {card.id: card for card in wall.cards}
    # One address for all the rows, each of which puts its own id in: an ItemID needs no quoting.
    compare = reverse("catalog:compare", args=[compared_with, _OTHER]) if compared_with else ""
    measures = []
    for metric, items in by_metric.items():
        shares = shares_farther(index, metric, [item.distance for item in items])
        rows = []
        for (product, distance), share in zip(items, shares, strict=True):
            item_id = product.item_id
            card = cards.get(item_id) or cards.setdefault(item_id, make_card(product, index))
            why = compare.replace(_OTHER, item_id)
            # Of what is not close, a share of pairs would say less than nothing: "closer than 34.5 % of pairs".
            closer = closer_than_text(share) if is_close(index, metric, distance) else ""
            rows.append(MeasureRow(card, distance_text(distance), closer, times[item_id] == 1, why))
        measures.append(Measure(metric, METRIC_NAMES[metric], rows))
    return measures


def duplicates_of(index: Index, item_id: str) -> list[str]:
    """The near-duplicates of an item that the index knows, without itself."""
    groups = index.extras.get("duplicate_group")
    if groups is None:
        return []
    row = index.rows[item_id]
    alike = np.flatnonzero(groups == groups[row])[: VARIANTS + 1].tolist()
    return [index.item_ids[other] for other in alike if other != row]


def variants_in(index: Index, product: Product) -> list[Product]:
    """The variants of an item of the index: see `variants_of`."""
    return variants_of(product, list(fetch(duplicates_of(index, product.item_id)).values()))


def variants_of(product: Product, duplicates: Sequence[Product]) -> list[Product]:
    """What the shop sells as variants of it, then what is nearly the same picture. Only what can be bought."""
    others: dict[str, Product] = {}
    if product.group_id:
        group = Item.objects.filter(group_id=product.group_id).exclude(pk=product.item_id).order_by("item_id")
        others = {other.item_id: other for other in map(from_row, group.values_list(*COLUMNS)[: 4 * VARIANTS])}
    others |= {other.item_id: other for other in duplicates if other.item_id not in others}
    return [other for other in others.values() if other.recommendable()][:VARIANTS]
