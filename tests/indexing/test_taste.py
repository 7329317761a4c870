"""Scores of a taste, worked out by hand on a plane."""

import numpy as np
import pytest

from indexing.taste import FORMULAS, Formula, recommend, taste_scores, vector_norms

# Rows 0 and 1 point east, 2 north-east, 3 and 4 north, 5 nowhere. Lengths differ: only directions may count.
VECTORS = np.array([[1, 0], [5, 0], [2, 2], [0, 1], [0, 7], [0, 0]], dtype=np.float32)
NORMS = vector_norms(VECTORS)
HALF = 2**-0.5


def test_norms_are_lengths() -> None:
    np.testing.assert_allclose(NORMS, [1, 5, 8**0.5, 1, 7, 0])


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
