"""`--dask`: a real scheduler and real workers in processes of their own give what a local build gives, even if one dies."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from indexing.build import build, dask_cluster
from indexing.build.work_store import WorkStore
from indexing.encoders.encoder import open_encoder
from indexing.engines import proof
from indexing.errors import ClusterError, EngineError
from indexing.networks.choice import Choice
from indexing.weights.bundled import bundled_file
from tests.indexing.build.builds import FEW_EXTRAS, Shop, names, small_choice
from tests.indexing.build.dask_preload import make_any_engine
from tests.indexing.encoders import tiny_encoders
from tests.indexing.small_networks import SMALL_VGG, seeded

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Cluster:
    address: str
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        options = ["--no-nanny", "--nthreads=1", "--host=127.0.0.1", "--preload=tests.indexing.build.dask_preload"]
        return self.start("worker", self.address, *options)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    port = free_port()
    found = Cluster(f"tcp://127.0.0.1:{port}", tmp_path_factory.mktemp("cluster"))
    try:
        found.start("scheduler", "--host=127.0.0.1", f"--port={port}")
        found.start_worker()
        found.start_worker()
        yield found
    finally:
        found.stop()


@pytest.fixture
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Shop, Shop]:
    """Two shops with the same 30 previews, one of which is none: to be built on the cluster, and here."""
    monkeypatch.setattr(build, "choose_network", small_choice)
    monkeypatch.setattr(build, "make_engine", make_any_engine)
    monkeypatch.setattr(build, "EXTRAS", FEW_EXTRAS)
    (tmp_path / "cluster").mkdir()
    (tmp_path / "local").mkdir()
    remote, local = Shop(tmp_path / "cluster"), Shop(tmp_path / "local")
    for shop in (remote, local):
        shop.draw(*names(30))
        (shop.images / "item-007.jpg").write_bytes(b"<html>" * 500)
    return remote, local


def same(a: Shop, b: Shop) -> bool:
    x, y = a.index(), b.index()
    return x.item_ids == y.item_ids and np.array_equal(x.vectors, y.vectors) and x.manifest["skipped"] == y.manifest["skipped"]


def test_a_cluster_gives_what_this_machine_gives_though_a_worker_dies(
    cluster: Cluster, shops: tuple[Shop, Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, local = shops
    local.build(batch_size=4, engine="fake")
    victim = cluster.processes[1]
    append = WorkStore.append
    kept: list[int] = []

    def append_and_kill(*arguments: object) -> None:
        append(*arguments)  # type: ignore[arg-type]
        kept.append(len(kept))
        if len(kept) == 1:
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait()

    monkeypatch.setattr(WorkStore, "append", append_and_kill)
    report = remote.build(batch_size=4, engine="fake", dask=cluster.address)
    assert len(kept) == 8  # 30 pictures by fours
    assert report.computed == 29
    assert same(remote, local)
    cluster.start_worker()


def test_the_fast_engine_on_a_cluster_gives_the_bytes_that_it_gives_here(
    cluster: Cluster, shops: tuple[Shop, Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, local = shops
    # That MNN gives TensorFlow's numbers is another test's; here the proof would take longer than all the rest.
    monkeypatch.setattr(proof, "expected_outputs", lambda *_: np.zeros((1, 1), np.float32))
    monkeypatch.setattr(proof, "least_cosine", lambda *_: 1.0)
    local.build(batch_size=4, engine="mnn", threads=1)
    remote.build(batch_size=4, engine="mnn", dask=cluster.address, cache_dir=local.cache)
    assert same(remote, local)
    assert remote.index().manifest["engine"] == "mnn"


def test_weights_that_workers_lack_are_sent_to_them(
    cluster: Cluster, shops: tuple[Shop, Shop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, local = shops
    layers = seeded(3).arrays(SMALL_VGG.graph.parameters)
    np.savez(
        tmp_path / "mine.npz",
        **{f"{name}/{part}": getattr(layer, part) for name, layer in layers.items() for part in ("kernel", "bias")},
    )
    absolute = bundled_file(tmp_path / "mine.npz", SMALL_VGG.graph.parameters)
    monkeypatch.chdir(tmp_path)  # where workers are not: to them, this file does not exist
    mine = replace(absolute, reader=replace(absolute.reader, path=Path("mine.npz")))  # type: ignore[type-var]
    monkeypatch.setattr(build, "choose_network", lambda *_: Choice(SMALL_VGG, mine, ()))
    monkeypatch.setattr(dask_cluster, "PIECE", 1000)
    local.build(batch_size=4, engine="fake")
    remote.build(batch_size=4, engine="fake", dask=cluster.address)
    assert same(remote, local)


def test_an_encoder_that_workers_lack_is_sent_to_them(
    cluster: Cluster, shops: tuple[Shop, Shop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, local = shops
    folder = tiny_encoders.clip(tmp_path / "encoder")
    tiny_encoders.move_numbers_out(folder / "onnx/vision_model.onnx", "numbers.data")
    opened = open_encoder(f"onnx:{folder}", tmp_path)
    monkeypatch.chdir(tmp_path)
    mine = replace(opened.weights, reader=replace(opened.weights.reader, folder=Path("encoder")))  # type: ignore[type-var]
    monkeypatch.setattr(build, "choose_network", lambda *_: Choice(opened.encoder, mine, ()))
    monkeypatch.setattr(dask_cluster, "PIECE", 100)
    local.build(batch_size=4)
    remote.build(batch_size=4, dask=cluster.address)
    assert same(remote, local)
    assert remote.index().manifest["engine"] == "openvino"


def test_an_error_on_a_worker_is_the_error_that_a_local_build_gives(cluster: Cluster, shops: tuple[Shop, Shop]) -> None:
    with pytest.raises(EngineError, match="no engine 'abacus'"):
        shops[0].build(engine="abacus", dask=cluster.address)


def test_a_scheduler_that_does_not_answer_is_named(shops: tuple[Shop, Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECT_SECONDS", 1)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(ClusterError, match=f"{address} does not answer"):
        shops[0].build(dask=address)


def test_a_scheduler_without_workers_is_named(
    shops: tuple[Shop, Shop], cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "WORKERS_SECONDS", 1)
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    cluster.start("scheduler", "--host=127.0.0.1", f"--port={port}")
    with pytest.raises(ClusterError, match="had no worker"):
        shops[0].build(dask=address)
