"""Kept cosines are the ones that would be worked out, and they do not fill the memory."""

import numpy as np
import pytest

from catalog.taste import cosine_cache
from catalog.taste.cosine_cache import CosineCache
from indexing.taste.formulas import cosines_with, vector_norms

VECTORS = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
EXPECTED = cosines_with(VECTORS, vector_norms(VECTORS), range(10))


def test_rows_come_in_the_order_asked_for() -> None:
    cache = CosineCache(VECTORS)
    for rows in ([3, 1], [1, 7, 3, 0], []):
        np.testing.assert_allclose(cache.of(rows), EXPECTED[rows], atol=1e-6)


def test_what_is_kept_is_not_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = CosineCache(VECTORS)
    cache.of([1, 2])
    asked: list[list[int]] = []

    def watched(vectors: np.ndarray, norms: np.ndarray, rows: list[int]) -> np.ndarray:
        asked.append(rows)
        return cosines_with(vectors, norms, rows)

    monkeypatch.setattr(cosine_cache, "cosines_with", watched)
    cache.of([2, 5, 1])
    assert asked == [[5]]


def test_the_longest_unasked_go_when_it_is_full() -> None:
    cache = CosineCache(VECTORS, max_bytes=3 * 4 * len(VECTORS))
    cache.of([0, 1, 2])
    cache.of([0])
    np.testing.assert_allclose(cache.of([3, 4]), EXPECTED[[3, 4]], atol=1e-6)
    assert sorted(cache._kept) == [0, 3, 4]


def test_it_holds_64_megabytes_unless_told_otherwise() -> None:
    vectors = np.ones((1 << 20, 1), np.float32)  # a row of cosines is 4 MiB: 16 of them fit
    cache = CosineCache(vectors)
    cache.of(range(18))
    assert len(cache) == 16


def test_a_row_that_does_not_fit_is_answered_and_not_kept() -> None:
    cache = CosineCache(VECTORS, max_bytes=1)
    np.testing.assert_allclose(cache.of([3]), EXPECTED[[3]], atol=1e-6)
    assert len(cache) == 0
