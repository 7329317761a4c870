"""Approximate neighbours: nearly all of the exact ones, their exact distances, the same bytes each time."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import indexing.nearest.approximate
from indexing.index.record import Neighbours
from indexing.nearest import recall
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.approximate import (
    ApproximateSearch,
    _effort,
    _within_reach,
    _without_many_copies,
    approximate_neighbours,
    prepare,
)
from indexing.nearest.distances import distance
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.recall import ExactSample, exact_sample
from indexing.nearest.reduced_search import ReducedSearch, list_count
from tests.indexing.nearest.vector_cases import approximate_at_any_size, motifs, sorted_all

N, K = 5_000, 20
Floats = NDArray[np.float32]
Answer = tuple[dict[Metric, Neighbours], ApproximateSearch]


@pytest.fixture(scope="module")
def vectors() -> Floats:
    return motifs(N)


@pytest.fixture(scope="module")
def sample(vectors: Floats) -> ExactSample:
    return exact_sample(vectors, K, queries=300)


@pytest.fixture(scope="module", autouse=True)
def worth_it() -> Iterator[None]:
    with approximate_at_any_size():
        yield


@pytest.fixture(scope="module")
def answer(vectors: Floats, sample: ExactSample, worth_it: None) -> Answer:
    found = approximate_neighbours(vectors, sample, K, threads=3)
    assert found is not None
    return found


def test_the_sample_holds_what_sorting_all_distances_gives(vectors: Floats, sample: ExactSample) -> None:
    some = slice(None, None, 30)
    rows = sample.rows[some]
    for metric in METRICS:
        expected = sorted_all(metric, vectors[rows], vectors, K, rows.tolist())
        np.testing.assert_array_equal(sample.nearest[metric][0][some], expected.rows)


def test_a_sample_of_copies_leaves_only_the_row_itself_out() -> None:
    copies = np.zeros((40, 3), np.float32)
    copies[30:] = np.eye(3, dtype=np.float32)[np.arange(10) % 3]
    found = exact_sample(copies, 5)
    for metric in METRICS:
        expected = sorted_all(metric, copies, copies, 5, list(range(40)))
        np.testing.assert_array_equal(found.nearest[metric][0], expected.rows)


def test_a_sample_that_meets_few_rows_at_a_time_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = motifs(40)
    whole = exact_sample(vectors, 6, queries=10)
    monkeypatch.setattr(recall, "_COLUMNS", 4)  # fewer than are wanted: the row itself would fill a place
    small = exact_sample(vectors, 6, queries=10)
    for metric in METRICS:
        np.testing.assert_array_equal(small.nearest[metric][0], whole.nearest[metric][0])


def test_recall_is_the_share_that_is_as_near(vectors: Floats, sample: ExactSample) -> None:
    exact = all_neighbours(vectors, K)
    assert sample.recall(exact) == dict.fromkeys(METRICS, 1.0)
    exact["cosine"].distances[:, -5:] += 1
    assert sample.recall(exact) == {"cosine": 0.75, "euclidean": 1.0, "manhattan": 1.0}


def test_nearly_all_of_the_exact_neighbours_are_found(vectors: Floats, sample: ExactSample, answer: Answer) -> None:
    found, search = answer
    exact = all_neighbours(vectors, K)
    assert len(search.searches) == 2  # lengths differ: cosine has candidates of its own
    for metric in METRICS:
        hits = [len(np.intersect1d(a, b)) for a, b in zip(found[metric].rows, exact[metric].rows, strict=True)]
        assert np.mean(hits) / K >= 0.99
        assert not (found[metric].rows == np.arange(N)[:, None]).any()
    assert min(sample.recall(found).values()) >= 0.99


def test_distances_are_exact_and_in_order(vectors: Floats, answer: Answer) -> None:
    for metric in METRICS:
        rows, distances = answer[0][metric].rows, answer[0][metric].distances
        assert (np.diff(distances, axis=1) >= 0).all()
        for row in (0, 17, N - 1):
            np.testing.assert_allclose(distances[row], distance(metric, vectors[row], vectors[rows[row]]), rtol=2e-7)


def test_equal_bytes_whatever_the_threads(vectors: Floats, sample: ExactSample, answer: Answer) -> None:
    one, three = approximate_neighbours(vectors, sample, K, threads=1), answer
    assert one is not None
    assert one[1].settings() == three[1].settings()
    for metric in METRICS:
        np.testing.assert_array_equal(one[0][metric].rows, three[0][metric].rows)
        np.testing.assert_array_equal(one[0][metric].distances, three[0][metric].distances)


def test_many_copies_of_one_picture_find_each_other() -> None:
    crowded = motifs(N, seed=4)
    crowded[1000:3000] = crowded[5]
    found = approximate_neighbours(crowded, exact_sample(crowded, K, queries=300), K)
    assert found is not None
    first_copies = [5, *range(1000, 1000 + K - 1)]
    assert found[0]["euclidean"].rows[2999].tolist() == first_copies
    assert found[0]["cosine"].distances[2999].tolist() == [0.0] * K


def test_one_search_serves_all_where_lengths_are_equal(vectors: Floats) -> None:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    search = prepare(unit, exact_sample(unit, K, queries=300), K)
    assert search is not None
    assert len(search.searches) == 1


def test_it_searches_harder_until_the_share_is_reached(
    vectors: Floats, sample: ExactSample, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing.nearest.approximate, "AIM", 0.6)
    lazy = prepare(vectors, sample, K)
    assert lazy is not None
    assert sum(lazy.probes) < sum(answer[1].probes)


@pytest.mark.parametrize("case", ["few", "short", "hopeless"])
def test_none_where_all_pairs_cost_little_more(case: str, vectors: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Callable[[], Floats]] = {
        "few": lambda: vectors[:4_999],
        "short": lambda: vectors[:, :60].copy(),
        "hopeless": lambda: np.random.default_rng(0).normal(size=(N, 100)).astype(np.float32),
    }
    asked = given[case]()
    assert approximate_neighbours(asked, exact_sample(asked, K, queries=200), K) is None


def test_no_lists_are_made_where_directions_cannot_be_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing.nearest.approximate, "CANDIDATES", (20,))
    monkeypatch.setattr(ReducedSearch, "add_lists", lambda *_: pytest.fail("lists were made"))
    hopeless = np.random.default_rng(0).normal(size=(N, 300)).astype(np.float32)
    assert prepare(hopeless, exact_sample(hopeless, K, queries=200), K) is None


class Ranked:
    """A search that answers rows 1, 2, 3 … to each query."""

    list_count = 4
    directions = np.empty((64, 100), np.float32)

    def reduced(self, vectors: Floats) -> Floats:
        return vectors

    def search(self, vectors: Floats, candidates: int, _probes: int) -> NDArray[np.int64]:
        return np.tile(np.arange(1, candidates + 1), (len(vectors), 1))


def test_each_metric_of_a_search_gets_its_share() -> None:
    wanted = {"euclidean": [3, 4], "manhattan": [500, 700]}
    nearest = {metric: (np.array([rows] * 2, np.int32), np.zeros((2, 2))) for metric, rows in wanted.items()}
    asked, sample = np.zeros((2, 100), np.float32), ExactSample(np.array([0, 1]), nearest)  # type: ignore[arg-type]
    effort = _effort(Ranked(), asked, sample, np.arange(9000), ("euclidean", "manhattan"), 9000)  # type: ignore[arg-type]
    assert effort == (1, 801)


def test_each_metric_must_be_within_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing.nearest.approximate, "CANDIDATES", (1,))
    line = np.arange(100, dtype=np.float32)[:, None]
    wanted = {"euclidean": [1, 2], "manhattan": [50, 60]}
    nearest = {metric: (np.array([rows], np.int32), np.zeros((1, 2))) for metric, rows in wanted.items()}
    sample = ExactSample(np.array([0]), nearest)  # type: ignore[arg-type]
    asked: list[tuple[Metric, ...]] = [("euclidean",), ("manhattan",), ("euclidean", "manhattan")]
    reached = [_within_reach(Ranked(), line, line[:1], sample, np.arange(100), metrics) for metrics in asked]  # type: ignore[arg-type]
    assert reached == [True, False, False]


def test_more_copies_than_anybody_keeps_are_left_out() -> None:
    vectors = np.array([[1], [2], [1], [1], [2], [1]], np.float32)
    assert _without_many_copies(vectors, 2).tolist() == [0, 1, 2, 4]


def test_rows_with_too_few_candidates_meet_all_others(vectors: Floats, answer: Answer) -> None:
    search = answer[1]
    starved = ApproximateSearch(search.searches, (1, 1), 3, search.indexed)
    rows = np.array([7, 4000])
    found = indexing.nearest.approximate.empty_neighbours(2, K)
    starved.fill(vectors, rows, found, np.arange(2))
    for metric in METRICS:
        np.testing.assert_array_equal(found[metric].rows, sorted_all(metric, vectors[rows], vectors, K, [7, 4000]).rows)


def test_a_search_is_the_same_after_saving(vectors: Floats, answer: Answer, tmp_path: Path) -> None:
    answer[1].save(tmp_path / "search.npz")
    loaded = ApproximateSearch.load(tmp_path / "search.npz")
    rows = np.arange(100)
    found = indexing.nearest.approximate.empty_neighbours(100, K)
    loaded.fill(vectors, rows, found, rows)
    for metric in METRICS:
        np.testing.assert_array_equal(found[metric].rows, answer[0][metric].rows[:100])


@pytest.mark.parametrize(("n", "lists"), [(1, 1), (5_000, 64), (100_000, 1024), (1_000_000, 4096)])
def test_lists(n: int, lists: int) -> None:
    assert list_count(n) == lists
