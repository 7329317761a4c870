"""Live search: the k nearest of any vector (an uploaded picture, a mixed taste), exact, under the three metrics at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexing.distances import distance
from indexing.index_file import Neighbours
from indexing.metrics import METRICS, Metric

Rows = NDArray[np.integer]


class LiveSearch:
    """Searches the rows of `vectors`, float32 (n, d), which may be memory-mapped. Safe to share between threads."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors

    def query(
        self,
        queries: NDArray[np.float32],
        k: int,
        exclude: Rows | None = None,
        *,
        own: Rows | None = None,
        among: Rows | None = None,
        metrics: Sequence[Metric] = METRICS,
    ) -> dict[Metric, Neighbours]:
        """The k nearest rows of each of m queries, float32 (m, d), by metric; nearest first, ties to the smaller row.

        exclude: rows that no answer may hold; own: (m,), the row that each query itself is (−1: none), left out of its answer;
        among: the only rows that answers may hold. All m answers have one length: k, or less when fewer rows are left.
        """
        m, n = len(queries), len(self._vectors)
        allowed = np.zeros(n, bool) if among is not None else np.ones(n, bool)
        if among is not None:
            allowed[among] = True
        if exclude is not None:
            allowed[exclude] = False
        own = np.full(m, -1) if own is None else own
        left = min(int(allowed.sum()) - int(row >= 0 and allowed[row]) for row in own) if m else 0
        kept = max(0, min(k, left))
        found: dict[Metric, Neighbours] = {}
        for metric in metrics:
            rows, distances = np.empty((m, kept), np.int32), np.empty((m, kept), np.float32)
            for query in range(m):
                away = np.where(allowed, distance(metric, queries[query], self._vectors), np.inf)
                if own[query] >= 0:
                    away[own[query]] = np.inf
                rows[query] = np.argsort(away, kind="stable")[:kept]
                distances[query] = away[rows[query]]
            found[metric] = Neighbours(rows, distances)
        return found
