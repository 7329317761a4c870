"""What is served is a copy of the site's own: nobody can write into it, and it outlives a bad file."""

import errno
import logging
import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from django.conf import settings
from django.test import Client

from catalog import index_store
from catalog.index_store import IndexStore, get_store
from indexing.errors import IndexChangingError, IndexDamagedError, IndexMissingError
from indexing.index import private_copies
from indexing.index.file import load_index
from indexing.index.private_copies import PrivateCopies
from tests.catalog.builders import make_index, write_index


class Usage(NamedTuple):
    """What `shutil.disk_usage` gives."""

    total: int
    used: int
    free: int


class Clock:
    """Time that passes when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def new_store(clock: Clock, tmp_path: Path) -> IndexStore:
    """As each worker has one."""
    return IndexStore(settings.INDEX_PATH, load_index, clock=clock, copies=PrivateCopies(settings.INDEX_PATH, tmp_path / "own"))


def copies(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "own").rglob("*.pkl"))


def overwrite(content: bytes, seconds_ago: float) -> None:
    """As `cp` does: into the file that is there."""
    with settings.INDEX_PATH.open("r+b") as file:
        file.truncate(0)
        file.write(content)
    moment = time.time_ns() - int(seconds_ago * 1e9)
    os.utime(settings.INDEX_PATH, ns=(moment, moment))


def other_index(tmp_path: Path) -> bytes:
    """The bytes of an index of two items."""
    kept = settings.INDEX_PATH.read_bytes()
    other = write_index(make_index({"x": (1, 0), "y": (0, 1)})).read_bytes()
    settings.INDEX_PATH.write_bytes(kept)
    return other


def test_a_file_written_over_in_place_does_not_change_what_is_served(clock: Clock, tmp_path: Path) -> None:
    write_index()
    vectors = new_store(clock, tmp_path).current().index.vectors
    before = np.array(vectors)
    with settings.INDEX_PATH.open("r+b") as file:
        file.write(bytes(settings.INDEX_PATH.stat().st_size))
    np.testing.assert_array_equal(vectors, before)


def test_the_copy_is_what_is_mapped(clock: Clock, tmp_path: Path) -> None:
    """Then a file cut short under the site kills nobody: no process reads beyond the end of its own copy."""
    write_index()
    store = new_store(clock, tmp_path)
    assert store.current()
    maps = Path("/proc/self/maps").read_text()
    [copy] = copies(tmp_path)
    assert str(copy) in maps
    assert str(settings.INDEX_PATH) not in maps


def test_a_file_written_over_is_taken_when_nobody_writes_to_it_any_more(clock: Clock, tmp_path: Path) -> None:
    write_index()
    other, store = other_index(tmp_path), new_store(clock, tmp_path)
    old = store.current()
    overwrite(other, seconds_ago=1)
    clock.now = 2
    assert store.current() is old
    overwrite(other, seconds_ago=3)
    clock.now = 4
    assert store.current().index.item_ids == ("x", "y")
    assert old.index.item_ids == ("a", "b", "c", "d", "e", "f")


def test_a_file_that_changes_while_it_is_copied_is_left_for_later(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_index()
    store, whole = new_store(clock, tmp_path), private_copies.copy_bytes

    def disturbed(*files: object) -> None:
        whole(*files)  # type: ignore[arg-type]
        settings.INDEX_PATH.write_bytes(b"more")

    monkeypatch.setattr(private_copies, "copy_bytes", disturbed)
    with pytest.raises(IndexChangingError, match="is being written: it is loaded when it is whole"):
        store.current()
    assert copies(tmp_path) == []


def test_one_copy_serves_all_workers_and_the_old_one_goes(clock: Clock, tmp_path: Path) -> None:
    write_index()
    stores = [new_store(clock, tmp_path) for _ in range(2)]
    for store in stores:
        store.current()
    [first] = copies(tmp_path)
    inode = first.stat().st_ino
    stores.append(new_store(clock, tmp_path))
    stores[-1].current()
    assert [path.stat().st_ino for path in copies(tmp_path)] == [inode]
    write_index(make_index({"x": (1, 0), "y": (0, 1)}))
    clock.now = 2
    assert [len(store.current().index) for store in stores] == [2, 2, 2]
    [second] = copies(tmp_path)
    assert second.name != first.name


def test_a_worker_that_starts_beside_a_bad_file_serves_the_last_good_one(
    clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_index()
    good = new_store(clock, tmp_path).current()
    settings.INDEX_PATH.write_bytes(b"not an index")
    store = new_store(clock, tmp_path)
    loaded = store.current()
    assert (loaded.index.item_ids, loaded.version) == (good.index.item_ids, good.version)
    assert "is not a usable index" in store.problem
    [line] = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert line.endswith("Serving the index loaded before.")
    clock.now = 2
    assert store.current() is loaded
    assert len(copies(tmp_path)) == 1, "the bad file's copy is gone"


def test_a_worker_that_starts_without_a_file_serves_nothing(clock: Clock, tmp_path: Path) -> None:
    """`reset_catalogue` removes the index on purpose."""
    write_index()
    new_store(clock, tmp_path).current()
    settings.INDEX_PATH.unlink()
    with pytest.raises(IndexMissingError):
        new_store(clock, tmp_path).current()


def test_another_index_path_has_copies_of_its_own(clock: Clock, tmp_path: Path) -> None:
    write_index()
    new_store(clock, tmp_path).current()
    settings.INDEX_PATH = tmp_path / "other.pkl"
    settings.INDEX_PATH.write_bytes(b"not an index")
    with pytest.raises(IndexDamagedError):
        new_store(clock, tmp_path).current()


def test_without_room_for_a_copy_the_file_itself_is_mapped_and_that_is_said(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write_index()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9 - 1000, 1000))
    assert len(new_store(clock, tmp_path).current().index) == 6
    [line] = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert "No copy of the index can be kept" in line
    assert "No space left on device" in line
    assert "Replace it by renaming only" in line
    assert copies(tmp_path) == []


def test_a_bad_file_that_no_copy_was_made_of_is_left_alone(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INDEX_PATH.parent.mkdir()
    settings.INDEX_PATH.write_bytes(b"not an index")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9 - 1000, 1000))
    with pytest.raises(IndexDamagedError):
        new_store(clock, tmp_path).current()
    assert settings.INDEX_PATH.read_bytes() == b"not an index"


def test_what_is_no_copy_in_the_folder_of_copies_is_never_served(clock: Clock, tmp_path: Path) -> None:
    write_index()
    new_store(clock, tmp_path).current()
    [copy] = copies(tmp_path)
    copy.with_name("0-notes.pkl").write_bytes(b"")
    half = copy.with_name(f".{copy.name}.{'0' * 16}.part")
    half.write_bytes(b"half")
    settings.INDEX_PATH.write_bytes(b"not an index")
    assert len(new_store(clock, tmp_path).current().index) == 6
    assert not half.exists()


def test_a_file_system_that_cannot_copy_by_itself_is_copied_by_reading(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object) -> int:
        raise OSError(18, "Invalid cross-device link")

    write_index()
    monkeypatch.setattr(os, "copy_file_range", cannot)
    assert len(new_store(clock, tmp_path).current().index) == 6
    [copy] = copies(tmp_path)
    assert copy.read_bytes() == settings.INDEX_PATH.read_bytes()


def test_readyz_says_which_index_is_served_and_why(client: Client, catalogue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").json() == {"status": "ready", "items": 6}
    overwrite(b"not an index", seconds_ago=10)
    monkeypatch.setattr(get_store(), "_next_check", 0.0)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["items"]) == (200, "ready", 6)
    assert str(settings.INDEX_PATH) in answer.json()["warning"]
    index_store._stores.clear()
    assert "is not a usable index" in client.get("/readyz").json()["warning"]
    assert client.get("/items/a/").status_code == 200
    write_index()
    monkeypatch.setattr(get_store(), "_next_check", 0.0)
    assert client.get("/readyz").json() == {"status": "ready", "items": 6}


def test_a_disk_that_fills_up_while_a_copy_is_made_is_not_filled_by_other_means(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write_index()
    monkeypatch.setattr(os, "copy_file_range", full)
    assert len(new_store(clock, tmp_path).current().index) == 6
    assert copies(tmp_path) == []
