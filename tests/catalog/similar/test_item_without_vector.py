"""An item of the catalogue that the index does not hold: its page says why and what to do."""

from django.test import Client

from tests.catalog.builders import MANIFEST, add_item, make_index, write_index


def test_says_that_it_came_after_the_index(client: Client, catalogue: None) -> None:
    add_item("new", title="Shirt with a heron")
    html = client.get("/items/new/").content.decode()
    assert "Shirt with a heron" in html
    assert "after the last index was built" in html
    assert "python manage.py build_index" in html


def test_says_why_the_index_left_it_out(client: Client, db: None) -> None:
    write_index(make_index(manifest={**MANIFEST, "skipped": {"bad.jpg": "not a picture"}}))
    add_item("bad")
    assert "The last index left it out: not a picture." in client.get("/items/bad/").content.decode()


def test_is_200(client: Client, catalogue: None) -> None:
    add_item("new")
    assert client.get("/items/new/").status_code == 200
