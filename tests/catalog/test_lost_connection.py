"""A database that restarts while a command computes fails neither its last step nor its record."""

import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection

from catalog.models import Item
from catalog.owner.models import Run
from indexing.signals import index_built
from recommender.runs import recorded_run
from tests.catalog.builders import write_index
from tests.catalog.lost_connection import end_connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is a file: there is no server to lose"),
]


def test_a_build_brings_the_catalogue_up_to_date() -> None:
    path = write_index()
    end_connection()
    index_built.send(sender=None, path=path)
    assert Item.objects.count() == 6


def lose_the_database() -> None:
    end_connection()
    with pytest.raises(OperationalError):
        Item.objects.count()
    raise CommandError("The database is gone.")


def test_a_run_that_lost_its_connection_is_recorded() -> None:
    with pytest.raises(CommandError, match="gone"), recorded_run("scrape"):
        lose_the_database()
    assert Run.objects.get().outcome == "failed"
