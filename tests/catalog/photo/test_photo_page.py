"""/search/photo/ and POST /api/v1/search, with a network whose vector is how blue and how red a photo is."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from numpy.typing import NDArray
from pytest_django import Settings

from catalog.models import Item
from catalog.photo import inference_pool as pool_module
from catalog.photo import uploads
from catalog.photo.samples import SAMPLES
from indexing import query
from indexing.errors import EngineError
from tests.catalog.builders import SEEN, make_index, write_index, write_preview

pytestmark = pytest.mark.django_db


def embed_mean_colour(picture: NDArray[np.uint8], *_args: Any) -> query.Embedding:
    """A plane's point of a picture's mean colour."""
    blue, _green, red = picture.reshape(-1, 3).mean(axis=0) / 255
    return query.Embedding(np.array([blue, red], np.float32), np.empty((0, 0, 0), np.float32))


@pytest.fixture(autouse=True)
def _fresh_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_pool", None)
    monkeypatch.setattr(query, "embed", embed_mean_colour)


def photo(blue: int = 255, red: int = 0) -> SimpleUploadedFile:
    picture = np.zeros((40, 30, 3), np.uint8)
    picture[..., 0], picture[..., 2] = blue, red
    return SimpleUploadedFile("me.png", bytes(cv2.imencode(".png", picture)[1].tobytes()), "image/png")


def measure(page: str, metric: str) -> list[str]:
    section = page.split(f'class="measure{" shown" if metric == "cosine" else ""}" id="{metric}"')[1].split("</section>")[0]
    return re.findall(r'data-item="([^"]+)"', section)


def wall(page: str) -> list[str]:
    return re.findall(r'data-item="([^"]+)"', page.split("data-wall>")[1].split("</ul>")[0])


def send(client: Client, **fields: Any) -> Any:
    return client.post(reverse("catalog:photo"), fields)


@pytest.mark.usefixtures("catalogue")
def test_the_page_asks_for_a_picture(client: Client) -> None:
    page = client.get(reverse("catalog:photo"))
    assert page.status_code == 200
    assert 'type="file"' in page.content.decode()


@pytest.mark.usefixtures("catalogue")
def test_a_picture_is_answered_under_each_metric(client: Client) -> None:
    page = send(client, photo=photo()).content.decode()  # at (1, 0), where item a is
    assert measure(page, "cosine")[:3] == ["a", "b", "c"]
    assert measure(page, "euclidean")[:2] == ["a", "c"]
    assert measure(page, "manhattan")[:2] == ["a", "c"]
    assert wall(page)[:3] == ["a", "b", "c"]


@pytest.mark.usefixtures("catalogue")
def test_what_left_the_shop_is_not_an_answer(client: Client) -> None:
    Item.objects.filter(pk="a").update(delisted_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert wall(send(client, photo=photo()).content.decode())[0] == "b"


@pytest.mark.usefixtures("catalogue")
def test_results_are_narrowed_down(client: Client) -> None:
    Item.objects.filter(pk__in=["c", "e"]).update(category="Hats", price=5)
    Item.objects.filter(pk="e").update(price=50)
    narrowing = {"category": "Hats"}
    assert wall(send(client, photo=photo(), **narrowing).content.decode()) == ["c", "e"]
    assert wall(send(client, photo=photo(), **narrowing, price_max="19.90").content.decode()) == ["c"]
    answer = client.post("/api/v1/search", {"photo": photo(), **narrowing, "price_max": "19.90"}).json()
    assert [hit["id"] for hit in answer["neighbours"]] == ["c"]
    assert client.post("/api/v1/search", {"photo": photo(), "price_max": "cheap"}).status_code == 422


def test_what_left_the_shop_takes_no_place_among_the_results(client: Client, db: None) -> None:
    write_index(make_index({f"i{n:03}": (1.0 + n / 100, 0.0) for n in range(80)}))
    Item.objects.bulk_create(
        [Item(item_id=f"i{n:03}", last_seen=SEEN, delisted_at=datetime(2026, 11, 1, tzinfo=UTC)) for n in range(60)]
    )
    answer = client.post("/api/v1/search", {"photo": photo(), "metric": "euclidean", "k": 2}).json()
    assert [hit["id"] for hit in answer["neighbours"]] == ["i060", "i061"]


@pytest.fixture
def picture_of_a(settings: Settings, catalogue: None) -> None:
    """Item a's preview, which lies where c is."""
    settings.IMAGES_DIR.mkdir(parents=True, exist_ok=True)
    write_preview("a", 30, 40)


@pytest.mark.usefixtures("picture_of_a")
def test_an_items_own_picture_is_searched_with_and_is_no_answer(client: Client) -> None:
    start = client.get(f"{reverse('catalog:photo')}?item=a").content.decode()
    assert 'name="item" value="a"' in start
    assert "?item=a" in client.get("/items/a/").content.decode()
    page = send(client, item="a").content.decode()
    assert "a" not in wall(page)
    assert set(wall(page)) == set("bcdef")
    kept = re.findall(r'name="kept" value="([^"]+)"', page)
    assert not kept or "a" not in wall(send(client, item="a", kept=kept[0]).content.decode())
    answer = client.post("/api/v1/search", {"item": "a", "k": 50}).json()
    assert {hit["id"] for hit in answer["neighbours"]} == set(wall(page))


@pytest.mark.usefixtures("picture_of_a")
@pytest.mark.parametrize("item_id", ["b", "nobody", "../a"])
def test_an_item_without_a_picture_is_404(client: Client, item_id: str) -> None:
    assert client.get(reverse("catalog:photo"), {"item": item_id}).status_code == 404
    assert send(client, item=item_id).status_code == 404
    assert client.post("/api/v1/search", {"item": item_id}).status_code == 404


@pytest.mark.usefixtures("picture_of_a")
def test_a_hidden_items_picture_is_404(client: Client) -> None:
    Item.objects.filter(pk="a").update(hidden=True)
    assert client.get(reverse("catalog:photo"), {"item": "a"}).status_code == 404
    assert client.post("/api/v1/search", {"item": "a"}).status_code == 404


@pytest.mark.usefixtures("catalogue")
def test_neither_photo_nor_item_is_422_in_the_api(client: Client) -> None:
    answer = client.post("/api/v1/search", {})
    assert (answer.status_code, answer.json()["detail"]) == (422, "photo: send a picture, or name an item.")


@pytest.mark.usefixtures("catalogue")
def test_without_a_picture_it_says_so(client: Client) -> None:
    response = send(client)
    assert response.status_code == 400
    assert "Choose a picture first" in response.content.decode()


@pytest.mark.usefixtures("catalogue")
def test_what_is_no_picture_is_400_with_the_reason(client: Client) -> None:
    response = send(client, photo=SimpleUploadedFile("x.jpg", b"<html>", "image/jpeg"))
    assert response.status_code == 400
    assert "not a JPEG" in response.content.decode()


@pytest.mark.usefixtures("catalogue")
def test_an_odd_crop_is_400(client: Client) -> None:
    assert send(client, photo=photo(), crop="1,1,0,0").status_code == 400


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("address", ["/search/photo/", "/api/v1/search"])
def test_a_file_that_is_too_large_is_413_unparsed(client: Client, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 1024)
    monkeypatch.setattr(uploads, "_FIELD_BYTES", 0)
    response = client.post(address, {"photo": SimpleUploadedFile("x.jpg", b"x" * 5000)})
    assert response.status_code == 413
    assert "larger than" in response.content.decode()


@pytest.mark.usefixtures("catalogue")
def test_a_large_photo_touches_no_disk(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "nowhere")  # writing there would fail
    noise = np.random.default_rng(0).integers(0, 255, (1100, 1100, 3), np.uint8)
    data = bytes(cv2.imencode(".png", noise)[1].tobytes())
    assert len(data) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    assert send(client, photo=SimpleUploadedFile("big.png", data, "image/png")).status_code == 200


def test_no_index_is_503(client: Client) -> None:
    assert client.get(reverse("catalog:photo")).status_code == 503
    assert send(client, photo=photo()).status_code == 503


@pytest.mark.usefixtures("catalogue")
def test_an_index_whose_network_is_not_to_be_had_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any) -> query.Embedding:
        raise EngineError("This index does not say which network made it.")

    monkeypatch.setattr(query, "embed", refuse)
    response = send(client, photo=photo())
    assert (response.status_code, response.has_header("Retry-After")) == (503, False)
    assert "does not say which network" in response.content.decode()


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("address", ["/api/v1/search", "/api/v1/embed"])
def test_the_network_is_told_where_learned_heads_are(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings, address: str
) -> None:
    asked: list[Any] = []

    def embed(picture: NDArray[np.uint8], *args: Any) -> query.Embedding:
        asked.extend(args)
        return embed_mean_colour(picture)

    monkeypatch.setattr(query, "embed", embed)
    assert client.post(address, {"photo": photo()}).status_code == 200
    assert asked[-1] == settings.HEADS_DIR


@pytest.mark.usefixtures("catalogue")
def test_the_api_answers_under_one_metric(client: Client) -> None:
    response = client.post("/api/v1/search", {"photo": photo(), "metric": "euclidean", "k": "2"})
    assert response.status_code == 200
    assert [(n["id"], round(n["distance"], 4)) for n in response.json()["neighbours"]] == [("a", 0.0), ("c", 0.5)]


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("fields", "status"), [({}, 422), ({"crop": "a"}, 422), ({"k": "0"}, 422), ({"metric": "best"}, 422)])
def test_the_api_refuses_what_it_cannot_read(client: Client, fields: dict[str, str], status: int) -> None:
    sent: dict[str, Any] = {"photo": photo(), **fields} if fields else {}
    assert client.post("/api/v1/search", sent).status_code == status


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("kind", [".avif", ".webp", ".gif", ".bmp", ".tiff", ".jpg"])
def test_a_photo_may_have_any_format(client: Client, kind: str) -> None:
    blue = np.full((40, 30, 3), (255, 0, 0), np.uint8)
    sent = SimpleUploadedFile("me", bytes(cv2.imencode(kind, blue)[1]), "application/octet-stream")
    response = client.post("/api/v1/search", {"photo": sent, "k": "1"})
    assert [found["id"] for found in response.json()["neighbours"]] == ["a"]


@pytest.mark.usefixtures("catalogue")
def test_the_api_says_when_to_come_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_pool", pool_module.BoundedPool(workers=1, waiting=-1))
    response = client.post("/api/v1/search", {"photo": photo()})
    assert (response.status_code, response["Retry-After"]) == (503, "2")


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, Event]]:
    """A network that says when it began and waits to be let go."""
    begun, go = Event(), Event()

    def slow(picture: NDArray[np.uint8], *args: Any) -> query.Embedding:
        begun.set()
        assert go.wait(20)
        return embed_mean_colour(picture, *args)

    monkeypatch.setattr(query, "embed", slow)
    yield begun, go
    go.set()


@pytest.mark.usefixtures("catalogue")
def test_ten_at_once_queue_politely_and_pages_stay_fast(
    client: Client, gate: tuple[Event, Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = gate
    # The catalogue is asked in the test's own thread only: other threads do not see its transaction.
    monkeypatch.setattr("catalog.photo.views.choose", lambda *_args, **_kwargs: [])
    monkeypatch.setattr("catalog.vector_stores.file_store.admitted_rows", lambda index, *_: np.arange(len(index)))
    with ThreadPoolExecutor(10) as crowd:
        sent = [crowd.submit(send, Client(), photo=photo()) for _ in range(10)]
        assert begun.wait(20)
        refused = [future.result() for future in islice(as_completed(sent, timeout=20), 8)]
        page = client.get(reverse("catalog:item", args=["a"]))  # while the network is at work
        go.set()
        statuses = sorted(future.result().status_code for future in sent)
    assert page.status_code == 200
    assert statuses == [200] * 2 + [503] * 8
    assert {response["Retry-After"] for response in refused} == {"2"}


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("name", list(SAMPLES))
def test_a_sample_is_searched_with_as_a_photo_is(client: Client, name: str) -> None:
    page = client.get(reverse("catalog:photo")).content.decode()
    assert f'value="{name}"' in page
    assert f'src="/static/photo/samples/{name}.jpg"' in page
    response = send(client, sample=name)
    assert response.status_code == 200
    assert "data:image/jpeg;base64," in response.content.decode()


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("name", ["zzz", "../../../etc/passwd", ""])
def test_what_is_no_sample_is_400(client: Client, name: str) -> None:
    response = send(client, sample=name)
    assert response.status_code == 400
    assert "use one of cat" in response.content.decode()


@pytest.mark.usefixtures("catalogue")
def test_browsers_may_keep_the_empty_page_and_never_an_answer(client: Client) -> None:
    assert "no-store" not in client.get(reverse("catalog:photo"))["Cache-Control"]
    assert "private" in client.get(reverse("catalog:photo"))["Cache-Control"]
    assert "no-store" in send(client, photo=photo())["Cache-Control"]
    assert "no-store" in send(client)["Cache-Control"]
