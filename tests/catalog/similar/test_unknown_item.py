"""An item that neither the index nor the catalogue knows: 404 that helps."""

import pytest
from django.test import Client

from tests.catalog.builders import add_item


def test_is_404(client: Client, catalogue: None) -> None:
    response = client.get("/items/zzz/")
    assert response.status_code == 404
    assert "<code>zzz</code>" in response.content.decode()


def test_suggests_items_whose_words_begin_alike(client: Client, catalogue: None) -> None:
    add_item("tabby-cat-1")
    html = client.get("/items/tabby-dog/").content.decode()
    assert 'href="/items/tabby-cat-1/"' in html
    assert 'href="/items/a/"' not in html


def test_suggests_random_items_when_nothing_is_alike(client: Client, catalogue: None) -> None:
    html = client.get("/items/zzz/").content.decode()
    assert html.count('class="card ') == 6


@pytest.mark.parametrize("item_id", ["..", "a b", "a%2Fb", "%00", "x" * 65, "..%2F..%2Fetc%2Fpasswd", "<b>"])
def test_what_is_no_item_id_is_404(client: Client, catalogue: None, item_id: str) -> None:
    response = client.get(f"/items/{item_id}/")
    assert response.status_code == 404
    assert "<b>" not in response.content.decode()


def test_other_addresses_are_404_with_a_way_on(client: Client, catalogue: None) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert 'href="/items/"' in response.content.decode()


def test_other_api_addresses_are_404_in_json(client: Client, db: None) -> None:
    response = client.get("/api/v1/nowhere")
    assert response.status_code == 404
    assert response.json()["detail"].startswith("There is nothing at /api/v1/nowhere")
