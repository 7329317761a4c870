"""Live search: exact for any query, any subset of rows, any number of threads and processes."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from indexing.nearest.metrics import METRICS
from indexing.nearest.search import LiveSearch
from tests.indexing.nearest.vector_cases import CASES, after_relu, assert_same, rng, sorted_all


@pytest.mark.parametrize("case", CASES)
def test_equal_to_sorting_all_distances(case: str) -> None:
    vectors = CASES[case]()
    queries = np.concatenate([vectors[:3], vectors[:3] * np.float32(1.01), np.zeros_like(vectors[:1])])
    expected = {metric: sorted_all(metric, queries, vectors, 20) for metric in METRICS}
    assert_same(LiveSearch(vectors).query(queries, 20), expected)


@pytest.mark.parametrize("case", ["after ReLU", "signed", "duplicates and zero vectors", "ties everywhere"])
def test_float16_vectors_give_the_bytes_of_the_same_numbers_in_float32(case: str) -> None:
    half = CASES[case]().astype(np.float16)
    same = half.astype(np.float32)
    queries = np.concatenate([same[:3], same[:3] * np.float32(1.01)])
    own = np.array([0, 1, 2, -1, -1, -1])
    found, expected = LiveSearch(half).query(queries, 20, own=own), LiveSearch(same).query(queries, 20, own=own)
    for metric in METRICS:
        np.testing.assert_array_equal(found[metric].rows, expected[metric].rows)
        np.testing.assert_array_equal(found[metric].distances, expected[metric].distances)


def test_own_rows_are_left_out_of_their_own_answers_only() -> None:
    vectors = after_relu()
    found = LiveSearch(vectors).query(vectors[[4, 9]], 20, own=np.array([4, 9]))
    assert_same(found, {metric: sorted_all(metric, vectors[[4, 9]], vectors, 20, [4, 9]) for metric in METRICS})


def test_a_query_without_an_own_row_beside_one_with_it() -> None:
    vectors = after_relu(n=30)
    found = LiveSearch(vectors).query(vectors[[4, 9]], 5, own=np.array([4, -1]))["euclidean"]
    assert 4 not in found.rows[0]
    assert found.rows[1, 0] == 9


def test_excluded_rows_are_never_found() -> None:
    vectors = after_relu()
    excluded = np.array([5, 6, 7])
    found = LiveSearch(vectors).query(vectors[5:6], 20, excluded)
    left = np.delete(np.arange(len(vectors)), excluded)
    for metric in METRICS:
        expected = left[sorted_all(metric, vectors[5:6], vectors[left], 20).rows]
        np.testing.assert_array_equal(found[metric].rows, expected)


def test_only_rows_among_those_allowed_are_found() -> None:
    found = LiveSearch(after_relu()).query(after_relu()[:1], 5, np.array([20]), among=np.array([30, 10, 20]))["manhattan"]
    assert sorted(found.rows[0]) == [10, 30]


def test_nothing_left_to_find_is_an_empty_answer() -> None:
    found = LiveSearch(after_relu()).query(after_relu()[:2], 5, among=np.array([], int))["cosine"]
    assert found.rows.shape == found.distances.shape == (2, 0)


def test_no_queries_no_answers() -> None:
    assert LiveSearch(after_relu()).query(after_relu()[:0], 5)["cosine"].rows.shape == (0, 5)


def test_more_queries_than_are_swept_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = after_relu()
    whole = LiveSearch(vectors).query(vectors, 5, own=np.arange(len(vectors)))
    monkeypatch.setattr("indexing.nearest.search._SUMS_AT_ONCE", 7 * len(vectors))
    assert_same(LiveSearch(vectors).query(vectors, 5, own=np.arange(len(vectors))), whole)


def test_only_the_metrics_asked_for() -> None:
    assert list(LiveSearch(after_relu()).query(after_relu()[:1], 5, metrics=("manhattan",))) == ["manhattan"]


def test_memory_mapped_vectors_are_searched_in_place(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", after_relu())
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    assert_same(LiveSearch(mapped).query(after_relu()[:2], 5), LiveSearch(after_relu()).query(after_relu()[:2], 5))


@pytest.mark.parametrize("query", [np.zeros((1, 3), np.float32), np.full((1, 200), np.nan, np.float32)])
def test_bad_queries_are_refused(query: np.ndarray) -> None:
    with pytest.raises(ValueError, match="finite"):
        LiveSearch(after_relu()).query(query, 5)


def test_many_threads_ask_one_object() -> None:
    vectors = after_relu()
    search = LiveSearch(vectors, threads=2)
    expected = search.query(vectors, 5)["euclidean"].rows
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda row: search.query(vectors[row : row + 1], 5)["euclidean"].rows[0], range(100)))
    np.testing.assert_array_equal(answers, expected[:100])


def _ask(vectors: np.ndarray, answers: "multiprocessing.Queue[list[int]]") -> None:
    answers.put(LiveSearch(vectors, threads=2).query(vectors[:1], 5)["cosine"].rows[0].tolist())


def test_a_forked_process_answers_too() -> None:
    """As gunicorn's workers do: the parent has searched, so its threads and compiled code were there when it forked."""
    vectors = after_relu()
    expected = LiveSearch(vectors, threads=2).query(vectors[:1], 5)["cosine"].rows[0].tolist()
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[list[int]] = context.Queue()
    child = context.Process(target=_ask, args=(vectors, answers))
    child.start()
    try:
        assert answers.get(timeout=60) == expected
    finally:
        child.join(10)
        child.kill()
    assert child.exitcode == 0


def test_random_queries_far_from_all_rows() -> None:
    vectors, queries = after_relu(), (rng().normal(size=(3, 200)) * 100).astype(np.float32)
    expected = {metric: sorted_all(metric, queries, vectors, 20) for metric in METRICS}
    assert_same(LiveSearch(vectors).query(queries, 20), expected)
