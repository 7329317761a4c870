"""Addresses that no page makes: never a 5xx on any of them, whatever stands in path, query or form. Seeded, so they repeat."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from catalog.api import api
from catalog.browse.filters import SORTS
from tests.catalog.builders import write_preview

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

SEED: Final = 14
REQUESTS: Final = 500
CURSORS: Final = (
    "NaN~1", "Infinity~1", "-Infinity~a", "sNaN~1", "1e999999~1", "1e-999999~1", "1_0~a", "٣~a", "~", "~~", "~a", "a~", "-5~a",
    "19.90~a", "99999999999999999999~a", "0001-01-01T00:00:00+14:00~a", "9999-12-31T23:59:59-14:00~a", "0001-01-01T00:00:00Z~a",
    "9999-12-31T23:59:59.999999Z~a", "2026-02-30T00:00:00Z~a", "2026-11-01T12:00:00~a", "2026-11-01T12:00:00+99:99~a",
    "pin0~a", "pin99999~a", "pin٣~a", "pin1~",
)  # fmt: skip
VALUES: Final = (
    *CURSORS, "", "0", "-1", "1", "a", "a,b", "1.5", "NaN", "Infinity", "1e999999", "9" * 20, "9" * 5000, "٣", "²", "price",
    "any", "'", '"', "';--", "%", "_", "%_%", "\\", "{{7*7}}", "<script>", "../../etc/passwd", "..", "//evil.example", ",,,,",
    "a" * 70, "ü" * 3000, "\ud7ff\uffff", "\ud800", "\u202e", "🧵", "\r\nSet-Cookie: a=b", "\t", "true", "null", "[]", "{}",
    "cosine", "0,0,1,1", "nan,0,1,1", "1,1,0,0", "en", "whole", "print-9", "like=a&dislike=b",
)  # fmt: skip
NARROWING: Final = ("category", "colour", "price_max", "in_stock")
GRID: Final = (*NARROWING, "q", "price_min", "new", "exact", "sort", "after", "before", "limit")
# What pages read of their query; the API's operations say it themselves.
READ: Final[Mapping[str, Sequence[str]]] = {
    "/items/": GRID,
    "/items/<str:item_id>/": (*NARROWING, "shown", "fold"),
    "/items/<str:item_id>/preview.jpg": ("w", "v", "type"),
    "/recent/": ("ids",),
    "/taste/": (*NARROWING, "like", "dislike", "show", "order"),
    "/taste/favourites.csv": ("like", "dislike", "order"),
    "/search/photo/": ("item",),
    "/map/": ("item",),
    "/widget/demo/": ("item",),
    "/admin/login/": ("next",),
}
# What they read of a form.
SENT: Final[Mapping[str, Sequence[str]]] = {
    "/search/photo/": (*NARROWING, "narrowed", "box", "crop", "sample", "kept", "item", "without_picture"),
    "/api/v1/search": (*NARROWING, "box", "crop", "metric", "k"),
    "/taste/judge/": ("like", "dislike", "forget", "undo", "clear", "adopt", "next"),
    "/i18n/setlang/": ("language", "next"),
    "/usage/": ("place", "shown"),
    "/admin/login/": ("username", "password", "next"),
}


def routes(patterns: Sequence[Any], prefix: str = "/") -> Iterator[str]:
    """Every address of the site, as its patterns write it."""
    for pattern in patterns:
        part = str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + part)
        else:
            yield prefix + part


def fill(route: str, values: Iterator[str]) -> str:
    """The route with something in each of its places."""
    places = r"<[^>]+>|\{[^}]+\}|\(\?P<\w+>[^)]*\)|\(\?:[^)]*\)\??|\[[^\]]*\]\+?"
    return re.sub(places, lambda _match: quote(next(values), errors="surrogatepass", safe=""), route).replace("\\", "")


def reading() -> dict[str, Sequence[str]]:
    """What each address reads of its query: pages, and the API as it describes itself."""
    described: dict[str, Sequence[str]] = {}
    for path, operations in api.get_openapi_schema()["paths"].items():
        described[path] = [one["name"] for one in operations.get("get", {}).get("parameters", ()) if one["in"] == "query"]
    return {**READ, **described}


ROUTES: Final = sorted(set(routes(get_resolver().url_patterns)))
READING: Final = reading()


def ask(client: Client, address: str, form: dict[str, str] | None = None) -> Any:
    client.raise_request_exception = False
    response = client.get(address) if form is None else client.post(address, urlencode(form, errors="surrogatepass"), FORM)
    # 503 is the answer for what this index cannot do: it has no map, and its network's weights are not here.
    assert response.status_code < 500 or response.status_code == 503, (response.status_code, address[:300], form)
    return response


FORM: Final = "application/x-www-form-urlencoded"


def query(**fields: str) -> str:
    return "?" + urlencode(fields, errors="surrogatepass")


def test_the_routes_are_those_of_the_site() -> None:
    assert {*READ, *SENT, "/api/v1/items"} <= set(ROUTES)
    assert {"sort", "after", "limit"} <= set(READING["/api/v1/items"])


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_a_page_of_the_list_is_named_by_its_list_alone(client: Client, sort: str) -> None:
    for address, name, cursor in product(("/items/", "/api/v1/items"), ("after", "before"), CURSORS):
        ask(client, address + query(sort=sort, **{name: cursor}))


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        ("price", "NaN~1"),
        ("price", "Infinity~1"),
        ("price", "1e999999~1"),
        ("new", "0001-01-01T00:00:00+14:00~a"),
        ("new", "9999-12-31T23:59:59-14:00~a"),
        ("new", "2026-11-01T12:00:00~a"),  # of no zone: it names no moment
    ],
)
def test_what_is_no_price_and_no_moment_is_400_with_a_line(client: Client, sort: str, cursor: str) -> None:
    response = client.get("/items/" + query(sort=sort, after=cursor))
    assert response.status_code == 400
    assert "after is not a page of this list" in response.content.decode()
    answer = client.get("/api/v1/items" + query(sort=sort, after=cursor))
    assert (answer.status_code, answer.json()["detail"]) == (422, "after is not a page of this list: start again without it.")


def test_no_query_ends_in_a_server_error(client: Client) -> None:
    write_preview("a")
    rng = random.Random(SEED)
    every = [(route, name, value) for route, names in READING.items() for name, value in product(names, VALUES)]
    for route, name, value in rng.sample(every, REQUESTS):
        others = {other: rng.choice(VALUES) for other in rng.sample(READING[route], min(2, len(READING[route]) - 1))}
        ask(client, fill(route, iter("abab")) + query(**{**others, name: value}))


def test_no_path_ends_in_a_server_error(client: Client) -> None:
    rng = random.Random(SEED)
    places = iter(lambda: rng.choice(("a", *VALUES[1:])), None)
    for route in ROUTES * 4:
        ask(client, fill(route, places))


def test_no_form_ends_in_a_server_error(client: Client) -> None:
    rng = random.Random(SEED)
    every = [(route, name, value) for route, names in SENT.items() for name, value in product(names, VALUES)]
    for route, name, value in rng.sample(every, REQUESTS // 3):
        ask(client, route, {name: value})


NUL_REFUSED: Final = {400, 404}


def test_nul_is_refused_in_every_query(client: Client) -> None:
    """PostgreSQL has no such character: it must not come so far."""
    for route, names in READING.items():
        for name in names:
            response = ask(client, fill(route, iter("abab")) + query(**{name: "a\0"}))
            assert response.status_code in NUL_REFUSED, (route, name, response.status_code)


def test_nul_is_refused_in_every_path(client: Client) -> None:
    for route in ROUTES:
        address = fill(route, iter(lambda: "a\0b", None))
        if "%00" in address:
            assert ask(client, address).status_code in NUL_REFUSED, route


def test_nul_is_refused_in_every_form(client: Client) -> None:
    for route, names in SENT.items():
        if route == "/usage/":  # reads no form, and counts ids of the index alone
            continue
        for name in names:
            assert ask(client, route, {name: "a\0"}).status_code in NUL_REFUSED, (route, name)


@pytest.mark.parametrize("text", [r"a\u0000", r"\ud800", r"\udc00a", r"\ud83e\ud83e\uddf5"])
def test_json_holds_no_character_that_databases_lack(client: Client, text: str) -> None:
    for body in ('{"ids": ["a"], "category": "%s"}', '{"ids": ["%s"]}'):
        assert client.post("/api/v1/similar:batch", body % text, "application/json").status_code == 400


def test_json_may_write_characters_in_two_halves(client: Client) -> None:
    body = r'{"ids": ["a"], "category": "\ud83e\uddf5\u0436"}'
    assert client.post("/api/v1/similar:batch", body, "application/json").status_code == 200


def test_the_line_says_what_is_wrong(client: Client) -> None:
    page, answer = client.get("/items/?q=%00"), client.get("/api/v1/items?q=%00")
    assert (page.status_code, answer.status_code) == (400, 400)
    assert "zero byte" in page.content.decode()
    assert "zero byte" in answer.json()["detail"]
