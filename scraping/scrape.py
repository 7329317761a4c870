"""One scrape: walk the pages, fetch the pictures beside it, keep the catalogue's rows. All state is on disk as it goes."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.utils import timezone
from filelock import FileLock, Timeout

from recommender.files import remove_parts
from scraping.catalogue_rows import KnownProducts, Rows
from scraping.delisting import MOST_SHARE, delist_unmet
from scraping.downloads import DownloadOptions, Downloads
from scraping.errors import FolderError
from scraping.fetching.client import Fetcher, Limits
from scraping.journal import Journal
from scraping.report import Failure, Report
from scraping.sources import Target
from scraping.storefronts.base import Card, Page
from scraping.walk.category import walk_category
from scraping.walk.progress import Walk
from scraping.walk.sitemap import walk_sitemap

LOCK_NAME: Final = ".scrape.lock"


@dataclass(frozen=True, slots=True)
class Options:
    """How to scrape. Sizes in bytes, `limit` in items, `pages` in pages; None is no limit.

    allow_delisting: the most of a category, 0 to 1, that may be taken off sale at once.
    allow_private_host: the target's host may stand in a private network.
    """

    target: Target
    images: Path
    user_agent: str
    limit: int | None = None
    pages: int | None = None
    workers: int = 4
    max_bytes: int = 10_000_000
    refresh: bool = False
    dry_run: bool = False
    allow_delisting: float = MOST_SHARE
    allow_private_host: bool = False
    limits: Limits | None = None


Progress = Callable[[Report], None]


def scrape(options: Options, progress: Progress, show: Callable[[Card], None]) -> Report:
    """Scrape and report. `progress` is told after each page and picture, `show` each card of a dry run, which writes nothing.

    Raises FolderError, before the first request where it can. Trouble with the shop or an item is in the report instead, as is
    an interruption (KeyboardInterrupt): what was stored until then stays and the next run goes on from it.
    """
    report = Report()
    started = time.monotonic()
    fetcher = Fetcher(
        options.target.url,
        user_agent=options.user_agent,
        delay=options.target.delay,
        limits=options.limits,
        stop=threading.Event(),
        allow_private=options.allow_private_host,
    )
    try:
        if options.dry_run:
            _list_cards(options, fetcher, report, progress, show)
        else:
            with hold_folder(options.images), Journal(options.images) as journal:
                _store(options, fetcher, journal, report, progress)
    except KeyboardInterrupt:
        report.interrupted = True
        report.complete = False  # the walk may have ended before its pictures did
    finally:
        fetcher.stop.set()
        fetcher.close()
        report.seconds = time.monotonic() - started
    return report


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold the images folder for one run; raise FolderError where it cannot be written or another run has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / LOCK_NAME, timeout=0):
            remove_parts(folder)
            yield
    except Timeout:
        raise FolderError(
            f"Another scrape is writing to {folder}: wait for it, or give another folder with --images."
        ) from None
    except OSError as error:
        raise FolderError(f"The images folder {folder} cannot be written ({error.strerror or error}): see --images.") from None


class _Cards:
    """Which of a page's cards are to be handled: each item once, none that is another item's namesake."""

    def __init__(self, options: Options, report: Report) -> None:
        self._options = options
        self._report = report
        self._met: dict[str, Card] = {}

    @property
    def full(self) -> bool:
        return self._options.limit is not None and len(self._met) >= self._options.limit

    def of(self, page: Page) -> Iterator[Card]:
        for unread in page.unreadable:
            self._report.failures.append(Failure(unread.name, unread.reason))
        for card in page.cards:
            first = self._met.get(card.item_id)
            if first is None:
                if self.full:
                    return
                self._met[card.item_id] = card
                self._report.met += 1
                yield replace(card, category=card.category or page.heading)
            elif first.url == card.url or first.image_url == card.image_url:
                self._report.duplicates += 1
            else:
                detail = f"{first.url} came first, {card.url} is left out: give id or id_pattern in a profile"
                self._report.failures.append(Failure(card.item_id, "two products with one id", detail))


def _pages(
    options: Options, fetcher: Fetcher, report: Report, cards: _Cards, known: KnownProducts | None = None
) -> Iterator[Page]:
    """The category's pages, with the report kept up to date and its verdict at the end. known: whose ids products keep."""
    walk, target = Walk(), options.target
    try:
        is_sitemap = target.storefront.name == "sitemap"
        way = (fetcher, target.storefront, target.profile, target.url, walk, options.pages)
        # A dry run makes no more requests than it must: it reads the page that it was given.
        for page in walk_sitemap(*way) if is_sitemap else walk_category(*way, ask_platform=not options.dry_run):
            report.pages = walk.pages
            report.delay = fetcher.delay_for(target.url)
            if walk.is_closed:
                report.trouble = (
                    f"{target.url} is a password page: the shop is not open to the public. "
                    "Open it, or bring its products in from its own export with import_products"
                )
                return
            if not page.cards and walk.pages == 1 and not report.met and not is_sitemap:
                if page.refusal:
                    report.trouble = f"{target.url}: {page.refusal}"
                    return
                lacking = f"; {len(page.unreadable)} cards lack {page.unreadable[0].reason}" if page.unreadable else ""
                report.trouble = (
                    f"no products found at {target.url}{lacking}: looked for {target.storefront.looked_for}. "
                    "A site profile (.toml) with select.card, select.link and select.image says where they are"
                )
                return
            yield page if known is None or not walk.platform else replace(page, cards=tuple(known.keep_ids(page.cards)))
            if cards.full:
                walk.note = f"stopped after {options.limit:,} items, as asked"
                return
    finally:
        report.trouble = report.trouble or walk.trouble
        report.note = "; ".join(filter(None, (walk.note, walk.hint)))
        report.doubts = walk.doubts
        report.complete = walk.complete and not report.trouble


def _list_cards(options: Options, fetcher: Fetcher, report: Report, progress: Progress, show: Callable[[Card], None]) -> None:
    cards = _Cards(options, report)
    for page in _pages(options, fetcher, report, cards):
        for card in cards.of(page):
            show(card)
        progress(report)


def _store(options: Options, fetcher: Fetcher, journal: Journal, report: Report, progress: Progress) -> None:
    """Walk, fetch and write; whatever ends it, what has arrived is kept."""
    started, target = timezone.now(), options.target
    rows = Rows(target.name, started, options.images)
    report.rows = rows.counts
    cards = _Cards(options, report)
    wanted = DownloadOptions(options.images, options.workers, options.max_bytes, options.refresh)
    downloads = Downloads(fetcher, journal, rows, report, wanted, lasting_url=target.lasting_url, on_progress=progress)
    try:
        for page in _pages(options, fetcher, report, cards, KnownProducts(target.name)):
            rows.keep_on_sale(card.name for card in page.unreadable if journal.stored(card.name))
            downloads.add(cards.of(page))
            progress(report)
        downloads.finish()
    finally:
        downloads.close()
    if report.complete or report.doubts:
        report.delisting = delist_unmet(
            target.name, started, timezone.now(), doubts=report.doubts, most_share=options.allow_delisting
        )
