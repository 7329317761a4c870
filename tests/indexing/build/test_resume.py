"""A killed build goes on where it stopped, and its result is byte for byte that of one that was not killed."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from indexing.build import build
from indexing.build.pipeline import Extracted
from indexing.build.work_store import WorkStore, work_folder
from indexing.errors import StorageError
from indexing.index import file as index_file
from tests.indexing.build.builds import BATCH, CountingEngine, Shop, names, use_small_network, without_run

ROOT = Path(__file__).resolve().parents[3]
KEY = {"network": "n", "layer": "l", "weights": "w", "preprocessing": "p"}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    found = Shop(tmp_path)
    found.draw(*names(30))
    (found.images / "item-002.jpg").write_bytes(b"<html>" * 500)  # a place in a batch that stays empty
    return found


@pytest.fixture
def uninterrupted(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The bytes of the index that a build in one go makes, what differs from run to run left out."""
    use_small_network(monkeypatch, CountingEngine())
    shop.build(index=tmp_path / "whole" / "items.pkl")
    return without_run(index_file.load_index(tmp_path / "whole" / "items.pkl"), tmp_path / "whole" / "compared")


def start(shop: Shop, stop_at: int, flag: Path) -> subprocess.Popen[bytes]:
    arguments = ["--images", str(shop.images), "--index", str(shop.path), "--threads", "2"]
    command = [sys.executable, "-m", "tests.indexing.build.slow_build", str(stop_at), str(flag), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, f"it ended with {process.returncode}"
        assert time.monotonic() < until, "this took too long"
        time.sleep(0.02)


def test_a_build_killed_in_the_middle_goes_on_and_gives_the_same_bytes(
    shop: Shop, uninterrupted: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag = tmp_path / "stopped"
    process = start(shop, 5, flag)
    try:
        wait_for(flag.exists, process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not shop.path.exists()
    engine = CountingEngine()
    use_small_network(monkeypatch, engine)
    report = shop.build()
    assert report.items == 29
    assert engine.pictures == report.computed == 10  # 30 − 5 batches of 4
    assert without_run(shop.index(), tmp_path / "resumed") == uninterrupted
    assert not work_folder(shop.path).exists()


@pytest.mark.parametrize("lost", [1, 100, 5_000, 40_000])
def test_a_record_cut_short_by_a_crash_is_computed_again(
    lost: int, shop: Shop, uninterrupted: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after(shop, 5, monkeypatch)
    [work] = work_folder(shop.path).glob("*.work")
    os.truncate(work, work.stat().st_size - lost)
    use_small_network(monkeypatch, CountingEngine())
    assert 10 < shop.build().computed < 30
    assert without_run(shop.index(), tmp_path / "resumed") == uninterrupted


def test_a_record_damaged_on_the_disk_is_computed_again(
    shop: Shop, uninterrupted: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after(shop, 5, monkeypatch)
    [work] = work_folder(shop.path).glob("*.work")
    content = bytearray(work.read_bytes())
    content[len(content) // 2] ^= 1
    work.write_bytes(content)
    use_small_network(monkeypatch, CountingEngine())
    assert 10 < shop.build().computed < 30
    assert without_run(shop.index(), tmp_path / "resumed") == uninterrupted


@pytest.mark.parametrize(
    ("first", "last", "bytes_there"),
    [(0, 4, b"VRW0"), (4, 8, b"\xff" * 4), (8, 16, b"\xff" * 8), (5, None, b"")],
    ids=["another format", "description of gigabytes", "numbers of exabytes", "cut short"],
)
def test_a_record_with_a_damaged_head_is_computed_again(
    first: int, last: int | None, bytes_there: bytes, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after(shop, 5, monkeypatch)
    [work] = work_folder(shop.path).glob("*.work")
    content = work.read_bytes()
    start = content.rindex(b"VRW1")
    head = content[start:] if last is not None else content[start : start + first]
    work.write_bytes(content[:start] + head[:first] + bytes_there + (head[last:] if last is not None else b""))
    use_small_network(monkeypatch, CountingEngine())
    assert shop.build().computed == 10 + BATCH


def stop_after(shop: Shop, batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(done: int) -> None:
        if done == batches:
            raise KeyboardInterrupt

    use_small_network(monkeypatch, CountingEngine(stop))
    with pytest.raises(KeyboardInterrupt):
        shop.build()


def test_an_interrupted_rebuild_begins_with_the_old_index_still_there(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_network(monkeypatch, CountingEngine())
    shop.build()
    before = shop.path.read_bytes()
    shop.draw("new-1", "new-2")
    stop_after(shop, 0, monkeypatch)
    assert shop.path.read_bytes() == before


def test_a_rebuild_does_not_go_on_with_what_an_interrupted_build_left(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_after(shop, 5, monkeypatch)
    engine = CountingEngine()
    use_small_network(monkeypatch, engine)
    assert shop.build(rebuild=True).computed == engine.pictures == 29


def test_work_done_with_other_weights_is_not_used(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_after(shop, 5, monkeypatch)
    engine = CountingEngine()
    use_small_network(monkeypatch, engine)
    choose = build.__dict__["choose_network"]
    monkeypatch.setattr(build, "choose_network", lambda *_: choose(seed=5))
    assert shop.build().computed == engine.pictures == 29


def test_a_disk_that_fills_up_while_vectors_are_made_loses_nothing(
    shop: Shop, uninterrupted: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = WorkStore.append
    appended: list[int] = []

    def full_at_the_fourth(store: WorkStore, extracted: Extracted, engine: str) -> None:
        if len(appended) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(store, extracted, engine)
        appended.append(1)

    use_small_network(monkeypatch, CountingEngine())
    with monkeypatch.context() as patch:
        patch.setattr(WorkStore, "append", full_at_the_fourth)
        with pytest.raises(StorageError, match=r"No space left on device.*make room"):
            shop.build()
    assert shop.build().computed == 30 - 3 * BATCH
    assert without_run(shop.index(), tmp_path / "resumed") == uninterrupted


def test_a_disk_that_fills_up_while_the_index_is_written_leaves_the_old_one_and_the_work(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_small_network(monkeypatch, CountingEngine())
    shop.build()
    before = shop.path.read_bytes()
    shop.draw("new")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(build, "save_index", full)
        with pytest.raises(StorageError, match="The old index is untouched"):
            shop.build()
    assert shop.path.read_bytes() == before
    assert shop.build().computed == 0


def test_a_store_gives_back_what_it_was_given(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    vectors, thumbnails = random.random((3, 5), np.float32), random.integers(0, 256, (3, 48, 48, 3), dtype=np.uint8)
    store = WorkStore(tmp_path, KEY, 5)
    store.append(Extracted(("a", "b"), vectors[:2], thumbnails[:2], {"x": "no picture"}, ()), "mnn")
    store.append(Extracted(("c",), vectors[2:], thumbnails[2:], {}, ("y",)), "tensorflow")
    store.close()
    again = WorkStore(tmp_path, KEY, 5)
    assert again.known == {"a", "b", "c"}
    assert again.failures == {"x": "no picture"}
    assert again.engines == {"mnn", "tensorflow"}
    read, small = np.zeros((3, 5), np.float32), np.zeros((3, 48, 48, 3), np.uint8)
    again.read_into(["c", "a", "b"], [2, 0, 1], read, small)
    again.close()
    np.testing.assert_array_equal(read, vectors)
    np.testing.assert_array_equal(small, thumbnails)


def test_what_is_kept_has_left_the_process(tmp_path: Path) -> None:
    store = WorkStore(tmp_path, KEY, 5)
    store.append(
        Extracted((), np.empty((0, 5), np.float32), np.empty((0, 48, 48, 3), np.uint8), {"x": "no picture"}, ()), "mnn"
    )
    beside = WorkStore(tmp_path, KEY, 5)
    assert beside.failures == {"x": "no picture"}
    beside.close()
    store.close()


def test_work_is_flushed_to_the_disk_every_few_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, flushes = [0.0], list[int]()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(os, "fsync", flushes.append)
    store = WorkStore(tmp_path, KEY, 5)
    unit = Extracted((), np.empty((0, 0), np.float32), np.empty((0, 48, 48, 3), np.uint8), {}, ())
    for seconds in range(60):
        now[0] = seconds
        store.append(unit, "mnn")
    store.close()
    assert 4 <= len(flushes) <= 6  # at most ten seconds of work wait


def test_work_that_nobody_went_on_with_goes_after_two_weeks(tmp_path: Path) -> None:
    old, recent = tmp_path / "old.work", tmp_path / "recent.work"
    for path in (old, recent):
        path.touch()
    os.utime(old, (0, 0))
    WorkStore(tmp_path, KEY, 5).remove()
    assert list(tmp_path.iterdir()) == [recent]
