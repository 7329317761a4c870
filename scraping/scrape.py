"""One scrape: walk the pages, fetch the pictures beside it, keep the catalogue's rows. All state is on disk as it goes."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.utils import timezone
from filelock import FileLock, Timeout

from recommender.files import remove_parts
from scraping.errors import FetchError, FolderError, StoppedError
from scraping.fetching.client import Fetcher, Limits
from scraping.journal import Entry, Journal
from scraping.previews import PICTURE_TYPES, preview_jpeg, write_preview
from scraping.report import Failure, Report
from scraping.rows import Rows, delist, owners
from scraping.sources import Target
from scraping.storefronts.base import Card, Page
from scraping.walk import Walk, walk_category

_AHEAD: Final = 4  # pictures waiting for each worker, so that a slow page does not starve them nor a fast one fill the memory
LOCK_NAME: Final = ".scrape.lock"


@dataclass(frozen=True, slots=True)
class Options:
    """How to scrape. Sizes in bytes, `limit` in items, `pages` in pages; None is no limit."""

    target: Target
    images: Path
    user_agent: str
    limit: int | None = None
    pages: int | None = None
    workers: int = 4
    max_bytes: int = 10_000_000
    refresh: bool = False
    dry_run: bool = False
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
    )
    try:
        if options.dry_run:
            _dry(options, fetcher, report, progress, show)
        else:
            with _own(options.images), Journal(options.images) as journal:
                _Run(options, fetcher, journal, report, progress).go()
    except KeyboardInterrupt:
        report.interrupted = True
    finally:
        fetcher.stop.set()
        fetcher.close()
        report.seconds = time.monotonic() - started
    return report


@contextmanager
def _own(folder: Path) -> Iterator[None]:
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


def _pages(options: Options, fetcher: Fetcher, report: Report, cards: _Cards) -> Iterator[Page]:
    """The category's pages, with the report kept up to date and its verdict at the end."""
    walk, target = Walk(), options.target
    try:
        for page in walk_category(fetcher, target.storefront, target.profile, target.url, walk, options.pages):
            report.pages = walk.pages
            report.delay = fetcher.delay_for(target.url)
            if not page.cards and walk.pages == 1:
                lacking = f"; {len(page.unreadable)} cards lack {page.unreadable[0].reason}" if page.unreadable else ""
                report.trouble = (
                    f"no products found at {target.url}{lacking}: looked for {target.storefront.looked_for}. "
                    "A site profile (.toml) with select.card, select.link and select.image says where they are"
                )
                return
            yield page
            if cards.full:
                walk.note = f"stopped after {options.limit:,} items, as asked"
                return
    finally:
        report.trouble = report.trouble or walk.trouble
        report.note = walk.note
        report.complete = walk.complete and not report.trouble


def _dry(options: Options, fetcher: Fetcher, report: Report, progress: Progress, show: Callable[[Card], None]) -> None:
    cards = _Cards(options, report)
    for page in _pages(options, fetcher, report, cards):
        for card in cards.of(page):
            show(card)
        progress(report)


class _Run:
    """The moving parts of a run that writes. Workers fetch and write pictures; rows and journal belong to this thread."""

    def __init__(self, options: Options, fetcher: Fetcher, journal: Journal, report: Report, progress: Progress) -> None:
        self._options, self._fetcher, self._journal = options, fetcher, journal
        self._report, self._progress = report, progress
        self._started = timezone.now()
        self._rows = Rows(options.target.name, self._started, options.images)
        report.rows = self._rows.counts
        self._under_way: dict[Future[tuple[Entry, int]], Card] = {}
        self._pool = ThreadPoolExecutor(options.workers, thread_name_prefix="picture")

    def go(self) -> None:
        cards = _Cards(self._options, self._report)
        try:
            for page in _pages(self._options, self._fetcher, self._report, cards):
                self._take(list(cards.of(page)))
                self._progress(self._report)
            self._collect(at_most=0)
        finally:
            # Stopped or not: what has arrived is kept, what is under way ends soon, since every wait heeds `stop`.
            self._fetcher.stop.set()
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._progress = lambda _: None
            self._collect(at_most=0)
            self._rows.flush()
        if self._report.complete:
            self._report.delisted = delist(self._options.target.name, self._started, timezone.now())

    def _take(self, cards: list[Card]) -> None:
        held = owners((card.item_id for card in cards), self._options.target.name)
        for card in cards:
            if card.item_id in held:
                detail = f"{held[card.item_id]} sells another item under it: give an id_prefix in a profile"
                self._report.failures.append(Failure(card.item_id, "the id belongs to another shop", detail))
                continue
            entry = self._journal.stored(card.item_id)
            if entry and entry.url == self._options.target.known_as(card.image_url) and not self._options.refresh:
                self._keep(card, entry)
                continue
            self._under_way[self._pool.submit(self._fetch, card, entry)] = card
            self._collect(at_most=_AHEAD * self._options.workers)

    def _collect(self, at_most: int) -> None:
        """Take in finished pictures, waiting until no more than `at_most` are under way."""
        while self._under_way:
            done = {future for future in self._under_way if future.done()}
            if not done and len(self._under_way) <= at_most:
                return
            for future in done or wait(self._under_way, return_when=FIRST_COMPLETED).done:
                self._settle(self._under_way.pop(future), future)
                self._progress(self._report)

    def _settle(self, card: Card, future: Future[tuple[Entry, int]]) -> None:
        if future.cancelled():
            return
        try:
            entry, received = future.result()
        except StoppedError:
            return
        except FetchError as error:
            self._report.failures.append(Failure(card.item_id, error.reason, error.detail))
            former = self._journal.stored(card.item_id)
            if former is not None:
                # The shop still sells it and its former preview is here: the row stays, and the next run tries again.
                self._rows.add(self._known(card, former), picture_is_new=False)
            return
        self._report.bytes += received
        if received == 0:
            self._keep(card, entry)
            return
        self._journal.add(entry)
        self._report.downloaded += 1
        self._rows.add(self._known(card, entry), picture_is_new=True)

    def _keep(self, card: Card, entry: Entry) -> None:
        self._report.kept += 1
        self._rows.add(self._known(card, entry), picture_is_new=False)

    def _known(self, card: Card, entry: Entry) -> Card:
        return replace(card, url=self._options.target.known_as(card.url), image_url=entry.url)

    def _fetch(self, card: Card, former: Entry | None) -> tuple[Entry, int]:
        """In a worker: fetch, check and write one picture. Returns its entry and the bytes received, 0 if unchanged."""
        url = self._options.target.known_as(card.image_url)
        conditions = {}
        if former is not None and former.url == url:
            conditions = {"If-None-Match": former.etag, "If-Modified-Since": former.modified}
        answer = self._fetcher.get(
            card.image_url,
            max_bytes=self._options.max_bytes,
            accept=PICTURE_TYPES,
            headers={name: value for name, value in conditions.items() if value},
        )
        if answer.status == 304 and former is not None:
            return former, 0
        body = preview_jpeg(answer.body, answer.headers.get("content-type", ""))
        write_preview(self._options.images, card.item_id, body)
        headers = answer.headers
        entry = Entry(card.item_id, url, len(body), headers.get("etag", ""), headers.get("last-modified", ""))
        return entry, len(answer.body)
