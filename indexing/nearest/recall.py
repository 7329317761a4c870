"""How many of the nearest an approximate search finds: measured on a sample of rows whose exact neighbours are computed."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.index.record import Neighbours
from indexing.nearest.blocks import Ranked, nearest_between
from indexing.nearest.distances import narrowed
from indexing.nearest.metrics import METRICS, Metric
from indexing.parallel import spread

Floats = NDArray[np.float32]

QUERIES: Final = 1000
SEED: Final = 11_556
_COLUMNS: Final = 32_768  # rows that the sample meets at a time: some 200 MB


@dataclass(frozen=True, slots=True)
class ExactSample:
    """rows: int64 (m,), ascending; nearest: by metric, their k exact nearest, int32 and float64 (m, k)."""

    rows: NDArray[np.int64]
    nearest: dict[Metric, Ranked]

    def recall(self, neighbours: dict[Metric, Neighbours]) -> dict[Metric, float]:
        """By metric, the share of the sampled rows' neighbours that are as near as the exact ones; equal distances count."""
        shares: dict[Metric, float] = {}
        for metric, (_, distances) in self.nearest.items():
            farthest = narrowed(distances[:, -1:])
            shares[metric] = float((neighbours[metric].distances[self.rows] <= farthest).mean())
        return shares


def exact_sample(vectors: Floats, k: int, queries: int = QUERIES, threads: int | None = None) -> ExactSample:
    """The exact neighbours of `queries` rows, or of all where there are fewer; the same rows for as many vectors.

    vectors: float32 (n, d), n > k, finite, which may be memory-mapped.
    """
    n = len(vectors)
    rows = np.sort(np.random.default_rng(SEED).choice(n, min(queries, n), replace=False))
    asked = np.ascontiguousarray(vectors[rows])
    nearest: dict[Metric, Ranked] = {
        metric: (np.full((len(rows), k), -1, np.int32), np.full((len(rows), k), np.inf)) for metric in METRICS
    }
    for first in range(0, n, _COLUMNS):
        among, _ = nearest_between(asked, vectors[first : first + _COLUMNS], k + 1, threads, both=False)
        for metric in METRICS:
            _merge(nearest[metric], _without_own(*among[metric], rows - first, k), first, threads)
    return ExactSample(rows, nearest)


def _without_own(rows: NDArray[np.int32], distances: NDArray[np.float64], own: NDArray[np.int64], k: int) -> Ranked:
    """Up to k + 1 neighbours, a query's own row among them or not → k that are others; −1 where there are fewer."""
    itself = rows == own[:, None]
    order = np.argsort(itself, axis=1, kind="stable")[:, :k]
    kept = np.take_along_axis(rows, order, axis=1)
    kept[np.take_along_axis(itself, order, axis=1)] = -1
    return kept, np.take_along_axis(distances, order, axis=1)


def _merge(into: Ranked, more: Ranked, first: int, threads: int | None) -> None:
    from indexing.nearest import kernels

    rows = np.where(more[0] < 0, -1, more[0] + first).astype(np.int32)
    spread(partial(kernels.merge, *into, rows, more[1]), len(rows), threads)
