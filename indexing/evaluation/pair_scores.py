"""Scores of vectors against known pairs: does the first find the second? Pure: values in, values out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.errors import EvaluationError
from indexing.evaluation.bootstrap import Interval, bootstrap_intervals
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.search import LiveSearch

HITS: Final = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class PairScores:
    """hits: by k, the share of queries whose partner is among their k nearest; mean_rr: the mean of 1 / the partner's rank, 0
    beyond 10; chance: hits in a random order; intervals: of these means by name (`hit@5`, `MRR@10`)."""

    queries: int
    missing: tuple[str, ...]
    hits: Mapping[Metric, Mapping[int, float]]
    mean_rr: Mapping[Metric, float]
    chance: Mapping[int, float]
    intervals: Mapping[Metric, Mapping[str, Interval]]


def evaluate_pairs(
    item_ids: Sequence[str],
    vectors: NDArray[np.float32],
    pairs: Iterable[tuple[str, str]],
    *,
    metrics: Sequence[Metric] = METRICS,
) -> PairScores:
    """Score pairs (a query, its partner) over vectors, float32 (n, d), of n items, all of which can be neighbours.

    A pair with an id that has no vector is left out and that id named. Raises EvaluationError when no pair is left, or when
    an item is paired with itself.
    """
    row_of = {item_id: row for row, item_id in enumerate(item_ids)}
    listed = list(pairs)
    for first, second in listed:
        if first == second:
            raise EvaluationError(f"The pairs hold {first} with itself: a pair is two items.")
    missing = tuple(sorted({item_id for pair in listed for item_id in pair if item_id not in row_of}))
    known = [(row_of[first], row_of[second]) for first, second in listed if first in row_of and second in row_of]
    if not known:
        raise EvaluationError("Not one pair has both its items in the index.")
    queries, partners = np.array(known, np.int64).T
    nearest = LiveSearch(vectors).query(vectors[queries], max(HITS), own=queries, metrics=metrics)
    hits: dict[Metric, Mapping[int, float]] = {}
    mean_rr: dict[Metric, float] = {}
    intervals: dict[Metric, Mapping[str, Interval]] = {}
    for metric in metrics:
        found = nearest[metric].rows == partners[:, None]
        scores = {f"hit@{k}": found[:, :k].any(axis=1).astype(np.float64) for k in HITS}
        scores["MRR@10"] = (found / np.arange(1, found.shape[1] + 1)).sum(axis=1)
        hits[metric] = {k: float(scores[f"hit@{k}"].mean()) for k in HITS}
        mean_rr[metric] = float(scores["MRR@10"].mean())
        intervals[metric] = bootstrap_intervals(scores)
    chance = {k: min(1.0, k / (len(item_ids) - 1)) for k in HITS}
    return PairScores(len(known), missing, hits, mean_rr, chance, intervals)
