"""A push sends what changed, and a collection that is not what was sent is never taken for up to date."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from qdrant_client import models

from catalog.models import Item
from catalog.similar.narrowing import EVERYTHING
from catalog.vector_stores import push
from catalog.vector_stores.base import VectorStoreError
from catalog.vector_stores.points import index_digest, point_id
from catalog.vector_stores.push import push_index
from catalog.vector_stores.qdrant_store import Collection, QdrantStore
from indexing.nearest.metrics import METRICS
from tests.catalog.builders import MANIFEST, POINTS, SEEN, add_items, make_index, neighbours_of

pytestmark = pytest.mark.django_db


def payload(collection: Collection, item_id: str) -> Mapping[str, Any]:
    [point] = collection.client.retrieve(collection.name, [point_id(item_id)], with_payload=True)
    assert point.payload is not None
    return point.payload


def counts(report: push.PushReport) -> tuple[int, int, int, int]:
    return report.sent, report.updated, report.removed, report.unchanged


def test_the_first_push_sends_all_and_the_second_nothing(collection: Collection) -> None:
    add_items()
    first = push_index(collection, make_index())
    assert counts(first) == (6, 0, 0, 0)
    assert first.recall == {"cosine": 1.0, "euclidean": 1.0, "manhattan": 1.0}
    assert counts(push_index(collection, make_index())) == (0, 0, 0, 6)
    assert collection.client.count(collection.name).count == 6


def test_an_index_of_float16_is_pushed_and_searched_as_it_is_kept(collection: Collection) -> None:
    rng = np.random.default_rng(2)
    whole = make_index({f"item-{number}": rng.normal(size=8).tolist() for number in range(80)})
    rounded: Any = whole.vectors.astype(np.float16)
    half = replace(whole, vectors=rounded, neighbours=neighbours_of(rounded.astype(np.float32)))
    first = push_index(collection, half)
    assert counts(first) == (80, 0, 0, 0)
    assert first.recall == {"cosine": 1.0, "euclidean": 1.0, "manhattan": 1.0}
    assert counts(push_index(collection, half)) == (0, 0, 0, 80)
    [point] = collection.client.retrieve(collection.name, [point_id("item-7")], with_vectors=["euclid"])
    assert isinstance(point.vector, dict)
    assert point.vector["euclid"] == rounded[7].tolist()
    found = QdrantStore(collection, half).search(EVERYTHING).nearest(half.vectors[7:8], 20, own=np.array([7]))
    for metric in METRICS:
        assert found[metric].rows[0].tolist() == half.neighbours[metric].rows[7, :20].tolist()
        np.testing.assert_allclose(found[metric].distances[0], half.neighbours[metric].distances[7, :20], rtol=1e-5)
    assert counts(push_index(collection, whole)) == (80, 0, 0, 0)  # and what is kept more exactly is sent again


def test_each_point_has_three_vectors_and_what_is_filtered_by(collection: Collection) -> None:
    add_items()
    Item.objects.filter(pk="b").update(category="Shirts", dominant_colour="red", delisted_at=SEEN, in_stock=False, price="9.99")
    push_index(collection, make_index())
    [point] = collection.client.retrieve(collection.name, [point_id("b")], with_vectors=True)
    assert isinstance(point.vector, dict)
    assert {name: point.vector[name] for name in ("cosine", "euclid", "manhattan")} == {
        "cosine": [1, 0], "euclid": [9, 0], "manhattan": [9, 0],
    }  # fmt: skip
    found = payload(collection, "b")
    assert {name: found[name] for name in ("category", "colour", "delisted", "in_stock", "hidden", "price")} == {
        "category": "Shirts", "colour": "red", "delisted": True, "in_stock": False, "hidden": False, "price": 9.99,
    }  # fmt: skip
    params = collection.client.get_collection(collection.name).config.params.vectors
    assert isinstance(params, dict)
    assert {name: one.distance for name, one in params.items()} == {
        "cosine": models.Distance.COSINE, "euclid": models.Distance.EUCLID, "manhattan": models.Distance.MANHATTAN,
    }  # fmt: skip


def test_only_what_changed_is_sent(collection: Collection) -> None:
    add_items()
    push_index(collection, make_index())
    Item.objects.filter(pk="a").update(price="5.00")
    points = {**POINTS, "c": (1.0, 0.75), "g": (3.0, 3.0)}
    del points["f"]
    report = push_index(collection, make_index(points))
    assert counts(report) == (2, 1, 1, 3)
    assert payload(collection, "a")["price"] == 5
    [point] = collection.client.retrieve(collection.name, [point_id("c")], with_vectors=True)
    assert isinstance(point.vector, dict)
    assert point.vector["euclid"] == [1, 0.75]
    assert collection.client.retrieve(collection.name, [point_id("f")]) == []


def test_vectors_of_another_length_begin_anew(collection: Collection) -> None:
    push_index(collection, make_index())
    report = push_index(collection, make_index({"x": (1, 2, 3), "y": (3, 2, 1)}))
    assert counts(report) == (2, 0, 0, 0)


def test_the_state_names_the_index_and_is_gone_while_one_is_pushed(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = make_index()
    assert collection.state() == {}
    push_index(collection, index)
    assert collection.state()["index"] == index_digest(index)
    assert collection.state()["items"] == 6

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(push, "_verify", killed)
        with pytest.raises(KeyboardInterrupt):
            push_index(collection, index)
    assert collection.state() == {}
    push_index(collection, index)
    assert collection.state()["index"] == index_digest(index)


def test_another_build_is_another_index() -> None:
    later = {**MANIFEST, "created": "2026-11-03T10:00:00+00:00"}
    assert index_digest(make_index()) == index_digest(make_index())
    assert index_digest(make_index()) != index_digest(make_index(manifest=later))
    assert index_digest(make_index()) != index_digest(make_index({**POINTS, "g": (0, 1)}))
    for name in ("network", "layer", "preprocessing", "precision"):
        assert index_digest(make_index()) != index_digest(make_index(manifest={**MANIFEST, name: "another"})), name
    made = [{**MANIFEST, "weights": {"digest": digest}} for digest in ("ab", "cd")]
    assert index_digest(make_index(manifest=made[0])) != index_digest(make_index(manifest=made[1]))


def test_points_that_got_lost_are_found_out(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    upsert = type(collection.client).upsert

    def forgetful(client: Any, name: str, points: Any, **others: Any) -> Any:
        return upsert(client, name, points[:-1] if name == collection.name else points, **others)

    monkeypatch.setattr(type(collection.client), "upsert", forgetful)
    with pytest.raises(VectorStoreError, match="holds 5 points, the index 6 items"):
        push_index(collection, make_index())
    assert collection.state() == {}


@pytest.mark.parametrize("what", ["vector", "payload"])
def test_points_that_are_not_what_was_sent_are_found_out(
    what: str, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items()
    push_index(collection, make_index())
    verify = push._verify

    def disturbed(*both: Any) -> None:
        if what == "vector":
            vectors = {"cosine": [0.0, 1.0], "euclid": [0.0, 1.0], "manhattan": [0.0, 1.0]}
            changes = [models.PointVectors(id=point_id("a"), vector=vectors)]  # type: ignore[arg-type]
            collection.client.update_vectors(collection.name, changes)
        else:
            collection.client.set_payload(collection.name, {"category": "Hats"}, points=[point_id("a")])
        verify(*both)

    monkeypatch.setattr(push, "_verify", disturbed)
    with pytest.raises(VectorStoreError, match="holds another a than was sent"):
        push_index(collection, make_index())
    assert collection.state() == {}


def test_a_server_that_does_not_answer_is_one_line(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object, **__: object) -> None:
        raise OSError(111, "Connection refused")

    monkeypatch.setattr(type(collection.client), "collection_exists", down)
    with pytest.raises(VectorStoreError, match=r"does not answer \(ConnectionRefusedError: .*refused\)\.$"):
        push_index(collection, make_index())


class PoorSearch:
    """As of a graph that is searched too narrowly: half of what should be found, until `hnsw_ef` is as large as asked."""

    def __init__(self, client: Any, enough: int, vectors: str = "") -> None:
        """vectors: the only ones whose graph is poor."""
        self.query, self.enough, self.vectors = type(client).query_batch_points, enough, vectors
        self.widths: list[int] = []

    def __call__(self, client: Any, name: str, requests: Any) -> Any:
        answers = self.query(client, name, requests)
        self.widths.append(requests[0].params.hnsw_ef)
        if self.widths[-1] < self.enough:
            for answer in (one for one, asked in zip(answers, requests, strict=True) if self.vectors in (asked.using, "")):
                del answer.points[26:]  # the item itself, and 25 of 50
        return answers


@pytest.mark.parametrize(("enough", "found"), [(0, (256, 1.0)), (1000, (1024, 1.0)), (10**6, (4096, 0.5))])
def test_the_graph_is_searched_more_widely_until_enough_is_found(
    enough: int, found: tuple[int, float], collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    index = make_index({f"item-{number}": rng.normal(size=4).tolist() for number in range(80)})
    search = PoorSearch(collection.client, enough)
    monkeypatch.setattr(type(collection.client), "query_batch_points", lambda *arguments: search(*arguments))
    report = push_index(collection, index)
    ef, recall = found
    assert (report.ef, report.recall) == (ef, {"cosine": recall, "euclidean": recall, "manhattan": recall})
    assert collection.state()["ef"] == ef
    assert f"recall@50 at ef {ef}: cosine {recall:.3f}, euclidean {recall:.3f}, manhattan {recall:.3f}" in str(report)
    QdrantStore(collection, index, ef=ef).search(EVERYTHING).nearest(index.vectors[:1], 5)
    assert search.widths[-1] == ef


def test_one_metric_that_finds_too_little_is_enough_to_search_more_widely(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    index = make_index({f"item-{number}": rng.normal(size=4).tolist() for number in range(80)})
    search = PoorSearch(collection.client, 500, "manhattan")
    monkeypatch.setattr(type(collection.client), "query_batch_points", lambda *arguments: search(*arguments))
    assert push_index(collection, index).ef == 512


def test_points_of_items_that_the_index_has_not_are_no_answers(collection: Collection) -> None:
    index = make_index({item_id: point for item_id, point in POINTS.items() if item_id != "c"})
    push_index(collection, make_index())
    near = QdrantStore(collection, index).search(EVERYTHING).nearest(index.vectors[:1], 6, metrics=["euclidean"])["euclidean"]
    assert [index.item_ids[row] for row in near.rows[0]] == ["a", "d", "e", "b", "f"]
