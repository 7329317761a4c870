"""Commands make the tables that they need."""

import pytest
from django.db import connection

from recommender.database import ensure_tables


@pytest.mark.django_db(transaction=True)
def test_missing_tables_are_made() -> None:
    with connection.schema_editor() as editor:
        editor.execute("DROP TABLE catalog_item")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'catalog'")
    ensure_tables()
    assert "catalog_item" in connection.introspection.table_names()
