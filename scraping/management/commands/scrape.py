"""`manage.py scrape SOURCE`: fill the catalogue from a shop."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from recommender.database import ensure_tables
from recommender.runs import RunRecord, recorded_run
from scraping.delisting import MOST_SHARE
from scraping.errors import ScrapingError
from scraping.explain import explain
from scraping.fetching.robots import user_agent
from scraping.interruption import sigterm_interrupts
from scraping.management.arguments import count, percent, seconds
from scraping.management.exit_status import raise_for_report
from scraping.progress import progress_to
from scraping.report import summary
from scraping.scrape import Options, scrape
from scraping.sources import open_source
from scraping.storefronts.base import Card


class Command(BaseCommand):
    help = "Read a shop's category and store each item's preview and row. Interrupted, it goes on from there when run again."
    requires_system_checks = ()  # they warn of a folder and an index that are not there yet, which is what this is run for

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE", help="a category's URL, a sitemap.xml, a profile (.toml), or demo")
        parser.add_argument("--images", type=Path, default=settings.IMAGES_DIR, help="folder of previews (%(default)s)")
        parser.add_argument("--limit", type=count, help="stop after so many items")
        parser.add_argument("--pages", type=count, help="stop after so many pages")
        parser.add_argument("--delay", type=seconds, help=f"seconds between requests to a host ({settings.SCRAPER_DELAY:g})")
        parser.add_argument("--workers", type=count, default=4, help="pictures fetched at once (%(default)s)")
        parser.add_argument("--max-bytes", type=count, default=10_000_000, help="largest picture taken (%(default)s)")
        parser.add_argument("--refresh", action="store_true", help="ask the shop whether pictures already here have changed")
        parser.add_argument(
            "--allow-delisting",
            type=percent,
            metavar="SHARE",
            default=MOST_SHARE,
            help="per cent of a category that may be taken off sale at once (20)",
        )
        parser.add_argument(
            "--allow-private-host", action="store_true", help="SOURCE's host may stand in a private network (its name too)"
        )
        parser.add_argument("--dry-run", action="store_true", help="list what would be fetched; write nothing")
        parser.add_argument(
            "--explain", action="store_true", help="show what each reader sees on the first page; write nothing"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if options["explain"]:
            self._explain(options)
            return
        if options["dry_run"]:
            self._scrape(options)
            return
        with recorded_run("scrape", options["source"]) as run:
            self._scrape(options, run)

    def _scrape(self, options: dict[str, Any], run: RunRecord | None = None) -> None:
        names = (
            "images",
            "limit",
            "pages",
            "workers",
            "max_bytes",
            "refresh",
            "dry_run",
            "allow_delisting",
            "allow_private_host",
        )
        chosen = {name: options[name] for name in names}
        agent = user_agent(settings.SCRAPER_CONTACT)
        try:
            ensure_tables()
            with (
                sigterm_interrupts(),
                open_source(options["source"], delay=options["delay"], default_delay=settings.SCRAPER_DELAY) as target,
                progress_to(self.stderr, quiet=options["verbosity"] == 0) as progress,
            ):
                report = scrape(Options(target, user_agent=agent, **chosen), progress, self._show)
        except ScrapingError as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The catalogue cannot be used ({error}): `manage.py migrate` may mend it.") from None
        if run is not None:
            run.counts, run.failures = report.counts(), report.failed()
        for line in summary(report, dry_run=options["dry_run"]):
            self.stdout.write(line)
        raise_for_report(report, dry_run=options["dry_run"])

    def _explain(self, options: dict[str, Any]) -> None:
        agent, private = user_agent(settings.SCRAPER_CONTACT), options["allow_private_host"]
        try:
            with open_source(options["source"], delay=options["delay"], default_delay=settings.SCRAPER_DELAY) as target:
                for line in explain(target, user_agent=agent, allow_private=private):
                    self.stdout.write(line)
        except ScrapingError as error:
            raise CommandError(str(error)) from None

    def _show(self, card: Card) -> None:
        price = f"{card.price} {card.currency}".strip() if card.price is not None else ""
        self.stdout.write("\t".join((card.item_id, card.title, price, card.image_url)))
