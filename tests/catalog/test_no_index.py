"""Without a usable index: 503 with the command that builds one; the grid goes on."""

import pytest
from django.conf import settings
from django.test import Client

from indexing.index.record import FORMAT_VERSION
from tests.catalog.builders import MANIFEST, add_items, make_index, write_index


@pytest.mark.parametrize("url", ["/", "/items/a/"])
def test_pages_are_503_with_the_command(client: Client, db: None, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 503
    assert "python manage.py build_index" in response.content.decode()
    assert response.headers["Retry-After"] == "60"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("url", ["/api/v1/items/random", "/api/v1/items/a", "/api/v1/items/a/similar"])
def test_the_api_is_503_in_one_line(client: Client, db: None, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 503
    assert "build_index" in response.json()["detail"]


def test_a_damaged_index_is_503_and_named(client: Client, db: None) -> None:
    settings.INDEX_PATH.parent.mkdir(parents=True)
    settings.INDEX_PATH.write_bytes(b"not an index")
    html = client.get("/").content.decode()
    assert "The index cannot be used" in html
    assert "build_index --rebuild" in html


def test_another_format_version_is_503_and_named(client: Client, db: None) -> None:
    write_index(make_index(manifest={**MANIFEST, "format_version": FORMAT_VERSION + 1}))
    response = client.get("/")
    assert response.status_code == 503
    assert f"format version {FORMAT_VERSION + 1}" in response.content.decode()


def test_the_grid_works_without_an_index(client: Client, db: None) -> None:
    add_items(["a", "b"])
    response = client.get("/items/")
    assert response.status_code == 200
    assert response.content.decode().count('class="card ') == 2


def test_an_index_built_meanwhile_is_found_without_a_restart(client: Client, db: None) -> None:
    assert client.get("/items/a/").status_code == 503
    write_index()
    assert client.get("/items/a/").status_code == 200
