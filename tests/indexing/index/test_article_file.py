"""The article's own index: a bare triple with integer ids, as `joblib.dump` of its day wrote it."""

from pathlib import Path

import joblib
import numpy as np
import pytest

from indexing.errors import IndexDamagedError
from indexing.index.file import load_index

VECTORS = np.array([[1, 0], [0, 3], [0, 2]], np.float32)
TO_ROW = {810000: 0, 17: 1, 42: 2}
TO_ID = {0: 810000, 1: 17, 2: 42}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "article.pkl"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_the_triple_loads_with_text_ids_and_computed_neighbours(path: Path, protocol: int) -> None:
    joblib.dump((TO_ROW, TO_ID, VECTORS), path, protocol=protocol)
    index = load_index(path)
    assert index.item_ids == ("810000", "17", "42")
    assert index.rows["17"] == 1
    np.testing.assert_array_equal(index.vectors, VECTORS)
    assert index.neighbours["euclidean"].rows.tolist() == [[2, 1], [2, 0], [1, 0]]
    np.testing.assert_allclose(index.neighbours["manhattan"].distances, [[3, 4], [1, 4], [1, 3]])
    assert index.manifest["network"] == "unknown"
    assert index.manifest["items"] == 3


def test_numpy_numbers_as_ids_and_double_vectors_are_taken(path: Path) -> None:
    to_row = {np.int64(item_id): row for item_id, row in TO_ROW.items()}
    joblib.dump((to_row, {row: item_id for item_id, row in to_row.items()}, VECTORS.astype(np.float64)), path)
    index = load_index(path)
    assert index.item_ids == ("810000", "17", "42")
    assert index.vectors.dtype == np.float32


def test_a_compressed_triple_loads(path: Path) -> None:
    joblib.dump((TO_ROW, TO_ID, VECTORS), path, compress=3)
    assert load_index(path).item_ids == ("810000", "17", "42")


def test_a_triple_that_does_not_fit_together_is_refused(path: Path) -> None:
    joblib.dump((TO_ROW, TO_ID, VECTORS[:2]), path)
    with pytest.raises(IndexDamagedError, match="names 3 items and holds vectors of shape"):
        load_index(path)


def test_a_triple_of_something_else_is_refused(path: Path) -> None:
    joblib.dump((1, 2, 3), path)
    with pytest.raises(IndexDamagedError, match="not dicts"):
        load_index(path)
