"""`manage.py backup FOLDER`: everything that cannot be made again, into one folder, while the site runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from recommender.backups.backup import back_up
from recommender.backups.errors import BackupError


class Command(BaseCommand):
    help = "Copy database, index and previews into a folder. The site may run; the same folder again copies what changed."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where to; made if it is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            described, copied = back_up(folder)
        except (BackupError, DatabaseError) as error:
            raise CommandError(str(error).strip()) from error
        except OSError as error:
            raise CommandError(f"{error.filename or folder} cannot be written ({error.strerror or error}).") from error
        self.stdout.write(
            f"{folder}: {described.items} items; pictures: {copied.new} copied, {copied.unchanged} unchanged, "
            f"{copied.removed} removed."
        )
