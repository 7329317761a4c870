"""/healthz: alive. /readyz: database and index."""

from unittest.mock import patch

from django.db import DatabaseError
from django.test import Client


def test_healthz_needs_nothing(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_with_an_index(client: Client, catalogue: None) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "items": 6})


def test_readyz_without_an_index_is_503(client: Client, db: None) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "build_index" in response.json()["detail"]


def test_readyz_without_a_database_is_503(client: Client, catalogue: None) -> None:
    with patch("catalog.views.Item.objects.exists", side_effect=DatabaseError("it is gone")):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert "it is gone" in response.json()["detail"]


def test_post_is_405(client: Client, db: None) -> None:
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405
