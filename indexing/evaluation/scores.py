"""How good is similar? Scores of vectors against labels. Pure: values in, values out.

What the scores are: `indexing.evaluation.ranking_scores`. Neighbours are sought among labelled items only, since an unlabelled
neighbour can be called neither right nor wrong. An item that is alone in its label can find nothing: it counts as a query
and scores 0.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.errors import EvaluationError
from indexing.evaluation.bootstrap import Interval, bootstrap_intervals
from indexing.evaluation.ranking_scores import CUT, MAP, MRR, NDCG, QueryScores, chance_scores, query_scores
from indexing.index.record import Neighbours
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.search import LiveSearch

PRECISIONS: Final = (1, 5)


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over `queries` queries. precision: by k; mean_ap, mean_rr, ndcg: cut at 10; chance_*: the same for a random order;
    intervals: of these means, by name (`P@5`, `mAP@10`, `MRR@10`, `nDCG@10`), where they were computed."""

    queries: int
    precision: Mapping[int, float]
    mean_ap: float
    mean_rr: float
    ndcg: float
    chance_precision: float
    chance_mean_ap: float
    chance_mean_rr: float
    chance_ndcg: float
    intervals: Mapping[str, Interval]


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
class Retrieval:
    """What each query found. gallery: int64 (g,), the rows of labelled items; codes: (g,), the number of each one's label in
    `labels`; queries: int64 (m,), positions in the gallery; nearest: by metric, positions in the gallery, (m, depth)."""

    labels: tuple[str, ...]
    gallery: NDArray[np.int64]
    codes: NDArray[np.int64]
    queries: NDArray[np.int64]
    nearest: Mapping[Metric, Neighbours]

    def relevant(self, metric: Metric) -> NDArray[np.bool_]:
        """bool (m, depth): whether the neighbour at that rank carries the query's label."""
        return np.asarray(self.codes[self.nearest[metric].rows] == self.codes[self.queries, None])

    @property
    def totals(self) -> NDArray[np.int64]:
        """int64 (m,): how many other items carry the query's label."""
        return np.asarray(np.bincount(self.codes)[self.codes[self.queries]] - 1)


def retrieve(
    item_ids: Sequence[str],
    vectors: NDArray[np.float32],
    labels: Mapping[str, str],
    *,
    query_ids: Collection[str] | None = None,
    depth: int = CUT,
    metrics: Sequence[Metric] = METRICS,
) -> Retrieval:
    """The `depth` nearest labelled items of each query among the vectors, float32 (n, d), of n items.

    labels: by ItemID; a blank one is none. query_ids: the queries; any labelled item can be a neighbour.
    Raises EvaluationError when fewer than two items have a label, or none of the queries has one.
    """
    gallery = np.array([row for row, item_id in enumerate(item_ids) if labels.get(item_id, "").strip()], np.int64)
    if len(gallery) < 2:
        raise EvaluationError(f"{len(gallery)} of the index's {len(item_ids)} items have a label: at least 2 must, to compare.")
    names, codes = np.unique([labels[item_ids[row]].strip() for row in gallery], return_inverse=True)
    chosen = set(item_ids) if query_ids is None else set(query_ids)
    queries = np.array([position for position, row in enumerate(gallery) if item_ids[row] in chosen], np.int64)
    if not len(queries):
        raise EvaluationError("None of the queries is in the index with a label.")
    searched = np.ascontiguousarray(vectors[gallery])
    if len(queries) == len(gallery):  # each pair once: twice as fast, and the same answer
        nearest = all_neighbours(searched, depth)
    else:
        nearest = LiveSearch(searched).query(searched[queries], depth, own=queries, metrics=metrics)
    return Retrieval(tuple(map(str, names)), gallery, codes, queries, {metric: nearest[metric] for metric in metrics})


def evaluate(
    item_ids: Sequence[str],
    vectors: NDArray[np.float32],
    labels: Mapping[str, str],
    *,
    query_ids: Collection[str] | None = None,
    precisions: Sequence[int] = PRECISIONS,
    metrics: Sequence[Metric] = METRICS,
) -> Evaluation:
    """Score vectors, float32 (n, d), of n items against labels by ItemID: see `retrieve`, which also says what it raises."""
    depth = max(CUT, *precisions)
    retrieval = retrieve(item_ids, vectors, labels, query_ids=query_ids, depth=depth, metrics=metrics)
    return score(retrieval, item_ids, labels, precisions)


def score(
    retrieval: Retrieval, item_ids: Sequence[str], labels: Mapping[str, str], precisions: Sequence[int] = PRECISIONS
) -> Evaluation:
    """The scores of what `retrieve` gave for these items and labels, with as many ranks as the largest of `precisions`."""
    known = set(item_ids)
    missing = tuple(sorted(item_id for item_id, label in labels.items() if label.strip() and item_id not in known))
    codes = retrieval.codes[retrieval.queries]
    chances = chance_scores(retrieval.totals, len(retrieval.gallery) - 1, precisions)
    overall: dict[Metric, Scores] = {}
    by_label: dict[Metric, dict[str, Scores]] = {}
    for metric in retrieval.nearest:
        scores = query_scores(retrieval.relevant(metric), retrieval.totals, precisions)
        overall[metric] = _means(scores, chances, np.ones(len(codes), bool), precisions, bootstrap_intervals(scores))
        by_label[metric] = {
            name: _means(scores, chances, codes == code, precisions, {})
            for code, name in enumerate(retrieval.labels)
            if (codes == code).any()
        }
    unlabelled = len(item_ids) - len(retrieval.gallery)
    return Evaluation(len(retrieval.gallery), len(codes), unlabelled, missing, overall, by_label)


def _means(
    scores: QueryScores,
    chances: QueryScores,
    queries: NDArray[np.bool_],
    precisions: Sequence[int],
    intervals: Mapping[str, Interval],
) -> Scores:
    mean = {name: float(values[queries].mean()) for name, values in scores.items()}
    chance = {name: float(values[queries].mean()) for name, values in chances.items()}
    return Scores(
        queries=int(queries.sum()),
        precision={k: mean[f"P@{k}"] for k in precisions},
        mean_ap=mean[MAP],
        mean_rr=mean[MRR],
        ndcg=mean[NDCG],
        chance_precision=chance[f"P@{precisions[0]}"],
        chance_mean_ap=chance[MAP],
        chance_mean_rr=chance[MRR],
        chance_ndcg=chance[NDCG],
        intervals=intervals,
    )
