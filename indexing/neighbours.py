"""The k nearest of every item under the three metrics: exact, self left out, nearest first, ties to the smaller row."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from indexing.distances import distance
from indexing.index_file import NEIGHBOURS_KEPT, Neighbours
from indexing.metrics import METRICS, Metric

Progress = Callable[[int, int], None]


def all_neighbours(
    vectors: NDArray[np.float32], k: int = NEIGHBOURS_KEPT, progress: Progress | None = None, threads: int | None = None
) -> dict[Metric, Neighbours]:
    """The min(k, n − 1) nearest of each of n rows, by metric.

    vectors: float32 (n, d), n ≥ 1, finite. progress is called with (done, total) as work goes on; threads: default all cores.
    """
    n = len(vectors)
    kept = min(k, n - 1)
    found = {metric: (np.empty((n, kept), np.int32), np.empty((n, kept), np.float32)) for metric in METRICS}
    for row in range(n):
        for metric in METRICS:
            away = distance(metric, vectors[row], vectors)
            away[row] = np.inf
            nearest = np.argsort(away, kind="stable")[:kept]
            found[metric][0][row], found[metric][1][row] = nearest, away[nearest]
        if progress is not None:
            progress(row + 1, n)
    return {metric: Neighbours(*arrays) for metric, arrays in found.items()}
