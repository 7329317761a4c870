"""The k nearest of every item under the three metrics: exact, self left out, nearest first, ties to the smaller row.

How it is fast and exact at once. Blocks of rows meet blocks of rows, each pair once, since distances are symmetric. Cosine
and euclidean share one float32 matrix product, manhattan has its own kernel. Each sum has a bound on its rounding error
(Higham, "Accuracy and Stability of Numerical Algorithms", 2002, 3.1: at most d·u/(1 − d·u) of Σ|x_p y_p|, in any order), so
each pair has a lower and an upper bound of its distance. A row keeps every other whose lower bound is within the k-th
smallest upper bound; those are ranked by the exact float64 distance. A row with more look-alikes than its buffer holds is
ranked against all. Vectors are centred first: a common offset, which the product would drown in, cancels exactly.
Equal vectors are compared once.
"""

from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from indexing.index.record import NEIGHBOURS_KEPT, Neighbours
from indexing.nearest.bounds import Bounds, Buffer, make_bounds
from indexing.nearest.distances import narrowed
from indexing.nearest.metrics import METRICS, Metric
from indexing.parallel import frozen, spread

Progress = Callable[[int, int], None]
Rows = NDArray[np.int32]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ranked = tuple[Rows, Doubles]

BLOCK: Final = 1024


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
    firsts, group = _distinct(vectors)
    if len(firsts) == len(vectors):
        ranked = _of_distinct(vectors, kept, progress, threads)
    else:
        distinct = np.ascontiguousarray(vectors[firsts])
        ranked = _of_distinct(distinct, min(kept, len(firsts) - 1), progress, threads)
        ranked = {metric: _with_copies(metric, distinct, group, *ranked[metric], kept, threads) for metric in METRICS}
    return {metric: Neighbours(rows, narrowed(distances)) for metric, (rows, distances) in ranked.items()}


def check_vectors(vectors: Floats) -> None:
    """Raise ValueError unless `vectors` is float32 (n, d), n ≥ 1, d ≥ 1, and finite."""
    if vectors.ndim != 2 or vectors.dtype != np.float32 or 0 in vectors.shape:
        raise ValueError(
            f"Neighbours want float32 (n, d) vectors with n and d at least 1, not {vectors.dtype} {vectors.shape}."
        )
    for first in range(0, len(vectors), BLOCK):
        finite = np.isfinite(vectors[first : first + BLOCK]).all(axis=1)
        if not finite.all():
            raise ValueError(f"The vector of row {first + int(finite.argmin())} is not finite: compute it again.")


def _distinct(vectors: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
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


def _of_distinct(vectors: Floats, kept: int, progress: Progress | None, threads: int | None) -> dict[Metric, Ranked]:
    """The `kept` nearest of rows that are all different, by metric."""
    n = len(vectors)
    if kept < 1:
        return {metric: (np.empty((n, 0), np.int32), np.empty((n, 0), np.float64)) for metric in METRICS}
    vectors = frozen(vectors)
    bounds = make_bounds(vectors, BLOCK)
    room = max(256, 4 * kept)
    buffers = {metric: Buffer.make(n, room) for metric in METRICS}
    firsts = range(0, n, BLOCK)
    total, done = len(firsts) * (len(firsts) + 1) // 2, 0
    with threadpool_limits(1, "blas"):  # the threads of `spread` share each product out between them
        for first_row in firsts:
            left = bounds.block(vectors, first_row, threads)
            for first_column in range(first_row, n, BLOCK):
                right = left if first_column == first_row else bounds.block(vectors, first_column, threads)
                _offer(left, right, first_row, first_column, bounds, buffers, kept, threads)
                done += 1
                if progress is not None:
                    progress(done, total)
    return {metric: _ranked(metric, vectors, bounds, buffers[metric], kept, threads) for metric in METRICS}


def _offer(
    left: Floats,
    right: Floats,
    first_row: int,
    first_column: int,
    bounds: Bounds,
    buffers: dict[Metric, Buffer],
    kept: int,
    threads: int | None,
) -> None:
    """Bound the distances between two blocks from below, and offer them to the buffers of both."""
    from indexing.nearest import kernels

    same = first_row == first_column
    keys = {metric: np.empty((len(left), len(right)), np.float32) for metric in METRICS}
    products = np.empty((len(left), len(right)), np.float32)
    of_left, of_right = slice(first_row, first_row + len(left)), slice(first_column, first_column + len(right))
    dot_terms = bounds.dot_terms[:, of_left], bounds.dot_terms[:, of_right]
    sum_terms = bounds.terms["manhattan"][:, of_left], bounds.terms["manhattan"][:, of_right]

    def task(first: int, last: int) -> None:
        np.matmul(left[first:last], right.T, out=products[first:last])
        kernels.product_keys(products, *dot_terms, bounds.slack, first, last, keys["cosine"], keys["euclidean"])
        kernels.manhattan_tiles(left, right, same, first, last, keys["manhattan"])
        kernels.manhattan_keys(keys["manhattan"], *sum_terms, bounds.shrink, first, last)
        for metric in METRICS:
            if same:  # each pair once, and no row with itself
                keys[metric][first:last][np.arange(len(right)) <= np.arange(first, last)[:, None]] = np.inf
            buffer, terms, relative = buffers[metric], bounds.terms[metric], bounds.relative[metric]
            kernels.collect(keys[metric], first_row, first_column, False, kept, relative, terms, *buffer, first, last)

    def columns(first: int, last: int) -> None:
        for metric in METRICS:
            buffer, terms, relative = buffers[metric], bounds.terms[metric], bounds.relative[metric]
            kernels.collect(keys[metric], first_row, first_column, True, kept, relative, terms, *buffer, first, last)

    spread(task, len(left), threads, step=4)
    spread(columns, len(right), threads)


def _ranked(metric: Metric, vectors: Floats, bounds: Bounds, buffer: Buffer, kept: int, threads: int | None) -> Ranked:
    """The candidates in a buffer, ranked by their exact distance."""
    from indexing.nearest import kernels

    n, code = len(vectors), kernels.CODES[metric]
    relative, terms = bounds.relative[metric], bounds.terms[metric]
    spread(partial(kernels.settle, kept, relative, terms, *buffer), n, threads)
    # Too many look alike, or (where norms are hopelessly far apart) too few could be told: such rows meet all others.
    full = np.flatnonzero(buffer.counts < kept)
    rest = np.flatnonzero(buffer.counts >= kept)
    starts = np.concatenate([[0], np.maximum(buffer.counts, 0).cumsum(dtype=np.int64)])
    candidates = buffer.rows[np.arange(buffer.rows.shape[1]) < buffer.counts[:, None]]
    rows, distances, own = np.empty((n, kept), np.int32), np.empty((n, kept), np.float64), np.arange(n)
    for offered, asking in ((candidates, rest), (candidates[:0], full)):
        task = partial(kernels.rank, code, vectors, vectors, offered, starts, own, asking, rows, distances)
        spread(task, len(asking), threads)
    return rows, distances
