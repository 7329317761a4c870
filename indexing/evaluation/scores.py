"""How good is similar? Scores of vectors against labels and against known pairs. Pure: values in, values out.

P@k: the share of a query's k nearest that carry its label. mAP@10: the mean over queries of average precision cut at 10,
Σ over the relevant ranks r ≤ 10 of P@r, divided by min(10, number of relevant items) (Manning, Raghavan and Schütze,
"Introduction to Information Retrieval", 2008, 8.4). Chance: what a random order would score on average.
Neighbours are sought among labelled items only, since an unlabelled neighbour can be called neither relevant nor wrong.
An item that is alone in its label can find nothing: it counts as a query and scores 0.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.errors import IndexingError
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.search import LiveSearch

PRECISIONS: Final = (1, 5)
CUT: Final = 10
HITS: Final = (1, 5, 10)


class EvaluationError(IndexingError):
    """Labels or pairs that cannot be scored."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over `queries` queries. precision: by k; mean_ap: mAP@10; chance_*: the same for a random order."""

    queries: int
    precision: Mapping[int, float]
    mean_ap: float
    chance_precision: float
    chance_mean_ap: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores by metric, overall and by label.

    items: labelled items searched; unlabelled: items without one; missing: labelled ids that have no vector.
    """

    items: int
    queries: int
    unlabelled: int
    missing: tuple[str, ...]
    overall: Mapping[Metric, Scores]
    by_label: Mapping[Metric, Mapping[str, Scores]]


@dataclass(frozen=True, slots=True)
class PairScores:
    """hits: by k, the share of queries whose partner is among their k nearest; chance: the same for a random order."""

    queries: int
    missing: tuple[str, ...]
    hits: Mapping[Metric, Mapping[int, float]]
    chance: Mapping[int, float]


def evaluate(
    item_ids: Sequence[str],
    vectors: NDArray[np.float32],
    labels: Mapping[str, str],
    *,
    query_ids: Collection[str] | None = None,
    precisions: Sequence[int] = PRECISIONS,
    metrics: Sequence[Metric] = METRICS,
) -> Evaluation:
    """Score vectors, float32 (n, d), of n items against labels by ItemID; a blank label is none.

    query_ids: the queries; any labelled item can be a neighbour. Raises EvaluationError when none of them can be a query.
    """
    row_of = {item_id: row for row, item_id in enumerate(item_ids)}
    missing = tuple(sorted(item_id for item_id, label in labels.items() if label.strip() and item_id not in row_of))
    unlabelled = sum(1 for item_id in item_ids if not labels.get(item_id, "").strip())
    gallery = np.array([row for row, item_id in enumerate(item_ids) if labels.get(item_id, "").strip()], np.int64)
    if len(gallery) < 2:
        raise EvaluationError(f"{len(gallery)} of the index's {len(item_ids)} items have a label: at least 2 must, to compare.")
    names, codes = np.unique([labels[item_ids[row]].strip() for row in gallery], return_inverse=True)
    wanted = set(item_ids) if query_ids is None else set(query_ids)
    queries = np.array([position for position, row in enumerate(gallery) if item_ids[row] in wanted], np.int64)
    if not len(queries):
        raise EvaluationError("None of the queries is in the index with a label.")
    depth = max(CUT, *precisions)
    searched = np.ascontiguousarray(vectors[gallery])
    if len(queries) == len(gallery):  # each pair once: twice as fast, and the same answer
        neighbours = all_neighbours(searched, depth)
    else:
        neighbours = LiveSearch(searched).query(searched[queries], depth, own=queries, metrics=metrics)
    chances = _chances(codes, queries)
    overall, by_label = {}, {}
    for metric in metrics:
        relevant = codes[neighbours[metric].rows] == codes[queries, None]
        each = _each_query(relevant, codes, queries, precisions)
        overall[metric] = _mean(each, chances, np.ones(len(queries), bool), precisions)
        asked = codes[queries]
        by_label[metric] = {
            str(name): _mean(each, chances, asked == code, precisions)
            for code, name in enumerate(names)
            if (asked == code).any()
        }
    return Evaluation(len(gallery), len(queries), unlabelled, missing, overall, by_label)


Each = tuple[dict[int, NDArray[np.float64]], NDArray[np.float64]]


def _each_query(
    relevant: NDArray[np.bool_], codes: NDArray[np.int64], queries: NDArray[np.int64], precisions: Sequence[int]
) -> Each:
    """P@k by k and AP@10 of each query; relevant: (m, depth), whether the neighbour at that rank carries the query's label."""
    precision = {k: relevant[:, :k].mean(axis=1) for k in precisions}
    cut = relevant[:, :CUT]
    at_rank = cut.cumsum(axis=1) / np.arange(1, cut.shape[1] + 1)
    reachable = np.minimum(np.bincount(codes)[codes[queries]] - 1, CUT)
    average = (at_rank * cut).sum(axis=1) / np.maximum(reachable, 1)
    return precision, average


def _chances(codes: NDArray[np.int64], queries: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Expected P@k (the same for each k) and expected AP@10 of each query when the others come in random order."""
    others = len(codes) - 1
    relevant_count = np.bincount(codes)[codes[queries]] - 1
    precision = relevant_count / others
    ranks = np.arange(1, min(CUT, others) + 1)
    # Given a hit at rank r, each of the r − 1 before it is relevant with probability (relevant − 1) / (others − 1).
    before = (ranks - 1) * np.maximum(relevant_count - 1, 0)[:, None] / max(others - 1, 1)
    average = (precision[:, None] * (1 + before) / ranks).sum(axis=1) / np.maximum(np.minimum(relevant_count, CUT), 1)
    return precision, average


def _mean(
    each: Each,
    chances: tuple[NDArray[np.float64], NDArray[np.float64]],
    of: NDArray[np.bool_],
    precisions: Sequence[int],
) -> Scores:
    precision, average = each
    return Scores(
        queries=int(of.sum()),
        precision={k: float(precision[k][of].mean()) for k in precisions},
        mean_ap=float(average[of].mean()),
        chance_precision=float(chances[0][of].mean()),
        chance_mean_ap=float(chances[1][of].mean()),
    )


def evaluate_pairs(
    item_ids: Sequence[str],
    vectors: NDArray[np.float32],
    pairs: Iterable[tuple[str, str]],
    *,
    metrics: Sequence[Metric] = METRICS,
) -> PairScores:
    """Score pairs (the asker, its partner): the share of askers that find their partner among their 1, 5 and 10 nearest.

    All n items can be neighbours. A pair with an id that has no vector is left out and that id named. Raises EvaluationError
    when no pair is left, or when an item is paired with itself.
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
    askers, partners = np.array(known, np.int64).T
    neighbours = LiveSearch(vectors).query(vectors[askers], max(HITS), own=askers, metrics=metrics)
    hits = {
        metric: {k: float((neighbours[metric].rows[:, :k] == partners[:, None]).any(axis=1).mean()) for k in HITS}
        for metric in metrics
    }
    return PairScores(len(known), missing, hits, {k: min(1.0, k / (len(item_ids) - 1)) for k in HITS})
