"""Scores of a taste, worked out by hand on a plane."""

import numpy as np
import pytest

from indexing.taste.formulas import FORMULAS, PUSH, Floats, Formula, cosines_with, recommend, vector_norms
from indexing.taste.formulas import taste_scores as scores_of

# Rows 0 and 1 point east, 2 north-east, 3 and 4 north, 5 nowhere. Lengths differ: only directions may count.
VECTORS = np.array([[1, 0], [5, 0], [2, 2], [0, 1], [0, 7], [0, 0]], dtype=np.float32)
NORMS = vector_norms(VECTORS)
HALF = 2**-0.5


def taste_scores(
    vectors: Floats, norms: Floats, liked: list[int], disliked: list[int], formula: Formula = "blend", push: float = PUSH
) -> Floats:
    """Scores of rows judged by number."""
    return scores_of(cosines_with(vectors, norms, liked), cosines_with(vectors, norms, disliked), formula, push)


def test_norms_are_lengths() -> None:
    np.testing.assert_allclose(NORMS, [1, 5, 8**0.5, 1, 7, 0])


def test_cosines_are_the_same_for_few_rows_and_for_many() -> None:
    vectors = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    norms = vector_norms(vectors)
    many = cosines_with(vectors, norms, list(range(9)))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(many, unit @ unit.T, atol=1e-6)
    np.testing.assert_allclose(cosines_with(vectors, norms, [4, 1]), many[[4, 1]], atol=1e-6)
    assert cosines_with(vectors, norms, []).shape == (0, 9)


def test_nearest_is_the_best_cosine_with_any_liked_less_the_best_with_any_disliked() -> None:
    scores = taste_scores(VECTORS, NORMS, [0, 2], [3], "nearest", push=0.5)
    np.testing.assert_allclose(scores, [1, 1, 1 - 0.5 * HALF, HALF - 0.5, HALF - 0.5, 0], atol=1e-6)


def test_rocchio_is_the_cosine_with_the_mean_of_the_liked_less_the_mean_of_the_disliked() -> None:
    scores = taste_scores(VECTORS, NORMS, [0, 3], [4], "rocchio", push=0.25)
    np.testing.assert_allclose(scores, [0.5, 0.5, 0.75 * HALF, 0.25, 0.25, 0], atol=1e-6)


def test_blend_prefers_what_is_near_two_liked_to_what_is_as_near_to_one() -> None:
    # East and north are liked; row 2 lies between them at 45 degrees, row 6 at 45 degrees on the far side of east.
    vectors = np.concatenate([VECTORS, np.array([[1, -1]], np.float32)])
    norms = vector_norms(vectors)
    blend = taste_scores(vectors, norms, [0, 3], [])
    nearest = taste_scores(vectors, norms, [0, 3], [], "nearest")
    assert blend[2] > blend[6]
    np.testing.assert_allclose(nearest[2], nearest[6], atol=1e-6)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_dislike_pushes_its_like_down(formula: Formula) -> None:
    without = taste_scores(VECTORS, NORMS, [2], [], formula)
    pushed = taste_scores(VECTORS, NORMS, [2], [0], formula)
    assert abs(without[1] - without[4]) < 1e-5
    assert pushed[1] < pushed[4] - 1e-3


@pytest.mark.parametrize("formula", FORMULAS)
def test_scores_are_finite_when_a_vector_is_zero_or_all_are_equal(formula: Formula) -> None:
    assert np.isfinite(taste_scores(VECTORS, NORMS, [5], [5], formula)).all()
    same = np.ones((4, 3), np.float32)
    assert np.isfinite(taste_scores(same, vector_norms(same), [0], [1], formula)).all()


def test_nothing_liked_is_refused() -> None:
    with pytest.raises(ValueError, match="liked"):
        taste_scores(VECTORS, NORMS, [], [0])


def test_recommend_gives_the_best_first_and_never_the_barred() -> None:
    scores = np.array([0.1, 0.9, 0.5, 0.8], np.float32)
    assert recommend(scores, 2, barred={1}).tolist() == [3, 2]


def test_recommend_breaks_ties_by_the_smaller_row() -> None:
    scores = np.repeat(np.array([0.5, 0.7, 0.5], np.float32), 40)  # many: a small sort is stable by accident
    assert recommend(scores, 3).tolist() == [40, 41, 42]


def test_recommend_gives_what_there_is_when_asked_for_more() -> None:
    assert recommend(np.array([0.1, 0.2], np.float32), 10, barred={0}).tolist() == [1]
    assert recommend(np.empty(0, np.float32), 3).tolist() == []
