"""A catalogue of an earlier release keeps its rows; one from nothing gets every table. On SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from catalog.models import Correction, Item
from catalog.owner.models import UsageCount

APPS = ("catalog", "owner")
SEEN = datetime(2026, 11, 25, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def executor() -> Iterator[MigrationExecutor]:
    """Moves the schema; the latest one is there again when the test ends."""
    executor = MigrationExecutor(connection)
    yield executor
    to_latest()


def to_latest() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_from_nothing_every_table_is_made(executor: MigrationExecutor) -> None:
    executor.migrate([(app, None) for app in APPS])
    ours = {model._meta.db_table for app in APPS for model in apps.get_app_config(app).get_models()}
    assert not ours & set(connection.introspection.table_names())
    to_latest()
    assert ours <= set(connection.introspection.table_names())


def test_rows_of_0_2_0_are_kept_and_know_nothing_of_the_new_columns(executor: MigrationExecutor) -> None:
    of_0_2_0 = ("catalog", "0003_counting_indices")
    executor.migrate([of_0_2_0, ("owner", None)])
    old = executor.loader.project_state(of_0_2_0).apps.get_model("catalog", "Item")
    old.objects.create(item_id="1", title="Cat", price="9.90", currency="EUR", last_seen=SEEN, search_text="cat 1")
    old.objects.create(item_id="2", title="Кот " * 125, url="https://shop.example/2", last_seen=SEEN, delisted_at=SEEN)
    old.objects.bulk_create([old(item_id=f"many-{n}", category="Shirts", last_seen=SEEN) for n in range(2500)])
    to_latest()
    item = Item.objects.get(pk="1")
    assert (item.title, str(item.price), item.search_text, item.last_seen) == ("Cat", "9.90", "cat 1", SEEN)
    assert (item.width, item.height, item.in_stock, item.brand, item.group_id, item.more_pictures) == (
        None,
        None,
        None,
        "",
        "",
        [],
    )
    assert (item.hidden, item.pinned) == (False, None)
    delisted = Item.objects.get(pk="2")
    assert (delisted.title, delisted.delisted_at, delisted.price) == ("Кот " * 125, SEEN, None)
    assert Item.objects.on_sale().count() == 2501
    # What came since can be written to them.
    item.write({"price": Decimal("8.00"), "brand": "Cat & Co"})
    Correction.objects.create(item=item, title="A cat")
    assert Item.objects.get(pk="1").search_text == "cat cat & co 1"
    assert UsageCount.objects.count() == 0


def test_rows_from_before_search_are_found_by_their_words(executor: MigrationExecutor) -> None:
    first = ("catalog", "0001_item")
    executor.migrate([first, ("owner", None)])
    old = executor.loader.project_state(first).apps.get_model("catalog", "Item")
    old.objects.create(item_id="1", title="Футболка  КОТ", category="Shirts", last_seen=SEEN)
    to_latest()
    assert Item.objects.get(pk="1").search_text == "футболка кот shirts 1"
