"""What the owner pins stands at the front of the catalogue, 1 first, each once, through all its pages."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from catalog.browse.filters import Filters
from catalog.browse.keyset import GridPage, keyset_page
from catalog.models import Item
from tests.catalog.builders import SEEN, add_item

# The newest has the highest number.
NEWEST_FIRST = ["i4", "i1", "i6", "i5", "i3", "i2", "i0"]
BY_ID = ["i4", "i1", "i0", "i2", "i3", "i5", "i6"]


@pytest.fixture
def seven(db: None) -> None:
    for number in range(7):
        add_item(f"i{number}", pinned={4: 1, 1: 2}.get(number))
        Item.objects.filter(pk=f"i{number}").update(first_seen=SEEN + timedelta(minutes=number))


def take(size: int, **cursor: str) -> GridPage:
    return keyset_page(Item.objects.all(), Filters(**cursor), size, pinned_first=True)  # type: ignore[arg-type]


def ids(found: GridPage) -> list[str]:
    return [product.item_id for product in found.products]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_every_item_once_with_the_pinned_first(seven: None, size: int) -> None:
    pages = [take(size)]
    while pages[-1].next:
        pages.append(take(size, after=pages[-1].next))
    assert [item_id for found in pages for item_id in ids(found)] == NEWEST_FIRST
    for later, earlier in zip(pages[:0:-1], pages[-2::-1], strict=True):
        assert ids(take(size, before=later.previous)) == ids(earlier)


def test_two_at_one_place_stand_by_id(seven: None) -> None:
    Item.objects.filter(pk="i0").update(pinned=1)
    assert ids(take(3)) == ["i0", "i4", "i1"]
    assert ids(take(1, after=take(1).next)) == ["i4"]


def shown(client: Client, query: str = "") -> list[str]:
    return re.findall(r'data-item="([^"]+)"', client.get(f"/items/{query}").content.decode())


def test_the_catalogues_page_starts_with_them(client: Client, seven: None) -> None:
    assert shown(client) == NEWEST_FIRST


@pytest.mark.parametrize("query", ["?q=shirt", "?sort=id", "?sort=price", "?price_max=90"])
def test_a_search_a_filter_or_another_order_does_not(client: Client, seven: None, query: str) -> None:
    assert shown(client, query)[0] in {"i0", "i6"}


def test_hidden_ones_do_not_stand_there(client: Client, seven: None) -> None:
    Item.objects.filter(pk="i4").update(hidden=True)
    assert shown(client)[0] == "i1"


@pytest.mark.parametrize(("query", "expected"), [("", BY_ID), ("&sort=new", NEWEST_FIRST)])
def test_the_api_starts_with_them_too(client: Client, seven: None, query: str, expected: list[str]) -> None:
    address: str | None = f"/api/v1/items?limit=3{query}"
    met = []
    while address:
        answer = client.get(address).json()
        met += [item["id"] for item in answer["items"]]
        address = answer["next"]
    assert met == expected


def test_a_pins_cursor_in_another_list_starts_it_again(client: Client, seven: None) -> None:
    assert shown(client, "?sort=id&after=pin1~i4") == ["i0", "i1", "i2", "i3", "i4", "i5", "i6"]
    assert client.get("/items/?sort=price&after=pin1~i4").status_code == 400
