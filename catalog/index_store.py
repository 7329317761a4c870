"""The index in this process: loaded once, mapped from a private copy of the file, and again when the file changes.

Pages ask `get_loaded()` or `get_index()`. A damaged new file never takes down a site that has a good old index, nor a worker
that starts beside it: `indexing.index.private_copies`.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Generic, TypeVar

from django.conf import settings

from indexing.errors import IndexChangingError, IndexFileError, IndexMissingError
from indexing.index.file import load_index
from indexing.index.private_copies import PrivateCopies, Stamp, stamp_of
from indexing.index.record import Index

logger = logging.getLogger(__name__)

CHECK_SECONDS: Final = 1.0
# A file written over in place is taken when nobody has written to it for so long. (One renamed into its place is whole.)
SETTLED_SECONDS: Final = 2.0


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
    return stamp_of(stat)


class IndexStore:
    """Holds one file's index for all threads of a process.

    The file's stamp is looked at no more than every `interval` seconds. While one thread loads a changed file the
    others go on with the old index; the swap is one assignment. `problem` is why the file is not what is served, or "".
    """

    def __init__(
        self,
        path: Path,
        load: Callable[[Path], Index] = load_index,
        interval: float = CHECK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        copies: PrivateCopies | None = None,
    ) -> None:
        """copies: where to keep the copies that are mapped; None: the file itself is."""
        self.path = path
        self._load = load
        self._interval = interval
        self._clock = clock
        self._copies = copies
        self.problem = ""
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
                self.problem = ""
                return old
            if old is not None and self._copies is not None and _is_being_written(stamp, old.stamp):
                return old
            if self._failed is not None and self._failed[0] == stamp:
                return self._keep_or_raise(self._failed[1])
            self._loaded = fresh = Loaded(self._read(stamp), stamp)
        except (IndexMissingError, IndexChangingError) as error:
            return self._keep_or_raise(error)
        except IndexFileError as error:
            self._failed = (stamp, error)
            self._loaded = old or self._last_good()
            logger.error("%s%s", error, " Serving the index loaded before." if self._loaded else "")
            return self._keep_or_raise(error)
        finally:
            self._next_check = self._clock() + self._interval
        self._failed, self.problem = None, ""
        logger.info("Loaded the index %s: %d items.", self.path, len(fresh.index))
        return fresh

    def _read(self, stamp: Stamp) -> Index:
        if self._copies is None:
            return self._load(self.path)
        try:
            copy = self._copies.copy(stamp)
        except OSError as error:
            raise IndexMissingError(f"The index {self.path} cannot be read: {error.strerror}.") from error
        try:
            index = self._load(copy)
        except IndexFileError:
            self._copies.discard(copy)
            raise
        self._copies.keep(copy)
        return index

    def _last_good(self) -> Loaded | None:
        """What a process before this one served, when the file is no index now."""
        last = None if self._copies is None else self._copies.last()
        try:
            return None if last is None else Loaded(self._load(last[0]), last[1])
        except IndexFileError:
            return None

    def _keep_or_raise(self, error: IndexFileError) -> Loaded:
        self.problem = str(error)
        if self._loaded is None:
            raise error
        return self._loaded


def _is_being_written(stamp: Stamp, loaded: Stamp) -> bool:
    """Whether the file is the one that was loaded, written over a moment ago."""
    return stamp[2] == loaded[2] and 0 <= time.time_ns() - stamp[0] < SETTLED_SECONDS * 1e9


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
            copies = PrivateCopies(path, settings.CACHE_DIR / "index")
            store = _stores.setdefault(path, IndexStore(path, partial(load_index, named=path), copies=copies))
    return store


def get_loaded() -> Loaded:
    """The current index with its version; raises IndexFileError."""
    return get_store().current()


def get_index() -> Index:
    """The current index; raises IndexFileError."""
    return get_store().current().index


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
