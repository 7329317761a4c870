"""Items that programs send: tokens, what is refused, and the way to a row."""

import base64
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from pytest_django import Settings

from catalog.models import Correction, Item, PushedItem
from catalog.owner.models import ApiToken
from catalog.owner.tokens import new_token
from scraping.previews import write_preview
from scraping.pushed_items import MAX_TRIES, take_pushed
from tests.catalog.builders import add_item


@pytest.fixture
def token(db: None) -> str:
    token, digest = new_token()
    ApiToken.objects.create(name="shop system", digest=digest)
    return token


@pytest.fixture
def images(settings: Settings, tmp_path: Path) -> Path:
    settings.IMAGES_DIR = tmp_path / "images"
    return Path(settings.IMAGES_DIR)


def picture(width: int = 40, height: int = 60) -> str:
    """A PNG, base64."""
    import cv2

    done, encoded = cv2.imencode(".png", np.full((height, width, 3), 90, np.uint8))
    assert done
    return base64.b64encode(encoded.tobytes()).decode()


def send(client: Client, token: str, path: str, body: Any, method: str = "put") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    call = getattr(client, method)
    return call(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)


@pytest.mark.parametrize("token_sent", ["", "wrong"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("put", "items/n1", {"title": "x"}), ("delete", "items/a", {}), ("post", "items:batch", {"items": [{"id": "a"}]})],
)
def test_no_token_no_write(client: Client, token: str, token_sent: str, method: str, path: str, body: Any) -> None:
    add_item("a")
    assert send(client, token_sent, path, body, method).status_code == 401
    assert Item.objects.get().delisted_at is None
    assert not PushedItem.objects.exists()


def test_a_new_item_with_its_picture_waits_for_a_build(client: Client, token: str, images: Path) -> None:
    body = {"title": "New shirt", "price": "12.50", "currency": "EUR", "in_stock": True, "picture": picture()}
    answer = send(client, token, "items/n1", body)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert "build_index" in answer.json()["seen"]
    assert not Item.objects.exists()
    report = take_pushed(images)
    assert (report.downloaded, report.failures) == (1, [])
    item = Item.objects.get()
    assert (item.title, item.price, item.in_stock, item.source) == ("New shirt", Decimal("12.50"), True, "api")
    assert (item.width, item.height) == (40, 60)
    assert (images / "n1.jpg").read_bytes()[:3] == b"\xff\xd8\xff"
    assert not PushedItem.objects.exists()


def test_fields_of_a_known_item_are_written_at_once(client: Client, token: str) -> None:
    add_item("a", brand="Acme")
    answer = send(client, token, "items/a", {"price": "9.00", "in_stock": False})
    assert answer.json() == {"id": "a", "state": "applied", "seen": "now", "detail": ""}
    item = Item.objects.get()
    assert (item.price, item.in_stock, item.title, item.brand) == (Decimal("9.00"), False, "Shirt a", "Acme")


def test_a_pushed_title_does_not_undo_the_owners_correction(client: Client, token: str) -> None:
    item = add_item("a")
    correction = Correction(item=item, title="The owner's")
    correction.correct(item)
    correction.save()
    item.save()
    send(client, token, "items/a", {"title": "The system's"})
    assert Item.objects.get().title == "The owner's"
    assert Correction.objects.get().shop["title"] == "The system's"


def test_an_item_is_taken_off_sale_and_comes_back(client: Client, token: str) -> None:
    add_item("a")
    assert send(client, token, "items/a", {}, "delete").json()["state"] == "deleted"
    assert Item.objects.get().delisted_at is not None
    send(client, token, "items/a", {"in_stock": True})
    assert Item.objects.get().delisted_at is None


def test_an_unknown_item_cannot_be_deleted(client: Client, token: str) -> None:
    assert send(client, token, "items/zzz", {}, "delete").status_code == 404


@pytest.mark.parametrize(
    ("item_id", "body", "reason"),
    [
        ("n1", {"title": "No picture"}, "picture"),
        ("n1", {"picture": "%%%"}, "base64"),
        ("n1", {"picture": base64.b64encode(b"<html>").decode()}, "picture"),
        ("n1", {"picture": picture(), "picture_url": "https://shop.example/1.jpg"}, "not both"),
        ("n1", {"picture_url": "file:///etc/passwd"}, "picture_url"),
        ("n1", {"picture": picture(), "price": "-1"}, "price"),
        ("n1", {"picture": picture(), "price": "NaN"}, "price"),
        ("n1", {"picture": picture(), "currency": "euro"}, "currency"),
        ("n1", {"picture": picture(), "colour": "red"}, "colour"),
        ("...", {"picture": picture()}, "id"),
        ("n" * 65, {"picture": picture()}, "id"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(
    client: Client, token: str, item_id: str, body: dict[str, Any], reason: str
) -> None:
    answer = send(client, token, f"items/{item_id}", body)
    assert answer.status_code == 422, answer.content
    assert reason in answer.json()["detail"]
    assert not PushedItem.objects.exists()


def test_a_zero_byte_is_refused(client: Client, token: str) -> None:
    answer = send(client, token, "items/n1", {"picture": picture(), "title": "a\x00b"})
    assert answer.status_code == 400
    assert "zero byte" in answer.json()["detail"]
    assert not Item.objects.exists()


def test_a_batch_takes_each_by_itself(client: Client, token: str) -> None:
    add_item("a")
    items = [{"id": "a", "price": "1.00"}, {"id": "n1", "title": "none"}, {"id": "n2", "picture": picture()}]
    answer = send(client, token, "items:batch", {"items": items}, "post")
    assert answer.status_code == 202
    assert [(one["id"], one["state"]) for one in answer.json()["items"]] == [
        ("a", "applied"),
        ("n1", "refused"),
        ("n2", "queued"),
    ]


def test_a_picture_that_cannot_be_fetched_stays_with_its_reason(token: str, images: Path) -> None:
    PushedItem.objects.create(item_id="n1", picture_url="http://127.0.0.1:9/none.jpg")
    report = take_pushed(images)
    assert len(report.failures) == 1
    pushed = PushedItem.objects.get()
    assert pushed.tries == 1
    assert pushed.problem
    PushedItem.objects.update(tries=MAX_TRIES)
    assert take_pushed(images).failures == []
    assert not Item.objects.exists()


def test_a_damaged_picture_is_named(token: str, images: Path) -> None:
    data = base64.b64decode(picture())
    PushedItem.objects.create(item_id="n1", picture=data[:-20])
    assert [failure.item_id for failure in take_pushed(images).failures] == ["n1"]
    assert not (images / "n1.jpg").exists()


def test_what_is_sent_again_meanwhile_is_kept(token: str, images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PushedItem.objects.create(item_id="n1", picture=base64.b64decode(picture()), fields={"title": "first"})

    def write_while_sent_again(*args: Any) -> Path:
        PushedItem.objects.get().save()  # a new received_at
        return write_preview(*args)

    monkeypatch.setattr("scraping.pushed_items.write_preview", write_while_sent_again)
    take_pushed(images)
    assert PushedItem.objects.count() == 1


def test_neighbours_of_many_items(client: Client, shop: None) -> None:
    body = json.dumps({"ids": ["a", "zzz", "c"], "k": 2})
    answer = client.post("/api/v1/similar:batch", body, content_type="application/json").json()
    assert [one["item"]["id"] for one in answer["items"]] == ["a", "c"]
    assert [len(one["neighbours"]) for one in answer["items"]] == [2, 2]
    assert answer["unknown"] == ["zzz"]
