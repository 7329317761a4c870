"""Neighbours by a Dask cluster: the bytes that one machine gives, though workers die or see none of its files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pytest
from numpy.typing import NDArray

import indexing.nearest.approximate
from indexing.build import dask_cluster, dask_neighbours
from indexing.build.dask_neighbours import ClusterNeighbours, SharedFile, block_pairs
from indexing.build.dask_worker import FilesMissingError, is_here
from indexing.errors import ClusterError
from indexing.index.record import Neighbours
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.approximate import BATCH, empty_neighbours, prepare
from indexing.nearest.blocks import nearest_between
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.recall import exact_sample
from tests.indexing.nearest.vector_cases import CASES, assert_same, motifs, sorted_all

K = 10
Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def machines() -> Iterator[distributed.LocalCluster]:
    """Two workers of one thread, in this process."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, silence_logs=50
    ) as found:
        yield found


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_neighbours, "_LEAST_BLOCK", 64)
    monkeypatch.setattr(dask_neighbours, "_LARGEST_BLOCK", 700)


@pytest.fixture
def cluster(machines: distributed.LocalCluster, tmp_path: Path) -> ClusterNeighbours:
    return ClusterNeighbours(machines.scheduler_address, tmp_path)


def assert_equal(found: dict[Metric, Neighbours], expected: dict[Metric, Neighbours]) -> None:
    for metric in METRICS:
        assert found[metric].rows.tobytes() == expected[metric].rows.tobytes(), metric
        assert found[metric].distances.tobytes() == expected[metric].distances.tobytes(), metric


def test_each_pair_of_rows_meets_once() -> None:
    met = np.zeros((1500, 1500), int)
    for (first, last), (start, stop) in block_pairs(1500):
        met[first:last, start:stop] += 1
    upper = np.triu(np.ones((1500, 1500), int))
    assert (np.triu(met) == upper).all()


def test_two_sets_find_each_other() -> None:
    vectors = CASES["ties everywhere"]()
    left, right = vectors[:120], vectors[120:]
    nearest, back = nearest_between(left, right, 7)
    for ranked, queries, others in ((nearest, left, right), (back, right, left)):
        found = {metric: Neighbours(rows, distances.astype(np.float32)) for metric, (rows, distances) in ranked.items()}
        assert_same(found, {metric: sorted_all(metric, queries, others, 7) for metric in METRICS})


@pytest.mark.parametrize("case", ["after ReLU", "more than a block", "duplicates and zero vectors", "ties everywhere", "two"])
def test_equal_to_the_byte(case: str, cluster: ClusterNeighbours) -> None:
    vectors = CASES[case]()
    calls: list[tuple[int, int]] = []
    found = cluster.all_neighbours(vectors, K, lambda done, total: calls.append((done, total)))
    assert_equal(found, all_neighbours(vectors, K))
    assert calls[-1][0] == calls[-1][1]
    assert list(cluster.folder.iterdir()) == []


def test_workers_that_do_not_see_the_files_are_sent_them_once(
    cluster: ClusterNeighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def at_worker(self: SharedFile) -> Path:
        path = Path(distributed.get_worker().local_directory) / self.name
        if not is_here(path, self.digest):
            raise FilesMissingError(str(distributed.get_worker().address))
        return path

    def send(client: Any, address: str, files: Any) -> None:
        sent.append(address)
        really(client, address, files)

    really = dask_cluster._send
    monkeypatch.setattr(SharedFile, "at_worker", at_worker)
    monkeypatch.setattr(dask_cluster, "_send", send)
    monkeypatch.setattr(dask_cluster, "PIECE", 100_000)
    vectors = motifs(1500)
    assert_equal(cluster.all_neighbours(vectors, K), all_neighbours(vectors, K))
    assert len(sent) == len(set(sent)) == 2


def test_a_worker_that_dies_is_survived(
    cluster: ClusterNeighbours, machines: distributed.LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[str] = []
    merge = dask_neighbours._merge

    def merge_and_kill(best: Any, span: Any, more: Any) -> None:
        if not killed:
            victim = next(iter(machines.workers.values()))
            killed.append(victim.address)
            machines.sync(victim.close)
        merge(best, span, more)

    monkeypatch.setattr(dask_neighbours, "_merge", merge_and_kill)
    vectors = motifs(3000)
    try:
        assert_equal(cluster.all_neighbours(vectors, K), all_neighbours(vectors, K))
        assert len(killed) == 1
    finally:
        machines.scale(1)
        machines.scale(2)


def test_a_worker_that_fails_is_named(cluster: ClusterNeighbours, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(file: SharedFile, *rest: object) -> None:
        raise RuntimeError("no more memory")

    monkeypatch.setattr(dask_neighbours, "compare_blocks", broken)
    with pytest.raises(ClusterError, match=r"A Dask worker failed .*no more memory"):
        cluster.all_neighbours(motifs(200), K)
    assert list(cluster.folder.iterdir()) == []


def test_approximate_ones_too(cluster: ClusterNeighbours, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing.nearest.approximate, "WORTH", 2.0)
    monkeypatch.setattr(dask_neighbours, "_SEARCHED", BATCH)
    vectors = motifs(5_000)
    search = prepare(vectors, exact_sample(vectors, K, queries=300), K)
    assert search is not None
    order, here, there = search.order(5_000), empty_neighbours(5_000, K), empty_neighbours(5_000, K)
    search.fill(vectors, order, here, order)
    cluster.fill(search, vectors, order, there, None)
    assert_equal(there, here)
