"""What is made of precomputed neighbours: depth, folding, what a distance means. Pure: rows in, rows out."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catalog.index_store import PerIndex
from indexing.index.record import Index
from indexing.nearest.closeness import close_distances
from indexing.nearest.metrics import Metric

Hit = tuple[int, float]

_close_distances: Final = PerIndex(close_distances)


def nearest(index: Index, row: int, metric: Metric, depth: int) -> list[Hit]:
    """(row, distance) of the `depth` nearest of `row`, nearest first; fewer where the index keeps fewer."""
    kept = index.neighbours[metric]
    return list(zip(kept.rows[row, :depth].tolist(), kept.distances[row, :depth].tolist(), strict=True))


def is_close(index: Index, metric: Metric, distance: float) -> bool:
    """Whether an answer at this distance is like what was asked for: see `indexing.nearest.closeness`."""
    return distance <= _close_distances.of(index)[metric]


def fold(rows: Sequence[int], groups: NDArray[np.int32] | Mapping[int, int] | None) -> list[list[int]]:
    """Rows of one near-duplicate group gathered under the nearest of them, order kept.

    groups: the group of each row, int32 (n,) or by row; None when the index has none (then nothing is folded).
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
