"""The item's page is made from kept templates: what is the visitor's, the moment's or the catalogue's must not be kept."""

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import set_script_prefix
from django.utils import timezone
from django.utils.safestring import SafeString

from catalog.index_store import get_store
from catalog.models import Item
from catalog.stencils import Pen, _draw
from tests.catalog.builders import MANIFEST, POINTS, add_item, add_items, make_index, write_index

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
        ({"url": "https://elsewhere.example/b"}, "https://elsewhere.example/b"),
    ],
)
def test_what_a_scrape_changes_shows_at_once(client: Client, catalogue: None, changed: dict[str, Any], shown: str) -> None:
    assert shown not in html(client)
    Item.objects.filter(pk="b").update(**changed)
    assert shown in html(client)


def test_the_items_own_price_shows_at_once(client: Client, catalogue: None) -> None:
    html(client)
    Item.objects.filter(pk="a").update(price=Decimal("1234.50"), category="Hats", dominant_colour="red")
    hero = html(client).split("<section")[1]
    assert "€1234.50" in hero
    assert "?category=Hats" in hero
    assert "swatch-red" in hero


def test_what_left_the_shop_is_gone_at_once(client: Client, catalogue: None) -> None:
    assert 'data-item="c"' in html(client)
    Item.objects.filter(pk="c").update(delisted_at=timezone.now())
    assert 'data-item="c"' not in html(client)


def test_a_new_index_shows_at_once(client: Client, db: None) -> None:
    path = write_index()
    assert "6 items compared" in html(client)
    write_index(make_index({"a": (1, 0), "b": (2, 0)}, {**MANIFEST, "weights": {"label": "random"}}))
    os.utime(path, (1, 1))
    get_store()._next_check = float("-inf")
    page = html(client)
    assert "2 items compared" in page
    assert "untrained network" in page


def test_likes_are_their_visitors_alone(client: Client, catalogue: None) -> None:
    other = Client()
    html(client)
    judge(client, like="b")
    judge(client, dislike="c")
    judge(client, like="a")
    assert pressed(html(client)) == {("b", "like"), ("c", "dislike"), ("a", "like")}
    assert "data-taste-count>3<" in html(client)
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
    assert len({*mine, *theirs}) == 2
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
    assert {link.split("/")[1] for link in links} == {"shop", "static", "api"}
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


def test_more_visitors_and_items_leave_nothing_more_behind(catalogue: None) -> None:
    def visit(titles: str) -> None:
        Item.objects.update(title=titles, price=Decimal(len(titles)))
        client = Client()
        for item_id in POINTS:
            html(client, f"/items/{item_id}/?x={titles}", headers={"host": f"{titles}.example"})

    visit("first")
    kept = _draw.cache_info().misses
    for titles in ("second", "third", "fourth"):
        visit(titles)
    assert _draw.cache_info().misses == kept


def rendered(self: Pen, template: str, values: Mapping[str, str], html: Mapping[str, str] = {}, **frozen: object) -> str:
    safe = {name: SafeString(text) for name, text in html.items()}
    return get_template(template).render({**frozen, **values, **safe})


@pytest.mark.parametrize("language", ["en", "ru"])
def test_filling_gives_what_rendering_gives(db: None, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """Every form of the page: with and without price, link, category, colour, vector, copies, quantiles, likes; odd titles."""
    quantiles = {f"distance_quantiles_{metric}": np.linspace(0, 9, 11, dtype=np.float32) for metric in ("cosine", "euclidean")}
    places = {f"map_{name}": np.zeros((6, 2), np.int32) for name in ("cells", "regions")}
    groups = {"duplicate_group": np.array([0, 1, 2, 2, 3, 4], np.int32)}
    skipped = {"skipped": {"lost": "too small <8 pixels>"}, "previews": {"b": "12345678abcdef"}}
    write_index(make_index(POINTS, {**MANIFEST, **skipped}, {**quantiles, **groups, **places}))
    add_items(["a", "lost"])
    add_item("b", title="<b>&amp; 100 % {{ x }} %(price)s 'кот' \"€\"", category="T-shirts & <hats>", dominant_colour="navy")
    add_item("c", price=None, url="", dominant_colour="odd")
    add_item("d", delisted_at=timezone.now())
    add_item("e", title="", price="0.00", currency="")
    client = Client(headers={"accept-language": language})
    for fields in ({"like": "b"}, {"dislike": "e"}):
        judge(client, **fields)
    addresses = [f"/items/{item_id}/{query}" for item_id in (*POINTS, "lost") for query in ("", "?fold=0", "?cosine=20&z=<")]
    addresses += ["/items/", "/taste/?like=a"]
    filled = [html(client, address) for address in addresses * 2]
    monkeypatch.setattr(Pen, "fill", rendered)
    assert [TOKEN.sub("", page) for page in filled] == [TOKEN.sub("", html(client, address)) for address in addresses * 2]
