"""A catalogue of an earlier release keeps its rows."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from catalog.models import Item


@pytest.mark.django_db(transaction=True)
def test_rows_of_0_2_0_are_kept_and_know_nothing_of_the_new_columns() -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes("catalog")
    executor.migrate([("catalog", "0003_counting_indices")])
    try:
        old = executor.loader.project_state([("catalog", "0003_counting_indices")]).apps.get_model("catalog", "Item")
        seen = datetime(2026, 11, 25, tzinfo=UTC)
        old.objects.create(item_id="1", title="Cat", price="9.90", currency="EUR", last_seen=seen, search_text="cat 1")
    finally:
        MigrationExecutor(connection).migrate(latest)
    item = Item.objects.get(pk="1")
    assert (item.title, str(item.price), item.search_text, item.last_seen) == ("Cat", "9.90", "cat 1", seen)
    assert (item.width, item.height, item.in_stock, item.brand, item.group_id, item.more_pictures) == (
        None,
        None,
        None,
        "",
        "",
        [],
    )
