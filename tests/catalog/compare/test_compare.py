"""Two items side by side: the page, the heat maps, the API."""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from cachetools import LRUCache
from django.test import Client
from numpy.typing import NDArray

import indexing.query
from catalog.compare import features as features
from catalog.compare.measures import measure, palettes
from catalog.photo.inference_pool import BusyError
from indexing.errors import EngineError
from tests.catalog.builders import MANIFEST, POINTS, add_item, add_items, make_index, write_index, write_preview

NETWORK = {**MANIFEST, "network": "vgg16", "weights": {"label": "imagenet", "digest": "ab" * 32}}
PALETTE: Mapping[str, NDArray[Any]] = {
    "palette": np.array([[[200, 0, 0], [0, 0, 200]], [[0, 0, 205], [10, 160, 10]], *[[[0, 0, 0], [0, 0, 0]]] * 4], np.uint8),
    "palette_shares": np.array([[0.7, 0.3], [0.6, 0.2], *[[1.0, 0.0]] * 4], np.float32),
}


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A network whose features are the picture's mean colour everywhere; lists the sizes of what it was shown."""
    sizes: list[int] = []

    def fake(data: bytes, manifest: Mapping[str, Any], cache_dir: Path, threads: int | None = None) -> indexing.query.Embedding:
        sizes.append(len(data))
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        mean = np.tile(picture.mean(axis=(0, 1)).astype(np.float32), (2, 2, 1))
        return indexing.query.Embedding(np.empty(0, np.float32), mean)

    monkeypatch.setattr(indexing.query, "embed", fake)
    features._cache.clear()
    yield sizes
    features._cache.clear()


@pytest.fixture
def pair(db: None, network: list[int]) -> list[int]:
    """Six items with previews, palettes of a and b, and a network."""
    write_index(make_index(manifest=NETWORK, extras=PALETTE))
    add_items()
    for number, item_id in enumerate(POINTS):
        write_preview(item_id, height=250 + number)
    return network


@pytest.mark.usefixtures("pair")
def test_the_page_shows_both_and_why(client: Client) -> None:
    response = client.get("/compare/a/b/")
    assert response.status_code == 200
    text = response.content.decode()
    assert "Shirt a" in text
    assert "Shirt b" in text
    assert text.count('class="compare-heat"') == 2
    assert "/compare/a/b/heat-a.png" in text
    assert "distance 0.0000" in " ".join(text.split())  # cosine: b lies on a's ray
    assert "8.00" in text  # euclidean: (1, 0) to (9, 0)


def test_distances_are_those_of_the_vectors() -> None:
    away = {one.metric: one.distance for one in measure(make_index(), "a", "e")}
    assert away == pytest.approx({"cosine": 1.0, "euclidean": np.sqrt(10), "manhattan": 4.0})


def test_shared_colours_count_as_far_as_both_have_them() -> None:
    found = palettes(make_index(extras=PALETTE), "a", "b")
    assert found is not None
    # a: 70 % red, 30 % blue; b: 0.6 of 0.8 = 75 % nearly that blue, 25 % green. In common: 30 % blue.
    assert found.common == 30
    assert [(one.hex, one.percent, one.start, one.shared) for one in found.a] == [
        ("#c80000", 70.0, 0.0, False),
        ("#0000c8", 30.0, 70.0, True),
    ]
    assert [one.shared for one in found.b] == [True, False]
    itself = palettes(make_index(extras=PALETTE), "a", "a")
    assert itself is not None
    assert itself.common == 100


def test_an_index_without_palettes_shares_none() -> None:
    assert palettes(make_index(), "a", "b") is None


@pytest.mark.usefixtures("pair")
def test_both_heat_maps_from_one_look_at_each(client: Client, pair: list[int]) -> None:
    first, second = client.get("/compare/a/b/heat-a.png"), client.get("/compare/a/b/heat-b.png")
    assert first["Content-Type"] == second["Content-Type"] == "image/png"
    assert cv2.imdecode(np.frombuffer(first.content, np.uint8), cv2.IMREAD_COLOR) is not None
    assert len(pair) == 2
    client.get("/compare/a/c/heat-a.png")
    assert len(pair) == 3  # a's features are kept


@pytest.mark.usefixtures("pair")
def test_a_heat_map_is_not_sent_twice(client: Client, pair: list[int]) -> None:
    etag = client.get("/compare/a/b/heat-a.png")["ETag"]
    features._cache.clear()
    before = len(pair)
    assert client.get("/compare/a/b/heat-a.png", headers={"If-None-Match": etag}).status_code == 304
    assert len(pair) == before
    write_preview("b", width=90)
    assert client.get("/compare/a/b/heat-a.png", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.usefixtures("pair")
def test_memory_is_bounded(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "_cache", LRUCache(3))
    for other in "bcdef":
        client.get(f"/compare/a/{other}/heat-a.png")
    assert len(features._cache) == 3


@pytest.mark.usefixtures("pair")
def test_when_others_are_looked_at_it_says_come_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def run(self, work: object) -> object:
            raise BusyError

    monkeypatch.setattr(features, "get_pool", Full)
    response = client.get("/compare/a/b/heat-a.png")
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0


@pytest.mark.usefixtures("pair")
def test_a_network_that_cannot_be_had_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise EngineError("The engine mnn is not installed.")

    monkeypatch.setattr(indexing.query, "embed", fail)
    response = client.get("/compare/a/b/heat-a.png")
    assert response.status_code == 503
    assert b"not installed" in response.content
    assert "Retry-After" not in response


@pytest.mark.usefixtures("pair")
def test_without_a_preview_there_is_no_heat_but_a_page(client: Client, settings: Any) -> None:
    (settings.IMAGES_DIR / "b.jpg").unlink()
    assert client.get("/compare/a/b/heat-b.png").status_code == 404
    page = client.get("/compare/a/b/")
    assert page.status_code == 200
    assert b"compare-heat" not in page.content


@pytest.mark.usefixtures("catalogue")
def test_an_index_of_an_unknown_network_still_measures(client: Client) -> None:
    write_preview("a")
    write_preview("b")
    page = client.get("/compare/a/b/")
    assert page.status_code == 200
    assert b"compare-heat" not in page.content
    assert b"8.00" in page.content


@pytest.mark.usefixtures("pair")
def test_an_item_without_a_vector_says_what_to_run(client: Client) -> None:
    add_item("new")
    page = client.get("/compare/a/new/")
    assert page.status_code == 200
    assert b"python manage.py build_index" in page.content


@pytest.mark.usefixtures("pair")
def test_unknown_items_are_404(client: Client) -> None:
    for path in ("/compare/a/zzz/", "/compare/zzz/a/", "/compare/a/zzz/heat-a.png", "/compare/a/b/heat-c.png"):
        assert client.get(path).status_code == 404, path
    assert client.get("/api/v1/compare/a/zzz").status_code == 404


@pytest.mark.usefixtures("pair")
def test_every_neighbour_says_why(client: Client) -> None:
    assert b'href="/compare/a/b/"' in client.get("/items/a/").content


@pytest.mark.usefixtures("pair")
def test_the_api_compares(client: Client) -> None:
    answer = client.get("/api/v1/compare/a/b").json()
    assert answer["a"]["id"] == "a"
    assert answer["a"]["heat"].endswith("/compare/a/b/heat-a.png")
    assert answer["b"]["colours"][0] == {"hex": "#0000cd", "percent": 75.0, "shared": True}
    assert answer["shared_colours"] == 30
    assert [one["distance"] for one in answer["distances"]] == pytest.approx([0.0, 8.0, 8.0])


@pytest.mark.usefixtures("pair")
def test_two_at_once_both_get_theirs(pair: list[int]) -> None:
    answers: list[int] = []

    def ask(side: str) -> None:
        answers.append(Client().get(f"/compare/a/b/heat-{side}.png").status_code)

    askers = [threading.Thread(target=ask, args=(side,)) for side in "ab"]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(20)
    assert answers == [200, 200]
    assert len(pair) == 2
