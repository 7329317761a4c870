"""Vectors kept as float16: sums are made of their own numbers, in float32."""

import numpy as np

from catalog.taste.cosine_cache import CosineCache
from catalog.words.combining import unit
from catalog.words.styles import styles_of
from indexing.nearest.half import products, round_to_half, row_norms
from tests.indexing.nearest.vector_cases import after_relu

HALF = after_relu().astype(np.float16)
SAME = HALF.astype(np.float32)


def test_products_and_norms_are_those_of_the_same_numbers() -> None:
    for found in (products(HALF, SAME[:4]), products(SAME, SAME[:4])):
        np.testing.assert_allclose(found, SAME @ SAME[:4].T, rtol=1e-5)
    np.testing.assert_allclose(row_norms(HALF), np.linalg.norm(SAME, axis=1), rtol=1e-6)
    # 300 times 300 numbers of 100 sum to more than float16 can hold
    assert row_norms(np.full((1, 900), 300, np.float16)).tolist() == [9000.0]


def test_rounding_says_what_does_not_fit() -> None:
    numbers = np.array([[1.0001, 65504]], np.float32)
    assert round_to_half(numbers)
    assert numbers.tolist() == [[1.0, 65504.0]]
    assert not round_to_half(np.array([[1, 70000]], np.float32))


def test_favourites_and_styles_read_either() -> None:
    np.testing.assert_allclose(CosineCache(HALF).of([3, 5]), CosineCache(SAME).of([3, 5]), atol=1e-6)  # type: ignore[arg-type]
    words = [SAME[3], SAME[9]]
    kept, whole = styles_of(HALF, words), styles_of(SAME, words)  # type: ignore[arg-type]
    assert kept.tolist() == whole.tolist()
    assert unit(HALF[3]).dtype == np.float32
