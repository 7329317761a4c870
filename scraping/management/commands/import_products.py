"""`manage.py import_products FILE|URL`: fill the catalogue from a feed, an export, or a folder of pictures."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from recommender.database import ensure_tables
from recommender.runs import RunRecord, recorded_run
from scraping.delisting import MOST_SHARE
from scraping.errors import ScrapingError
from scraping.feeds.arguments import import_options
from scraping.feeds.columns import FORMATS
from scraping.feeds.run import import_products, summary
from scraping.interruption import sigterm_interrupts
from scraping.management.arguments import count, percent, seconds
from scraping.management.exit_status import raise_for_report
from scraping.progress import progress_to


class Command(BaseCommand):
    help = "Read a product feed (Google Merchant, Shopify's or WooCommerce's CSV, any CSV, JSON lines) or a folder of pictures."
    requires_system_checks = ()  # they warn of a folder and an index that are not there yet, which is what this is run for

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("source", nargs="?", default="", metavar="FILE|URL", help="a feed or an export")
        add("--images", type=Path, metavar="DIR", dest="folder", help="instead of a feed: a folder of pictures")
        add("--explain", action="store_true", help="show which column is read as what; write nothing")
        add("--dry-run", action="store_true", help="list the products; write nothing")
        add("--column", action="append", default=[], metavar="FIELD=NAME", help="read a field from the column NAME")
        add("--format", choices=sorted(FORMATS), default="", help="whose columns these are, where that is not found out")
        add("--separator", default="", help="what stands between the columns of a CSV; tab is \\t")
        add("--charset", default="", help="a CSV's charset")
        add("--currency", default="", help="ISO 4217, for prices that name none")
        add("--category", default="", help="the category of all products")
        add("--id-prefix", default="", help="put before each id, where two shops use the same ones")
        add("--shop-url", default="", help="the shop's address, for exports that hold no links")
        add("--name", default="", help="what this list is known as: products that leave it are taken off sale (FILE's name)")
        add("--pictures", type=Path, metavar="DIR", help="where paths of pictures begin (FILE's folder)")
        add("--limit", type=count, help="stop after so many products")
        add("--delay", type=seconds, help=f"seconds between requests to a host ({settings.SCRAPER_DELAY:g})")
        add("--workers", type=count, default=4, help="pictures fetched at once (%(default)s)")
        add("--max-bytes", type=count, default=10_000_000, help="largest picture taken (%(default)s)")
        add("--refresh", action="store_true", help="ask the shop whether pictures already here have changed")
        help_ = "per cent of the list that may be taken off sale at once (20)"
        add("--allow-delisting", type=percent, metavar="SHARE", default=MOST_SHARE, help=help_)
        add("--private-host", default="", metavar="HOST", help="a host that may stand in a private network")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["dry_run"] or options["explain"]:
            self._import(options)
            return
        with recorded_run("import_products", options["source"] or str(options["folder"])) as run:
            self._import(options, run)

    def _import(self, options: dict[str, Any], run: RunRecord | None = None) -> None:
        try:
            chosen = import_options(options)
            if run is not None:
                ensure_tables()
            quiet = options["verbosity"] == 0 or run is None
            with sigterm_interrupts(), progress_to(self.stderr, quiet=quiet, unit="part") as progress:
                report = import_products(chosen, progress, self.stdout.write)
        except ScrapingError as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The catalogue cannot be used ({error}): `manage.py migrate` may mend it.") from None
        if run is not None:
            run.counts, run.failures = report.counts(), report.failed()
        for line in summary(report, dry_run=run is None):
            self.stdout.write(line)
        raise_for_report(report, dry_run=run is None)
