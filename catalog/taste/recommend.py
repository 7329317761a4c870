"""What to show somebody of a given taste: products on sale and in stock, not judged yet, near-duplicates folded."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from numpy.typing import NDArray

from catalog.index_store import Loaded
from catalog.products import Product, fetch
from catalog.similar.narrowing import EVERYTHING, Narrowing
from catalog.similar.ranking import fold
from catalog.taste.best_rows import Judged, best_of_all, best_of_candidates
from catalog.taste.likes import Taste
from catalog.vector_stores.base import VectorStore
from catalog.vector_stores.selection import ask
from indexing.index.record import Index
from indexing.taste.formulas import DEFAULT_FORMULA, Formula

PAGE: Final = 24
MOST: Final = 120
STARTERS: Final = 18


@dataclass(frozen=True, slots=True)
class Recommendation:
    """groups: products best first, each with its near-duplicates behind it; more: whether there are others;
    incomparable: judged items on sale or not that have no vector, so they are ignored."""

    groups: list[list[Product]]
    more: bool
    incomparable: int


def recommendation(
    loaded: Loaded,
    taste: Taste,
    count: int,
    *,
    hidden: Collection[str] = (),
    formula: Formula = DEFAULT_FORMULA,
    narrowing: Narrowing = EVERYTHING,
) -> Recommendation:
    """The `count` best for `taste`. hidden: ItemIDs to leave out besides the judged ones. No likes: no groups."""
    index = loaded.index
    liked, disliked = _rows(index, taste.liked), _rows(index, taste.disliked)
    incomparable = len(taste) - len(liked) - len(disliked)
    if not liked:
        return Recommendation([], False, incomparable)
    judged = Judged(liked, disliked, set(_rows(index, [*taste.item_ids, *hidden])))

    def question(store: VectorStore) -> tuple[list[list[Product]], bool]:
        best = (
            best_of_all(loaded, judged, formula)
            if store.exact
            else best_of_candidates(index, judged, formula, store, narrowing)
        )
        depth = 2 * count + 8
        while True:
            rows, complete = best(depth)
            groups = _admitted(index, rows, narrowing)
            if len(groups) > count or complete:
                return groups[:count], len(groups) > count
            depth *= 4

    return Recommendation(*ask(index, question), incomparable)


def starters(index: Index, rng: random.Random, hidden: Collection[str] = ()) -> list[Product]:
    """Random products on sale, for somebody who has liked nothing yet."""
    drawn = rng.sample(range(len(index)), min(len(index), 2 * STARTERS + len(hidden)))
    names = [index.item_ids[row] for row in drawn if index.item_ids[row] not in hidden]
    return [product for product in fetch(names).values() if product.recommendable()][:STARTERS]


def _rows(index: Index, item_ids: Collection[str]) -> list[int]:
    return [index.rows[item_id] for item_id in item_ids if item_id in index.rows]


def _admitted(index: Index, rows: list[int], narrowing: Narrowing) -> list[list[Product]]:
    products = fetch(index.item_ids[row] for row in rows)
    shown = [row for row in rows if narrowing.admits(products[index.item_ids[row]])]
    duplicates: NDArray | None = index.extras.get("duplicate_group")
    return [[products[index.item_ids[row]] for row in group] for group in fold(shown, duplicates)]
