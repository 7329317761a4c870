"""Fusion, agreement, folding, and what a distance means, by hand."""

import numpy as np
import pytest

from catalog.similar.ranking import agreed, closer_than, fold, fuse, nearest
from tests.catalog.builders import make_index


def test_nearest_comes_from_the_index_nearest_first() -> None:
    index = make_index({"a": (0, 0), "b": (3, 4), "c": (1, 0)})
    assert nearest(index, 0, "euclidean", 2) == [(2, 1.0), (1, 5.0)]
    assert nearest(index, 0, "manhattan", 1) == [(2, 1.0)]


def test_fusion_adds_reciprocal_ranks() -> None:
    # 7: 1/61 + 1/62; 5: 1/61 + 1/63; 9: 1/62 + 1/63
    assert fuse([[7, 9, 5], [5, 7, 9]]) == [7, 5, 9]


def test_fusion_prefers_what_many_rank_over_what_one_ranks_first() -> None:
    assert fuse([[1, 2], [3, 2], [4, 2]])[0] == 2


def test_fusion_ties_go_to_the_smaller_row() -> None:
    assert fuse([[8, 3], [3, 8]]) == [3, 8]


def test_fusion_ties_are_ties_whatever_the_order_of_their_terms() -> None:
    # Both have the ranks 1, 2 and 8. Added in the order of the rankings, 9's sum is larger by one bit.
    first = [9, 21, 22, 23, 24, 25, 26, 3]
    second = [3, 9, 31, 32, 33, 34, 35, 36]
    third = [41, 3, 42, 43, 44, 45, 46, 9]
    assert 1 / 61 + 1 / 62 + 1 / 68 > 1 / 68 + 1 / 61 + 1 / 62
    assert fuse([first, second, third])[:2] == [3, 9]


def test_agreed_is_what_all_rankings_hold() -> None:
    assert agreed([[1, 2, 3], [3, 2, 9], [2, 7, 3]]) == {2, 3}


def test_agreed_of_nothing_is_nothing() -> None:
    assert agreed([]) == frozenset()


def test_fold_gathers_a_group_under_its_nearest() -> None:
    groups = np.array([0, 1, 0, 2, 1], dtype=np.int32)
    assert fold([4, 2, 1, 3, 0], groups) == [[4, 1], [2, 0], [3]]


def test_fold_without_groups_folds_nothing() -> None:
    assert fold([4, 2], None) == [[4], [2]]


@pytest.mark.parametrize(
    ("distance", "percent"),
    [(0.0, 100.0), (1.0, 75.0), (1.5, 62.5), (9.0, 0.0)],
)
def test_closer_than_reads_the_quantiles(distance: float, percent: float) -> None:
    quantiles = np.array([0, 1, 2, 3, 4], dtype=np.float32)
    index = make_index(extras={"distance_quantiles_cosine": quantiles})
    assert closer_than(index, "cosine", distance) == pytest.approx(percent)


def test_closer_than_without_quantiles_is_none() -> None:
    assert closer_than(make_index(), "cosine", 0.5) is None
