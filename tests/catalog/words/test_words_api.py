"""GET /api/v1/search/words, and words with a photo."""

from typing import Any

import cv2
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.catalog.builders import make_index, write_index

pytestmark = pytest.mark.django_db


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [neighbour["id"] for neighbour in response.json()["neighbours"]]


def get(client: Client, **asked: Any) -> Any:
    return client.get("/api/v1/search/words", asked)


def photo(blue: int, green: int, red: int) -> SimpleUploadedFile:
    picture = np.full((40, 30, 3), (blue, green, red), np.uint8)
    return SimpleUploadedFile("me.png", cv2.imencode(".png", picture)[1].tobytes(), "image/png")


@pytest.mark.usefixtures("words_site")
def test_words_with_an_item_and_without_one(client: Client) -> None:
    assert set(ids(get(client, q="red", k=2))) == {"crimson", "scarlet"}
    assert ids(get(client, q="red", item="sky", k=1)) == ["violet"]
    assert ids(get(client, q="red", without="crimson", k=1)) == ["scarlet"]
    assert ids(get(client, item="crimson", k=1)) == ["scarlet"]
    assert ids(get(client, q="red", category="dark", k=50)) == ["olive", "navy"]


@pytest.mark.usefixtures("words_site")
def test_distances_are_those_to_the_words(client: Client) -> None:
    found = get(client, q="red", k=50).json()["neighbours"]
    distances = [neighbour["distance"] for neighbour in found]
    assert distances == sorted(distances)
    assert 0 <= distances[0] < 0.1
    assert found[0]["closer_than"] is None


@pytest.mark.usefixtures("words_site")
def test_a_photo_and_words(client: Client) -> None:
    alone = client.post("/api/v1/search", {"photo": photo(250, 150, 60), "k": 1})
    assert ids(alone) == ["sky"]
    worded = client.post("/api/v1/search", {"photo": photo(250, 150, 60), "words": "red", "k": 1})
    assert ids(worded) == ["violet"]
    assert worded.json()["close"] is None


@pytest.mark.usefixtures("words_site")
def test_a_photo_and_words_on_the_page(client: Client) -> None:
    page = client.post(reverse("catalog:photo"), {"photo": photo(250, 150, 60), "words": "red"}).content.decode()
    first = page.partition("data-wall>")[2].partition('data-item="')[2].partition('"')[0]
    assert first == "violet"
    assert 'name="words" value="red"' in page


@pytest.mark.usefixtures("words_site")
@pytest.mark.parametrize(
    ("asked", "status", "detail"),
    [
        ({}, 422, "q: say what to look for"),
        ({"without": "navy"}, 422, "q: say what to look for"),
        ({"q": "red", "item": "nothing"}, 404, "No item 'nothing'"),
        ({"q": "red", "price_max": "cheap"}, 422, "price_max is"),
        ({"q": "red", "k": 51}, 422, "k: "),
    ],
)
def test_what_cannot_be_asked_is_named(client: Client, asked: dict[str, Any], status: int, detail: str) -> None:
    response = get(client, **asked)
    assert response.status_code == status
    assert detail in response.json()["detail"]


def test_an_index_that_reads_no_words_says_so(client: Client) -> None:
    write_index(make_index())
    for response in (get(client, q="red"), client.post("/api/v1/search", {"photo": photo(1, 2, 3), "words": "red"})):
        assert response.status_code == 404
        assert "build it with an encoder that has a text tower" in response.json()["detail"]
