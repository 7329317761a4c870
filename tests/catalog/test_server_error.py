"""The page for what broke leans on nothing that may be what broke."""

from unittest.mock import patch

from django.test import Client, RequestFactory
from django.views.defaults import server_error


def test_is_rendered_without_database_and_index() -> None:
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()


def test_an_error_in_a_view_ends_there(client: Client, catalogue: None) -> None:
    client.raise_request_exception = False
    with patch("catalog.similar.views.item_page", side_effect=ZeroDivisionError):
        response = client.get("/items/a/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
