"""What stands on an item's page: the three metrics' lanes and the fused one. No HTML, no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.addresses import url
from catalog.cards import ProductCard, closer_than_text, distance_text, make_card
from catalog.products import Product, fetch
from catalog.similar.ranking import Hit, agreed, fold, fuse, nearest, shares_farther
from indexing.index.record import NEIGHBOURS_KEPT, Index
from indexing.nearest.metrics import METRICS

SHOWN: Final = 5
STEP: Final = 15
FUSED: Final = "fused"


@dataclass(frozen=True, slots=True)
class LaneName:
    """A lane's heading."""

    name: Promise
    explanation: Promise


NAMES: Final[Mapping[str, LaneName]] = {
    FUSED: LaneName(_("Best of three"), _("What cosine, euclidean and manhattan rank highest together.")),
    "cosine": LaneName(_("Cosine"), _("The same mix of features, however strong: shape and motif before contrast.")),
    "euclidean": LaneName(_("Euclidean"), _("The straight line: every feature about as strong as here.")),
    "manhattan": LaneName(_("Manhattan"), _("Block by block: many small differences count for more than one big one.")),
}


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of neighbours. `shown`: how many cards were asked for; `more`: the query string that asks for more, or ""."""

    key: str
    heading: LaneName
    cards: list[ProductCard]
    shown: int
    more: str


@dataclass(frozen=True, slots=True)
class ItemPage:
    """An item and its lanes, fused first."""

    product: Product
    lanes: list[Lane]


def item_page(index: Index, item_id: str, shown: Mapping[str, int], *, folded: bool = True) -> ItemPage:
    """The page of an item that has a vector. `shown`: cards per lane by key, 1 to 50; 5 where it says nothing."""
    row = index.rows[item_id]
    rankings: dict[str, list[Hit]] = {metric: nearest(index, row, metric, NEIGHBOURS_KEPT) for metric in METRICS}
    lanes, products = make_lanes(index, rankings, shown, folded=folded, of=item_id)
    return ItemPage(products[item_id], lanes)


def make_lanes(
    index: Index, rankings: Mapping[str, Sequence[Hit]], shown: Mapping[str, int], *, folded: bool = True, of: str = ""
) -> tuple[list[Lane], dict[str, Product]]:
    """The fused lane and one for each metric's ranking; and the products met on the way.

    of: the item they are neighbours of, among the products then; "" for a picture that is no item.
    """
    groups = index.extras.get("duplicate_group") if folded else None
    products: dict[str, Product] = {}
    # Twice what is shown is nearly always enough to make up for folded ones and those not on sale, in one query.
    for depth in (min(NEIGHBOURS_KEPT, 2 * max(SHOWN, *shown.values(), 0) + 2), NEIGHBOURS_KEPT):
        candidates = _candidates(rankings, depth)
        wanted = {index.item_ids[hit] for rows in candidates.values() for hit in rows} | ({of} if of else set())
        products |= fetch(wanted - products.keys())
        maker = _LaneMaker(index, products, groups, of)
        lanes = [maker.lane(key, candidates[key], rankings, shown) for key in NAMES]
        if depth == NEIGHBOURS_KEPT or all(len(lane.cards) == lane.shown for lane in lanes):
            break
    return lanes, products


def _candidates(rankings: Mapping[str, Sequence[Hit]], depth: int) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {metric: [row for row, _distance in hits] for metric, hits in rankings.items()}
    fused = fuse(list(rows.values()))
    return {key: ranking[:depth] for key, ranking in {**rows, FUSED: fused}.items()}


class _LaneMaker:
    """What the lanes of one page have in common."""

    def __init__(self, index: Index, products: Mapping[str, Product], groups: Any, of: str) -> None:
        self._index = index
        self._products = products
        self._groups = groups
        self._of = of
        self._cards: dict[int, ProductCard] = {}

    def lane(self, key: str, rows: Sequence[int], rankings: Mapping[str, Sequence[Hit]], asked: Mapping[str, int]) -> Lane:
        shown = asked.get(key, SHOWN)
        ids, products = self._index.item_ids, self._products
        leaders = fold([row for row in rows if products[ids[row]].recommendable()], self._groups)
        everywhere = agreed([[row for row, _distance in hits[:shown]] for hits in rankings.values()])
        distances = self._compared(key, [rows[0] for rows in leaders[:shown]], rankings)
        cards = [
            replace(
                self._plain(leader),
                distance_text=away,
                closer_than=closer,
                agreed=leader in everywhere,
                copies=[self._plain(other) for other in others],
            )
            for (leader, *others), (away, closer) in zip(leaders, distances, strict=False)
        ]
        more = urlencode({**asked, key: min(shown + STEP, NEIGHBOURS_KEPT)}) if len(leaders) > shown else ""
        return Lane(key, NAMES[key], cards, shown, more)

    def _plain(self, row: int) -> ProductCard:
        """The card of a row, made once: most neighbours stand in several lanes."""
        card = self._cards.get(row)
        if card is None:
            product = self._products[self._index.item_ids[row]]
            why = url("catalog:compare", self._of, product.item_id) if self._of else ""
            card = self._cards[row] = make_card(product, self._index, why=why)
        return card

    def _compared(self, key: str, rows: Sequence[int], rankings: Mapping[str, Sequence[Hit]]) -> list[tuple[str, str]]:
        """Each row's distance and the share of pairs farther apart, in words; nothing in the fused lane."""
        if key not in rankings:
            return [("", "")] * len(rows)
        away = dict(rankings[key])
        distances = [away[row] for row in rows]
        shares = shares_farther(self._index, key, distances)
        return [(distance_text(far), closer_than_text(share)) for far, share in zip(distances, shares, strict=True)]
