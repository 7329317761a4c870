"""Files that Dask workers are sent or have: whole, undamaged, the right ones; and what a failed task leads to."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from distributed.scheduler import KilledWorker

from indexing.build import dask_neighbours
from indexing.build.dask_cluster import _Cluster, _handle_failure
from indexing.build.dask_neighbours import SharedFile, _search
from indexing.build.dask_worker import is_here, receive_file
from indexing.errors import ClusterError
from indexing.nearest.approximate import ApproximateSearch
from indexing.weights.sources import file_digest


@pytest.fixture
def digest(tmp_path: Path) -> str:
    (tmp_path / "original").write_bytes(b"abcdef")
    return file_digest(tmp_path / "original")


def receive(folder: Path, digest: str, *pieces: tuple[int, bytes]) -> None:
    for number, (offset, data) in enumerate(pieces, 1):
        receive_file(
            "sent", digest, offset, data, last=number == len(pieces), dask_worker=SimpleNamespace(local_directory=folder)
        )


def test_pieces_make_the_file_and_what_was_longer_is_cut(tmp_path: Path, digest: str) -> None:
    (tmp_path / "sent.part").write_bytes(b"what an earlier try left")
    receive(tmp_path, digest, (0, b"abc"), (3, b"def"))
    assert (tmp_path / "sent").read_bytes() == b"abcdef"


def test_a_damaged_file_is_not_kept(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ClusterError, match="sent arrived damaged"):
        receive(tmp_path, digest, (0, b"abc"), (3, b"dxf"))
    assert [path.name for path in tmp_path.iterdir()] == ["original"]


def test_a_file_of_other_bytes_is_not_the_one(tmp_path: Path, digest: str) -> None:
    (tmp_path / "other").write_bytes(b"abcdeg")
    assert not is_here(tmp_path / "other", digest)
    assert not is_here(tmp_path / "none", digest)
    assert is_here(tmp_path / "original", digest)


def test_a_search_is_read_once_and_another_replaces_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    monkeypatch.setattr(dask_neighbours, "_open", {})
    monkeypatch.setattr(SharedFile, "at_worker", lambda file: file.path)

    def load(path: Path) -> Path:
        read.append(path)
        return path

    monkeypatch.setattr(ApproximateSearch, "load", load)
    one, two = SharedFile(tmp_path / "one", "1"), SharedFile(tmp_path / "two", "2")
    assert [str(_search(file)) for file in (one, one, two)] == [str(file.path) for file in (one, one, two)]
    assert read == [one.path, two.path]
    assert len(dask_neighbours._open) == 1  # a search of millions of items takes gigabytes


def failed(status: str, error: Exception | None = None) -> Any:
    return SimpleNamespace(status=status, exception=lambda: error)


def test_work_that_kills_its_workers_is_given_up() -> None:
    killed = KilledWorker("compare_blocks", SimpleNamespace(address="tcp://a:1"), 3)
    with pytest.raises(ClusterError, match="died again and again"):
        _handle_failure(failed("error", killed), 0.0, _Cluster(None, "tcp://a:0"), list)


@pytest.mark.parametrize("status", ["cancelled", "lost"])
def test_after_a_lost_task_workers_are_counted_again(status: str) -> None:
    cluster = _Cluster(None, "tcp://a:0", threads=4, counted=time.monotonic())
    _handle_failure(failed(status), 0.0, cluster, list)
    assert (cluster.threads, cluster.counted) == (0, 0.0)
