"""Ids of requests, in answers and in lines of the log; a line for each request where asked for; lines as JSON."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.monitoring.json_log import JsonFormatter
from catalog.monitoring.request_log import AddRequestId, access

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What is logged as JSON, access lines too."""
    kept: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: kept.append(handler.format(record))  # type: ignore[method-assign]
    handler.setFormatter(JsonFormatter())
    handler.addFilter(AddRequestId())
    root = logging.getLogger()
    root.addHandler(handler)
    before = access.level
    access.setLevel(logging.INFO)
    yield kept
    access.setLevel(before)
    root.removeHandler(handler)


def test_each_answer_has_an_id_of_its_own(client: Client) -> None:
    ids = {client.get(address).headers["X-Request-ID"] for address in ("/items/", "/items/", "/nowhere")}
    assert len(ids) == 3


def test_a_trusted_proxys_id_is_taken_over(client: Client, settings: Settings) -> None:
    assert client.get("/healthz", headers={"x-request-id": "abc-1"}).headers["X-Request-ID"] != "abc-1"
    settings.TRUSTED_PROXY = "127.0.0.1"
    assert client.get("/healthz", headers={"x-request-id": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    assert " " not in client.get("/healthz", headers={"x-request-id": "a b"}).headers["X-Request-ID"]


def test_a_request_is_a_line(client: Client, lines: list[str]) -> None:
    response = client.get("/items/a/?fold=0")
    line = json.loads(lines[-1])
    assert (line["logger"], line["method"], line["path"], line["view"]) == (
        "site.access",
        "GET",
        "/items/a/?fold=0",
        "catalog:item",
    )
    assert (line["status"], line["bytes"], line["address"]) == (200, len(response.content), "127.0.0.1")
    assert line["ms"] > 0
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert line["message"].startswith("127.0.0.1 GET /items/a/?fold=0 200 ")


def test_what_breaks_is_logged_with_the_requests_id_and_its_traceback(client: Client, lines: list[str]) -> None:
    client.raise_request_exception = False
    with patch("catalog.similar.views.item_page", side_effect=ZeroDivisionError("by naught")):
        response = client.get("/items/a/")
    errors = [json.loads(line) for line in lines if "by naught" in line]
    assert [error["request_id"] for error in errors] == [response.headers["X-Request-ID"]]
    assert "Traceback" in errors[0]["error"]
    assert all("\n" not in line for line in lines)


def test_there_are_no_such_lines_by_default(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/items/a/")
    assert not [record for record in caplog.records if record.name == "site.access"]


def test_an_address_cannot_write_a_line_of_its_own(client: Client, lines: list[str]) -> None:
    client.get("/items/a/%0A2026-11-25 INFO forged")
    assert "\n" not in json.loads(lines[-1])["message"]


def test_a_long_address_is_cut(client: Client, lines: list[str]) -> None:
    client.get("/items/?q=" + "a" * 5000)
    assert len(json.loads(lines[-1])["path"]) == 500


def test_what_is_logged_after_a_request_has_no_id(client: Client, lines: list[str]) -> None:
    client.get("/items/a/")
    logging.getLogger("catalog").warning("later")
    assert "request_id" not in json.loads(lines[-1])


def test_a_value_that_json_lacks_is_written_as_text() -> None:
    record = logging.LogRecord("catalog", logging.INFO, "", 0, "built", None, None)
    record.fields = {"path": Path("items.pkl")}
    assert json.loads(JsonFormatter().format(record))["path"] == "items.pkl"
