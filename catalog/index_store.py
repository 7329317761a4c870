"""The index in this process: loaded once, mapped from the file, and again when the file changes.

Pages ask `get_loaded()` or `get_index()`. A damaged new file never takes down a site that has a good old index.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from django.conf import settings

from indexing.errors import IndexFileError, IndexMissingError
from indexing.index.file import load_index
from indexing.index.record import Index

logger = logging.getLogger(__name__)

CHECK_SECONDS: Final = 1.0
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Loaded:
    """An index and the file it came from. `version` changes when the file does: use it in cache keys."""

    index: Index
    stamp: Stamp

    @property
    def version(self) -> str:
        return "-".join(format(part, "x") for part in self.stamp)


def file_stamp(path: Path) -> Stamp:
    """(mtime in ns, size, inode); raises IndexMissingError."""
    try:
        stat = path.stat()
    except OSError as error:
        raise IndexMissingError(f"There is no index at {path}: `python manage.py build_index` makes one.") from error
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


class IndexStore:
    """Holds one file's index for all threads of a process.

    The file's stamp is looked at no more than every `interval` seconds. While one thread loads a changed file the
    others go on with the old index; the swap is one assignment.
    """

    def __init__(
        self,
        path: Path,
        load: Callable[[Path], Index] = load_index,
        interval: float = CHECK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self._load = load
        self._interval = interval
        self._clock = clock
        self._lock = threading.Lock()
        self._loaded: Loaded | None = None
        self._failed: tuple[Stamp, IndexFileError] | None = None
        self._next_check = float("-inf")

    def current(self) -> Loaded:
        """The index to answer from. Raises IndexFileError (missing, damaged, another version) when there is none."""
        loaded = self._loaded
        if loaded is not None and self._clock() < self._next_check:
            return loaded
        # With an index in hand nobody waits for a loading thread; without one there is nothing else to do.
        if not self._lock.acquire(blocking=loaded is None):
            assert loaded is not None
            return loaded
        try:
            return self._refresh()
        finally:
            self._lock.release()

    def _refresh(self) -> Loaded:
        old = self._loaded
        try:
            stamp = file_stamp(self.path)
            if old is not None and old.stamp == stamp:
                return old
            if self._failed is not None and self._failed[0] == stamp:
                return self._keep_or_raise(old, self._failed[1])
            self._loaded = fresh = Loaded(self._load(self.path), stamp)
        except IndexMissingError as error:
            return self._keep_or_raise(old, error)
        except IndexFileError as error:
            self._failed = (stamp, error)
            logger.error("%s%s", error, " Serving the index loaded before." if old else "")
            return self._keep_or_raise(old, error)
        finally:
            self._next_check = self._clock() + self._interval
        self._failed = None
        logger.info("Loaded the index %s: %d items.", self.path, len(fresh.index))
        return fresh

    @staticmethod
    def _keep_or_raise(old: Loaded | None, error: IndexFileError) -> Loaded:
        if old is None:
            raise error
        return old


_stores: dict[Path, IndexStore] = {}
_stores_lock = threading.Lock()
# A process forked while a thread was loading would inherit a lock that nobody will release.
os.register_at_fork(after_in_child=_stores.clear)


def get_store() -> IndexStore:
    """This process's store of `settings.INDEX_PATH`."""
    path: Path = settings.INDEX_PATH
    store = _stores.get(path)
    if store is None:
        with _stores_lock:
            store = _stores.setdefault(path, IndexStore(path))
    return store


def get_loaded() -> Loaded:
    """The current index with its version; raises IndexFileError."""
    return get_store().current()


def get_index() -> Index:
    """The current index; raises IndexFileError."""
    return get_store().current().index


def warm() -> None:
    """Load the index before the first request; a missing or damaged one is left for the pages to explain."""
    try:
        get_loaded()
    except IndexFileError as error:
        logger.warning("%s", error)


def warm_in_background() -> None:
    """`warm`, without keeping a server from starting: an index in the article's format takes half a minute to complete."""
    threading.Thread(target=warm, name="index-warm", daemon=True).start()


T = TypeVar("T")


class PerIndex(Generic[T]):
    """What is worked out once for each index and kept until the file changes: calls `make` for a new index only.

    Two threads that meet a new one at once both make it; the last one stays.
    """

    def __init__(self, make: Callable[[Index], T]) -> None:
        self._make = make
        self._kept: tuple[Index, T] | None = None

    def __call__(self, loaded: Loaded) -> T:
        return self.of(loaded.index)

    def of(self, index: Index) -> T:
        """The same for an index by itself."""
        kept = self._kept
        if kept is None or kept[0] is not index:
            kept = self._kept = (index, self._make(index))
        return kept[1]
