"""How often items stand in others' answers."""

import numpy as np
import pytest

from indexing.evaluation.hubs import hubness, k_occurrence, skewness
from indexing.index.record import Index
from indexing.nearest.all_pairs import all_neighbours


def test_occurrences_are_counted_within_the_first_k() -> None:
    rows = np.array([[1, 2], [0, 2], [0, 1]], np.int32)
    assert k_occurrence(rows, 1).tolist() == [2, 1, 0]
    assert k_occurrence(rows, 2).tolist() == [2, 2, 2]


def test_skewness_by_hand() -> None:
    # 0, 0, 0, 4: mean 1, deviations −1, −1, −1, 3; variance 3; third moment (−3 + 27) / 4 = 6.
    assert skewness(np.array([0, 0, 0, 4])) == pytest.approx(6 / 3**1.5)
    assert skewness(np.array([2, 2, 2])) == 0


def test_the_middle_of_a_star_is_its_hub() -> None:
    """Four points around the origin have it as their nearest; it has only the closest of them."""
    vectors = np.array([[1, 0], [0, 1.1], [-1.2, 0], [0, -1.3], [0, 0]], np.float32)
    ids = ("east", "north", "west", "south", "hub")
    index = Index(ids, {name: row for row, name in enumerate(ids)}, vectors, all_neighbours(vectors), {})
    measured = hubness(index, k=1)["euclidean"]
    assert (measured.largest, measured.item_id) == (4, "hub")
    assert measured.skewness == pytest.approx(skewness(np.array([1, 0, 0, 0, 4])))
    assert measured.absent == pytest.approx(3 / 5)
