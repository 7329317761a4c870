"""`manage.py run_site`: from whatever there is to a site in the browser."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from recommender import launch


class Command(BaseCommand):
    help = "Prepare what is missing (database, demo catalogue, index) and serve the site."
    requires_system_checks: list[str] = []  # noqa: RUF012  (Django's own way of saying "none")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="the port to listen on (default: %(default)s)")
        parser.add_argument("--workers", type=int, default=2, help="processes that answer (default: %(default)s)")
        parser.add_argument("--prepare-only", action="store_true", help="prepare, then stop instead of serving")

    def handle(self, *args: Any, **options: Any) -> None:
        launch.require_free_port(options["host"], options["port"])
        launch.prepare(self.say)
        if not options["prepare_only"]:
            sys.exit(launch.serve(options["host"], options["port"], options["workers"], self.say))

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
