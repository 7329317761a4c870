"""What searches the vectors of a catalogue: the mapped index file, or a database of vectors."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from catalog.similar.narrowing import Narrowing
from indexing.index.record import Neighbours
from indexing.nearest.metrics import METRICS, Metric


class VectorStoreError(Exception):
    """A vector store that cannot answer; one line that names it and the way out."""


class TooDeepError(VectorStoreError):
    """More answers wanted than the store gives well; it is well otherwise."""


class Search(Protocol):
    """Asks among the items that one narrowing admits. It needs no connection to the catalogue any more."""

    def nearest(
        self, queries: NDArray[np.float32], k: int, *, own: NDArray[np.int64] | None = None, metrics: Sequence[Metric] = METRICS
    ) -> Mapping[Metric, Neighbours]:
        """The k nearest rows of the index to each of m queries, float32 (m, d), by metric: (m, ≤ k), nearest first, ties to the
        smaller row; distances are exact.

        own: int64 (m,), the row that each query itself is, −1 for none; it is no answer. Raises VectorStoreError.
        """
        ...


class VectorStore(Protocol):
    """Where a search asks."""

    @property
    def exact(self) -> bool:
        """Whether nobody nearer is ever missed."""
        ...

    def search(self, narrowing: Narrowing, excluded: Q | None = None) -> Search:
        """A search among the items that are admitted. Reads the catalogue.

        excluded: what the owner's rules leave out. A store may admit it all the same: callers look at each product they show.
        """
        ...
