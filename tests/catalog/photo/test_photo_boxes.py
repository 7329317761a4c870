"""/search/photo/ and POST /api/v1/search where the index's network finds boxes: two prints, a garment, the whole.

The network of these tests sees how blue and how red a box's middle is. A print is compared by two vectors.
"""

import re
from html import unescape
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from numpy.typing import NDArray
from pytest_django import Settings

from catalog.errors import BadParameterError
from catalog.models import Item
from catalog.photo import inference_pool
from catalog.photo.boxes import chosen_box, named_boxes, parse_box
from indexing import query
from indexing.networks.boxes import WHOLE, Box
from tests.catalog.builders import MANIFEST, add_items, make_index, write_index
from tests.catalog.photo.test_photo_page import wall

pytestmark = pytest.mark.django_db

# Blue, blue from afar, as the whole photo is, red, neither, as black as its lower half.
POINTS = {"a": (1.0, 0.0), "b": (9.0, 0.0), "c": (0.25, 0.25), "d": (0.0, 1.0), "e": (5.0, 5.0), "f": (0.01, 0.01)}
LEFT = Box("print", 0.9, 0.0, 0.0, 0.5, 0.5)
RIGHT = Box("print", 0.4, 0.5, 0.0, 1.0, 0.5)
GARMENT = Box("garment", 0.8, 0.0, 0.5, 1.0, 1.0)


class FakeNetwork:
    """Gives the boxes it is made with; counts what it was asked, and with which pixels."""

    def __init__(self, *boxes: Box) -> None:
        self.boxes = boxes
        self.asked: list[tuple[str, NDArray[np.uint8]]] = []
        self.heads: Any = None

    def find_boxes(self, picture: NDArray[np.uint8], *_args: Any) -> list[Box]:
        self.asked.append(("boxes", picture))
        return [*self.boxes, WHOLE]

    def box_queries(self, picture: NDArray[np.uint8], box: Box, *args: Any) -> NDArray[np.float32]:
        self.asked.append((box.kind, picture))
        self.heads = args[-1] if args else None
        blue, _green, red = box.cut(picture).reshape(-1, 3).mean(axis=0) / 255
        point = np.array([[blue, red]], np.float32)
        return np.concatenate([point, 9 * point]) if box.kind == "print" else point

    def embed(self, picture: NDArray[np.uint8], *_args: Any) -> query.Embedding:
        self.asked.append(("embed", picture))
        return query.Embedding(self.box_queries(picture, WHOLE)[0], np.empty((0, 0, 0), np.float32))

    @property
    def work(self) -> list[str]:
        return [kind for kind, _picture in self.asked]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> FakeNetwork:
    return installed(monkeypatch, LEFT, RIGHT, GARMENT)


def installed(monkeypatch: pytest.MonkeyPatch, *boxes: Box) -> FakeNetwork:
    """A catalogue whose index is one of lite0, and a network that finds these boxes."""
    fake = FakeNetwork(*boxes)
    monkeypatch.setattr(inference_pool, "_pool", None)
    for name in ("find_boxes", "box_queries", "embed"):
        monkeypatch.setattr(query, name, getattr(fake, name))
    write_index(make_index(POINTS, {**MANIFEST, "network": "lite0"}))
    add_items()
    return fake


def photo(kind: str = ".png") -> SimpleUploadedFile:
    """A blue and a red quarter above black."""
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[:100, :100, 0] = picture[:100, 100:, 2] = 255
    return SimpleUploadedFile(f"me{kind}", bytes(cv2.imencode(kind, picture)[1].tobytes()), "image/png")


def search(client: Client, **fields: Any) -> Any:
    return client.post("/api/v1/search", {"photo": photo(), "metric": "euclidean", **fields})


def chosen(page: str) -> list[str]:
    """Names of the boxes on a page; the chosen one in brackets."""
    radios = re.findall(r'<input type="radio" name="box" value="([^"]+)"[^>]*?( checked)?>', page)
    return [f"[{name}]" if checked else name for name, checked in radios]


def test_the_surest_print_is_chosen(client: Client, network: FakeNetwork) -> None:
    answer = search(client, k=2).json()
    assert answer["box"] == "print-1"
    assert [box["name"] for box in answer["boxes"]] == ["print-1", "print-2", "garment-1", "whole"]
    assert answer["boxes"][1] == {
        "name": "print-2", "kind": "print", "score": 0.4, "left": 0.5, "top": 0.0, "right": 1.0, "bottom": 0.5,
    }  # fmt: skip
    assert network.work == ["boxes", "print"]
    assert [(hit["id"], round(hit["distance"], 3)) for hit in answer["neighbours"]] == [("a", 0.0), ("b", 0.0)]


def test_of_a_prints_distances_nothing_is_concluded(client: Client, network: FakeNetwork) -> None:
    answer = search(client).json()
    assert answer["close"] is None
    assert {hit["closer_than"] for hit in answer["neighbours"]} == {None}
    assert search(client, box="whole").json()["close"] is not None
    far = np.full((40, 40, 3), 255, np.uint8)
    sent = SimpleUploadedFile("me.png", bytes(cv2.imencode(".png", far)[1]), "image/png")
    assert "Nothing close here" not in client.post(reverse("catalog:photo"), {"photo": sent}).content.decode()


@pytest.mark.parametrize(
    ("asked", "used", "first"),
    [("whole", "whole", "c"), ("print", "print-1", "a"), ("print-2", "print-2", "d"), ("garment", "garment-1", "f")],
)
def test_another_box_can_be_asked_for(client: Client, network: FakeNetwork, asked: str, used: str, first: str) -> None:
    answer = search(client, box=asked).json()
    assert (answer["box"], answer["neighbours"][0]["id"]) == (used, first)


@pytest.mark.parametrize("asked", ["print-3", "garment-2", "trousers", "print-0", "own"])
def test_a_box_that_is_not_there_is_422(client: Client, network: FakeNetwork, asked: str) -> None:
    response = search(client, box=asked)
    assert response.status_code == 422
    assert "box: " in response.json()["detail"]


def test_without_a_print_it_is_the_whole(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, GARMENT)
    assert search(client).json()["box"] == "whole"


def test_the_network_is_told_where_learned_heads_are(client: Client, network: FakeNetwork, settings: Settings) -> None:
    search(client)
    assert network.heads == settings.HEADS_DIR


def test_a_crop_is_what_it_is_called(client: Client, network: FakeNetwork) -> None:
    answer = search(client, crop="0.5,0,1,0.5", box="print").json()
    assert (answer["box"], answer["boxes"], answer["close"]) == ("own", [], None)
    assert answer["neighbours"][0]["id"] == "d"
    assert network.work == ["print"]
    assert network.asked[0][1].shape == (200, 200, 3)  # what is around the print is looked at, too
    search(client, crop="0.5,0,1,0.5")
    assert network.work[1] == "embed"  # any other crop is looked at as an item is, by itself
    assert network.asked[1][1].shape == (100, 100, 3)
    assert search(client, crop="0.5,0,0.51,0.01", box="print").status_code == 400


def test_a_network_that_finds_none_has_the_whole_alone(
    client: Client, catalogue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "embed", FakeNetwork().embed)
    answer = search(client).json()
    assert (answer["box"], [box["name"] for box in answer["boxes"]]) == ("whole", ["whole"])
    assert search(client, box="print").status_code == 422
    assert "data-proposing" not in client.get(reverse("catalog:photo")).content.decode()


def test_the_page_lists_the_boxes(client: Client, network: FakeNetwork) -> None:
    page = client.post(reverse("catalog:photo"), {"photo": photo()}).content.decode()
    assert chosen(page) == ["[print-1]", "print-2", "garment-1", "whole"]
    assert re.findall(r"<span>(.*?)</span></label>", page) == ["Print 1", "Print 2", "Garment", "Whole picture"]
    assert "Looks like the print" in page
    assert '<rect class="box-line on" data-box="print-1" x="0" y="0" width="500" height="500"' in page
    assert 'style="' not in page


def test_another_box_is_chosen_with_the_picture_that_the_page_kept(client: Client, network: FakeNetwork) -> None:
    page = client.post(reverse("catalog:photo"), {"photo": photo()}).content.decode()
    kept = re.findall(r'name="kept" value="([^"]+)"', page)
    again = client.post(reverse("catalog:photo"), {"kept": unescape(kept[0]), "box": "print-2"}).content.decode()
    assert chosen(again) == ["print-1", "[print-2]", "garment-1", "whole"]
    assert re.findall(r'name="kept" value="([^"]+)"', again) == kept
    first, second = (picture for kind, picture in network.asked if kind == "boxes")
    np.testing.assert_array_equal(first, second)  # the same pixels, so the same boxes


def test_who_has_the_picture_is_not_sent_it(client: Client, network: FakeNetwork) -> None:
    page = client.post(reverse("catalog:photo"), {"photo": photo(), "without_picture": "1"}).content.decode()
    assert chosen(page) == ["[print-1]", "print-2", "garment-1", "whole", "own"]
    assert "data:image" not in page
    assert 'name="kept"' not in page
    assert client.get(reverse("catalog:photo")).content.decode().count("data-proposing") == 1


@pytest.mark.parametrize("kept", ["", "?", "aGVsbG8="])
def test_what_is_kept_of_no_picture_is_400(client: Client, network: FakeNetwork, kept: str) -> None:
    assert client.post(reverse("catalog:photo"), {"kept": kept}).status_code == 400


def test_boxes_are_named_by_kind_and_number() -> None:
    named = named_boxes([LEFT, RIGHT, GARMENT, WHOLE])
    assert [(box.name, box.label) for box in named] == [
        ("print-1", "Print 1"), ("print-2", "Print 2"), ("garment-1", "Garment"), ("whole", "Whole picture"),
    ]  # fmt: skip
    assert chosen_box(named, "auto").name == "print-1"
    assert chosen_box(named_boxes([GARMENT, WHOLE]), parse_box("")).name == "whole"
    with pytest.raises(BadParameterError, match="no print-1: use one of whole"):
        chosen_box(named_boxes([WHOLE]), "print")


def test_an_answer_is_narrowed_down_by_chips(client: Client, network: FakeNetwork) -> None:
    Item.objects.filter(pk__in=["a", "d"]).update(category="Hats", price=5)
    Item.objects.filter(pk__in=["b", "c", "e", "f"]).update(category="Shoes", price=50)
    page = client.post(reverse("catalog:photo"), {"photo": photo()}).content.decode()
    assert 'form="photo-again" name="narrowed" value="category=Hats"' in page
    kept = unescape(re.findall(r'name="kept" value="([^"]+)"', page)[0])
    narrowed = client.post(
        reverse("catalog:photo"), {"kept": kept, "box": "print-2", "narrowed": "category=Hats"}
    ).content.decode()
    assert wall(narrowed) == ["d", "a"]
    assert chosen(narrowed)[1] == "[print-2]"
    cheap = client.post(
        reverse("catalog:photo"), {"kept": kept, "narrowed": "category=Shoes", "price_max": "9,90"}
    ).content.decode()
    assert "Nothing like this here" in cheap
    assert 'name="narrowed" value="category=Shoes"' in cheap  # the price, taken off
    assert client.post(reverse("catalog:photo"), {"kept": kept, "narrowed": "price_max=much"}).status_code == 400
