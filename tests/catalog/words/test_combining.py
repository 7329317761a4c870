"""Several wishes as one vector, and several rankings as one: by hand."""

import numpy as np
import pytest

from catalog.words.combining import LIKE, UNLIKE, WORDS, Part, combined, fused

X, Y = np.array([2.0, 0.0], np.float32), np.array([0.0, 5.0], np.float32)


def circle(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_single_wish_is_its_own_direction() -> None:
    assert combined([Part(X, WORDS)], circle(0, 90)).tolist() == [1, 0]


def test_two_wishes_that_scatter_alike_count_alike() -> None:
    # Seen from 0° and from 90° these four have the cosines 1, 0, −1, 0 in other orders: one deviation.
    assert combined([Part(X, WORDS), Part(Y, LIKE)], circle(0, 90, 180, 270)) == pytest.approx([0.5**0.5, 0.5**0.5], abs=1e-6)


def test_a_wish_whose_cosines_scatter_little_is_not_drowned() -> None:
    # On a flat ellipse X has the cosines ±1, Y those of a tenth of it: Y's part is ten times as long.
    flat = np.array([[1, 0.1], [1, -0.1], [-1, 0.1], [-1, -0.1]], np.float32)
    query = combined([Part(X, 1.0), Part(Y, 1.0)], flat)
    assert query[1] / query[0] == pytest.approx(10, rel=1e-4)


def test_what_is_not_wanted_pushes_away_by_half() -> None:
    query = combined([Part(X, WORDS), Part(Y, UNLIKE)], circle(0, 90, 180, 270))
    assert query == pytest.approx(np.array([1, -0.5]) / np.hypot(1, 0.5), abs=1e-6)


def test_wishes_that_cancel_out_leave_the_first() -> None:
    assert combined([Part(X, 1.0), Part(X, -1.0)], circle(0, 90, 180)).tolist() == [1, 0]


def test_a_catalogue_of_one_item_has_no_scatter() -> None:
    assert combined([Part(X, 1.0), Part(Y, 1.0)], circle(45)) == pytest.approx([0.5**0.5, 0.5**0.5], abs=1e-6)


def test_rankings_are_joined_by_reciprocal_ranks() -> None:
    # 3: 1/63 + 1/61 = 0.0323; 1: 1/61 = 0.0164; 2: 1/62; 9: 1/62
    assert fused([[1, 2, 3], [3, 9]]) == [3, 1, 2, 9]


def test_what_both_rankings_hold_goes_before_the_first_of_one() -> None:
    assert fused([[1, 2, 3, 4, 5], [6, 7, 8, 9, 5]])[0] == 5  # 2/65 > 1/61


def test_one_ranking_stays_as_it_is() -> None:
    assert fused([[4, 2, 7], []]) == [4, 2, 7]
