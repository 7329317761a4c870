"""Counting what is shown and opened."""

import json
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from catalog.owner import usage
from catalog.owner.beacon import PATH
from catalog.owner.models import UsageCount
from catalog.owner.usage import UsageBuffer, is_robot

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0"


@pytest.fixture
def buffer(monkeypatch: pytest.MonkeyPatch) -> UsageBuffer:
    """This process's buffer, which nobody writes but the test."""
    own = UsageBuffer(seconds=3600)
    monkeypatch.setattr(usage, "_buffer", own)
    return own


def send(client: Client, message: Any, agent: str = BROWSER) -> int:
    text = message if isinstance(message, str) else json.dumps(message)
    return client.post("/usage/", text, content_type="text/plain", headers={"User-Agent": agent}).status_code


def counts() -> dict[tuple[str, str], tuple[int, int, int]]:
    return {(row.place, row.item_id): (row.shown, row.opened, row.shop) for row in UsageCount.objects.all()}


def test_beacons_add_up(client: Client, shop: None, buffer: UsageBuffer) -> None:
    assert send(client, {"place": "wall", "shown": ["a", "b", "a"]}) == 204
    assert send(client, {"place": "wall", "shown": ["a"], "opened": ["a"], "shop": ["a"]}) == 204
    assert send(client, {"place": "photo", "shown": ["a"]}) == 204
    assert UsageCount.objects.count() == 0  # off the request
    buffer.flush()
    assert counts() == {("wall", "a"): (2, 1, 1), ("wall", "b"): (1, 0, 0), ("photo", "a"): (1, 0, 0)}
    send(client, {"place": "wall", "shown": ["a"]})
    buffer.flush()
    assert counts()["wall", "a"] == (3, 1, 1)
    assert set(UsageCount.objects.values_list("day", flat=True)) == {timezone.localdate()}


def test_only_items_of_the_index_count(client: Client, shop: None, buffer: UsageBuffer) -> None:
    send(client, {"place": "wall", "shown": ["zzz", 7, None, ["a"], "a"]})
    buffer.flush()
    assert counts() == {("wall", "a"): (1, 0, 0)}


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        '"a"',
        '{"place": "nowhere"}',
        '{"place": ["wall"]}',
        "[" * 9000,
        '{"place": "wall", "x": "' + "y" * 20_000,
    ],
)
def test_what_is_no_beacon_is_refused(client: Client, shop: None, buffer: UsageBuffer, message: str) -> None:
    assert send(client, message) == 400
    assert buffer.flush() == 0


def test_robots_are_left_out(client: Client, shop: None, buffer: UsageBuffer) -> None:
    assert send(client, {"place": "wall", "shown": ["a"]}, "Googlebot/2.1") == 204
    assert buffer.flush() == 0


@pytest.mark.parametrize(("agent", "robot"), [("", True), ("bingbot", True), ("curl/8", True), (BROWSER, False)])
def test_names_of_robots(agent: str, *, robot: bool) -> None:
    assert is_robot(agent) is robot


def test_a_setting_turns_it_off(client: Client, shop: None, buffer: UsageBuffer, settings: Settings) -> None:
    settings.USAGE_COUNTS = False
    assert send(client, {"place": "wall", "shown": ["a"]}) == 204
    assert buffer.flush() == 0


def test_no_cookie_is_set(client: Client, shop: None, buffer: UsageBuffer) -> None:
    answer = client.post(
        "/usage/", json.dumps({"place": "wall", "shown": ["a"]}), content_type="text/plain", headers={"User-Agent": BROWSER}
    )
    assert not answer.cookies


def test_without_an_index_nothing_is_counted(client: Client, db: None, buffer: UsageBuffer) -> None:
    assert send(client, {"place": "wall", "shown": ["a"]}) == 204
    assert buffer.flush() == 0


def test_beacons_are_answered_where_the_address_says(shop: None) -> None:
    assert reverse("catalog:usage") == PATH


def test_a_get_is_refused(client: Client, shop: None) -> None:
    assert client.get("/usage/").status_code == 405


@pytest.mark.django_db
def test_what_cannot_be_written_is_kept(buffer: UsageBuffer) -> None:
    buffer.add("wall", "shown", ["a"])
    with patch("catalog.owner.usage._write", side_effect=OperationalError("locked")):
        assert buffer.flush() == 0
    assert buffer.flush() == 1
    assert counts() == {("wall", "a"): (1, 0, 0)}


@pytest.mark.django_db
def test_what_was_written_before_an_error_is_not_added_twice(buffer: UsageBuffer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "_BATCH", 1)
    buffer.add("wall", "shown", ["a", "b"])
    with patch("catalog.owner.usage._lock_rows", side_effect=[None, OperationalError("deadlock detected")]):
        buffer.flush()
    assert counts() == {("wall", "a"): (1, 0, 0)}
    buffer.flush()
    assert counts() == {("wall", "a"): (1, 0, 0), ("wall", "b"): (1, 0, 0)}


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_processes_lock_rows_in_one_order(buffer: UsageBuffer) -> None:
    buffer.add("wall", "shown", ["b", "a", "b"])
    with CaptureQueriesContext(connection) as queries:
        buffer.flush()
    statements = [query["sql"] for query in queries if query["sql"].startswith(("SELECT", "UPDATE"))]
    assert "ORDER BY" in statements[0]
    assert statements[0].endswith("FOR UPDATE")
    assert [statement[:6] for statement in statements] == ["SELECT", "UPDATE", "UPDATE"]


@pytest.mark.django_db
def test_memory_is_bounded(buffer: UsageBuffer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MAX_KEYS", 2)
    buffer.add("wall", "shown", ["a", "b", "c", "a"])
    buffer.flush()
    assert counts() == {("wall", "a"): (2, 0, 0), ("wall", "b"): (1, 0, 0)}


@pytest.mark.django_db
def test_many_rows_are_written_in_batches(buffer: UsageBuffer) -> None:
    buffer.add("wall", "shown", [f"i{n}" for n in range(700)])
    assert buffer.flush() == 700
    assert UsageCount.objects.filter(shown=1).count() == 700
