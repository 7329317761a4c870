"""Neighbours by codes of all pairs: nearly all of the exact ones, their exact distances, the same bytes each time."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

import indexing.nearest.quantized.pairs
from indexing.index.record import Neighbours
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.approximate import searches_for
from indexing.nearest.distances import distance
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.progress import Progress
from indexing.nearest.quantized.codes import Codes, has_kernels
from indexing.nearest.quantized.limits import Limits, References, terms
from indexing.nearest.quantized.pairs import _choose, quantized_neighbours
from indexing.nearest.recall import exact_sample
from tests.indexing.nearest.vector_cases import sorted_all

pytestmark = pytest.mark.skipif(not has_kernels(), reason="products of codes need a processor with AVX2")

N, K, AIM = 5_003, 10, 0.991
Floats = NDArray[np.float32]
Answer = tuple[dict[Metric, Neighbours], dict[str, int | float]]


@pytest.fixture(scope="module", autouse=True)
def worth_it() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing.nearest.quantized.pairs, "WORTH", 9.0)
        yield


def independent(n: int, d: int = 65, seed: int = 2) -> Floats:
    return np.maximum(np.random.default_rng(seed).normal(size=(n, d)), 0).astype(np.float32)


def of_one_length(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def signed() -> Floats:
    return np.random.default_rng(8).normal(size=(N, 40)).astype(np.float32)


def find(vectors: Floats, threads: int | None = None, progress: Progress | None = None) -> Answer | None:
    sample = exact_sample(vectors, K, queries=300)
    groups = [metrics for _, metrics in searches_for(vectors[sample.rows])]
    return quantized_neighbours(vectors, sample, K, AIM, groups, progress, threads)


def share_found(found: Neighbours, exact: Neighbours) -> float:
    return float(np.mean([len(np.intersect1d(a, b)) / K for a, b in zip(found.rows, exact.rows, strict=True)]))


@pytest.fixture(scope="module")
def vectors() -> Floats:
    return independent(N)


@pytest.fixture(scope="module")
def answer(vectors: Floats, worth_it: None) -> Answer:
    found = find(vectors, threads=3)
    assert found is not None
    return found


CASES: dict[str, Callable[[], Floats]] = {
    "of different lengths": lambda: independent(N),
    "of one length": lambda: of_one_length(independent(N)),
    "of both signs": signed,
    "huge": lambda: independent(N) * np.float32(1e30),
}


@pytest.mark.parametrize("case", CASES)
def test_nearly_all_of_the_exact_neighbours_are_found(case: str) -> None:
    vectors = CASES[case]()
    found, exact = find(vectors), all_neighbours(vectors, K)
    assert found is not None
    assert 0 < found[1]["compared"] < 0.6  # and not because all pairs were compared
    for metric in METRICS:
        assert share_found(found[0][metric], exact[metric]) >= 0.985
        assert not (found[0][metric].rows == np.arange(N)[:, None]).any()


def test_distances_are_exact_and_in_order(vectors: Floats, answer: Answer) -> None:
    for metric in METRICS:
        rows, distances = answer[0][metric].rows, answer[0][metric].distances
        assert (np.diff(distances, axis=1) >= 0).all()
        assert all(len(set(row)) == K for row in rows[::100].tolist())
        for row in (0, 17, 1023, 1024, 4096, N - 1):
            np.testing.assert_allclose(distances[row], distance(metric, vectors[row], vectors[rows[row]]), rtol=2e-7)


def test_equal_bytes_whatever_the_threads(vectors: Floats, answer: Answer) -> None:
    calls: list[tuple[int, int]] = []
    one = find(vectors, threads=1, progress=lambda done, total: calls.append((done, total)))
    assert one is not None
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert one[1] == answer[1]
    for metric in METRICS:
        np.testing.assert_array_equal(one[0][metric].rows, answer[0][metric].rows)
        np.testing.assert_array_equal(one[0][metric].distances, answer[0][metric].distances)


def test_limits_are_wide_enough_for_the_share_and_no_wider(vectors: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing.nearest.quantized.pairs, "POWERS", (1.0,))
    sample = exact_sample(vectors, K, queries=300)
    compared = []
    for aim in (0.5, 0.9, 0.999):
        found = quantized_neighbours(vectors, sample, K, aim, [("euclidean", "manhattan"), ("cosine",)])
        assert found is not None
        assert min(sample.recall(found[0]).values()) >= aim
        compared.append(found[1]["compared"])
    assert compared == sorted(set(compared))


@pytest.mark.parametrize("powers", [(0.5, 1.0), (1.0, 0.5)])
def test_the_power_that_leaves_the_fewest_pairs_is_taken(
    powers: tuple[float, ...], vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = exact_sample(vectors[:600], K, queries=100)
    shares = {}
    for tried in [*((power,) for power in powers), powers]:
        monkeypatch.setattr(indexing.nearest.quantized.pairs, "POWERS", tried)
        chosen = _choose(vectors[:600], sample, AIM, [METRICS])
        assert chosen is not None
        shares[tried] = chosen[1].share
    fewest, most = sorted(shares[power,] for power in powers)
    assert shares[powers] == fewest < most


def test_copies_and_a_vector_of_zeros_find_what_they_should(vectors: Floats) -> None:
    crowded = vectors.copy()
    crowded[2000:2060] = crowded[5]
    crowded[3000] = 0
    found = find(crowded)
    assert found is not None
    assert found[0]["euclidean"].rows[2059].tolist() == [5, *range(2000, 2000 + K - 1)]
    assert found[0]["cosine"].distances[2059].tolist() == [0.0] * K
    assert found[0]["cosine"].distances[3000].tolist() == [1.0] * K


def test_rows_that_hardly_any_come_near_meet_all_others(monkeypatch: pytest.MonkeyPatch, vectors: Floats) -> None:
    def none_wanted(codes: Codes, references: References, limits: Limits, threads: int | None) -> Floats:
        made = terms(codes, references, limits, threads)
        made[4:, 7] = np.inf
        return made

    monkeypatch.setattr(indexing.nearest.quantized.pairs, "terms", none_wanted)
    found = find(vectors)
    assert found is not None
    for metric in METRICS:
        np.testing.assert_array_equal(found[0][metric].rows[7], sorted_all(metric, vectors[[7]], vectors, K, [7]).rows[0])


@pytest.mark.parametrize("case", ["too many pairs", "zeros", "no instructions"])
def test_none_where_all_pairs_cost_little_more(case: str, vectors: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing.nearest.quantized.pairs, "WORTH", 0.13 if case == "too many pairs" else 9.0)
    monkeypatch.setattr(indexing.nearest.quantized.pairs, "has_kernels", lambda: case != "no instructions")
    assert find(np.zeros((N, 40), np.float32) if case == "zeros" else vectors) is None
