"""The index loads once, again when its file changes, and a damaged file never replaces a good index."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.index_store import IndexStore
from indexing.errors import IndexDamagedError, IndexMissingError
from indexing.index.file import load_index
from indexing.index.record import Index
from tests.catalog.builders import make_index, write_index


class Clock:
    """Time that passes when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class CountingLoader:
    """load_index that counts its calls."""

    calls = 0

    def __call__(self, path: Path) -> Index:
        self.calls += 1
        return load_index(path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def loader() -> CountingLoader:
    return CountingLoader()


def replace(path: Path, **points: tuple[float, float]) -> None:
    """Another index under the same name, surely with another stamp."""
    write_index(make_index(points))
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))


def test_loads_once_while_the_file_stays(clock: Clock, loader: CountingLoader) -> None:
    store = IndexStore(write_index(), loader, clock=clock)
    first = store.current()
    clock.now = 10
    assert store.current() is first
    assert loader.calls == 1


def test_a_changed_file_is_loaded_after_the_interval(clock: Clock, loader: CountingLoader) -> None:
    path = write_index()
    store = IndexStore(path, loader, interval=1.0, clock=clock)
    store.current()
    replace(path, x=(1, 0), y=(0, 1))
    clock.now = 0.9
    assert len(store.current().index) == 6
    clock.now = 1.1
    assert store.current().index.item_ids == ("x", "y")


def test_another_file_has_another_version(clock: Clock, loader: CountingLoader) -> None:
    path = write_index()
    store = IndexStore(path, loader, clock=clock)
    before = store.current().version
    replace(path, x=(1, 0), y=(0, 1))
    clock.now = 2
    assert store.current().version != before


def test_a_damaged_new_file_keeps_the_old_index(clock: Clock, loader: CountingLoader, caplog: pytest.LogCaptureFixture) -> None:
    path = write_index()
    store = IndexStore(path, loader, clock=clock)
    old = store.current()
    path.unlink()
    path.write_bytes(b"not an index")
    clock.now = 2
    assert store.current() is old
    clock.now = 4
    assert store.current() is old
    assert loader.calls == 2, "the same damaged file is not read again"
    assert [record.levelname for record in caplog.records if "not a usable index" in record.message] == ["ERROR"]


def test_a_removed_file_keeps_the_old_index(clock: Clock, loader: CountingLoader) -> None:
    path = write_index()
    store = IndexStore(path, loader, clock=clock)
    old = store.current()
    path.unlink()
    clock.now = 2
    assert store.current() is old


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="build_index"):
        IndexStore(tmp_path / "none.pkl").current()


def test_an_index_that_appears_later_is_found(clock: Clock, loader: CountingLoader, tmp_path: Path) -> None:
    store = IndexStore(tmp_path / "index" / "items.pkl", loader, clock=clock)
    with pytest.raises(IndexMissingError):
        store.current()
    write_index()
    assert len(store.current().index) == 6


def test_a_damaged_file_alone_is_an_error_read_once(clock: Clock, loader: CountingLoader, tmp_path: Path) -> None:
    path = tmp_path / "items.pkl"
    path.write_bytes(b"not an index")
    store = IndexStore(path, loader, clock=clock)
    for _ in range(2):
        with pytest.raises(IndexDamagedError):
            store.current()
    assert loader.calls == 1


FORK = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
from pathlib import Path
from catalog.index_store import get_index, get_store
settings.INDEX_PATH = Path(sys.argv[1])
store = get_store()
store._lock.acquire()  # as while a thread of the parent loads the index
child = os.fork()
if child == 0:
    signal.alarm(20)
    os._exit(0 if len(get_index()) == 6 and get_store() is not store else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_process_forked_while_the_index_loads_has_a_store_of_its_own() -> None:
    """Else it would wait for ever for a lock that no thread of its own holds."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", FORK, str(write_index())]
    root = Path(__file__).resolve().parents[2]
    result = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
