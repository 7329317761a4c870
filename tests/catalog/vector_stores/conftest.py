"""One set of tests for both stores. Qdrant is the client's local mode, or the server that QDRANT_URL names."""

import os
import uuid
from collections.abc import Callable, Iterator

import pytest
from qdrant_client import QdrantClient

from catalog.vector_stores import selection
from catalog.vector_stores.base import VectorStore
from catalog.vector_stores.file_store import FileStore
from catalog.vector_stores.push import push_index
from catalog.vector_stores.qdrant_store import Collection, QdrantStore
from indexing.index.record import Index

MakeStore = Callable[[Index], VectorStore]
ADDRESS = "qdrant+http://127.0.0.1:1/items"


@pytest.fixture
def collection() -> Iterator[Collection]:
    """An empty collection of its own name."""
    url = os.environ.get("QDRANT_URL", "")
    client = QdrantClient(url=url) if url else QdrantClient(":memory:")
    found = Collection(client, f"test-{uuid.uuid4().hex}")
    yield found
    for name in (found.name, found.state_name):
        client.delete_collection(name)
    client.close()


@pytest.fixture(params=["file", "qdrant"])
def make_store(request: pytest.FixtureRequest, collection: Collection) -> MakeStore:
    """A store of an index and of the catalogue's rows as they are when it is called."""
    if request.param == "file":
        return FileStore

    def pushed(index: Index) -> VectorStore:
        push_index(collection, index)
        return QdrantStore(collection, index)

    return pushed


@pytest.fixture
def database(collection: Collection, settings: object, monkeypatch: pytest.MonkeyPatch) -> Collection:
    """The site's settings name a database, and it is this collection."""
    monkeypatch.setattr(selection, "_watches", {})
    setattr(settings, "VECTOR_STORE", ADDRESS)  # noqa: B010
    watch = selection.get_watch()
    assert watch is not None
    monkeypatch.setattr(watch, "collection", collection)
    return collection
