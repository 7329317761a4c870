"""Which way a build finds neighbours: all pairs where that is a matter of minutes, else candidates, and how many it misses."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from indexing.index.record import NEIGHBOURS_KEPT, Index, Neighbours
from indexing.nearest.all_pairs import all_neighbours, check_vectors
from indexing.nearest.approximate import (
    AIM,
    LEAST_ITEMS,
    RECALL,
    ApproximateSearch,
    Fill,
    approximate_neighbours,
    empty_neighbours,
    prepare,
    searches_for,
)
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.progress import Progress
from indexing.nearest.quantized.pairs import quantized_neighbours
from indexing.nearest.recall import ExactSample, exact_sample
from indexing.nearest.search import LiveSearch
from indexing.nearest.update import updated

SEARCHES: Final = ("auto", "exact", "approximate")
# n² · d up to which all pairs are compared: some ten minutes on two cores (benchmarks, "Very many items").
EXACT_NUMBERS: Final = 1.7e13
MOST_NEW: Final = 0.01  # new rows are compared with all others; of more than that, candidates cost less
FEW: Final = 2_000  # rows that are quicker searched exactly than after preparing a search for candidates

Floats = NDArray[np.float32]
Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier index, and the row there of each of today's rows, int64 (n,), −1 where the vector is new."""

    index: Index
    rows: NDArray[np.int64]


class Cluster(Protocol):
    """Other machines: `indexing.build.dask_neighbours`, which takes half a second to import."""

    def all_neighbours(self, vectors: Floats, k: int, progress: Progress | None) -> dict[Metric, Neighbours]: ...

    @property
    def fill(self) -> Fill: ...


@dataclass(frozen=True, slots=True)
class Found:
    """neighbours: by metric; record: how they were found, plain values for the manifest's `neighbours`."""

    neighbours: Mapping[Metric, Neighbours]
    record: dict[str, Any]


def is_exact(search: str, n: int, d: int) -> bool:
    """Whether n vectors of d numbers are all compared when `search`, one of SEARCHES, was asked for."""
    return search == "exact" or (search == "auto" and float(n) * n * d <= EXACT_NUMBERS)


def recorded(index: Index) -> dict[str, Any]:
    """How the neighbours of an index were found; indexes from before approximate search say nothing, and are exact."""
    record = index.manifest.get("neighbours")
    return record if isinstance(record, dict) and "search" in record else {"search": "exact"}


def still_good(search: str, index: Index) -> bool:
    """Whether the neighbours of an unchanged index are as exact as those that `search` asks for."""
    return recorded(index)["search"] == "exact" or not is_exact(search, *index.vectors.shape)


def find_neighbours(
    vectors: Floats,
    search: str,
    earlier: Earlier | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    log: Log = lambda line: None,
    k: int = NEIGHBOURS_KEPT,
    cluster: Cluster | None = None,
) -> Found:
    """The k nearest of all n vectors, float32 (n, d), by the search asked for; about the price of what changed since `earlier`.

    cluster: other machines, which compute what has to be computed for all rows.
    An approximate search is measured, and searches harder until RECALL is reached under each metric; where that costs about as
    much as comparing all pairs, all pairs are compared. Raises ValueError as `all_neighbours` does.
    """
    check_vectors(vectors)
    if not is_exact(search, *vectors.shape):
        found = _approximate(vectors, earlier, threads, progress, log, k, cluster)
        if found is not None:
            return found
        log("Neighbours: candidates would cost about as much as comparing all pairs, so all pairs are compared.")
    changed = None
    if earlier is not None and recorded(earlier.index)["search"] == "exact":
        changed = updated(vectors, earlier.index.neighbours, earlier.rows, k, progress, threads)
    if changed is None and cluster is not None:
        changed = cluster.all_neighbours(vectors, k, progress)
    return Found(all_neighbours(vectors, k, progress, threads) if changed is None else changed, {"search": "exact"})


def _approximate(
    vectors: Floats,
    earlier: Earlier | None,
    threads: int | None,
    progress: Progress | None,
    log: Log,
    k: int,
    cluster: Cluster | None,
) -> Found | None:
    if k >= len(vectors):
        return None
    sample = exact_sample(vectors, k, threads=threads)
    if earlier is not None:
        found = _updated(vectors, earlier, sample, threads, progress, k)
        if found is not None and found.record["search"] == "exact":
            return found
        if found is not None:
            record = found.record if "lists" in found.record else recorded(earlier.index) | found.record
            if min(record["recall"].values()) >= RECALL:
                log(_line(record))
                return Found(found.neighbours, record)
            log("Neighbours: so many changes have gone by that all are searched again.")
    for neighbours, settings in _candidates(vectors, sample, threads, progress, k, cluster):
        record = _record(neighbours, sample) | settings
        if min(record["recall"].values()) >= RECALL:
            log(_line(record))
            return Found(neighbours, record)
    return None


def _candidates(
    vectors: Floats,
    sample: ExactSample,
    threads: int | None,
    progress: Progress | None,
    k: int,
    cluster: Cluster | None,
) -> Iterator[tuple[dict[Metric, Neighbours], dict[str, Any]]]:
    """What each way to candidates finds, and its settings, the quicker way first."""
    answer = approximate_neighbours(vectors, sample, k, progress, threads, cluster.fill if cluster else None)
    if answer is not None:
        yield answer[0], dict(answer[1].settings())
    if cluster is None and len(vectors) >= LEAST_ITEMS:  # several machines compare all pairs
        groups = [metrics for _, metrics in searches_for(np.asarray(vectors[sample.rows]))]
        found = quantized_neighbours(vectors, sample, k, AIM, groups, progress, threads)
        if found is not None:
            yield found[0], dict(found[1])


def _updated(
    vectors: Floats, earlier: Earlier, sample: ExactSample, threads: int | None, progress: Progress | None, k: int
) -> Found | None:
    candidates: list[ApproximateSearch] = []

    def search(rows: NDArray[np.int64]) -> dict[Metric, Neighbours]:
        prepared = prepare(vectors, sample, k) if len(rows) > FEW else None
        if prepared is None:
            return LiveSearch(vectors, threads).query(vectors[rows], k, own=rows)
        candidates.append(prepared)
        found = empty_neighbours(len(rows), k)
        prepared.fill(vectors, rows, found, np.arange(len(rows)), threads)
        return found

    before = earlier.index.neighbours
    neighbours = updated(vectors, before, earlier.rows, k, progress, threads, search=search, most_new=MOST_NEW)
    if neighbours is None:
        return None
    if recorded(earlier.index)["search"] == "exact" and not candidates:
        return Found(neighbours, {"search": "exact"})
    settings = candidates[0].settings() if candidates else {}
    return Found(neighbours, _record(neighbours, sample) | settings)


def _record(neighbours: dict[Metric, Neighbours], sample: ExactSample) -> dict[str, Any]:
    recall = {metric: round(share, 4) for metric, share in sample.recall(neighbours).items()}
    k = neighbours[METRICS[0]].rows.shape[1]
    return {"search": "approximate", "recall": recall, "k": k, "queries": len(sample.rows)}


def _line(record: Mapping[str, Any]) -> str:
    recall = ", ".join(f"{metric} {share:.4f}" for metric, share in record["recall"].items())
    how = ""
    if "lists" in record:
        probes = " and ".join(str(probes) for probes in record["probes"])
        how = f" ({record['directions']} directions, {probes} of {record['lists']} lists, {record['candidates']} candidates)"
    elif "compared" in record:
        how = f" ({record['code_bits']}-bit codes of all pairs, {record['compared']:.2%} of them compared exactly)"
    return f"Neighbours: approximate{how}; recall@{record['k']} of {record['queries']} items: {recall}."
