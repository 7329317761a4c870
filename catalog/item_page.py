"""What stands on an item's page: the three metrics' lanes and the fused one. No HTML, no request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
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
    lanes, products = make_lanes(index, rankings, shown, folded=folded, of=item_id)
    return ItemPage(products[item_id], lanes)


def make_lanes(
    index: Index, rankings: Mapping[str, Sequence[Hit]], shown: Mapping[str, int], *, folded: bool = True, of: str = ""
) -> tuple[list[Lane], dict[str, Product]]:
    """The fused lane and one for each metric's ranking; and the products met on the way, among them the item they are neighbours `of`."""
    groups = index.extras.get("duplicate_group") if folded else None
    products: dict[str, Product] = {}
    # Twice what is shown is nearly always enough to make up for folded and delisted ones, in one query.
    for depth in (min(NEIGHBOURS_KEPT, 2 * max(SHOWN, *shown.values(), 0) + 2), NEIGHBOURS_KEPT):
        candidates = _candidates(rankings, depth)
        wanted = {index.item_ids[hit] for rows in candidates.values() for hit in rows} | ({of} if of else set())
        products |= fetch(wanted - products.keys())
        plain = _plain_cards(index, products, of)
        lanes = [_lane(index, key, candidates[key], rankings, products, shown, groups, plain) for key in NAMES]
        if depth == NEIGHBOURS_KEPT or all(len(lane.cards) == lane.shown for lane in lanes):
            break
    return lanes, products


def _candidates(rankings: Mapping[str, Sequence[Hit]], depth: int) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {metric: [row for row, _distance in hits] for metric, hits in rankings.items()}
    fused = fuse(list(rows.values()))
    return {key: ranking[:depth] for key, ranking in {**rows, FUSED: fused}.items()}


def _plain_cards(index: Index, products: Mapping[str, Product], of: str) -> Callable[[int], Card]:
    """row → its card, made once: most neighbours stand in several lanes."""

    @cache
    def plain(row: int) -> Card:
        card = make_card(products[index.item_ids[row]], index)
        card.why = compare_url(of, card.id) if of else ""
        return card

    return plain


def _lane(
    index: Index,
    key: str,
    rows: Sequence[int],
    rankings: Mapping[str, Sequence[Hit]],
    products: Mapping[str, Product],
    asked: Mapping[str, int],
    groups: Any,
    plain: Callable[[int], Card],
) -> Lane:
    shown = asked.get(key, SHOWN)
    sold = [row for row in rows if not products[index.item_ids[row]].delisted]
    leaders = fold(sold, groups)
    everywhere = agreed([[row for row, _distance in hits[:shown]] for hits in rankings.values()])
    distances = dict(rankings[key]) if key in rankings else {}
    cards = []
    for leader, *others in leaders[:shown]:
        words = _words(index, key, distances[leader]) if distances else ("", "")
        cards.append(plain(leader).compared(*words, leader in everywhere, [plain(other) for other in others]))
    name, explanation = NAMES[key]
    more = urlencode({**asked, key: min(shown + STEP, NEIGHBOURS_KEPT)}) if len(leaders) > shown else ""
    return Lane(key, name, explanation, cards, shown, more)


def _words(index: Index, key: str, distance: float) -> tuple[str, str]:
    """The distance, and the share of pairs that are farther apart."""
    return distance_words(distance), share_words(closer_than(index, key, distance))
