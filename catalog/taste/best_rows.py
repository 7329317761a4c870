"""The rows that fit a taste best: by a look at every item, or at those that a vector database finds near what is liked."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

import numpy as np

from catalog.index_store import Loaded, PerIndex
from catalog.similar.narrowing import Narrowing
from catalog.taste.cosine_cache import CosineCache
from catalog.vector_stores.base import VectorStore
from indexing.index.record import NEIGHBOURS_KEPT, Index
from indexing.taste.formulas import (
    Crowding,
    Floats,
    Formula,
    cosines_with,
    crowd_size,
    recommend,
    taste_scores,
    vector_norms,
)  # fmt: skip

SAMPLE: Final = 2_048  # of the catalogue, for how far cosines spread

cosines_of: Final = PerIndex(lambda index: CosineCache(index.vectors))
# The rows, best first, up to a depth, and whether there are no more.
BestRows = Callable[[int], tuple[list[int], bool]]


class Judged(NamedTuple):
    """Rows of the index. excluded: those that are not recommended: the judged ones, and what was hidden."""

    liked: list[int]
    disliked: list[int]
    excluded: AbstractSet[int]


def best_of_all(loaded: Loaded, judged: Judged, formula: Formula) -> BestRows:
    """Every item of the index has its score."""
    cosines = cosines_of(loaded)
    scores = taste_scores(cosines.of(judged.liked), cosines.of(judged.disliked), formula)

    def best(depth: int) -> tuple[list[int], bool]:
        return recommend(scores, depth, judged.excluded).tolist(), depth >= len(loaded.index)

    return best


def best_of_candidates(index: Index, judged: Judged, formula: Formula, store: VectorStore, narrowing: Narrowing) -> BestRows:
    """The `depth` nearest of each liked item have theirs, by the same formula; whoever is near none of them fits badly.

    Raises VectorStoreError.
    """
    search = store.search(narrowing)
    liked = np.array(judged.liked, np.int64)
    crowding = _crowding(index, [*judged.liked, *judged.disliked])

    def best(depth: int) -> tuple[list[int], bool]:
        wanted = depth + len(judged.excluded)
        near = search.nearest(index.vectors[liked], wanted, own=liked, metrics=["cosine"])["cosine"].rows
        rows = np.unique(near)
        # The judged first, so that their places are known; the candidates behind them.
        cosines = _cosines(index, [*judged.liked, *judged.disliked], rows)
        scores = taste_scores(cosines[: len(liked)], cosines[len(liked) :], formula, crowding=crowding)
        excluded = set(np.flatnonzero(np.isin(rows, list(judged.excluded))).tolist())
        chosen = recommend(scores, depth, excluded)
        return rows[chosen].tolist(), near.shape[1] < wanted

    return best


def _cosines(index: Index, judged: Sequence[int], rows: Sequence[int] | np.ndarray) -> Floats:
    """The cosine of each judged row with each of `rows`, float32 (m, len(rows))."""
    both = np.concatenate([np.asarray(judged, np.int64), np.asarray(rows, np.int64)])
    vectors = np.ascontiguousarray(index.vectors[both])
    return cosines_with(vectors, vector_norms(vectors), range(len(judged)))[:, len(judged) :]


def _crowding(index: Index, judged: Sequence[int]) -> Crowding:
    """Of the whole catalogue, without a look at all of it: the index keeps each item's nearest, a sample tells the spread."""
    n = len(index)
    distances = index.neighbours["cosine"].distances
    nth = min(crowd_size(n), NEIGHBOURS_KEPT) - 2  # the k-th largest cosine counts the item itself
    thresholds = 1 - distances[list(judged), min(max(nth, 0), distances.shape[1] - 1)][:, None]
    sample = np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.int64))
    return Crowding(thresholds.astype(np.float32), float(_cosines(index, judged, sample).std()))
