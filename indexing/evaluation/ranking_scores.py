"""Scores of ranked answers, one a query, and what a random order would score. Pure: arrays in, arrays out.

P@k: the share of the k first that are relevant. AP@10: Σ over the relevant ranks r ≤ 10 of P@r, divided by min(10, number of
relevant items). RR@10: 1 / the first relevant rank, 0 beyond rank 10. nDCG@10: Σ 1 / log2(r + 1) over the relevant ranks
r ≤ 10, divided by the same sum for a perfect order. Source: Manning, Raghavan and Schütze, "Introduction to Information
Retrieval", 2008, 8.4; Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 20 (2002).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

CUT: Final = 10
MAP: Final = "mAP@10"
MRR: Final = "MRR@10"
NDCG: Final = "nDCG@10"
RANK_SCORES: Final = (MAP, MRR, NDCG)

Floats = NDArray[np.float64]
QueryScores = Mapping[str, Floats]  # a score's name → its value for each of m queries


def query_scores(relevant: NDArray[np.bool_], total: NDArray[np.int64], precisions: Sequence[int]) -> dict[str, Floats]:
    """`P@k` by k, then RANK_SCORES, of each of m queries, each float64 (m,).

    relevant: bool (m, depth ≥ 10), whether the answer at that rank is relevant; total: (m,), how many relevant items there are.
    """
    cut = relevant[:, :CUT]
    ranks = np.arange(1, cut.shape[1] + 1)
    reachable = np.maximum(np.minimum(total, CUT), 1)
    gains = 1 / np.log2(ranks + 1)
    first = np.where(cut.any(axis=1), cut.argmax(axis=1) + 1, np.inf)
    scores: dict[str, Floats] = {f"P@{k}": relevant[:, :k].mean(axis=1) for k in precisions}
    scores[MAP] = (cut.cumsum(axis=1) / ranks * cut).sum(axis=1) / reachable
    scores[MRR] = 1 / first
    scores[NDCG] = (cut * gains).sum(axis=1) / _perfect_gain(reachable)
    return scores


def chance_scores(total: NDArray[np.int64], others: int, precisions: Sequence[int]) -> dict[str, Floats]:
    """What `query_scores` are on average when the `others` items come in a random order, `total` of them relevant."""
    share = total / others
    ranks = np.arange(1, min(CUT, others) + 1)
    reachable = np.maximum(np.minimum(total, CUT), 1)
    # Given a hit at rank r, each of the r − 1 before it is relevant with probability (total − 1) / (others − 1).
    before = (ranks - 1) * np.maximum(total - 1, 0)[:, None] / max(others - 1, 1)
    scores: dict[str, Floats] = {f"P@{k}": share for k in precisions}
    scores[MAP] = (share[:, None] * (1 + before) / ranks).sum(axis=1) / reachable
    scores[MRR] = _chance_reciprocal_rank(total, others)
    scores[NDCG] = share * (1 / np.log2(ranks + 1)).sum() / _perfect_gain(reachable)
    return scores


def _perfect_gain(reachable: NDArray[np.int64]) -> Floats:
    return np.asarray((1 / np.log2(np.arange(2, CUT + 2))).cumsum()[reachable - 1])


def _chance_reciprocal_rank(total: NDArray[np.int64], others: int) -> Floats:
    """Σ over r of (1 / r) · the probability that the first relevant one is drawn r-th, without putting back."""
    none_yet = np.ones(len(total))
    mean = np.zeros(len(total))
    for drawn in range(min(CUT, others)):
        hit = np.minimum(total / (others - drawn), 1)
        mean += none_yet * hit / (drawn + 1)
        none_yet = none_yet * (1 - hit)
    return mean
