"""What is the visitor's, the moment's or the catalogue's on an item's page is never kept for the next answer."""

import os
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import set_script_prefix
from django.utils import timezone

from catalog.index_store import get_store
from catalog.models import Item
from tests.catalog.builders import MANIFEST, make_index, write_index

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def html(client: Client, address: str = "/items/a/", **extra: Any) -> str:
    response = client.get(address, **extra)
    assert response.status_code == 200
    return response.content.decode()


def pressed(page: str) -> set[tuple[str, str]]:
    return set(re.findall(r'name="forget" value="(\w)" data-verdict="(\w+)" aria-pressed="true"', page))


def judge(client: Client, **fields: str) -> None:
    assert client.post("/taste/judge/", fields).status_code == 302


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"price": Decimal("7.50")}, "€7.50"),
        ({"title": "A new name"}, "A new name"),
        ({"currency": "USD"}, "$19.90"),
    ],
)
def test_what_a_scrape_changes_shows_at_once(client: Client, catalogue: None, changed: dict[str, Any], shown: str) -> None:
    assert shown not in html(client)
    Item.objects.filter(pk="b").update(**changed)
    assert shown in html(client)


def test_the_items_own_price_shows_at_once(client: Client, catalogue: None) -> None:
    html(client)
    Item.objects.filter(pk="a").update(price=Decimal("1234.50"), category="Hats", dominant_colour="red")
    hero = html(client).split("<article")[1].split("</article>")[0]
    assert "€1234.50" in hero
    assert "?category=Hats" in hero
    assert "swatch-red" in hero


def test_what_left_the_shop_is_gone_at_once(client: Client, catalogue: None) -> None:
    assert 'data-item="c"' in html(client)
    Item.objects.filter(pk="c").update(delisted_at=timezone.now())
    assert 'data-item="c"' not in html(client)


def test_a_new_index_shows_at_once(client: Client, db: None) -> None:
    path = write_index()
    assert "6 things, compared" in html(client)
    write_index(make_index({"a": (1, 0), "b": (2, 0)}, {**MANIFEST, "weights": {"label": "random"}}))
    os.utime(path, (1, 1))
    get_store()._next_check = float("-inf")
    page = html(client)
    assert "2 things, compared" in page
    assert "untrained network" in page


def test_likes_are_their_visitors_alone(client: Client, catalogue: None) -> None:
    other = Client()
    html(client)
    judge(client, like="b")
    judge(client, dislike="c")
    judge(client, like="a")
    assert pressed(html(client)) == {("b", "like"), ("a", "like")}
    assert pressed(html(client, "/items/c/")) == {("b", "like"), ("a", "like"), ("c", "dislike")}
    assert "data-taste-count>2<" in html(client)
    assert pressed(html(other)) == set()
    assert "data-taste-count hidden>0<" in html(other)


def test_what_is_forgotten_is_forgotten_at_once(client: Client, catalogue: None) -> None:
    judge(client, like="b")
    html(client)
    judge(client, forget="b")
    assert pressed(html(client)) == set()


def test_each_visitor_has_a_token_of_their_own(catalogue: None) -> None:
    one, other = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    mine, theirs = (TOKEN.findall(html(client)) for client in (one, other))
    assert len(mine) == 2  # the language's form and the taste's
    assert not {*mine} & {*theirs}
    assert one.post("/taste/judge/", {"like": "b", "csrfmiddlewaretoken": mine[0]}).status_code == 302
    assert one.post("/taste/judge/", {"like": "b", "csrfmiddlewaretoken": theirs[0]}).status_code == 403
    assert other.post("/i18n/setlang/", {"language": "ru", "csrfmiddlewaretoken": theirs[1]}).status_code == 302


def test_a_visitors_token_is_masked_anew_for_each_answer(client: Client, catalogue: None) -> None:
    assert TOKEN.findall(html(client)) != TOKEN.findall(html(client))


def test_answers_differ_by_cookie_and_language(client: Client, catalogue: None) -> None:
    vary = client.get("/items/a/").headers["Vary"]
    assert "Cookie" in vary
    assert "Accept-Language" in vary


def test_the_canonical_address_has_the_host_that_was_asked(client: Client, catalogue: None) -> None:
    for host in ("one.example", "two.example", "one.example"):
        page = html(client, headers={"host": host})
        assert re.findall(r"https?://\w+\.example/items[^\"]*", page) == [f"http://{host}/items/a/"]


def test_the_way_back_is_the_address_that_was_asked(client: Client, catalogue: None) -> None:
    for address in ("/items/a/?x=1", "/items/a/", "/items/a/?x=%3Cb%3E"):
        assert re.findall(r'name="next" value="([^"]*)"', html(client, address)) == [address, address]


def test_links_stay_below_the_prefix_of_the_site(client: Client, catalogue: None) -> None:
    assert "/shop/" not in html(client)
    set_script_prefix("/shop/")
    try:
        links = set(re.findall(r'(?:href|action|src)="(/[^"]*)"', html(client)))
    finally:
        set_script_prefix("/")
    assert {link.split("/")[1] for link in links} == {"shop", "static"}
    assert "/shop/" not in html(client)


def test_each_place_is_marked_as_itself(client: Client, catalogue: None) -> None:
    current = 'href="/" aria-current="page"'
    assert [current in html(client, address) for address in ("/items/a/", "/", "/items/a/")] == [False, True, False]


def test_a_message_is_shown_once_and_to_nobody_else(client: Client, db: None) -> None:
    write_index(make_index({f"i{n:02}": (n + 1.0, 1.0) for n in range(61)}))
    for n in range(61):
        judge(client, like=f"i{n:02}")
    said = "the oldest judgement was dropped"
    assert [said in html(one, "/items/i00/") for one in (Client(), client, client)] == [False, True, False]
