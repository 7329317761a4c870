"""One import: read a feed or a folder, fetch the pictures, keep the catalogue's rows. All state is on disk as it goes."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

from django.utils import timezone

from scraping.catalogue_rows import Rows
from scraping.delisting import MOST_SHARE, delist_unmet
from scraping.downloads import DownloadOptions, Downloads
from scraping.errors import FeedError
from scraping.feeds.folder import read_folder
from scraping.feeds.formats import check_columns, columns_of, explain, read_products
from scraping.feeds.pictures import LocalPictures
from scraping.feeds.products import LeftOut, Product, ReadOptions
from scraping.feeds.tables.sources import feed_file, open_table
from scraping.fetching.client import Fetcher, Limits
from scraping.journal import Journal
from scraping.report import Failure, Report, details
from scraping.scrape import hold_folder
from scraping.storefronts.base import Card, Unreadable

BATCH: Final = 200  # products between two reports of progress
# A large feed may take long to come; its server is the owner's own.
_FEED_LIMITS: Final = Limits(request=3600.0, read=120.0)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What to import and how. source: an address or a path, "" for the folder `folder` alone.

    name: what rows keep as their source. chosen: column names by field. pictures: where paths in the feed begin. private_host:
    the one host that may stand in a private network. The rest is as in `scrape.Options`.
    """

    name: str
    images: Path
    read: ReadOptions
    user_agent: str
    source: str = ""
    folder: Path | None = None
    format: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    separator: str = ""
    charset: str = ""
    pictures: Path | None = None
    private_host: str = ""
    delay: float = 0.5
    limit: int | None = None
    workers: int = 4
    max_bytes: int = 10_000_000
    refresh: bool = False
    dry_run: bool = False
    explain: bool = False
    allow_delisting: float = MOST_SHARE
    limits: Limits | None = None


@dataclass(slots=True)
class ImportReport(Report):
    """A run's report; `left_out` counts what the shop does not offer, by reason. `pages` counts batches."""

    left_out: Counter[str] = field(default_factory=Counter)


def summary(report: ImportReport, *, dry_run: bool = False) -> list[str]:
    """The lines that an import ends with."""
    if not report.pages:
        return []
    repeats = f", {report.duplicates:,} of them twice" if report.duplicates else ""
    left_out = "".join(f", {count:,} left out: {reason}" for reason, count in sorted(report.left_out.items()))
    return [f"{report.met:,} products read{repeats}{left_out}", *details(report, dry_run=dry_run)]


def import_products(options: ImportOptions, progress: Callable[[Report], None], show: Callable[[str], None]) -> ImportReport:
    """Import and report. `show` is given each line of an explanation and each product of a dry run, which write nothing.

    Raises FeedError and FolderError before anything is written. Trouble on the way is in the report, as is an interruption.
    """
    report, started = ImportReport(), time.monotonic()
    stop = threading.Event()
    private = options.private_host
    start = f"http://{private}/" if private else options.source if "://" in options.source else "http://feed.invalid/"
    feeds, pictures = (
        Fetcher(
            start, user_agent=options.user_agent, delay=options.delay, limits=limits, stop=stop, allow_private=bool(private)
        )
        for limits in (options.limits or _FEED_LIMITS, options.limits)
    )
    try:
        with closing(feeds), closing(pictures), _products(options, feeds, report, show) as (products, folder):
            local = LocalPictures(pictures, folder)
            cards = _cards(products, options, report)
            if options.dry_run:
                _list(cards, report, progress, show)
            else:
                with hold_folder(options.images), Journal(options.images) as journal:
                    _store(map(local.stamped, cards), local, journal, options, report, progress)
    except KeyboardInterrupt:
        report.interrupted = True
    finally:
        stop.set()
        report.seconds = time.monotonic() - started
    return report


@contextmanager
def _products(
    options: ImportOptions, fetcher: Fetcher, report: ImportReport, show: Callable[[str], None]
) -> Iterator[tuple[Iterator[Product], Path | None]]:
    """The products of what is named, and the folder of local pictures. Afterwards `report` knows whether all were read."""
    if options.folder is not None:
        if options.folder.resolve() == options.images.resolve():
            raise FeedError(f"{options.folder} is the folder of previews itself: `manage.py build_index` reads it as it is.")
        yield read_folder(options.folder, options.read.id_prefix, options.read.category), options.folder
        return
    with feed_file(options.source, fetcher, options.pictures) as (feed, doubts):
        table = open_table(feed, separator=options.separator, charset=options.charset)
        columns = columns_of(table, options.chosen, options.format)
        if options.explain:
            for line in explain(table, columns):
                show(line)
        check_columns(table, columns)
        products = read_products(table, columns, replace(options.read, local=feed.folder is not None))

        def to_the_end() -> Iterator[Product]:
            yield from products
            report.doubts += [*doubts, *table.doubts]

        yield to_the_end(), feed.folder


def _cards(products: Iterator[Product], options: ImportOptions, report: ImportReport) -> Iterator[Card | Unreadable]:
    """The products to keep, each once; the others are counted in `report`, whose verdict is right at the end."""
    met: dict[str, str] = {}
    unreadable = 0
    try:
        for product in products:
            if options.limit is not None and report.met >= options.limit:
                report.note = (
                    f"these are the first {options.limit:,}; --limit N shows more"
                    if options.explain
                    else f"stopped after {options.limit:,} products, as asked"
                )
                return
            if isinstance(product, LeftOut):
                report.left_out[product.reason] += 1
            elif isinstance(product, Unreadable):
                unreadable += product.blocks_delisting
                report.failures.append(Failure(product.name, product.reason))
                yield product
            elif product.item_id not in met:
                met[product.item_id] = product.image_url
                report.met += 1
                yield product
            elif met[product.item_id] == product.image_url:
                report.duplicates += 1
            else:
                report.failures.append(Failure(product.item_id, "two products with one id", f"left out: {product.title}"))
    except FeedError as error:
        report.trouble = str(error)
        return
    if unreadable:
        report.doubts.append(f"{unreadable:,} {'row' if unreadable == 1 else 'rows'} could not be read")
    report.complete = not report.doubts


def _list(
    cards: Iterator[Card | Unreadable], report: ImportReport, progress: Callable[[Report], None], show: Callable[[str], None]
) -> None:
    for card in cards:
        if isinstance(card, Card):
            price = f"{card.price} {card.currency}".strip() if card.price is not None else ""
            show("\t".join((card.item_id, card.title, price, card.image_url)))
    report.pages = 1
    progress(report)


def _store(
    cards: Iterator[Card | Unreadable],
    local: LocalPictures,
    journal: Journal,
    options: ImportOptions,
    report: ImportReport,
    progress: Callable[[Report], None],
) -> None:
    """Fetch and write; whatever ends it, what has arrived is kept."""
    started = timezone.now()
    rows = Rows(options.name, started, options.images)
    report.rows, report.delay = rows.counts, options.delay
    wanted = DownloadOptions(options.images, options.workers, options.max_bytes, options.refresh)
    downloads = Downloads(local, journal, rows, report, wanted, on_progress=progress)
    try:
        while batch := list(islice(cards, BATCH)):
            report.pages += 1
            rows.keep_on_sale(card.name for card in batch if isinstance(card, Unreadable) and journal.stored(card.name))
            downloads.add(card for card in batch if isinstance(card, Card))
            progress(report)
        downloads.finish()
    finally:
        downloads.close()
    if report.complete or report.doubts:
        report.delisting = delist_unmet(
            options.name, started, timezone.now(), doubts=report.doubts, most_share=options.allow_delisting
        )
