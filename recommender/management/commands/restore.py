"""`manage.py restore FOLDER`: back to what `manage.py backup FOLDER` kept."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from recommender.backups import backup
from recommender.backups.errors import BackupError


class Command(BaseCommand):
    help = "Replace database and index by a backup's, and put its previews back. Stop the site first."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="what `manage.py backup` wrote")
        parser.add_argument("--no-input", "--noinput", action="store_true", help="do not ask before replacing")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            described = backup.describe(folder)
            self.stdout.write(
                f"This replaces the catalogue by {described.items} items of {described.created} (version {described.version})."
            )
            if not options["no_input"] and input("Type yes to go on: ").strip().lower() != "yes":
                raise CommandError("Nothing was replaced.")
            copied = backup.restore(folder)
        except (BackupError, DatabaseError) as error:
            raise CommandError(str(error).strip()) from error
        except OSError as error:
            raise CommandError(f"{error.filename or folder} cannot be used ({error.strerror or error}).") from error
        self.stdout.write(f"Restored. Pictures: {copied.new} copied, {copied.unchanged} unchanged. Start the site again.")
