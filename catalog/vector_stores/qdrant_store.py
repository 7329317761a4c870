"""Qdrant behind the site: it finds candidates by its own index, inside the filter; here their exact distances are computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
import numpy as np
from django.db.models import Q
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException

from catalog.similar.narrowing import Narrowing
from catalog.vector_stores.base import TooDeepError, VectorStoreError
from catalog.vector_stores.points import VECTORS, filter_of, point_id
from indexing.index.record import Index, Neighbours
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.search import LiveSearch

TIMEOUT_SECONDS: Final = 5
DEEPEST: Final = 1_000
SPARE: Final = 16  # beyond k: equal distances are put in order by row here
LEAST_EF: Final = 256
STATE: Final = "state"
FAILURES: Final = (ApiException, httpx.HTTPError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of a Qdrant server, and the small one beside it that says of which index it is."""

    client: QdrantClient
    name: str

    @property
    def state_name(self) -> str:
        return f"{self.name}_{STATE}"

    def state(self) -> Mapping[str, Any]:
        """What the last complete push wrote; empty while one is under way or before the first. Raises VectorStoreError."""
        try:
            if not self.client.collection_exists(self.state_name):
                return {}
            points = self.client.retrieve(self.state_name, [point_id(STATE)], with_payload=True)
        except FAILURES as error:
            raise self.failure(error) from error
        return (points[0].payload or {}) if points else {}

    def failure(self, error: Exception) -> VectorStoreError:
        """One line for what the client raised."""
        return VectorStoreError(f"Qdrant's collection {self.name} does not answer ({type(error).__name__}: {_line(error)}).")


def connect(url: str, api_key: str, name: str) -> Collection:
    """Nothing is sent yet."""
    client = QdrantClient(url=url, api_key=api_key or None, timeout=TIMEOUT_SECONDS, check_compatibility=False)
    return Collection(client, name)


@dataclass(frozen=True, slots=True)
class QdrantStore:
    """A collection that holds the vectors of `index`. See `VectorStore`.

    ef: how many candidates Qdrant's graph search keeps at least; more are slower and miss fewer.
    """

    collection: Collection
    index: Index
    threads: int | None = None
    ef: int = LEAST_EF

    @property
    def exact(self) -> bool:
        """See `VectorStore.exact`."""
        return False

    def search(self, narrowing: Narrowing, excluded: Q | None = None) -> "QdrantSearch":
        """See `VectorStore.search`."""
        return QdrantSearch(self, filter_of(narrowing))


@dataclass(frozen=True, slots=True)
class QdrantSearch:
    """See `Search`."""

    store: QdrantStore
    admitted: models.Filter

    def nearest(
        self, queries: NDArray[np.float32], k: int, *, own: NDArray[np.int64] | None = None, metrics: Sequence[Metric] = METRICS
    ) -> Mapping[Metric, Neighbours]:
        """See `Search.nearest`."""
        if k > DEEPEST:
            raise TooDeepError(f"{k} answers at once are more than a vector database is asked for.")
        index = self.store.index
        live = LiveSearch(index.vectors, self.store.threads)
        found = self._candidates(queries, k + SPARE, metrics)
        return {metric: live.query(queries, k, own=own, among=rows, metrics=[metric])[metric] for metric, rows in found.items()}

    def _candidates(
        self, queries: NDArray[np.float32], limit: int, metrics: Sequence[Metric]
    ) -> dict[Metric, NDArray[np.int64]]:
        """The rows that Qdrant finds near any of the queries, by metric, ascending: in one request."""
        asked = [(metric, query.tolist()) for metric in metrics for query in queries]
        requests = [
            models.QueryRequest(
                query=query,
                using=VECTORS[metric],
                filter=self.admitted,
                limit=limit,
                params=models.SearchParams(hnsw_ef=max(self.store.ef, 2 * limit)),
                with_payload=["item_id"],
            )
            for metric, query in asked
        ]
        collection = self.store.collection
        try:
            answers = collection.client.query_batch_points(collection.name, requests)
        except FAILURES as error:
            raise collection.failure(error) from error
        rows: dict[Metric, set[int]] = {metric: set() for metric in metrics}
        for (metric, _query), answer in zip(asked, answers, strict=True):
            names = (str((point.payload or {}).get("item_id")) for point in answer.points)
            rows[metric].update(self.store.index.rows[name] for name in names if name in self.store.index.rows)
        return {metric: np.array(sorted(found), np.int64) for metric, found in rows.items()}


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
