"""/recent/: the pictures of items that a browser remembers."""

import re

from django.test import Client
from django.utils import timezone

from catalog.models import Item
from tests.catalog.builders import add_item, add_items, make_index, write_index


def shown(client: Client, ids: str) -> list[str]:
    response = client.get("/recent/", {"ids": ids})
    assert response.status_code == 200
    return re.findall(r'data-item="([^"]+)"', response.content.decode())


def test_shows_what_is_asked_for_in_that_order_once(client: Client, catalogue: None) -> None:
    assert shown(client, "c,a,c,b") == ["c", "a", "b"]


def test_leaves_out_what_is_gone_hidden_or_unknown(client: Client, catalogue: None) -> None:
    Item.objects.filter(pk="a").update(delisted_at=timezone.now())
    Item.objects.filter(pk="b").update(hidden=True)
    Item.objects.filter(pk="c").update(in_stock=False)
    assert shown(client, "a,b,c,zzz,../etc,,<b>") == ["c"]


def test_works_without_an_index_and_without_rows(client: Client, db: None) -> None:
    add_item("a")
    assert shown(client, "a,b") == ["a"]
    write_index(make_index({"b": (1, 1)}))
    assert shown(client, "b") == ["b"]


def test_shows_twelve_at_most(client: Client, db: None) -> None:
    ids = [f"i{number:02}" for number in range(20)]
    add_items(ids)
    assert shown(client, ",".join(ids)) == ids[:12]


def test_is_kept_nowhere(client: Client, catalogue: None) -> None:
    response = client.get("/recent/?ids=a")
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert client.post("/recent/").status_code == 405
