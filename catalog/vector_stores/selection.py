"""Which store answers: the database that VECTOR_STORE names while it answers and holds this very index, else the file."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.conf import settings

from catalog.index_store import PerIndex
from catalog.vector_stores.base import TooDeepError, VectorStore, VectorStoreError
from catalog.vector_stores.file_store import FileStore
from indexing.index.record import Index

logger = logging.getLogger(__name__)

CHECK_SECONDS: Final = 5.0
T = TypeVar("T")


class DatabaseWatch:
    """Whether a database can be asked, looked at every CHECK_SECONDS. problem: why not, or ""."""

    def __init__(self, address: str, api_key: str) -> None:
        from catalog.vector_stores.qdrant_store import connect  # a second to import: for sites that have one

        url, _, name = address.removeprefix("qdrant+").rpartition("/")
        self.collection = connect(url, api_key, name)
        self.problem = ""
        self._ef = 0
        self._seen: tuple[str, float] = ("", 0.0)
        self._lock = threading.Lock()

    def store(self, index: Index, threads: int | None) -> VectorStore | None:
        """The database as a store of `index`; None when it does not answer or holds another one."""
        from catalog.vector_stores.qdrant_store import QdrantStore

        digest = _digest_of.of(index)
        with self._lock:
            asked, until = self._seen
            if asked != digest or time.monotonic() >= until:
                self._look(digest)
            return None if self.problem else QdrantStore(self.collection, index, threads, self._ef)

    def fail(self, error: VectorStoreError) -> None:
        """Leave the database alone for a while."""
        with self._lock:
            self._say(str(error))
            self._seen = (self._seen[0], time.monotonic() + CHECK_SECONDS)

    def _look(self, digest: str) -> None:
        try:
            state = self.collection.state()
        except VectorStoreError as error:
            self._say(str(error))
        else:
            behind = f"Qdrant's collection {self.collection.name} holds another index than the site: run build_index."
            self._say("" if state.get("index") == digest else behind)
            self._ef = int(state.get("ef", 0))
        self._seen = (digest, time.monotonic() + CHECK_SECONDS)

    def _say(self, problem: str) -> None:
        if problem and problem != self.problem:
            logger.error("%s The index file answers meanwhile.", problem)
        elif self.problem and not problem:
            logger.info("Qdrant's collection %s answers again.", self.collection.name)
        self.problem = problem


def _digest(index: Index) -> str:
    from catalog.vector_stores.points import index_digest

    return index_digest(index)


_digest_of: Final = PerIndex(_digest)
_watches: dict[tuple[str, str], DatabaseWatch] = {}


def get_watch() -> DatabaseWatch | None:
    """This process's watch of the database that the settings name, if they name one."""
    key: tuple[str, str] = (settings.VECTOR_STORE, settings.VECTOR_STORE_KEY)
    if not key[0]:
        return None
    if key not in _watches:
        _watches.setdefault(key, DatabaseWatch(*key))
    return _watches[key]


def ask(index: Index, question: Callable[[VectorStore], T], threads: int | None = None) -> T:
    """The answer to `question` from the database where there is one, else, and where it fails, from the file.

    threads: how many this process may use for it.
    """
    watch = get_watch()
    store = None if watch is None else watch.store(index, threads)
    if watch is not None and store is not None:
        try:
            return question(store)
        except TooDeepError:
            pass
        except VectorStoreError as error:
            watch.fail(error)
    return question(FileStore(index, threads))


def store_problem(index: Index) -> str:
    """Why the database that the settings name does not answer for this index, or ""."""
    watch = get_watch()
    if watch is None:
        return ""
    watch.store(index, None)
    return watch.problem


def collection_of_settings() -> Any:
    """The collection to push to, None where the settings name none."""
    watch = get_watch()
    return None if watch is None else watch.collection
