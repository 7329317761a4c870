"""A database that is gone is 503 with a line, as a page and as JSON; when it is back, so are the pages."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import pytest
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.test import Client

from catalog.models import Item
from tests.catalog.builders import add_items, write_index
from tests.catalog.lost_connection import end_connection

GONE = 'connection to server at "10.0.0.5", port 5432 failed: Connection refused'


@contextmanager
def database_down(error: type[Exception] = OperationalError) -> Iterator[None]:
    """Every query fails as psycopg's do while the server is away."""
    with ExitStack() as stack:
        for name in ("cursor", "chunked_cursor"):
            stack.enter_context(patch.object(connection, name, side_effect=error(GONE)))
        yield


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("address", ["/", "/items/", "/items/a/", "/taste/?like=a", "/compare/a/b/", "/recent/?ids=a"])
def test_pages_are_503_with_a_line(client: Client, catalogue: None, error: type[Exception], address: str) -> None:
    with database_down(error):
        response = client.get(address)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "does not answer just now" in response.content.decode()
    assert "10.0.0.5" not in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/api/v1/items", "/api/v1/items/a", "/api/v1/taste?like=a", "/api/v1/compare/a/b"])
def test_the_api_is_503_with_a_line(client: Client, catalogue: None, address: str) -> None:
    with database_down():
        response = client.get(address)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json() == {"detail": "The catalogue does not answer just now: try again in a moment."}


def test_a_program_that_writes_is_told_alike(client: Client, catalogue: None) -> None:
    with database_down():
        response = client.delete("/api/v1/items/a", headers={"authorization": "Bearer x"})
    assert response.status_code == 503


def test_the_operator_reads_why(client: Client, catalogue: None, caplog: pytest.LogCaptureFixture) -> None:
    with database_down():
        client.get("/items/")
    assert "The database does not answer: connection to server" in caplog.text


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_it_is_not_ready_and_ready_again(client: Client, catalogue: None, error: type[Exception]) -> None:
    with database_down(error):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
        assert answer.json()["detail"].startswith("The database does not answer: ")
        assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is a file: there is no server to restart")
def test_after_a_restart_no_page_fails(client: Client) -> None:
    """The connections that the restart has ended are noticed before they are used."""
    write_index()
    add_items()
    assert client.get("/items/a/").status_code == 200
    end_connection()
    close_old_connections()  # what Django does when a request starts; its test client leaves it out
    assert client.get("/items/a/").status_code == 200
    assert Item.objects.count() == 6
