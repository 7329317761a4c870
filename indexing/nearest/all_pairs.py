"""The k nearest of every item under the three metrics: exact, self left out, nearest first, ties to the smaller row.

How it is fast and exact at once. Blocks of rows meet blocks of rows, each pair once, since distances are symmetric. Cosine
and euclidean share one float32 matrix product, manhattan has its own kernel. Each sum has a bound on its rounding error
(Higham, "Accuracy and Stability of Numerical Algorithms", 2002, 3.1: at most d·u/(1 − d·u) of Σ|x_p y_p|, in any order), so
each pair has a lower and an upper bound of its distance. A row keeps every other whose lower bound is within the k-th
smallest upper bound; those are ranked by the exact float64 distance. A row with more look-alikes than its buffer holds is
ranked against all. Vectors are centred first: a common offset, which the product would drown in, cancels exactly.
Equal vectors are compared once.
"""

from functools import partial
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.index.record import NEIGHBOURS_KEPT, Neighbours
from indexing.nearest.blocks import Ranked, nearest_within
from indexing.nearest.distances import narrowed
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.progress import Progress
from indexing.parallel import spread

Rows = NDArray[np.int32]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_CHECKED: Final = 4096  # rows looked at together for numbers that are not finite


def all_neighbours(
    vectors: Floats, k: int = NEIGHBOURS_KEPT, progress: Progress | None = None, threads: int | None = None
) -> dict[Metric, Neighbours]:
    """The min(k, n − 1) nearest of each of n rows, by metric; the same whatever the number of threads.

    vectors: float32 (n, d), n ≥ 1, finite, which may be memory-mapped. progress is called with (done, total) as work goes on;
    threads: default all cores. Beside the vectors it holds about n · (48 k + 6400) bytes, some tens of MB,
    and a copy of the vectors if some are equal.
    Raises ValueError for vectors of another shape or type, or that are not finite.
    """
    check_vectors(vectors)
    kept = min(k, len(vectors) - 1)
    firsts, group = distinct_rows(vectors)
    if len(firsts) == len(vectors):
        ranked = nearest_within(vectors, kept, progress, threads)
    else:
        distinct = np.ascontiguousarray(vectors[firsts])
        ranked = nearest_within(distinct, min(kept, len(firsts) - 1), progress, threads)
        ranked = with_copies(distinct, group, ranked, kept, threads)
    return {metric: Neighbours(rows, narrowed(distances)) for metric, (rows, distances) in ranked.items()}


def check_vectors(vectors: Floats) -> None:
    """Raise ValueError unless `vectors` is float32 (n, d), n ≥ 1, d ≥ 1, and finite."""
    if vectors.ndim != 2 or vectors.dtype != np.float32 or 0 in vectors.shape:
        raise ValueError(
            f"Neighbours want float32 (n, d) vectors with n and d at least 1, not {vectors.dtype} {vectors.shape}."
        )
    for first in range(0, len(vectors), _CHECKED):
        finite = np.isfinite(vectors[first : first + _CHECKED]).all(axis=1)
        if not finite.all():
            raise ValueError(f"The vector of row {first + int(finite.argmin())} is not finite: compute it again.")


def distinct_rows(vectors: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each distinct vector, ascending, and for every row the position of its vector in that list."""
    positions: dict[bytes, int] = {}
    firsts: list[int] = []
    group = np.empty(len(vectors), np.int64)
    for row, vector in enumerate(vectors):
        position = positions.setdefault(blake2b(vector.tobytes(), digest_size=16).digest(), len(firsts))
        if position == len(firsts):
            firsts.append(row)
        group[row] = position
    return np.array(firsts, np.int64), group


def with_copies(
    distinct: Floats, group: NDArray[np.int64], ranked: dict[Metric, Ranked], kept: int, threads: int | None
) -> dict[Metric, Ranked]:
    """Neighbours of distinct vectors, by metric, to the `kept` neighbours of all rows; group: the vector of each row."""
    return {metric: _with_copies(metric, distinct, group, *ranked[metric], kept, threads) for metric in METRICS}


def _with_copies(
    metric: Metric,
    distinct: Floats,
    group: NDArray[np.int64],
    group_rows: Rows,
    group_distances: Doubles,
    kept: int,
    threads: int | None,
) -> Ranked:
    """Neighbours of distinct vectors to neighbours of rows: a vector's copies are as far as it is, its own copies nearest."""
    from indexing.nearest import kernels

    members = np.argsort(group, kind="stable")
    starts = np.concatenate([[0], np.bincount(group).cumsum()])
    # A copy is at 0, except under cosine where a zero vector is at 1 from all.
    own = np.where(distinct.any(axis=1), 0.0, 1.0) if metric == "cosine" else np.zeros(len(distinct))
    rows, distances = np.empty((len(group), kept), np.int32), np.empty((len(group), kept), np.float64)
    task = partial(kernels.expand, group, members, starts, group_rows, group_distances, own, rows, distances)
    spread(task, len(group), threads)
    return rows, distances
