"""All neighbours: exact, whatever the vectors."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import METRICS, Metric
from tests.indexing.nearest.vector_cases import CASES, after_relu, assert_same, rng, sorted_all


@pytest.mark.parametrize("case", CASES)
def test_equal_to_sorting_all_distances(case: str) -> None:
    vectors = CASES[case]()
    own = list(range(len(vectors)))
    assert_same(all_neighbours(vectors), {metric: sorted_all(metric, vectors, vectors, 50, own) for metric in METRICS})


@pytest.mark.parametrize("metric", METRICS)
def test_equal_to_scikit_learn(metric: Metric) -> None:
    vectors = after_relu()
    search = NearestNeighbors(n_neighbors=11, metric=metric, algorithm="brute").fit(vectors.astype(np.float64))
    expected = search.kneighbors(return_distance=False)[:, :10]
    np.testing.assert_array_equal(all_neighbours(vectors, k=10)[metric].rows, expected)


def test_arrays_are_as_the_index_wants_them() -> None:
    found = all_neighbours(after_relu(n=20), k=5)["cosine"]
    assert found.rows.shape == found.distances.shape == (20, 5)
    assert found.rows.dtype == np.int32
    assert found.distances.dtype == np.float32
    assert found.rows.flags.c_contiguous
    assert found.distances.flags.c_contiguous


def test_the_number_of_threads_changes_nothing() -> None:
    vectors = CASES["duplicates and zero vectors"]()
    one, three = all_neighbours(vectors, threads=1), all_neighbours(vectors, threads=3)
    for metric in METRICS:
        np.testing.assert_array_equal(one[metric].rows, three[metric].rows)
        np.testing.assert_array_equal(one[metric].distances, three[metric].distances)


def test_norms_that_lie_sixty_powers_of_ten_apart() -> None:
    vectors = (rng().normal(size=(60, 8)) * 10.0 ** rng().integers(-30, 30, size=(60, 1))).astype(np.float32)
    expected = sorted_all("cosine", vectors, vectors, 50, list(range(60)))
    np.testing.assert_array_equal(all_neighbours(vectors)["cosine"].rows, expected.rows)


def test_memory_mapped_vectors_are_taken(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", after_relu())
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    assert_same(all_neighbours(mapped), all_neighbours(after_relu()))


def test_progress_ends_at_its_total() -> None:
    calls: list[tuple[int, int]] = []
    all_neighbours(CASES["more than a block"](), k=3, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.zeros((0, 3), np.float32), "at least 1"),
        (np.zeros((3, 3)), "float64"),
        (np.array([[1, 2], [3, np.nan]], np.float32), "row 1 is not finite"),
    ],
)
def test_bad_vectors_are_named(vectors: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        all_neighbours(vectors)
