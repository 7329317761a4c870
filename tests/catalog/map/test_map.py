"""The map's page, its data, its sheets, its cards, its place in the API."""

import gzip
import json
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Item
from indexing.extras.colours import COLOURS
from tests.catalog.builders import POINTS, add_items, make_index, write_index, write_preview
from tests.catalog.map.test_sprites import join

CELLS = np.array([[0, 0], [1, 0], [2, 0], [0, 3], [1, 3], [2, 3]], np.int32)
REGIONS = np.array([[0, 0], [0, 0], [0, 0], [1, 1], [1, 1], [1, 1]], np.int32)
MAP = {"map_cells": CELLS, "map_regions": REGIONS}


@pytest.fixture
def mapped(db: None) -> None:
    """Six items: a, b, c in a row at the top, called Dogs; d, e, f in a row at the bottom, called Cats."""
    write_index(make_index(extras=MAP))
    add_items()
    Item.objects.filter(pk__in="abc").update(category="Dogs")
    Item.objects.filter(pk__in="def").update(category="Cats")
    for item_id in POINTS:
        write_preview(item_id)


def ready_data(client: Client) -> dict[str, Any]:
    client.get("/map/")
    join()
    response = client.get("/map/data.json")
    assert response.status_code == 200
    data: dict[str, Any] = response.json()
    return data


@pytest.mark.usefixtures("mapped")
def test_the_page_holds_the_map_and_a_way_without_it(client: Client) -> None:
    response = client.get("/map/")
    assert response.status_code == 200
    assert b'id="map-canvas"' in response.content
    assert b"The map needs JavaScript" in response.content
    assert b"Map of 6 items" in response.content
    join()


@pytest.mark.usefixtures("mapped")
def test_the_item_to_look_at_is_one_of_the_index(client: Client) -> None:
    assert b'data-focus="c"' in client.get("/map/?item=c").content
    assert b'data-focus=""' in client.get('/map/?item="><script>').content
    join()


@pytest.mark.usefixtures("mapped")
def test_data_waits_for_the_sheets_then_tells_everything(client: Client) -> None:
    first = client.get("/map/data.json")
    assert first.status_code in (200, 202)  # 200 when the thread was quick
    if first.status_code == 202:
        assert first.json()["total"] == 1
        assert first["Retry-After"] == "1"
    data = ready_data(client)
    assert data["ids"] == list("abcdef")
    assert (data["x"], data["y"]) == ([0, 1, 2, 0, 1, 2], [0, 0, 0, 3, 3, 3])
    assert data["sprites"] == [0, 1, 2, 3, 4, 5]
    assert data["size"] == [3, 4]
    assert ["Dogs", 1.5, 0.5, 3, 0] in data["regions"]
    assert ["Cats", 1.5, 3.5, 3, 1] in data["regions"]


@pytest.mark.usefixtures("mapped")
def test_sheets_are_kept_for_ever_and_only_those_there_are(client: Client) -> None:
    (url,) = ready_data(client)["sheets"]["urls"]
    sheet = client.get(url)
    assert sheet["Content-Type"] == "image/webp"
    assert "immutable" in sheet["Cache-Control"]
    assert b"".join(sheet.streaming_content)[8:12] == b"WEBP"  # type: ignore[attr-defined]
    assert client.get(url.replace("0.webp", "1.webp")).status_code == 404
    assert client.get("/map/sheets/..%2F..%2Fetc/0.webp").status_code == 404


@pytest.mark.usefixtures("mapped")
def test_data_is_not_sent_again_until_something_changes(client: Client) -> None:
    ready_data(client)
    etag = client.get("/map/data.json")["ETag"]
    assert client.get("/map/data.json", headers={"If-None-Match": etag}).status_code == 304
    Item.objects.filter(pk="b").update(delisted_at=timezone.now())
    changed = client.get("/map/data.json", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.json()["ids"] == list("acdef")
    assert changed.json()["sprites"] == [0, 2, 3, 4, 5]


@pytest.mark.django_db
def test_data_is_packed_for_those_who_take_it(client: Client) -> None:
    # Django hides a random name of up to 100 bytes in the packed form and sends the plain one when that is no longer than it:
    # the data must be so long that chance cannot decide.
    numbers = np.arange(100)
    extras = {"map_cells": np.stack([numbers, numbers], axis=1).astype(np.int32), "map_regions": np.zeros((100, 2), np.int32)}
    write_index(make_index({f"item{number:03}": (1.0, number) for number in range(100)}, extras=extras))
    plain = ready_data(client)
    packed = client.get("/map/data.json", headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.content)) == plain


@pytest.mark.django_db
def test_items_without_a_row_are_on_the_map(client: Client) -> None:
    write_index(make_index(extras=MAP))
    data = ready_data(client)
    assert data["ids"] == list("abcdef")
    assert data["regions"] == []


@pytest.mark.usefixtures("mapped")
def test_a_card_for_each_item_and_no_other(client: Client) -> None:
    response = client.get("/map/items/b/")
    assert response.status_code == 200
    assert b"Shirt b" in response.content
    assert b"<html" not in response.content
    assert client.get("/map/items/zzz/").status_code == 404


@pytest.mark.usefixtures("catalogue")
def test_an_older_index_says_what_to_run(client: Client) -> None:
    page = client.get("/map/")
    assert page.status_code == 503
    assert b"python manage.py build_index" in page.content
    assert client.get("/map/data.json").status_code == 503
    assert client.get("/api/v1/map").status_code == 503
    assert "build_index" in client.get("/api/v1/map").json()["detail"]


@pytest.mark.usefixtures("mapped")
def test_only_for_looking(client: Client) -> None:
    for path in ("/map/", "/map/data.json", "/map/items/a/"):
        assert client.post(path).status_code == 405


@pytest.mark.usefixtures("mapped")
def test_the_api_tells_places_page_by_page(client: Client) -> None:
    answer = client.get("/api/v1/map?offset=1&limit=2").json()
    assert (answer["columns"], answer["rows"], answer["total"]) == (3, 4, 6)
    assert answer["items"] == [{"id": "b", "x": 1, "y": 0}, {"id": "c", "x": 2, "y": 0}]
    assert {"name": "Dogs", "x": 1.5, "y": 0.5, "items": 3, "level": 0} in answer["regions"]
    assert client.get("/api/v1/map?limit=100000").status_code == 422


@pytest.mark.usefixtures("mapped")
def test_an_item_says_where_it_is_on_the_map(client: Client) -> None:
    assert b"/map/?item=a" in client.get("/items/a/").content


@pytest.mark.django_db
def test_regions_of_untitled_items_are_named_by_colour_in_the_readers_language(client: Client) -> None:
    red = [colour.name for colour in COLOURS].index("red")
    write_index(make_index(extras={**MAP, "dominant_colour": np.full(6, red, np.uint8)}))
    ready_data(client)
    english = client.get("/map/data.json", headers={"Accept-Language": "en"}).json()["regions"]
    russian = client.get("/map/data.json", headers={"Accept-Language": "ru"}).json()["regions"]
    assert [name for name, _x, _y, _count, level in english if level == 0] == ["Red", "Red 2"]
    assert [name for name, _x, _y, _count, level in russian if level == 0] == ["Красный", "Красный 2"]
