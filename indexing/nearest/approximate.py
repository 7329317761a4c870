"""The k nearest of every item when there are too many to compare all pairs: candidates first, then their exact distances.

Candidates come from `ReducedSearch`: of euclidean and manhattan from the vectors as they are, of cosine from vectors of length
1 (one search serves all three where all lengths are equal). How hard it searches is set by measurement: the exact neighbours of
1,000 sampled rows are computed, and more directions, lists and candidates are taken until 99 % of them are found under each
metric. The candidates are ranked by their exact distance. Two searches of equal vectors give equal bytes, whatever the number
of threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from indexing.index.record import NEIGHBOURS_KEPT, Neighbours
from indexing.nearest.all_pairs import check_vectors, distinct_rows
from indexing.nearest.distances import narrowed
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.progress import Progress
from indexing.nearest.recall import ExactSample
from indexing.nearest.reduced_search import ReducedSearch
from indexing.nearest.search import LiveSearch, sum_error
from indexing.parallel import cores, frozen, spread

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

RECALL: Final = 0.99
AIM: Final = 0.991  # of the sample's candidates, so that chance does not put other rows below RECALL
LEAST_ITEMS: Final = 5_000  # fewer are compared in a second
DIRECTIONS: Final = (64, 128, 256)
SHARES: Final = (1 / 64, 1 / 32, 1 / 16, 3 / 32, 1 / 8, 3 / 16, 7 / 32, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1.0)  # of all lists
CANDIDATES: Final = (200, 400, 800, 1600)
WORTH: Final = 0.5  # of what comparing all pairs costs
BATCH: Final = 2048  # rows searched at a time: the same ones in every search, since equal codes may be told apart by it
_EQUAL_LENGTHS: Final = 1e-3
_REFERENCES: Final = 20_000  # rows that say how many of all are nearer
_SLACK: Final = 1.5  # for their chance
_SEED: Final = 11_556


@dataclass(frozen=True, slots=True)
class ApproximateSearch:
    """A search that reaches RECALL. searches: see `searches_for`; probes: lists that each looks into; candidates: that each
    gives; indexed: the rows that can be candidates."""

    searches: tuple[ReducedSearch, ...]
    probes: tuple[int, ...]
    candidates: int
    indexed: Rows

    def settings(self) -> dict[str, int | list[int]]:
        """Plain values for the manifest."""
        first = self.searches[0]
        return {
            "directions": len(first.directions),
            "lists": first.list_count,
            "probes": list(self.probes),
            "candidates": self.candidates,
        }

    def save(self, path: Path) -> None:
        """Write it to one file, .npz."""
        arrays: dict[str, Any] = {"probes": self.probes, "candidates": self.candidates, "indexed": self.indexed}
        for number, search in enumerate(self.searches):
            arrays |= {f"{number}/{name}": part for name, part in search.arrays().items()}
        np.savez(path, **arrays)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote."""
        with np.load(path) as held:
            probes = tuple(held["probes"].tolist())
            names = ("unit", "scale", "mean", "directions", "lists")
            searches = [
                ReducedSearch.from_arrays({name: held[f"{number}/{name}"] for name in names}) for number in range(len(probes))
            ]
            return cls(tuple(searches), probes, int(held["candidates"]), held["indexed"])

    def order(self, n: int) -> Rows:
        """All n rows, those that share candidates beside each other."""
        listed = self.indexed[self.searches[0].by_list()]
        return np.concatenate([listed, np.setdiff1d(np.arange(n), listed)])

    def fill(
        self,
        vectors: Floats,
        rows: Rows,
        into: dict[Metric, Neighbours],
        places: Rows,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Put the nearest of vectors[rows] at `places` of `into`, by metric; progress is called with (rows done, all)."""
        vectors = frozen(vectors)
        batches = [slice(first, first + BATCH) for first in range(0, len(rows), BATCH)]
        done, at_once = 0, 4 * (threads or cores())
        with threadpool_limits(1, "blas"):
            for first_batch in range(0, len(batches), at_once):
                group = batches[first_batch : first_batch + at_once]

                def task(first: int, last: int, group: Sequence[slice] = group) -> None:
                    for part in group[first:last]:
                        self._fill(vectors, rows[part], into, places[part])

                spread(task, len(group), threads)
                done += len(group)
                if progress is not None:
                    progress(min(done * BATCH, len(rows)), len(rows))

    def _fill(self, vectors: Floats, rows: Rows, into: dict[Metric, Neighbours], places: Rows) -> None:
        from indexing.nearest import kernels

        asked = frozen(vectors[rows])
        k = into[METRICS[0]].rows.shape[1]
        found = np.concatenate(
            [search.search(asked, self.candidates, probes) for search, probes in zip(self.searches, self.probes, strict=True)],
            axis=1,
        )
        offered = np.sort(np.where(found < 0, -1, self.indexed[found]), axis=1)
        near, away = np.empty((3, len(rows), k), np.int32), np.empty((3, len(rows), k), np.float64)
        held = np.empty(len(rows), np.int32)
        kernels.rerank(asked, rows, vectors, offered, sum_error(vectors.shape[1]), near, away, held, 0, len(rows))
        for code, metric in enumerate(METRICS):
            into[metric].rows[places], into[metric].distances[places] = near[code], narrowed(away[code])
        short = np.flatnonzero(held < k)
        if len(short):  # lists that hold next to nothing: these rows meet all others
            exact = LiveSearch(vectors, 1).query(asked[short], k, own=rows[short])
            for metric in METRICS:
                into[metric].rows[places[short]] = exact[metric].rows
                into[metric].distances[places[short]] = exact[metric].distances


class Fill(Protocol):
    """Puts the nearest of all rows, taken in `order`, into their rows of `into`."""

    def __call__(
        self,
        search: ApproximateSearch,
        vectors: Floats,
        order: Rows,
        into: dict[Metric, Neighbours],
        progress: Progress | None,
    ) -> None: ...


def prepare(vectors: Floats, sample: ExactSample, k: int) -> ApproximateSearch | None:
    """The quickest search that finds AIM of the sample's neighbours; None where comparing all pairs costs little more.

    vectors: float32 (n, d), finite, which may be memory-mapped; beside them it holds about 50 bytes an item.
    """
    n, d = vectors.shape
    if n < LEAST_ITEMS:
        return None
    indexed = _without_many_copies(vectors, k + 1)
    asked = np.ascontiguousarray(vectors[sample.rows])
    kinds = searches_for(asked)
    for directions in DIRECTIONS:
        if directions > d:
            return None
        searches, probes, candidates = [], [], []
        for unit, metrics in kinds:
            search = ReducedSearch.learn(vectors, indexed, directions, unit=unit)
            if not _within_reach(search, vectors, asked, sample, indexed, metrics):
                break
            search.add_lists(vectors, indexed)
            effort = _effort(search, asked, sample, indexed, metrics, n)
            if effort is None:
                break
            searches.append(search)
            probes.append(effort[0])
            candidates.append(effort[1])
            if _cost(searches, probes, max(candidates), n, d) > WORTH:
                return None
        else:
            return ApproximateSearch(tuple(searches), tuple(probes), max(candidates), indexed)
    return None


def approximate_neighbours(
    vectors: Floats,
    sample: ExactSample,
    k: int = NEIGHBOURS_KEPT,
    progress: Progress | None = None,
    threads: int | None = None,
    fill: Fill | None = None,
) -> tuple[dict[Metric, Neighbours], ApproximateSearch] | None:
    """The neighbours of all n rows, and the search that found them; None where `prepare` gives none.

    fill: what searches for all rows, in the order of `ApproximateSearch.order`; default: the search itself, here.
    Beside the vectors and the answer (n · 24 k bytes) it holds some hundred MB.
    Raises ValueError as `all_neighbours` does.
    """
    check_vectors(vectors)
    search = prepare(vectors, sample, k)
    if search is None:
        return None
    order = search.order(len(vectors))
    found = empty_neighbours(len(vectors), k)
    if fill is None:
        search.fill(vectors, order, found, order, threads, progress)
    else:
        fill(search, vectors, order, found, progress)
    return found, search


def empty_neighbours(n: int, k: int) -> dict[Metric, Neighbours]:
    """Room for the k nearest of n rows, by metric."""
    return {metric: Neighbours(np.empty((n, k), np.int32), np.empty((n, k), np.float32)) for metric in METRICS}


def searches_for(sample: Floats) -> list[tuple[bool, tuple[Metric, ...]]]:
    """Whether each search brings vectors to length 1, and the metrics that it is for."""
    lengths = np.linalg.norm(sample.astype(np.float64), axis=1)
    if lengths.min() > (1 - _EQUAL_LENGTHS) * lengths.max():
        return [(False, METRICS)]
    return [(False, ("euclidean", "manhattan")), (True, ("cosine",))]


def _within_reach(
    search: ReducedSearch, vectors: Floats, asked: Floats, sample: ExactSample, indexed: Rows, metrics: Sequence[Metric]
) -> bool:
    """Whether the directions alone put AIM of the neighbours among the most candidates there are; lists and codes lose more.

    Judged by how many of a seeded choice of rows are nearer, so that no time goes into lists that cannot be enough.
    """
    chosen = np.random.default_rng(_SEED).choice(indexed, min(len(indexed), _REFERENCES), replace=False)
    with threadpool_limits(1, "blas"):
        references, queries = search.reduced(vectors[np.sort(chosen)]), search.reduced(asked)
        squares = np.einsum("ij,ij->i", references, references)
        nearer: dict[Metric, list[NDArray[np.int64]]] = {metric: [] for metric in metrics}
        for row, query in enumerate(queries):
            ordered = np.sort(squares - 2 * references @ query)
            for metric in metrics:
                neighbours = search.reduced(vectors[sample.nearest[metric][0][row]])
                keys = np.einsum("ij,ij->i", neighbours, neighbours) - 2 * neighbours @ query
                nearer[metric].append(np.searchsorted(ordered, keys))
    most = _SLACK * CANDIDATES[-1] * len(chosen) / len(indexed) + 1
    return all(float((np.concatenate(counts) <= most).mean()) >= AIM for counts in nearer.values())


def _effort(
    search: ReducedSearch, asked: Floats, sample: ExactSample, indexed: Rows, metrics: Sequence[Metric], n: int
) -> tuple[int, int] | None:
    """The cheapest number of lists and of candidates by which AIM of the neighbours are found; None: not by all."""
    best, d = None, asked.shape[1]
    with threadpool_limits(1, "blas"):
        for share in SHARES:
            probes = max(1, round(share * search.list_count))
            if best is not None and _cost([search], [probes], 0, n, d) > _cost([search], *best, n, d):
                break
            found = search.search(asked, CANDIDATES[-1] + 1, probes)
            ranks = [_ranks(np.where(found < 0, -1, indexed[found]), sample.nearest[metric][0]) for metric in metrics]
            for candidates in CANDIDATES:
                if all(float((rank <= candidates).mean()) >= AIM for rank in ranks):
                    effort = [probes], candidates + 1  # the row itself is among them
                    if best is None or _cost([search], *effort, n, d) < _cost([search], *best, n, d):
                        best = effort
                    break
    return None if best is None else (best[0][0], best[1])


def _ranks(found: Rows, wanted: NDArray[np.int32]) -> Rows:
    """At which place of `found` (m, c) each of `wanted` (m, k) is, row by row; c where it is not."""
    m, c = found.shape
    order = np.argsort(found, axis=1, kind="stable")
    span = np.int64(2) ** 32
    keys = (np.take_along_axis(found, order, axis=1) + np.arange(m)[:, None] * span).ravel()
    asked = wanted + np.arange(m)[:, None] * span
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[at] == asked, order.ravel()[at], c)


def _cost(searches: Sequence[ReducedSearch], probes: Sequence[int], candidates: int, n: int, d: int) -> float:
    """What a search costs of comparing all pairs. Measured: a coded number takes as long as a number of a pair there, a number
    of a candidate sixteen times as long."""
    scanned = sum(len(search.directions) * probed / search.list_count for search, probed in zip(searches, probes, strict=True))
    return scanned / d + 16 * candidates * len(searches) / n


def _without_many_copies(vectors: Floats, most: int) -> Rows:
    """All rows but those that `most` rows before them equal: nobody's k nearest hold more copies of one vector."""
    _, group = distinct_rows(vectors)
    order = np.argsort(group, kind="stable")
    starts = np.concatenate([[0], np.bincount(group).cumsum()])
    number = np.empty(len(group), np.int64)
    number[order] = np.arange(len(group)) - starts[group[order]]
    return np.flatnonzero(number < most)
