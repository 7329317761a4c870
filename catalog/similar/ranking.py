"""What is made of precomputed neighbours: depth, agreement, fusion, folding. Pure: rows in, rows out."""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.index.record import Index
from indexing.nearest.metrics import Metric

FUSION_K: Final = 60
Hit = tuple[int, float]


def nearest(index: Index, row: int, metric: Metric, depth: int) -> list[Hit]:
    """(row, distance) of the `depth` nearest of `row`, nearest first; fewer where the index keeps fewer."""
    kept = index.neighbours[metric]
    return list(zip(kept.rows[row, :depth].tolist(), kept.distances[row, :depth].tolist(), strict=True))


def agreed(rankings: Iterable[Collection[int]]) -> frozenset[int]:
    """The rows that every ranking holds."""
    sets = [frozenset(ranking) for ranking in rankings]
    return frozenset.intersection(*sets) if sets else frozenset()


def fuse(rankings: Iterable[Sequence[int]], k: int = FUSION_K) -> list[int]:
    """Rows by reciprocal rank fusion, best first; ties go to the smaller row.

    Each ranking gives its r-th row (from 1) 1 / (k + r). Source: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion
    outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009, which also fixed k = 60.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for row, share in zip(ranking, _reciprocals(k, len(ranking)), strict=True):
            scores[row] = scores.get(row, 0.0) + share
    # Sums of the same terms in another order differ in the last bit; rounding keeps true ties tied.
    return [row for _score, row in sorted([(-round(score, 12), row) for row, score in scores.items()])]


@lru_cache(maxsize=64)
def _reciprocals(k: int, count: int) -> tuple[float, ...]:
    return tuple(1.0 / (k + rank) for rank in range(1, count + 1))


def fold(rows: Sequence[int], groups: NDArray[np.int32] | None) -> list[list[int]]:
    """Rows of one near-duplicate group gathered under the nearest of them, order kept.

    groups: int32 (n,), the group of each row, or None when the index has none (then nothing is folded).
    """
    if groups is None:
        return [[row] for row in rows]
    folded: dict[int, list[int]] = {}
    for row in rows:
        folded.setdefault(int(groups[row]), []).append(row)
    return list(folded.values())


def closer_than(index: Index, metric: str, distance: float) -> float | None:
    """The share of the catalogue's pairs, in per cent, that lie farther apart; None when the index kept no sample."""
    return shares_farther(index, metric, [distance])[0]


def shares_farther(index: Index, metric: str, distances: Sequence[float]) -> Sequence[float | None]:
    """`closer_than` of each distance, for little more than one costs.

    Read from the extra `distance_quantiles_<metric>`: float32 (q,), ascending, evenly spaced quantiles from 0 to 1.
    """
    quantiles: NDArray[Any] | None = index.extras.get(f"distance_quantiles_{metric}")
    if quantiles is None or len(quantiles) < 2:
        return [None] * len(distances)
    found: list[float] = (100.0 * (1.0 - np.interp(distances, quantiles, _shares(len(quantiles))))).tolist()
    return found


@lru_cache(maxsize=4)
def _shares(steps: int) -> NDArray[np.float64]:
    return np.linspace(0.0, 1.0, steps)
