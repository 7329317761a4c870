"""`manage.py reset_catalogue`: start afresh, for instance after trying the demo."""

import shutil
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from filelock import FileLock, Timeout

from catalog.models import Item
from indexing.build.work_store import work_folder
from indexing.heads.store import forget_head
from recommender.database import ensure_tables
from scraping import journal
from scraping.scrape import LOCK_NAME


class Command(BaseCommand):
    help = "Empty the catalogue: its rows, the previews that scrape stored, and the index. Your own pictures stay."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-input", "--noinput", action="store_true", help="do not ask before removing")

    def handle(self, *args: Any, **options: Any) -> None:
        ensure_tables()
        images, index = settings.IMAGES_DIR, settings.INDEX_PATH
        previews = journal.stored_previews(images)
        self.stdout.write(
            f"This removes {Item.objects.count()} items, {len(previews)} previews in {images} and the index {index}."
        )
        if not options["no_input"] and input("Type yes to go on: ").strip().lower() != "yes":
            raise CommandError("Nothing was removed.")
        try:
            with FileLock(images / LOCK_NAME, timeout=0) if images.is_dir() else nullcontext():
                self._remove(previews, images / journal.NAME, index)
        except Timeout:
            raise CommandError(f"A scrape is writing to {images}: wait for it, then run this again.") from None
        except OSError as error:
            raise CommandError(f"{error.filename or images} cannot be removed ({error.strerror or error}).") from error
        kept = sum(1 for path in images.iterdir() if not path.name.startswith(".")) if images.is_dir() else 0
        if kept:
            self.stdout.write(f"{kept} pictures in {images} were not stored by scrape: they stay.")
        self.stdout.write("The catalogue is empty. Next: .venv/bin/python manage.py scrape URL, then build_index.")

    @staticmethod
    def _remove(previews: list[Path], journal_path: Path, index: Path) -> None:
        Item.objects.all().delete()
        for path in (*previews, journal_path, index):
            path.unlink(missing_ok=True)
        shutil.rmtree(work_folder(index), ignore_errors=True)
        forget_head(settings.HEADS_DIR)  # of another catalogue
