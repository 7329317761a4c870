"""/: a random item's page, never from a cache."""

import random
import re

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Item
from tests.catalog.builders import POINTS


def shown(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    found = re.search(r'data-item-page="/items/(\w+)/"', response.content.decode())
    assert found
    return found.group(1)


def test_shows_an_item_of_the_index(client: Client, catalogue: None) -> None:
    assert shown(client) in POINTS


def test_shows_another_one_sooner_or_later(client: Client, catalogue: None) -> None:
    # All forty the same: once in 6 ** 39.
    assert len({shown(client) for _ in range(40)}) > 1


def test_is_not_kept_by_browsers(client: Client, catalogue: None) -> None:
    assert "no-store" in client.get("/").headers["Cache-Control"]


def test_prefers_items_on_sale(client: Client, catalogue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "SystemRandom", lambda: random.Random(0))
    Item.objects.filter(pk__in=["b", "c", "d"]).update(delisted_at=timezone.now())
    assert shown(client) in {"a", "e", "f"}


def test_when_all_are_delisted_shows_one_of_them(client: Client, catalogue: None) -> None:
    Item.objects.update(delisted_at=timezone.now())
    assert shown(client) in POINTS


def test_names_its_own_address(client: Client, catalogue: None) -> None:
    assert re.search(r'<link rel="canonical" href="http://testserver/items/\w+/">', client.get("/").content.decode())


def test_post_is_405(client: Client, catalogue: None) -> None:
    assert client.post("/").status_code == 405


def test_what_narrows_it_down_leads_to_the_same_item(client: Client, catalogue: None) -> None:
    html = client.get("/").content.decode()
    address = re.search(r'data-item-page="([^"]+)"', html)
    assert address
    assert set(re.findall(r'href="([^"?]*)\?[^"]*" data-swap', html)) == {address[1]}


def test_its_forms_lead_back_to_the_same_item(client: Client, catalogue: None) -> None:
    html = client.get("/").content.decode()
    item = re.search(r'data-item-page="([^"]+)"', html)
    assert item
    assert set(re.findall(r'name="next" value="([^"]+)"', html)) == {item[1]}
