"""Security headers stand on errors, on the API's answers and on static files, too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from catalog.photo import uploads

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def gone(client: Client) -> Any:
    with (
        patch.object(connection, "cursor", side_effect=OperationalError),
        patch.object(connection, "chunked_cursor", side_effect=OperationalError),
    ):
        return client.get("/items/")


def broken(client: Client) -> Any:
    with patch("catalog.similar.views.item_page", side_effect=ZeroDivisionError):
        return client.get("/items/a/")


def too_large(client: Client) -> Any:
    with patch.object(uploads, "MAX_BYTES", -uploads._FIELD_BYTES):
        return client.post("/search/photo/", {"box": "whole"})


ANSWERS: dict[str, tuple[int, Callable[[Client], Any]]] = {
    "page": (200, lambda client: client.get("/items/")),
    "api": (200, lambda client: client.get("/api/v1/items")),
    "api's description": (200, lambda client: client.get("/api/v1/openapi.json")),
    "beacon": (400, lambda client: client.post("/usage/", "x", "text/plain", headers={"user-agent": "Mozilla/5.0"})),
    "static file": (200, lambda client: client.get("/static/site/site.css")),
    "no such static file": (404, lambda client: client.get("/static/none.css")),
    "zero byte": (400, lambda client: client.get("/items/?q=%00")),
    "wrong host": (400, lambda client: client.get("/items/", headers={"host": "evil.example"})),
    "csrf": (
        403,
        lambda client: Client(enforce_csrf_checks=True, headers={"x-forwarded-proto": "https"}).post("/taste/judge/"),
    ),
    "unknown item": (404, lambda client: client.get("/items/zzz/")),
    "api 404": (404, lambda client: client.get("/api/v1/items/zzz")),
    "api 422": (422, lambda client: client.get("/api/v1/items?limit=0")),
    "api 401": (401, lambda client: client.delete("/api/v1/items/a")),
    "method": (405, lambda client: client.post("/items/")),
    "too large": (413, too_large),
    "broken": (500, broken),
    "no database": (503, gone),
    "redirect": (301, lambda client: client.get("/items")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_carries_them(client: Client, catalogue: None, settings: Settings, tmp_path: Path, name: str) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    settings.STATIC_ROOT = str(tmp_path)
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client.defaults["HTTP_X_FORWARDED_PROTO"] = "https"
    client.raise_request_exception = False
    status, ask = ANSWERS[name]
    response = ask(client)
    assert response.status_code == status
    assert {header: response.headers.get(header) for header in HEADERS} == HEADERS
    assert "Content-Security-Policy" in response.headers
    assert response.headers["Strict-Transport-Security"] == "max-age=60"
    assert "X-Request-ID" in response.headers
