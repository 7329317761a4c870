"""Which way neighbours are found, what the index says of it, and what a small change costs."""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

import indexing.build.neighbours
import indexing.nearest.approximate
import indexing.nearest.quantized.pairs
from indexing.build.neighbours import Earlier, Found, find_neighbours, is_exact, recorded, still_good
from indexing.index.record import Index, Neighbours
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import METRICS
from indexing.nearest.quantized.codes import has_kernels
from tests.indexing.nearest.vector_cases import approximate_at_any_size, motifs

N, K = 5_000, 10
Floats = NDArray[np.float32]


@pytest.fixture(scope="module", autouse=True)
def worth_it() -> Iterator[None]:
    with approximate_at_any_size():
        yield


@pytest.fixture(scope="module")
def vectors() -> Floats:
    return motifs(N + 40)


@pytest.fixture(scope="module")
def log() -> list[str]:
    return []


@pytest.fixture(scope="module")
def found(vectors: Floats, log: list[str], worth_it: None) -> Found:
    return find_neighbours(vectors[:N], "approximate", log=log.append, k=K)


@pytest.fixture
def nothing_from_scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("approximate_neighbours", "all_neighbours"):
        monkeypatch.setattr(indexing.build.neighbours, name, lambda *_: pytest.fail("computed from scratch"))


def index_of(vectors: Floats, found: Found) -> Index:
    item_ids = tuple(str(row) for row in range(len(vectors)))
    rows = {item_id: row for row, item_id in enumerate(item_ids)}
    return Index(item_ids, rows, vectors, found.neighbours, {"neighbours": found.record})


def changed(vectors: Floats, gone: list[int]) -> tuple[Floats, NDArray[np.int64]]:
    """The first N rows but those that are gone, and all later ones; and where each came from."""
    came_from = np.concatenate([np.delete(np.arange(N), gone), np.full(len(vectors) - N, -1)])
    return np.concatenate([np.delete(vectors[:N], gone, axis=0), vectors[N:]]), came_from


@pytest.mark.parametrize(
    ("search", "n", "d", "exact"),
    [
        ("auto", 200_000, 417, True),
        ("auto", 250_000, 417, False),
        ("auto", 60_000, 4096, True),
        ("auto", 70_000, 4096, False),
        ("exact", 10_000_000, 4096, True),
        ("approximate", 10, 3, False),
    ],
)
def test_size_decides_unless_told(search: str, n: int, d: int, exact: bool) -> None:
    assert is_exact(search, n, d) is exact


def test_an_approximate_search_says_what_it_found(found: Found, log: list[str]) -> None:
    assert found.record["search"] == "approximate"
    assert found.record["queries"] == 1000
    assert found.record["k"] == K
    assert set(found.record["recall"]) == set(METRICS)
    assert min(found.record["recall"].values()) >= 0.99
    assert {"directions", "lists", "probes", "candidates"} <= found.record.keys()
    assert len(log) == 1
    assert f"recall@10 of 1000 items: cosine {found.record['recall']['cosine']:.4f}" in log[0]


def test_few_items_are_compared_whatever_was_asked_for(vectors: Floats) -> None:
    log: list[str] = []
    small = vectors[:400]
    answer = find_neighbours(small, "approximate", log=log.append, k=K)
    assert answer.record == {"search": "exact"}
    assert "all pairs are compared" in log[0]
    np.testing.assert_array_equal(answer.neighbours["cosine"].rows, all_neighbours(small, K)["cosine"].rows)


@pytest.mark.usefixtures("nothing_from_scratch")
@pytest.mark.parametrize("few", [0, 10_000], ids=["by candidates", "exactly"])
def test_a_small_change_costs_little_and_keeps_the_share(
    few: int, vectors: Floats, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing.build.neighbours, "FEW", few)
    now, came_from = changed(vectors, [3, 77])
    answer = find_neighbours(now, "approximate", Earlier(index_of(vectors[:N], found), came_from), k=K)
    assert answer.record["search"] == "approximate"
    assert min(answer.record["recall"].values()) >= 0.99
    assert answer.record["lists"] == found.record["lists"]
    assert answer.neighbours["cosine"].rows.shape == (N + 38, K)
    assert (answer.neighbours["cosine"].rows >= N - 2).any()  # new rows are somebody's neighbours


def test_all_are_searched_again_where_too_much_is_missed(vectors: Floats, found: Found) -> None:
    spoilt = {
        metric: Neighbours(near.rows, (near.distances + np.float32(9)).astype(np.float32))
        for metric, near in found.neighbours.items()
    }
    log: list[str] = []
    before = index_of(vectors[:N], Found(spoilt, found.record))
    now, came_from = changed(vectors, [])
    answer = find_neighbours(now, "approximate", Earlier(before, came_from), log=log.append, k=K)
    assert "all are searched again" in log[0]
    assert min(answer.record["recall"].values()) >= 0.99


def test_the_settings_of_a_search_are_those_of_the_one_made_last(
    vectors: Floats, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_codes = {"search": "approximate", "code_bits": 5, "compared": 0.1}
    now, came_from = changed(vectors, [])
    earlier = Earlier(index_of(vectors[:N], Found(found.neighbours, by_codes)), came_from)
    kept = []
    for few in (10_000, 0):  # new rows are compared exactly; by candidates
        monkeypatch.setattr(indexing.build.neighbours, "FEW", few)
        record = find_neighbours(now, "approximate", earlier, k=K).record
        kept.append(("code_bits" in record, "lists" in record))
    assert kept == [(True, False), (False, True)]


def test_where_more_is_new_than_is_cheap_to_compare_candidates_are_made(
    vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, tried = vectors[:200], []
    monkeypatch.setattr(indexing.build.neighbours, "approximate_neighbours", lambda *_: tried.append(True))
    for new in (2, 3):  # of 1 %
        came_from = np.concatenate([np.arange(200), np.full(new, -1)])
        earlier = Earlier(index_of(before, Found(all_neighbours(before, K), {"search": "exact"})), came_from)
        answer = find_neighbours(vectors[: 200 + new], "approximate", earlier, k=K)
        assert answer.record == {"search": "exact"}
        assert len(tried) == new - 2


def test_a_search_that_misses_too_much_is_not_taken(vectors: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    few = vectors[:200]
    exact = all_neighbours(few, K)
    far = {metric: Neighbours(near.rows, near.distances + np.float32(9)) for metric, near in exact.items()}
    settings = SimpleNamespace(settings=dict)
    monkeypatch.setattr(indexing.build.neighbours, "approximate_neighbours", lambda *_: (far, settings))
    answer = find_neighbours(few, "approximate", k=K)
    assert answer.record == {"search": "exact"}
    np.testing.assert_array_equal(answer.neighbours["cosine"].distances, exact["cosine"].distances)


@pytest.mark.skipif(not has_kernels(), reason="products of codes need a processor with AVX2")
def test_where_lists_cannot_tell_vectors_apart_codes_of_all_pairs_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing.nearest.quantized.pairs, "WORTH", 9.0)
    monkeypatch.setattr(indexing.build.neighbours, "all_neighbours", lambda *_: pytest.fail("all pairs compared"))
    vectors = np.random.default_rng(0).normal(size=(N, 60)).astype(np.float32)  # fewer than the least directions
    log: list[str] = []
    record = find_neighbours(vectors, "approximate", log=log.append, k=K).record
    assert record["code_bits"] == 5
    assert 0 < record["compared"] < 0.5
    assert min(record["recall"].values()) >= 0.99
    assert f"5-bit codes of all pairs, {record['compared']:.2%} of them compared exactly" in log[-1]


def test_exact_ones_are_not_made_from_approximate_ones(vectors: Floats, found: Found) -> None:
    now, came_from = changed(vectors, [])
    answer = find_neighbours(now, "exact", Earlier(index_of(vectors[:N], found), came_from), k=K)
    expected = all_neighbours(now, K)
    assert answer.record == {"search": "exact"}
    for metric in METRICS:
        np.testing.assert_array_equal(answer.neighbours[metric].rows, expected[metric].rows)


def test_an_unchanged_index_is_kept_unless_it_is_less_exact_than_asked(vectors: Floats, found: Found) -> None:
    approximate = index_of(vectors[:N], found)
    exact = index_of(vectors[:N], Found(found.neighbours, {"search": "exact"}))
    older = Index(exact.item_ids, exact.rows, exact.vectors, exact.neighbours, {})
    assert recorded(older) == {"search": "exact"}
    assert [still_good("exact", index) for index in (approximate, exact, older)] == [False, True, True]
    assert [still_good("approximate", index) for index in (approximate, exact, older)] == [True, True, True]
