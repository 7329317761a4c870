"""The cosines of judged items with the whole catalogue, kept: one more like then costs one pass over the vectors, not all."""

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np
from cachetools import LRUCache

from indexing.taste.formulas import Floats, cosines_with, vector_norms

MAX_BYTES: Final = 64 * 1024 * 1024


class CosineCache:
    """Of one index, for all visitors of this process. The rows asked for longest ago go first."""

    def __init__(self, vectors: Floats, max_bytes: int = MAX_BYTES) -> None:
        self._vectors = vectors
        self._norms = vector_norms(vectors)
        self._kept: LRUCache[int, Floats] = LRUCache(max_bytes, getsizeof=lambda cosines: cosines.nbytes)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, rows: Sequence[int]) -> Floats:
        """float32 (m, n): the cosine of each of m rows with every row."""
        with self._lock:
            known = {row: self._kept[row] for row in rows if row in self._kept}
        missing = [row for row in rows if row not in known]
        if missing:
            found = cosines_with(self._vectors, self._norms, missing)
            # Copies: a view of one row would keep all the others alive.
            known.update({row: cosines.copy() for row, cosines in zip(missing, found, strict=True)})
            self._keep({row: known[row] for row in missing})
        return np.array([known[row] for row in rows], np.float32).reshape(len(rows), len(self._vectors))

    def _keep(self, computed: dict[int, Floats]) -> None:
        with self._lock:
            for row, cosines in computed.items():
                if cosines.nbytes <= self._kept.maxsize:
                    self._kept[row] = cosines
