"""What stands on an item's page: the three metrics' lanes and the fused one. No HTML, no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.cards import Card, compare_url, distance_words, make_card, share_words
from catalog.products import Product, fetch
from catalog.ranking import Hit, agreed, closer_than, fold, fuse, nearest
from indexing.index_file import NEIGHBOURS_KEPT, Index
from indexing.metrics import METRICS

SHOWN: Final = 5
STEP: Final = 15
FUSED: Final = "fused"

NAMES: Final[Mapping[str, tuple[Promise, Promise]]] = {
    FUSED: (_("Best of three"), _("What cosine, euclidean and manhattan rank highest together.")),
    "cosine": (_("Cosine"), _("The same mix of features, however strong: shape and motif before contrast.")),
    "euclidean": (_("Euclidean"), _("The straight line: every feature about as strong as here.")),
    "manhattan": (_("Manhattan"), _("Block by block: many small differences count for more than one big one.")),
}


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of neighbours. `shown`: how many cards were asked for; `more`: the query string that asks for more, or ""."""

    key: str
    name: Promise
    explanation: Promise
    cards: list[Card]
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
    lanes, products = make_lanes(index, rankings, shown, folded=folded, also=item_id)
    for card in (card for lane in lanes for card in lane.cards):
        card.why = compare_url(item_id, card.id)
    return ItemPage(products[item_id], lanes)


def make_lanes(
    index: Index, rankings: Mapping[str, Sequence[Hit]], shown: Mapping[str, int], *, folded: bool = True, also: str = ""
) -> tuple[list[Lane], dict[str, Product]]:
    """The fused lane and one for each metric's ranking; and the products met on the way, `also` among them."""
    groups = index.extras.get("duplicate_group") if folded else None
    products: dict[str, Product] = {}
    # Twice what is shown is nearly always enough to make up for folded and delisted ones, in one query.
    for depth in (min(NEIGHBOURS_KEPT, 2 * max(SHOWN, *shown.values(), 0) + 2), NEIGHBOURS_KEPT):
        candidates = _candidates(rankings, depth)
        wanted = {index.item_ids[hit] for rows in candidates.values() for hit in rows} | ({also} if also else set())
        products |= fetch(wanted - products.keys())
        lanes = [_lane(index, key, candidates[key], rankings, products, shown, groups) for key in NAMES]
        if depth == NEIGHBOURS_KEPT or all(len(lane.cards) == lane.shown for lane in lanes):
            break
    return lanes, products


def _candidates(rankings: Mapping[str, Sequence[Hit]], depth: int) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {metric: [row for row, _distance in hits] for metric, hits in rankings.items()}
    fused = fuse(list(rows.values()))
    return {key: ranking[:depth] for key, ranking in {**rows, FUSED: fused}.items()}


def _lane(
    index: Index,
    key: str,
    rows: Sequence[int],
    rankings: Mapping[str, Sequence[Hit]],
    products: Mapping[str, Product],
    asked: Mapping[str, int],
    groups: Any,
) -> Lane:
    shown = asked.get(key, SHOWN)
    sold = [row for row in rows if not products[index.item_ids[row]].delisted]
    leaders = fold(sold, groups)
    everywhere = agreed([[row for row, _distance in hits[:shown]] for hits in rankings.values()])
    distances = dict(rankings[key]) if key in rankings else {}
    cards = []
    for leader, *others in leaders[:shown]:
        card = compared_card(products[index.item_ids[leader]], index, key, distances.get(leader))
        card.agreed = leader in everywhere
        card.copies = [make_card(products[index.item_ids[other]], index) for other in others]
        cards.append(card)
    name, explanation = NAMES[key]
    more = urlencode({**asked, key: min(shown + STEP, NEIGHBOURS_KEPT)}) if len(leaders) > shown else ""
    return Lane(key, name, explanation, cards, shown, more)


def compared_card(product: Product, index: Index, key: str, distance: float | None) -> Card:
    """The card of a neighbour at `distance` under metric `key`; without a distance, a plain card."""
    card = make_card(product, index)
    if distance is not None:
        card.distance_text = distance_words(distance)
        card.closer_than = share_words(closer_than(index, key, distance))
    return card
