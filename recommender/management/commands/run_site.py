"""`manage.py run_site`: from whatever there is to a site in the browser."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError

from recommender import launch


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise ArgumentTypeError(f"{text!r} is not a port: choose a whole number from 1 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number of processes: choose 1 or more")
    return int(text)


def _requests(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a number of requests: choose 0 (no limit) or more")
    return int(text)


class Command(BaseCommand):
    help = "Prepare what is missing (database, demo catalogue, index) and serve the site."
    requires_system_checks: list[str] = []  # noqa: RUF012  (Django's own way of saying "none")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=_port, default=8000, help="the port to listen on (default: %(default)s)")
        parser.add_argument("--workers", type=_workers, default=2, help="processes that answer (default: %(default)s)")
        parser.add_argument(
            "--max-requests",
            type=_requests,
            default=0,
            metavar="N",
            help="a process gives way to a new one after N to 1.5 N requests (default: %(default)s, never)",
        )
        parser.add_argument(
            "--no-demo",
            action="store_false",
            dest="demo",
            help="for a shop's own server: leave an empty catalogue empty, and be gunicorn itself instead of its parent",
        )
        parser.add_argument("--prepare-only", action="store_true", help="prepare, then stop instead of serving")

    def handle(self, *args: Any, **options: Any) -> None:
        launch.require_free_port(options["host"], options["port"])
        try:
            launch.prepare(self._log, demo=options["demo"])
        except KeyboardInterrupt:
            raise CommandError("Stopped. The same command goes on from here.", returncode=130) from None
        except DatabaseError as error:
            raise CommandError(f"The database does not answer, see DATABASE_URL: {str(error).strip()}") from error
        if options["prepare_only"]:
            return
        server = options["host"], options["port"], options["workers"], options["max_requests"]
        if options["demo"]:
            sys.exit(launch.serve(*server, self._log))
        launch.become_server(*server)

    def _log(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
