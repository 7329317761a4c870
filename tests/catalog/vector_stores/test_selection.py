"""The site asks the database that it is told of while that holds the site's own index; else the file, and says so."""

import logging
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from catalog import index_store
from catalog.index_store import get_loaded
from catalog.models import Item
from catalog.photo import inference_pool
from catalog.photo.search import search_by_photo
from catalog.similar.narrowing import EVERYTHING, Narrowing
from catalog.similar.neighbours import near_items
from catalog.taste.likes import parse
from catalog.taste.recommend import recommendation
from catalog.vector_stores import qdrant_store, selection
from catalog.vector_stores.base import VectorStore
from catalog.vector_stores.push import push_index
from catalog.vector_stores.qdrant_store import Collection
from catalog.vector_stores.selection import ask, store_problem
from indexing import query
from indexing.signals import index_built
from recommender.settings import vector_store
from tests.catalog.builders import POINTS, add_items, make_index, write_index

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many queries each request to the database brought."""
    counts: list[int] = []
    candidates = qdrant_store.QdrantSearch._candidates

    def counted(search: Any, queries: Any, *others: Any) -> Any:
        counts.append(len(queries))
        return candidates(search, queries, *others)

    monkeypatch.setattr(qdrant_store.QdrantSearch, "_candidates", counted)
    return counts


def is_exact(store: VectorStore) -> bool:
    return store.exact


def test_without_the_setting_the_file_answers() -> None:
    assert ask(make_index(), is_exact)
    assert store_problem(make_index()) == ""


def test_a_database_that_holds_the_index_answers(database: Collection) -> None:
    index = make_index()
    push_index(database, index)
    assert not ask(index, is_exact)
    assert ask(index, lambda store: getattr(store, "ef", None)) == database.state()["ef"] == 256
    assert store_problem(index) == ""


def test_a_database_that_is_behind_is_not_asked(database: Collection, caplog: pytest.LogCaptureFixture) -> None:
    push_index(database, make_index({**POINTS, "g": (1, 1)}))
    index = make_index()
    assert ask(index, is_exact)
    assert store_problem(index) == f"Qdrant's collection {database.name} holds another index than the site: run build_index."
    assert [record.levelno for record in caplog.records if "holds another index" in record.message] == [logging.ERROR]


def test_what_is_wrong_is_said_once(
    database: Collection, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, now = make_index(), [0.0]
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(selection.time, "monotonic", lambda: now[0])  # type: ignore[attr-defined]
    for _ in range(3):
        assert store_problem(index) != ""
        now[0] += selection.CHECK_SECONDS + 1
    push_index(database, index)
    assert store_problem(index) == ""
    said = [record.message for record in caplog.records if record.name == selection.__name__]
    assert len(said) == 2
    assert said[1] == f"Qdrant's collection {database.name} answers again."


def test_a_database_that_fails_is_left_alone_for_a_while(database: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    index = make_index()
    push_index(database, index)
    tries: list[bool] = []

    def question(store: VectorStore) -> list[int]:
        tries.append(store.exact)
        near = store.search(EVERYTHING).nearest(index.vectors[:1], 2, metrics=["cosine"])["cosine"]
        return [int(row) for row in near.rows[0]]

    def down(*_: object, **__: object) -> None:
        raise OSError(111, "Connection refused")

    monkeypatch.setattr(type(database.client), "query_batch_points", down)
    assert ask(index, question) == [0, 1]
    assert ask(index, question) == [0, 1]
    assert tries == [False, True, True]
    assert "does not answer" in store_problem(index)


def test_it_is_asked_again_when_it_answers(database: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    index, now = make_index(), [0.0]
    monkeypatch.setattr(selection.time, "monotonic", lambda: now[0])  # type: ignore[attr-defined]
    assert "holds another index" in store_problem(index)
    push_index(database, index)
    assert store_problem(index) != ""
    now[0] = selection.CHECK_SECONDS + 1
    assert store_problem(index) == ""


def test_more_than_it_gives_well_is_asked_of_the_file(database: Collection) -> None:
    index = make_index()
    push_index(database, index)

    def deep(store: VectorStore) -> tuple[bool, int]:
        found = store.search(EVERYTHING).nearest(index.vectors[:1], qdrant_store.DEEPEST + 1, metrics=["cosine"])
        return store.exact, int(found["cosine"].rows.shape[1])

    assert ask(index, deep) == (True, 6)
    assert store_problem(index) == ""


def test_readyz_says_that_the_database_is_behind_or_down(client: Client, catalogue: None, database: Collection) -> None:
    assert "holds another index" in client.get("/readyz").json()["warning"]
    push_index(database, get_loaded().index)
    selection._watches.clear()
    settings.VECTOR_STORE = "qdrant+http://127.0.0.1:1/items"  # nobody listens there
    answer = client.get("/readyz").json()
    assert (answer["status"], answer["items"]) == ("ready", 6)
    assert "Qdrant's collection items does not answer" in answer["warning"]
    assert client.get("/api/v1/items/a/similar?price_max=100").status_code == 200


def test_a_build_pushes_what_it_built(database: Collection, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    answers = index_built.send_robust(sender=None, path=write_index())
    assert [answer for _receiver, answer in answers if isinstance(answer, Exception)] == []
    assert database.client.count(database.name).count == 6
    assert "is up to the index: 6 points sent" in caplog.text
    assert not ask(get_loaded().index, is_exact)


@pytest.fixture
def both(database: Collection) -> Callable[[Callable[[], Any]], tuple[Any, Any]]:
    """What is answered with the database, and with the file."""
    rng = np.random.default_rng(3)
    index = make_index({f"item-{number:03}": rng.normal(size=6).tolist() for number in range(120)})
    write_index(index)
    add_items(index.item_ids)
    Item.objects.filter(pk__gte="item-100").update(category="Shirts")
    index_store._stores.clear()
    push_index(database, get_loaded().index)

    def answers(question: Callable[[], Any]) -> tuple[Any, Any]:
        found = question()
        address, settings.VECTOR_STORE = settings.VECTOR_STORE, ""
        file = question()
        settings.VECTOR_STORE = address
        return found, file

    return answers


def test_filtered_neighbours_are_those_of_the_file(
    both: Callable[[Callable[[], Any]], tuple[Any, Any]], asked: list[int]
) -> None:
    index = get_loaded().index

    def question() -> list[tuple[str, float]]:
        near = near_items(index, "item-007", "cosine", 12, Narrowing(category="Shirts"))
        return [(item.product.item_id, item.distance) for item in near.items]

    found, file = both(question)
    assert found == file
    assert len(found) == 12
    assert {name >= "item-100" for name, _distance in found} == {True}
    assert asked == [1]


def test_a_photo_is_looked_for_there(
    client: Client, both: Callable[[Callable[[], Any]], tuple[Any, Any]], asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def embed(picture: Any, *_: Any) -> query.Embedding:
        return query.Embedding(get_loaded().index.vectors[5] + np.float32(0.01), np.empty((0, 0, 0), np.float32))

    monkeypatch.setattr(inference_pool, "_pool", None)
    monkeypatch.setattr(query, "embed", embed)
    encoded = cv2.imencode(".png", np.zeros((40, 30, 3), np.uint8))[1].tobytes()

    def question() -> list[tuple[int, float]]:
        result = search_by_photo(get_loaded(), encoded, k=7, narrowing=Narrowing(category="Shirts"))
        return [hit for hits in result.rankings.values() for hit in hits]

    found, file = both(question)
    assert found == file
    assert len(found) == 21
    assert asked == [1]


@pytest.mark.parametrize("formula", ["blend", "nearest", "rocchio"])
def test_what_goes_with_a_taste_is_nearly_that_of_the_file(
    formula: Any, both: Callable[[Callable[[], Any]], tuple[Any, Any]], asked: list[int]
) -> None:
    loaded, taste = get_loaded(), parse("item-001,item-002,item-003", "item-004")

    def question() -> list[str]:
        answer = recommendation(loaded, taste, 12, formula=formula)
        return [group[0].item_id for group in answer.groups]

    found, file = both(question)
    assert asked == [3]
    assert len(found) == 12
    assert not {"item-001", "item-002", "item-003", "item-004"} & set(found)
    assert len(set(found) & set(file)) >= 10


def test_a_taste_whose_candidates_are_everything_is_that_of_the_file(
    both: Callable[[Callable[[], Any]], tuple[Any, Any]], asked: list[int]
) -> None:
    loaded, taste = get_loaded(), parse("item-001,item-002", "item-004")
    found, file = both(lambda: [group[0].item_id for group in recommendation(loaded, taste, 60).groups])
    assert found == file
    assert asked == [2]


@pytest.mark.parametrize("address", ["", "qdrant+http://db:6333/items", "qdrant+https://db.example/shop_1-a"])
def test_addresses_that_are_taken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VECTOR_STORE", address)
    assert vector_store("VECTOR_STORE") == address


@pytest.mark.parametrize(
    "address", ["http://db:6333/items", "qdrant+http://db:6333", "qdrant+http://db:6333/a/b", "milvus+x://y/z"]
)
def test_another_address_stops_the_start(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VECTOR_STORE", address)
    with pytest.raises(ImproperlyConfigured, match=r"VECTOR_STORE is .*qdrant\+http://host:6333/collection"):
        vector_store("VECTOR_STORE")
