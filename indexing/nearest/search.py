"""Live search: the k nearest of any vector (an uploaded picture, a mixed taste), exact, under the three metrics at once.

One pass over the vectors gives every sum that the three metrics need, in float32, and so a lower and an upper bound of each
distance (see `indexing.nearest.bounds`). Every row whose lower bound is within the k-th smallest upper bound is ranked by its
exact float64 distance. Nothing is computed ahead and nothing is kept, so one object serves all threads, before and after a
fork. The first query of a process loads the compiled kernels (half a second; some seconds once per machine, to compile them).
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.index.record import Neighbours
from indexing.nearest.distances import narrowed
from indexing.nearest.half import STORES, numbers, stored_as
from indexing.nearest.metrics import METRICS, Metric
from indexing.parallel import frozen, spread

Floats = NDArray[np.float32]
Rows = NDArray[np.integer]

_SUMS_AT_ONCE: Final = 4_000_000  # how many (query, row) pairs are held at a time: 48 MB of sums
_UNIT: Final = 2.0**-24
_TINY: Final = 2.0**-126
_SHORT: Final = 1e-24  # squared norms under which underflow would spoil the bound on a cosine


class LiveSearch:
    """Searches the rows of `vectors`, float32 or float16 (n, d), which may be memory-mapped. Safe to share between threads."""

    def __init__(self, vectors: NDArray[np.floating], threads: int | None = None) -> None:
        """threads: how many a query may use; default: all cores. Raises ValueError unless vectors are as above."""
        if vectors.ndim != 2 or stored_as(vectors) not in STORES:
            raise ValueError(f"LiveSearch wants float32 or float16 (n, d) vectors, not {vectors.dtype} {vectors.shape}.")
        self._vectors = numbers(vectors)
        self._threads = threads

    def query(
        self,
        queries: Floats,
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
        Raises ValueError for queries of another shape, or that are not finite.
        """
        n, d = self._vectors.shape
        if queries.ndim != 2 or queries.shape[1] != d or not np.isfinite(queries).all():
            raise ValueError(f"A query wants finite (m, {d}) vectors, not {queries.shape} ones or such as are not finite.")
        asked = frozen(queries.astype(np.float32, copy=False))
        rows = _allowed(n, exclude, among)
        own = np.full(len(asked), -1) if own is None else np.asarray(own, np.int64)
        kept = max(0, min(k, len(rows) - int(np.isin(own, rows).any())))
        step = max(1, _SUMS_AT_ONCE // max(1, len(rows)))
        parts = [
            self._part(asked[first : first + step], own[first : first + step], rows, kept, metrics)
            for first in range(0, max(1, len(asked)), step)
        ]
        return {
            metric: Neighbours(
                np.concatenate([part[metric][0] for part in parts]),
                narrowed(np.concatenate([part[metric][1] for part in parts])),
            )
            for metric in metrics
        }

    def _part(
        self, asked: Floats, own: Rows, rows: Rows, kept: int, metrics: Sequence[Metric]
    ) -> dict[Metric, tuple[NDArray[np.int32], NDArray[np.float64]]]:
        m, d = asked.shape
        ranked = {metric: (np.empty((m, kept), np.int32), np.empty((m, kept), np.float64)) for metric in metrics}
        if kept == 0 or m == 0:
            return ranked
        from indexing.nearest import kernels

        sums = sums_of(asked, self._vectors, rows, self._threads)
        itself = own[:, None] == rows if (own >= 0).any() else None
        asking = np.arange(m)
        for metric in metrics:
            low, high = bounds_of(metric, asked, *sums, d)
            if itself is not None:
                low[itself], high[itself] = np.inf, np.inf
            limits = np.partition(high, kept - 1, axis=1)[:, kept - 1]
            chosen = (low <= limits[:, None]) & (low < np.inf)
            candidates = rows[np.nonzero(chosen)[1]].astype(np.int32)
            starts = np.concatenate([[0], chosen.sum(axis=1).cumsum()])
            task = partial(
                kernels.rank, kernels.CODES[metric], asked, self._vectors, candidates, starts, own, asking, *ranked[metric]
            )
            spread(task, m, self._threads)
        return ranked


def _allowed(n: int, exclude: Rows | None, among: Rows | None) -> NDArray[np.int64]:
    if exclude is None and among is None:
        return np.arange(n)
    allowed = np.ones(n, bool) if among is None else np.zeros(n, bool)
    if among is not None:
        allowed[among] = True
    if exclude is not None:
        allowed[exclude] = False
    return np.flatnonzero(allowed)


Sums = tuple[Floats, Floats, Floats, Floats]


def sums_of(queries: Floats, vectors: Floats, rows: Rows, threads: int | None) -> Sums:
    """q·x, |q − x|² and Σ|q − x|, float32 (m, len(rows)), and |x|² (len(rows),), of frozen arrays, in one pass."""
    from indexing.nearest import kernels

    dots, squares, differences = (np.empty((len(queries), len(rows)), np.float32) for _ in range(3))
    norms = np.empty(len(rows), np.float32)
    spread(partial(kernels.sweep, queries, vectors, rows, dots, squares, differences, norms), len(rows), threads)
    return dots, squares, differences, norms


def sum_error(d: int) -> float:
    """How far a float32 sum of d products can be from the true one, relative to the sum of their sizes, and a little more."""
    return 1.01 * (d + 4) * _UNIT / (1 - (d + 4) * _UNIT)


def bounds_of(
    metric: Metric, queries: Floats, dots: Floats, squares: Floats, differences: Floats, norms: Floats, d: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper bounds, float64 (m, rows), of the distances (squared, if euclidean) whose sums these are."""
    gamma = sum_error(d)
    with np.errstate(all="ignore"):  # what overflows is told apart below
        if metric == "cosine":
            lengths = np.sqrt(norms.astype(np.float64) * (queries.astype(np.float64) ** 2).sum(axis=1)[:, None])
            value = 1.0 - dots / lengths
            # A sum within γ, a norm within γ / 2: the quotient within 1.5 γ. Short vectors may have lost terms to underflow.
            low, high = value - 2 * gamma - 1e-8, value + 2 * gamma + 1e-8
            unsure = ~np.isfinite(value) | (norms < _SHORT) | (lengths < _SHORT)
        else:
            value = (squares if metric == "euclidean" else differences).astype(np.float64)
            low, high = value * (1 - gamma) - d * _TINY, value * (1 + gamma) + d * _TINY
            unsure = ~np.isfinite(value)
        if unsure.any():
            low[unsure], high[unsure] = -np.inf, np.inf
    return low, high
