"""The distances as defined, by hand and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances

from indexing.nearest.distances import distance, narrowed
from indexing.nearest.metrics import METRICS, Metric

A = np.array([3, 4], np.float32)
B = np.array([[3, 4], [6, 8], [-4, 3], [-3, -4], [0, 0]], np.float32)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("cosine", [0, 0, 1, 2, 1]), ("euclidean", [0, 5, 50**0.5, 10, 5]), ("manhattan", [0, 7, 8, 14, 7])],
)
def test_by_hand(metric: Metric, expected: list[float]) -> None:
    np.testing.assert_allclose(distance(metric, A, B), expected, atol=1e-15)


@pytest.mark.parametrize("metric", METRICS)
def test_against_scikit_learn(metric: Metric) -> None:
    vectors = np.random.default_rng(0).normal(size=(20, 33)).astype(np.float32)
    expected = pairwise_distances(vectors[:1].astype(np.float64), vectors.astype(np.float64), metric=metric)[0]
    np.testing.assert_allclose(distance(metric, vectors[0], vectors), expected, atol=1e-12)


def test_a_zero_vector_is_at_cosine_1_from_all_and_itself() -> None:
    assert distance("cosine", np.zeros(2, np.float32), B).tolist() == [1, 1, 1, 1, 1]


def test_a_copy_is_at_exactly_0() -> None:
    vector = np.random.default_rng(1).normal(size=4096).astype(np.float32)
    assert [distance(metric, vector, vector[None])[0] for metric in METRICS] == [0, 0, 0]


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not \(3,\) and \(5, 2\)"):
        distance("cosine", np.zeros(3, np.float32), B)


def test_what_float32_cannot_hold_is_kept_as_its_largest() -> None:
    assert narrowed(np.array([1e39]))[0] == np.finfo(np.float32).max
