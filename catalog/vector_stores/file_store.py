"""The index file itself: every admitted vector is compared, in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from catalog.similar.narrowing import Narrowing, admitted_rows
from indexing.index.record import Index, Neighbours
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.search import LiveSearch


@dataclass(frozen=True, slots=True)
class FileStore:
    """threads: how many a search may use; None: all cores. See `VectorStore`."""

    index: Index
    threads: int | None = None

    @property
    def exact(self) -> bool:
        """See `VectorStore.exact`."""
        return True

    def search(self, narrowing: Narrowing, excluded: Q | None = None) -> "FileSearch":
        """See `VectorStore.search`."""
        return FileSearch(LiveSearch(self.index.vectors, self.threads), admitted_rows(self.index, narrowing, excluded))


@dataclass(frozen=True, slots=True)
class FileSearch:
    """See `Search`. among: the admitted rows."""

    live: LiveSearch
    among: NDArray[np.int64]

    def nearest(
        self, queries: NDArray[np.float32], k: int, *, own: NDArray[np.int64] | None = None, metrics: Sequence[Metric] = METRICS
    ) -> Mapping[Metric, Neighbours]:
        """See `Search.nearest`."""
        return self.live.query(queries, k, own=own, among=self.among, metrics=metrics)
