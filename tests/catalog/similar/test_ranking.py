"""Folding, and what a distance means, by hand."""

import numpy as np
import pytest

from catalog.similar.ranking import closer_than, fold, nearest
from tests.catalog.builders import make_index


def test_nearest_comes_from_the_index_nearest_first() -> None:
    index = make_index({"a": (0, 0), "b": (3, 4), "c": (1, 0)})
    assert nearest(index, 0, "euclidean", 2) == [(2, 1.0), (1, 5.0)]
    assert nearest(index, 0, "manhattan", 1) == [(2, 1.0)]


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
