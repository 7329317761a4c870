"""Photos beyond the rate are 429 with Retry-After: for each address, and for all together."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.api import api
from catalog.photo.search_rate import client_key
from recommender.rates import rates

pytestmark = pytest.mark.usefixtures("catalogue")
SEARCHES = ["/search/photo/", "/api/v1/search", "/api/v1/embed"]


@pytest.fixture(autouse=True)
def _rates(settings: Settings) -> Iterator[None]:
    settings.SEARCH_RATE_PER_ADDRESS, settings.SEARCH_RATE = 2, 3
    rates.forget()
    yield
    rates.forget()


def post(client: Client, path: str, address: str, **headers: str) -> Any:
    return client.post(path, REMOTE_ADDR=address, headers=headers)


@pytest.mark.parametrize("path", SEARCHES)
def test_each_address_has_its_rate(client: Client, path: str) -> None:
    statuses = [post(client, path, "203.0.113.7").status_code for _ in range(3)]
    assert statuses[:2] != [429, 429]
    refused = post(client, path, "203.0.113.7")
    assert (statuses[2], refused.status_code, refused.headers["Retry-After"]) == (429, 429, "30")
    assert "in 30 seconds" in refused.content.decode()
    assert post(client, path, "203.0.113.8").status_code != 429


def test_all_that_look_at_photos_are_one_rate(client: Client) -> None:
    refused = [post(client, path, "203.0.113.7").status_code == 429 for path in (*SEARCHES, *SEARCHES)]
    assert refused == [False, False, True, True, True, True]


@pytest.mark.parametrize("path", SEARCHES[1:])
def test_the_api_describes_it(path: str) -> None:
    operation = api.get_openapi_schema()["paths"][path]["post"]
    assert 429 in operation["responses"]
    assert "429 with Retry-After" in operation["description"]


def test_all_together_have_a_rate(client: Client) -> None:
    statuses = [post(client, "/api/v1/search", f"203.0.113.{n}").status_code for n in range(4)]
    assert [status == 429 for status in statuses] == [False, False, False, True]


def test_who_is_refused_takes_nothing_from_the_others(client: Client) -> None:
    for _ in range(9):
        post(client, "/api/v1/search", "203.0.113.7")
    assert post(client, "/api/v1/search", "203.0.113.8").status_code != 429


def test_pages_have_none(client: Client) -> None:
    assert {client.get("/search/photo/").status_code for _ in range(5)} == {200}
    assert {client.post("/taste/judge/").status_code for _ in range(5)} != {429}


def test_zero_switches_them_off(client: Client, settings: Settings) -> None:
    settings.SEARCH_RATE_PER_ADDRESS = settings.SEARCH_RATE = 0
    assert 429 not in {post(client, "/api/v1/search", "203.0.113.7").status_code for _ in range(5)}


@pytest.mark.parametrize(
    ("address", "forwarded", "trusted", "key"),
    [
        ("203.0.113.7", "", "", "203.0.113.7"),
        ("127.0.0.1", "", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "", None),  # a proxy that nobody named: all clients look alike
        ("203.0.113.7", "198.51.100.1", "", "203.0.113.7"),  # a client that says it is somebody else
        ("localhost", "198.51.100.1", "", None),  # over a Unix socket
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1"),
    ],
)
def test_the_key_is_the_clients_address(
    rf: Any, settings: Settings, address: str, forwarded: str, trusted: str, key: str
) -> None:
    settings.TRUSTED_PROXY = trusted
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert client_key(rf.post("/search/photo/", REMOTE_ADDR=address, headers=headers)) == key


def test_an_ipv6_network_is_one_client(rf: Any) -> None:
    keys = [client_key(rf.get("/", REMOTE_ADDR=a)) for a in ("2001:db8:0:1::5", "2001:db8:0:1:ffff::9", "2001:db8:0:2::5")]
    assert keys[0] == keys[1] != keys[2]
