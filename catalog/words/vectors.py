"""The vectors of words, by the text tower of the encoder that made the index."""

import threading
from typing import Final

import numpy as np
from cachetools import LRUCache
from django.conf import settings
from numpy.typing import NDArray

from catalog.errors import SiteError
from catalog.index_store import Loaded
from catalog.photo.inference_pool import get_pool, threads
from indexing.errors import EngineError
from indexing.index.record import Index

LONGEST: Final = 200
KEPT: Final = 512
_cache: LRUCache[tuple[str, str], NDArray[np.float32]] = LRUCache(KEPT)
_lock = threading.Lock()


class NoWordsError(SiteError):
    """The network that made the index looks at pictures only."""

    status = 404

    def __init__(self) -> None:
        super().__init__("This index knows pictures only: build it with an encoder that has a text tower to search by words.")


def reads_words(index: Index) -> bool:
    """Whether the encoder that made the index has a text tower."""
    return bool(index.manifest.get("words"))


def read_words(text: str) -> str:
    """Words as they are asked for: one line, at most 200 characters; "" without a letter or a digit."""
    words = " ".join(text.split())[:LONGEST]
    return words if any(character.isalnum() for character in words) else ""


def words_vector(loaded: Loaded, words: str) -> NDArray[np.float32]:
    """The vector of some words, float32 (d,) of length 1, computed in the bounded pool unless they were asked before."""
    key = (str(loaded.index.manifest.get("words")), words)
    with _lock:
        kept = _cache.get(key)
    if kept is not None:
        return kept
    vector = get_pool().run(lambda: embed_here(loaded, words))
    with _lock:
        _cache[key] = vector
    return vector


def embed_here(loaded: Loaded, words: str) -> NDArray[np.float32]:
    """The same in this thread: for one of the pool's. Raises NoWordsError, EngineError, WeightsError."""
    from indexing.query import embed_words  # imports the engine's libraries

    if not reads_words(loaded.index):
        raise NoWordsError
    vector = embed_words(words, loaded.index.manifest, settings.CACHE_DIR, threads())
    if vector.shape != loaded.index.vectors.shape[1:]:
        raise EngineError("This index was made by another encoder than its manifest says: build it again with build_index.")
    return vector
