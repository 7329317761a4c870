"""`manage.py install_index`: an index that was built elsewhere → the file that the site serves."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from indexing.build.lock import build_lock
from indexing.errors import IndexingError
from indexing.index.installation import install_index
from indexing.signals import index_built
from recommender.runs import recorded_run


class Command(BaseCommand):
    help = (
        "Check an index file, then put it into the place that the site serves, without a moment in which half of it is there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="an index that build_index wrote, or the article's")
        parser.add_argument("--index", type=Path, default=settings.INDEX_PATH, help="the file to replace (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        source, target = options["file"], options["index"]
        with recorded_run("install_index", str(source)) as run:
            try:
                with build_lock(target):
                    index, previous = install_index(source, target)
            except IndexingError as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                raise CommandError(f"{target} cannot be written: {error.strerror}.") from error
            run.counts = {"items": len(index)}
        network = index.manifest.get("network", "unknown")
        self.stdout.write(f"Installed {source} as {target}: {len(index):,} items, network {network}.")
        if previous is not None:
            self.stdout.write(f"The index before it is {previous}: `manage.py install_index {previous}` brings it back.")
        for receiver, answer in index_built.send_robust(sender=Command, path=target):
            if isinstance(answer, Exception):
                self.stderr.write(f"Note: the index is in its place, but {receiver.__name__} failed: {answer}")
