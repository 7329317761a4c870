"""Neighbours after a catalogue changed a little: what from-scratch gives, for about the price of the change.

New rows, and rows that lost a neighbour, are searched among all. Of the other rows, only those that a new row may have come
close to are changed: the new row is inserted by its exact distance, and the list is ranked again where distances tie.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.index.record import NEIGHBOURS_KEPT, Neighbours
from indexing.nearest.all_pairs import all_neighbours, check_vectors
from indexing.nearest.distances import narrowed
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.progress import Progress
from indexing.nearest.search import LiveSearch, bounds_of, sums_of
from indexing.parallel import frozen, spread

Floats = NDArray[np.float32]
Rows = NDArray[np.integer]
Search = Callable[[NDArray[np.int64]], dict[Metric, Neighbours]]

_LARGEST_CHANGE: Final = 0.25  # the share of rows to be searched above which computing everything is cheaper
_BATCH: Final = 128  # new rows compared with all at a time


def update_neighbours(
    vectors: Floats,
    previous: Mapping[Metric, Neighbours],
    previous_row: Rows,
    k: int = NEIGHBOURS_KEPT,
    progress: Progress | None = None,
    threads: int | None = None,
) -> dict[Metric, Neighbours]:
    """`all_neighbours(vectors, k)`, by way of an earlier answer for other rows, where that is cheaper: see `updated`.

    previous: what all_neighbours (or this) gave for the earlier vectors; previous_row: (n,), the earlier row whose vector is
    vectors[row], −1 for a new or changed one. Raises ValueError as all_neighbours does.
    """
    answer = updated(vectors, previous, previous_row, k, progress, threads)
    return all_neighbours(vectors, k, progress, threads) if answer is None else answer


def updated(
    vectors: Floats,
    previous: Mapping[Metric, Neighbours],
    previous_row: Rows,
    k: int = NEIGHBOURS_KEPT,
    progress: Progress | None = None,
    threads: int | None = None,
    *,
    search: Search | None = None,
    most_new: float = _LARGEST_CHANGE,
) -> dict[Metric, Neighbours] | None:
    """The neighbours after a small change, from those before it; None where all had better be computed from scratch: where kept
    rows changed their order, k changed, or the change is not small.

    search: gives the neighbours of some rows; default: exactly. Where `previous` is exact and the search is, the
    answer is. most_new: the share of rows, each compared with all others, that may be new. Arguments else as update_neighbours.
    """
    check_vectors(vectors)
    n, earlier = len(vectors), len(next(iter(previous.values())).rows) if previous else 0
    came_from = np.asarray(previous_row, np.int64)
    kept_rows, new_rows = np.flatnonzero(came_from >= 0), np.flatnonzero(came_from < 0)
    now = np.full(earlier, -1, np.int64)
    now[came_from[kept_rows]] = kept_rows
    ordered = bool((np.diff(came_from[kept_rows]) > 0).all())
    full = set(previous) == set(METRICS) and all(old.rows.shape == (earlier, k) for old in previous.values())
    if not (ordered and full and len(kept_rows)) or n - 1 < k or len(new_rows) > most_new * n:
        return None
    mapped = {metric: now[previous[metric].rows[came_from[kept_rows]]] for metric in METRICS}
    incomplete = kept_rows[np.any([(mapped[metric] < 0).any(axis=1) for metric in METRICS], axis=0)]
    searched = np.union1d(new_rows, incomplete)
    if len(searched) > _LARGEST_CHANGE * n:
        return None

    vectors = frozen(vectors)
    results = search(searched) if search else LiveSearch(vectors, threads).query(vectors[searched], k, own=searched)
    answer: dict[Metric, Neighbours] = {}
    complete = np.flatnonzero(~np.isin(kept_rows, incomplete))  # positions among the kept rows
    carried = kept_rows[complete]  # rows whose lists need at most new rows inserted
    for metric in METRICS:
        rows, distances = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
        rows[searched], distances[searched] = results[metric].rows, results[metric].distances
        rows[carried] = mapped[metric][complete]
        distances[carried] = previous[metric].distances[came_from[carried]]
        answer[metric] = Neighbours(rows, distances)
    done = len(searched)
    if progress is not None:
        progress(done, done + len(new_rows))
    close = _newcomers(vectors, new_rows, carried, answer, threads)
    for metric in METRICS:
        _join(metric, vectors, carried, *close[metric], answer[metric], threads)
    if progress is not None:
        progress(done + len(new_rows), done + len(new_rows))
    return answer


Close = tuple[NDArray[np.int64], NDArray[np.int64]]  # positions in a list of rows, and new rows


def _newcomers(
    vectors: Floats, new_rows: Rows, carried: Rows, answer: Mapping[Metric, Neighbours], threads: int | None
) -> dict[Metric, Close]:
    """By metric: positions in `carried`, and new rows that may be nearer to that row than its last neighbour is."""
    none = (np.empty(0, np.int64), np.empty(0, np.int64))
    pairs: dict[Metric, list[Close]] = {metric: [none] for metric in METRICS}
    last = {metric: answer[metric].distances[carried, -1].astype(np.float64) * (1 + 2.0**-22) + 2.0**-140 for metric in METRICS}
    for first in range(0, len(new_rows), _BATCH):
        batch = np.asarray(new_rows[first : first + _BATCH], np.int64)
        queries = frozen(vectors[batch])
        sums = sums_of(queries, vectors, carried, threads)
        for metric in METRICS:
            low, _high = bounds_of(metric, queries, *sums, vectors.shape[1])
            limit = last[metric] ** 2 if metric == "euclidean" else last[metric]
            newcomer, position = np.nonzero(low <= limit)
            pairs[metric].append((position, batch[newcomer]))
    return {
        metric: (np.concatenate([position for position, _ in parts]), np.concatenate([row for _, row in parts]))
        for metric, parts in pairs.items()
    }


def _join(
    metric: Metric, vectors: Floats, carried: Rows, positions: Rows, newcomers: Rows, answer: Neighbours, threads: int | None
) -> None:
    """Insert newcomers into the lists of the rows carried[positions]; `answer` is changed in place."""
    from indexing.nearest import kernels

    touched, group = np.unique(positions, return_inverse=True)
    asking = np.asarray(carried[touched], np.int64)
    offered = newcomers[np.argsort(group, kind="stable")].astype(np.int32)
    starts = np.concatenate([[0], np.bincount(group, minlength=len(touched)).cumsum()])
    tied = np.zeros(len(touched), bool)
    code = kernels.CODES[metric]
    task = partial(kernels.join, code, vectors, asking, offered, starts, answer.rows, answer.distances, tied)
    spread(task, len(touched), threads)
    # What float32 cannot tell apart, float64 may: those rows are ranked again, their old neighbours included.
    again = [np.concatenate([answer.rows[asking[i]], offered[starts[i] : starts[i + 1]]]) for i in np.flatnonzero(tied)]
    if again:
        _rank_again(code, vectors, asking[tied], again, answer, threads)


def _rank_again(
    code: int, vectors: Floats, asking: Rows, candidates: list[NDArray[np.int32]], answer: Neighbours, threads: int | None
) -> None:
    from indexing.nearest import kernels

    m, k = len(asking), answer.rows.shape[1]
    starts = np.concatenate([[0], np.cumsum([len(offered) for offered in candidates])])
    rows, distances = np.empty((m, k), np.int32), np.empty((m, k), np.float64)
    queries = frozen(vectors[asking])
    offered = np.concatenate(candidates)
    task = partial(kernels.rank, code, queries, vectors, offered, starts, asking, np.arange(m), rows, distances)
    spread(task, m, threads)
    answer.rows[asking], answer.distances[asking] = rows, narrowed(distances)
