"""`manage.py sync_catalogue`: bring the catalogue's rows up to the index, as `build_index` does after each build."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.sync_index import sync_index
from indexing.errors import IndexFileError


class Command(BaseCommand):
    help = "Bring the catalogue's rows up to the index: rows for new pictures, dominant colours. Needed after copying an index."
    requires_system_checks = ()  # the index and the folder are what this is about

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sync_index(settings.INDEX_PATH)
        except IndexFileError as error:
            raise CommandError(str(error)) from error
