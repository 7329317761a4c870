"""How far apart two items of this catalogue usually are: "closer than 99.2 % of pairs" says more than a distance."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.nearest.metrics import METRICS

STEPS: Final = 1000
PAIRS: Final = 10_000
SEED: Final = 11_556
_BLOCK: Final = 512


def distance_quantiles(vectors: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """`distance_quantiles_<metric>`: float32 (1001,), the 0 ‰, 1 ‰ … 1000 ‰ quantiles of the distances between random pairs.

    vectors: float32 (n, d); fewer than two items have no pairs, and no quantiles. All pairs where there are few, else
    PAIRS of them, seeded by a constant: equal vectors give equal quantiles.
    """
    n = len(vectors)
    if n < 2:
        return {}
    if n * (n - 1) // 2 <= PAIRS:
        first, second = np.triu_indices(n, 1)
    else:
        random = np.random.default_rng(SEED)
        first = random.integers(0, n, PAIRS)
        second = (first + random.integers(1, n, PAIRS)) % n
    starts = range(0, len(first), _BLOCK)
    blocks = [_distances(vectors[first[start : start + _BLOCK]], vectors[second[start : start + _BLOCK]]) for start in starts]
    shares = np.linspace(0, 1, STEPS + 1)
    quantiles = np.quantile(np.concatenate(blocks, axis=1), shares, axis=1).astype(np.float32)
    return {f"distance_quantiles_{metric}": np.ascontiguousarray(quantiles[:, column]) for column, metric in enumerate(METRICS)}


def _distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """float64 (3, m): each metric's distance between the rows of `a` (m, d) and of `b` (m, d)."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    scale = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    cosines = np.divide((x * y).sum(axis=1), scale, out=np.zeros(len(x)), where=scale > 0)
    difference = x - y
    return np.stack(
        [np.maximum(1 - cosines, 0), np.sqrt((difference * difference).sum(axis=1)), np.abs(difference).sum(axis=1)]
    )
