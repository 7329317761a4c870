"""Blocks of rows meet blocks of rows: the exact nearest within one set of vectors, or between two.

Each pair meets once, since distances are symmetric. Quick float32 keys bound the distances from below and say which rows may
be among the nearest (`indexing.nearest.bounds`); those are ranked by the exact float64 distance. An answer is a number of
rows and distances that no block size, no number of threads and no machine of the same processor changes.
"""

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from indexing.nearest.bounds import Bounds, Buffer, make_bounds
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.progress import Progress
from indexing.parallel import frozen, spread

Floats = NDArray[np.float32]
Ranked = tuple[NDArray[np.int32], NDArray[np.float64]]

BLOCK: Final = 1024


def nearest_within(vectors: Floats, k: int, progress: Progress | None, threads: int | None) -> dict[Metric, Ranked]:
    """The k nearest other rows of each row, by metric: rows int32 and distances float64, (n, k), nearest first.

    vectors: float32 (n, d), n > k, finite; slow where very many are equal. progress is called with (done, total).
    """
    n = len(vectors)
    if k < 1:
        return {metric: (np.empty((n, 0), np.int32), np.empty((n, 0), np.float64)) for metric in METRICS}
    vectors = frozen(vectors)
    bounds = make_bounds(vectors, BLOCK, threads)
    buffers = _buffers(n, k)
    firsts = range(0, n, BLOCK)
    total, done = len(firsts) * (len(firsts) + 1) // 2, 0
    with threadpool_limits(1, "blas"):  # the threads of `spread` share each product out between them
        for first_row in firsts:
            left = bounds.block(vectors, first_row, threads)
            for first_column in range(first_row, n, BLOCK):
                right = left if first_column == first_row else bounds.block(vectors, first_column, threads)
                _offer(left, right, first_row, first_column, bounds, buffers, k, k, threads)
                done += 1
                if progress is not None:
                    progress(done, total)
    return {metric: _ranked(metric, vectors, None, 0, bounds, buffers[metric], k, threads) for metric in METRICS}


def nearest_between(
    left: Floats, right: Floats, k: int, threads: int | None = None, *, both: bool = True
) -> tuple[dict[Metric, Ranked], dict[Metric, Ranked]]:
    """For each row of `left` the min(k, len(right)) nearest rows of `right`, and the other way round; as `nearest_within`.

    left, right: float32 (m, d) and (n, d), finite, m and n ≥ 1, k ≥ 1. Rows count from 0 in each. both: when false, the second
    answer is empty. Beside a copy of both it holds some 6,400 bytes a row.
    """
    m, n = len(left), len(right)
    vectors = frozen(np.concatenate([left, right]))
    bounds = make_bounds(vectors, BLOCK, threads)
    buffers = _buffers(m + n, k)
    of_left, of_right = min(k, n), min(k, m) if both else 0
    with threadpool_limits(1, "blas"):
        for first_row in range(0, m, BLOCK):
            rows = bounds.block(vectors[:m], first_row, threads)
            for first_column in range(m, m + n, BLOCK):
                columns = bounds.block(vectors, first_column, threads)
                _offer(rows, columns, first_row, first_column, bounds, buffers, of_left, of_right, threads)
    first, second = vectors[:m], vectors[m:]
    nearest: dict[Metric, Ranked] = {}
    back: dict[Metric, Ranked] = {}
    for metric in METRICS:
        nearest[metric] = _ranked(metric, first, second, 0, bounds, buffers[metric], of_left, threads)
        if both:
            back[metric] = _ranked(metric, second, first, m, bounds, buffers[metric], of_right, threads)
    return nearest, back


def _buffers(n: int, k: int) -> dict[Metric, Buffer]:
    room = max(256, 4 * k)
    return {metric: Buffer.make(n, room) for metric in METRICS}


def _offer(
    left: Floats,
    right: Floats,
    first_row: int,
    first_column: int,
    bounds: Bounds,
    buffers: dict[Metric, Buffer],
    kept_rows: int,
    kept_columns: int,
    threads: int | None,
) -> None:
    """Bound the distances between two blocks from below, and offer them to the buffers of both (kept_columns 0: of `left`)."""
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
            collect(metric, False, kept_rows, first, last)

    def columns(first: int, last: int) -> None:
        for metric in METRICS:
            collect(metric, True, kept_columns, first, last)

    def collect(metric: Metric, by_column: bool, kept: int, first: int, last: int) -> None:
        buffer, terms, relative = buffers[metric], bounds.terms[metric], bounds.relative[metric]
        kernels.collect(keys[metric], first_row, first_column, by_column, kept, relative, terms, *buffer, first, last)

    spread(task, len(left), threads, step=4)
    if kept_columns:
        spread(columns, len(right), threads)


def _ranked(
    metric: Metric,
    queries: Floats,
    others: Floats | None,
    offset: int,
    bounds: Bounds,
    buffer: Buffer,
    kept: int,
    threads: int | None,
) -> Ranked:
    """The candidates in the buffers of the queries, which begin at `offset`, ranked by their exact distance.

    others: what they are candidates of; None: of the queries themselves.
    """
    from indexing.nearest import kernels

    m, code = len(queries), kernels.CODES[metric]
    relative, terms = bounds.relative[metric], bounds.terms[metric]

    def settle(first: int, last: int) -> None:
        kernels.settle(kept, relative, terms, *buffer, offset + first, offset + last)

    spread(settle, m, threads)
    # Too many look alike, or (where norms are hopelessly far apart) too few could be told: such rows meet all others.
    counts = buffer.counts[offset : offset + m]
    full = np.flatnonzero(counts < kept)
    rest = np.flatnonzero(counts >= kept)
    starts = np.concatenate([[0], np.maximum(counts, 0).cumsum(dtype=np.int64)])
    candidates = buffer.rows[offset : offset + m][np.arange(buffer.rows.shape[1]) < counts[:, None]]
    if others is not None and offset == 0:  # rows of `others` are counted after those of the queries
        candidates -= m
    own = np.arange(m) if others is None else np.full(m, -1)
    rows, distances = np.empty((m, kept), np.int32), np.empty((m, kept), np.float64)
    for offered, asking in ((candidates, rest), (candidates[:0], full)):
        searched = queries if others is None else others
        task = partial(kernels.rank, code, queries, searched, offered, starts, own, asking, rows, distances)
        spread(task, len(asking), threads)
    return rows, distances
