"""Search by words: what they describe, as the encoder's text tower understands them, joined with the titles that say them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from catalog.browse.filters import Filters, filtered
from catalog.errors import SiteError
from catalog.index_store import Loaded
from catalog.item_lookup import require_vector
from catalog.photo.inference_pool import threads
from catalog.products import fetch
from catalog.similar.narrowing import EVERYTHING, Narrowing
from catalog.similar.ranking import Hit
from catalog.vector_stores.base import VectorStore
from catalog.vector_stores.selection import ask
from catalog.words.combining import LIKE, UNLIKE, WORDS, Part, combined, fused
from catalog.words.vectors import NoWordsError, reads_words, words_vector
from indexing.index.record import Index, Neighbours
from indexing.nearest.distances import distance

DEPTH: Final = 240  # items ranked
TITLES: Final = 1000  # titles that are looked at for the words


class NothingAskedError(SiteError):
    """Neither words nor an item."""

    def __init__(self) -> None:
        super().__init__(_("Say what to look for."))


@dataclass(frozen=True, slots=True)
class Wish:
    """What to look for. words: "" for none; item: the ItemID of what it should be like, without: of what it should not."""

    words: str = ""
    item: str = ""
    without: str = ""


def search_by_words(loaded: Loaded, wish: Wish, narrowing: Narrowing = EVERYTHING, depth: int = DEPTH) -> list[Hit]:
    """(row, cosine distance to the wish) of what is admitted, best first, at most `depth`; the items of the wish left out.

    Words alone are joined with the titles that hold them all, by reciprocal rank fusion.
    Raises NoWordsError, NothingAskedError, UnknownItemError, NoVectorError; BusyError when the queue is full; EngineError and
    WeightsError when the encoder is not available.
    """
    index = loaded.index
    if not reads_words(index):
        raise NoWordsError
    if not wish.words and not wish.item:
        raise NothingAskedError
    for item_id in filter(None, (wish.item, wish.without)):
        require_vector(index, item_id)
    parts = [Part(words_vector(loaded, wish.words), WORDS)] if wish.words else []
    parts += [Part(index.vectors[index.rows[wish.item]], LIKE)] if wish.item else []
    parts += [Part(index.vectors[index.rows[wish.without]], UNLIKE)] if wish.without else []
    own = [index.rows[item_id] for item_id in (wish.item, wish.without) if item_id]
    query = combined(parts, index.vectors)
    hits = nearest(loaded, query, depth, narrowing, own)
    return hits if own else _joined(index, wish.words, query, hits, narrowing)


def nearest(loaded: Loaded, query: NDArray[np.float32], depth: int, narrowing: Narrowing, excluded: list[int]) -> list[Hit]:
    """(row, cosine distance) of the nearest admitted rows of a vector, float32 (d,), as a photo's are found."""

    def question(store: VectorStore) -> Neighbours:
        wanted = depth + len(excluded)
        return store.search(narrowing).nearest(query[None], wanted, metrics=["cosine"])["cosine"]

    near = ask(loaded.index, question, threads())
    hits = zip(near.rows[0].tolist(), near.distances[0].tolist(), strict=True)
    return [(row, far) for row, far in hits if row not in excluded][:depth]


def _joined(index: Index, words: str, query: NDArray[np.float32], hits: list[Hit], narrowing: Narrowing) -> list[Hit]:
    """Hits by looks joined with the titles that hold all the words, these in the order of looks."""
    ids = filtered(Filters(query=words), None).order_by("item_id").values_list("pk", flat=True)[:TITLES]
    products = fetch(item_id for item_id in ids if item_id in index.rows)
    admitted = [index.rows[item_id] for item_id, product in products.items() if narrowing.admits(product)]
    rows = np.array(sorted(admitted), np.int64)
    if not len(rows):
        return hits
    far = distance("cosine", query, index.vectors[rows])
    titled = [(int(rows[place]), float(far[place])) for place in np.lexsort((rows, far))]
    distances = dict([*titled, *hits])
    ranking = fused([[row for row, _ in hits], [row for row, _ in titled]])
    return [(row, distances[row]) for row in ranking[: len(hits)]]
