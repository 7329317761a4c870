"""Places on the plane: similar close, the same every time, any number of items."""

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.extras.layout import layout


def groups(each: int, directions: int = 3, dim: int = 12) -> NDArray[np.float32]:
    """`directions` crowds of `each` vectors, every crowd around an axis of its own."""
    random = np.random.default_rng(3)
    centres = 10 * np.eye(dim, dtype=np.float32)[:directions]
    return (np.repeat(centres, each, axis=0) + random.normal(0, 0.3, (directions * each, dim))).astype(np.float32)


def assert_groups_are_apart(places: NDArray[np.float32], each: int) -> None:
    """Every item's nearest is of its own crowd."""
    away = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(away, np.inf)
    np.testing.assert_array_equal(away.argmin(axis=1) // each, np.arange(len(places)) // each)


def turn(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """By how many degrees `after` must be turned to lie on `before` as well as it can; 180 where it must be mirrored."""
    left, _, right = np.linalg.svd((after - after.mean(axis=0)).T @ (before - before.mean(axis=0)))
    rotation = left @ right
    return 180.0 if np.linalg.det(rotation) < 0 else float(np.degrees(np.arccos(np.clip(np.trace(rotation) / 2, -1, 1))))


def test_similar_items_lie_close() -> None:
    assert_groups_are_apart(layout(groups(20)), 20)


def test_how_long_a_vector_is_does_not_matter() -> None:
    vectors = groups(20)
    vectors[::2] *= 50
    assert_groups_are_apart(layout(vectors), 20)


def test_beyond_the_sample_items_go_to_their_nearest_in_it() -> None:
    assert_groups_are_apart(layout(groups(40), sample=30), 40)


def test_it_fills_the_unit_square_and_repeats() -> None:
    vectors = groups(20)
    places = layout(vectors)
    assert places.dtype == np.float32
    assert places.shape == (60, 2)
    extent = places.max(axis=0) - places.min(axis=0)
    assert extent.max() == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_allclose((places.max(axis=0) + places.min(axis=0)) / 2, 0.5, atol=1e-6)
    np.testing.assert_array_equal(places, layout(vectors))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 7])
def test_few_items(n: int) -> None:
    places = layout(groups(4)[:n])
    assert places.shape == (n, 2)
    assert ((places >= 0) & (places <= 1)).all()
    assert len(np.unique(places, axis=0)) == n


def test_items_that_are_all_alike_have_places() -> None:
    places = layout(np.ones((10, 6), np.float32))
    assert places.shape == (10, 2)
    assert ((places >= 0) & (places <= 1)).all()


def test_it_starts_from_the_map_before_and_neither_turns_nor_mirrors() -> None:
    vectors = groups(20)
    before = layout(vectors[:50])
    turned = np.column_stack([1 - before[:, 1], before[:, 0]]).astype(np.float32)  # by a quarter
    mirrored = np.column_stack([1 - before[:, 0], before[:, 1]]).astype(np.float32)
    new = np.full((10, 2), np.nan, np.float32)
    for old in (before, turned, mirrored):
        places = layout(vectors, previous=np.concatenate([old, new]))
        assert turn(old, places[:50]) < 30
        assert_groups_are_apart(places, 20)


def test_a_map_of_few_of_the_items_or_of_one_spot_is_no_start() -> None:
    vectors = groups(20)
    fresh = layout(vectors)
    few = np.full((60, 2), np.nan, np.float32)
    few[:20] = fresh[:20, ::-1]
    np.testing.assert_array_equal(layout(vectors, previous=few), fresh)
    np.testing.assert_array_equal(layout(vectors, previous=np.full((60, 2), 0.5, np.float32)), fresh)


def test_zero_vectors_among_others() -> None:
    vectors = groups(10)
    vectors[:3] = 0
    assert np.isfinite(layout(vectors)).all()
