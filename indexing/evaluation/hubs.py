"""Hubs: items that stand among the nearest of very many others, whatever those look like.

The k-occurrence of an item is how many others have it among their k nearest; its mean is k. The skewness of its distribution
is the usual measure of hubness: 0 is even; above 2, a few items crowd many answers.
Source: Radovanović, Nanopoulos and Ivanović, "Hubs in Space", Journal of Machine Learning Research 11 (2010).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.index.record import Index
from indexing.nearest.metrics import Metric

K: Final = 5


@dataclass(frozen=True, slots=True)
class Hubness:
    """skewness: of the k-occurrence; largest: the highest count, and the item that has it; absent: the share of items that no
    other has among its k nearest."""

    skewness: float
    largest: int
    item_id: str
    absent: float


def k_occurrence(rows: NDArray[np.int32], k: int = K) -> NDArray[np.int64]:
    """int64 (n,): how many of n rows have each row among their k nearest. rows: int32 (n, at least k), nearest first."""
    return np.asarray(np.bincount(rows[:, :k].ravel(), minlength=len(rows)), np.int64)


def skewness(counts: NDArray[np.int64]) -> float:
    """The third standardised moment; 0 where all counts are equal."""
    spread = float(counts.std())
    return float((((counts - counts.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0


def hubness(index: Index, k: int = K) -> dict[Metric, Hubness]:
    """By metric, from the neighbours that the index holds."""
    measured: dict[Metric, Hubness] = {}
    for metric, neighbours in index.neighbours.items():
        counts = k_occurrence(neighbours.rows, k)
        row = int(counts.argmax())
        measured[metric] = Hubness(skewness(counts), int(counts[row]), index.item_ids[row], float((counts == 0).mean()))
    return measured
