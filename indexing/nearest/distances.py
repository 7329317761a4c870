"""The three distances, as they are defined. Everything faster in this room is checked against these few lines.

All are computed in float64 from float32 vectors. Over the raw vectors (`fc2` after ReLU, as in the article):
cosine = 1 − cos, at least 0; euclidean = L2; manhattan = L1. A zero vector has no direction: its cosine distance to
everything, another zero vector and itself included, is 1.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.nearest.metrics import Metric

Vectors = NDArray[np.float32]
Distances = NDArray[np.float64]


def _cosine(a: Distances, b: Distances) -> Distances:
    # sqrt of the product, not product of the roots: for equal vectors it is exactly the dot product, so the distance is 0.
    scale = np.sqrt((a * a).sum() * (b * b).sum(axis=1))
    cosines = np.divide((b * a).sum(axis=1), scale, out=np.zeros(len(b)), where=scale > 0)
    return np.asarray(np.maximum(1.0 - cosines, 0.0))


def _euclidean(a: Distances, b: Distances) -> Distances:
    difference = b - a
    return np.asarray(np.sqrt((difference * difference).sum(axis=1)))


def _manhattan(a: Distances, b: Distances) -> Distances:
    return np.asarray(np.abs(b - a).sum(axis=1))


_DEFINITIONS: Final[Mapping[Metric, Callable[[Distances, Distances], Distances]]] = MappingProxyType(
    {"cosine": _cosine, "euclidean": _euclidean, "manhattan": _manhattan}
)


def distance(metric: Metric, a: Vectors, b: Vectors) -> Distances:
    """Distances, float64 (n,), from the vector `a` (d,) to each row of `b` (n, d). Raises ValueError when shapes do not fit."""
    if a.ndim != 1 or b.ndim != 2 or b.shape[1] != len(a):
        raise ValueError(f"distance wants (d,) and (n, d), not {a.shape} and {b.shape}.")
    return _DEFINITIONS[metric](a.astype(np.float64), b.astype(np.float64))


def narrowed(distances: Distances) -> NDArray[np.float32]:
    """As they are kept: float32, the largest one for what is larger still."""
    return np.minimum(distances, np.finfo(np.float32).max).astype(np.float32)
