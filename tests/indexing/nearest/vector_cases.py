"""Vectors that trouble a quick nearest-neighbour search, each for a reason."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

import indexing.nearest.approximate
from indexing.index.record import Neighbours
from indexing.nearest.distances import distance
from indexing.nearest.metrics import METRICS, Metric

Floats = NDArray[np.float32]


@contextmanager
def approximate_at_any_size() -> Iterator[None]:
    """So few as a test has are quicker compared with each other; here they are searched for all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing.nearest.approximate, "WORTH", 2.0)
        yield


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def after_relu(n: int = 300, d: int = 200) -> Floats:
    """Like fc2: half zeros, clustered."""
    random = rng()
    inner = random.normal(size=(n, 6)) @ random.normal(size=(6, d)) + 0.3 * random.normal(size=(n, d))
    return np.maximum(inner, 0).astype(np.float32)


def motifs(n: int, d: int = 100, seed: int = 3) -> Floats:
    """As a network gives them: 200 motifs in 12 directions, with noise, after ReLU; of different lengths."""
    random = np.random.default_rng(seed)
    inner = random.normal(size=(200, 12))[random.integers(200, size=n)] + 0.4 * random.normal(size=(n, 12))
    return np.maximum(inner @ random.normal(size=(12, d)) + 0.2 * random.normal(size=(n, d)), 0).astype(np.float32)


def _duplicates() -> Floats:
    vectors = after_relu()
    vectors[50:150] = vectors[3]
    vectors[200] = vectors[7]
    vectors[250:253] = 0
    return vectors


def _floats(values: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
    return values.astype(np.float32)


CASES: Final[dict[str, Callable[[], Floats]]] = {
    "after ReLU": after_relu,
    "signed": lambda: _floats(rng().normal(size=(200, 65))),
    "more than a block": lambda: _floats(rng().normal(size=(1100, 9))),
    "duplicates and zero vectors": _duplicates,
    "all the same": lambda: np.ones((60, 5), np.float32),
    "all zero": lambda: np.zeros((60, 5), np.float32),
    "an offset that cancellation drowns in": lambda: _floats(rng().normal(size=(300, 64)) + 1e4),
    "ties everywhere": lambda: _floats(rng().integers(0, 3, size=(300, 5))),
    "all equally far": lambda: _floats(np.eye(300)),
    "overflows when squared": lambda: _floats(rng().normal(size=(60, 8)) * 1e35),
    "underflows when squared": lambda: _floats(rng().normal(size=(60, 8)) * 1e-35),
    "fewer than k": lambda: _floats(rng().normal(size=(7, 3))),
    "two": lambda: _floats(rng().normal(size=(2, 3))),
    "one": lambda: _floats(rng().normal(size=(1, 3))),
}


def sorted_all(metric: Metric, queries: Floats, vectors: Floats, k: int, own: list[int] | None = None) -> Neighbours:
    """The k nearest by definition: every distance, sorted, ties to the smaller row."""
    left = len(vectors) - (own is not None)
    rows = np.empty((len(queries), min(k, left)), np.int32)
    distances = np.empty(rows.shape, np.float32)
    for place, query in enumerate(queries):
        away = distance(metric, query, vectors)
        if own is not None:
            away[own[place]] = np.inf
        rows[place] = np.argsort(away, kind="stable")[: rows.shape[1]]
        distances[place] = away[rows[place]]
    return Neighbours(rows, distances)


def assert_same(found: dict[Metric, Neighbours], expected: dict[Metric, Neighbours]) -> None:
    """Rows equal, distances equal to float32's rounding."""
    for metric in METRICS:
        np.testing.assert_array_equal(found[metric].rows, expected[metric].rows, err_msg=metric)
        np.testing.assert_allclose(found[metric].distances, expected[metric].distances, rtol=2e-7, atol=1e-15, err_msg=metric)
