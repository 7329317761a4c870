"""When an index has been built: rows for pictures without a product, dominant colours for all."""

from pathlib import Path

import numpy as np
import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from catalog import sync_index as module
from catalog.models import Item
from catalog.sync_index import NEVER
from indexing.extras.colours import COLOURS
from indexing.signals import index_built
from tests.catalog.builders import add_item, make_index, write_index, write_preview

NAMES = [colour.name for colour in COLOURS]


def build(*names: str) -> Path:
    """An index of items a, b, … with these dominant colours, announced as `build_index` does."""
    points = {chr(ord("a") + n): (n + 1.0, 1.0) for n in range(len(names))}
    numbers = np.array([NAMES.index(name) for name in names], dtype=np.uint8)
    path = write_index(make_index(points, extras={"dominant_colour": numbers}))
    index_built.send(sender=None, path=path)
    return path


@pytest.mark.django_db
def test_colours_are_written_by_name() -> None:
    add_item("a")
    add_item("b")
    build("red", "navy")
    assert dict(Item.objects.values_list("pk", "dominant_colour")) == {"a": "red", "b": "navy"}


@pytest.mark.django_db
def test_a_colour_that_changed_is_written_anew() -> None:
    add_item("a", dominant_colour="green")
    build("red")
    assert Item.objects.get(pk="a").dominant_colour == "red"


@pytest.mark.django_db
def test_an_item_outside_the_index_keeps_its_colour() -> None:
    add_item("z", dominant_colour="green")
    build("red")
    assert Item.objects.get(pk="z").dominant_colour == "green"


@pytest.mark.django_db
def test_a_picture_without_a_product_gets_a_row() -> None:
    add_item("a", title="Shirt")
    build("red", "navy")
    assert Item.objects.get(pk="a").title == "Shirt"
    bare = Item.objects.get(pk="b")
    assert (bare.title, bare.last_seen, bare.search_text) == ("", NEVER, "b")


@pytest.mark.django_db
def test_a_second_build_adds_nothing_twice() -> None:
    build("red", "navy")
    build("red", "navy")
    assert Item.objects.count() == 2


@pytest.mark.django_db
def test_sizes_are_written_where_they_lack() -> None:
    add_item("a", width=1, height=2)
    write_preview("a", 40, 50)
    write_preview("b", 30, 20)
    build("red", "navy", "red")
    sizes = {item.pk: (item.width, item.height) for item in Item.objects.all()}
    assert sizes == {"a": (1, 2), "b": (30, 20), "c": (None, None)}


def test_the_grid_shows_them_at_once(client: Client, db: None) -> None:
    assert client.get("/items/").content.decode().count('class="card ') == 0
    build("red", "navy")
    assert client.get("/items/?colour=navy").content.decode().count('class="card ') == 1


@pytest.mark.django_db
def test_a_database_without_tables_is_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def fail(_path: Path) -> None:
        raise OperationalError("no such table: catalog_item")

    monkeypatch.setattr(module, "sync_index", fail)
    index_built.send(sender=None, path=tmp_path)
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("WARNING", None)]
    assert "no such table: catalog_item): run manage.py migrate" in caplog.text


@pytest.mark.django_db
def test_a_picture_that_left_the_folder_takes_its_bare_row_off_sale() -> None:
    build("red", "navy", "green")
    for name in "abd":
        write_preview(name)
    add_item("scraped", source="https://shop.example/all")
    Item.objects.create(item_id="d", last_seen=NEVER)  # not indexed, say too small, but still there
    build("red", "navy")
    on_sale = set(Item.objects.filter(delisted_at=None).values_list("pk", flat=True))
    assert on_sale == {"a", "b", "d", "scraped"}
    build("red", "navy", "green")
    assert Item.objects.get(pk="c").delisted_at is None


@pytest.mark.django_db
def test_a_folder_that_is_not_there_takes_nothing_off_sale(settings: Settings, tmp_path: Path) -> None:
    settings.IMAGES_DIR = tmp_path / "not mounted"
    build("red", "navy")
    build("red")
    assert not Item.objects.exclude(delisted_at=None).exists()
